//! The agreement engine's types for this ledger: a value is the hash of a block, an address is a
//! validator's key, and what is signed is what the ledger's seals are made of.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use borsh::{BorshDeserialize, BorshSerialize};
use bytes::Bytes;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::{PublicKey, SecretKey};
use chancery_ledger::seal::{self, Pool, Step, ballot_bytes, proposal_bytes};
use malachitebft_core_types::{
    self as engine, CommitCertificate, CommitSignature, LinearTimeouts, NilOrVal, Round,
    SignedExtension, SignedMessage, SignedProposal, SignedVote, SigningScheme, ValidatorProof,
    VoteExtensionScope, VoteType,
};
use malachitebft_signing::{Error as SigningError, Signer, VerificationResult, Verifier};

/// The height of a block that is being agreed on.
#[derive(
    Copy,
    Clone,
    Default,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
)]
pub struct Height(pub u64);

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl engine::Height for Height {
    const ZERO: Self = Self(0);
    const INITIAL: Self = Self(1);

    fn increment_by(&self, by: u64) -> Self {
        Self(self.0.saturating_add(by))
    }

    fn decrement_by(&self, by: u64) -> Option<Self> {
        self.0.checked_sub(by).map(Self)
    }

    fn as_u64(&self) -> u64 {
        self.0
    }
}

/// A validator's address: the bytes of its key.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Address(pub [u8; 32]);

impl Address {
    /// The address of a validator with this key.
    pub fn of(key: &PublicKey) -> Self {
        Self(*key.as_bytes())
    }

    /// The key.
    pub fn key(&self) -> PublicKey {
        PublicKey::from_bytes(self.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key().fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl engine::Address for Address {}

/// The hash of a block's header: what is voted on.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct BlockHash(pub [u8; 32]);

impl BlockHash {
    /// As the ledger has it.
    pub fn hash(&self) -> Hash {
        Hash(self.0)
    }
}

impl From<Hash> for BlockHash {
    fn from(hash: Hash) -> Self {
        Self(hash.0)
    }
}

impl fmt::Display for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hash().fmt(f)
    }
}

impl fmt::Debug for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl engine::Value for BlockHash {
    type Id = Self;

    fn id(&self) -> Self {
        *self
    }
}

/// An Ed25519 signature.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0[..8]))
    }
}

/// Ed25519 as the ledger has it: canonical keys of full order, strict verification.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Ed25519;

impl SigningScheme for Ed25519 {
    type DecodingError = String;
    type Signature = Signature;
    type PublicKey = Address;
    type PrivateKey = ();

    fn decode_signature(bytes: &[u8]) -> Result<Signature, String> {
        let bytes = bytes.try_into().map_err(|_| "a signature has 64 bytes".to_owned())?;
        Ok(Signature(bytes))
    }

    fn encode_signature(signature: &Signature) -> Vec<u8> {
        signature.0.to_vec()
    }

    fn decode_public_key(bytes: &[u8]) -> Result<Address, String> {
        let bytes = bytes.try_into().map_err(|_| "a key has 32 bytes".to_owned())?;
        let key = PublicKey::from_bytes(bytes);
        key.verifier().map_err(|error| error.to_string())?;
        Ok(Address::of(&key))
    }

    fn encode_public_key(key: &Address) -> Vec<u8> {
        key.0.to_vec()
    }
}

/// A member of the pool of a height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    address: Address,
    power: u64,
}

impl engine::Validator<PoolContext> for Validator {
    fn address(&self) -> &Address {
        &self.address
    }

    fn public_key(&self) -> &Address {
        &self.address
    }

    fn voting_power(&self) -> u64 {
        self.power
    }
}

/// The pool of a height, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorSet(Arc<Vec<Validator>>);

impl From<&Pool> for ValidatorSet {
    fn from(pool: &Pool) -> Self {
        let validators = pool.validators.iter().map(|validator| Validator {
            address: Address::of(&validator.key),
            power: u64::from(validator.power),
        });
        Self(Arc::new(validators.collect()))
    }
}

impl engine::ValidatorSet<PoolContext> for ValidatorSet {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn total_voting_power(&self) -> u64 {
        self.0.iter().map(|validator| validator.power).sum()
    }

    fn get_by_address(&self, address: &Address) -> Option<&Validator> {
        self.0.iter().find(|validator| validator.address == *address)
    }

    fn get_by_index(&self, index: usize) -> Option<&Validator> {
        self.0.get(index)
    }
}

/// A prevote or a precommit.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Vote {
    step: VoteType,
    height: Height,
    round: Round,
    block: NilOrVal<BlockHash>,
    address: Address,
    /// Votes carry nothing else: this stays empty.
    #[borsh(skip)]
    extension: Option<SignedExtension<PoolContext>>,
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
    height: Height,
    round: Round,
    block: BlockHash,
    valid_round: Round,
    address: Address,
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
        let signature = Signature(signing.key.sign(&self.bytes(&signing.ledger)));
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

    /// Each proposes in proportion to its power: the turns of a whole cycle are laid out one after the
    /// other, and height and round walk along them.
    fn select_proposer<'a>(
        &self,
        pool: &'a ValidatorSet,
        height: Height,
        round: Round,
    ) -> &'a Validator {
        let turn = height.0.wrapping_add(u64::from(round_number(round)));
        &pool.0[proposer_of_turn(&pool.0, turn)]
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

/// Which validator has a turn. With equal powers they take turns in their order; else turn `t` falls to
/// the one in whose share the point `t * stride mod total` lies, where a stride without common divisor
/// with the total visits every point once a cycle and scatters the turns of the powerful.
fn proposer_of_turn(validators: &[Validator], turn: u64) -> usize {
    let equal = validators.windows(2).all(|pair| pair[0].power == pair[1].power);
    if equal {
        return (turn % validators.len() as u64) as usize;
    }
    let total: u64 = validators.iter().map(|validator| validator.power).sum();
    let mut stride = (total * 618 / 1000).max(1);
    while greatest_common_divisor(stride, total) != 1 {
        stride += 1;
    }
    let point = (u128::from(turn) * u128::from(stride) % u128::from(total)) as u64;
    let mut end = 0;
    let share = validators.iter().position(|validator| {
        end += validator.power;
        point < end
    });
    share.unwrap_or_default()
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// A round as it is signed. The engine signs nothing of the round before the first.
pub fn round_number(round: Round) -> u32 {
    round.as_u32().unwrap_or_default()
}

/// What a validator signs with.
#[derive(Clone)]
pub struct Signing {
    ledger: Hash,
    key: SecretKey,
}

impl Signing {
    /// Signing for this ledger with this key.
    pub fn new(ledger: Hash, key: SecretKey) -> Self {
        Self { ledger, key }
    }

    /// The address of the key.
    pub fn address(&self) -> Address {
        Address::of(&self.key.public())
    }

    fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.key.sign(message))
    }
}

#[async_trait]
impl Signer<PoolContext> for Signing {
    async fn sign_vote(&self, vote: Vote) -> Result<SignedVote<PoolContext>, SigningError> {
        let signature = self.sign(&vote.bytes(&self.ledger));
        Ok(SignedMessage::new(vote, signature))
    }

    async fn sign_proposal(
        &self,
        proposal: Proposal,
    ) -> Result<SignedProposal<PoolContext>, SigningError> {
        let signature = self.sign(&proposal.bytes(&self.ledger));
        Ok(SignedMessage::new(proposal, signature))
    }

    async fn sign_vote_extension(
        &self,
        _: VoteExtensionScope<PoolContext>,
        (): (),
    ) -> Result<SignedExtension<PoolContext>, SigningError> {
        Err(SigningError::from_source("votes carry nothing else".to_owned()))
    }

    async fn sign_validator_proof(
        &self,
        public_key: Vec<u8>,
        peer_id: Vec<u8>,
    ) -> Result<ValidatorProof<PoolContext>, SigningError> {
        let message = ValidatorProof::<PoolContext>::signing_bytes(&public_key, &peer_id);
        Ok(ValidatorProof::new(public_key, peer_id, self.sign(&message)))
    }
}

/// What signatures are checked with.
#[derive(Clone, Copy)]
pub struct Checking {
    /// The ledger that is signed for.
    pub ledger: Hash,
}

#[async_trait]
impl Verifier<PoolContext> for Checking {
    async fn verify_signed_vote(
        &self,
        vote: &Vote,
        signature: &Signature,
        key: &Address,
    ) -> Result<VerificationResult, SigningError> {
        Ok(result(holds(key, &vote.bytes(&self.ledger), signature)))
    }

    async fn verify_signed_proposal(
        &self,
        proposal: &Proposal,
        signature: &Signature,
        key: &Address,
    ) -> Result<VerificationResult, SigningError> {
        Ok(result(holds(key, &proposal.bytes(&self.ledger), signature)))
    }

    async fn verify_signed_vote_extension(
        &self,
        _: &VoteExtensionScope<PoolContext>,
        (): &(),
        _: &Signature,
        _: &Address,
    ) -> Result<VerificationResult, SigningError> {
        Ok(VerificationResult::Invalid)
    }

    async fn verify_validator_proof(
        &self,
        proof: &ValidatorProof<PoolContext>,
    ) -> Result<VerificationResult, SigningError> {
        let key = proof.decoded_public_key().map_err(SigningError::from_source)?;
        Ok(result(holds(&key, &proof.preimage(), &proof.signature)))
    }
}

fn result(holds: bool) -> VerificationResult {
    VerificationResult::from_bool(holds)
}

fn holds(key: &Address, message: &[u8], signature: &Signature) -> bool {
    key.key().verifier().is_ok_and(|verifier| verifier.verify(message, &signature.0))
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
