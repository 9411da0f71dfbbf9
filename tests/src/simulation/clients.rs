//! Those who hand transitions in: good ones, the same ones again, ones that expire, and rubbish.

use std::collections::VecDeque;

use chancery_ledger::hash::Hash;
use chancery_ledger::key::SecretKey;
use chancery_ledger::transition::{Payload, Signing};
use serde_json::{Value, json};

use super::figures::Figures;
use super::plan::Plan;
use crate::damage::Random;
use crate::small_ledger::time;

/// How long what is handed in stays valid.
const VALID_MS: u64 = 6 * 24 * 60 * 60 * 1000;
/// Parties; after these only cards are anchored.
const PARTIES: u64 = 12;

pub(super) struct Clients {
    seed: u64,
    ledger: Hash,
    random: Random,
    short_ms: u64,
    handed_in: u64,
    parties: u64,
    recent: VecDeque<(Hash, Vec<u8>)>,
}

impl Clients {
    /// Clients some of whose transitions are valid for `short_ms` only, so that they may expire before
    /// their turn.
    pub(super) fn new(seed: u64, ledger: Hash, short_ms: u64) -> Self {
        let random = Random::from_seed(seed ^ 0xC11E_4754);
        let recent = VecDeque::new();
        Self { seed, ledger, random, short_ms, handed_in: 0, parties: 0, recent }
    }

    /// What is handed in next, with its id if it has one. After the healing only what is good and new.
    pub(super) fn next(
        &mut self,
        now_ms: u64,
        healed: bool,
        figures: &mut Figures,
    ) -> (Option<Hash>, Vec<u8>) {
        self.handed_in += 1;
        let kind = if healed { 9 } else { self.random.below(10) };
        match kind {
            0 if !self.recent.is_empty() => {
                figures.count("clients: the same again");
                let (id, bytes) = self.recent[self.random.below(self.recent.len())].clone();
                (Some(id), bytes)
            }
            1 => {
                figures.count("clients: rubbish");
                let bytes = (0..self.random.below(100)).map(|_| self.random.number() as u8);
                (None, bytes.collect())
            }
            2 => {
                figures.count("clients: soon to expire");
                self.transition(now_ms + self.short_ms, false)
            }
            _ => {
                figures.count("clients: good");
                self.transition(now_ms + VALID_MS, healed)
            }
        }
    }

    /// A transition that was good long before the run.
    pub(super) fn expired(&self) -> Vec<u8> {
        self.signed(0, "expired", 0, create(&self.key(0))).to_bytes()
    }

    /// That a pool is the next one, from this height on, signed by the root authority.
    pub(super) fn appoints(
        &mut self,
        plan: &Plan,
        pool: usize,
        from: u64,
        now_ms: u64,
    ) -> (Hash, Vec<u8>) {
        let powers = plan.later[pool].iter().enumerate().filter(|(_, power)| **power > 0);
        let validators = powers.map(|(member, power)| {
            let (name, key) = (format!("member {member}"), plan.key(member).public());
            json!({"name": name, "key": key, "power": power})
        });
        let validators: Vec<Value> = validators.collect();
        let action = json!({
            "register": "validators", "action": "appoint", "validators": validators, "from": from,
        });
        let (id, not_after) = (format!("pool-{pool}"), time(now_ms + VALID_MS));
        let payload = Payload { ledger: self.ledger, id, not_after, actions: vec![action] };
        let signing = written(&payload).sign(&plan.root_key());
        (signing.id(), signing.to_bytes())
    }

    fn transition(&mut self, not_after_ms: u64, of_new: bool) -> (Option<Hash>, Vec<u8>) {
        let id = format!("transition-{}", self.handed_in);
        // What stops may have taken away the parties that were to be; those of the end are new.
        let new = of_new || self.parties < PARTIES && self.random.below(2) == 0;
        let (number, action) = if new {
            self.parties += 1;
            (self.parties, create(&self.key(self.parties)))
        } else {
            let number = 1 + self.random.below(self.parties.max(1) as usize) as u64;
            let card = Hash::of(&[b"card", &self.handed_in.to_be_bytes()]);
            let party = self.key(number).party();
            (
                number,
                json!({"register": "identity", "action": "set-card", "party": party, "card": card}),
            )
        };
        let signing = self.signed(number, &id, not_after_ms, action);
        let (id, bytes) = (signing.id(), signing.to_bytes());
        if self.recent.len() >= 16 {
            self.recent.pop_front();
        }
        self.recent.push_back((id, bytes.clone()));
        (Some(id), bytes)
    }

    fn signed(&self, number: u64, id: &str, not_after_ms: u64, action: Value) -> Signing {
        let (id, not_after) = (id.to_owned(), time(not_after_ms));
        let payload = Payload { ledger: self.ledger, id, not_after, actions: vec![action] };
        written(&payload).sign(&self.key(number))
    }

    fn key(&self, number: u64) -> SecretKey {
        let (seed, number) = (self.seed.to_be_bytes(), number.to_be_bytes());
        SecretKey::from_seed(Hash::of(&[b"a simulated client", &seed, &number]).as_bytes())
    }
}

/// # Panics
/// Never: JSON values can be written down.
#[allow(clippy::expect_used)]
fn written(payload: &Payload<Value>) -> Signing {
    Signing::of(payload).expect("JSON can be written down")
}

fn create(key: &SecretKey) -> Value {
    json!({"register": "identity", "action": "create", "kind": "person", "key": key.public()})
}
