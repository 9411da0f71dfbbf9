//! What the interface description says besides statuses is so as well: headers, types of bodies, forms of
//! evidence, bounds of parameters.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::documented::{description, fits, operations, requests};
use crate::server::send;
use crate::town::{Town, set_card};

/// Headers that say something about one answer; the others stand on all of them.
const TOLD: &[&str] = &[
    "content-location",
    "etag",
    "link",
    "location",
    "preference-applied",
    "retry-after",
    "www-authenticate",
];

/// Headers of an answer that the description does not have for its status.
fn untold(operation: &Value, answer: &reqwest::Response) -> Vec<String> {
    let response = &operation["responses"][answer.status().as_str()];
    let documented = response["headers"].as_object().into_iter().flatten();
    let documented: BTreeSet<_> = documented.map(|(name, _)| name.to_ascii_lowercase()).collect();
    let seen = TOLD.iter().filter(|name| answer.headers().contains_key(**name));
    let untold = seen.filter(|name| !documented.contains(**name));
    untold.map(|name| format!("{name} of {}", answer.status())).collect()
}

#[tokio::test]
async fn headers_are_those_that_are_described() {
    let town = Town::settled().await;
    let description = description(&town).await;
    let mut wrong = BTreeSet::new();
    for (path, request) in requests(&town, &description).await {
        let operation = &description["paths"][&path]["get"];
        let mut answers = vec![town.server.request("GET", &request).send().await.unwrap()];
        if let Some(tag) = answers[0].headers().get("etag").cloned() {
            let again = town.server.request("GET", &request).header("if-none-match", tag);
            answers.push(again.send().await.unwrap());
        }
        let nonsense = town.server.request("GET", &request).bearer_auth("nonsense");
        answers.push(nonsense.send().await.unwrap());
        let page = format!("{request}{}limit=1", if request.contains('?') { '&' } else { '?' });
        answers.push(town.server.request("GET", &page).send().await.unwrap());
        for answer in answers {
            wrong.extend(untold(operation, &answer).into_iter().map(|it| format!("{path}: {it}")));
        }
    }
    let submit = &description["paths"]["/v1/transitions"]["post"];
    let transition = town.transition(set_card(&town.ana, "1"), &[&town.ana]);
    let waited = town.transition(set_card(&town.ana, "2"), &[&town.ana]);
    for (body, wait) in [(transition.clone(), None), (transition, None), (waited, Some("wait=5"))] {
        let request = town.server.request("POST", "/v1/transitions").body(body);
        let request = request.header("content-type", "application/json");
        let request =
            wait.into_iter().fold(request, |request, wait| request.header("prefer", wait));
        let answer = request.send().await.unwrap();
        wrong.extend(untold(submit, &answer).into_iter().map(|it| format!("submit: {it}")));
    }
    assert!(wrong.is_empty(), "seen and not described: {wrong:#?}");
}

#[tokio::test]
async fn bodies_are_of_the_types_that_are_described() {
    let town = Town::empty().await;
    let types = [
        "application/jose+json",
        "application/json",
        "application/ndjson",
        "application/x-ndjson",
        "text/plain",
    ];
    for (path, method, operation) in operations(&description(&town).await) {
        if method != "post" {
            continue;
        }
        for name in types {
            let request = town.server.request("POST", &path).header("content-type", name);
            let taken = send(request.body("{}")).await.status != 415;
            let described = operation["requestBody"]["content"].get(name).is_some();
            assert_eq!(taken, described, "{path} {name}");
        }
    }
}

/// Every ledger that there can be: this one has a pool.
#[tokio::test]
async fn evidence_of_work_has_the_form_that_is_described() {
    let town = Town::empty().await;
    let description = description(&town).await;
    let form = |name: &str| description["components"]["schemas"][name].clone();
    let vectors: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/evidence/work.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases.iter().filter(|case| case["error"].is_null()) {
        fits(&description, &form("Evidence"), &case["json"]).unwrap();
    }
    for genesis in vectors["anchors"].as_object().unwrap().values() {
        let genesis: Value = serde_json::from_str(genesis.as_str().unwrap()).unwrap();
        fits(&description, &form("Genesis"), &genesis).unwrap();
    }
}

/// A context in JSON-LD is a text and a list of terms.
#[tokio::test]
async fn a_context_has_the_form_that_is_described() {
    let town = Town::empty().await;
    let description = description(&town).await;
    let schemas = &description["components"]["schemas"];
    let context = serde_json::json!(["https://ref.gs1.org", {"chancery": "urn:chancery"}]);
    fits(&description, &schemas["EpcisDocument"]["properties"]["@context"], &context).unwrap();
    let target = serde_json::json!({"register": "land", "kind": "title", "id": "T-1"});
    fits(&description, &schemas["Target"], &target).unwrap();
}

#[tokio::test]
async fn numbers_end_where_the_description_says() {
    let town = Town::settled().await;
    let beyond = "9223372036854775808";
    for path in [
        "/v1/blocks?cursor=",
        "/v1/log/pools?after=",
        "/v1/log/handovers?after=",
        "/v1/events?after=",
        "/v1/transitions?until=",
        "/v1/transitions?from=",
    ] {
        let answer = town.server.get(&format!("{path}{beyond}")).await;
        assert_eq!((answer.status, &*answer.code()), (400, "bad-query"), "{path}");
    }
    let last = town.server.request("GET", "/v1/events").header("last-event-id", beyond);
    assert_eq!(send(last).await.code(), "bad-last-event-id");
}

#[tokio::test]
async fn a_number_is_bounded_in_characters_as_is_described() {
    let town = Town::empty().await;
    for (characters, status) in [(80, 200), (81, 400)] {
        let path = format!("/v1/parcel-numbers?number={}", "%C3%A9".repeat(characters));
        assert_eq!(town.server.get(&path).await.status, status, "{characters}");
    }
}

/// A client that is made from the description puts the whole path into one parameter.
#[tokio::test]
async fn a_tile_is_found_by_its_path_as_one_parameter() {
    let town = Town::settled().await;
    let tile = town.server.get("/v1/log/tile/0/000.p/4").await;
    assert_eq!((tile.status, tile.body.len()), (200, 4 * 32));
    for path in ["0%2F000.p%2F4", "0%2f000.p%2f4"] {
        assert_eq!(town.server.get(&format!("/v1/log/tile/{path}")).await.body, tile.body);
    }
}
