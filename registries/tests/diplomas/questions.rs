//! What may be asked of a credential, and that the answers are true.

use chancery_registries::diplomas::{Basis, CredentialStatus, Held, Periods};
use chancery_registries::shape::AskedOfState;
use serde_json::json;

use crate::campus::{Campus, with};
use crate::common::DAY;

fn periods(campus: &Campus, serial: &str) -> Vec<(Option<String>, Option<String>)> {
    let id = campus.id(serial);
    let answer = campus.town.asks(|draft| Periods::answer(draft, &id)).unwrap();
    let text = |period: &chancery_registries::diplomas::Period| {
        let from = period.from.map(|from| from.to_string());
        let since = period.recognised_since.map(|since| since.to_string());
        (since.or(from), period.until.map(|until| until.to_string()))
    };
    answer.periods.iter().map(text).collect()
}

#[test]
fn a_current_one_stands() {
    let mut campus = Campus::new();
    let serial = campus.issues();
    let standing = campus.standing(&serial);
    assert!(standing.stands && !standing.frozen && standing.institution_accredited_now);
    assert_eq!(standing.status, CredentialStatus::Current);
    assert_eq!(standing.since, campus.credential(&serial).issued);
    assert_eq!(standing.latest.credential.serial.as_str(), serial);
    let accreditation = standing.accreditation;
    assert_eq!((accreditation.at_award, accreditation.now), (Basis::InForce, Held::InForce));
    let id = campus.id("D-9");
    let asked =
        campus.town.asks(|draft| chancery_registries::diplomas::Standing::answer(draft, &id));
    assert_eq!(asked, None);
}

#[test]
fn a_superseded_one_says_by_what() {
    let mut campus = Campus::new();
    let first = campus.issues();
    let second = campus.corrects(&first);
    let third = campus.corrects(&second);
    let standing = campus.standing(&first);
    assert!(!standing.stands);
    assert_eq!(standing.status, CredentialStatus::Superseded);
    assert_eq!(standing.since, campus.credential(&second).issued);
    assert_eq!(standing.superseded_by.unwrap().serial.as_str(), second);
    assert_eq!(standing.latest.credential.serial.as_str(), third);
    campus.revokes(&third);
    assert_eq!(campus.standing(&first).latest.status, CredentialStatus::Revoked);
}

#[test]
fn a_revoked_one_says_why_also_to_its_transcripts() {
    let mut campus = Campus::new();
    let award = campus.issues();
    campus.does(campus.transcript("T-1", &award), &[campus.university]);
    campus.revokes(&award);
    let standing = campus.standing(&award);
    let revoked = standing.revoked.unwrap();
    assert_eq!((standing.status, standing.since), (CredentialStatus::Revoked, revoked.at));
    assert_eq!(json!(revoked.reason), "obtained-by-deceit");
    let transcript = campus.standing("T-1");
    assert_eq!(transcript.award.unwrap().status, CredentialStatus::Revoked);
}

#[test]
fn a_frozen_one_does_not_stand_meanwhile() {
    let mut campus = Campus::new();
    let serial = campus.issues();
    let id = campus.id(&serial);
    campus.orders("F", "freeze", campus.court, "diplomas/credential", &id);
    let standing = campus.standing(&serial);
    assert!(standing.frozen && !standing.stands);
    assert_eq!(standing.status, CredentialStatus::Current);
    campus.town.passes(100 * DAY);
    assert!(campus.standing(&serial).stands);
}

#[test]
fn the_accreditation_then_and_now() {
    let mut campus = Campus::new();
    let serial = campus.issues();
    campus.accreditation("suspend");
    let standing = campus.standing(&serial);
    assert_eq!(standing.accreditation.now, Held::Suspended);
    assert_eq!(standing.accreditation.reason.unwrap().as_str(), "an inspection");
    assert!(standing.stands && !standing.institution_accredited_now);
    campus.accreditation("reinstate");
    assert_eq!(campus.standing(&serial).accreditation.now, Held::InForce);
    campus.accreditation("end");
    assert_eq!(campus.standing(&serial).accreditation.now, Held::Ended);

    // Accredited anew, it may issue again; the old credential stands under the old accreditation.
    let (town, university) = (&mut campus.town, campus.university);
    let mut grant = town.accreditation("again", university, "university", "diplomas");
    grant["valid_until"] = json!(town.in_ms(10 * DAY));
    town.does(grant, &town.root_signs());
    campus.town.passes(DAY);
    let again = campus.issues();
    assert_eq!(campus.credential(&again).under.as_str(), "again");
    let standing = campus.standing(&serial);
    assert!(standing.institution_accredited_now);
    assert_eq!(standing.accreditation.now, Held::Ended);
    campus.town.passes(20 * DAY);
    assert_eq!(campus.standing(&again).accreditation.now, Held::RunOut);
}

#[test]
fn the_periods_are_what_suspensions_leave() {
    let mut campus = Campus::new();
    let serial = campus.issues();
    let granted = "2026-01-01T00:00:02Z".to_owned();
    assert_eq!(periods(&campus, &serial), [(Some(granted.clone()), None)]);

    let suspended = campus.town.time.to_string();
    campus.accreditation("suspend");
    let until_then = (Some(granted), Some(suspended));
    assert_eq!(periods(&campus, &serial), std::slice::from_ref(&until_then));
    campus.town.passes(DAY);
    let reinstated = campus.town.time.to_string();
    campus.accreditation("reinstate");
    campus.town.passes(DAY);
    let ended = campus.town.time.to_string();
    campus.accreditation("end");
    let after = (Some(reinstated), Some(ended));
    assert_eq!(periods(&campus, &serial), [until_then.clone(), after.clone()]);

    let (town, university) = (&mut campus.town, campus.university);
    let mut grant = town.accreditation("again", university, "university", "diplomas");
    grant["parameters"] = json!({ "recognised-since": "1911-10-01" });
    let begins = town.time.to_string();
    town.does(grant, &town.root_signs());
    let recognised = (Some("1911-10-01".to_owned()), Some(begins.clone()));
    assert_eq!(periods(&campus, &serial), [until_then, after, recognised, (Some(begins), None)]);
}

/// The periods and the rule agree: whoever reads one can predict the other.
#[test]
fn an_award_is_taken_exactly_on_the_days_of_the_periods() {
    let mut campus = Campus::new();
    let serial = campus.issues();
    for change in ["suspend", "reinstate", "suspend", "reinstate"] {
        campus.town.passes(4 * DAY);
        campus.accreditation(change);
    }
    campus.town.passes(4 * DAY);
    let id = campus.id(&serial);
    let answer = campus.town.asks(|draft| Periods::answer(draft, &id)).unwrap();
    for days in 0..65 {
        let day = campus.days_ago(days);
        let touches = |period: &chancery_registries::diplomas::Period| {
            let from = chancery_registries::text::Date::of(period.from.unwrap());
            let until = period.until.map(chancery_registries::text::Date::of);
            from <= day && until.is_none_or(|until| day <= until)
        };
        let covered = answer.periods.iter().any(touches);
        let action = with(campus.award(&format!("X-{days}")), "/awarded", json!(day));
        let taken = campus.try_all(&[action], &[campus.university]).is_ok();
        assert_eq!(covered, taken, "{day}");
    }
}
