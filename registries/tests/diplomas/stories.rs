//! What becomes of credentials over the years.

use chancery_registries::diplomas::{Basis, CredentialStatus, HolderAnswer};
use serde_json::{Value, json};

use crate::campus::{Campus, with};
use crate::common::{DAY, Town, key};

/// Every story, to be told once more with a look at the signatures.
pub(crate) const STORIES: &[fn()] = &[
    a_class_graduates_in_one_batch,
    a_full_batch_fits_one_transition,
    an_award_and_its_transcript_are_issued_together,
    a_correction_leads_on_and_back,
    a_new_name_is_not_led_to_from_the_old_one,
    what_is_over_stays_over,
    the_day_of_the_award_counts_and_not_only_today,
    a_hundred_years_before_the_ledger,
    a_closed_university_acts_under_an_order,
    a_court_revokes_what_the_university_would_not,
    a_university_revokes_under_an_order_after_its_end,
    a_holder_says_whether_it_is_theirs,
    a_desk_signs_with_an_assertion_key,
];

#[test]
fn a_class_graduates_in_one_batch() {
    let mut campus = Campus::new();
    let (ana, bo) = (campus.ana, campus.bo);
    campus.does(campus.batch(&[("D-1", ana), ("D-2", bo)]), &[campus.university]);
    for (serial, holder) in [("D-1", ana), ("D-2", bo)] {
        let credential = campus.credential(serial);
        assert_eq!((credential.holder, credential.status), (holder.id, CredentialStatus::Current));
        assert_eq!(credential.under.as_str(), "university-university");
        assert_eq!(credential.programme.unwrap().as_str(), "bsc");
    }
    let size = campus.town.state.0.values().map(|value| value.len()).max().unwrap();
    assert!(size < 16 * 1024, "{size}");
}

#[test]
fn a_full_batch_fits_one_transition() {
    let campus = Campus::new();
    let serials: Vec<String> = (0..250).map(|n| format!("BSC-2026-{n:05}")).collect();
    let awards: Vec<_> = serials.iter().map(|serial| (serial.as_str(), campus.ana)).collect();
    let payload = campus.batch(&awards).to_string().len();
    // Payload and header of a transition, base64url, within 60 KiB.
    assert!((payload + 400) * 4 / 3 + 600 < 60 * 1024, "{payload}");
}

#[test]
fn an_award_and_its_transcript_are_issued_together() {
    let mut campus = Campus::new();
    let actions = [campus.award("D-1"), campus.transcript("T-1", "D-1")];
    campus.try_all(&actions, &[campus.university]).unwrap();
    assert_eq!(campus.credential("T-1").award.unwrap().as_str(), "D-1");
    // A transcript of somebody who is still studying belongs to nothing.
    let studying = with(campus.transcript("T-2", ""), "/award", Value::Null);
    campus.does(studying, &[campus.university]);
}

#[test]
fn a_correction_leads_on_and_back() {
    let mut campus = Campus::new();
    let first = campus.issues();
    let second = campus.corrects(&first);
    let third = campus.corrects(&second);
    let [first, second, third] = [first, second, third].map(|serial| campus.credential(&serial));
    assert_eq!(first.superseded.unwrap().by, Some(second.serial.clone()));
    assert_eq!(second.corrects, Some(first.serial));
    assert_eq!(second.superseded.unwrap().by, Some(third.serial.clone()));
    assert_eq!(third.corrects, Some(second.serial));
    assert_eq!(third.status, CredentialStatus::Current);
    assert_eq!((first.holder, third.corrections), (third.holder, 2));
}

#[test]
fn a_new_name_is_not_led_to_from_the_old_one() {
    let mut campus = Campus::new();
    let old = campus.issues();
    campus.does(campus.transcript("T-1", &old), &[campus.university]);
    campus.does(campus.reissue(&old, "N-1"), &[campus.university]);
    let transcript = with(campus.reissue("T-1", "N-2"), "/award", json!("N-1"));
    campus.does(transcript, &[campus.university]);

    let (before, after) = (campus.credential(&old), campus.credential("N-1"));
    assert_eq!(before.status, CredentialStatus::Superseded);
    assert_eq!((before.holder, before.awarded), (after.holder, after.awarded));
    // Neither object names the other, nor any hash that the other has.
    let (before, after) = (json!(before).to_string(), json!(after).to_string());
    assert!(!before.contains("N-1") && !after.contains(&old), "{before} {after}");
    assert!(!after.contains(&Campus::record(&old).to_string()));
    assert_eq!(campus.credential("N-2").award.unwrap().as_str(), "N-1");
    assert_eq!(campus.standing(&old).latest.status, CredentialStatus::Superseded);
    assert_eq!(campus.standing(&old).superseded_by, None);
}

#[test]
fn what_is_over_stays_over() {
    let mut campus = Campus::new();
    let serial = campus.issues();
    campus.revokes(&serial);
    // The number is used up, and the university may award the same anew under another.
    assert_eq!(campus.refuses(campus.award(&serial), &[campus.university]), "id-taken");
    let again = campus.issues();
    assert_eq!(campus.status(&serial), CredentialStatus::Revoked);
    assert_eq!(campus.status(&again), CredentialStatus::Current);
}

#[test]
fn the_day_of_the_award_counts_and_not_only_today() {
    let mut campus = Campus::new();
    let on =
        |campus: &Campus, serial: &str, day: Value| with(campus.award(serial), "/awarded", day);
    campus.accreditation("suspend");
    let (begin, university) = (campus.today(), campus.university);
    campus.town.passes(5 * DAY);
    campus.accreditation("reinstate");
    let end = campus.today();
    // The first and the last day of the suspension had a moment of accreditation each.
    campus.does(on(&campus, "D-1", json!(begin)), &[university]);
    campus.does(on(&campus, "D-2", json!(end)), &[university]);
    let within = on(&campus, "D-3", json!(campus.days_ago(1)));
    assert_eq!(campus.refuses(within, &[university]), "diploma-not-accredited-then");
    // Today it is accredited, and suspended later today the award of this morning stands.
    campus.does(on(&campus, "D-4", json!(end)), &[university]);
    campus.accreditation("suspend");
    assert_eq!(campus.refuses(campus.award("D-5"), &[university]), "not-accredited");
    assert!(campus.standing("D-4").stands);
}

#[test]
fn a_hundred_years_before_the_ledger() {
    let mut campus = Campus::new();
    let (town, university) = (&mut campus.town, campus.university);
    let mut grant = town.accreditation("since-1911", university, "university", "diplomas");
    grant["parameters"] = json!({ "recognised-since": "1911-10-01" });
    town.does(grant, &town.root_signs());
    campus.does(with(campus.award("D-1"), "/awarded", json!("1911-10-01")), &[university]);
    campus.does(with(campus.award("D-2"), "/awarded", json!("2025-12-31")), &[university]);
    let old = campus.credential("D-1");
    assert_eq!((old.under.as_str(), old.basis), ("since-1911", Basis::Recognised));
    campus.does(campus.award("D-3"), &[university]);
    assert_eq!(campus.credential("D-3").basis, Basis::InForce);
}

#[test]
fn a_closed_university_acts_under_an_order() {
    let mut campus = Campus::new();
    let university = campus.university;
    let serial = campus.issues();
    let day = campus.today();
    campus.accreditation("end");
    campus.town.passes(10 * DAY);
    let late = |campus: &Campus, order: Value| {
        with(with(campus.award("D-9"), "/awarded", json!(day)), "/order", order)
    };
    assert_eq!(campus.refuses(late(&campus, Value::Null), &[university]), "not-accredited");

    // About the programme, about the institution, or about the credential.
    let id = campus.id("bsc");
    campus.orders("O-1", "direct", campus.regulator, "diplomas/programme", &id);
    let action = with(late(&campus, json!("O-1")), "/programme", json!("bsc"));
    campus.does(action, &[university]);
    let court = campus.town.institution("high-court", "court", "identity");
    let party = university.id.to_string();
    campus.orders("O-2", "direct", court, "identity/party", &party);
    campus.does(with(late(&campus, json!("O-2")), "/serial", json!("D-10")), &[university]);
    let id = campus.id(&serial);
    campus.orders("O-3", "direct", campus.court, "diplomas/credential", &id);
    let correction = with(campus.correction(&serial, "D-11"), "/order", json!("O-3"));
    campus.does(with(correction, "/awarded", json!(day)), &[university]);

    // But nothing lets it award for a day on which it was not accredited.
    let yesterday = json!(campus.days_ago(1));
    let never = with(late(&campus, json!("O-2")), "/awarded", yesterday);
    assert_eq!(campus.refuses(never, &[university]), "diploma-not-accredited-then");
}

#[test]
fn a_court_revokes_what_the_university_would_not() {
    let mut campus = Campus::new();
    let serial = campus.issues();
    let id = campus.id(&serial);
    let court = campus.court;
    campus.orders("O", "direct", court, "diplomas/credential", &id);
    let ordered = with(campus.revocation(&serial, court), "/order", json!("O"));
    campus.does(with(ordered, "/reason", json!("ordered")), &[court]);
    let revoked = campus.credential(&serial).revoked.unwrap();
    assert_eq!((revoked.by, revoked.order.unwrap().as_str()), (court.id, "O"));
}

#[test]
fn a_university_revokes_under_an_order_after_its_end() {
    let mut campus = Campus::new();
    let serial = campus.issues();
    let id = campus.id(&serial);
    campus.accreditation("end");
    campus.orders("O", "direct", campus.regulator, "diplomas/credential", &id);
    let ordered = with(campus.revocation(&serial, campus.university), "/order", json!("O"));
    campus.does(ordered, &[campus.university]);
    // And closes its programmes without one.
    campus.does(campus.closing("bsc", campus.today()), &[campus.university]);
}

#[test]
fn a_holder_says_whether_it_is_theirs() {
    let mut campus = Campus::new();
    let serial = campus.issues();
    for (answer, said) in [
        ("accept", HolderAnswer::Accepted),
        ("decline", HolderAnswer::Declined),
        ("accept", HolderAnswer::Accepted),
    ] {
        campus.does(campus.answer(&serial, answer), &[campus.ana]);
        assert_eq!(campus.credential(&serial).answer.unwrap().answer, said);
        assert_eq!(campus.status(&serial), CredentialStatus::Current);
    }
}

#[test]
fn a_desk_signs_with_an_assertion_key() {
    let mut campus = Campus::new();
    let university = campus.university;
    let add = |name: &str, purpose: &str, register: &str| {
        json!({ "register": "identity", "action": "add-key", "party": university.id,
            "key": key(name), "purposes": [purpose], "only_register": register })
    };
    for (name, purpose, register) in [
        ("desk", "assertion", "diplomas"),
        ("door", "custody", "diplomas"),
        ("post", "assertion", "parcels"),
    ] {
        let new = university.signs_with(key(name));
        campus.town.does(add(name, purpose, register), &[university.signs(), new]);
    }
    let signs = |town: &mut Town, action: Value, name: &str| {
        let given = [university.signs_with(key(name))];
        town.try_all(&[action], &given).map_err(|rejection| rejection.code.name)
    };
    let action = campus.award("D-1");
    assert_eq!(signs(&mut campus.town, action.clone(), "door").unwrap_err(), "key-not-for-this");
    assert_eq!(signs(&mut campus.town, action.clone(), "post").unwrap_err(), "key-not-for-this");
    signs(&mut campus.town, action, "desk").unwrap();
}
