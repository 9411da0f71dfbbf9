//! Random years: thousands of actions, many of them refused, after each of which the invariants hold.

use std::collections::BTreeMap;

use chancery_ledger::party::PartyId;
use chancery_registries::diplomas::{Credential, CredentialStatus};
use chancery_registries::text::Date;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::campus::{Campus, with};
use crate::common::{Actor, DAY, over_games};

/// Serial numbers that are tried: few, so that they collide.
const SERIALS: u32 = 60;

/// What somebody tries; the numbers choose among serial numbers, days and parties.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    what: u8,
    serial: u32,
    other: u32,
    days_ago: u64,
    /// Who signs: the university in most cases.
    signer: u8,
    days: u64,
}

fn attempts() -> impl Strategy<Value = Attempt> {
    (0u8..28, 0..SERIALS, 0..SERIALS, 0u64..60, 0u8..12, 0u64..4).prop_map(
        |(what, serial, other, days_ago, signer, days)| Attempt {
            what,
            serial,
            other,
            days_ago,
            signer,
            days,
        },
    )
}

/// What must never change of a credential once it is there.
type Fixed = (PartyId, Date, String, Option<String>);

struct Play {
    campus: Campus,
    /// Every credential with what it said when it was first seen, and the last status.
    seen: BTreeMap<String, (Fixed, CredentialStatus)>,
    /// Days on which the university was accredited at some moment, kept apart from the register.
    accredited_days: Vec<Date>,
    accredited: bool,
    /// Who came after whom, by a correction or an issue anew.
    successor: BTreeMap<String, String>,
    accepted: u32,
}

impl Play {
    fn new() -> Self {
        let mut campus = Campus::new();
        // What stands before the play begins: the 41 days since the accreditation.
        let accredited_days = (0..=40).map(|days| campus.days_ago(days)).collect();
        campus.orders("O", "direct", campus.regulator, "diplomas/programme", &campus.id("bsc"));
        Self {
            campus,
            seen: BTreeMap::new(),
            accredited_days,
            accredited: true,
            successor: BTreeMap::new(),
            accepted: 0,
        }
    }

    fn tries(&mut self, attempt: &Attempt) {
        let serial = format!("D-{}", attempt.serial);
        let other = format!("D-{}", attempt.other);
        let signer = match attempt.signer {
            0 => self.campus.rival,
            1 => self.campus.ana,
            _ => self.campus.university,
        };
        match attempt.what {
            // Most of the time the university is accredited.
            0 | 24..=27 => self.changes_accreditation(attempt.what == 0),
            _ => self.acts(attempt, &serial, &other, signer),
        }
        for _ in 0..attempt.days {
            self.campus.town.passes(DAY);
            if self.accredited {
                self.accredited_days.push(self.campus.today());
            }
        }
    }

    fn changes_accreditation(&mut self, suspend: bool) {
        if suspend == self.accredited {
            self.campus.accreditation(if suspend { "suspend" } else { "reinstate" });
            self.accredited = !suspend;
            self.accredited_days.push(self.campus.today());
        }
    }

    fn acts(&mut self, attempt: &Attempt, serial: &str, other: &str, signer: Actor) {
        let (action, replaces) = self.action(attempt, serial, other);
        let before = self.campus.town.state.0.clone();
        match self.campus.try_all(&[action], &[signer]) {
            Err(_) => assert_eq!(before, self.campus.town.state.0, "a refusal changes nothing"),
            Ok(_) => {
                self.accepted += 1;
                if replaces {
                    let twice = self.successor.insert(serial.to_owned(), other.to_owned());
                    assert_eq!(twice, None, "{serial} has two successors");
                }
                self.check();
            }
        }
    }

    /// The action, and whether it puts `other` in the place of `serial`.
    fn action(&self, attempt: &Attempt, serial: &str, other: &str) -> (Value, bool) {
        let campus = &self.campus;
        let day = json!(campus.days_ago(attempt.days_ago));
        // Serials differ in their records, but not between a credential and its successor's try.
        let on = |action: Value| with(action, "/awarded", day.clone());
        match attempt.what {
            1..=8 => (on(campus.award(serial)), false),
            9 => (on(campus.transcript(serial, other)), false),
            10 | 11 => {
                let awards = [(serial, campus.ana), (other, campus.bo)];
                (on(campus.batch(&awards)), false)
            }
            12 => {
                let action = with(on(campus.award(serial)), "/programme", json!("bsc"));
                (with(action, "/order", json!("O")), false)
            }
            13..=16 => (on(campus.correction(serial, other)), true),
            17..=19 => (campus.reissue(serial, other), true),
            20 | 21 => (campus.revocation(serial, campus.university), false),
            22 => (campus.answer(serial, "accept"), false),
            _ => (campus.answer(serial, "decline"), false),
        }
    }

    fn credentials(&self) -> impl Iterator<Item = Credential> {
        let get = |serial| self.campus.town.get(&self.campus.id(&format!("D-{serial}")));
        (0..SERIALS).filter_map(get)
    }

    fn check(&mut self) {
        let all: Vec<Credential> = self.credentials().collect();
        for credential in &all {
            self.check_one(credential);
        }
        for credential in &all {
            let serial = credential.serial.to_string();
            if let Some(next) = self.successor.get(&serial) {
                let next = self.campus.credential(next);
                assert_eq!(next.holder, credential.holder, "the holder of a chain is one");
                assert_eq!(credential.status, CredentialStatus::Superseded);
            }
            if let Some(by) = credential.superseded.as_ref().and_then(|it| it.by.clone()) {
                let next = self.campus.credential(by.as_str());
                assert_eq!(next.corrects, Some(credential.serial.clone()), "linked both ways");
            }
        }
    }

    fn check_one(&mut self, credential: &Credential) {
        let serial = credential.serial.to_string();
        assert!(
            self.accredited_days.contains(&credential.awarded),
            "{serial} was awarded on {} without accreditation",
            credential.awarded
        );
        let (ended, revoked) = (credential.superseded.is_some(), credential.revoked.is_some());
        assert_eq!(ended, credential.status == CredentialStatus::Superseded);
        assert_eq!(revoked, credential.status == CredentialStatus::Revoked);
        assert_eq!(ended, self.successor.contains_key(&serial), "superseded by something");
        let award = credential.award.as_ref().map(ToString::to_string);
        let record = credential.record.to_string();
        let fixed = (credential.holder, credential.awarded, record, award);
        let status = credential.status;
        let (before, last) = self.seen.entry(serial.clone()).or_insert((fixed.clone(), status));
        assert_eq!(*before, fixed, "{serial} says something else than when it was issued");
        if *last != CredentialStatus::Current {
            assert_eq!(*last, status, "{serial} has come back");
        }
        *last = status;
    }
}

#[test]
fn nothing_comes_back_and_nothing_is_issued_outside_an_accreditation() {
    let [accepted] = over_games(24, 250, file!(), attempts(), |attempts| {
        let mut play = Play::new();
        for attempt in &attempts {
            play.tries(attempt);
        }
        [u64::from(play.accepted)]
    });
    assert!(accepted > 24 * 20, "{accepted} accepted");
}
