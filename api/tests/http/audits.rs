//! What auditors ask across all registers: pages, proofs, and what is wrong with a bad question.

use std::collections::BTreeSet;

use chancery_ledger::anchor::Anchor;
use chancery_ledger::evidence::{Bytes, Evidence, Receipt, StatusProof};
use chancery_ledger::execution::Stored;
use chancery_ledger::genesis::Genesis;
use chancery_registries::identity::Party;
use serde_json::{Value, json};

use crate::server::send;
use crate::town::{Town, in_seconds, set_card};

const PARCELS: [&str; 3] = ["RR000100012TW", "RR000100026TW", "RR000100030TW"];

/// The post registers three parcels; a court freezes two of them; the post is suspended.
async fn town() -> Town {
    let town = Town::settled().await;
    for number in PARCELS {
        let action = json!({
            "register": "parcels", "action": "register", "parcel": number,
            "carrier": town.post.party(), "sender": town.ana.party(), "recipient": town.bo.party(),
            "record": "70ce871f8a3d3fb449bc3c3ace6547cef02dfc74ffe48d912532a724bfdbe5b9",
            "condition": "sound", "place": "here", "device_time": in_seconds(0),
        });
        does(&town, action, &[&town.ana, &town.post]).await;
    }
    let court = json!({
        "register": "authorities", "action": "accredit", "accreditation": "court-1",
        "by": town.root.party(), "institution": town.bo.party(), "role": "court",
        "registers": ["parcels"], "scope": "The town.",
    });
    does(&town, court, &[&town.root]).await;
    for (order, number) in [("o-1", PARCELS[0]), ("o-2", PARCELS[1])] {
        let freeze = json!({
            "register": "authorities", "action": "freeze", "order": order, "by": town.bo.party(),
            "target": {"register": "parcels", "kind": "parcel", "id": number},
            "scope": "No moves.", "reference": "C 1", "until": in_seconds(3600),
        });
        does(&town, freeze, &[&town.bo]).await;
    }
    let suspend = json!({
        "register": "authorities", "action": "suspend", "accreditation": "post-1",
        "by": town.root.party(), "reason": "After an inspection",
    });
    does(&town, suspend, &[&town.root]).await;
    town
}

async fn does(town: &Town, action: Value, by: &[&chancery_ledger::key::SecretKey]) {
    let answer = town.signs(action, by).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
}

/// The items of all pages.
async fn all(town: &Town, first: &str) -> Vec<Value> {
    let (mut items, mut address) = (Vec::new(), first.to_owned());
    for _ in 0..100 {
        let page = projected(town, &address).await;
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut address),
            None => return items,
        }
    }
    panic!("{first} never ends");
}

/// An answer, once the projection has caught up.
async fn projected(town: &Town, address: &str) -> Value {
    for _ in 0..200 {
        let answer = town.server.get(address).await;
        if answer.status != 503 {
            assert_eq!(answer.status, 200, "{address}: {}", answer.text());
            return answer.json();
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{address} is never projected");
}

async fn anchor(town: &Town) -> Anchor {
    Genesis::parse(town.server.get("/v1/ledger/genesis").await.text().as_bytes()).unwrap().into()
}

#[tokio::test]
async fn everything_under_a_suspended_accreditation_is_listed_with_its_receipts() {
    let town = town().await;
    projected(&town, "/v1/audit/frozen").await;
    let anchor = anchor(&town).await;
    let deeds = all(&town, "/v1/audit/accreditations/post-1/deeds?limit=2&proofs=true").await;
    assert_eq!(deeds.len(), PARCELS.len(), "{deeds:#?}");
    for deed in &deeds {
        assert_eq!(deed["actions"], json!(["parcels.register"]));
        assert_eq!(deed["direct"], true);
        let receipt: Receipt = serde_json::from_value(deed["receipt"].clone()).unwrap();
        receipt.verify(&anchor).unwrap();
        assert_eq!(json!(receipt.inclusion.position), deed["position"]);
    }
    let court = all(&town, "/v1/audit/accreditations/court-1/deeds").await;
    assert_eq!(court.len(), 2, "{court:#?}");
    let orders = all(&town, "/v1/audit/orders/o-1/deeds").await;
    assert!(orders.is_empty(), "nothing cites it: {orders:#?}");
}

#[tokio::test]
async fn what_a_party_did_between_two_dates_is_listed() {
    let town = town().await;
    projected(&town, "/v1/audit/frozen").await;
    let party = format!("/v1/audit/parties/{}/deeds", town.post.party());
    let every = all(&town, &format!("{party}?limit=1")).await;
    assert_eq!(every.len(), 1 + PARCELS.len(), "its creation and three parcels: {every:#?}");
    let (second, third) = (&every[1], &every[2]);
    let (from, until) = (&second["height"], &third["height"]);
    let some = all(&town, &format!("{party}?from={from}&until={until}")).await;
    assert_eq!(some, every[1..=2]);
    let parcels = all(&town, &format!("{party}?register=parcels")).await;
    assert_eq!(parcels, every[1..]);
}

#[tokio::test]
async fn what_is_frozen_is_listed_with_its_proofs_as_of_any_block() {
    let town = town().await;
    let anchor = anchor(&town).await;
    let frozen = all(&town, "/v1/audit/frozen?limit=1&proofs=true").await;
    let mut objects: Vec<&str> =
        frozen.iter().map(|item| item["object"].as_str().unwrap()).collect();
    objects.sort_unstable();
    let expected = [PARCELS[0], PARCELS[1]].map(|number| format!("parcels/parcel/{number}"));
    assert_eq!(objects, expected);
    for item in &frozen {
        let proofs: Vec<StatusProof> = serde_json::from_value(item["proofs"].clone()).unwrap();
        assert_eq!(proofs.len(), 2);
        for proof in proofs {
            proof.verify(&anchor).unwrap();
        }
    }
    assert!(all(&town, "/v1/audit/frozen?register=identity").await.is_empty());
    assert!(all(&town, "/v1/audit/frozen?as_of=1").await.is_empty());
}

#[tokio::test]
async fn a_history_comes_with_its_objects_and_proofs_page_by_page() {
    let town = town().await;
    let anchor = anchor(&town).await;
    // Ana's cards change more than once in one block.
    let cards: Vec<Vec<u8>> = (0..5)
        .map(|card| town.transition(set_card(&town.ana, &card.to_string()), &[&town.ana]))
        .collect();
    let batch = town.server.request("POST", "/v1/transitions/batch");
    let batch = batch.header("content-type", "application/x-ndjson");
    assert_eq!(send(batch.body(cards.join(&b'\n'))).await.status, 200);

    let path = format!("/v1/identity/{}", town.ana.party());
    let plain = all(&town, &format!("{path}/history?limit=2")).await;
    assert_eq!(plain.len(), 1 + 5);
    assert!(plain.iter().all(|version| version.get("object").is_none()));
    let full = all(&town, &format!("{path}/history?limit=2&objects=true&proofs=true")).await;
    assert_eq!(full.len(), plain.len());
    for (version, number) in full.iter().zip(1_u64..) {
        assert_eq!(version["version"], number);
        let stored: Bytes = serde_json::from_value(version["stored"].clone()).unwrap();
        let stored = Stored::<Party>::decode(&stored.0).unwrap();
        assert_eq!(json!([stored.version, stored.position]), json!([number, version["position"]]));
        assert_eq!(version["object"]["card"], json!(stored.value.card));
        let proofs: Vec<Evidence> = serde_json::from_value(version["proofs"].clone()).unwrap();
        let shown = proofs.iter().map(|proof| proof.verify(&anchor).unwrap());
        let heights: Vec<u64> = shown.map(|shown| shown.height).collect();
        assert_eq!(json!(heights), json!([version["height"], version["height"]]));
    }
    let cards: BTreeSet<String> = full.iter().map(|it| it["object"]["card"].to_string()).collect();
    assert_eq!(cards.len(), 6, "no card and five, each with its version: {cards:?}");
}

#[tokio::test]
async fn what_a_party_holds_and_an_object_come_with_their_proofs() {
    let town = town().await;
    let anchor = anchor(&town).await;
    let held = format!("/v1/parcels?party={}&relation=sender", town.ana.party());
    let items = all(&town, &format!("{held}&limit=2&proofs=true")).await;
    assert_eq!(items.len(), PARCELS.len());
    for item in &items {
        let proof: StatusProof = serde_json::from_value(item["proof"].clone()).unwrap();
        proof.verify(&anchor).unwrap();
        assert_eq!(json!(proof.object), item["object"]);
        assert!(proof.value.is_some());
    }
    let page = projected(&town, &format!("{held}&proofs=true")).await;
    assert_eq!(
        page["as_of"]["height"],
        town.server.get("/v1/ledger").await.json()["tip"]["height"]
    );
    assert!(all(&town, &format!("{held}&proofs=true&as_of=1")).await.is_empty());

    let object = projected(&town, &format!("/v1/parcels/{}?proofs=true", PARCELS[0])).await;
    let proof: StatusProof = serde_json::from_value(object["proof"].clone()).unwrap();
    proof.verify(&anchor).unwrap();
    let then = projected(&town, &format!("/v1/parcels/{}", PARCELS[0])).await;
    assert!(then.get("proof").is_none());
}

#[tokio::test]
async fn a_bad_question_gets_a_problem_and_never_a_fault() {
    let town = town().await;
    projected(&town, "/v1/audit/frozen").await;
    let party = format!("/v1/audit/parties/{}/deeds", town.post.party());
    for (address, status) in [
        ("/v1/audit/frozen?cursor=x".to_owned(), 400),
        ("/v1/audit/frozen?as_of=yesterday".to_owned(), 400),
        ("/v1/audit/frozen?as_of=999999".to_owned(), 404),
        ("/v1/audit/frozen?register=weather".to_owned(), 400),
        ("/v1/audit/frozen?limit=0".to_owned(), 400),
        ("/v1/audit/frozen?limit=51&proofs=true".to_owned(), 400),
        ("/v1/audit/frozen?proofs=perhaps".to_owned(), 400),
        ("/v1/audit/frozen?colour=blue".to_owned(), 400),
        ("/v1/audit/accreditations/nobody/deeds".to_owned(), 404),
        ("/v1/audit/accreditations/%00/deeds".to_owned(), 400),
        ("/v1/audit/orders/nothing/deeds".to_owned(), 404),
        ("/v1/audit/parties/ana/deeds".to_owned(), 400),
        (format!("/v1/audit/parties/{}/deeds", crate::town::key(99).party()), 404),
        (format!("{party}?cursor=x"), 400),
        (format!("{party}?from=2026-13-01T00:00:00Z"), 400),
        (format!("{party}?until=-1"), 400),
        (format!("{party}?limit=501"), 400),
        (format!("/v1/parcels/{}/history?limit=51&objects=true", PARCELS[0]), 400),
        (format!("/v1/parcels/{}/history?limit=51&proofs=true", PARCELS[0]), 400),
        (format!("/v1/parcels/{}/history?objects=perhaps", PARCELS[0]), 400),
        (format!("/v1/parcels/{}?proofs=1", PARCELS[0]), 400),
        (format!("/v1/parcels?party={}&proofs=true&limit=51", town.ana.party()), 400),
    ] {
        let answer = town.server.get(&address).await;
        assert_eq!(answer.status, status, "{address}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{address}");
        assert!(answer.json()["code"].is_string(), "{address}");
    }
}
