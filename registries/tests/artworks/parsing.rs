//! Strictness: what is not exactly an action of this register is refused before any rule sees it.

use chancery_ledger::code::BAD_ACTION;
use chancery_ledger::execution::Application;
use chancery_registries::artworks::{Action, REGISTER};
use chancery_registries::{Registers, kind};
use serde_json::{Value, json};

use crate::gallery::{Gallery, step};

fn is_refused(action: &Value) -> bool {
    match Registers.parse(&action.to_string()) {
        Ok(_) => false,
        Err(rejection) => {
            assert_eq!(rejection.code, &BAD_ACTION);
            true
        }
    }
}

#[test]
fn members_that_are_unknown_missing_or_of_another_type_are_refused() {
    let gallery = Gallery::new();
    let good = gallery.registration("w-2", "3/10");
    assert!(!is_refused(&good));
    for (pointer, value) in [
        ("/edition", json!("11/10")),
        ("/edition", json!("3")),
        ("/edition", json!(3)),
        ("/fingerprint", json!("abc")),
        ("/work", json!("a/b")),
        ("/owner", json!("nobody")),
        ("/description/title", json!("")),
        ("/description/title", json!("x".repeat(301))),
        ("/description/maker", json!("one\u{202E}two")),
        ("/description/colour", json!("red")),
        ("/condition/by", json!("me")),
        ("/files", json!(vec![good["files"][0].clone(); 2])),
        ("/price", json!("100 EUR")),
    ] {
        let mut bad = good.clone();
        let (above, name) = pointer.rsplit_once('/').unwrap();
        bad.pointer_mut(above).unwrap()[name] = value;
        assert!(is_refused(&bad), "{pointer}: {bad}");
    }
    for name in ["owner", "examiner", "description", "fingerprint", "edition", "condition"] {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(name);
        assert!(is_refused(&bad), "{name}");
    }
}

#[test]
fn claims_are_read_strictly() {
    let gallery = Gallery::new();
    let with = |name: &str, value: Value| {
        let mut claim = step("start", "Mr. A");
        claim[name] = value;
        gallery.claims(gallery.ana, 1, json!([claim]))
    };
    assert!(!is_refused(&with("since", json!("[..1946-03]"))));
    for (name, value) in [
        ("since", json!("1946-13")),
        ("since", json!(1946)),
        ("follows", json!("bridged")),
        ("kind", json!("production")),
        ("method", json!("magic")),
        ("certainty", json!("certain")),
        ("text", json!("")),
        ("text", json!("two\nlines")),
        ("owner", json!("Mr. A")),
    ] {
        assert!(is_refused(&with(name, value.clone())), "{name} {value}");
    }
    let many = json!(vec![step("start", "Mr. A"); 65]);
    assert!(is_refused(&gallery.claims(gallery.ana, 1, many)));
}

#[test]
fn actions_survive_the_round_trip() {
    let gallery = Gallery::new();
    for action in [
        gallery.registration("w-2", "AP 1/2"),
        gallery.loan(gallery.ana, gallery.bo),
        gallery.theft(gallery.ana),
        gallery.opinion(1),
        gallery.licence("l-1", gallery.bo, true),
        gallery.claims(gallery.ana, 1, json!([step("start", "Mr. A")])),
    ] {
        let mut inner = action.clone();
        inner.as_object_mut().unwrap().remove("register");
        let read: Action = serde_json::from_value(inner.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), inner);
    }
}

#[test]
fn example_ids_are_ids() {
    for described in REGISTER.kinds {
        assert!((described.is_id)(described.example_id), "{}", described.name);
        assert!(!(described.is_id)("a/b"), "{}", described.name);
    }
    let claim = kind("artworks", "claim").unwrap();
    for bad in ["w-1", "w-1:", "w-1:0", "w-1:01", "w-1:+1", ":1", "w-1:x", "w-1:4294967296"] {
        assert!(!(claim.is_id)(bad), "{bad}");
    }
}
