//! What goes over the wire, besides transitions and evidence.

use std::fmt;
use std::str::FromStr;

use chancery_ledger::evidence::Evidence;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A transition that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// Its id.
    pub id: Hash,
    /// `final` when it took effect now, `duplicate` when it had before, `waiting` when it is not final yet
    /// (proof of work).
    pub status: String,
    /// Its position in the log, once it is in a block.
    #[serde(default)]
    pub position: Option<u64>,
    /// The height of its block, once it is in one.
    #[serde(default)]
    pub height: Option<u64>,
}

/// What became of one line of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The line, counted from 1.
    pub line: u64,
    /// The transition's id, when it is well-formed enough to have one.
    #[serde(default)]
    pub id: Option<Hash>,
    /// `applied`, `rejected` (in the log, without effect), `waiting` (proof of work: not final yet),
    /// `duplicate`, `refused` (not in the log) or `unavailable` (not judged: send it again).
    pub status: String,
    /// Its position in the log.
    #[serde(default)]
    pub position: Option<u64>,
    /// Why it did not take effect: a stable code.
    #[serde(default)]
    pub code: Option<String>,
    /// What was wrong in this case.
    #[serde(default)]
    pub detail: Option<String>,
    /// Where: a JSON pointer (RFC 6901).
    #[serde(default)]
    pub pointer: Option<String>,
}

impl Verdict {
    /// Whether it took effect, now or when it was sent before.
    pub fn is_in_the_log(&self) -> bool {
        matches!(self.status.as_str(), "applied" | "duplicate")
    }
}

/// What a server says of its ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LedgerInfo {
    /// The ledger's id: the hash of its genesis.
    pub ledger: Hash,
    /// All that the server says, as it says it.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, serde_json::Value>,
}

/// How a node stands in its network, as it says itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NetworkInfo {
    /// `solo`, `pool` (it votes), `follower` (it checks and has no vote) or `work`.
    pub mode: String,
    /// The height of the last block.
    pub height: u64,
    /// The time of the last block.
    pub time: Time,
    /// The height up to which no block can be replaced any more.
    pub final_height: u64,
    /// The round of agreement about the next block.
    pub round: u32,
    /// The greatest height that a peer says it has.
    #[serde(default)]
    pub best_peer_height: Option<u64>,
    /// The pool that seals the next block.
    #[serde(default)]
    pub pool: Option<PoolInfo>,
    /// What only a node of proof of work has.
    #[serde(default)]
    pub work: Option<WorkInfo>,
    /// The peers that it is connected with.
    pub peers: Vec<PeerInfo>,
    /// Transitions that wait for a block.
    pub waiting: u64,
    /// How long the latest submissions took.
    pub finality: FinalityInfo,
    /// Why it writes nothing, if so.
    #[serde(default)]
    pub halted: Option<String>,
    /// Whether its log of votes is damaged.
    #[serde(default)]
    pub wal_damaged: bool,
}

/// A pool, as one node sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PoolInfo {
    /// Its members.
    pub validators: Vec<PoolMemberInfo>,
    /// The least power that seals a block.
    pub quorum: u64,
    /// The power of the members that the node is connected with, or is.
    pub connected_power: u64,
}

/// A member of a pool, as one node sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PoolMemberInfo {
    /// What it is called.
    pub name: String,
    /// The key it votes with.
    pub key: PublicKey,
    /// The weight of its vote.
    pub power: u32,
    /// Whether the node is connected with it, or is it.
    pub connected: bool,
    /// The last block that it has signed.
    #[serde(default)]
    pub last_signed_height: Option<u64>,
}

/// What only a node of proof of work has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorkInfo {
    /// The target of the next block, in hexadecimal digits.
    pub target: String,
    /// The work of the blocks that are not final, as a decimal number.
    pub work_above_final: String,
    /// How many blocks must follow one for it to be final.
    pub final_depth: u64,
    /// How many branches end beside the best one.
    pub branches: u64,
    /// How often another branch has become the best since the start.
    pub reorganisations: u64,
    /// The most blocks that were taken back at once.
    pub deepest_reorganisation: u64,
    /// Threads that search for blocks.
    pub miner_threads: u64,
    /// Whether they do so now: `on`, `off`, `waits-for-peers` or `catches-up`.
    pub mining: String,
    /// How many nonces they have tried since the start.
    pub hashes: u64,
    /// The height at which others work on a branch that the node refuses, because it leaves its own below the
    /// last final block.
    #[serde(default)]
    pub fork_below_final: Option<u64>,
}

/// A peer of a node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PeerInfo {
    /// Its id in the network.
    pub id: String,
    /// Where it is.
    pub address: String,
    /// `inbound` or `outbound`.
    pub direction: String,
    /// Since when they are connected.
    pub since: Time,
    /// How it has behaved: 0 is well, less is worse.
    pub score: i64,
}

/// How long the latest submissions took, from being taken in to being final.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct FinalityInfo {
    /// How many are looked at.
    pub submissions: u64,
    /// Half took at most so long.
    pub p50_ms: u64,
    /// All but one of a hundred took at most so long.
    pub p99_ms: u64,
}

/// The answer to a question about an object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The register.
    pub register: String,
    /// The kind within the register.
    pub kind: String,
    /// The object's id.
    pub id: String,
    /// The question.
    pub question: String,
    /// The block that the answer speaks of.
    pub as_of: Moment,
    /// The answer.
    pub answer: serde_json::Value,
    /// What the answer follows from.
    pub rests_on: Vec<Ground>,
    /// The proofs of that, in the same order, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<Evidence>,
}

impl Answer {
    /// The object: `register/kind/id`.
    pub fn object(&self) -> String {
        format!("{}/{}/{}", self.register, self.kind, self.id)
    }
}

/// A moment of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The height of a block.
    pub height: u64,
    /// Its time.
    pub time: Time,
}

/// Something that an answer follows from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ground {
    /// The object: `register/kind/id`.
    pub object: String,
    /// Which version of it; none for the object as of the block, there or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// What made the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<ChangedBy>,
}

/// The transition behind a version of an object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangedBy {
    /// When it took effect.
    pub time: Time,
    /// The height of its block.
    pub height: u64,
    /// Its position in the log; none for what the genesis put down.
    pub position: Option<u64>,
    /// Its id; none for what the genesis put down, and where it is withheld.
    pub transition: Option<Hash>,
    /// Whether it is private.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

/// Which object: `register/kind/id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    register: String,
    kind: String,
    id: String,
}

impl Path {
    /// An object by the names of its register and kind, and its id.
    pub fn new(register: &str, kind: &str, id: &str) -> Result<Self, Error> {
        let name = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        };
        let good_id = !id.is_empty() && id.len() <= 100 && !id.contains('/');
        if !name(register) || !name(kind) || !good_id {
            return Err(not_a_path(&format!("{register}/{kind}/{id}")));
        }
        Ok(Self { register: register.into(), kind: kind.into(), id: id.into() })
    }

    /// Register, kind and id.
    pub fn parts(&self) -> (&str, &str, &str) {
        (&self.register, &self.kind, &self.id)
    }

    /// The path in an address, in which a register's first kind is not named (RFC 3986).
    pub fn to_url(&self) -> String {
        let id = encode_segment(&self.id);
        match chancery_registries::kind(&self.register, &self.kind) {
            Some(kind) if kind.primary => format!("{}/{id}", self.register),
            _ => format!("{}/{}/{id}", self.register, self.kind),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.register, self.kind, self.id)
    }
}

impl FromStr for Path {
    type Err = Error;

    /// Reads `register/kind/id`, or `register/id` for a register's first kind.
    fn from_str(text: &str) -> Result<Self, Error> {
        let parts: Vec<&str> = text.split('/').collect();
        match parts[..] {
            [register, kind, id] => Self::new(register, kind, id),
            [register, id] => {
                let primary = chancery_registries::register(register)
                    .and_then(chancery_registries::Register::primary)
                    .ok_or_else(|| not_a_path(text))?;
                Self::new(register, primary.name, id)
            }
            _ => Err(not_a_path(text)),
        }
    }
}

fn not_a_path(text: &str) -> Error {
    let why = "an object is named register/kind/id, as in parcels/parcel/RR123456785TW";
    Error::Content { what: text.to_owned(), why: why.to_owned() }
}

pub(crate) fn encode_segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encode = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// As of which block something is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AsOf {
    /// The last one.
    #[default]
    Now,
    /// The one of this height.
    Height(u64),
    /// The last one at or before this time.
    Time(Time),
}

impl FromStr for AsOf {
    type Err = Error;

    /// Reads a height or an RFC 3339 time.
    fn from_str(text: &str) -> Result<Self, Error> {
        if let Ok(height) = text.parse() {
            return Ok(Self::Height(height));
        }
        text.parse().map(Self::Time).map_err(|_| {
            let why = "a block is named by its height or by a time such as 2026-01-31T09:30:00Z";
            Error::Content { what: text.to_owned(), why: why.to_owned() }
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_encoded_part_by_part() {
        let path: Path = "parcels/parcel/own:A B".parse().unwrap();
        assert_eq!(path.to_url(), "parcels/own%3AA%20B");
        let bag: Path = "parcels/container/1".parse().unwrap();
        assert_eq!(bag.to_url(), "parcels/container/1");
        assert!("parcels/parcel/a/b".parse::<Path>().is_err());
        assert!("../parcel/a".parse::<Path>().is_err());
        assert!("parcels//a".parse::<Path>().is_err());
    }

    #[test]
    fn as_of_is_a_height_or_a_time() {
        assert_eq!("12".parse::<AsOf>().unwrap(), AsOf::Height(12));
        assert!(matches!("2026-01-31T09:30:00Z".parse::<AsOf>(), Ok(AsOf::Time(_))));
        assert!("yesterday".parse::<AsOf>().is_err());
    }
}
