//! Checkpoints of the log (C2SP tlog-checkpoint in a signed note), checked against what is trusted.

use chancery_ledger::anchor::Anchor;
use chancery_ledger::hash::Hash;
use chancery_ledger::merkle::{BadProof, ConsistencyProof};
use chancery_ledger::note::{self, BadSignature, NotANote, NotATreeHead, Note, TreeHead};
use chancery_ledger::seal::Pool;

/// A log of some size with its root, as its checkpoint states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Checkpoint {
    /// The ledger.
    pub ledger: Hash,
    /// Entries in the log.
    pub size: u64,
    /// The RFC 6962 root.
    pub root: Hash,
}

/// Why a checkpoint proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    /// The text is no signed note.
    #[error("checkpoint: {0}")]
    Note(#[from] NotANote),
    /// The note states no log.
    #[error("checkpoint: {0}")]
    TreeHead(#[from] NotATreeHead),
    /// A signature is not of the key that it names.
    #[error("checkpoint: {0}")]
    Signature(#[from] BadSignature),
    /// It is of another log.
    #[error("checkpoint: it is of {0:?}, which is not the anchor's log")]
    OtherLog(String),
    /// No member of the anchor's pool has signed it.
    #[error("checkpoint: no member of the anchor's pool has signed it")]
    Unsigned,
    /// The ledger has no pool.
    #[error(
        "checkpoint: on a ledger of proof of work nobody's signature makes one worth anything; evidence with \
         its confirmations does, and so does an audit"
    )]
    NoPool,
    /// The later log does not begin with the earlier one.
    #[error("consistency: {0}")]
    Consistency(#[from] BadProof),
    /// The proof is for other sizes than the checkpoints have.
    #[error("consistency: the proof is not for the sizes of the two checkpoints")]
    Sizes,
}

impl Checkpoint {
    /// Reads a signed checkpoint that a member of the last pool that the anchor knows has signed, or of
    /// the one before, as the last may not be in force yet.
    pub fn verify(text: &str, anchor: &Anchor) -> Result<Self, BadCheckpoint> {
        Self::signed_by(text, anchor, anchor.last_pools())
    }

    /// The same for a checkpoint that was verified and kept: its signer may have left the pool since.
    pub fn kept(text: &str, anchor: &Anchor) -> Result<Self, BadCheckpoint> {
        Self::signed_by(text, anchor, anchor.pools())
    }

    /// What a server states, whoever has signed it: for one who goes on to check the blocks themselves.
    pub fn stated(text: &str, anchor: &Anchor) -> Result<Self, BadCheckpoint> {
        Self::read(&text.parse::<Note>()?, anchor)
    }

    fn signed_by(
        text: &str,
        anchor: &Anchor,
        pools: &[(u64, Pool)],
    ) -> Result<Self, BadCheckpoint> {
        if anchor.genesis().work().is_some() {
            return Err(BadCheckpoint::NoPool);
        }
        let note: Note = text.parse()?;
        let checkpoint = Self::read(&note, anchor)?;
        // Other signatures are passed over, as C2SP asks: witnesses may have cosigned.
        for validator in pools.iter().flat_map(|(_, pool)| &pool.validators) {
            if note.signed_by(&note::log_key(&checkpoint.ledger, &validator.key))?.is_some() {
                return Ok(checkpoint);
            }
        }
        Err(BadCheckpoint::Unsigned)
    }

    /// Checks that this log begins with the earlier one.
    pub fn extends(&self, earlier: &Self, proof: &ConsistencyProof) -> Result<(), BadCheckpoint> {
        if (proof.from, proof.to) != (earlier.size, self.size) {
            return Err(BadCheckpoint::Sizes);
        }
        Ok(proof.verify(&earlier.root, &self.root)?)
    }

    fn read(note: &Note, anchor: &Anchor) -> Result<Self, BadCheckpoint> {
        let TreeHead { origin, size, root } = note.text().parse()?;
        let ledger = anchor.ledger();
        match origin == note::origin(&ledger) {
            true => Ok(Self { ledger, size, root }),
            false => Err(BadCheckpoint::OtherLog(origin)),
        }
    }
}
