//! Random actions, legal and not: whatever happens, the invariants hold after every step.

use std::collections::BTreeMap;

use chancery_ledger::execution::{Object, Stored, state_key};
use chancery_ledger::party::PartyId;
use chancery_registries::artworks::{Impression, Licence, Status, Work};
use chancery_registries::authorities::FreezeIndex;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{Actor, DAY, Memory, over_games};
use crate::gallery::{Gallery, act, condition, description, hash};

const WORKS: [&str; 4] = ["r-1", "r-2", "r-3", "r-4"];
const EDITIONS: [&str; 4] = ["1/2", "2/2", "AP 1/1", "unique"];
const SCOPES: [&str; 3] = ["reproduction", "online", "merchandise"];
const TERRITORIES: [&str; 4] = ["world", "FR", "DE", "JP"];
const ACTIONS: usize = 24;

/// One try: an action, about what, by whom.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    what: usize,
    work: usize,
    edition: usize,
    from: usize,
    to: usize,
    right: bool,
    flag: bool,
    number: usize,
}

fn attempts() -> impl Strategy<Value = Attempt> {
    let who = 0..4usize;
    (
        0..ACTIONS,
        0..WORKS.len(),
        0..EDITIONS.len(),
        who.clone(),
        who,
        any::<[bool; 3]>(),
        0..64usize,
    )
        .prop_map(|(what, work, edition, from, to, [right, right_too, flag], number)| {
            Attempt { what, work, edition, from, to, right: right || right_too, flag, number }
        })
}

struct Play {
    gallery: Gallery,
    accepted: BTreeMap<usize, u32>,
    serial: u32,
}

impl Play {
    fn new() -> Self {
        Self { gallery: Gallery::new(), accepted: BTreeMap::new(), serial: 0 }
    }

    fn work(&self, id: &str) -> Option<Work> {
        self.gallery.town.get(id)
    }

    fn actor(&self, index: usize) -> Actor {
        [self.gallery.ana, self.gallery.bo, self.gallery.museum, self.gallery.dealer][index]
    }

    fn actor_of(&self, id: PartyId) -> Actor {
        (0..4).map(|index| self.actor(index)).find(|actor| actor.id == id).unwrap()
    }

    fn tries(&mut self, attempt: &Attempt) {
        self.serial += 1;
        let before = self.gallery.town.state.clone();
        let (action, signers) = self.action(attempt);
        match self.gallery.tries(&[action], &signers) {
            Ok(()) => {
                *self.accepted.entry(attempt.what).or_default() += 1;
                self.check_step(&before, attempt);
            }
            Err(_) => assert!(before.0 == self.gallery.town.state.0, "a refusal leaves nothing"),
        }
        self.gallery.town.passes(DAY / 8);
        self.check_state();
    }

    /// The action and its signers: where `right`, those whom the register expects.
    fn action(&self, attempt: &Attempt) -> (Value, Vec<Actor>) {
        let id = WORKS[attempt.work];
        let (mut from, to) = (self.actor(attempt.from), self.actor(attempt.to));
        let work = self.work(id);
        let owner = work.as_ref().map_or(from, |work| self.actor_of(work.owner));
        let keeper = work.as_ref().and_then(Work::custodian).map_or(from, |id| self.actor_of(id));
        let by_owner = matches!(attempt.what, 2..=4);
        if attempt.right {
            from = if by_owner { owner } else { keeper };
        }
        let all = |actors: &[Actor]| {
            let mut signers: Vec<Actor> = Vec::new();
            for actor in actors {
                if !signers.contains(actor) {
                    signers.push(*actor);
                }
            }
            signers
        };
        let gallery = &self.gallery;
        let (expert, court) = (gallery.expert, gallery.court);
        let passage = |name: &str| {
            act(
                name,
                json!({
                    "work": id, "owner": owner.id, "from": from.id, "to": to.id,
                    "condition": condition(),
                }),
            )
        };
        match attempt.what {
            0 | 1 => (self.registration(attempt, from, to), all(&[from, to, expert])),
            2 | 3 => {
                let name = if attempt.what == 2 { "sell" } else { "give" };
                let fields = json!({ "work": id, "from": from.id, "to": to.id,
                    "with_custody": attempt.flag });
                (act(name, fields), all(&[from, to]))
            }
            4 => {
                let fields = json!({ "work": id, "from": from.id, "to": to.id });
                (act("restitute", fields), all(&[from, to]))
            }
            5 => (passage("hand-over"), all(&[owner, from, to])),
            6 => (passage("consign"), all(&[owner, from, to])),
            7 | 8 => {
                let mut loan = passage("lend");
                loan["returns_by"] = json!("2027-12-31");
                (loan, all(&[owner, from, to]))
            }
            9 | 10 => {
                let lender = work.as_ref().and_then(|work| work.custody.as_ref()?.from);
                let to = lender.filter(|_| attempt.right).map_or(to, |id| self.actor_of(id));
                let fields = json!({ "work": id, "from": from.id, "to": to.id,
                    "condition": condition() });
                (act("return", fields), all(&[from, to]))
            }
            11 => (
                act(
                    "move",
                    json!({ "work": id, "by": from.id, "place": format!("Room {}", attempt.number) }),
                ),
                vec![from],
            ),
            12 => {
                let by = if attempt.flag { owner } else { from };
                let fields = json!({ "work": id, "by": by.id, "circumstances": "At night",
                    "reference": "P 1" });
                (act("report-theft", fields), vec![by])
            }
            13 | 14 => {
                let fields = json!({ "work": id, "owner": owner.id, "to": to.id,
                    "condition": condition() });
                (act("recover", fields), all(&[owner, to]))
            }
            15 if attempt.number < 8 => {
                let fields = json!({ "work": id, "by": from.id, "assessor": expert.id,
                    "cause": "Fire", "report": hash("r") });
                (act("destroy", fields), all(&[from, expert]))
            }
            15 | 16 => {
                let fields = json!({ "work": id, "dispute": format!("d-{}", attempt.number % 3),
                    "claimant": to.id, "by": expert.id, "grounds": "It is mine" });
                (act("dispute", fields), all(&[to, expert]))
            }
            17 | 18 => {
                let open = work.as_ref().and_then(|work| work.disputes.first());
                let open = open.map_or("d-0", |dispute| dispute.dispute.as_str());
                let fields = json!({ "work": id, "dispute": open, "by": court.id,
                    "reference": "C 1" });
                (act("settle", fields), vec![court])
            }
            19 => {
                let mut freeze = gallery.freeze("work", id);
                freeze["order"] = json!(format!("f-{}", self.serial));
                (freeze, vec![court])
            }
            20..=22 => self.licensing(attempt, to),
            _ => {
                let licence = format!("l-{}", attempt.number);
                let held: Option<Licence> = gallery.town.get(&licence);
                let by = held.map_or(to, |held| self.actor_of(held.licensee));
                (act("end-licence", json!({ "licence": licence, "by": by.id })), vec![by])
            }
        }
    }

    fn registration(&self, attempt: &Attempt, owner: Actor, custodian: Actor) -> Value {
        let edition = EDITIONS[attempt.edition];
        let conception = if attempt.flag { "one" } else { "two" };
        act(
            "register",
            json!({
                "work": WORKS[attempt.work], "owner": owner.id, "custodian": custodian.id,
                "examiner": self.gallery.expert.id, "description": description(),
                "record": hash("r"), "fingerprint": hash(conception), "edition": edition,
                "condition": condition(),
            }),
        )
    }

    /// Licences are of the gallery's own painting, whose rights the artist holds.
    fn licensing(&self, attempt: &Attempt, to: Actor) -> (Value, Vec<Actor>) {
        let mut licence = self.gallery.licence(&format!("l-{}", attempt.number), to, attempt.flag);
        licence["scopes"] = json!([SCOPES[attempt.edition % SCOPES.len()]]);
        licence["territories"] = json!([TERRITORIES[attempt.work]]);
        let begins = self.gallery.town.time.plus_ms((attempt.from as u64) * 4 * DAY);
        licence["from"] = json!(begins);
        licence["until"] = json!(begins.plus_ms(3 * DAY));
        (licence, vec![self.gallery.artist, to])
    }

    /// Compares what an accepted action has changed with what stood before.
    fn check_step(&self, before: &Memory, attempt: &Attempt) {
        for id in WORKS {
            let (Some(was), Some(now)) = (read::<Work>(before, id), self.work(id)) else {
                continue;
            };
            assert_eq!((was.fingerprint, was.edition), (now.fingerprint, now.edition));
            let frozen = is_frozen(before, &self.gallery, id);
            let flagged = was.status != Status::Standing || !was.disputes.is_empty() || frozen;
            let moved = was.place != now.place && now.status != Status::Stolen;
            let passed = was.custodian() != now.custodian() && now.custodian().is_some();
            let title = was.owner != now.owner;
            // Recovery and restitution are what ends a flag; nothing else moves a flagged work.
            let ends_a_flag = matches!(attempt.what, 4 | 13 | 14);
            if flagged && !ends_a_flag {
                assert!(
                    !title && !passed && (!moved || now.status == Status::Destroyed),
                    "{attempt:?}"
                );
            }
            assert!(!(frozen && (title || passed)), "a frozen work stays as it is: {attempt:?}");
            if was.status != now.status {
                assert!(!title, "theft, recovery and destruction leave title alone");
            }
            if was.status == Status::Destroyed {
                assert_eq!(was.events, now.events - u32::from(was.disputes != now.disputes));
            }
        }
    }

    fn check_state(&self) {
        let mut live = BTreeMap::new();
        for id in WORKS {
            let Some(work) = self.work(id) else { continue };
            assert_eq!(work.custody.is_some(), work.status == Status::Standing, "{id}");
            assert_eq!(work.theft.is_some(), work.status == Status::Stolen, "{id}");
            let impression = Impression::id_of(&work.fingerprint, work.edition);
            if work.status != Status::Destroyed {
                assert_eq!(live.insert(impression.clone(), id), None, "two live records");
                let index: Impression = self.gallery.town.get(&impression).unwrap();
                assert!(index.live && index.work == work.work);
            }
        }
        let now = self.gallery.town.time;
        let licences = (0..64).filter_map(|n| self.gallery.town.get::<Licence>(&format!("l-{n}")));
        let exclusive: Vec<Licence> = licences
            .filter(|licence| licence.exclusive && licence.ended.is_none())
            .filter(|licence| licence.until.is_none_or(|until| now < until))
            .collect();
        for (index, one) in exclusive.iter().enumerate() {
            for other in &exclusive[index + 1..] {
                let same_scope = one.scopes.iter().any(|scope| other.scopes.contains(scope));
                let same_place = one
                    .territories
                    .iter()
                    .any(|place| other.territories.iter().any(|there| place.overlaps(there)));
                let (ends, other_ends) = (one.until.unwrap(), other.until.unwrap());
                let same_time = one.from < other_ends && other.from < ends;
                assert!(!(same_scope && same_place && same_time), "{one:?} {other:?}");
            }
        }
    }
}

fn read<T: Object>(memory: &Memory, id: &str) -> Option<T> {
    let bytes = memory.0.get(&state_key(T::REGISTER, T::KIND, id))?;
    Some(Stored::<T>::decode(bytes).unwrap().value)
}

fn is_frozen(memory: &Memory, gallery: &Gallery, id: &str) -> bool {
    let index: Option<FreezeIndex> = read(memory, &state_key("artworks", "work", id).to_string());
    // The clock went on by a second with the action.
    let then = gallery.town.time.as_ms() - 1000;
    index.is_some_and(|index| index.freezes.iter().any(|freeze| then < freeze.until.as_ms()))
}

#[test]
fn flagged_works_stay_and_exclusive_licences_do_not_overlap() {
    let [accepted, kinds] = over_games(12, 300, file!(), attempts(), |attempts| {
        let mut play = Play::new();
        for attempt in &attempts {
            play.tries(attempt);
        }
        [play.accepted.values().copied().map(u64::from).sum(), play.accepted.len() as u64]
    });
    assert!(accepted > 12 * 40 && kinds > 12 * 9, "{accepted} accepted, of {kinds} kinds");
}
