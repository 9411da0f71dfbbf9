//! Days in the life of the identity register.

use chancery_ledger::hash::Hash;
use chancery_registries::identity::{
    Attestation, Kinship, KinshipId, Party, Purpose, Relation, Standing, Status, did, did_document,
    kinship_in_force,
};
use chancery_registries::{RegisterName, kind};
use serde_json::{Value, json};

use crate::authority_rules::{order, release, with};
use crate::authority_stories::described;
use crate::common::{Actor, DAY, Town, actor, key};
use crate::identity_rules::{
    add_key, ana_in_recovery, ana_with_guardians, object, object_by, recover, revoke_key, set_card,
    set_controllers, set_recovery, set_status,
};
use crate::kinship_rules::{attest, attester, end, family, revoke, state};

/// Every story, to be told once more with a look at the signatures.
pub(crate) const STORIES: &[fn()] = &[
    ana_gets_an_identity_and_a_card,
    ana_rotates_to_two_of_three,
    a_sub_key_acts_within_its_limits_until_it_is_revoked,
    a_key_added_in_one_action_may_sign_the_next_of_the_same_transition,
    one_action_refused_undoes_the_others,
    guardians_recover_ana_after_a_week,
    an_authority_recovers_ana_where_her_plan_says_so,
    ana_objects_with_any_one_of_her_controllers,
    a_court_that_freezes_ana_stops_her_recovery_in_the_same_transition,
    a_freeze_by_itself_stops_no_recovery_and_keeps_nobody_from_objecting,
    a_regulator_objects_for_a_suspended_party,
    a_party_reads_as_it_stands_at_the_time_of_the_block,
    a_suspended_party_can_be_recovered_and_made_active_again,
    lives_and_firms_end,
    an_attestation_holds_until_it_runs_out_or_is_taken_back,
    kinship_is_proved_by_a_single_look,
    a_party_resolves_as_a_did,
    a_did_follows_a_recovery_by_itself,
];

#[test]
fn ana_gets_an_identity_and_a_card() {
    let mut town = Town::new();
    let ana = actor("Ana");
    let create = json!({
        "register": "identity", "action": "create", "kind": "person", "key": ana.key,
        "card": "12".repeat(32),
    });
    town.does(create, &[ana.signs()]);
    let party = town.party(ana);
    assert_eq!(party.card, "12".repeat(32).parse().ok());
    assert_eq!(party.standing_of(&ana.key), Standing::Controller);
    town.does(set_card(ana), &[ana.signs()]);
    assert_eq!(town.party(ana).card, "ab".repeat(32).parse().ok());
    assert_eq!(town.stored::<Party>(&ana.id.to_string()).unwrap().version, 2);
}

#[test]
fn ana_rotates_to_two_of_three() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let hands = ["one", "two", "three"].map(|name| ana.signs_with(key(name)));
    let signers = [vec![ana.signs()], hands.to_vec()].concat();
    town.does(set_controllers(ana, &["one", "two", "three"], 2), &signers);
    assert_eq!(town.party(ana).standing_of(&ana.key), Standing::Revoked);
    assert_eq!(town.refuses(set_card(ana), &hands[..1]), "signer-missing");
    town.does(set_card(ana), &hands[1..]);
    town.does(set_card(ana), &hands);
    town.does(revoke_key(ana, "one"), &hands[1..]);
    assert_eq!(town.refuses(revoke_key(ana, "two"), &hands[1..]), "too-few-controllers");
}

#[test]
fn a_sub_key_acts_within_its_limits_until_it_is_revoked() {
    let mut town = Town::new();
    let (court, ana) = (town.institution("court", "court", "identity"), town.person("Ana"));
    let seal = court.signs_with(key("seal"));
    let add = with(add_key(court, "seal", "assertion"), "only_register", "identity");
    town.does(with(add, "valid_until", town.in_ms(DAY)), &[court.signs(), seal]);
    let party = town.party(court);
    let Standing::SubKey(sub_key) = party.standing_of(&seal.key) else { panic!("no sub-key") };
    assert!(sub_key.serves(Purpose::Assertion, RegisterName::Identity));
    assert!(!sub_key.serves(Purpose::Custody, RegisterName::Identity));
    assert!(!sub_key.serves(Purpose::Assertion, RegisterName::Authorities));

    town.does(order(&town, "freeze", "one", court, ana), &[seal]);
    town.does(order(&town, "freeze", "two", court, ana), &[seal, court.signs()]);
    town.does(revoke_key(court, "seal"), &[court.signs()]);
    assert_eq!(town.refuses(order(&town, "freeze", "three", court, ana), &[seal]), "key-revoked");
    let refused = town.refuses(add_key(court, "seal", "assertion"), &[court.signs(), seal]);
    assert_eq!(refused, "key-revoked", "it never comes back");
}

#[test]
fn a_key_added_in_one_action_may_sign_the_next_of_the_same_transition() {
    let mut town = Town::new();
    let (court, ana) = (town.institution("court", "court", "identity"), town.person("Ana"));
    let seal = court.signs_with(key("seal"));
    let actions = [add_key(court, "seal", "assertion"), order(&town, "freeze", "o", court, ana)];
    town.try_all(&actions, &[court.signs(), seal]).unwrap();
    assert_eq!(town.stored::<Party>(&court.id.to_string()).unwrap().version, 2);
}

#[test]
fn one_action_refused_undoes_the_others() {
    let mut town = Town::new();
    let (ana, before) = (town.person("Ana"), town.state.clone());
    let actions = [set_card(ana), revoke_key(ana, "Ana")];
    let rejection = town.try_all(&actions, &[ana.signs()]).unwrap_err();
    assert_eq!(rejection.code.name, "too-few-controllers");
    assert_eq!(rejection.pointer, "/payload/actions/1");
    assert_eq!(town.state.0, before.0);
}

#[test]
fn guardians_recover_ana_after_a_week() {
    let mut town = Town::new();
    let [ana, ..] = ana_with_guardians(&mut town);
    let phone = ana.signs_with(key("phone"));
    town.does(add_key(ana, "phone", "custody"), &[ana.signs(), phone]);
    let [bo, cy] = ["Bo", "Cy"].map(actor);
    let signers = [bo.signs(), cy.signs(), ana.signs_with(key("new"))];
    town.does(recover(ana, &["new"]), &signers);

    let effective = town.party(ana).recovering.unwrap().effective;
    town.does(set_card(ana), &[ana.signs()]);
    assert_eq!(town.refuses(set_card(ana), &[ana.signs_with(key("new"))]), "key-unknown");

    town.time = effective;
    assert_eq!(town.refuses(set_card(ana), &[ana.signs()]), "key-revoked");
    town.does(set_card(ana), &[ana.signs_with(key("new"))]);
    let stored = town.get::<Party>(&ana.id.to_string()).unwrap();
    assert!(stored.recovering.is_none() && stored.sub_keys.is_empty());
    assert_eq!(stored.revoked.len(), 2);
    assert!(stored.revoked.iter().all(|revoked| revoked.at == effective));
    assert!(stored.recovery.is_some(), "the plan stays");
}

#[test]
fn an_authority_recovers_ana_where_her_plan_says_so() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let office = town.institution("office", "identity-authority", "identity");
    let plan = with(set_recovery(ana, &[], 0), "authority", json!(office.id));
    town.does(with(plan, "delay_ms", 1000), &[ana.signs()]);
    let recover = with(recover(ana, &["new"]), "by", json!(office.id));
    town.does(recover, &[office.signs(), ana.signs_with(key("new"))]);
    assert_eq!(town.party(ana).standing_of(&key("new")), Standing::Controller, "a second later");
}

#[test]
fn ana_objects_with_any_one_of_her_controllers() {
    let mut town = Town::new();
    let [ana, bo, cy] = ana_with_guardians(&mut town);
    let second = ana.signs_with(key("second"));
    town.does(set_controllers(ana, &["Ana", "second"], 2), &[ana.signs(), second]);
    let signers = [bo.signs(), cy.signs(), ana.signs_with(key("new"))];
    town.does(recover(ana, &["new"]), &signers);
    town.does(object(ana), &[second]);
    town.passes(8 * DAY);
    town.does(set_card(ana), &[ana.signs(), second]);
    town.does(recover(ana, &["new"]), &signers);
    town.does(object(ana), &[ana.signs(), second]);
}

#[test]
fn a_court_that_freezes_ana_stops_her_recovery_in_the_same_transition() {
    let mut town = Town::new();
    let court = town.institution("court", "court", "identity");
    let seal = court.signs_with(key("seal"));
    town.does(add_key(court, "seal", "assertion"), &[court.signs(), seal]);
    let [ana, bo, cy] = ana_in_recovery(&mut town);

    let actions = [order(&town, "freeze", "o", court, ana), object_by(ana, court)];
    town.try_all(&actions, &[seal]).unwrap();
    assert!(town.party(ana).recovering.is_none());
    let signers = [bo.signs(), cy.signs(), ana.signs_with(key("new"))];
    assert_eq!(town.refuses(recover(ana, &["new"]), &signers), "frozen");
    town.passes(8 * DAY);
    assert_eq!(town.party(ana).standing_of(&ana.key), Standing::Controller);

    town.does(release("o", court), &[seal]);
    town.does(recover(ana, &["new"]), &signers);
}

#[test]
fn a_freeze_by_itself_stops_no_recovery_and_keeps_nobody_from_objecting() {
    let mut town = Town::new();
    let court = town.institution("court", "court", "identity");
    let regulator = town.institution("regulator", "regulator", "identity");
    let [ana, bo, cy] = ana_in_recovery(&mut town);
    town.does(order(&town, "freeze", "o", court, ana), &[court.signs()]);
    town.does(object(ana), &[ana.signs()]);
    town.does(release("o", court), &[court.signs()]);

    let signers = [bo.signs(), cy.signs(), ana.signs_with(key("new"))];
    town.does(recover(ana, &["new"]), &signers);
    town.does(order(&town, "freeze", "p", court, ana), &[court.signs()]);
    town.does(object_by(ana, regulator), &[regulator.signs()]);
    town.does(release("p", court), &[court.signs()]);

    town.does(recover(ana, &["new"]), &signers);
    town.does(order(&town, "freeze", "q", court, ana), &[court.signs()]);
    town.passes(7 * DAY);
    assert_eq!(town.party(ana).standing_of(&key("new")), Standing::Controller);
}

#[test]
fn a_regulator_objects_for_a_suspended_party() {
    let mut town = Town::new();
    let regulator = town.institution("regulator", "regulator", "identity");
    let [ana, ..] = ana_in_recovery(&mut town);
    town.does(set_status(ana, regulator, "suspended"), &[regulator.signs()]);
    assert_eq!(town.refuses(object(ana), &[ana.signs()]), "party-not-active");
    town.does(object_by(ana, regulator), &[regulator.signs()]);
    assert!(town.party(ana).recovering.is_none());
}

#[test]
fn a_party_reads_as_it_stands_at_the_time_of_the_block() {
    let mut town = Town::new();
    let [ana, ..] = ana_in_recovery(&mut town);
    let (party, id) = (kind("identity", "party").unwrap(), ana.id.to_string());
    let effective = town.party(ana).recovering.unwrap().effective;
    let (json, _) = described(party, &town, &id);
    assert_eq!(json["controllers"]["keys"], json!([ana.key]));
    assert_eq!(json["recovering"]["effective"], json!(effective));

    let stored = town.stored::<Party>(&id);
    town.time = effective;
    let (json, _) = described(party, &town, &id);
    assert_eq!(json["controllers"]["keys"], json!([key("new")]));
    assert_eq!(json["recovering"], Value::Null);
    assert_eq!(json["revoked"][0]["at"], json!(effective));
    assert_eq!(town.stored::<Party>(&id), stored, "nothing was written");
}

#[test]
fn a_suspended_party_can_be_recovered_and_made_active_again() {
    let mut town = Town::new();
    let regulator = town.institution("regulator", "regulator", "identity");
    let [ana, bo, cy] = ana_with_guardians(&mut town);
    town.does(set_status(ana, regulator, "suspended"), &[regulator.signs()]);
    let signers = [bo.signs(), cy.signs(), ana.signs_with(key("new"))];
    town.does(recover(ana, &["new"]), &signers);
    assert_eq!(town.refuses(object(ana), &[ana.signs()]), "party-not-active");
    town.passes(7 * DAY);
    assert_eq!(town.refuses(set_card(ana), &signers[2..]), "party-not-active");
    town.does(set_status(ana, regulator, "active"), &[regulator.signs()]);
    town.does(set_card(ana), &signers[2..]);
}

#[test]
fn lives_and_firms_end() {
    let mut town = Town::new();
    let civil = town.institution("civil", "civil-registrar", "identity");
    let company = town.institution("company", "company-registrar", "identity");
    let (ana, firm) = (town.person("Ana"), town.organisation("firm"));
    town.does(set_status(ana, civil, "deceased"), &[civil.signs()]);
    town.does(set_status(firm, company, "dissolved"), &[company.signs()]);
    assert_eq!(town.party(ana).status, Status::Deceased);
    assert_eq!(town.party(firm).status, Status::Dissolved);
    assert_eq!(town.refuses(set_card(ana), &[ana.signs()]), "party-not-active");
}

#[test]
fn an_attestation_holds_until_it_runs_out_or_is_taken_back() {
    let mut town = Town::new();
    let (bank, ana) = (attester(&mut town), town.person("Ana"));
    let statement = with(attest(bank, ana), "valid_until", town.in_ms(DAY));
    town.does(statement, &[bank.signs()]);
    let id = format!("{}.2026-1", bank.id);
    let stored = town.get::<Attestation>(&id).unwrap();
    assert!(stored.is_valid_at(town.time) && !stored.is_valid_at(town.time.plus_ms(DAY)));
    assert_eq!(stored.under, "bank-attester".parse().unwrap());

    let issued = stored.issued;
    town.does(revoke(bank), &[bank.signs()]);
    let revoked = town.get::<Attestation>(&id).unwrap();
    assert!(revoked.is_valid_at(issued) && !revoked.is_valid_at(town.time));
}

#[test]
fn kinship_is_proved_by_a_single_look() {
    let mut town = Town::new();
    let [registrar, ana, bea] = family(&mut town);
    let id = KinshipId { of: ana.id, relation: Relation::ParentOf, to: bea.id };
    assert_eq!(id.to_string().parse(), Ok(id));
    assert!(town.asks(|draft| kinship_in_force(draft, &id).is_some()));

    let correction = with(end(registrar, ana, "parent-of", bea), "correction", true);
    town.does(correction, &[registrar.signs()]);
    let kinship = town.get::<Kinship>(&id.to_string()).unwrap();
    assert!(!kinship.is_in_force_at(kinship.stated), "it never was so");
    town.does(state(registrar, bea, "parent-of", ana), &[registrar.signs()]);

    town.does(state(registrar, ana, "guardian-of", bea), &[registrar.signs()]);
    town.does(end(registrar, ana, "guardian-of", bea), &[registrar.signs()]);
    town.does(state(registrar, ana, "guardian-of", bea), &[registrar.signs()]);
    let id = KinshipId { relation: Relation::GuardianOf, ..id };
    assert_eq!(town.stored::<Kinship>(&id.to_string()).unwrap().version, 3);
}

fn resolve(town: &Town, actor: Actor) -> Value {
    let party = town.get::<Party>(&actor.id.to_string()).unwrap();
    did_document(&party, &town.genesis.ledger(), town.time)
}

#[test]
fn a_party_resolves_as_a_did() {
    let mut town = Town::new();
    let ana = town.person("Ana");
    let signers = [ana.signs(), ana.signs_with(key("phone"))];
    town.does(add_key(ana, "phone", "authentication"), &signers);
    let did = did(&town.genesis.ledger(), &ana.id);
    let resolved = resolve(&town, ana);
    let document = &resolved["didDocument"];
    assert_eq!(document["id"], did);
    assert_eq!(
        document["verificationMethod"][0],
        json!({
            "id": format!("{did}#{}", ana.key), "type": "JsonWebKey2020", "controller": did,
            "publicKeyJwk": { "kty": "OKP", "crv": "Ed25519", "x": ana.key },
        })
    );
    let (own, phone) = (format!("{did}#{}", ana.key), format!("{did}#{}", key("phone")));
    assert_eq!(document["authentication"], json!([own, phone]));
    assert_eq!(document["assertionMethod"], json!([own]));
    assert_eq!(document["capabilityInvocation"], json!([own]));
    assert_eq!(resolved["didDocumentMetadata"]["deactivated"], false);

    let signers = [ana.signs(), ana.signs_with(key("second"))];
    town.does(set_controllers(ana, &["Ana", "second"], 2), &signers);
    let document = &resolve(&town, ana)["didDocument"];
    assert_eq!(document["verificationMethod"].as_array().unwrap().len(), 3);
    assert_eq!(document["authentication"], json!([phone]), "no controller suffices alone");

    town.does(set_status(ana, ana, "revoked"), &signers);
    let resolved = resolve(&town, ana);
    assert_eq!(resolved["didDocumentMetadata"]["deactivated"], true);
    assert!(resolved["didDocument"].get("verificationMethod").is_none());
}

#[test]
fn a_did_follows_a_recovery_by_itself() {
    let mut town = Town::new();
    let [ana, ..] = ana_in_recovery(&mut town);
    let key_of = |town: &Town| {
        resolve(town, ana)["didDocument"]["verificationMethod"][0]["publicKeyJwk"]["x"].clone()
    };
    assert_eq!(key_of(&town), json!(ana.key));
    town.passes(7 * DAY);
    assert_eq!(key_of(&town), json!(key("new")));
    assert_ne!(town.genesis.ledger(), Hash::empty());
}
