//! Requests to witnesses and validators: bounded in time and size, and nothing in an answer is believed that no
//! signature shows.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chancery_ledger::block::Header;
use chancery_ledger::note::{self, Note, SignatureLine, Submission};
use chancery_ledger::seal::Validator;
use chancery_ledger::view::View;
use chancery_node_files::witnesses::{Witness, WitnessesConfig};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response, StatusCode};

/// The longest time for one request.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = note::NOTE_BYTES_MAX;
/// What a witness's refusal for another old size comes as (C2SP tlog-witness).
const SIZE_TYPE: &str = "text/x.tlog.size";

/// Those who are asked.
pub(super) struct Asking {
    client: Client,
    witnesses: Vec<(Witness, AtomicU64)>,
    validators: Vec<String>,
}

/// Why one has not signed.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSigned {
    /// It cannot be reached, or the connection broke.
    #[error("it does not answer: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// It answers something else.
    #[error("it answers {0}: {1}")]
    Refused(StatusCode, String),
    /// The answer is longer than any that is right.
    #[error("its answer has more than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
    /// The answer has no signature of the key that is known.
    #[error("its answer has no signature by the key that is known, which verifies")]
    NoSignature,
    /// It has seen a longer log: another node of the pool was faster, or this node was set back.
    #[error("it has seen a log of {0} entries already")]
    Ahead(u64),
    /// It has seen another log of the same size.
    #[error("it has cosigned another log of {0} entries")]
    Fork(u64),
    /// What it has seen does not lead to this log.
    #[error("what it has seen as the log of {0} entries is not how this one begins")]
    NotConsistent(u64),
    /// The node's own files.
    #[error(transparent)]
    Ledger(#[from] chancery_ledger::error::Error),
}

impl NotSigned {
    /// Whether the log has told the witness another history.
    pub(super) fn is_fork(&self) -> bool {
        matches!(self, Self::Fork(_) | Self::NotConsistent(_))
    }
}

impl Asking {
    /// A client for all of them.
    pub(super) fn new(config: &WitnessesConfig) -> Result<Self, String> {
        // A second call finds it installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("chanceryd/", env!("CARGO_PKG_VERSION")))
            .timeout(ANSWER_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| format!("witnesses.json: no HTTP client: {error}"))?;
        let unknown = |witness: &Witness| (witness.clone(), AtomicU64::new(0));
        let witnesses = config.witnesses.iter().map(unknown).collect();
        Ok(Self { client, witnesses, validators: config.validators.clone() })
    }

    /// Asks a validator's node for its signature on the same checkpoint.
    pub(super) async fn validator(
        &self,
        index: usize,
        header: &Header,
        pool: &[Validator],
    ) -> Result<SignatureLine, NotSigned> {
        let url = format!("{}/v1/log/checkpoint?size={}", self.validators[index], header.log_size);
        let response = self.client.get(url).send().await?;
        let status = response.status();
        let text = read(response).await?;
        if status != StatusCode::OK {
            return Err(NotSigned::Refused(status, shortened(&text)));
        }
        let theirs: Note = text.parse().map_err(|_| NotSigned::NoSignature)?;
        if theirs.text() != note::checkpoint_text(header) {
            return Err(NotSigned::Fork(header.log_size));
        }
        let keys = pool.iter().map(|validator| note::log_key(&header.ledger, &validator.key));
        let signed = keys.filter(|key| matches!(theirs.signed_by(key), Ok(Some(_))));
        let mut lines = signed.filter_map(|key| line_of(&theirs, |line| key.is_of(line)));
        lines.next().ok_or(NotSigned::NoSignature)
    }

    /// Hands a checkpoint to a witness and gives its cosignature. If the witness has seen another size than was
    /// thought, it says so, and is asked once more from there.
    pub(super) async fn witness(
        &self,
        index: usize,
        view: &View,
        header: &Header,
        note: &Note,
    ) -> Result<SignatureLine, NotSigned> {
        let (witness, seen) = &self.witnesses[index];
        let size = header.log_size;
        let mut old = seen.load(Ordering::Relaxed).min(size);
        for attempt in 0..2 {
            let path = view.prove_consistency(old, size)?.path;
            let submission = Submission { old, path, note: note.clone() };
            match self.submit(witness, &submission).await? {
                Answered::Cosigned(line) => {
                    seen.store(size, Ordering::Relaxed);
                    return Ok(line);
                }
                Answered::Conflict(theirs) if theirs > size => {
                    return Err(NotSigned::Ahead(theirs));
                }
                Answered::Conflict(theirs) if theirs == old => return Err(NotSigned::Fork(theirs)),
                Answered::Conflict(theirs) if attempt > 0 => return Err(NotSigned::Ahead(theirs)),
                Answered::Conflict(theirs) => {
                    seen.store(theirs, Ordering::Relaxed);
                    old = theirs;
                }
                Answered::NotConsistent => return Err(NotSigned::NotConsistent(old)),
            }
        }
        Err(NotSigned::Ahead(old))
    }

    async fn submit(&self, witness: &Witness, body: &Submission) -> Result<Answered, NotSigned> {
        let url = format!("{}/add-checkpoint", witness.url);
        let response = self.client.post(url).body(body.to_string()).send().await?;
        let status = response.status();
        let content_type = response.headers().get(CONTENT_TYPE).cloned();
        let text = read(response).await?;
        match status {
            StatusCode::OK => cosignature(witness, &body.note, &text).map(Answered::Cosigned),
            StatusCode::UNPROCESSABLE_ENTITY => Ok(Answered::NotConsistent),
            StatusCode::CONFLICT if content_type.as_ref().is_some_and(|it| it == SIZE_TYPE) => {
                let size = text.strip_suffix('\n').and_then(|size| size.parse().ok());
                size.map(Answered::Conflict).ok_or(NotSigned::Refused(status, shortened(&text)))
            }
            _ => Err(NotSigned::Refused(status, shortened(&text))),
        }
    }
}

/// What a witness answers, as far as it is in the protocol.
enum Answered {
    Cosigned(SignatureLine),
    Conflict(u64),
    NotConsistent,
}

/// The witness's cosignature among the lines of an answer: they are read as those of the note.
fn cosignature(witness: &Witness, note: &Note, lines: &str) -> Result<SignatureLine, NotSigned> {
    let theirs = format!("{}\n{lines}", note.text());
    let theirs: Note = theirs.parse().map_err(|_| NotSigned::NoSignature)?;
    match theirs.signed_by(&witness.key) {
        Ok(Some(_)) => {
            line_of(&theirs, |line| witness.key.is_of(line)).ok_or(NotSigned::NoSignature)
        }
        _ => Err(NotSigned::NoSignature),
    }
}

fn line_of(note: &Note, is_wanted: impl Fn(&SignatureLine) -> bool) -> Option<SignatureLine> {
    note.signatures().iter().rfind(|line| is_wanted(line)).cloned()
}

/// Reads an answer within the bound.
async fn read(mut response: Response) -> Result<String, NotSigned> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(NotSigned::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The beginning of what a stranger has sent, for the log.
fn shortened(text: &str) -> String {
    text.chars().take(120).filter(|character| !character.is_control()).collect()
}
