//! Strictness: what is not exactly an action is refused before any rule sees it.

use chancery_ledger::code::BAD_ACTION;
use chancery_ledger::execution::Application;
use chancery_registries::text::{Distinct, LocalId, Parameters, Text};
use chancery_registries::{Action, Registers};

use crate::common::{actor, key};

fn set_card() -> String {
    let (party, card) = (actor("Ana").id, "0".repeat(64));
    format!(r#"{{"register":"identity","action":"set-card","party":"{party}","card":"{card}"}}"#)
}

fn grant() -> String {
    let party = actor("Ana").id;
    format!(
        r#"{{"register":"authorities","action":"accredit","accreditation":"a","by":"{party}","institution":"{party}","role":"court","registers":["identity"],"scope":"s"}}"#
    )
}

fn set_controllers(keys: &str, threshold: &str) -> String {
    let party = actor("Ana").id;
    format!(
        r#"{{"register":"identity","action":"set-controllers","party":"{party}","threshold":{threshold},"keys":[{keys}]}}"#
    )
}

fn parses(action: &str) -> bool {
    match Registers.parse(action) {
        Ok(_) => true,
        Err(rejection) => {
            assert_eq!(rejection.code, &BAD_ACTION);
            false
        }
    }
}

#[test]
fn actions_survive_the_round_trip() {
    for text in [set_card(), grant(), set_controllers(&format!("\"{}\"", key("k")), "1")] {
        let action: Action = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&action).unwrap(), text);
    }
}

#[test]
fn members_that_are_unknown_double_missing_or_of_another_type_are_refused() {
    let good = set_card();
    assert!(parses(&good));
    let party = actor("Ana").id;
    let card = format!(r#""card":"{}""#, "0".repeat(64));
    let cases = [
        good.replace('}', r#","note":"x"}"#),
        good.replace('}', &format!(",{card}}}")),
        good.replace('}', r#","register":"identity"}"#),
        good.replace('}', r#","action":"set-card"}"#),
        good.replace('}', r#","action":"object"}"#),
        good.replace(&format!(",{card}"), ""),
        good.replace(&card, r#""card":7"#),
        good.replace(&card, r#""card":null"#),
        good.replace("set-card", "set-cards"),
        good.replace("set-card", "SetCard"),
        good.replace("identity", "weather"),
        good.replace(r#""register":"identity","#, ""),
        good.replace(r#""action":"set-card","#, ""),
        good.replace(&party.to_string(), &party.to_string().to_lowercase()),
        good.replace('{', "[").replace('}', "]"),
        format!("{good}{good}"),
        "null".into(),
    ];
    for case in cases {
        assert!(!parses(&case), "{case}");
    }
}

#[test]
fn parameters_are_texts_and_none_stands_twice() {
    let with = |parameters: &str| grant().replace('}', &format!(r#","parameters":{parameters}}}"#));
    assert!(parses(&with(r#"{"vat":"DE1","lei":"x"}"#)));
    assert!(!parses(&with(r#"{"vat":"DE1","vat":"DE2"}"#)));
    assert!(!parses(&with(r#"{"vat":1}"#)));
    assert!(!parses(&with(r#"{"":"DE1"}"#)));
    assert!(!parses(&with(r#"[]"#)));
    let many = |count: usize| {
        let members: Vec<_> = (0..count).map(|index| format!(r#""p{index}":"v""#)).collect();
        format!("{{{}}}", members.join(","))
    };
    assert!(parses(&with(&many(16))));
    assert!(!parses(&with(&many(17))));
    let parameters: Parameters = serde_json::from_str(r#"{"vat":"DE1"}"#).unwrap();
    assert_eq!(parameters.get("vat"), Some("DE1"));
}

#[test]
fn lists_are_bounded_and_distinct() {
    let quoted = |names: &[String]| {
        names.iter().map(|name| format!("\"{}\"", key(name))).collect::<Vec<_>>().join(",")
    };
    let names = |count: usize| (0..count).map(|index| index.to_string()).collect::<Vec<_>>();
    assert!(parses(&set_controllers(&quoted(&names(32)), "2")));
    assert!(!parses(&set_controllers(&quoted(&names(33)), "2")));
    assert!(!parses(&set_controllers("", "0")));
    assert!(!parses(&set_controllers(&quoted(&["a".into(), "a".into()]), "1")));
    assert!(!parses(&set_controllers(&quoted(&names(1)), "-1")));
    assert!(!parses(&set_controllers(&quoted(&names(1)), "1.0")));
    // A point of small order (RFC 8032's neutral element) is no key.
    let neutral = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert!(!parses(&set_controllers(&format!("\"{neutral}\""), "1")));
    assert_eq!(
        Distinct::<u8, 0, 2>::try_from(vec![2, 1]).map(|list| list.to_vec()),
        Ok(vec![2, 1])
    );
}

#[test]
fn texts_are_what_they_show() {
    let takes = |text: &str| text.parse::<Text<10>>().is_ok();
    for text in ["a", "ten chars!", "Zoë 大法官", "أب"] {
        assert!(takes(text), "{text:?}");
    }
    for text in [
        "",
        " a",
        "a ",
        "\u{3000}a",
        "eleven char",
        "a\nb",
        "a\0b",
        "a\u{7f}b",
        "a\u{85}b",
        "a\u{202e}b",
        "a\u{2066}b",
        "a\u{200f}b",
        "a\u{2028}b",
    ] {
        assert!(!takes(text), "{text:?}");
    }
}

#[test]
fn local_ids_are_safe_in_paths() {
    let takes = |text: &str| text.parse::<LocalId>().is_ok();
    for text in ["a", "2026-0042", "A.b_c-d", &"x".repeat(64)] {
        assert!(takes(text), "{text}");
    }
    for text in ["", ".", "..", "-a", "a/b", "a b", "a#b", "é", &"x".repeat(65)] {
        assert!(!takes(text), "{text}");
    }
}

#[test]
fn delays_lie_between_a_second_and_a_leap_year() {
    let party = actor("Ana").id;
    let with = |delay: &str| {
        format!(
            r#"{{"register":"identity","action":"set-recovery","party":"{party}","guardians":[],"threshold":0,"delay_ms":{delay}}}"#
        )
    };
    for delay in ["1000", "31622400000"] {
        assert!(parses(&with(delay)), "{delay}");
    }
    for delay in ["999", "31622400001", "-1", "1e4", "\"1000\"", "null"] {
        assert!(!parses(&with(delay)), "{delay}");
    }
}
