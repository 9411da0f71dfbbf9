//! What becomes of records over the years.

use std::collections::BTreeSet;

use chancery_registries::access::Reader;
use chancery_registries::records::{self, ErasureReason, Record, RecordStatus};
use chancery_registries::shape::Described;
use chancery_registries::{RegisterName, kind};
use serde_json::json;

use crate::archive::Archive;
use crate::common::{DAY, actor, signed_by_exactly_its_signers};

const STORIES: &[fn()] = &[
    versions_follow_one_another_and_each_is_erased_by_itself,
    what_a_court_holds_is_erased_when_it_lets_go,
    a_court_has_a_record_erased,
];

#[test]
fn every_transition_needs_exactly_its_signers() {
    let done = signed_by_exactly_its_signers(records::REGISTER.name, STORIES);
    let actions: BTreeSet<_> =
        records::REGISTER.actions.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(done, actions, "each action is done in a story");
}

#[test]
fn versions_follow_one_another_and_each_is_erased_by_itself() {
    let mut archive = Archive::new();
    archive.does(archive.anchor("first"));
    archive.does(archive.replace("first", "second"));
    let (first, second) = (archive.record("first"), archive.record("second"));
    assert_eq!((first.version, second.version), (1, 2));
    assert_eq!(first.replaced_by, Some(second.commitment));
    assert_eq!(second.replaces, Some(first.commitment));
    assert_eq!(first.subjects, second.subjects);
    assert_eq!((first.schema.as_str(), second.schema.as_str()), ("transcript-1", "transcript-2"));

    archive.does(archive.erase("first", "retention-ended"));
    let first = archive.record("first");
    assert_eq!(first.erased.unwrap().reason, ErasureReason::RetentionEnded);
    assert_eq!(archive.status("second"), RecordStatus::Kept);
    // What was erased may have a version that follows.
    archive.does(archive.erase("second", "mistake"));
    archive.does(archive.replace("second", "third"));
    assert_eq!(archive.status("third"), RecordStatus::Kept);
    assert_eq!(archive.status("second"), RecordStatus::Erased);
}

#[test]
fn what_a_court_holds_is_erased_when_it_lets_go() {
    let mut archive = Archive::new();
    archive.does(archive.anchor("a"));
    archive.rules(archive.order("freeze", "O-1", "a"));
    assert_eq!(archive.refuses(archive.erase("a", "consent-withdrawn")), "frozen");
    let release = json!({
        "register": "authorities", "action": "release", "order": "O-1",
        "by": archive.court.id, "reference": "EDU 7/2026",
    });
    archive.rules(release);
    archive.does(archive.erase("a", "consent-withdrawn"));

    // Or when the time of the order is over.
    archive.does(archive.anchor("b"));
    archive.rules(archive.order("freeze", "O-2", "b"));
    archive.town.passes(30 * DAY);
    archive.does(archive.erase("b", "consent-withdrawn"));
}

#[test]
fn a_court_has_a_record_erased() {
    let mut archive = Archive::new();
    archive.does(archive.anchor("a"));
    archive.rules(archive.order("direct", "O-1", "a"));
    let mut erase = archive.erase("a", "court-order");
    erase["order"] = json!("O-1");
    archive.does(erase);
    let erased = archive.record("a").erased.unwrap();
    assert_eq!(erased.order.unwrap().as_str(), "O-1");
}

#[test]
fn keeper_subjects_and_overseers_read_it_and_nobody_else() {
    let mut archive = Archive::new();
    archive.does(archive.anchor("a"));
    let (kind, id) = (kind("records", "record").unwrap(), archive.id("a").to_string());
    let stored = archive.town.stored::<Record>(&id).unwrap();
    let bytes = serde_ipld_dagcbor::to_vec(&stored).unwrap();
    let reader = |party| Reader { party, only_register: None };
    let concerned = |party| reader(party).is_concerned(kind, &id, &[&bytes]);
    assert!(concerned(archive.university.id) && concerned(archive.ana.id));
    assert!(!concerned(actor("bo").id) && !concerned(archive.court.id));
    let oversees = |party| {
        archive.town.asks(|draft| {
            reader(party).oversees(draft, RegisterName::Records.register(), archive.town.time)
        })
    };
    assert!(oversees(archive.court.id) && !oversees(archive.university.id));
    assert!(Record::is_id(Record::EXAMPLE_ID) && Record::is_id(&id));
    for wrong in ["", "x.y", &id[1..], &id.to_uppercase(), &id.replace('.', "/")] {
        assert!(!Record::is_id(wrong), "{wrong}");
    }
}
