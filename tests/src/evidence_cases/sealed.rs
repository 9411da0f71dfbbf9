//! A pool that seals whatever it is asked to, for evidence of ledgers that nobody runs.

use chancery_ledger::block::Header;
use chancery_ledger::evidence::{BlockReceipt, Bytes, Evidence, Receipt, StatusProof};
use chancery_ledger::execution::state_key;
use chancery_ledger::genesis::{Consensus, Genesis, RootAuthority, Statement};
use chancery_ledger::hash::Hash;
use chancery_ledger::merkle::{Beside, InclusionProof, body_root_from, leaf_hash, node_hash};
use chancery_ledger::seal::{Certificate, Pool, Seal, Validator, Vote};
use chancery_ledger::trie::TrieProof;

use crate::small_ledger::{ROOT_KEY, key, time};

/// The log of these ledgers is full: a path of 20 hashes for each of 2^20 entries.
pub(super) const LOG_DEPTH: usize = 20;
const LOG_SIZE: u64 = 1 << LOG_DEPTH;
const POSITION: u64 = 0xA_5C31;
const VALIDATORS: u64 = 2_000_000;

/// A pool of so many validators of the same power, and the genesis that names it.
pub struct Sealed {
    /// The genesis.
    pub genesis: Genesis,
    validators: u64,
}

impl Sealed {
    /// The pool of so many.
    ///
    /// # Panics
    /// Never: what the genesis states is sound.
    #[allow(clippy::expect_used)]
    pub fn by(validators: u64) -> Self {
        let member = |number: u64| {
            let key = key(VALIDATORS + number).public();
            Validator { name: format!("validator {}", number + 1), key, power: 1 }
        };
        let statement = Statement {
            version: 1,
            name: format!("A ledger of {validators}"),
            created: time(0),
            root: RootAuthority { threshold: 1, keys: vec![key(ROOT_KEY).public()] },
            consensus: Consensus::Pool(Pool { validators: (0..validators).map(member).collect() }),
            transition_window_ms: 7 * 24 * 60 * 60 * 1000,
        };
        Self { genesis: Genesis::found(&statement).expect("the statement is sound"), validators }
    }

    /// A header whose other fields are fixed.
    fn header(&self) -> Header {
        let hash = |name: &str| Hash::of(&[b"a big ledger", name.as_bytes()]);
        Header {
            ledger: self.genesis.ledger(),
            height: 123_456,
            previous: hash("previous"),
            time: time(123_456_789),
            body_root: hash("body"),
            log_size: LOG_SIZE,
            log_root: hash("log"),
            state_root: hash("state"),
            pool: self.genesis.pool().map(Pool::hash).unwrap_or_default(),
        }
    }

    /// The seal of these validators, by their numbers.
    pub fn seal(&self, header: &Header, by: &[u64]) -> Seal {
        let vote = |number: &u64| Vote::cast(&key(VALIDATORS + number), header, 0);
        Seal::Pool(Certificate { round: 0, signatures: by.iter().map(vote).collect() })
    }

    fn all(&self) -> Vec<u64> {
        (0..self.validators).collect()
    }

    /// A receipt of any entry, sealed by these validators.
    pub fn receipt_by(&self, entry: &[u8], by: &[u64]) -> Evidence {
        let path = path(LOG_DEPTH, "log");
        let mut header = self.header();
        header.log_root =
            path.iter().enumerate().fold(leaf_hash(entry), |hash, (level, sibling)| {
                match POSITION >> level & 1 {
                    0 => node_hash(&hash, sibling),
                    _ => node_hash(sibling, &hash),
                }
            });
        Evidence::Receipt(Receipt {
            entry: Bytes(entry.to_vec()),
            inclusion: InclusionProof { position: POSITION, log_size: LOG_SIZE, path },
            header: Bytes(header.encode().to_vec()),
            seal: self.seal(&header, by),
            confirmations: Vec::new(),
        })
    }

    /// A receipt of any entry.
    pub fn receipt(&self, entry: &[u8]) -> Evidence {
        self.receipt_by(entry, &self.all())
    }

    /// A receipt of any entry by its block, of some 2^depth entries.
    pub fn block_receipt(&self, entry: &[u8], depth: usize) -> Evidence {
        let side = |(level, hash): (usize, Hash)| match POSITION >> level & 1 {
            0 => Beside::Right(hash),
            _ => Beside::Left(hash),
        };
        let in_block: Vec<Beside> =
            path(depth, "block").into_iter().enumerate().map(side).collect();
        let mut header = self.header();
        header.body_root = body_root_from(&leaf_hash(entry), &in_block);
        Evidence::InBlock(BlockReceipt {
            entry: Bytes(entry.to_vec()),
            in_block,
            header: Bytes(header.encode().to_vec()),
            seal: self.seal(&header, &self.all()),
            confirmations: Vec::new(),
        })
    }

    /// A status proof of any value, `None` where nothing stands, at any depth.
    pub fn status(&self, object: [&str; 3], value: Option<&[u8]>, depth: usize) -> Evidence {
        let [register, kind, id] = object;
        let key = state_key(register, kind, id);
        let end = value.map_or_else(Hash::default, |value| {
            Hash::of(&[&[0x10], key.as_bytes(), Hash::of(&[value]).as_bytes()])
        });
        let siblings = path(depth, "state");
        let mut header = self.header();
        header.state_root =
            siblings.iter().enumerate().rev().fold(end, |hash, (depth, sibling)| {
                let right = key.0[depth / 8] >> (7 - depth % 8) & 1 == 1;
                let (left, right) = if right { (sibling, &hash) } else { (&hash, sibling) };
                Hash::of(&[&[0x11], left.as_bytes(), right.as_bytes()])
            });
        Evidence::Status(StatusProof {
            object: object.join("/"),
            value: value.map(|value| Bytes(value.to_vec())),
            proof: TrieProof { siblings, leaf: None },
            seal: self.seal(&header, &self.all()),
            header: Bytes(header.encode().to_vec()),
            confirmations: Vec::new(),
        })
    }
}

fn path(depth: usize, name: &str) -> Vec<Hash> {
    let hash = |depth: usize| Hash::of(&[b"beside the way", name.as_bytes(), &[depth as u8]]);
    (0..depth).map(hash).collect()
}
