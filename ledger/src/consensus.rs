//! Consensus: who decides which block is next. An engine drives; the chain answers.

mod solo;

use std::sync::Arc;

pub use solo::Solo;

use crate::block::Block;
use crate::chain::{Chain, Executed, Final, InvalidBlock, OpenBlock};
use crate::error::Error;
use crate::execution::Application;
use crate::hash::Hash;
use crate::seal::Seal;
use crate::transition::Admitted;

/// What an engine asks of the ledger. Several blocks may stand on one parent; the ledger keeps them
/// all until one is decided.
pub trait Ledger {
    /// The rules that run.
    type Application: Application;

    /// Ends the block that was being filled and keeps it as a candidate.
    fn propose(
        &mut self,
        block: OpenBlock<Self::Application>,
    ) -> Result<Arc<Executed<Self::Application>>, Error>;

    /// Executes another's block and keeps it as a candidate, if it holds. An engine votes for no
    /// other.
    fn validate(
        &mut self,
        block: &Block,
        transitions: Vec<Admitted<<Self::Application as Application>::Action>>,
    ) -> Result<Arc<Executed<Self::Application>>, InvalidBlock>;

    /// Makes a candidate final.
    fn decided(&mut self, hash: &Hash, seal: &Seal) -> Result<Final<Self::Application>, Error>;
}

impl<A: Application> Ledger for Chain<A> {
    type Application = A;

    fn propose(&mut self, block: OpenBlock<A>) -> Result<Arc<Executed<A>>, Error> {
        Chain::propose(self, block)
    }

    fn validate(
        &mut self,
        block: &Block,
        transitions: Vec<Admitted<A::Action>>,
    ) -> Result<Arc<Executed<A>>, InvalidBlock> {
        Chain::validate(self, block, transitions)
    }

    fn decided(&mut self, hash: &Hash, seal: &Seal) -> Result<Final<A>, Error> {
        Chain::decide(self, hash, seal)
    }
}
