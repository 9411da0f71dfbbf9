//! What members say to each other, as the bytes that travel.

use bytes::Bytes;
use chancery_ledger::hash::Hash;
use chancery_ledger::work::{SEALED_HEADER_BYTES, SealedHeader};

use crate::simulation::message::Garbage;

/// One message.
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// The last header of the sender's best branch.
    Tip(SealedHeader),
    /// Where the sender stands: it wants the headers after that.
    WantHeaders(Vec<Hash>),
    /// Headers, lowest first.
    Headers(Vec<SealedHeader>),
    /// Blocks that the sender wants.
    WantBlocks(Vec<Hash>),
    /// A block.
    Block(Bytes),
    /// A transition that the sender has taken in.
    Transition(Bytes),
}

impl Message {
    /// The message's kind, and its bytes.
    pub(super) fn encode(&self) -> Bytes {
        let hashes = |hashes: &[Hash]| hashes.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>();
        let (kind, body) = match self {
            Self::Tip(sealed) => (0, sealed.encode().to_vec()),
            Self::WantHeaders(locator) => (1, hashes(locator)),
            Self::Headers(headers) => (2, headers.iter().flat_map(SealedHeader::encode).collect()),
            Self::WantBlocks(blocks) => (3, hashes(blocks)),
            Self::Block(block) => (4, block.to_vec()),
            Self::Transition(bytes) => (5, bytes.to_vec()),
        };
        [&[kind], &body[..]].concat().into()
    }

    /// Reads [`Message::encode`], or garbage.
    pub(super) fn decode(frame: &Bytes) -> Result<Self, Garbage> {
        let kind = frame.first().ok_or(Garbage)?;
        let body = frame.slice(1..);
        match kind {
            0 => sealed(&body).map(Self::Tip),
            1 => hashes(&body).map(Self::WantHeaders),
            2 if !body.len().is_multiple_of(SEALED_HEADER_BYTES) => Err(Garbage),
            2 => body
                .chunks(SEALED_HEADER_BYTES)
                .map(sealed)
                .collect::<Result<_, _>>()
                .map(Self::Headers),
            3 => hashes(&body).map(Self::WantBlocks),
            4 => Ok(Self::Block(body)),
            5 => Ok(Self::Transition(body)),
            _ => Err(Garbage),
        }
    }
}

fn sealed(bytes: &[u8]) -> Result<SealedHeader, Garbage> {
    SealedHeader::decode(bytes).map_err(|_| Garbage)
}

fn hashes(bytes: &[u8]) -> Result<Vec<Hash>, Garbage> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if rest.is_empty() { Ok(hashes.iter().map(|hash| Hash(*hash)).collect()) } else { Err(Garbage) }
}
