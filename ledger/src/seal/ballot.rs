//! What validators sign while they agree on a block, byte for byte.

use serde::{Deserialize, Serialize};

use crate::hash::Hash;

/// The two steps of a round in which validators vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BallotStep))]
pub enum Step {
    /// Whether the proposed block is good.
    Prevote,
    /// Whether two thirds have found it good; these votes seal the block.
    Precommit,
}

/// What a validator signs to vote: the domain, the ledger, the height, the round, and the block unless
/// the vote is for none (nil). Integers are big-endian.
pub fn ballot_bytes(
    step: Step,
    ledger: &Hash,
    height: u64,
    round: u32,
    block: Option<&Hash>,
) -> Vec<u8> {
    let domain: &[u8] = match (step, block) {
        (Step::Prevote, Some(_)) => b"chancery prevote 1\0",
        (Step::Prevote, None) => b"chancery prevote nil 1\0",
        (Step::Precommit, Some(_)) => b"chancery precommit 1\0",
        (Step::Precommit, None) => b"chancery precommit nil 1\0",
    };
    let mut bytes = of_round(domain, ledger, height, round);
    if let Some(block) = block {
        bytes.extend_from_slice(block.as_bytes());
    }
    bytes
}

/// What the proposer of a round signs: the domain, the ledger, the height, the round, the earlier round
/// in which validators had locked on the block (-1 for none), and the block.
pub fn proposal_bytes(
    ledger: &Hash,
    height: u64,
    round: u32,
    valid_round: i64,
    block: &Hash,
) -> Vec<u8> {
    let mut bytes = of_round(b"chancery proposal 1\0", ledger, height, round);
    bytes.extend_from_slice(&valid_round.to_be_bytes());
    bytes.extend_from_slice(block.as_bytes());
    bytes
}

fn of_round(domain: &[u8], ledger: &Hash, height: u64, round: u32) -> Vec<u8> {
    let mut bytes = domain.to_vec();
    bytes.extend_from_slice(ledger.as_bytes());
    bytes.extend_from_slice(&height.to_be_bytes());
    bytes.extend_from_slice(&round.to_be_bytes());
    bytes
}
