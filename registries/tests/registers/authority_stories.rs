//! Days in the life of the authorities register.

use chancery_registries::RegisterName::{Authorities, Identity};
use chancery_registries::authorities::{
    Accreditation, FreezeIndex, Institution, Order, Role, accredited, directed, is_in_force_at,
    not_frozen,
};
use chancery_registries::{Kind, kind};
use serde_json::json;

use crate::authority_rules::{change, code_of, direction, order, release, with};
use crate::common::{DAY, Town, key};
use crate::identity_rules::{add_key, set_card, set_controllers};

fn valid(town: &Town, id: &str) -> bool {
    let accreditation = town.get::<Accreditation>(id).unwrap();
    town.asks(|draft| is_in_force_at(draft, &accreditation, town.time))
}

/// Every story, to be told once more with a look at the signatures.
pub(crate) const STORIES: &[fn()] = &[
    the_genesis_founds_a_root_authority_that_rotates_its_keys_like_any_party,
    an_accreditation_holds_between_its_dates,
    a_grant_is_never_valid_before_it_was_made,
    a_suspension_leaves_what_was_done_before_it,
    an_end_may_be_set_ahead,
    a_carrier_accredits_its_couriers_and_they_stand_and_fall_with_it,
    a_freeze_binds_until_it_is_released_or_runs_out,
    a_direction_may_be_cited_while_it_stands,
    objects_show_themselves_in_json_with_who_stands_where,
];

#[test]
fn the_genesis_founds_a_root_authority_that_rotates_its_keys_like_any_party() {
    let mut town = Town::new();
    let root = town.root();
    let founded = town.party(root);
    assert_eq!(founded.controllers.threshold, 2);
    assert_eq!(founded.controllers.keys.len(), 3);
    assert_eq!(founded.created, town.genesis.statement().created);

    let signers = [town.root_signs(), vec![root.signs_with(key("root four"))]].concat();
    town.does(set_controllers(root, &["root three", "root four"], 2), &signers);
    let court = town.organisation("court");
    let grant = town.accreditation("a", court, "court", "identity");
    assert_eq!(town.refuses(grant.clone(), &town.root_signs()), "key-revoked");
    let signers = ["root three", "root four"].map(|name| root.signs_with(key(name)));
    town.does(grant, &signers);
    assert!(valid(&town, "a"));
}

#[test]
fn an_accreditation_holds_between_its_dates() {
    let mut town = Town::new();
    let court = town.organisation("court");
    let grant = town.accreditation("a", court, "court", "identity");
    let grant = with(grant, "valid_from", town.in_ms(DAY));
    let grant = with(grant, "valid_until", town.in_ms(3 * DAY));
    let grant = with(grant, "parameters", json!({ "district": "north" }));
    town.does(grant, &town.root_signs());
    let stored = town.get::<Accreditation>("a").unwrap();
    assert_eq!(stored.parameters.get("district"), Some("north"));

    assert!(!valid(&town, "a"));
    town.time = stored.valid_from;
    assert!(valid(&town, "a"));
    town.time = stored.valid_until.unwrap();
    assert!(!valid(&town, "a"));
    assert!(stored.is_valid_at(stored.valid_from) && !stored.is_valid_at(stored.granted));
}

#[test]
fn a_grant_is_never_valid_before_it_was_made() {
    let mut town = Town::new();
    let court = town.organisation("court");
    let grant = town.accreditation("a", court, "court", "identity");
    town.does(with(grant, "valid_from", "2020-01-01T00:00:00Z"), &town.root_signs());
    let stored = town.get::<Accreditation>("a").unwrap();
    assert_eq!(stored.valid_from, stored.granted);
}

#[test]
fn a_suspension_leaves_what_was_done_before_it() {
    let mut town = Town::new();
    let court = town.institution("court", "court", "identity");
    let before = town.time;
    town.passes(DAY);
    town.does(change(&town, "suspend", "court-court"), &town.root_signs());
    let during = town.time;
    assert!(!valid(&town, "court-court"));
    town.passes(DAY);
    let later = with(change(&town, "reinstate", "court-court"), "from", town.in_ms(DAY));
    town.does(later, &town.root_signs());
    assert!(!valid(&town, "court-court"), "it is reinstated from tomorrow on");
    town.passes(DAY);
    assert!(valid(&town, "court-court"));

    let held =
        |time| town.asks(|draft| accredited(draft, &court.id, Role::Court, Identity, time).is_ok());
    assert!(held(before) && !held(during) && held(town.time));
    assert!(!town.asks(|draft| {
        accredited(draft, &court.id, Role::Court, Authorities, town.time).is_ok()
    }));
}

#[test]
fn an_end_may_be_set_ahead() {
    let mut town = Town::new();
    town.institution("court", "court", "identity");
    let end = with(change(&town, "end", "court-court"), "from", town.in_ms(DAY));
    town.does(end, &town.root_signs());
    town.does(change(&town, "suspend", "court-court"), &town.root_signs());
    town.does(change(&town, "reinstate", "court-court"), &town.root_signs());
    assert!(valid(&town, "court-court"));
    town.passes(DAY);
    assert!(!valid(&town, "court-court"));
}

#[test]
fn a_carrier_accredits_its_couriers_and_they_stand_and_fall_with_it() {
    let mut town = Town::new();
    let carrier = town.institution("carrier", "carrier", "identity");
    let signers = [carrier.signs(), carrier.signs_with(key("desk"))];
    town.does(add_key(carrier, "desk", "assertion"), &signers);
    let dan = town.person("Dan");
    let grant = town.accreditation("dan", dan, "courier", "identity");
    town.does(with(grant, "by", json!(carrier.id)), &[carrier.signs_with(key("desk"))]);
    let stored = town.get::<Accreditation>("dan").unwrap();
    assert_eq!(stored.under, Some("carrier-carrier".parse().unwrap()));
    assert_eq!(stored.granted_by, carrier.id);
    assert!(valid(&town, "dan"));

    town.does(change(&town, "suspend", "carrier-carrier"), &town.root_signs());
    assert!(!valid(&town, "dan"));
    town.does(change(&town, "reinstate", "carrier-carrier"), &town.root_signs());
    assert!(valid(&town, "dan"));

    let end = with(change(&town, "end", "dan"), "by", json!(carrier.id));
    town.does(end, &[carrier.signs()]);
    assert!(!valid(&town, "dan"));
    let index = town.get::<Institution>(&dan.id.to_string()).unwrap();
    assert_eq!(index.accreditations, ["dan".parse().unwrap()]);
}

#[test]
fn a_freeze_binds_until_it_is_released_or_runs_out() {
    let mut town = Town::new();
    let court = town.institution("court", "court", "identity");
    let regulator = town.institution("regulator", "regulator", "identity");
    let ana = town.person("Ana");
    let id = ana.id.to_string();
    let asked = |town: &Town| code_of(town, |draft| not_frozen(draft, Identity, "party", &id));

    town.does(order(&town, "freeze", "one", court, ana), &[court.signs()]);
    town.does(order(&town, "freeze", "two", regulator, ana), &[regulator.signs()]);
    town.does(set_card(ana), &[ana.signs()]);
    assert_eq!(asked(&town), "frozen");
    town.does(release("one", court), &[court.signs()]);
    assert_eq!(asked(&town), "frozen", "the other still binds");
    town.does(release("two", court), &[court.signs()]);
    assert_eq!(asked(&town), "accepted", "a court lifts a regulator's");

    town.does(order(&town, "freeze", "three", regulator, ana), &[regulator.signs()]);
    town.does(change(&town, "end", "regulator-regulator"), &town.root_signs());
    assert_eq!(asked(&town), "frozen", "an order outlives its maker's accreditation");
    town.does(release("three", regulator), &[regulator.signs()]);

    town.does(order(&town, "freeze", "four", court, ana), &[court.signs()]);
    town.passes(30 * DAY);
    assert_eq!(asked(&town), "accepted");
    town.does(order(&town, "freeze", "five", court, ana), &[court.signs()]);
    let five = town.get::<Order>("five").unwrap();
    let index = five.target.state_key().to_string();
    assert_eq!(town.get::<FreezeIndex>(&index).unwrap().freezes.len(), 1, "four is dropped");
    town.does(release("five", town.root()), &town.root_signs());
    assert_eq!(asked(&town), "accepted");
}

#[test]
fn a_direction_may_be_cited_while_it_stands() {
    let mut town = Town::new();
    let court = town.institution("court", "court", "identity");
    let ana = town.person("Ana");
    town.does(direction(&town, "o", court, ana), &[court.signs()]);
    let (order, id) = ("o".parse().unwrap(), ana.id.to_string());
    let asked =
        |town: &Town| code_of(town, |draft| directed(draft, &order, Identity, "party", &id));
    assert_eq!(asked(&town), "accepted");
    assert_eq!(
        code_of(&town, |draft| not_frozen(draft, Identity, "party", &id)),
        "accepted",
        "a direction freezes nothing"
    );
    town.does(release("o", court), &[court.signs()]);
    assert_eq!(asked(&town), "order-not-in-force");
}

pub(crate) fn described(kind_: &Kind, town: &Town, id: &str) -> (serde_json::Value, Vec<String>) {
    let key = chancery_ledger::execution::state_key(kind_.register, kind_.name, id);
    let bytes = &town.state.0[&key];
    let relations = (kind_.relations)(bytes);
    let named = relations.into_iter().map(|(relation, party)| format!("{relation} {party}"));
    ((kind_.to_json)(bytes, town.time).unwrap(), named.collect())
}

#[test]
fn objects_show_themselves_in_json_with_who_stands_where() {
    let mut town = Town::new();
    let court = town.institution("court", "court", "identity");
    let ana = town.person("Ana");
    town.does(order(&town, "freeze", "o", court, ana), &[court.signs()]);

    let accreditation = kind("authorities", "accreditation").unwrap();
    let (json, relations) = described(accreditation, &town, "court-court");
    assert_eq!(json["role"], "court");
    assert_eq!(json["registers"], json!(["identity"]));
    assert_eq!(json["institution"], json!(court.id));
    let root = town.root();
    assert_eq!(relations, [format!("institution {}", court.id), format!("grantor {}", root.id)]);

    let (json, relations) = described(kind("authorities", "order").unwrap(), &town, "o");
    assert_eq!(json["kind"], "freeze");
    assert_eq!(json["target"]["id"], json!(ana.id));
    assert_eq!(relations, [format!("maker {}", court.id), format!("subject {}", ana.id)]);

    assert!((accreditation.to_json)(b"rubbish", town.time).is_none());
    assert!((accreditation.relations)(b"rubbish").is_empty());
}
