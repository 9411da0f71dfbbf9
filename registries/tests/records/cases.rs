//! Each case breaks one rule and names the code that must come of it.

use std::collections::BTreeSet;

use chancery_registries::records::{self, MAX_VERSIONS};
use serde_json::{Value, json};

use crate::archive::Archive;
use crate::common::actor;

type Case = (&'static str, &'static str, fn(&mut Archive) -> &'static str);

fn with(mut action: Value, member: &str, value: Value) -> Value {
    action[member] = value;
    action
}

const CASES: &[Case] = &[
    ("id-taken", "a commitment is anchored twice", |archive| {
        archive.does(archive.anchor("a"));
        archive.refuses(archive.anchor("a"))
    }),
    ("id-taken", "a new version is an old record", |archive| {
        archive.does(archive.anchor("a"));
        archive.does(archive.anchor("b"));
        archive.refuses(archive.replace("a", "b"))
    }),
    ("id-taken", "what was erased comes back", |archive| {
        archive.does(archive.anchor("a"));
        archive.does(archive.erase("a", "mistake"));
        archive.refuses(archive.anchor("a"))
    }),
    ("party-unknown", "it is about nobody whom the ledger knows", |archive| {
        let subjects = json!([actor("nobody").id]);
        archive.refuses(with(archive.anchor("a"), "subjects", subjects))
    }),
    ("bad-action", "it is about somebody twice", |archive| {
        let subjects = json!([archive.ana.id, archive.ana.id]);
        archive.refuses(with(archive.anchor("a"), "subjects", subjects))
    }),
    ("bad-action", "the reason is another than those of the list", |archive| {
        archive.does(archive.anchor("a"));
        archive.refuses(archive.erase("a", "she was ill"))
    }),
    ("record-unknown", "what was never anchored is erased", |archive| {
        archive.refuses(archive.erase("a", "other"))
    }),
    ("record-unknown", "what was never anchored is replaced", |archive| {
        archive.refuses(archive.replace("a", "b"))
    }),
    ("record-erased", "it is erased twice", |archive| {
        archive.does(archive.anchor("a"));
        archive.does(archive.erase("a", "other"));
        archive.refuses(archive.erase("a", "other"))
    }),
    ("record-replaced", "two versions follow one", |archive| {
        archive.does(archive.anchor("a"));
        archive.does(archive.replace("a", "b"));
        archive.refuses(archive.replace("a", "c"))
    }),
    ("record-too-many-versions", "a version follows the last", |archive| {
        archive.does(archive.anchor("1"));
        for version in 1..MAX_VERSIONS {
            archive.does(archive.replace(&version.to_string(), &(version + 1).to_string()));
        }
        archive.refuses(archive.replace(&MAX_VERSIONS.to_string(), "one more"))
    }),
    ("record-order-not-cited", "a court's order is the reason and is not named", |archive| {
        archive.does(archive.anchor("a"));
        archive.refuses(archive.erase("a", "court-order"))
    }),
    ("record-order-not-the-reason", "an order is named and is not the reason", |archive| {
        archive.does(archive.anchor("a"));
        archive.refuses(with(archive.erase("a", "mistake"), "order", json!("O-1")))
    }),
    ("order-unknown", "the order is of nobody", |archive| {
        archive.does(archive.anchor("a"));
        archive.refuses(with(archive.erase("a", "court-order"), "order", json!("O-1")))
    }),
    ("order-not-for-this", "the order is about another record", |archive| {
        archive.does(archive.anchor("a"));
        archive.does(archive.anchor("b"));
        archive.rules(archive.order("direct", "O-1", "b"));
        archive.refuses(with(archive.erase("a", "court-order"), "order", json!("O-1")))
    }),
    ("frozen", "a court holds what is to be erased", |archive| {
        archive.does(archive.anchor("a"));
        archive.rules(archive.order("freeze", "O-1", "a"));
        archive.refuses(archive.erase("a", "retention-ended"))
    }),
    ("frozen", "a court holds what is to be replaced", |archive| {
        archive.does(archive.anchor("a"));
        archive.rules(archive.order("freeze", "O-1", "a"));
        archive.refuses(archive.replace("a", "b"))
    }),
];

#[test]
fn every_broken_rule_gives_its_code() {
    for (code, wrong, refusal) in CASES {
        assert_eq!(*code, refusal(&mut Archive::new()), "{wrong}");
    }
}

#[test]
fn every_code_is_given_by_a_broken_rule() {
    let declared: BTreeSet<_> = records::REGISTER.codes.iter().map(|code| code.name).collect();
    let given: BTreeSet<_> = CASES.iter().map(|(code, _, _)| *code).collect();
    let never: Vec<_> = declared.difference(&given).collect();
    assert!(never.is_empty(), "no case gives {never:?}");
}

#[test]
fn without_the_keepers_signature_nobody_learns_what_there_is() {
    let mut archive = Archive::new();
    archive.does(archive.anchor("a"));
    archive.does(archive.anchor("b"));
    archive.does(archive.erase("b", "other"));
    for name in ["a", "b", "never"] {
        for action in
            [archive.anchor(name), archive.replace(name, "c"), archive.erase(name, "other")]
        {
            let ana = archive.ana.signs();
            assert_eq!(archive.town.refuses(action, &[ana]), "signer-missing", "{name}");
        }
    }
}
