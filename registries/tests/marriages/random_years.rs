//! Random years: thousands of actions, most of them refused, after each of which the invariants hold.

use std::collections::{BTreeMap, BTreeSet};

use chancery_registries::marriages::{Marriage, MarriageId, State};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{Actor, DAY, over_games};
use crate::office::{Office, with};

/// What somebody tries; the numbers choose among actions, people and marriages.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    what: u8,
    one: usize,
    other: usize,
    marriage: usize,
    /// Who signs besides or instead: mostly nobody.
    signs: u8,
    /// Whether the two are those of the marriage, as they should be.
    rightly: bool,
    days: u64,
}

fn attempts() -> impl Strategy<Value = Attempt> {
    (0u8..16, 0usize..6, 0usize..6, 0usize..64, 0u8..12, prop::bool::weighted(0.8), 0u64..3)
        .prop_map(|(what, one, other, marriage, signs, rightly, days)| Attempt {
            what,
            one,
            other,
            marriage,
            signs,
            rightly,
            days,
        })
}

struct Years {
    office: Office,
    people: [Actor; 6],
    marriages: Vec<String>,
    dead: BTreeSet<usize>,
    accepted: u32,
    refused: u32,
}

impl Years {
    fn new() -> Self {
        let mut office = Office::new();
        let Office { ana, bo, cy, dee, .. } = office;
        let people = [ana, bo, cy, dee, office.town.person("Eva"), office.town.person("Fu")];
        // Ana and Bo are siblings, and may never marry.
        office.kin(cy, "parent-of", ana);
        office.kin(cy, "parent-of", bo);
        Self {
            office,
            people,
            marriages: Vec::new(),
            dead: BTreeSet::new(),
            accepted: 0,
            refused: 0,
        }
    }

    /// The marriage that an attempt is about and, mostly, the two whose it is.
    fn couple(&self, attempt: &Attempt) -> (String, Actor, Actor) {
        let id = self.marriages.get(attempt.marriage % self.marriages.len().max(1));
        let id = id.cloned().unwrap_or_else(|| crate::office::random_id(999_999));
        let (one, other) = (self.people[attempt.one], self.people[attempt.other]);
        match self.office.town.get::<Marriage>(&id).filter(|_| attempt.rightly) {
            None => (id, one, other),
            Some(marriage) => {
                let [one, other] = marriage.spouses.map(|party| self.actor(&party));
                (id, one, other)
            }
        }
    }

    fn actor(&self, party: &chancery_ledger::party::PartyId) -> Actor {
        *self.people.iter().find(|actor| actor.id == *party).unwrap()
    }

    fn action(&mut self, attempt: &Attempt) -> (Value, Vec<Actor>) {
        let (one, other) = (self.people[attempt.one], self.people[attempt.other]);
        let (id, his, hers) = self.couple(attempt);
        let office = &mut self.office;
        let Office { registrar, court, .. } = *office;
        let today = json!(office.town.time.to_string()[..10]);
        match attempt.what {
            0..=4 => {
                let signers = office.party_of(one, other);
                (with(office.wedding(one, other), "/celebrated", today), signers)
            }
            5 => {
                let born = json!("1990-01-01");
                let action = with(office.recognition(one, other), "/spouses/0/born_by", born);
                let action = with(action, "/celebrated", today);
                let judgment = office.judgment();
                (with(action, "/ground", judgment), vec![court])
            }
            6 => (office.recognition(one, other), vec![registrar, one, other]),
            7..=9 => (office.divorce(&id, his, hers), vec![registrar, his, hers]),
            10 => {
                let judgment = office.judgment();
                (with(office.divorce(&id, his, hers), "/ground", judgment), vec![court])
            }
            11 => (office.annulment(&id, his, hers), vec![court]),
            12 => (office.death(&id, hers), vec![registrar]),
            13 if office.town.get::<Marriage>(&id).is_some() => {
                (office.correction(&id, registrar), vec![registrar])
            }
            14 => (office.free(one), vec![one]),
            _ => (office.married(his, hers), vec![his]),
        }
    }

    fn tries(&mut self, attempt: &Attempt) {
        let (action, mut signers) = self.action(attempt);
        match attempt.signs {
            0 => drop(signers.pop()),
            1 => signers.push(self.office.dee),
            2 => signers.rotate_left(1),
            _ => {}
        }
        let mut seen = BTreeSet::new();
        signers.retain(|signer| seen.insert(signer.id));
        let before = self.office.town.state.0.clone();
        let truth = self.truth();
        match self.office.try_all(std::slice::from_ref(&action), &signers) {
            Err(rejection) => {
                self.refused += 1;
                assert_ne!(rejection.code.name, "bad-action", "{rejection}");
                assert_eq!(before, self.office.town.state.0, "a rejected action changes nothing");
            }
            Ok(changes) => {
                self.accepted += 1;
                self.told_the_truth(&action, &truth);
                let spoken = action["action"].as_str().unwrap().starts_with("state-");
                assert_eq!(changes.is_empty(), spoken);
                if ["register", "recognise"].contains(&action["action"].as_str().unwrap()) {
                    self.marriages.push(action["marriage"].as_str().unwrap().to_owned());
                }
            }
        }
        // Now and then somebody dies, whom nobody asked.
        if attempt.what == 15 && attempt.days == 2 && self.dead.len() < 2 {
            let dead = attempt.one;
            if self.dead.insert(dead) {
                self.office.dies(self.people[dead]);
            }
        }
        self.office.town.passes(attempt.days * DAY);
    }

    /// Who is married to whom, from the marriages alone.
    fn truth(&self) -> BTreeMap<String, String> {
        let marriages = self.marriages.iter().map(|id| self.office.marriage(id));
        let in_force = marriages.filter(|marriage| marriage.state == State::InForce);
        in_force
            .flat_map(|marriage| {
                let [one, other] = marriage.spouses.map(|party| party.to_string());
                [(one.clone(), other.clone()), (other, one)]
            })
            .collect()
    }

    fn told_the_truth(&self, action: &Value, truth: &BTreeMap<String, String>) {
        let party = action["party"].as_str();
        match action["action"].as_str().unwrap() {
            "state-free-to-marry" => assert!(!truth.contains_key(party.unwrap())),
            "state-married" => {
                assert_eq!(truth.get(party.unwrap()).unwrap(), action["spouse"].as_str().unwrap());
            }
            _ => {}
        }
    }

    /// Holds what stands now against what was seen of each marriage before.
    fn check(&self, ended: &mut BTreeMap<MarriageId, State>) {
        let marriages: Vec<Marriage> =
            self.marriages.iter().map(|id| self.office.marriage(id)).collect();
        let siblings = [self.office.ana.id, self.office.bo.id];
        for marriage in &marriages {
            let decided = marriage.events[0].by_court;
            assert!(decided || !marriage.is_between(&siblings), "siblings are married");
            assert_eq!(marriage.ended.is_some(), marriage.state != State::InForce);
            if let Some(was) = ended.get(&marriage.marriage) {
                let now = marriage.state;
                assert!(now == State::Annulled || now == *was, "{was} became {now}");
            }
            if marriage.state != State::InForce {
                ended.insert(marriage.marriage, marriage.state);
            }
        }
        for person in self.people {
            self.check_person(person, &marriages);
        }
    }

    fn check_person(&self, person: Actor, marriages: &[Marriage]) {
        let mine: Vec<_> = marriages.iter().filter(|marriage| marriage.is_of(&person.id)).collect();
        let in_force = mine.iter().filter(|marriage| marriage.state == State::InForce);
        let in_force: Vec<_> = in_force.map(|marriage| marriage.marriage).collect();
        assert!(in_force.len() < 2, "{} is married twice", person.id);
        let Some(status) = self.office.status(person) else { return assert!(mine.is_empty()) };
        assert_eq!(status.married, in_force.first().copied(), "both sides agree");
        let past: BTreeMap<_, _> =
            status.past.iter().map(|past| (past.marriage, past.state)).collect();
        let ended = mine.iter().filter(|marriage| marriage.state != State::InForce);
        let ended: BTreeMap<_, _> =
            ended.map(|marriage| (marriage.marriage, marriage.state)).collect();
        assert_eq!((past.len(), past), (status.past.len(), ended), "no record is lost");
    }
}

#[test]
fn one_spouse_at_a_time_and_no_end_is_undone() {
    let [accepted, refused] = over_games(16, 200, file!(), attempts(), |attempts| {
        let mut years = Years::new();
        let mut ended = BTreeMap::new();
        for attempt in &attempts {
            years.tries(attempt);
            years.check(&mut ended);
        }
        [years.accepted, years.refused].map(u64::from)
    });
    assert!(accepted > 16 * 5 && refused > 16 * 5, "{accepted} accepted, {refused} refused");
}
