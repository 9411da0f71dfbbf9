//! What a witness decides: the checks of `add-checkpoint`, in the order of C2SP tlog-witness, and the one rule
//! that it lives for: what it cosigns begins with what it has cosigned before.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chancery_client::{Hash, SecretKey};
use chancery_ledger::merkle::ConsistencyProof;
use chancery_ledger::note::{
    NotASubmission, NotATreeHead, SignatureLine, Submission, TreeHead, VerifierKey,
};

use super::config::LogConfig;
use super::folder::WitnessFolder;
use super::metrics::Metrics;
use crate::failure::Failure;
use crate::report::progress;

/// Who cosigns.
pub(super) struct Cosigner {
    public: VerifierKey,
    key: SecretKey,
}

/// A witness of several logs.
pub(super) struct Witness {
    folder: WitnessFolder,
    cosigner: Cosigner,
    logs: HashMap<String, Log>,
    metrics: Metrics,
}

/// A log that is watched. Whoever decides about it holds `last`: checking what was cosigned and putting down
/// what is cosigned now are one step, and of two requests at once the second sees what the first has done.
struct Log {
    keys: Vec<VerifierKey>,
    last: Mutex<Last>,
}

/// What was cosigned last. Before anything was: the empty log, which every log begins with.
#[derive(Clone, Copy, Debug)]
struct Last {
    size: u64,
    root: Hash,
    time_s: u64,
    /// Whether it stands in the folder.
    kept: bool,
}

/// What a submission is answered with.
#[derive(Debug)]
pub(super) enum Answer {
    /// It is cosigned, and that stands in the folder.
    Cosigned(SignatureLine),
    /// It is not what a witness takes.
    Malformed(Malformed),
    /// No log of this origin is watched.
    UnknownLog,
    /// None of the log's keys has signed it.
    Unsigned,
    /// The witness has cosigned a log of this size last, or another one of the same size.
    Conflict(u64),
    /// The proof does not lead from what was cosigned to what shall be.
    NotConsistent(String),
    /// What was cosigned could not be put down, so it is not given out.
    NotKept,
}

impl Answer {
    /// What it is counted as.
    fn name(&self) -> &'static str {
        match self {
            Self::Cosigned(_) => "cosigned",
            Self::Malformed(_) => "malformed",
            Self::UnknownLog => "unknown-log",
            Self::Unsigned => "unsigned",
            Self::Conflict(_) => "conflict",
            Self::NotConsistent(_) => "not-consistent",
            Self::NotKept => "not-kept",
        }
    }
}

/// What is wrong with a submission by itself.
#[derive(Debug, thiserror::Error)]
pub(super) enum Malformed {
    /// It is not text.
    #[error("the body is not UTF-8")]
    NotText,
    /// It has not the form of one.
    #[error("{0}")]
    Form(#[from] NotASubmission),
    /// The checkpoint states no log.
    #[error("the checkpoint: {0}")]
    TreeHead(#[from] NotATreeHead),
    /// The old size is beyond the checkpoint's.
    #[error("the old size is {old}, and the checkpoint is of a log of {size} entries")]
    OldBeyondNew {
        /// The old size.
        old: u64,
        /// The checkpoint's.
        size: u64,
    },
}

impl Cosigner {
    /// A name with its key.
    pub(super) fn new(public: VerifierKey, key: SecretKey) -> Self {
        Self { public, key }
    }
}

impl Witness {
    /// Takes up what was cosigned before. That must carry this witness's own cosignature, so that a damaged or
    /// a foreign file is found before it is relied on.
    pub(super) fn open(
        folder: WitnessFolder,
        cosigner: Cosigner,
        logs: Vec<LogConfig>,
    ) -> Result<Self, Failure> {
        let metrics = Metrics::new().map_err(|error| Failure::usage(error.to_string()))?;
        let mut watched = HashMap::new();
        for LogConfig { origin, keys } in logs {
            let last = match folder.last(&origin)? {
                None => Last { size: 0, root: Hash::empty(), time_s: 0, kept: false },
                Some((note, head)) => {
                    let signed = note.signed_by(&cosigner.public).ok().flatten();
                    let time_s = signed.and_then(|signed| signed.time_s).ok_or_else(|| {
                        let file = folder.last_path(&origin);
                        let what = "it is not cosigned by this name and key: a witness with another key is \
                                    another witness, and begins in a folder of its own";
                        Failure::usage(format!("{}: {what}", file.display()))
                    })?;
                    Last { size: head.size, root: head.root, time_s, kept: true }
                }
            };
            metrics.stands_at(&origin, last.size, last.time_s);
            watched.insert(origin, Log { keys, last: Mutex::new(last) });
        }
        Ok(Self { folder, cosigner, logs: watched, metrics })
    }

    /// Decides about a submission. `now_s` is the time in seconds since 1970.
    pub(super) fn add(&self, body: &[u8], now_s: u64) -> Answer {
        let (origin, answer) = match read(body) {
            Ok((submission, head)) => {
                let answer = self.decide(&submission, &head, now_s);
                (self.logs.get_key_value(&head.origin).map(|(origin, _)| origin.as_str()), answer)
            }
            Err(malformed) => (None, Answer::Malformed(malformed)),
        };
        self.metrics.answered(origin, answer.name());
        answer
    }

    /// Its figures.
    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    fn decide(&self, submission: &Submission, head: &TreeHead, now_s: u64) -> Answer {
        let Some(log) = self.logs.get(&head.origin) else { return Answer::UnknownLog };
        let signed = |key| matches!(submission.note.signed_by(key), Ok(Some(_)));
        if !log.keys.iter().any(signed) {
            return Answer::Unsigned;
        }
        let (old, size) = (submission.old, head.size);
        if old > size {
            return Answer::Malformed(Malformed::OldBeyondNew { old, size });
        }
        let mut last = log.last.lock().unwrap_or_else(PoisonError::into_inner);
        if old != last.size {
            return Answer::Conflict(last.size);
        }
        if old == size && head.root != last.root {
            self.suspect(submission, head, "another log of the same size was cosigned");
            return Answer::Conflict(last.size);
        }
        let proof = ConsistencyProof { from: old, to: size, path: submission.path.clone() };
        if let Err(error) = proof.verify(&last.root, &head.root) {
            self.suspect(submission, head, "it was not shown to begin with what was cosigned");
            return Answer::NotConsistent(error.to_string());
        }
        self.cosign(submission, head, &mut last, now_s)
    }

    /// Cosigns, and puts it down before anyone has it. A crash before it stands in the folder leaves what was
    /// there, and nobody has the cosignature; a crash after it leaves the log to ask again, from this size.
    fn cosign(
        &self,
        submission: &Submission,
        head: &TreeHead,
        last: &mut Last,
        now_s: u64,
    ) -> Answer {
        let Cosigner { public, key } = &self.cosigner;
        // A clock that was set back must not make a later statement an earlier one.
        let time_s = now_s.max(last.time_s);
        let line = submission.note.cosignature(public.name(), key, time_s);
        let grown = head.size > last.size || !last.kept;
        if grown {
            let note = submission.note.clone().with(line.clone());
            if let Err(error) = self.folder.keep(&head.origin, &note) {
                progress(format!("not cosigned, as it cannot be kept: {error}"));
                return Answer::NotKept;
            }
        }
        *last = Last { size: head.size, root: head.root, time_s, kept: true };
        self.metrics.stands_at(&head.origin, head.size, time_s);
        Answer::Cosigned(line)
    }

    /// Keeps what a log has signed and should not have, and says so. Only what the log's own key has signed
    /// comes here, so no stranger can fill the folder with it.
    fn suspect(&self, submission: &Submission, head: &TreeHead, why: &str) {
        self.metrics.suspected(&head.origin);
        let kept = self.folder.keep_suspect(head, &submission.note);
        let kept = kept.map_or_else(String::new, |path| format!("; kept in {}", path.display()));
        let TreeHead { origin, size, .. } = head;
        progress(format!("REFUSED: a checkpoint of {origin} with {size} entries: {why}{kept}"));
    }
}

fn read(body: &[u8]) -> Result<(Submission, TreeHead), Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed::NotText)?;
    let submission: Submission = text.parse()?;
    let head = submission.note.text().parse()?;
    Ok((submission, head))
}

#[cfg(test)]
mod tests;
