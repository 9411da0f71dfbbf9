//! What members send each other, in the bytes that the product's codec gives it.

use bytes::Bytes;
use chancery_api::pool::codec::Wire;
use chancery_api::pool::context::{Height, Init, Part, PoolContext};
use malachitebft_app::consensus::{LivenessMsg, SignedConsensusMsg};
use malachitebft_app::types::PeerId;
use malachitebft_app::types::codec::Codec;
use malachitebft_app::types::sync::{RawDecidedValue, Request, Response, Status};
use malachitebft_sync::{ValueRequest, ValueResponse};

/// One message.
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// A vote or a proposal.
    Consensus(SignedConsensusMsg<PoolContext>),
    /// A vote or a certificate, again.
    Liveness(LivenessMsg<PoolContext>),
    /// A proposed block.
    Block(Init, Bytes),
    /// Transitions that the sender has taken in.
    Transitions(Vec<Bytes>),
    /// The sender's last height.
    Tip(u64),
    /// Which decided blocks the sender wants, first and last.
    Want(u64, u64),
    /// Decided blocks with their certificates.
    Decided(Vec<RawDecidedValue<PoolContext>>),
}

/// Bytes that are no message.
#[derive(Debug)]
pub(super) struct Garbage;

/// A peer's name, which only the catch-up asks for.
pub(super) fn peer_id() -> Option<PeerId> {
    PeerId::from_bytes(&[0, 1, b'p']).ok()
}

impl Message {
    /// The message's kind, and its bytes.
    pub(super) fn encode(&self) -> Bytes {
        let (kind, body) = match self {
            Self::Consensus(message) => (0, Wire.encode(message)),
            Self::Liveness(message) => (1, Wire.encode(message)),
            Self::Block(init, block) => (2, block_bytes(init, block)),
            Self::Transitions(batch) => (3, Wire.encode(&Part::Transitions(batch.clone()))),
            Self::Tip(height) => (4, tip_bytes(*height)),
            Self::Want(first, last) => {
                let range = Height(*first)..=Height(*last);
                (5, Wire.encode(&Request::ValueRequest(ValueRequest::new(range))))
            }
            Self::Decided(blocks) => {
                let start = blocks.first().map_or(Height(0), |block| block.certificate.height);
                let response = ValueResponse::new(start, blocks.clone());
                (6, Wire.encode(&Response::ValueResponse(response)))
            }
        };
        // Writing into memory does not fail.
        let body = body.unwrap_or_default();
        [&[kind], &body[..]].concat().into()
    }

    /// Reads [`Message::encode`], or garbage.
    pub(super) fn decode(frame: &Bytes) -> Result<Self, Garbage> {
        let kind = frame.first().ok_or(Garbage)?;
        let body = frame.slice(1..);
        match kind {
            0 => decoded(body).map(Self::Consensus),
            1 => decoded(body).map(Self::Liveness),
            2 => block_of(body),
            3 => match decoded(body)? {
                Part::Transitions(batch) => Ok(Self::Transitions(batch)),
                Part::Init(_) | Part::Data(_) | Part::Introduction(_) => Err(Garbage),
            },
            4 => decoded(body).map(|status: Status<PoolContext>| Self::Tip(status.tip_height.0)),
            5 => {
                let Request::ValueRequest(request) = decoded(body)?;
                Ok(Self::Want(request.range.start().0, request.range.end().0))
            }
            6 => {
                let Response::ValueResponse(response) = decoded(body)?;
                Ok(Self::Decided(response.values))
            }
            _ => Err(Garbage),
        }
    }
}

fn decoded<T>(body: Bytes) -> Result<T, Garbage>
where
    Wire: Codec<T>,
{
    Wire.decode(body).map_err(|_| Garbage)
}

fn tip_bytes(height: u64) -> Result<Bytes, std::io::Error> {
    let peer_id = peer_id().ok_or(std::io::ErrorKind::InvalidData)?;
    let (tip_height, history_min_height) = (Height(height), Height(1));
    Wire.encode(&Status::<PoolContext> { peer_id, tip_height, history_min_height })
}

/// The first part with its length, then the second.
fn block_bytes(init: &Init, block: &Bytes) -> Result<Bytes, std::io::Error> {
    let init = Wire.encode(&Part::Init(init.clone()))?;
    let data = Wire.encode(&Part::Data(block.clone()))?;
    Ok([&(init.len() as u32).to_be_bytes()[..], &init, &data].concat().into())
}

fn block_of(body: Bytes) -> Result<Message, Garbage> {
    let (len, _) = body.split_first_chunk::<4>().ok_or(Garbage)?;
    let end = (u32::from_be_bytes(*len) as usize).checked_add(4).ok_or(Garbage)?;
    if end > body.len() {
        return Err(Garbage);
    }
    match (decoded(body.slice(4..end))?, decoded(body.slice(end..))?) {
        (Part::Init(init), Part::Data(block)) => Ok(Message::Block(init, block)),
        _ => Err(Garbage),
    }
}
