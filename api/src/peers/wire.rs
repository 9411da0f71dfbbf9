//! The messages of the network and their bytes: Borsh, bounded before anything is kept.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};
use bytes::Bytes;
use chancery_ledger::hash::Hash;

use super::config::{MAX_ANSWER_BYTES, MAX_BATCH, MAX_BLOCKS, MAX_HEADERS, MAX_LOCATOR};

/// The longest request, in bytes: the hashes of the most blocks, and some room.
pub(super) const MAX_REQUEST_BYTES: usize = MAX_BLOCKS as usize * 32 + 1_024;
/// The most addresses of one answer.
pub(super) const MAX_ADDRESSES: usize = 64;
/// The longest address of an answer, in bytes of its text.
pub(super) const MAX_ADDRESS_BYTES: usize = 256;

/// What goes over the topic of blocks.
#[derive(BorshSerialize, BorshDeserialize)]
pub(super) enum BlockNews {
    /// A block that fits into a message.
    Whole(Bytes),
    /// The hash of one that does not: who sends this has it.
    Announced([u8; 32]),
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum Ask {
    Headers { locator: Vec<[u8; 32]>, most: u32 },
    Blocks(Vec<[u8; 32]>),
    Range { first: u64, count: u32 },
    Addresses,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum Told {
    /// Headers, blocks, or addresses as text.
    Items(Vec<Bytes>),
    /// There is none.
    Nothing,
    /// Not now.
    Busy,
}

/// Bytes that are not a message of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message of this network")]
pub(super) struct Malformed;

/// A batch of transitions: never empty, none of them empty.
pub(super) fn decode_batch(bytes: &[u8]) -> Result<Vec<Bytes>, Malformed> {
    // The count comes first: looked at before anything is kept.
    let count = bytes.first_chunk().map(|count| u32::from_le_bytes(*count));
    if count.is_none_or(|count| count == 0 || count as usize > MAX_BATCH) {
        return Err(Malformed);
    }
    let batch: Vec<Bytes> = borsh::from_slice(bytes).map_err(|_| Malformed)?;
    if batch.iter().any(Bytes::is_empty) { Err(Malformed) } else { Ok(batch) }
}

pub(super) fn decode_news(bytes: &[u8]) -> Result<BlockNews, Malformed> {
    borsh::from_slice(bytes).map_err(|_| Malformed)
}

/// A request whose numbers are within bounds.
pub(super) fn decode_ask(bytes: &[u8]) -> Result<Ask, Malformed> {
    let ask: Ask = borsh::from_slice(bytes).map_err(|_| Malformed)?;
    if ask.is_sound() { Ok(ask) } else { Err(Malformed) }
}

impl Ask {
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::Headers { locator, most } => {
                locator.len() <= MAX_LOCATOR && (1..=MAX_HEADERS).contains(most)
            }
            Self::Blocks(hashes) => (1..=MAX_BLOCKS as usize).contains(&hashes.len()),
            Self::Range { count, .. } => (1..=MAX_BLOCKS).contains(count),
            Self::Addresses => true,
        }
    }

    /// How many items an answer may have.
    pub(super) fn most_items(&self) -> usize {
        match self {
            Self::Headers { most, .. } => *most as usize,
            Self::Blocks(hashes) => hashes.len(),
            Self::Range { count, .. } => *count as usize,
            Self::Addresses => MAX_ADDRESSES,
        }
    }
}

/// An answer, which has no more items than any question may bring.
pub(super) fn decode_told(bytes: &[u8]) -> Result<Told, Malformed> {
    if bytes.len() > MAX_ANSWER_BYTES {
        return Err(Malformed);
    }
    let told: Told = borsh::from_slice(bytes).map_err(|_| Malformed)?;
    let sound = !matches!(&told, Told::Items(items) if items.len() > MAX_HEADERS as usize);
    if sound { Ok(told) } else { Err(Malformed) }
}

/// The bytes of a message.
pub(super) fn encode(message: &impl BorshSerialize) -> io::Result<Vec<u8>> {
    borsh::to_vec(message)
}

pub(super) fn raw(hashes: &[Hash]) -> Vec<[u8; 32]> {
    hashes.iter().map(|hash| hash.0).collect()
}

pub(super) fn hashes(raw: Vec<[u8; 32]>) -> Vec<Hash> {
    raw.into_iter().map(Hash).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_batch_is_read_as_it_was_written_and_never_empty() {
        let batch = vec![Bytes::from_static(b"first"), Bytes::from_static(b"second")];
        let bytes = encode(&batch).expect("encodes");
        assert_eq!(decode_batch(&bytes).as_ref(), Ok(&batch));
        assert_eq!(decode_batch(&bytes[..bytes.len() - 1]), Err(Malformed));
        assert_eq!(decode_batch(&[&bytes[..], b"x"].concat()), Err(Malformed));
        for wrong in [vec![], vec![Bytes::new()], vec![Bytes::from_static(b"x"); MAX_BATCH + 1]] {
            assert_eq!(decode_batch(&encode(&wrong).expect("encodes")), Err(Malformed));
        }
        assert_eq!(decode_batch(b""), Err(Malformed));
    }

    #[test]
    fn requests_out_of_bounds_are_refused() {
        let wrong = [
            Ask::Headers { locator: vec![[0; 32]; MAX_LOCATOR + 1], most: 1 },
            Ask::Headers { locator: vec![], most: 0 },
            Ask::Headers { locator: vec![], most: MAX_HEADERS + 1 },
            Ask::Blocks(vec![]),
            Ask::Blocks(vec![[0; 32]; MAX_BLOCKS as usize + 1]),
            Ask::Range { first: 1, count: 0 },
            Ask::Range { first: 1, count: MAX_BLOCKS + 1 },
        ];
        for ask in wrong {
            assert_eq!(decode_ask(&encode(&ask).expect("encodes")), Err(Malformed), "{ask:?}");
        }
        let right = Ask::Blocks(vec![[7; 32]; MAX_BLOCKS as usize]);
        let bytes = encode(&right).expect("encodes");
        assert!(bytes.len() <= MAX_REQUEST_BYTES);
        assert_eq!(decode_ask(&bytes), Ok(right));
    }

    proptest! {
        #[test]
        fn random_bytes_are_refused_or_read_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(batch) = decode_batch(&bytes) {
                prop_assert_eq!(encode(&batch).expect("encodes"), bytes.clone());
            }
            if let Ok(ask) = decode_ask(&bytes) {
                prop_assert_eq!(encode(&ask).expect("encodes"), bytes.clone());
            }
            if let Ok(told) = decode_told(&bytes) {
                prop_assert_eq!(encode(&told).expect("encodes"), bytes.clone());
            }
            let _ = decode_news(&bytes);
        }
    }
}
