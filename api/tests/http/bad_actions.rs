//! Bad input to every register: each action of each page, with one member left out, one added, or one that
//! is something else, signed by somebody whom it does not concern. Each is refused with a code that there
//! is, nothing changes, and nothing fails.

use std::collections::BTreeSet;
use std::path::Path;

use chancery_registries::{REGISTERS, Register, all_codes};
use serde_json::{Value, json};

use crate::server::send;
use crate::town::Town;

/// What a member is replaced by.
fn replacements() -> [Value; 5] {
    [json!(null), json!(-1), json!([]), json!({"a": {}}), json!("x".repeat(5_000))]
}

/// The actions in the JSON blocks of a register's page.
fn examples(register: &Register) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/registers");
    let page = std::fs::read_to_string(folder.join(register.name).with_extension("md")).unwrap();
    let blocks = page.split("```json\n").skip(1).map(|block| block.split("```").next().unwrap());
    let actions = blocks.flat_map(|block| match serde_json::from_str(block).unwrap() {
        Value::Array(actions) => actions,
        action => vec![action],
    });
    actions.filter(|action| action["register"] == register.name).collect()
}

/// The places of all members, also of those within others.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, it)| (name.clone(), it)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(n, it)| (n.to_string(), it)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in below {
        let place = format!("{at}/{name}");
        places(value, &place, found);
        found.push(place);
    }
}

/// An action, and everything that can be wrong with it in one place.
fn spoiled(action: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    places(action, "", &mut found);
    let mut spoiled = vec![action.clone()];
    for place in found {
        let (parent, name) = place.rsplit_once('/').unwrap();
        let mut less = action.clone();
        if let Some(members) = less.pointer_mut(parent).unwrap().as_object_mut() {
            members.remove(name);
            members.insert("colour".to_owned(), json!("blue"));
            spoiled.push(less.clone());
            less.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove("colour");
            spoiled.push(less);
        }
        for replacement in replacements() {
            let mut other = action.clone();
            *other.pointer_mut(&place).unwrap() = replacement;
            spoiled.push(other);
        }
    }
    spoiled
}

#[tokio::test]
async fn every_action_spoiled_in_any_place_is_refused_with_a_code_and_changes_nothing() {
    let town = Town::settled().await;
    let before = town.server.state().await;
    let known: BTreeSet<&str> = all_codes().map(|code| code.name).collect();
    for register in REGISTERS {
        let actions = examples(register);
        assert!(actions.len() >= register.actions.len(), "{}", register.name);
        for action in actions {
            let spoiled = spoiled(&action);
            let sign = |action: &Value| town.transition(action.clone(), &[&town.ana]);
            let lines: Vec<Vec<u8>> = spoiled.iter().map(sign).collect();
            let batch = town.server.request("POST", "/v1/transitions/batch");
            let batch = batch.header("content-type", "application/x-ndjson");
            let answer = send(batch.body(lines.join(&b'\n'))).await;
            assert_eq!(answer.status, 200);
            let verdicts: Vec<Value> =
                answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(verdicts.len(), spoiled.len());
            for (verdict, action) in verdicts.iter().zip(&spoiled) {
                assert_eq!(verdict["status"], "refused", "{verdict} {action}");
                let code = verdict["code"].as_str().unwrap();
                assert!(known.contains(code), "{code} is no code: {action}");
            }
        }
    }
    assert_eq!(town.server.state().await, before);
}

#[tokio::test]
async fn every_action_alone_is_refused_as_a_problem_of_whoever_sends_it() {
    let town = Town::settled().await;
    let before = town.server.state().await;
    for register in REGISTERS {
        for action in examples(register) {
            let mut with_more = action.clone();
            with_more["colour"] = json!("blue");
            for action in [action, with_more] {
                let answer = town.signs(action.clone(), &[&town.ana]).await;
                assert!((400..500).contains(&answer.status), "{} {action}", answer.status);
                assert_eq!(answer.header("content-type"), Some("application/problem+json"));
                assert!(answer.json()["detail"].is_string(), "{action}");
            }
        }
    }
    assert_eq!(town.server.state().await, before);
}
