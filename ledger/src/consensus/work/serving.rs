//! What other nodes ask for: headers after a place that both know, and blocks.

use super::finals::Finals;
use super::{Body, WorkHost};
use crate::error::Error;
use crate::execution::Application;
use crate::hash::Hash;
use crate::seal::Seal;
use crate::work::SealedHeader;

/// Blocks of the best branch that a locator names one by one, before it leaves ever more out.
const DENSE: usize = 10;

impl<A: Application> WorkHost<A> {
    /// Where this node stands: hashes of its best branch, newest first, ever further apart.
    pub fn locator(&self) -> Result<Vec<Hash>, Error> {
        let mut locator = Vec::new();
        let path = self.tree.path(&self.best.hash);
        let mut next = path.len();
        let mut step = 1;
        while next > 0 {
            locator.push(path[next - 1]);
            if locator.len() >= DENSE {
                step *= 2;
            }
            next = next.saturating_sub(step);
        }
        let view = self.view();
        for height in Finals::spread(self.tree.root().1.height) {
            locator.push(view.sealed_header(height)?.0.hash());
        }
        Ok(locator)
    }

    /// At most so many sealed headers of the best branch after the first block of a locator that stands
    /// on it; from block 1 on if none does.
    pub fn headers_after(
        &mut self,
        locator: &[Hash],
        most: usize,
    ) -> Result<Vec<SealedHeader>, Error> {
        let path = self.tree.path(&self.best.hash);
        let (root, root_height) = (*self.tree.root().0, self.tree.root().1.height);
        let height_of = |hash: &Hash| match path.iter().position(|above| above == hash) {
            Some(index) => Some(root_height + 1 + index as u64),
            None if *hash == root => Some(root_height),
            None => self.finals.height(hash),
        };
        let known = locator.iter().find_map(height_of).unwrap_or(0);
        let view = self.view();
        let mut headers = Vec::new();
        for height in (known + 1..=root_height).take(most) {
            let (header, seal) = view.sealed_header(height)?;
            // Whoever is told of a header may ask for its block.
            self.finals.served(header.hash(), height);
            if let Seal::Work(work) = seal {
                headers.push(SealedHeader { header, work });
            }
        }
        let first = known.saturating_sub(root_height) as usize;
        let above = path.iter().skip(first).take(most - headers.len());
        headers.extend(above.filter_map(|hash| Some(self.tree.node(hash)?.sealed.clone())));
        Ok(headers)
    }

    /// A block by its hash, with its seal: one above the last final block, one of the last 2,048 final
    /// ones, or one whose header was just given.
    pub fn block(&self, hash: &Hash) -> Result<Option<Vec<u8>>, Error> {
        if let Some(block) = self.block_above(hash) {
            return Ok(Some(block));
        }
        self.finals.height(hash).map(|height| self.view().block_bytes(height)).transpose()
    }

    /// The blocks to ask others for: those that the branch with the most work lacks, lowest first.
    pub fn missing(&self, most: usize) -> Vec<Hash> {
        self.tree.missing(most)
    }

    /// The blocks that the branch up to this header lacks, lowest first: to be asked of who has told of
    /// it. Whoever asks for [`Self::missing`] only can be held up by one who works on headers and keeps
    /// their blocks back.
    pub fn missing_up_to(&self, last: &Hash, most: usize) -> Vec<Hash> {
        self.tree.missing_up_to(last, most)
    }

    /// Whether a block is here, as far as [`Self::block`] can tell.
    pub fn has_block(&self, hash: &Hash) -> bool {
        let node = self.tree.node(hash);
        node.is_some_and(|node| !matches!(node.body, Body::Missing))
            || self.finals.height(hash).is_some()
    }
}
