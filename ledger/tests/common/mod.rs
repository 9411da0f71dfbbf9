//! A ledger with one small register, to test the ledger without the real ones.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use chancery_ledger::chain::{Chain, Offer, Opened};
use chancery_ledger::code::{self, Code, Rejection};
use chancery_ledger::consensus::Solo;
use chancery_ledger::disk::{Disk, Memory};
use chancery_ledger::error::Error;
use chancery_ledger::execution::{Application, Draft, Object, State};
use chancery_ledger::genesis::{Consensus, Genesis, RootAuthority, Statement};
use chancery_ledger::key::SecretKey;
use chancery_ledger::seal::{Pool, Pools, Term, Validator};
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Admission, KeyCache, Payload, Signing};
use serde::{Deserialize, Serialize};

/// A register of boxes: who put one down may fill it again, and it holds no more than it held.
pub struct Boxes;

#[derive(Serialize, Deserialize, Clone, Debug)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
pub enum BoxAction {
    Fill {
        name: String,
        level: u64,
    },
    /// Takes from a box; fails when there is not enough.
    Take {
        name: String,
        amount: u64,
    },
    /// Names the next pool, whatever is named already.
    Appoint {
        next: Term,
    },
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Crate {
    pub name: String,
    pub level: u64,
    pub by: String,
}

impl Object for Crate {
    const REGISTER: &'static str = "boxes";
    const KIND: &'static str = "box";

    fn id(&self) -> String {
        self.name.clone()
    }
}

pub static NOT_ENOUGH: Code = Code::rule("not-enough", "Not enough.", "Take less.");
pub static NOT_YOURS: Code = Code::rule("not-yours", "Not yours.", "Ask the owner.");

impl Application for Boxes {
    type Action = BoxAction;

    fn parse(&self, action: &str) -> Result<BoxAction, Rejection> {
        serde_json::from_str(action).map_err(|error| code::BAD_ACTION.because(error.to_string()))
    }

    fn found(&self, draft: &mut Draft<'_>) {
        draft.put(&Crate { name: "first".into(), level: 100, by: String::new() });
    }

    fn apply(&self, draft: &mut Draft<'_>, action: &BoxAction) -> Result<(), Rejection> {
        let by = draft.context().signers[0].party.to_string();
        draft.rely_on(0);
        if let BoxAction::Appoint { next } = action {
            let height = draft.context().height;
            let founded = || Pools::founded(draft.context().genesis.pool().unwrap());
            let pools = draft.get::<Pools>(Pools::ID).unwrap_or_else(founded);
            let in_force = pools.at(height).clone();
            draft.put(&Pools { in_force, next: Some(next.clone()) });
            return Ok(());
        }
        let (BoxAction::Fill { name, .. } | BoxAction::Take { name, .. }) = action else {
            return Ok(());
        };
        let old = draft.get::<Crate>(name);
        if old.as_ref().is_some_and(|old| !old.by.is_empty() && old.by != by) {
            return Err(NOT_YOURS.because(format!("{name} is another's")));
        }
        let held = old.map_or(0, |old| old.level);
        let level = match action {
            BoxAction::Fill { level, .. } => *level,
            BoxAction::Take { amount, .. } => held
                .checked_sub(*amount)
                .ok_or_else(|| NOT_ENOUGH.because(format!("it holds {held}")))?,
            BoxAction::Appoint { .. } => held,
        };
        draft.put(&Crate { name: name.clone(), level, by });
        Ok(())
    }

    fn pool(&self, state: &dyn State, height: u64) -> Result<Option<Pool>, Error> {
        Ok(Pools::read(state)?.map(|pools| pools.at(height).pool()))
    }
}

pub const START_MS: u64 = 1_700_000_000_000;

pub fn time(ms: u64) -> Time {
    Time::from_ms(START_MS + ms).unwrap()
}

pub fn key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

pub fn genesis() -> Genesis {
    Genesis::found(&Statement {
        version: 1,
        name: "test".into(),
        created: time(0),
        root: RootAuthority { threshold: 1, keys: vec![key(200).public()] },
        consensus: Consensus::Pool(Pool {
            validators: vec![Validator { name: "one".into(), key: key(100).public(), power: 1 }],
        }),
        transition_window_ms: 3_600_000,
    })
    .unwrap()
}

pub fn found(disk: &Memory) -> Opened<Boxes> {
    Chain::found(Arc::new(disk.clone()), &genesis(), Arc::new(Boxes)).unwrap()
}

pub fn open(disk: Arc<dyn Disk>) -> Result<Opened<Boxes>, chancery_ledger::error::Error> {
    Chain::open(disk, Arc::new(Boxes))
}

pub fn engine() -> Solo {
    Solo::new(key(100))
}

pub fn signed(by: &SecretKey, id: &str, not_after: Time, actions: Vec<BoxAction>) -> Vec<u8> {
    let payload = Payload { ledger: genesis().ledger(), id: id.into(), not_after, actions };
    Signing::of(&payload).unwrap().sign(by).to_bytes()
}

pub fn fill(by: &SecretKey, id: &str, name: &str, level: u64) -> Vec<u8> {
    signed(by, id, time(3_000_000), vec![BoxAction::Fill { name: name.into(), level }])
}

pub fn take(by: &SecretKey, id: &str, name: &str, amount: u64) -> Vec<u8> {
    signed(by, id, time(3_000_000), vec![BoxAction::Take { name: name.into(), amount }])
}

pub fn admission() -> Admission<Boxes> {
    Admission::new(Arc::new(Boxes), &genesis())
}

/// Offers each, makes the block final, and says what became of each.
pub fn block(chain: &mut Chain<Boxes>, at: Time, transitions: &[Vec<u8>]) -> Vec<Offer> {
    let parent = chain.view().tip().hash;
    let mut open = chain.begin(&parent, at).unwrap();
    let mut keys = KeyCache::default();
    let offers = transitions
        .iter()
        .map(|bytes| {
            let admitted = admission().admit(bytes, at, &mut keys).unwrap();
            chain.offer(&mut open, admitted).unwrap()
        })
        .collect();
    let decided = engine().decide(chain, open).unwrap();
    if let Some(checkpoint) = decided.checkpoint {
        checkpoint.write().unwrap();
    }
    offers
}
