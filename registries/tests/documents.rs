//! The pages on the registers are true: their examples parse, and they leave nothing out.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::Path;

use chancery_ledger::execution::Application;
use chancery_registries::{REGISTERS, Register, Registers, codes};
use serde_json::Value;

/// The page on a register.
fn page(register: &Register) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/registers");
    let text = std::fs::read_to_string(folder.join(register.name).with_extension("md"));
    text.unwrap_or_else(|error| panic!("the page on {}: {error}", register.name))
}

fn pages() -> impl Iterator<Item = (&'static Register, String)> {
    REGISTERS.iter().map(|register| (register, page(register)))
}

/// The actions in a page's JSON blocks: each block is one action, or a payload's `actions`.
fn examples(page: &str) -> Vec<Value> {
    let blocks = page.split("```json\n").skip(1);
    let actions = |block: &str| -> Vec<Value> {
        let example = block.split("```").next().unwrap();
        match serde_json::from_str(example) {
            Ok(Value::Array(actions)) => actions,
            Ok(action) => vec![action],
            Err(error) => panic!("{error}\n{example}"),
        }
    };
    blocks.flat_map(actions).collect()
}

#[test]
fn every_example_is_an_action_and_every_action_has_one() {
    for (register, page) in pages() {
        let mut shown = BTreeSet::new();
        for example in examples(&page) {
            if let Err(rejection) = Registers.parse(&example.to_string()) {
                panic!("{}: {rejection}\n{example:#}", register.name);
            }
            if example["register"] == register.name {
                shown.insert(example["action"].as_str().unwrap().to_owned());
            }
        }
        let actions = register.actions.iter().map(|action| (*action).to_owned()).collect();
        assert_eq!(shown, actions, "{}", register.name);
    }
}

#[test]
fn every_action_kind_and_code_is_named() {
    for (register, page) in pages() {
        let kinds = register.kinds.iter().map(|kind| kind.name);
        let questions = register.kinds.iter().flat_map(|kind| kind.questions);
        let questions = questions.map(|question| question.name);
        let codes = register.codes.iter().map(|code| code.name);
        let actions = register.actions.iter().copied();
        for name in kinds.chain(questions).chain(codes).chain(actions) {
            assert!(page.contains(&format!("`{name}`")), "{}: {name}", register.name);
        }
    }
}

#[test]
fn codes_stand_in_the_words_in_which_they_are_given() {
    for (register, page) in pages() {
        let shared = codes::SHARED.iter().filter(|_| register.name == "identity");
        for code in register.codes.iter().chain(shared) {
            let row = format!("| `{}` | {} | {} |", code.name, code.title, code.remedy);
            assert!(page.contains(&row), "{} lacks {row}", register.name);
        }
    }
}

/// The rows of a page's table of transitions: the one whose columns have the codes.
fn transitions(page: &str) -> Vec<&str> {
    let is_head =
        |line: &&str| line.starts_with("| Action |") && line.to_lowercase().contains("codes");
    let mut lines = page.lines().skip_while(|line| !is_head(line)).skip(2);
    lines.by_ref().take_while(|line| line.starts_with('|')).collect()
}

#[test]
fn every_action_has_its_row_in_the_table_of_transitions() {
    for (register, page) in pages() {
        let rows = transitions(&page);
        for action in register.actions {
            let row = rows.iter().find(|row| {
                let first = row.split('|').nth(1).unwrap_or_default();
                first.contains(&format!("`{action}`"))
            });
            let row = row.unwrap_or_else(|| panic!("{}: no row of {action}", register.name));
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let filled =
                cells.len() >= 5 && cells[1..cells.len() - 1].iter().all(|it| !it.is_empty());
            assert!(filled, "{}: {row}", register.name);
        }
    }
}
