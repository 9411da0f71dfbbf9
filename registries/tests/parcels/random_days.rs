//! Random days: thousands of actions, most of them refused, after each of which the invariants hold.

use std::collections::BTreeMap;

use chancery_registries::parcels::{Container, Direction, Parcel, State};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{Actor, DAY, Memory, over_games};
use crate::post::{Post, s10};
use crate::statements::statement;

const PARCELS: u32 = 9;
const BAGS: [&str; 3] = ["106141412345678908", "000000000000000000", "340123450000000000"];
const STEPS: [&str; 7] = [
    "collected",
    "at-origin",
    "in-transit",
    "at-terminal",
    "out-for-delivery",
    "delivered",
    "returned",
];

/// What somebody tries; the numbers choose among parties, parcels, bags and steps.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    what: u8,
    parcel: u32,
    other: u32,
    step: usize,
    to: usize,
    /// Whether the releaser or the actor is the present custodian, as it should be.
    rightly: bool,
    days: u64,
}

fn attempts() -> impl Strategy<Value = Attempt> {
    let choices = (0u8..40, 1..=PARCELS, 1..=PARCELS, 0..STEPS.len());
    (choices, 0usize..10, any::<bool>(), 0u64..3).prop_map(
        |((what, parcel, other, step), to, rightly, days)| Attempt {
            what,
            parcel,
            other,
            step,
            to,
            rightly,
            days,
        },
    )
}

struct Play {
    post: Post,
    parties: Vec<Actor>,
    bags: Vec<String>,
    accepted: u32,
}

impl Play {
    fn new() -> Self {
        let mut post = Post::new();
        for serial in 1..=PARCELS / 2 {
            let action = post.registration(&s10(serial));
            post.does(action, &[post.ana, post.carrier]);
        }
        let Post {
            carrier,
            courier,
            hauler,
            origin,
            hub,
            terminal,
            ana,
            bo,
            customs,
            regulator,
            ..
        } = post;
        let parties =
            vec![carrier, courier, hauler, origin, hub, terminal, ana, bo, customs, regulator];
        let bags =
            BAGS.iter().filter(|bag| bag.parse::<chancery_registries::parcels::Sscc>().is_ok());
        Self { bags: bags.map(|bag| (*bag).to_owned()).collect(), post, parties, accepted: 0 }
    }

    fn parcel(&self, number: &str) -> Option<Parcel> {
        self.post.town.get(number)
    }

    fn holder(&self, number: &str) -> Option<Actor> {
        let custodian = self.parcel(number)?.custodian;
        self.parties.iter().find(|actor| actor.id == custodian).copied()
    }

    fn tries(&mut self, attempt: &Attempt) {
        let number = s10(attempt.parcel);
        let to = self.parties[attempt.to];
        let anyone = self.parties[attempt.parcel as usize];
        let holder = self.holder(&number).filter(|_| attempt.rightly).unwrap_or(anyone);
        let (action, signers) = self.action(attempt, &number, holder, to);
        let before = self.post.town.state.clone();
        if self.post.try_all(&[action], &signers).is_ok() {
            self.accepted += 1;
            self.check_step(&before, &number);
        } else {
            assert_eq!(before.0, self.post.town.state.0, "a rejected action changes nothing");
        }
        self.post.town.passes(attempt.days * DAY);
    }

    fn action(
        &self,
        attempt: &Attempt,
        number: &str,
        holder: Actor,
        to: Actor,
    ) -> (Value, Vec<Actor>) {
        let post = &self.post;
        let by = |reason: &str| json!({ "parcel": number, "by": holder.id, reason: "so it is" });
        match attempt.what {
            0 | 1 => (post.registration(number), vec![post.ana, post.carrier]),
            2..=8 | 21.. => self.handoff(attempt, number, holder, to),
            9 => (post.seen("report-damage", by("statement")), vec![holder]),
            10 => (post.seen("attempt-failed", by("reason")), vec![holder]),
            11 => (post.seen("refuse", by("reason")), vec![holder]),
            12 => (post.stated("return", by("reason")), vec![holder]),
            13 => (post.stated("declare-lost", by("reason")), vec![holder]),
            14 => {
                let fields = json!({ "parcel": number, "finder": to.id, "condition": "damaged",
                    "statement": "found so" });
                (post.seen("find", fields), vec![to])
            }
            15 => {
                let fields = json!({ "parcel": number, "by": post.customs.id, "kind": "customs",
                    "reference": "C", "until": post.town.in_ms(5 * DAY) });
                (post.stated("hold", fields), vec![post.customs])
            }
            16..=18 => self.with_a_bag(attempt, number, holder, to),
            20 => (statement(post, number, STEPS[attempt.step]), vec![post.carrier]),
            _ => {
                let corrects = self.parcel(number).map(|parcel| parcel.last.transition);
                let fields = json!({ "parcel": number, "by": holder.id,
                    "corrects": corrects.unwrap_or_default(), "statement": "so it was" });
                (post.stated("correct", fields), vec![holder])
            }
        }
    }

    fn with_a_bag(
        &self,
        attempt: &Attempt,
        number: &str,
        holder: Actor,
        to: Actor,
    ) -> (Value, Vec<Actor>) {
        let post = &self.post;
        let bag = &self.bags[attempt.step % self.bags.len()];
        let stands = post.town.get::<Container>(bag).is_some();
        match attempt.what {
            17 => {
                let fields = json!({ "container": bag, "by": holder.id });
                (post.seen("unpack", fields), vec![holder])
            }
            18 if stands => {
                let step = STEPS[attempt.step];
                (post.bag_handoff(bag, step, holder, to), vec![holder, to])
            }
            _ => {
                let mut parcels = vec![number.to_owned()];
                parcels.extend((attempt.parcel != attempt.other).then(|| s10(attempt.other)));
                (post.packing(bag, holder, &parcels), vec![holder])
            }
        }
    }

    /// Half of the handoffs take the step that comes next.
    fn handoff(
        &self,
        attempt: &Attempt,
        number: &str,
        holder: Actor,
        to: Actor,
    ) -> (Value, Vec<Actor>) {
        let post = &self.post;
        let next = self.parcel(number).and_then(|parcel| match (parcel.direction, parcel.state) {
            (Direction::Forward, State::Registered) => Some((0, post.courier)),
            (Direction::Forward, State::Collected) => Some((1, post.origin)),
            (Direction::Forward, State::AtOrigin) => Some((2, post.hauler)),
            (Direction::Forward, State::InTransit) => Some((3, post.terminal)),
            (_, State::AttemptFailed | State::Refused) => Some((3, post.terminal)),
            (Direction::Forward, State::AtTerminal) => Some((4, post.courier)),
            (Direction::Forward, State::OutForDelivery) => Some((5, post.bo)),
            (Direction::Return, State::AtTerminal) => Some((2, post.hauler)),
            (Direction::Return, State::InTransit) => Some((1, post.origin)),
            (Direction::Return, State::AtOrigin) => Some((4, post.courier)),
            (Direction::Return, State::Collected | State::OutForDelivery) => Some((6, post.ana)),
            _ => None,
        });
        let (step, to) =
            next.filter(|_| attempt.what.is_multiple_of(2)).unwrap_or((attempt.step, to));
        let condition =
            self.parcel(number).map_or(json!("sound"), |parcel| json!(parcel.condition));
        let mut action = post.handoff(number, STEPS[step], holder, to);
        action["of"]["parcel"]["condition"] = condition;
        let signers = if holder == to { vec![to] } else { vec![holder, to] };
        (action, signers)
    }

    /// Compares what an accepted action has changed with what stood before.
    fn check_step(&self, before: &Memory, number: &str) {
        for serial in 1..=PARCELS {
            let id = s10(serial);
            let Some(now) = self.parcel(&id) else { continue };
            let Some(was) = get_from(before, &id) else {
                assert_eq!((now.custodian, id.as_str()), (now.sender, number));
                continue;
            };
            if was.custodian == now.custodian {
                assert_eq!(was.since, now.since);
            } else {
                assert_eq!(now.last.from, Some(was.custodian), "no gap in the chain");
                assert_eq!(now.since, now.last.at);
            }
            if was.state.is_terminal() {
                assert_eq!((was.state, was.custodian), (now.state, now.custodian));
            }
            assert!(now.condition >= was.condition, "a condition never gets better");
        }
        self.check_bags();
    }

    fn check_bags(&self) {
        let mut inside = BTreeMap::new();
        for bag in &self.bags {
            let Some(container) = self.post.town.get::<Container>(bag) else { continue };
            for member in &container.members {
                let parcel = self.parcel(&member.to_string()).unwrap();
                assert_eq!(parcel.custodian, container.custodian);
                assert_eq!(parcel.container.as_ref(), Some(&container.number));
                assert!(inside.insert(member.clone(), bag).is_none(), "in two bags");
            }
        }
        for serial in 1..=PARCELS {
            let Some(parcel) = self.parcel(&s10(serial)) else { continue };
            assert_eq!(parcel.container.is_some(), inside.contains_key(&parcel.number));
        }
    }
}

fn get_from(memory: &Memory, id: &str) -> Option<Parcel> {
    let key = chancery_ledger::execution::state_key("parcels", "parcel", id);
    let bytes = memory.0.get(&key)?;
    let stored = chancery_ledger::execution::Stored::<Parcel>::decode(bytes).unwrap();
    Some(stored.value)
}

#[test]
fn one_custodian_no_gap_and_an_end_that_absorbs() {
    let [accepted] = over_games(24, 250, file!(), attempts(), |attempts| {
        let mut play = Play::new();
        for attempt in &attempts {
            play.tries(attempt);
        }
        [u64::from(play.accepted)]
    });
    assert!(accepted > 24 * 10, "{accepted} accepted");
}
