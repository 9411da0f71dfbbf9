//! The interface description says what is so: no address, status or type that is not there, and none
//! there that it does not say.

use std::collections::BTreeSet;

use chancery_registries::Visibility;
use serde_json::Value;

use crate::server::send;
use crate::town::{Town, key, set_card};

type Seen = BTreeSet<(String, String, String)>;

/// Statuses that are documented and do not come about in this test, and why.
const EXPLAINED: &[(&str, &str)] = &[
    ("500", "the server would have to fail: `a_panic_is_a_problem_and_tells_nothing` has it"),
    ("408", "`slow_clients_are_cut_off_and_told` waits for it"),
    ("429", "the queue would have to be full: the load tests fill it"),
    ("503", "the node would have to be stopping, halted, or behind"),
    (
        "204",
        "the last event would have to be seen: `the_standing_of_what_is_final_is_one_event` has it",
    ),
    ("403", "there would have to be a private register: `private` asks for all that one keeps"),
];

pub(crate) async fn description(town: &Town) -> Value {
    let answer = town.server.get("/openapi.json").await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

/// Statuses that an address of a register does not give here, since the town has no such object; of a
/// private register a stranger does not even learn that.
fn not_in_town(path: &str) -> &'static [&'static str] {
    let name = path.split('/').nth(2).unwrap_or_default();
    match chancery_registries::register(name) {
        // `nobody_is_in_charge` has a ledger of work.
        None if path == "/v1/network/events" => &["200"],
        // `witnesses_cosign` has a log with witnesses.
        None if path == "/v1/log/cosigned/checkpoint" => &["200"],
        Some(register) if register.visibility == Visibility::Private => &["200", "304", "404"],
        Some(_) if name != "identity" && name != "authorities" => &["200", "304"],
        _ if path.matches('/').count() > 3 => &["200", "304"],
        _ => &[],
    }
}

#[tokio::test]
async fn the_description_is_as_it_was() {
    let town = Town::empty().await;
    let description = description(&town).await;
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    insta::assert_json_snapshot!("openapi", description);
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let town = Town::empty().await;
    let description = description(&town).await;
    let mut missing = BTreeSet::new();
    let mut rest = vec![&description];
    while let Some(value) = rest.pop() {
        match value {
            Value::Object(members) => rest.extend(members.values()),
            Value::Array(items) => rest.extend(items),
            _ => {}
        }
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').unwrap();
            if description.pointer(pointer).is_none() {
                missing.insert(reference.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own() {
    let town = Town::empty().await;
    let description = description(&town).await;
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&description) {
        let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path}"));
        assert!(names.insert(name.to_owned()), "{name} stands twice");
    }
}

pub(crate) fn operations(description: &Value) -> Vec<(String, String, Value)> {
    let paths = description["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| -> Vec<(String, String, Value)> {
        let item = item.as_object().unwrap();
        item.iter().map(|(method, it)| (path.clone(), method.clone(), it.clone())).collect()
    };
    paths.iter().flat_map(of_path).collect()
}

/// Addresses that there are, and what else to ask of each to see every status.
pub(crate) async fn requests(town: &Town, description: &Value) -> Vec<(String, String)> {
    let found = town.server.get("/v1/transitions?limit=1").await.json();
    let transition = found["items"][0]["id"].as_str().unwrap().to_owned();
    let (ana, nobody) = (town.ana.party().to_string(), key(99).party().to_string());
    let mut requests = Vec::new();
    for (path, method, operation) in operations(description) {
        if method != "get" {
            continue;
        }
        let example = operation["parameters"]
            .as_array()
            .and_then(|all| all.iter().find(|parameter| parameter["in"] == "path"))
            .map(|parameter| parameter["example"].to_string().trim_matches('"').to_owned());
        let (there, absent) = match path.as_str() {
            "/v1/blocks/{height}" => ("1".into(), "99".into()),
            path if path.ends_with("/tile/{path}") => ("0/000.p/1".into(), "0/999".into()),
            "/problems/{code}" => ("expired".into(), "none".into()),
            path if path.starts_with("/v1/transitions/") => (transition.clone(), "0".repeat(64)),
            path if path.starts_with("/v1/identity/{id}") => (ana.clone(), nobody.clone()),
            path if path.starts_with("/v1/authorities/{id}") => ("post-1".into(), "post-2".into()),
            _ => (example.clone().unwrap_or_default(), example.unwrap_or_default()),
        };
        let fill = |value: &str| {
            let start = path.find('{').unwrap_or(path.len());
            let end = path.find('}').map_or(path.len(), |end| end + 1);
            format!("{}{value}{}", &path[..start], &path[end..])
        };
        let needed = match path.as_str() {
            "/v1/log/proofs/inclusion" => "?position=0",
            "/v1/log/proofs/consistency" => "?from=1",
            "/v1/parcel-numbers" => "?number=RB123456785GB",
            path if path.matches('/').count() == 2
                && operation["operationId"].as_str().unwrap().ends_with("Holdings") =>
            {
                &format!("?party={ana}")
            }
            _ => "",
        };
        let and = if needed.is_empty() { "?" } else { "&" };
        for request in [
            format!("{}{needed}", fill(&there)),
            fill(&absent),
            format!("{}{needed}{and}nonsense=1", fill(&there)),
            format!("{}{needed}{and}as_of=99", fill(&there)),
            format!("{}{needed}{and}size=99", fill(&there)),
            format!("{}{needed}{and}to=99", fill(&there)),
        ] {
            requests.push((path.clone(), request));
        }
    }
    requests
}

async fn see_reads(town: &Town, description: &Value, seen: &mut Seen) {
    for (path, request) in requests(town, description).await {
        if description["paths"][&path]["get"]["responses"].get("406").is_some() {
            let form = town.server.request("GET", &request).header("accept", "text/html");
            seen.insert((path.clone(), "get".into(), send(form).await.status.to_string()));
        }
        let sent = town.server.request("GET", &request).send().await.unwrap();
        let status = sent.status().as_u16().to_string();
        seen.insert((path.clone(), "get".into(), status.clone()));
        let content_type = sent.headers().get("content-type").map(|name| name.to_str().unwrap());
        let content_type = content_type.unwrap_or_default().to_owned();
        let content = &description["paths"][&path]["get"]["responses"][&status]["content"];
        let tag = sent.headers().get("etag").cloned();
        // Not to a stream: it would not end.
        if content_type != "text/event-stream" {
            let nonsense = town.server.request("GET", &request).bearer_auth("nonsense");
            let refused = send(nonsense).await.status.to_string();
            seen.insert((path.clone(), "get".into(), refused));
        }
        if content_type.ends_with("json") {
            let schema = &content[&content_type]["schema"];
            let answer: Value = sent.json().await.unwrap();
            fits(description, schema, &answer).unwrap_or_else(|why| panic!("{request}: {why}"));
        }
        let Some(tag) = tag else { continue };
        let again = send(town.server.request("GET", &request).header("if-none-match", tag)).await;
        seen.insert((path, "get".into(), again.status.to_string()));
    }
}

/// Whether an answer fits its schema, as far as these few keywords tell.
pub(crate) fn fits(description: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = description.pointer(&reference[1..]).unwrap();
        return fits(description, target, value).map_err(|why| format!("{reference}: {why}"));
    }
    let list = |name: &str| schema.get(name).and_then(Value::as_array).cloned();
    for part in list("allOf").unwrap_or_default() {
        fits(description, &part, value)?;
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(parts) = list(choice) {
            let whys: Vec<_> = parts.iter().map(|part| fits(description, part, value)).collect();
            match whys.iter().filter(|why| why.is_ok()).count() {
                0 => return Err(format!("none of {choice}: {whys:?}")),
                // A text can be of several forms by its pattern, which is not looked at.
                1 => {}
                _ if choice == "anyOf" || !value.is_object() => {}
                _ => return Err(format!("several of {choice}: {value}")),
            }
        }
    }
    if let Some(types) = schema.get("type") {
        let is = |name: &Value| name == type_name(value) || name == "number" && value.is_number();
        if !types.as_array().map_or_else(|| is(types), |types| types.iter().any(is)) {
            return Err(format!("{value} is no {types}"));
        }
    }
    if list("enum").is_some_and(|values| !values.contains(value)) {
        return Err(format!("{value} is none of {}", schema["enum"]));
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        values.iter().try_for_each(|value| fits(description, items, value))?;
    }
    let Some(members) = value.as_object() else { return Ok(()) };
    for name in list("required").unwrap_or_default() {
        if !members.contains_key(name.as_str().unwrap()) {
            return Err(format!("{name} is not there: {value}"));
        }
    }
    for (name, value) in members {
        match schema.get("properties").and_then(|known| known.get(name)) {
            Some(schema) => {
                fits(description, schema, value).map_err(|why| format!("{name}: {why}"))?
            }
            None if schema["additionalProperties"] == false => {
                return Err(format!("{name} is unknown"));
            }
            None => {}
        }
    }
    Ok(())
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

async fn see_writes(town: &Town, seen: &mut Seen) {
    let post = |path: &str, content_type: &str, body: Vec<u8>| {
        let request = town.server.request("POST", path);
        request.header("content-type", content_type.to_owned()).body(body)
    };
    let (one, many) = ("/v1/transitions", "/v1/transitions/batch");
    let (jose, ndjson) = ("application/jose+json", "application/x-ndjson");
    let transition = town.transition(set_card(&town.ana, "1"), &[&town.ana]);
    let waited = town.transition(set_card(&town.ana, "2"), &[&town.ana]);
    let unsigned = town.transition(set_card(&town.ana, "3"), &[&town.bo]);
    for (path, request) in [
        (one, post(one, jose, transition.clone())),
        (one, post(one, jose, transition)),
        (one, post(one, jose, waited).header("prefer", "wait=5")),
        (one, post(one, jose, b"{".into())),
        (one, post(one, jose, vec![b' '; 62_000])),
        (one, post(one, "text/plain", b"{}".into())),
        (one, post(one, jose, unsigned)),
        (many, post(many, ndjson, b"{}\n".into())),
        (many, post(many, "text/plain", b"{}\n".into())),
        (many, post("/v1/transitions/batch?x=1", ndjson, b"{}\n".into())),
    ] {
        let status = send(request).await.status.to_string();
        seen.insert((path.to_owned(), "post".into(), status));
    }
}

#[tokio::test]
async fn documented_statuses_are_those_that_are_seen() {
    let town = Town::settled().await;
    let description = description(&town).await;
    let mut seen = Seen::new();
    see_writes(&town, &mut seen).await;
    see_reads(&town, &description, &mut seen).await;
    let mut documented = Seen::new();
    for (path, method, operation) in operations(&description) {
        for status in operation["responses"].as_object().unwrap().keys() {
            documented.insert((path.clone(), method.clone(), status.clone()));
        }
    }
    let unsaid: Vec<_> = seen.difference(&documented).collect();
    assert!(unsaid.is_empty(), "seen and not documented: {unsaid:#?}");
    let explained = |status: &str| EXPLAINED.iter().any(|(known, _)| *known == status);
    let unseen: Vec<_> = documented
        .difference(&seen)
        .filter(|(path, method, status)| {
            // An answer that rests on more than is looked through takes a ledger of a size.
            let too_much = method == "get" && status == "422";
            let of_absent = not_in_town(path).contains(&&**status);
            // `kept` sees them.
            let of_kept = path.starts_with("/v1/kept/");
            !explained(status) && !of_absent && !too_much && !of_kept
        })
        .collect();
    assert!(unseen.is_empty(), "documented and not seen: {unseen:#?}");
}
