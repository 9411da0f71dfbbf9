//! A small ledger with the real registers and without a server: the same bytes on every machine.

use std::sync::Arc;

use chancery_ledger::block::Header;
use chancery_ledger::chain::{Chain, Offer, Opened};
use chancery_ledger::disk::Disk;
use chancery_ledger::error::Error;
use chancery_ledger::genesis::{Consensus, Genesis, RootAuthority, Statement};
use chancery_ledger::hash::Hash;
use chancery_ledger::key::SecretKey;
use chancery_ledger::party::PartyId;
use chancery_ledger::seal::{Certificate, Pool, Seal, Validator, Vote};
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Admission, KeyCache, Payload, Signing};
use chancery_ledger::view::View;
use chancery_registries::Registers;
use serde_json::{Value, json};

/// The time of block 0: 2026-01-01T00:00:00Z.
pub const FOUNDED_MS: u64 = 1_767_225_600_000;
/// The number of the key that seals blocks.
pub const NODE_KEY: u64 = 1_000_000;
/// The number of the root authority's key.
pub const ROOT_KEY: u64 = 1_000_001;
/// Parties that every ledger here has from block 1 on.
pub const PARTIES: u64 = 5;

/// The moment this many milliseconds after block 0.
pub fn time(ms: u64) -> Time {
    Time::default().plus_ms(FOUNDED_MS + ms)
}

/// The key of this number.
pub fn key(number: u64) -> SecretKey {
    SecretKey::from_seed(Hash::of(&[b"key of a small ledger", &number.to_be_bytes()]).as_bytes())
}

/// The party whose first key has this number.
pub fn party(number: u64) -> PartyId {
    key(number).party()
}

/// What these ledgers are founded with.
///
/// # Panics
/// Never: what it states is sound.
#[allow(clippy::expect_used)]
pub fn genesis() -> Genesis {
    let validator = Validator { name: "small".into(), key: key(NODE_KEY).public(), power: 1 };
    let statement = Statement {
        version: 1,
        name: "A small ledger".into(),
        created: time(0),
        root: RootAuthority { threshold: 1, keys: vec![key(ROOT_KEY).public()] },
        consensus: Consensus::Pool(Pool { validators: vec![validator] }),
        transition_window_ms: 7 * 24 * 60 * 60 * 1000,
    };
    Genesis::found(&statement).expect("the statement is sound")
}

/// The action that creates the party of this number.
pub fn create_party(number: u64) -> Value {
    let key = key(number).public();
    json!({"register": "identity", "action": "create", "kind": "person", "key": key})
}

/// The action that anchors a card for the party of this number; any two differ.
pub fn set_card(number: u64, card: u64) -> Value {
    let card = Hash::of(&[b"card", &card.to_be_bytes()]);
    json!({"register": "identity", "action": "set-card", "party": party(number), "card": card})
}

/// Actions signed by the first keys of these numbers.
///
/// # Panics
/// Never: JSON values can be written down.
pub fn signed(by: &[u64], id: &str, actions: Vec<Value>) -> Signing {
    signed_for(&genesis(), by, id, actions)
}

/// The same, for the ledger of this genesis.
///
/// # Panics
/// Never: JSON values can be written down.
#[allow(clippy::expect_used)]
pub fn signed_for(genesis: &Genesis, by: &[u64], id: &str, actions: Vec<Value>) -> Signing {
    let not_after = time(6 * 24 * 60 * 60 * 1000);
    let payload = Payload { ledger: genesis.ledger(), id: id.to_owned(), not_after, actions };
    let signing = Signing::of(&payload).expect("JSON can be written down");
    by.iter().fold(signing, |signing, number| signing.sign(&key(*number)))
}

/// A ledger that grows.
pub struct SmallLedger {
    /// The chain.
    pub chain: Chain<Registers>,
    admission: Admission<Registers>,
    keys: KeyCache,
}

impl SmallLedger {
    /// Founds it, or opens what is there.
    pub fn found(disk: Arc<dyn Disk>) -> Result<Self, Error> {
        Self::found_by(&genesis(), disk)
    }

    /// Founds another one, by this genesis.
    pub fn found_by(genesis: &Genesis, disk: Arc<dyn Disk>) -> Result<Self, Error> {
        Ok(Self::of(Chain::found(disk, genesis, Arc::new(Registers))?))
    }

    /// The ledger of an opened chain.
    pub fn of(opened: Opened<Registers>) -> Self {
        let admission = Admission::new(Arc::new(Registers), opened.chain.view().genesis());
        Self { chain: opened.chain, admission, keys: KeyCache::default() }
    }

    /// The reading side.
    pub fn view(&self) -> View {
        self.chain.view()
    }

    /// Makes a block of these transitions final, one second after the last.
    ///
    /// # Panics
    /// When one of them is not admitted.
    pub fn block(&mut self, transitions: &[Signing]) -> Result<Vec<Offer>, Error> {
        self.block_sealed_by(&[NODE_KEY], transitions)
    }

    /// The same, sealed by the keys of these numbers, whether or not they may.
    ///
    /// # Panics
    /// When a transition is not admitted.
    pub fn block_sealed_by(
        &mut self,
        keys: &[u64],
        transitions: &[Signing],
    ) -> Result<Vec<Offer>, Error> {
        let time = self.chain.view().tip().header.time.plus_ms(1000);
        self.block_at(time, transitions, |header| {
            let vote = |number: &u64| Vote::cast(&key(*number), header, 0);
            Seal::Pool(Certificate { round: 0, signatures: keys.iter().map(vote).collect() })
        })
    }

    /// Makes a block of these transitions final, of this time and with whatever seal.
    ///
    /// # Panics
    /// When a transition is not admitted.
    #[allow(clippy::expect_used)]
    pub fn block_at(
        &mut self,
        time: Time,
        transitions: &[Signing],
        seal: impl FnOnce(&Header) -> Seal,
    ) -> Result<Vec<Offer>, Error> {
        let tip = self.chain.view().tip();
        let mut open = self.chain.begin(&tip.hash, time)?;
        let mut offers = Vec::new();
        for transition in transitions {
            let admitted = self.admission.admit(&transition.to_bytes(), time, &mut self.keys);
            let admitted = admitted.expect("the transition is well-formed");
            offers.push(self.chain.offer(&mut open, admitted)?);
        }
        let executed = self.chain.propose(open)?;
        let seal = seal(&executed.tip.header);
        self.chain.decide(&executed.tip.hash, &seal)?;
        Ok(offers)
    }

    /// Adds block after block up to this height: parties first, then a card for each in every block.
    pub fn grow_to(&mut self, height: u64) -> Result<(), Error> {
        for next in self.view().tip().header.height + 1..=height {
            let transition = |number: u64| {
                let action = match next {
                    1 => create_party(number),
                    _ => set_card(number, next),
                };
                signed(&[number], &format!("{next}-{number}"), vec![action])
            };
            let transitions: Vec<Signing> = (0..PARTIES).map(transition).collect();
            self.block(&transitions)?;
        }
        Ok(())
    }
}
