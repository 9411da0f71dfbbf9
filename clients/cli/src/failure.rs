//! Why a command failed: a sentence with its code and what would be right, and a non-zero exit.

use std::io::{self, Write};

use chancery_client::bundle::BadBundle;
use chancery_client::verify::NotVerified;
use chancery_client::{BadCheckpoint, Error, MirrorError};
use chancery_ledger::audit::Finding;
use chancery_ledger::code::Code;
use serde_json::{Value, json};

use crate::report::{Report, pretty};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The client says why.
    #[error("{0}")]
    Client(#[from] Error),
    /// The transition was ordered and changed nothing.
    #[error("{}", refusal(.code, .id))]
    Rejected {
        /// The outcome's code.
        code: String,
        /// The transition's id.
        id: String,
    },
    /// Evidence does not hold.
    #[error("NOT VERIFIED: {0}")]
    NotVerified(#[from] NotVerified),
    /// A bundle does not hold.
    #[error("NOT VERIFIED: {0}")]
    Bundle(#[from] BadBundle),
    /// A checkpoint or a consistency proof does not hold.
    #[error("NOT VERIFIED: {0}")]
    Checkpoint(#[from] BadCheckpoint),
    /// A mirror does not follow its log.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// An audit found something that does not fit.
    #[error("THE AUDIT FAILS: {0}")]
    Audit(#[from] Finding),
    /// What was typed does not fit together.
    #[error("{0}")]
    Usage(String),
    /// A file could not be read or written.
    #[error("{file}: {source}")]
    File {
        /// Which.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A claim that was to be shown does not hold.
    #[error("{0}")]
    Claim(String),
    /// A credential alone holds, and whoever asked has not said that this is enough.
    #[error(
        "NOT VERIFIED: SIGNED ONLY. The signatures verify, and nothing shows that the ledger has taken it in; \
         ask for a receipt, or say --signed-only if the signatures are all you ask"
    )]
    SignedOnly(Box<Report>),
    /// Less has come about, or was measured, than should have or was claimed.
    #[error("{what}")]
    Missed {
        /// What is less.
        what: String,
        /// The figures, which are shown all the same.
        figures: Box<Report>,
    },
}

impl Failure {
    /// What was typed does not fit together.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    /// A file could not be read or written.
    pub(crate) fn file(path: &std::path::Path, source: io::Error) -> Self {
        Self::File { file: path.display().to_string(), source }
    }

    /// What the process exits with: 3 for a log that has forked, so that a script which does nothing else
    /// can tell; 4 for a credential alone that is signed and no more; 1 for all else. Words that are not understood exit with 2.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Mirror(MirrorError::Fork { .. }) => 3,
            Self::SignedOnly(_) => 4,
            _ => 1,
        }
    }

    /// Prints it: to standard error for people, and for machines also as a document.
    pub(crate) fn print(&self, json: bool) {
        let _ = writeln!(io::stderr().lock(), "chancery: {self}");
        if let Self::Missed { figures: shown, .. } | Self::SignedOnly(shown) = self
            && !json
        {
            shown.print(false);
        }
        if json {
            let _ = writeln!(io::stdout().lock(), "{}", pretty(&self.document()));
        }
    }

    fn document(&self) -> Value {
        let mut error = match self {
            Self::Client(Error::Refused(problem)) => json!(problem),
            Self::Rejected { code, id } => {
                let known = code_of(code);
                json!({
                    "code": code, "id": id,
                    "title": known.map(|code| code.title), "remedy": known.map(|code| code.remedy),
                })
            }
            Self::NotVerified(_) | Self::Bundle(_) | Self::Checkpoint(_) => {
                json!({"code": "not-verified"})
            }
            Self::Mirror(MirrorError::Fork { .. }) => json!({"code": "log-forked"}),
            Self::Mirror(MirrorError::Tile { .. }) => json!({"code": "not-verified"}),
            Self::Audit(_) => json!({"code": "audit-failed"}),
            Self::SignedOnly(_) => json!({"code": "signed-only"}),
            Self::Usage(_) => json!({"code": "usage"}),
            Self::Claim(_) | Self::Missed { .. } => json!({"code": "claim-failed"}),
            Self::Client(_) | Self::File { .. } | Self::Mirror(MirrorError::Client(_)) => {
                json!({"code": "failed"})
            }
        };
        error["message"] = self.to_string().into();
        let mut document = match self {
            Self::Missed { figures: shown, .. } | Self::SignedOnly(shown) => shown.json().clone(),
            _ => json!({}),
        };
        document["ok"] = false.into();
        document["error"] = error;
        document
    }
}

impl From<chancery_client::key_file::KeyFileError> for Failure {
    fn from(error: chancery_client::key_file::KeyFileError) -> Self {
        Self::Client(error.into())
    }
}

/// What the rules of this software say about a code.
pub(crate) fn code_of(name: &str) -> Option<&'static Code> {
    chancery_registries::all_codes().find(|code| code.name == name)
}

fn refusal(code: &str, id: &str) -> String {
    let Some(known) = code_of(code) else {
        return format!("The transition {id} was ordered and changed nothing. [{code}]");
    };
    let Code { title, remedy, .. } = known;
    format!(
        "The transition {id} was ordered and changed nothing. {title} [{code}]\nWhat would be right: {remedy}"
    )
}
