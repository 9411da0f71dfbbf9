//! Strictness: what is not exactly an action is refused before any rule sees it.

use chancery_ledger::execution::Application;
use chancery_registries::marriages::{MarriageId, NotUnguessable, PlaceRules, RegisterSecret};
use chancery_registries::text::Parameters;
use chancery_registries::{Action, Registers};
use serde_json::{Value, json};

use crate::office::{Office, opening, random_id, secret, with};

fn parses(action: &Value) -> bool {
    Registers.parse(&action.to_string()).is_ok()
}

/// One good action of each kind.
fn good(office: &mut Office) -> Vec<Value> {
    let Office { ana, bo, registrar, .. } = *office;
    let marriage = office.marries(ana, bo);
    vec![
        opening(),
        office.wedding(ana, bo),
        office.recognition(ana, bo),
        office.divorce(&marriage, ana, bo),
        office.annulment(&marriage, ana, bo),
        office.death(&marriage, bo),
        office.correction(&marriage, registrar),
        office.free(ana),
        office.married(ana, bo),
    ]
}

#[test]
fn actions_survive_the_round_trip() {
    for action in good(&mut Office::new()) {
        let parsed: Action = serde_json::from_value(action.clone()).unwrap();
        assert_eq!(serde_json::to_value(&parsed).unwrap(), action);
    }
}

#[test]
fn members_that_are_unknown_or_missing_are_refused() {
    for action in good(&mut Office::new()) {
        assert!(parses(&action), "{action}");
        assert!(!parses(&with(action.clone(), "/note", json!("x"))), "{action}");
        let optional = ["document", "record", "addressee", "witnesses"];
        for name in action.as_object().unwrap().keys() {
            if !optional.contains(&name.as_str()) {
                let without = with(action.clone(), &format!("/{name}"), json!(null));
                assert!(!parses(&without), "{name} of {action}");
            }
        }
        let text = action.to_string();
        let doubled = text.replacen('{', r#"{"register":"marriages","#, 1);
        assert!(Registers.parse(&doubled).is_err(), "{doubled}");
    }
}

#[test]
fn a_wedding_is_of_two_with_few_witnesses() {
    let mut office = Office::new();
    let (ana, bo) = (office.ana, office.bo);
    let wedding = office.wedding(ana, bo);
    let spouse = &wedding["spouses"][0];
    for (pointer, value) in [
        ("/spouses", json!([spouse])),
        ("/spouses", json!([spouse, spouse, spouse])),
        ("/spouses", json!([])),
        ("/spouses/0/age", json!(18)),
        ("/spouses/0/born_by", json!("2000-02-30")),
        ("/celebrated", json!("2026-01-01T00:00:00Z")),
        ("/witnesses", json!([office.wu.id, office.wu.id])),
        ("/witnesses", json!(vec![office.wu.id; 9])),
        ("/place", json!("")),
        ("/record", json!("as usual")),
        ("/marriage", json!("2026-17")),
        ("/registrar", json!("me")),
    ] {
        assert!(!parses(&with(wedding.clone(), pointer, value.clone())), "{pointer} {value}");
    }
}

#[test]
fn grounds_are_one_of_those_that_there_are() {
    let mut office = Office::new();
    let (ana, bo) = (office.ana, office.bo);
    let registrar = json!({ "registrar": office.registrar.id });
    let directed = json!({ "registrar": office.registrar.id, "order": "O-1" });
    let judgment = office.judgment();
    let id = random_id(7);
    let divorce = office.divorce(&id, ana, bo);
    let annulment = office.annulment(&id, ana, bo);
    let recognition = office.recognition(ana, bo);
    let takes = |action: &Value, ground: Value| parses(&with(action.clone(), "/ground", ground));
    for (action, agreement, direction) in
        [(&divorce, true, true), (&annulment, false, true), (&recognition, true, false)]
    {
        assert!(takes(action, judgment.clone()));
        assert_eq!(takes(action, json!({ "agreement": registrar })), agreement, "{action}");
        assert_eq!(takes(action, json!({ "direction": directed })), direction, "{action}");
        for wrong in [
            json!({}),
            json!({ "agreement": registrar, "judgment": judgment["judgment"] }),
            json!({ "judgment": { "court": office.court.id } }),
            json!({ "judgment": { "court": office.court.id, "reference": "x", "why": "y" } }),
            json!("judgment"),
        ] {
            assert!(!takes(action, wrong.clone()), "{wrong}");
        }
    }
}

#[test]
fn ids_are_random_or_none() {
    let parse = str::parse::<MarriageId>;
    assert_eq!(parse(&random_id(1)).unwrap().to_string(), random_id(1));
    let not_random = [
        "00000000000000000000000000000000",
        "00000000000000000000000020260017",
        "01020304050600000000000000000000",
    ];
    for text in not_random {
        assert_eq!(parse(text), Err(NotUnguessable::NotRandom), "{text}");
    }
    for text in ["", "8f14e45f", &random_id(1).to_uppercase(), &format!("{}00", random_id(1))] {
        assert_eq!(parse(text), Err(NotUnguessable::Shape(32)), "{text}");
    }
    let weak = "77".repeat(32);
    assert_eq!(weak.parse::<RegisterSecret>(), Err(NotUnguessable::NotRandom));
    assert!(!parses(&with(opening(), "/secret", json!(weak))));
    // Whatever chance gives is taken.
    for number in 0..20_000 {
        assert!(parse(&random_id(number)).is_ok(), "{number}");
    }
}

#[test]
fn the_secret_stands_in_no_debugging_text() {
    let action: Action = serde_json::from_value(opening()).unwrap();
    assert!(!format!("{action:?}").contains(&secret()[..8]));
}

#[test]
fn the_rules_of_a_place_are_read_or_refused() {
    let read = |parameters: Value| {
        let parameters: Parameters = serde_json::from_value(parameters).unwrap();
        PlaceRules::try_from(&parameters).map(|place| {
            let words: Vec<_> = place.prohibited_degrees.iter().map(|it| it.word()).collect();
            (place.minimum_age, place.witnesses, words.join(" "))
        })
    };
    let rules = |age, witnesses, words: &str| Ok((age, witnesses, words.to_owned()));
    assert_eq!(read(json!({})), rules(18, 2, "direct-line siblings"));
    assert_eq!(
        read(json!({ "vat": "x", "minimum-age": "21" })),
        rules(21, 2, "direct-line siblings")
    );
    assert_eq!(
        read(json!({ "witnesses": "0", "prohibited-degrees": "cousins ward" })),
        rules(18, 0, "cousins ward")
    );
    for (name, value) in [
        ("minimum-age", "0"),
        ("minimum-age", "100"),
        ("minimum-age", "-18"),
        ("minimum-age", "18.0"),
        ("witnesses", "9"),
        ("witnesses", "two"),
        ("prohibited-degrees", "direct-line,siblings"),
        ("prohibited-degrees", "direct-line  siblings"),
        ("prohibited-degrees", "Siblings"),
    ] {
        assert!(read(json!({ name: value })).is_err(), "{name} = {value}");
    }
}
