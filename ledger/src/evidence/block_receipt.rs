//! A receipt by its block: shorter than one by the log, and silent on the place in it.

use serde::{Deserialize, Serialize};

use super::confirmations::{Confirmation, shown_work};
use super::{BadEvidence, Bytes, IN_BLOCK, Shown, Statement, sealed_header, stated_in};
use crate::anchor::Anchor;
use crate::block::Header;
use crate::merkle::{self, BODY_PATH_MAX, BadProof, Beside};
use crate::seal::Seal;

/// That a transition stands in a block with its outcome. The path is as long as the block is deep, not
/// the log; it shows no position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockReceipt {
    /// The log's entry: the outcome's name, a line feed, the transition as it was received.
    pub entry: Bytes,
    /// The hashes beside the way from the entry to the body root of the header, the lowest first.
    pub in_block: Vec<Beside>,
    /// The block's header, in its fixed layout.
    pub header: Bytes,
    /// Why the block counts.
    pub seal: Seal,
    /// The headers that follow, where blocks are sealed by work: the more, the surer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmations: Vec<Confirmation>,
}

impl BlockReceipt {
    pub(crate) fn new(entry: Vec<u8>, in_block: Vec<Beside>, header: &Header, seal: Seal) -> Self {
        let header = Bytes(header.encode().to_vec());
        Self { entry: Bytes(entry), in_block, header, seal, confirmations: Vec::new() }
    }

    pub(crate) fn confirmed_by(self, confirmations: Vec<Confirmation>) -> Self {
        Self { confirmations, ..self }
    }

    /// Checks everything against what is trusted. A pure function: no network, no clock.
    pub fn verify(&self, anchor: &Anchor) -> Result<Shown, BadEvidence> {
        let header = sealed_header(&self.header, &self.seal, anchor)?;
        let work = shown_work(&header, &self.seal, &self.confirmations, anchor)?;
        if self.in_block.len() > BODY_PATH_MAX {
            return Err(BadEvidence::InBlock(BadProof::PathLength));
        }
        let leaf = merkle::leaf_hash(&self.entry.0);
        if merkle::body_root_from(&leaf, &self.in_block) != header.body_root {
            return Err(BadEvidence::InBlock(BadProof::Root));
        }
        let (outcome, transition) = stated_in(&self.entry)?;
        Ok(Shown::of(&header, work, Statement::InBlock { outcome, transition }, &[IN_BLOCK]))
    }
}
