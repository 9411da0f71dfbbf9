//! Tips: all that must be known of a block to build the next one on it.

use crate::block::Header;
use crate::hash::Hash;
use crate::merkle::Frontier;
use crate::trie::Subtree;

/// A block as the next one sees it, final or not.
#[derive(Clone, Debug)]
pub struct Tip {
    /// Its header.
    pub header: Header,
    /// The header's hash.
    pub hash: Hash,
    pub(crate) state: Subtree,
    pub(crate) frontier: Frontier,
}

impl Tip {
    pub(crate) fn new(header: Header, state: Subtree, frontier: Frontier) -> Self {
        Self { hash: header.hash(), header, state, frontier }
    }
}
