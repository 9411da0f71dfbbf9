//! Random grants: thousands of actions on plans and instruments, many of them refused, after each of which the
//! invariants hold.

use std::collections::{BTreeMap, BTreeSet};

use chancery_registries::equity::numbers::Decimal;
use chancery_registries::equity::{
    CHUNK, CapTable, Event, Indexed, Instrument, IssuerIndex, StockPlan,
};
use chancery_registries::shape::AskedOfState;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{Actor, over_games};
use crate::company::{Company, with};

/// What somebody tries; the numbers choose among instruments, parties and amounts.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    what: u8,
    instrument: usize,
    party: usize,
    amount: u32,
    /// Whether everything is named as it should be.
    rightly: bool,
}

fn attempts() -> impl Strategy<Value = Attempt> {
    let choices = (0u8..15, any::<usize>(), 0usize..3, 1u32..60);
    (choices, proptest::bool::weighted(0.85)).prop_map(
        |((what, instrument, party, amount), rightly)| Attempt {
            what,
            instrument,
            party,
            amount,
            rightly,
        },
    )
}

struct Play {
    company: Company,
    people: [Actor; 3],
    numbers: u32,
    accepted: BTreeMap<&'static str, u32>,
}

const KINDS: [&str; 4] = ["rsu", "option-nso", "warrant", "note"];

impl Play {
    fn new() -> Self {
        let mut company = Company::new();
        let plan = json!({
            "plan": "pool", "name": "Pool", "classes": ["common"], "reserved": "200",
            "on_cancellation": "return-to-pool",
        });
        company.does(company.action("create-plan", plan), &[company.acme]);
        let people = [company.ana, company.bo, company.cy];
        Self { company, people, numbers: 0, accepted: BTreeMap::new() }
    }

    fn fresh(&mut self) -> String {
        self.numbers += 1;
        format!("i-{}", self.numbers)
    }

    /// Every instrument that there ever was.
    fn all(&self) -> Vec<Instrument> {
        let issuer = self.company.issuer();
        let part = |part| {
            let id = IssuerIndex::id_of(&issuer.issuer, Indexed::Instruments, part);
            self.company.town.get::<IssuerIndex>(&id).unwrap()
        };
        let parts = (0..issuer.instruments.div_ceil(CHUNK)).flat_map(|it| part(it).ids);
        parts.map(|id| self.company.town.get(&self.company.id(id.as_str())).unwrap()).collect()
    }

    fn tries(&mut self, attempt: &Attempt) {
        let all = self.all();
        let live: Vec<&Instrument> = all.iter().filter(|one| one.ended.is_none()).collect();
        let pool = if attempt.rightly { live } else { all.iter().collect() };
        let chosen = (!pool.is_empty()).then(|| pool[attempt.instrument % pool.len()].clone());
        let (name, actions, signers) = match &chosen {
            _ if attempt.what == 13 => self.split(attempt),
            Some(instrument) if attempt.what > 3 => {
                let (name, action, signers) = self.event(attempt, instrument, &all);
                (name, vec![action], signers)
            }
            _ => {
                let (name, action, signers) = self.issue(attempt);
                (name, vec![action], signers)
            }
        };
        let before = self.company.town.state.clone();
        match self.company.tries(&actions, &signers) {
            Ok(()) => {
                *self.accepted.entry(name).or_default() += 1;
                self.check(&all);
            }
            Err(_) => assert_eq!(before.0, self.company.town.state.0),
        }
    }

    fn issue(&mut self, attempt: &Attempt) -> (&'static str, Value, Vec<Actor>) {
        let (id, holder) = (self.fresh(), self.people[attempt.party]);
        let kind = KINDS[attempt.instrument % KINDS.len()];
        let fields = json!({
            "security": id, "kind": kind, "holder": holder.id, "amount": attempt.amount.to_string(),
        });
        let mut action = self.company.action("issue-instrument", fields);
        match kind {
            "note" => action["currency"] = json!("EUR"),
            "warrant" => action["class"] = json!("common"),
            _ => action["plan"] = json!("pool"),
        }
        ("issue", action, vec![self.company.acme, holder])
    }

    /// The class is split, and all its shares are reissued by it; the instruments for it are not.
    fn split(&mut self, attempt: &Attempt) -> (&'static str, Vec<Value>, Vec<Actor>) {
        let ratio = ["2:1", "1:2", "3:2"][attempt.party];
        let id = self.fresh();
        let mut actions = vec![self.company.split(&id, ratio)];
        let shares = self.company.securities("common");
        let mut successors = Vec::new();
        for one in shares.iter().filter(|one| one.ended.is_none()) {
            let (left, _) = one.quantity.get().times(ratio.parse().unwrap(), 0).unwrap();
            let into = (!left.is_zero()).then(|| self.fresh());
            successors.push((one.security.to_string(), into));
        }
        let named: Vec<(&str, Option<&str>)> =
            successors.iter().map(|(one, into)| (one.as_str(), into.as_deref())).collect();
        if !named.is_empty() {
            actions.push(self.company.succession(&named));
        }
        ("split", actions, vec![self.company.acme])
    }

    fn event(
        &mut self,
        attempt: &Attempt,
        instrument: &Instrument,
        all: &[Instrument],
    ) -> (&'static str, Value, Vec<Actor>) {
        let acme = self.company.acme;
        let holder = *self.people.iter().find(|one| one.id == instrument.holder).unwrap();
        let (first, second) = (self.fresh(), self.fresh());
        let part = attempt.amount.to_string().parse::<Decimal>().unwrap();
        let is_part = part < instrument.outstanding;
        let amount = if is_part { part } else { instrument.outstanding };
        let balance = |action: Value| match is_part {
            true => with(action, "balance", json!(second)),
            false => action,
        };
        let id = json!({ "security": instrument.security });
        let both = vec![acme, holder];
        match attempt.what {
            4..=6 => {
                let results = json!([{ "security": first, "quantity": amount }]);
                let action = self.company.action("exercise", id);
                let action = with(with(action, "amount", json!(amount)), "results", results);
                let action = match instrument.class {
                    None => with(action, "into", json!("common")),
                    Some(_) => action,
                };
                let is_note = instrument.currency.is_some();
                ("exercise", if is_note { balance(action) } else { action }, both)
            }
            7 | 8 => {
                let receiver = self.people[attempt.party];
                let results =
                    json!([{ "security": first, "holder": receiver.id, "amount": amount }]);
                let action = self.company.action("transfer-instrument", id);
                let action = balance(with(action, "results", results));
                ("transfer", action, vec![acme, holder, receiver])
            }
            9 | 10 => {
                let action =
                    with(self.company.action("cancel-instrument", id), "amount", json!(amount));
                ("cancel", balance(action), both)
            }
            11 => {
                let action =
                    with(self.company.action("retract-instrument", id), "reason", json!("so"));
                ("retract", action, both)
            }
            14 => {
                let fields = json!({ "instruments": [instrument.security] });
                ("split-instruments", self.company.action("split-instruments", fields), vec![acme])
            }
            _ => {
                let cancelled = all.iter().find(|one| {
                    let ended = one.ended.as_ref();
                    ended.is_some_and(|it| it.event == Event::Cancellation && it.returned.is_none())
                });
                let of = cancelled.unwrap_or(instrument);
                let fields = json!({
                    "plan": "pool", "security": of.security, "quantity": attempt.amount.to_string(),
                });
                ("return", self.company.action("return-to-pool", fields), vec![acme])
            }
        }
    }

    fn check(&self, before: &[Instrument]) {
        let all = self.all();
        let ids: BTreeSet<_> = all.iter().map(|one| &one.security).collect();
        assert_eq!(ids.len(), all.len(), "an id is used once");
        for (was, is) in before.iter().zip(&all) {
            assert_eq!(
                (&was.security, was.amount, was.holder),
                (&is.security, is.amount, is.holder)
            );
            let is_split = was.splits.len() < is.splits.len();
            assert!(is_split || is.outstanding <= was.outstanding, "only a split makes it more");
            if let Some(ended) = &was.ended {
                let now = is.ended.as_ref().unwrap();
                assert_eq!((ended.event, ended.quantity), (now.event, now.quantity));
            }
        }
        self.nothing_is_lost(&all);
        self.plan_agrees(&all);
    }

    /// Of each instrument: what was exercised, what an event took, what went on and what is outstanding
    /// are together what it was for, multiplied exactly by each split at its time.
    fn nothing_is_lost(&self, all: &[Instrument]) {
        for one in all {
            let mut left = one.amount.unwrap().get();
            let mut exercised = one.exercises.iter().peekable();
            for split in &one.splits {
                while let Some(made) = exercised.next_if(|made| made.at < split.at) {
                    left = left.minus(made.amount).unwrap();
                }
                assert_eq!(left, split.before, "{}", one.security);
                assert_eq!(left.times(split.ratio, 10), Some((split.after, true)));
                left = split.after;
            }
            let mut parts: Vec<Decimal> = exercised.map(|made| made.amount).collect();
            parts.push(one.outstanding);
            if let Some(ended) = &one.ended {
                if !matches!(ended.event, Event::Exercise | Event::Release | Event::Conversion) {
                    parts.push(ended.quantity);
                }
                let balance =
                    all.iter().find(|next| Some(&next.security) == ended.balance.as_ref());
                parts.extend(balance.map(|next| next.amount.unwrap().get()));
            }
            assert_eq!(sum(parts), left, "{}", one.security);
        }
    }

    /// A plan has granted what grants from it began with, and the cap table adds up.
    fn plan_agrees(&self, all: &[Instrument]) {
        let plan: StockPlan = self.company.town.get(&self.company.id("pool")).unwrap();
        let granted = all.iter().filter(|one| {
            let retracted = one.ended.as_ref().is_some_and(|it| it.event == Event::Retraction);
            one.plan.is_some() && one.origin.event == Event::Issuance && !retracted
        });
        let granted = sum(granted.map(|one| one.amount.unwrap().get()).collect());
        let splits = || {
            let counts = |one: &&Instrument| {
                let retracted = one.ended.as_ref().is_some_and(|it| it.event == Event::Retraction);
                one.plan.is_some() && !retracted
            };
            all.iter().filter(counts).flat_map(|one| &one.splits)
        };
        let before = sum(splits().map(|split| split.before).collect());
        let after = sum(splits().map(|split| split.after).collect());
        assert_eq!(plan.granted.plus(before), granted.plus(after));
        let available = plan.available().expect("grants never exceed the pool");
        let id = self.company.acme.id.to_string();
        let table = self.company.town.asks(|draft| CapTable::answer(draft, &id)).unwrap();
        let common = self.company.class_now("common");
        let now = |one: &Instrument| {
            let pending = one.splits_pending(&common).iter();
            pending.fold(one.outstanding, |left, split| left.times(split.ratio, 10).unwrap().0)
        };
        let rights = all.iter().filter(|one| one.currency.is_none()).map(now);
        let expected = table.issued.plus(sum(rights.collect())).unwrap().plus(available).unwrap();
        assert_eq!(table.fully_diluted, expected);
    }
}

fn sum(parts: Vec<Decimal>) -> Decimal {
    parts.into_iter().fold(Decimal::ZERO, |sum, part| sum.plus(part).unwrap())
}

#[test]
fn grants_are_conserved_and_never_exceed_their_pool() {
    let [accepted, kinds] = over_games(20, 160, file!(), attempts(), |attempts| {
        let mut play = Play::new();
        for attempt in &attempts {
            play.tries(attempt);
        }
        [play.accepted.values().copied().map(u64::from).sum(), play.accepted.len() as u64]
    });
    assert!(accepted > 20 * 20 && kinds > 20 * 4, "{accepted} accepted, of {kinds} kinds");
}
