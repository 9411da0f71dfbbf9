//! What validators send each other: votes, proposals and the parts of blocks.

use borsh::{BorshDeserialize, BorshSerialize};
use bytes::Bytes;
use chancery_ledger::hash::Hash;
use chancery_ledger::seal::{Step, ballot_bytes, proposal_bytes};
use malachitebft_core_types::{self as engine, NilOrVal, Round, SignedExtension, VoteType};

use super::names::{Address, BlockHash, Height};
use super::signing::{Signature, Signing, holds};
use super::{PoolContext, round_number};

/// A prevote or a precommit.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Vote {
    pub(super) step: VoteType,
    pub(super) height: Height,
    pub(super) round: Round,
    pub(super) block: NilOrVal<BlockHash>,
    pub(super) address: Address,
    /// Votes carry nothing else: this stays empty.
    #[borsh(skip)]
    pub(super) extension: Option<SignedExtension<PoolContext>>,
}

impl Vote {
    /// What the validator signs.
    pub fn bytes(&self, ledger: &Hash) -> Vec<u8> {
        let step = match self.step {
            VoteType::Prevote => Step::Prevote,
            VoteType::Precommit => Step::Precommit,
        };
        let block = match self.block {
            NilOrVal::Nil => None,
            NilOrVal::Val(block) => Some(block.hash()),
        };
        ballot_bytes(step, ledger, self.height.0, round_number(self.round), block.as_ref())
    }
}

impl engine::Vote<PoolContext> for Vote {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &NilOrVal<BlockHash> {
        &self.block
    }

    fn take_value(self) -> NilOrVal<BlockHash> {
        self.block
    }

    fn vote_type(&self) -> VoteType {
        self.step
    }

    fn validator_address(&self) -> &Address {
        &self.address
    }

    fn extension(&self) -> Option<&SignedExtension<PoolContext>> {
        self.extension.as_ref()
    }

    fn take_extension(&mut self) -> Option<SignedExtension<PoolContext>> {
        self.extension.take()
    }

    fn extend(self, extension: SignedExtension<PoolContext>) -> Self {
        Self { extension: Some(extension), ..self }
    }
}

/// That a block is proposed in a round.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proposal {
    pub(super) height: Height,
    pub(super) round: Round,
    pub(super) block: BlockHash,
    pub(super) valid_round: Round,
    pub(super) address: Address,
}

impl Proposal {
    /// What the proposer signs.
    pub fn bytes(&self, ledger: &Hash) -> Vec<u8> {
        let (round, valid_round) = (round_number(self.round), self.valid_round.as_i64());
        proposal_bytes(ledger, self.height.0, round, valid_round, &self.block.hash())
    }
}

impl engine::Proposal<PoolContext> for Proposal {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &BlockHash {
        &self.block
    }

    fn take_value(self) -> BlockHash {
        self.block
    }

    fn pol_round(&self) -> Round {
        self.valid_round
    }

    fn validator_address(&self) -> &Address {
        &self.address
    }
}

/// A part of a proposed block on its way, or transitions on theirs.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Part {
    /// What follows, signed by the proposer.
    Init(Init),
    /// The next bytes of the block.
    Data(Bytes),
    /// Transitions that a node has taken in, for whoever proposes next: no part of a block.
    Transitions(Vec<Bytes>),
    /// Which validator the sender is: no part of a block.
    Introduction(Introduction),
}

/// That a peer of the network is a validator. The engine shows this by itself on the first connection
/// to a peer, and not again when that one is closed for another to the same peer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Introduction {
    /// The validator.
    pub validator: Address,
    /// Its signature over the ledger and the network identity of the peer.
    pub signature: Signature,
}

impl Introduction {
    fn bytes(ledger: &Hash, peer: &[u8]) -> Vec<u8> {
        [&b"chancery peer 1\0"[..], ledger.as_bytes(), peer].concat()
    }

    /// The one of the validator with this key, at the peer with this identity.
    pub fn signed(signing: &Signing, peer: &[u8]) -> Self {
        let signature = signing.sign(&Self::bytes(signing.ledger(), peer));
        Self { validator: signing.address(), signature }
    }

    /// Whether the validator is the peer with this identity.
    pub fn is_of(&self, ledger: &Hash, peer: &[u8]) -> bool {
        holds(&self.validator, &Self::bytes(ledger, peer), &self.signature)
    }
}

/// What a stream of parts begins with.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Init {
    /// The height of the block.
    pub height: Height,
    /// The round it is proposed in.
    pub round: Round,
    /// The earlier round in which validators had locked on it.
    pub valid_round: Round,
    /// Who proposes it.
    pub proposer: Address,
    /// The block.
    pub block: BlockHash,
    /// How many bytes it has.
    pub len: u32,
    /// The proposer's signature over all of this, so that nobody else can have blocks looked at.
    pub signature: Signature,
}

impl Init {
    fn bytes(&self, ledger: &Hash) -> Vec<u8> {
        let (round, valid_round) = (round_number(self.round), self.valid_round.as_i64());
        let mut bytes = b"chancery block parts 1\0".to_vec();
        bytes.extend(proposal_bytes(ledger, self.height.0, round, valid_round, &self.block.hash()));
        bytes.extend_from_slice(&self.len.to_be_bytes());
        bytes
    }

    /// Signs it.
    pub fn signed(self, signing: &Signing) -> Self {
        let signature = signing.sign(&self.bytes(signing.ledger()));
        Self { signature, ..self }
    }

    /// Whether the proposer has signed it.
    pub fn is_signed(&self, ledger: &Hash) -> bool {
        holds(&self.proposer, &self.bytes(ledger), &self.signature)
    }
}

impl engine::ProposalPart<PoolContext> for Part {
    fn is_first(&self) -> bool {
        matches!(self, Self::Init(_))
    }

    fn is_last(&self) -> bool {
        false
    }
}
