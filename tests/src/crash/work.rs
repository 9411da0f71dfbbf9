//! Transitions to hand in: signed before the round, by the same parties in every round.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use chancery_client::{Hash, SecretKey, Signing, now};
use chancery_ledger::transition::Payload;
use serde_json::{Value, json};

/// A signed transition.
#[derive(Debug)]
pub(super) struct Prepared {
    /// Its id.
    pub(super) id: Hash,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

/// What is still to be handed in.
pub(super) struct Work {
    ledger: Hash,
    seed: u64,
    made: u64,
    ready: VecDeque<Arc<Prepared>>,
    /// Those that may or may not be in the log; they are handed in again first.
    doubtful: HashMap<Hash, Arc<Prepared>>,
}

/// Parties that change their cards again and again.
const PARTIES: u64 = 24;
/// How often somebody is created twice at once, so that one of the two loses the race.
const RACE_EVERY: u64 = 20;

impl Work {
    pub(super) fn new(ledger: Hash, seed: u64) -> Self {
        Self { ledger, seed, made: 0, ready: VecDeque::new(), doubtful: HashMap::new() }
    }

    /// Signs until so many are ready.
    pub(super) fn sign_up_to(&mut self, count: usize) {
        while self.ready.len() < count {
            let number = self.made;
            self.made += 1;
            if number < PARTIES {
                self.push(number, number, create(&self.key(number)));
            } else if number.is_multiple_of(RACE_EVERY) {
                let newcomer = PARTIES + number;
                let action = create(&self.key(newcomer));
                self.push(number, newcomer, action.clone());
                self.made += 1;
                self.push(number + 1, newcomer, action);
            } else {
                let party = number % PARTIES;
                let card = Hash::of(&[&number.to_be_bytes()]);
                let party_id = self.key(party).party();
                let action = json!({
                    "register": "identity", "action": "set-card", "party": party_id, "card": card,
                });
                self.push(number, party, action);
            }
        }
    }

    /// All that is ready, the doubtful ones first.
    pub(super) fn take_all(&mut self) -> VecDeque<Arc<Prepared>> {
        let mut all: VecDeque<_> = self.doubtful.values().cloned().collect();
        all.append(&mut self.ready);
        all
    }

    /// Takes back what was not handed in.
    pub(super) fn give_back(&mut self, unsent: VecDeque<Arc<Prepared>>) {
        let unsent = unsent.into_iter().filter(|it| !self.doubtful.contains_key(&it.id));
        self.ready = unsent.collect();
    }

    /// Nobody knows whether it is in the log.
    pub(super) fn doubt(&mut self, prepared: Arc<Prepared>) {
        self.doubtful.insert(prepared.id, prepared);
    }

    /// Where it stands is known, or that it stands nowhere. True if there was doubt.
    pub(super) fn settle(&mut self, id: &Hash) -> bool {
        self.doubtful.remove(id).is_some()
    }

    fn key(&self, number: u64) -> SecretKey {
        let parts: [&[u8]; 3] = [b"crash", &self.seed.to_be_bytes(), &number.to_be_bytes()];
        SecretKey::from_seed(Hash::of(&parts).as_bytes())
    }

    fn push(&mut self, number: u64, by: u64, action: Value) {
        let payload = Payload {
            ledger: self.ledger,
            id: format!("crash-{number}"),
            not_after: now().plus_ms(24 * 60 * 60 * 1000),
            actions: vec![action],
        };
        if let Ok(signing) = Signing::of(&payload) {
            let signing = signing.sign(&self.key(by));
            self.ready
                .push_back(Arc::new(Prepared { id: signing.id(), bytes: signing.to_bytes() }));
        }
    }
}

fn create(key: &SecretKey) -> Value {
    json!({"register": "identity", "action": "create", "kind": "device", "key": key.public()})
}
