//! A town with a pool of one, parties with stakes, and candidates. Each action is a block of its own.

use chancery_ledger::execution::Application;
use chancery_ledger::genesis::{Consensus, Genesis};
use chancery_ledger::hash::Hash;
use chancery_ledger::key::{KeyId, PublicKey, SecretKey};
use chancery_ledger::seal::{Pool, Pools, Step, ballot_bytes, proposal_bytes};
use chancery_registries::Registers;
use chancery_registries::validators::{Candidate, Roll, Stake};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::common::{Actor, Town, actor, key};

pub(crate) struct Council {
    pub town: Town,
}

/// The secret of the key that goes by a name.
pub(crate) fn secret(name: &str) -> SecretKey {
    SecretKey::from_seed(Hash::of(&[name.as_bytes()]).as_bytes())
}

/// The signature of a validator key, as the party whose first key it is.
pub(crate) fn validator_signs(name: &str) -> KeyId {
    actor(name).signs()
}

pub(crate) fn member(name: &str, power: u32) -> Value {
    json!({"name": name, "key": key(name), "power": power})
}

impl Council {
    pub(crate) fn new() -> Self {
        Self { town: Town::new() }
    }

    /// The town on a ledger whose blocks are sealed by work.
    pub(crate) fn without_pool(&mut self) {
        let target = "0f".repeat(32);
        let rules = json!({
            "easiest_target": target, "first_target": target, "spacing_ms": 1000,
            "half_life_ms": 60_000, "final_depth": 6,
        });
        let mut statement = self.town.genesis.statement().clone();
        statement.consensus = Consensus::Work(serde_json::from_value(rules).unwrap());
        self.town.genesis = Genesis::found(&statement).unwrap();
    }

    /// The height of the block in which the next action stands.
    pub(crate) fn height(&self) -> u64 {
        self.town.position + 1
    }

    /// Blocks go by until the next action stands at this height.
    pub(crate) fn until(&mut self, height: u64) {
        assert!(height >= self.height());
        self.town.position = height - 1;
    }

    /// The pool that seals a height, as the ledger asks for it.
    pub(crate) fn pool_at(&self, height: u64) -> Pool {
        let named = Registers.pool(&self.town.state, height).unwrap();
        named.or_else(|| self.town.genesis.pool().cloned()).unwrap()
    }

    pub(crate) fn pools(&self) -> Option<Pools> {
        self.town.get(Pools::ID)
    }

    pub(crate) fn appoint(&self, validators: Value, ahead: u64) -> Value {
        json!({
            "register": "validators", "action": "appoint", "validators": validators,
            "from": self.height() + ahead,
        })
    }

    pub(crate) fn elect(&self, seats: u32, ahead: u64) -> Value {
        json!({
            "register": "validators", "action": "elect", "seats": seats,
            "from": self.height() + ahead,
        })
    }

    pub(crate) fn appoints(&mut self, names: &[(&str, u32)], ahead: u64) {
        let members = names.iter().map(|(name, power)| member(name, *power)).collect();
        let appoint = self.appoint(members, ahead);
        self.town.does(appoint, &self.town.root_signs());
    }

    pub(crate) fn allots(&mut self, party: Actor, stake: u64) {
        self.town.does(allot(party, stake), &self.town.root_signs());
    }

    /// The party stands with the key of this name.
    pub(crate) fn stands(&mut self, name: &str, party: Actor) {
        self.town.does(stand(name, party), &[party.signs(), validator_signs(name)]);
    }

    pub(crate) fn delegates(&mut self, party: Actor, to: Option<&str>) {
        self.town.does(delegate(party, to), &[party.signs()]);
    }

    pub(crate) fn candidate(&self, name: &str) -> Candidate {
        self.town.get(&key(name).to_string()).unwrap()
    }

    pub(crate) fn stake(&self, party: Actor) -> Option<Stake> {
        self.town.get(&party.id.to_string())
    }

    pub(crate) fn roll(&self) -> Vec<PublicKey> {
        self.town.get::<Roll>(Roll::ID).unwrap_or_default().candidates
    }

    /// A ballot of the validator of this name.
    pub(crate) fn ballot(&self, name: &str, step: Step, height: u64, block: Option<Hash>) -> Value {
        let ledger = self.town.genesis.ledger();
        let message = ballot_bytes(step, &ledger, height, 3, block.as_ref());
        let signature = BASE64URL_NOPAD.encode(&secret(name).sign(&message));
        json!({"block": block, "signature": signature})
    }

    /// A proposal of the validator of this name in round 3, on which validators had locked in a round.
    pub(crate) fn proposal(
        &self,
        name: &str,
        height: u64,
        valid_round: Option<u32>,
        block: Hash,
    ) -> Value {
        let ledger = self.town.genesis.ledger();
        let round = valid_round.map_or(-1, i64::from);
        let message = proposal_bytes(&ledger, height, 3, round, &block);
        let signature = BASE64URL_NOPAD.encode(&secret(name).sign(&message));
        let mut ballot = json!({"block": block, "signature": signature});
        if let Some(round) = valid_round {
            ballot["valid_round"] = json!(round);
        }
        ballot
    }

    /// That the validator of this name has signed for two blocks in round 3.
    pub(crate) fn accusation(&self, name: &str, height: u64) -> Value {
        let ballot =
            |block: &[u8]| self.ballot(name, Step::Precommit, height, Some(Hash::of(&[block])));
        json!({
            "register": "validators", "action": "accuse", "validator": key(name),
            "height": height, "round": 3, "step": "precommit",
            "first": ballot(b"one"), "second": ballot(b"other"),
        })
    }
}

pub(crate) fn allot(party: Actor, stake: u64) -> Value {
    json!({"register": "validators", "action": "allot", "party": party.id, "stake": stake})
}

pub(crate) fn stand(name: &str, party: Actor) -> Value {
    json!({
        "register": "validators", "action": "stand", "name": name, "key": key(name),
        "party": party.id,
    })
}

pub(crate) fn withdraw(name: &str) -> Value {
    json!({"register": "validators", "action": "withdraw", "candidate": key(name)})
}

pub(crate) fn delegate(party: Actor, to: Option<&str>) -> Value {
    let mut delegate = json!({"register": "validators", "action": "delegate", "party": party.id});
    if let Some(to) = to {
        delegate["to"] = json!(key(to));
    }
    delegate
}

/// The same action with a member set.
pub(crate) fn with(mut action: Value, name: &str, value: impl Into<Value>) -> Value {
    action[name] = value.into();
    action
}
