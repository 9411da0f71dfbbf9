//! The page on the register is true: its examples parse, and it names every action, code and format.

use std::collections::BTreeSet;

use chancery_ledger::execution::Application;
use chancery_registries::Registers;
use chancery_registries::parcels::{REGISTER, number::FORMATS};

const PAGE: &str = include_str!("../../../docs/registers/parcels.md");

#[test]
fn every_example_is_an_action_and_every_action_has_one() {
    let mut shown = BTreeSet::new();
    for block in PAGE.split("```json\n").skip(1) {
        let example = block.split("```").next().unwrap();
        if let Err(rejection) = Registers.parse(example) {
            panic!("{rejection}\n{example}");
        }
        let value: serde_json::Value = serde_json::from_str(example).unwrap();
        shown.insert(value["action"].as_str().unwrap().to_owned());
    }
    assert_eq!(shown, REGISTER.actions.iter().map(|action| (*action).to_owned()).collect());
}

#[test]
fn every_code_and_every_format_is_on_the_page() {
    for code in REGISTER.codes {
        assert!(PAGE.contains(&format!("`{}`", code.name)), "{}", code.name);
    }
    for format in FORMATS {
        assert!(PAGE.contains(&format!("`{}`", format.name)), "{}", format.name);
    }
}
