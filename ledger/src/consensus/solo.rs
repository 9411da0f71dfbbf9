//! Solo: a pool of one, which decides its own proposals at once.

use crate::chain::{Chain, Final, OpenBlock};
use crate::error::Error;
use crate::execution::Application;
use crate::key::SecretKey;
use crate::seal::{Certificate, Seal, Vote};

/// The engine of one node by itself.
pub struct Solo {
    key: SecretKey,
}

impl Solo {
    /// The engine that seals with this key, which must be the pool's only one.
    pub fn new(key: SecretKey) -> Self {
        Self { key }
    }

    /// Proposes a block, seals it and has it decided.
    pub fn decide<A: Application>(
        &self,
        chain: &mut Chain<A>,
        block: OpenBlock<A>,
    ) -> Result<Final<A>, Error> {
        let executed = chain.propose(block)?;
        let vote = Vote::cast(&self.key, &executed.tip.header, 0);
        let seal = Seal::Pool(Certificate { round: 0, signatures: vec![vote] });
        let header = &executed.tip.header;
        // The pool may have become another's since.
        seal.verify(header, &chain.view().pool_at(header.height)?)
            .map_err(|source| Error::Seal { height: header.height, source })?;
        chain.decide(&executed.tip.hash, &seal)
    }
}
