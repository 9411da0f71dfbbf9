//! What registers say about themselves is true.

use std::collections::BTreeMap;

use chancery_registries::{Action, REGISTERS, RegisterName, all_codes, kind, register, schemas};
use serde_json::{Value, json};

#[test]
fn codes_are_unique_and_written_alike() {
    let mut seen = BTreeMap::new();
    for code in all_codes() {
        assert!(seen.insert(code.name, code).is_none(), "{} stands twice", code.name);
        assert!((1..=48).contains(&code.name.len()), "{}", code.name);
        assert!(
            code.name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        );
        assert!(code.title.ends_with('.') && code.remedy.ends_with('.'), "{}", code.name);
    }
}

#[test]
fn names_lead_to_registers_and_kinds() {
    for register_ in REGISTERS {
        assert_eq!(register(register_.name).map(|found| found.name), Some(register_.name));
        let name: RegisterName = serde_json::from_value(json!(register_.name)).unwrap();
        assert_eq!(name.as_str(), register_.name);
        for (index, kind_) in register_.kinds.iter().enumerate() {
            assert_eq!(kind_.register, register_.name);
            assert_eq!(kind_.primary, index == 0, "{}", kind_.name);
            assert!((kind_.is_id)(kind_.example_id), "{}", kind_.example_id);
            assert!(!(kind_.is_id)("no / id"));
            assert!(kind(register_.name, kind_.name).is_some());
        }
    }
    assert!(register("weather").is_none() && kind("identity", "weather").is_none());
}

/// What stands below an object in paths besides its questions.
const TAKEN: [&str; 5] = ["history", "proof", "did", "qr.svg", "qr.png"];

#[test]
fn questions_have_a_place_of_their_own_in_paths() {
    for kind in REGISTERS.iter().flat_map(|register| register.kinds) {
        for (index, question) in kind.questions.iter().enumerate() {
            let name = question.name;
            assert!(!TAKEN.contains(&name), "{}/{name}", kind.name);
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{name}");
            assert!(question.title.ends_with('.'), "{name}: {}", question.title);
            assert!(kind.questions[..index].iter().all(|other| other.name != name), "{name}");
            assert!(kind.question(name).is_some());
        }
    }
}

/// The names of the actions in a register's `oneOf`.
fn schema_actions(schema: &Value) -> Vec<String> {
    let name = |part: &Value| part["properties"]["action"]["enum"][0].as_str().map(str::to_owned);
    let variant = |variant: &Value| -> Option<String> {
        variant["allOf"]
            .as_array()
            .map_or_else(|| name(variant), |parts| parts.iter().find_map(name))
    };
    schema["oneOf"].as_array().unwrap().iter().map(|part| variant(part).unwrap()).collect()
}

#[test]
fn the_actions_listed_are_those_of_the_schema() {
    let schemas: BTreeMap<String, Value> = schemas()
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap()))
        .collect();
    for (variant, register) in schemas["Action"]["oneOf"].as_array().unwrap().iter().zip(REGISTERS)
    {
        let parts = variant["allOf"].as_array().unwrap();
        let reference = parts.iter().find_map(|part| part["$ref"].as_str()).unwrap();
        let named =
            parts.iter().find_map(|part| part["properties"]["register"]["enum"][0].as_str());
        assert_eq!(named, Some(register.name));
        let schema = &schemas[reference.rsplit('/').next().unwrap()];
        assert_eq!(schema_actions(schema), register.actions, "{}", register.name);
    }
}

/// In JSON the members `register` and `action` say which action it is: no action can have its own.
#[test]
fn no_action_has_a_member_that_the_tags_take() {
    let schemas: BTreeMap<_, _> = schemas().into_iter().collect();
    for (name, schema) in schemas.iter().filter(|(name, _)| name.ends_with("Action")) {
        let schema = serde_json::to_value(schema).unwrap();
        let text = schema["oneOf"].to_string();
        for reference in text.split("#/components/schemas/").skip(1) {
            let action = &schemas[reference.split('"').next().unwrap()];
            let properties = &serde_json::to_value(action).unwrap()["properties"];
            for tag in ["register", "action"] {
                assert!(properties.get(tag).is_none(), "{name}: {reference}");
            }
        }
    }
}

#[test]
fn no_two_schemas_share_a_name_and_none_is_missing() {
    let mut by_name: BTreeMap<String, Value> = BTreeMap::new();
    for (name, schema) in schemas() {
        let schema = serde_json::to_value(schema).unwrap();
        if let Some(other) = by_name.insert(name.clone(), schema.clone()) {
            assert_eq!(other, schema, "two schemas are called {name}");
        }
    }
    let text = serde_json::to_string(&by_name).unwrap();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(by_name.contains_key(name), "{name} is referred to and not there");
    }
    assert!(!text.contains("additionalProperties\":false"));
}

#[test]
fn unknown_actions_are_told_apart_from_unfit_ones() {
    let parse = |action: &str| serde_json::from_str::<Action>(action).unwrap_err().to_string();
    for register in REGISTERS {
        for action in register.actions {
            let error =
                parse(&format!(r#"{{"register":"{}","action":"{action}"}}"#, register.name));
            assert!(error.contains("missing field"), "{action}: {error}");
        }
        let error = parse(&format!(r#"{{"register":"{}","action":"no-such"}}"#, register.name));
        assert!(error.contains("unknown variant"), "{error}");
    }
}
