//! OpenTimestamps proofs (`.ots` files): from the SHA-256 of a file over some operations to what attests it.
//!
//! The format is that of python-opentimestamps 0.4 (`core/timestamp.py`, `core/op.py`, `core/notary.py`), which has
//! no other specification. The bounds here are its bounds, or narrower.

use chancery_ledger::hash::Hash;

use super::steps::Steps;

/// The longest file that is read.
pub const PROOF_BYTES_MAX: usize = 64 * 1024;
/// The longest answer of a calendar, as `calendar.py` has it.
pub const CALENDAR_BYTES_MAX: usize = 10_000;
/// What a file begins with: `DetachedTimestampFile.HEADER_MAGIC`, version 1, and that a SHA-256 follows.
const HEAD: &[u8; 33] =
    b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94\x01\x08";

/// That something attests the SHA-256 of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    digest: Hash,
    steps: Steps,
}

/// What attests a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attestation {
    /// A calendar promises that a Bitcoin block will commit to it. This is no proof of any time.
    Pending {
        /// Where it answers when that has come about.
        calendar: String,
    },
    /// It is the merkle root of the Bitcoin block at a height, which whoever knows that block must compare.
    Bitcoin {
        /// The height.
        height: u64,
    },
    /// Of a kind that is not known here.
    Other {
        /// The kind's tag.
        kind: [u8; 8],
        /// What it says.
        payload: Vec<u8>,
    },
}

/// An attestation, and the message that the operations lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The message.
    pub message: Vec<u8>,
    /// What attests it.
    pub attestation: Attestation,
}

/// Why bytes are no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// There are too many.
    #[error("an OpenTimestamps proof has at most {PROOF_BYTES_MAX} bytes")]
    TooLong,
    /// They begin otherwise.
    #[error("it does not begin as an OpenTimestamps proof of version 1 of a SHA-256")]
    Head,
    /// They end too early.
    #[error("it ends before its last attestation")]
    Ended,
    /// They go on.
    #[error("it goes on behind its end")]
    Trailing,
    /// A number is too great, or longer than it need be.
    #[error("a number in it is of more than 63 bits, or longer than it need be")]
    Number,
    /// An argument is too long.
    #[error("a text in it is longer than its kind may be")]
    LongText,
    /// An operation is not known.
    #[error(
        "the operation {0:#04x} is not read here: 0x08 (SHA-256), 0xf0 and 0xf1 (append and prepend a byte or \
         more) are"
    )]
    Operation(u8),
    /// A message grows too long.
    #[error("a message in it has more than 4,096 bytes")]
    LongMessage,
    /// It is too deep.
    #[error("more than 255 operations follow each other in it")]
    TooDeep,
    /// There is too much in it.
    #[error("it has more than 2,048 operations and attestations")]
    TooMany,
    /// A calendar's address has other characters.
    #[error("a calendar's address has other characters than letters, digits and -._/:")]
    Calendar,
    /// What should be a merkle root is none.
    #[error("what should be the merkle root of a Bitcoin block has not 32 bytes")]
    NoMerkleRoot,
    /// It is about something else.
    #[error("it is about other bytes: its hash is not their SHA-256")]
    OtherBytes,
    /// The calendar has made no such promise.
    #[error("there is no such promise of this calendar in it")]
    NoPromise,
}

impl Reached {
    /// The message as explorers of Bitcoin write a merkle root: in hexadecimal, from the last byte on.
    pub fn merkle_root(&self) -> String {
        let reversed: Vec<u8> = self.message.iter().rev().copied().collect();
        data_encoding::HEXLOWER.encode(&reversed)
    }
}

impl Proof {
    /// The proof of a SHA-256 from what calendars have answered about it.
    pub fn new(digest: Hash, answers: impl IntoIterator<Item = Steps>) -> Result<Self, BadProof> {
        let mut steps = Steps::default();
        answers.into_iter().for_each(|answer| steps.join(answer));
        Self { digest, steps }.within_bounds()
    }

    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Result<Self, BadProof> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(BadProof::TooLong);
        }
        let rest = bytes.strip_prefix(HEAD).ok_or(BadProof::Head)?;
        let (digest, rest) = rest.split_first_chunk::<32>().ok_or(BadProof::Ended)?;
        Ok(Self { digest: Hash(*digest), steps: Steps::read(rest, digest.len())? })
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = [HEAD.as_slice(), self.digest.as_bytes().as_slice()].concat();
        self.steps.write(&mut bytes);
        bytes
    }

    /// Does all operations, and gives what attests their results. That the bytes with this SHA-256 are what
    /// it is about is checked; an attestation says no more than its kind does.
    pub fn reached(&self, digest: &Hash) -> Result<Vec<Reached>, BadProof> {
        if self.digest != *digest {
            return Err(BadProof::OtherBytes);
        }
        let mut all = Vec::new();
        self.steps.each(digest.as_bytes(), &mut |message, attestation| {
            let (message, attestation) = (message.to_vec(), attestation.clone());
            all.push(Reached { message, attestation });
        });
        Ok(all)
    }

    /// Puts what a calendar now answers into the place of its promise.
    pub fn complete(&self, promise: &Reached, answer: &Steps) -> Result<Self, BadProof> {
        let mut proof = self.clone();
        let Reached { message, attestation } = promise;
        let from = self.digest.as_bytes();
        match proof.steps.complete(from, attestation, message, answer) {
            true => proof.within_bounds(),
            false => Err(BadProof::NoPromise),
        }
    }

    /// The proof, if it would be read again.
    fn within_bounds(self) -> Result<Self, BadProof> {
        match Self::read(&self.to_bytes())? == self {
            true => Ok(self),
            false => Err(BadProof::Trailing),
        }
    }
}

#[cfg(test)]
mod tests;
