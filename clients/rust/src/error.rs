//! What can go wrong for a client: the server said no, the world failed, or a proof does not hold.

use std::io;

use chancery_ledger::anchor::BadHandover;
use chancery_ledger::evidence::BadEvidence;
use chancery_ledger::key::KeyId;

use crate::key_file::KeyFileError;
use crate::log::BadCheckpoint;
use crate::problem::Problem;
use crate::verify::NotVerified;

/// Why a call did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server said no, and why.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// The server could not be reached, or the connection broke.
    #[error("{url} does not answer: {}", root_cause(.source))]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What the connection said.
        source: reqwest::Error,
    },
    /// The answer is not one of this interface.
    #[error("{url} answers what this client does not understand: {what}")]
    Answer {
        /// What was asked for.
        url: String,
        /// What is wrong with the answer.
        what: String,
    },
    /// The address is not one.
    #[error("{0} is not an address such as http://127.0.0.1:8080")]
    Url(String),
    /// The transition was taken in, and its block was not there in time.
    #[error(
        "transition {id} was taken in; it was not in a block after {waited_s} s: ask again by its id"
    )]
    NotYet {
        /// The transition's id.
        id: String,
        /// How long was waited.
        waited_s: u64,
    },
    /// What the server sent as evidence proves nothing.
    #[error("the server's evidence does not hold: {0}")]
    Evidence(#[from] BadEvidence),
    /// The server's handovers lead to no further pool.
    #[error("the server's handover does not hold: {0}")]
    Handover(#[from] BadHandover),
    /// An answer does not follow from its proofs.
    #[error("the server's answer does not hold: {0}")]
    Answered(#[from] NotVerified),
    /// The server sent proof of something else than was asked for.
    #[error("the server's evidence is not about what was asked: {0}")]
    OtherEvidence(String),
    /// The log's checkpoint proves nothing.
    #[error(transparent)]
    Checkpoint(#[from] BadCheckpoint),
    /// The server has another genesis than the one that is trusted.
    #[error("the server is of ledger {theirs}, and the anchor founded {ours}")]
    OtherLedger {
        /// The server's.
        theirs: String,
        /// The anchor's.
        ours: String,
    },
    /// A key file could not be used.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// A key could not be written down.
    #[error("a key could not be written down: {0}")]
    Key(String),
    /// The key has signed this already.
    #[error("{0} has signed this transition already")]
    SignedAlready(KeyId),
    /// A file could not be read or written.
    #[error("{file}: {source}")]
    File {
        /// Which.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file or a text is not what it should be.
    #[error("{what}: {why}")]
    Content {
        /// Which.
        what: String,
        /// Why not.
        why: String,
    },
    /// The system gives no randomness.
    #[error("the system gives no randomness")]
    NoRandomness,
}

impl Error {
    /// The stable code of a refusal.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(problem) => Some(&problem.code),
            _ => None,
        }
    }
}

fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
