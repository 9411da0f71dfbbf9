//! Signatures of the engine's messages: Ed25519 as the ledger has it.

use std::fmt;

use async_trait::async_trait;
use borsh::{BorshDeserialize, BorshSerialize};
use chancery_ledger::hash::Hash;
use chancery_ledger::key::{PublicKey, SecretKey};
use malachitebft_core_types::{
    SignedExtension, SignedMessage, SignedProposal, SignedVote, SigningScheme, ValidatorProof,
    VoteExtensionScope,
};
use malachitebft_signing::{Error as SigningError, Signer, VerificationResult, Verifier};

use super::PoolContext;
use super::messages::{Proposal, Vote};
use super::names::Address;

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

    /// The ledger that is signed for.
    pub fn ledger(&self) -> &Hash {
        &self.ledger
    }

    pub(super) fn sign(&self, message: &[u8]) -> Signature {
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

pub(super) fn holds(key: &Address, message: &[u8], signature: &Signature) -> bool {
    key.key().verifier().is_ok_and(|verifier| verifier.verify(message, &signature.0))
}
