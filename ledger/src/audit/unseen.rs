//! What an audit still checks when entries are withheld from it, and what it says it could not.

use serde::Serialize;

use crate::block::Header;
use crate::hash::Hash;
use crate::merkle::Frontier;
use crate::tip::Tip;

/// What was withheld from an audit, and could not be checked for it.
#[derive(Clone, Debug, Serialize)]
pub struct Unseen {
    /// The first block with an entry that was withheld.
    pub from_height: u64,
    /// How many entries were withheld.
    pub withheld: u64,
    /// Each check that could not be made, in words.
    pub not_checked: Vec<String>,
}

impl Unseen {
    /// Nothing is executed from this block on.
    pub(super) fn from(height: u64) -> Self {
        let not_checked = vec![
            "what the withheld entries say, and their signatures".to_owned(),
            format!(
                "from block {height} on: that each transition took effect or was rejected as the rules say"
            ),
            format!("from block {height} on: the state roots that the headers state"),
            format!("from block {height} on: that no transition stands in the log twice"),
            format!("from block {height} on: that each was ordered before its not_after"),
        ];
        Self { from_height: height, withheld: 0, not_checked }
    }
}

/// The chain of headers and the log, followed without executing anything.
pub(super) struct Roots {
    header: Header,
    hash: Hash,
    frontier: Frontier,
}

impl Roots {
    /// Behind a block that was executed.
    pub(super) fn after(tip: &Tip) -> Self {
        Self { header: tip.header.clone(), hash: tip.hash, frontier: tip.frontier.clone() }
    }

    /// The header of the last block.
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// The next block, by its header, the leaves that its body root names, and its target where it is
    /// sealed by work.
    pub(super) fn follow(
        &mut self,
        header: &Header,
        leaves: &[Hash],
        target: Option<Hash>,
    ) -> Result<(), String> {
        leaves.iter().for_each(|leaf| self.frontier.push(*leaf, &mut |_| {}));
        let before = &self.header;
        let holds = [
            ("ledger", header.ledger == before.ledger),
            ("height", header.height == before.height + 1),
            ("previous block", header.previous == self.hash),
            ("time", header.time > before.time),
            ("log size", header.log_size == self.frontier.size()),
            ("log root", header.log_root == self.frontier.root()),
            ("target", target.is_none_or(|target| header.pool == target)),
        ];
        if let Some((what, _)) = holds.into_iter().find(|(_, holds)| !holds) {
            return Err(format!("its {what} does not follow from the blocks before"));
        }
        (self.header, self.hash) = (header.clone(), header.hash());
        Ok(())
    }
}
