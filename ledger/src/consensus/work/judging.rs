//! The rules for a header by itself and after the one before it, and what becomes of it.

use crate::block::Header;
use crate::hash::Hash;
use crate::time::Time;
use crate::work::{BadWork, WorkRules};

/// Why a header is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHeader {
    /// It is of another ledger.
    #[error("it is of ledger {0}, which is another")]
    OtherLedger(Hash),
    /// Its work does not hold.
    #[error("its work does not hold: {0}")]
    Work(#[from] BadWork),
    /// Its height is not one more than that of the block before.
    #[error("its height {height} does not follow {before}")]
    Height {
        /// Its height.
        height: u64,
        /// That of the block before.
        before: u64,
    },
    /// It is not later than the block before.
    #[error("its time {0} is not later than that of the block before")]
    Time(Time),
    /// It is too far ahead of the clock of who judges it.
    #[error("its time {0} is too far ahead of this node's clock")]
    Early(Time),
    /// Its target is not the one that follows from the blocks before.
    #[error("its target is not the one that follows from the blocks before")]
    Target,
    /// It stands on another block than the final one of that height.
    #[error("it stands at height {0}, which is final with another block")]
    BelowFinal(u64),
    /// It is, or it follows, a block that breaks the rules.
    #[error("it is, or follows, a block that breaks the rules")]
    Invalid,
    /// There is no room for a header with so little work before it.
    #[error("there is no room for a branch with so little work")]
    NoRoom,
}

impl BadHeader {
    /// Whether no honest node would have sent it: its time and our room say nothing about the sender.
    pub fn is_misbehaviour(&self) -> bool {
        match self {
            Self::Early(_) | Self::BelowFinal(_) | Self::NoRoom => false,
            Self::OtherLedger(_)
            | Self::Work(_)
            | Self::Height { .. }
            | Self::Time(_)
            | Self::Target
            | Self::Invalid => true,
        }
    }
}

/// What became of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakenHeader {
    /// It stands in the tree now.
    New,
    /// It was there before.
    Known,
    /// The block before it is not known: ask for the headers between.
    Orphan,
    /// It is refused.
    Refused(BadHeader),
}

/// Whether a header follows from the one before it.
pub(super) fn follows(
    header: &Header,
    parent: &Header,
    rules: &WorkRules,
    created: Time,
) -> Result<(), BadHeader> {
    if header.height != parent.height + 1 {
        return Err(BadHeader::Height { height: header.height, before: parent.height });
    }
    if header.time <= parent.time {
        return Err(BadHeader::Time(header.time));
    }
    if header.pool != rules.target_after(parent, created).hash() {
        return Err(BadHeader::Target);
    }
    Ok(())
}
