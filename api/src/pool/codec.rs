//! How the engine's messages stand in its write-ahead log and on the wire: borsh, bounded, with
//! nothing behind their end.

use std::io::{Error, ErrorKind};

use borsh::{BorshDeserialize, BorshSerialize};
use bytes::Bytes;
use malachitebft_app::consensus::LivenessMsg;
use malachitebft_app::types::codec::{Codec, HasEncodedLen};
use malachitebft_app::types::core::{
    ExtendedCommitCertificate, ExtendedCommitSignature, PolkaCertificate, Round, ValidatorProof,
};
use malachitebft_app::types::streaming::StreamMessage;
use malachitebft_app::types::sync::{RawDecidedValue, Request, Response, Status};
use malachitebft_app::types::{ProposedValue, SignedConsensusMsg};
use malachitebft_sync::ValueResponse;

use super::context::{Address, BlockHash, Height, Part, PoolContext, Signature};

/// The largest message that is read.
pub const MAX_MESSAGE_BYTES: usize = 10 * 1024 * 1024;

/// The codec of the log, the network and the catch-up.
#[derive(Clone, Copy, Debug)]
pub struct Wire;

fn read<T: BorshDeserialize>(bytes: &[u8]) -> Result<T, Error> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(Error::new(ErrorKind::InvalidData, "the message is too large"));
    }
    // This refuses what follows the end.
    borsh::from_slice(bytes)
}

fn write(message: &impl BorshSerialize) -> Result<Bytes, Error> {
    borsh::to_vec(message).map(Into::into)
}

macro_rules! as_borsh_has_it {
    ($($message:ty),* $(,)?) => { $(
        impl Codec<$message> for Wire {
            type Error = Error;

            fn decode(&self, bytes: Bytes) -> Result<$message, Error> {
                read(&bytes)
            }

            fn encode(&self, message: &$message) -> Result<Bytes, Error> {
                write(message)
            }
        }
    )* }
}

as_borsh_has_it!(
    Part,
    SignedConsensusMsg<PoolContext>,
    LivenessMsg<PoolContext>,
    StreamMessage<Part>,
    ProposedValue<PoolContext>,
    PolkaCertificate<PoolContext>,
    Status<PoolContext>,
    Request<PoolContext>,
);

/// That a peer of the network is a validator, as it travels.
#[derive(BorshSerialize, BorshDeserialize)]
struct Proof {
    public_key: Vec<u8>,
    peer_id: Vec<u8>,
    signature: Signature,
}

impl Codec<ValidatorProof<PoolContext>> for Wire {
    type Error = Error;

    fn decode(&self, bytes: Bytes) -> Result<ValidatorProof<PoolContext>, Error> {
        let Proof { public_key, peer_id, signature } = read(&bytes)?;
        Ok(ValidatorProof::new(public_key, peer_id, signature))
    }

    fn encode(&self, proof: &ValidatorProof<PoolContext>) -> Result<Bytes, Error> {
        let (public_key, peer_id) = (proof.public_key.clone(), proof.peer_id.clone());
        write(&Proof { public_key, peer_id, signature: proof.signature })
    }
}

/// A certificate as it travels with a decided block.
#[derive(BorshSerialize, BorshDeserialize)]
struct Certificate {
    height: Height,
    round: Round,
    block: BlockHash,
    signatures: Vec<(Address, Signature)>,
}

impl From<&ExtendedCommitCertificate<PoolContext>> for Certificate {
    fn from(certificate: &ExtendedCommitCertificate<PoolContext>) -> Self {
        let signatures = &certificate.commit_signatures;
        Self {
            height: certificate.height,
            round: certificate.round,
            block: certificate.value_id,
            signatures: signatures.iter().map(|vote| (vote.address, vote.signature)).collect(),
        }
    }
}

impl From<Certificate> for ExtendedCommitCertificate<PoolContext> {
    fn from(certificate: Certificate) -> Self {
        let vote = |(address, signature)| ExtendedCommitSignature::new(address, signature, None);
        Self {
            height: certificate.height,
            round: certificate.round,
            value_id: certificate.block,
            commit_signatures: certificate.signatures.into_iter().map(vote).collect(),
        }
    }
}

/// Decided blocks as they travel to one that catches up.
#[derive(BorshSerialize, BorshDeserialize)]
struct DecidedBlocks {
    start: Height,
    blocks: Vec<(Bytes, Certificate)>,
}

impl Codec<Response<PoolContext>> for Wire {
    type Error = Error;

    fn decode(&self, bytes: Bytes) -> Result<Response<PoolContext>, Error> {
        let DecidedBlocks { start, blocks } = read(&bytes)?;
        let value = |(block, certificate): (Bytes, Certificate)| {
            RawDecidedValue::new(block, certificate.into())
        };
        let values = blocks.into_iter().map(value).collect();
        Ok(Response::ValueResponse(ValueResponse::new(start, values)))
    }

    fn encode(&self, response: &Response<PoolContext>) -> Result<Bytes, Error> {
        let Response::ValueResponse(response) = response;
        let block = |value: &RawDecidedValue<PoolContext>| {
            (value.value_bytes.clone(), Certificate::from(&value.certificate))
        };
        let blocks = response.values.iter().map(block).collect();
        write(&DecidedBlocks { start: response.start_height, blocks })
    }
}

impl HasEncodedLen<Response<PoolContext>> for Wire {
    fn encoded_len(&self, response: &Response<PoolContext>) -> Result<usize, Error> {
        self.encode(response).map(|bytes| bytes.len())
    }
}
