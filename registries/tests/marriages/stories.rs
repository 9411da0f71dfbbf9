//! Lives in the register: weddings, divorces, deaths, and what was void from the start.

use chancery_ledger::hash::Hash;
use chancery_registries::identity::Party;
use chancery_registries::marriages::{Capacity, CivilStatus, EventKind, Marriage, Standing, State};
use chancery_registries::shape::{AskedOfState, Described};
use serde_json::json;

use crate::common::{Actor, DAY};
use crate::office::{Office, with};

fn standing(office: &Office, marriage: &str) -> Standing {
    office.town.asks(|draft| Standing::answer(draft, marriage)).unwrap()
}

fn capacity(office: &Office, person: Actor) -> Option<Capacity> {
    let id = office.status_id(&person.id);
    office.town.asks(|draft| Capacity::answer(draft, &id))
}

/// Every story, to be told once more with a look at the signatures.
pub(crate) const STORIES: &[fn()] = &[
    two_marry_divorce_and_marry_others,
    a_marriage_from_elsewhere_is_recognised_with_its_document,
    a_court_divorces_and_directs_a_divorce,
    what_is_annulled_never_was_and_its_record_stays,
    what_has_ended_can_still_turn_out_to_be_void,
    death_ends_a_marriage_and_the_widow_may_marry_again,
    a_correction_links_what_it_corrects_and_changes_nothing_else,
    statements_are_true_and_leave_no_trace_in_the_state,
    a_device_states_what_its_person_is_but_does_not_marry_them,
    a_wedding_and_a_change_of_name_are_one_or_none,
    a_place_has_its_own_rules,
    a_wedding_is_on_a_day_of_its_own_place,
    a_full_record_stays_small,
];

#[test]
fn two_marry_divorce_and_marry_others() {
    let mut office = Office::new();
    let Office { ana, bo, cy, dee, registrar, .. } = office;
    assert_eq!(capacity(&office, ana), None, "who never married has no civil status here");
    let first = office.marries(ana, bo);
    let marriage = office.marriage(&first);
    assert_eq!((marriage.state, marriage.spouses), (State::InForce, [ana.id, bo.id]));
    assert_eq!(marriage.relations()[..2], [("spouse", ana.id), ("spouse", bo.id)]);
    assert_eq!(marriage.relations()[2..], [("registrar", registrar.id)]);
    let status = office.status(ana).unwrap();
    assert_eq!(status.married.unwrap().to_string(), first);
    assert_eq!(status.relations(), [("person", ana.id)]);
    assert!(standing(&office, &first).in_force);
    assert!(!capacity(&office, bo).unwrap().free_to_marry);

    office.town.passes(400 * DAY);
    // The other way round they are the same two.
    office.does(office.divorce(&first, bo, ana), &[registrar, bo, ana]);
    let marriage = office.marriage(&first);
    assert_eq!((marriage.state, marriage.events.len()), (State::Divorced, 2));
    assert_eq!(marriage.relations()[..2], [("former-spouse", ana.id), ("former-spouse", bo.id)]);
    let free = capacity(&office, ana).unwrap();
    assert_eq!((free.free_to_marry, free.earlier_marriages), (true, 1));

    // They may marry on the same day, others or each other.
    let second = office.marries(ana, cy);
    let third = office.marries(dee, bo);
    assert_ne!(second, third);
    assert_eq!(office.state(&first), State::Divorced);
    assert!(!standing(&office, &first).in_force);
}

#[test]
fn a_marriage_from_elsewhere_is_recognised_with_its_document() {
    let mut office = Office::new();
    let Office { ana, bo, cy, dee, registrar, court, .. } = office;
    let action = office.recognition(ana, bo);
    let id = action["marriage"].as_str().unwrap().to_owned();
    office.does(action, &[registrar, ana, bo]);
    let marriage = office.marriage(&id);
    assert_eq!(marriage.document, Some(Hash::of(&[b"certidao"])));
    assert_eq!((marriage.celebrated.to_string().as_str(), marriage.record), ("2010-05-05", None));
    assert_eq!(marriage.events[0].kind, EventKind::Recognised);

    // A court recognises what a registrar could not: one was seventeen, and that place allowed it.
    let action = with(office.recognition(cy, dee), "/spouses/0/born_by", json!("1992-06-01"));
    let action = with(action, "/record", json!(Hash::of(&[b"record"])));
    assert_eq!(office.refuses(action.clone(), &[registrar, cy, dee]), "marriage-under-age");
    let id = action["marriage"].as_str().unwrap().to_owned();
    let judgment = office.judgment();
    office.does(with(action, "/ground", judgment), &[court]);
    let marriage = office.marriage(&id);
    assert_eq!((marriage.by, marriage.under.as_str()), (court.id, "court-court"));
    assert!(marriage.relations().contains(&("court", court.id)));
    assert!(marriage.relations().iter().all(|(relation, _)| *relation != "registrar"));
    assert_eq!(marriage.events[0].reference.as_ref().unwrap().as_str(), "FAM 12/2026");
}

#[test]
fn a_court_divorces_and_directs_a_divorce() {
    let mut office = Office::new();
    let Office { ana, bo, cy, dee, registrar, court, .. } = office;
    let first = office.marries(ana, bo);
    let judgment = office.judgment();
    office.does(with(office.divorce(&first, ana, bo), "/ground", judgment), &[court]);
    assert_eq!(office.state(&first), State::Divorced);

    let second = office.marries(cy, dee);
    office.does(office.order("direct", court, ("marriage", &second)), &[court]);
    let ground = json!({ "direction": { "registrar": registrar.id, "order": "O-1" } });
    office.does(with(office.divorce(&second, cy, dee), "/ground", ground), &[registrar]);
    let marriage = office.marriage(&second);
    let last = marriage.events.last().unwrap();
    assert_eq!((marriage.state, last.by_court), (State::Divorced, false));
    assert_eq!(last.order.as_ref().unwrap().as_str(), "O-1");
}

#[test]
fn what_is_annulled_never_was_and_its_record_stays() {
    let mut office = Office::new();
    let Office { ana, bo, cy, court, registrar, .. } = office;
    let void = office.marries(ana, bo);
    office.town.passes(30 * DAY);
    office.does(office.annulment(&void, bo, ana), &[court]);
    let marriage = office.marriage(&void);
    assert_eq!((marriage.state, marriage.spouses), (State::Annulled, [ana.id, bo.id]));
    assert_eq!(marriage.events.len(), 2);
    let free = capacity(&office, ana).unwrap();
    assert_eq!((free.free_to_marry, free.free_since, free.earlier_marriages), (true, None, 0));

    // So a wedding abroad in those weeks stands in nobody's way.
    let action = with(office.recognition(ana, cy), "/celebrated", json!("2026-01-15"));
    office.does(action, &[registrar, ana, cy]);
}

#[test]
fn what_has_ended_can_still_turn_out_to_be_void() {
    let mut office = Office::new();
    let Office { ana, bo, court, registrar, .. } = office;
    let marriage = office.marries(ana, bo);
    office.does(office.divorce(&marriage, ana, bo), &[registrar, ana, bo]);
    let ended = office.marriage(&marriage).ended;
    let again = office.marries(ana, bo);
    office.does(office.annulment(&marriage, ana, bo), &[court]);
    assert_eq!(office.state(&marriage), State::Annulled);
    assert_eq!(office.marriage(&marriage).ended, ended);
    let status = office.status(bo).unwrap();
    assert_eq!(status.married.unwrap().to_string(), again, "the second is untouched");
    assert_eq!(status.past.len(), 1);
    assert_eq!(office.state(&again), State::InForce);
}

#[test]
fn death_ends_a_marriage_and_the_widow_may_marry_again() {
    let mut office = Office::new();
    let Office { ana, bo, cy, dee, registrar, .. } = office;
    let first = office.marries(ana, bo);
    office.town.passes(100 * DAY);
    office.dies(bo);
    let known = standing(&office, &first);
    assert_eq!((known.in_force, known.state), (false, State::InForce), "it is yet to be recorded");
    assert_eq!(known.deceased, [bo.id]);
    // The death and the next wedding are one transition.
    let death = with(office.death(&first, bo), "/document", json!(null));
    let wedding = with(office.wedding(ana, cy), "/celebrated", death["died"].clone());
    let second = wedding["marriage"].as_str().unwrap().to_owned();
    let signers = office.party_of(ana, cy);
    office.try_all(&[death, wedding], &signers).unwrap();
    assert_eq!(
        (office.state(&first), office.state(&second)),
        (State::EndedByDeath, State::InForce)
    );
    assert_eq!(office.marriage(&first).deceased, Some(bo.id));
    assert!(!office.is_married(bo));
    assert!(!capacity(&office, bo).unwrap().free_to_marry, "the dead do not marry");

    // A death abroad is shown by its document.
    let eva = office.town.person("Eva");
    let third = office.marries(dee, eva);
    office.does(office.death(&third, dee), &[registrar]);
    assert_eq!(standing(&office, &third).deceased, [dee.id]);
}

#[test]
fn a_correction_links_what_it_corrects_and_changes_nothing_else() {
    let mut office = Office::new();
    let Office { ana, bo, registrar, court, .. } = office;
    let id = office.marries(ana, bo);
    let before = office.marriage(&id);
    let record = Hash::of(&[b"as it should be"]);
    let action = with(office.correction(&id, registrar), "/record", json!(record));
    office.does(action, &[registrar]);
    let after = office.marriage(&id);
    let last = after.events.last().unwrap();
    assert_eq!(last.corrects, Some(before.events[0].transition));
    assert_eq!((last.record, last.kind), (Some(record), EventKind::Corrected));
    assert_eq!(Marriage { events: before.events.clone(), ..after.clone() }, before);
    // A court corrects as well, and a correction can itself be corrected, after the end too.
    office.does(office.divorce(&id, ana, bo), &[registrar, ana, bo]);
    office.does(office.correction(&id, court), &[court]);
    assert_eq!(office.marriage(&id).events.len(), 4);
}

#[test]
fn statements_are_true_and_leave_no_trace_in_the_state() {
    let mut office = Office::new();
    let Office { ana, bo, cy, court, .. } = office;
    let says = |office: &mut Office, action, who| assert!(office.does(action, &[who]).is_empty());
    let action = office.free(ana);
    says(&mut office, action, ana);
    office.marries(ana, bo);
    for (party, spouse) in [(ana, bo), (bo, ana)] {
        let action = office.married(party, spouse);
        says(&mut office, with(action, "/addressee", json!(court.id)), party);
    }
    let action = office.free(cy);
    says(&mut office, action, cy);
    assert_eq!(office.status(cy), None);
}

#[test]
fn a_device_states_what_its_person_is_but_does_not_marry_them() {
    let mut office = Office::new();
    let ana = office.ana;
    let phone = crate::common::key("Ana's phone");
    let add = json!({
        "register": "identity", "action": "add-key", "party": ana.id, "key": phone,
        "purposes": ["assertion"],
    });
    office.try_signed(&[add], &[ana.signs(), ana.signs_with(phone)]).unwrap();
    let action = office.free(ana);
    office.try_signed(&[action], &[ana.signs_with(phone)]).unwrap();
}

/// A change of the card on which a name stands.
fn new_card(person: Actor) -> serde_json::Value {
    let card = Hash::of(&[b"Ana of Bo's house"]);
    json!({ "register": "identity", "action": "set-card", "party": person.id, "card": card })
}

#[test]
fn a_wedding_and_a_change_of_name_are_one_or_none() {
    let mut office = Office::new();
    let Office { ana, bo, cy, dee, .. } = office;
    let signers = office.party_of(ana, bo);
    let before = office.town.state.0.clone();
    // Cy has not signed that her card changes: then nobody is married.
    let actions = [office.wedding(ana, bo), new_card(cy)];
    let refusal = office.try_all(&actions, &signers).unwrap_err();
    assert_eq!(
        (refusal.code.name, refusal.pointer.as_str()),
        ("signer-missing", "/payload/actions/1")
    );
    assert_eq!(office.town.state.0, before);
    // The wedding is refused: then nobody's card changes.
    office.marries(cy, dee);
    let before = office.town.state.0.clone();
    let signers = office.party_of(ana, cy);
    let actions = [new_card(ana), office.wedding(ana, cy)];
    let refusal = office.try_all(&actions, &signers).unwrap_err();
    assert_eq!(refusal.code.name, "marriage-party-married");
    assert_eq!(office.town.state.0, before);

    let signers = office.party_of(ana, bo);
    let actions = [office.wedding(ana, bo), new_card(ana)];
    office.try_all(&actions, &signers).unwrap();
    assert!(office.is_married(ana) && office.is_married(bo));
    let party: Party = office.town.get(&ana.id.to_string()).unwrap();
    assert_eq!(party.card, Some(Hash::of(&[b"Ana of Bo's house"])));
}

#[test]
fn a_place_has_its_own_rules() {
    let mut office = Office::new();
    let Office { ana, bo, .. } = office;
    let rules = json!({ "minimum-age": "16", "witnesses": "0" });
    let registrar = office.registrar_with("elsewhere", rules);
    let action = with(office.wedding(ana, bo), "/registrar", json!(registrar.id));
    let action = with(action, "/witnesses", json!([]));
    let action = with(action, "/spouses/0/born_by", json!("2010-01-01"));
    office.does(action, &[registrar, ana, bo]);
}

#[test]
fn a_wedding_is_on_a_day_of_its_own_place() {
    let mut office = Office::new();
    let Office { ana, bo, .. } = office;
    // It is noon in London and past midnight in Kiribati.
    office.town.passes(12 * 60 * 60 * 1000);
    let action = with(office.wedding(ana, bo), "/celebrated", json!("2026-01-02"));
    let signers = office.party_of(ana, bo);
    office.does(action, &signers);
}

#[test]
fn a_full_record_stays_small() {
    let mut office = Office::new();
    let Office { ana, bo, registrar, court, .. } = office;
    let id = office.marries(ana, bo);
    let wide = json!("大".repeat(200));
    for _ in 0..12 {
        let action = with(office.correction(&id, registrar), "/statement", wide.clone());
        office.does(with(action, "/record", json!(Hash::of(&[b"r"]))), &[registrar]);
    }
    let judgment = json!({ "judgment": { "court": court.id, "reference": wide } });
    let divorce = with(office.divorce(&id, ana, bo), "/ground", judgment.clone());
    office.does(divorce, &[court]);
    office.does(with(office.annulment(&id, ana, bo), "/ground", judgment), &[court]);
    let bytes = |key| office.town.state.0.get(&key).map(|bytes| bytes.len()).unwrap();
    let key = chancery_ledger::execution::state_key("marriages", "marriage", &id);
    assert!(bytes(key) < 16 * 1024, "{}", bytes(key));
    assert_eq!(office.marriage(&id).events.len(), 15);
    let status: CivilStatus = office.status(ana).unwrap();
    assert_eq!(status.past.len(), 1);
}
