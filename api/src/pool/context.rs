//! The agreement engine's types for this ledger: a value is the hash of a block, an address is a
//! validator's key, and what is signed is what the ledger's seals are made of.

mod members;
mod messages;
mod names;
mod signing;

use chancery_ledger::hash::Hash;
use chancery_ledger::seal;
use malachitebft_core_types::{
    self as engine, CommitCertificate, CommitSignature, LinearTimeouts, NilOrVal, Round, VoteType,
};

pub use members::{Validator, ValidatorSet};
pub use messages::{Init, Introduction, Part, Proposal, Vote};
pub use names::{Address, BlockHash, Height};
pub use signing::{Checking, Ed25519, Signature, Signing};

/// The engine's type of types.
#[derive(Clone, Debug)]
pub struct PoolContext;

impl engine::Context for PoolContext {
    type Address = Address;
    type Height = Height;
    type ProposalPart = Part;
    type Proposal = Proposal;
    type Validator = Validator;
    type ValidatorSet = ValidatorSet;
    type Timeouts = LinearTimeouts;
    type Value = BlockHash;
    type Vote = Vote;
    type Extension = ();
    type SigningScheme = Ed25519;

    fn select_proposer<'a>(
        &self,
        pool: &'a ValidatorSet,
        height: Height,
        round: Round,
    ) -> &'a Validator {
        pool.proposer(height, round)
    }

    fn new_proposal(
        &self,
        height: Height,
        round: Round,
        block: BlockHash,
        valid_round: Round,
        address: Address,
    ) -> Proposal {
        Proposal { height, round, block, valid_round, address }
    }

    fn new_prevote(
        &self,
        height: Height,
        round: Round,
        block: NilOrVal<BlockHash>,
        address: Address,
    ) -> Vote {
        Vote { step: VoteType::Prevote, height, round, block, address, extension: None }
    }

    fn new_precommit(
        &self,
        height: Height,
        round: Round,
        block: NilOrVal<BlockHash>,
        address: Address,
    ) -> Vote {
        Vote { step: VoteType::Precommit, height, round, block, address, extension: None }
    }
}

/// A round as it is signed. The engine signs nothing of the round before the first.
pub fn round_number(round: Round) -> u32 {
    round.as_u32().unwrap_or_default()
}

/// The engine's certificate as the ledger seals with it.
pub fn certificate(certificate: &CommitCertificate<PoolContext>) -> seal::Certificate {
    let vote = |signed: &CommitSignature<PoolContext>| seal::Vote {
        validator: signed.address.key(),
        signature: signed.signature.0,
    };
    seal::Certificate {
        round: round_number(certificate.round),
        signatures: certificate.commit_signatures.iter().map(vote).collect(),
    }
}

/// The ledger's certificate as the engine has it.
pub fn commit_certificate(
    height: u64,
    block: Hash,
    certificate: &seal::Certificate,
) -> CommitCertificate<PoolContext> {
    let signed = |vote: &seal::Vote| CommitSignature::<PoolContext> {
        address: Address::of(&vote.validator),
        signature: Signature(vote.signature),
    };
    CommitCertificate {
        height: Height(height),
        round: Round::new(certificate.round),
        value_id: block.into(),
        commit_signatures: certificate.signatures.iter().map(signed).collect(),
    }
}
