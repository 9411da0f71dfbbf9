//! Random years: thousands of actions, many of them refused, after each of which the invariants hold.

use std::collections::{BTreeMap, BTreeSet};

use chancery_registries::equity::numbers::Decimal;
use chancery_registries::equity::{Authorised, Event, Security};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{Actor, over_games};
use crate::company::{Company, with};

/// What somebody tries; the numbers choose among securities, parties and quantities.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    what: u8,
    security: usize,
    other: usize,
    party: usize,
    quantity: u32,
    /// Whether everything is named as it should be.
    rightly: bool,
}

fn attempts() -> impl Strategy<Value = Attempt> {
    let choices = (0u8..24, any::<usize>(), any::<usize>(), 0usize..3, 1u32..300);
    (choices, proptest::bool::weighted(0.8)).prop_map(
        |((what, security, other, party, quantity), rightly)| Attempt {
            what,
            security,
            other,
            party,
            quantity,
            rightly,
        },
    )
}

/// How many shares of each class there are, in how many securities.
type Sums = BTreeMap<&'static str, (Decimal, u64)>;

const CLASSES: [&str; 2] = ["common", "preferred"];

struct Play {
    company: Company,
    people: [Actor; 3],
    /// Every security as it stands now.
    all: Vec<Security>,
    /// Every id that was ever a security's.
    known: BTreeSet<String>,
    numbers: u32,
    accepted: BTreeMap<&'static str, u32>,
}

impl Play {
    fn new() -> Self {
        let mut company = Company::new();
        let acme = company.acme;
        company.does(company.ratio("common", "preferred", "1:2"), &[acme]);
        let right = with(company.ratio("preferred", "common", "2:1"), "class", json!("preferred"));
        company.does(right, &[acme]);
        let people = [company.ana, company.bo, company.cy];
        let mut play = Self {
            company,
            people,
            all: Vec::new(),
            known: BTreeSet::new(),
            numbers: 0,
            accepted: BTreeMap::new(),
        };
        for person in people {
            let id = play.fresh();
            play.company.issues(&id, person, "120");
            play.known.insert(id);
        }
        play.all = play.reads();
        play
    }

    fn fresh(&mut self) -> String {
        self.numbers += 1;
        format!("s-{}", self.numbers)
    }

    fn reads(&self) -> Vec<Security> {
        CLASSES.iter().flat_map(|class| self.company.securities(class)).collect()
    }

    fn actor(&self, security: &Security) -> Actor {
        *self.people.iter().find(|actor| actor.id == security.holder).unwrap()
    }

    fn tries(&mut self, attempt: &Attempt) {
        let all = self.all.clone();
        let live: Vec<&Security> = all.iter().filter(|one| one.ended.is_none()).collect();
        let pool: Vec<&Security> =
            if attempt.rightly && !live.is_empty() { live } else { all.iter().collect() };
        let security = pool[attempt.security % pool.len()];
        let other = pool[attempt.other % pool.len()];
        let (name, actions, signers) = self.action(attempt, security, other, &all);
        let before = self.company.town.state.clone();
        match self.company.tries(&actions, &signers) {
            Ok(()) => {
                *self.accepted.entry(name).or_default() += 1;
                self.all = self.reads();
                self.check(name, &all);
            }
            Err(_) => assert_eq!(before.0, self.company.town.state.0),
        }
    }

    fn action(
        &mut self,
        attempt: &Attempt,
        security: &Security,
        other: &Security,
        all: &[Security],
    ) -> (&'static str, Vec<Value>, Vec<Actor>) {
        let (acme, bank) = (self.company.acme, self.company.bank);
        let (holder, party) = (self.actor(security), self.people[attempt.party]);
        let id = security.security.to_string();
        let whole = security.quantity.to_string();
        let part = attempt.quantity.to_string();
        let is_part = part.parse::<Decimal>().unwrap() < security.quantity.get();
        let quantity = if is_part || !attempt.rightly { &part } else { &whole };
        let [first, second] = [self.fresh(), self.fresh()];
        let balance = if is_part { second.as_str() } else { "" };
        // Wrongly, an id is used again.
        let first = if attempt.rightly { first } else { other.security.to_string() };
        let company = &self.company;
        let both = vec![acme, holder];
        match attempt.what {
            0..=2 => {
                let class = json!(CLASSES[attempt.other % 2]);
                let issue = with(company.issue(&first, party, &part), "class", class);
                ("issue", vec![issue], vec![acme, party])
            }
            3..=7 => {
                let transfer = company.transfer(&id, &[(&first, party, quantity)], balance);
                ("transfer", vec![transfer], vec![holder, party])
            }
            8 => ("cancel", vec![company.take("cancel", &id, quantity, balance)], both),
            9 => ("repurchase", vec![company.take("repurchase", &id, quantity, balance)], both),
            10 => {
                let fields = json!({ "security": id, "reason": "so" });
                ("retract", vec![company.action("retract", fields)], both)
            }
            11 | 12 if is_part => {
                let left = security.quantity.get().minus(part.parse().unwrap()).unwrap();
                let results = [(first.as_str(), part.as_str()), (&second, &left.to_string())];
                ("reissue", vec![company.reissue(&[&id], &results)], both)
            }
            11..=13 => {
                let sum = security.quantity.plus(other.quantity).unwrap().to_string();
                let ids = [id.as_str(), other.security.as_str()];
                ("reissue", vec![company.reissue(&ids, &[(&first, &sum)])], both)
            }
            14..=16 => self.conversion(attempt, security, &first, &second, both),
            17 => ("pledge", vec![company.pledge(&id)], vec![holder, bank]),
            18 | 19 => {
                let release = company.action("release-pledge", json!({ "security": id }));
                ("release-pledge", vec![release], vec![bank])
            }
            20 => {
                let class = CLASSES[attempt.other % 2];
                let fields = json!({ "class": class, "authorised": part });
                let adjust = company.action("adjust-class-authorised", fields);
                ("adjust", vec![adjust], vec![acme])
            }
            21 => self.split(attempt, all),
            _ => {
                // Orders come and go; what they stop is in the tables.
                let more =
                    company.action("adjust-issuer-authorised", json!({ "authorised": "2000" }));
                ("adjust", vec![more], vec![acme])
            }
        }
    }

    fn conversion(
        &self,
        attempt: &Attempt,
        security: &Security,
        first: &str,
        second: &str,
        both: Vec<Actor>,
    ) -> (&'static str, Vec<Value>, Vec<Actor>) {
        let common = security.class.as_str() == "common";
        let into = if common { "preferred" } else { "common" };
        let amount = attempt.quantity / 2 * 2 + 2;
        let becomes = if common { amount / 2 } else { amount * 2 };
        let taken: Decimal = amount.to_string().parse().unwrap();
        let results = [(first, &*becomes.to_string())];
        let id = security.security.as_str();
        let convert = self.company.convert(id, &amount.to_string(), &results);
        let mut convert = with(convert, "into", json!(into));
        if taken < security.quantity.get() {
            convert["balance"] = json!(second);
        }
        ("convert", vec![convert], both)
    }

    /// Splits a class and reissues all of it, or tries to leave one out and goes on later.
    fn split(
        &mut self,
        attempt: &Attempt,
        all: &[Security],
    ) -> (&'static str, Vec<Value>, Vec<Actor>) {
        let ratio = ["2:1", "1:2", "3:2", "1:1"][attempt.party + usize::from(!attempt.rightly)];
        let open = self.company.class_now("common").open_split().cloned();
        let (split, ratio) = match &open {
            Some(open) => (open.split.to_string(), open.ratio.to_string()),
            None => (self.fresh(), ratio.to_owned()),
        };
        let rest = all.iter().filter(|one| {
            let made = one.origin.split.as_ref().is_some_and(|made| made.as_str() == split);
            one.ended.is_none() && one.class.as_str() == "common" && !made
        });
        let mut successors = Vec::new();
        let ratio_read = ratio.parse().unwrap();
        for one in rest {
            let (left, _) = one.quantity.get().times(ratio_read, 0).unwrap();
            let into = (!left.is_zero()).then(|| self.fresh());
            successors.push((one.security.to_string(), into));
        }
        if attempt.other.is_multiple_of(3) {
            successors.pop();
        }
        let borrowed: Vec<(&str, Option<&str>)> =
            successors.iter().map(|(one, into)| (one.as_str(), into.as_deref())).collect();
        let mut actions = Vec::new();
        if open.is_none() {
            actions.push(self.company.split(&split, &ratio));
        }
        if !borrowed.is_empty() {
            actions.push(self.company.succession(&borrowed));
        }
        ("split", actions, vec![self.company.acme])
    }

    fn check(&mut self, what: &str, all_before: &[Security]) {
        let (sums, before) = (sums(&self.all), sums(all_before));
        let mut issued = Decimal::ZERO;
        for class in CLASSES {
            let kept = self.company.class_now(class);
            let (held, live) = sums[class];
            assert_eq!(kept.issued, held, "the sum of holdings is what is issued");
            assert!(kept.authorised.allows(kept.issued), "issued never above authorised");
            assert_eq!(kept.live, live);
            issued = issued.plus(kept.issued).unwrap();
        }
        let issuer = self.company.issuer();
        assert_eq!(issuer.issued, issued);
        assert!(matches!(issuer.authorised, Authorised::Shares(most) if issued <= most));
        if ["transfer", "reissue", "pledge", "release-pledge", "adjust"].contains(&what) {
            let held = |sums: &Sums| CLASSES.map(|class| sums[class].0);
            assert_eq!(held(&sums), held(&before), "{what} makes no shares");
        }
        self.check_ids(all_before);
    }

    /// A security begins once, ends once, and changes in nothing but its pledge meanwhile.
    fn check_ids(&mut self, all_before: &[Security]) {
        let by_id = |one: &Security| (one.security.to_string(), one.clone());
        let now: BTreeMap<String, Security> = self.all.iter().map(by_id).collect();
        assert_eq!(now.len(), self.all.len(), "no id stands twice in the index");
        for was in all_before {
            let is = &now[was.security.as_str()];
            if was.ended.is_some() {
                assert_eq!(was, is, "what has ended does not change");
            }
            assert_eq!((was.holder, was.quantity), (is.holder, is.quantity));
            assert_eq!(was.origin, is.origin);
            if let (Some(ending), None, Some(_)) = (&is.ended, &was.ended, &was.pledge) {
                assert_eq!(ending.event, Event::Split, "pledged units stay put");
            }
        }
        let ids: BTreeSet<String> = now.into_keys().collect();
        assert!(ids.is_superset(&self.known), "no id is forgotten");
        self.known = ids;
    }
}

/// What the securities say, added up without asking the register.
fn sums(all: &[Security]) -> Sums {
    let mut sums = Sums::from(CLASSES.map(|class| (class, (Decimal::ZERO, 0))));
    for security in all.iter().filter(|security| security.ended.is_none()) {
        let (held, live) = sums.get_mut(security.class.as_str()).unwrap();
        *held = held.plus(security.quantity.get()).unwrap();
        *live += 1;
    }
    sums
}

#[test]
fn shares_are_conserved_and_ids_used_once() {
    let [accepted, kinds] = over_games(14, 220, file!(), attempts(), |attempts| {
        let mut play = Play::new();
        for attempt in &attempts {
            play.tries(attempt);
        }
        [play.accepted.values().copied().map(u64::from).sum(), play.accepted.len() as u64]
    });
    assert!(accepted > 14 * 20 && kinds > 14 * 4, "{accepted} accepted, of {kinds} kinds");
}
