//! What the world may do to a ledger: disks fail, files are damaged.

use std::io;

use crate::execution::NotAnObject;
use crate::seal::BadSeal;
use crate::trie::TrieError;

/// The world failed. Nothing was acknowledged that is not kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error("{file}: {source}")]
    Io {
        /// Which file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file does not hold what it held when it was written.
    #[error("{file}: damaged at offset {offset}: {what}")]
    Damaged {
        /// Which file.
        file: String,
        /// Where.
        offset: u64,
        /// What does not fit.
        what: String,
    },
    /// A node of the state could not be read.
    #[error(transparent)]
    State(#[from] TrieError),
    /// The state holds bytes that no register wrote.
    #[error("{object}: {source}")]
    NotAnObject {
        /// Where they stand.
        object: String,
        /// What is wrong with them.
        source: NotAnObject,
    },
    /// An object could not be written down.
    #[error("an object could not be encoded: {0}")]
    Unencodable(String),
    /// A block was asked for or decided that is not known.
    #[error("there is no block {0}")]
    NoSuchBlock(String),
    /// Too many blocks wait to be decided.
    #[error("too many blocks wait to be decided")]
    TooManyCandidates,
    /// A block was to be made final whose seal does not hold.
    #[error("the seal of block {height} does not hold: {source}")]
    Seal {
        /// Its height.
        height: u64,
        /// Why.
        source: BadSeal,
    },
    /// Work was asked for on a ledger that a pool seals.
    #[error("this ledger is sealed by a pool, not by work")]
    NoWork,
    /// A pool was asked for on a ledger that is sealed by work.
    #[error("this ledger is sealed by work: it has no validators")]
    NoPool,
    /// A position, height or size beyond the tip was asked for.
    #[error("{0} is beyond the ledger's tip")]
    BeyondTip(u64),
    /// The folder belongs to another ledger.
    #[error("{0}: not the genesis of this ledger")]
    OtherGenesis(String),
}
