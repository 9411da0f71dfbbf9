//! What a log hands to a witness (C2SP tlog-witness, `add-checkpoint`): a checkpoint, and the proof that
//! its log begins with the one that the witness has seen.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;

use super::checkpoint::{decimal, hash};
use super::{NOTE_BYTES_MAX, NotANote, Note};
use crate::hash::Hash;

/// The longest submission that is read, in bytes.
pub const SUBMISSION_BYTES_MAX: usize = NOTE_BYTES_MAX + 4 * 1024;
/// The most hashes of a proof (C2SP tlog-witness).
const PATH_MAX: usize = 63;

/// A checkpoint for a witness to cosign. Its text is the body of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The size of the log that the witness has cosigned last; 0 if it has cosigned none.
    pub old: u64,
    /// The consistency proof from there (RFC 6962 2.1.2).
    pub path: Vec<Hash>,
    /// The checkpoint.
    pub note: Note,
}

/// Why a text is no submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASubmission {
    /// The first line does not say the old size.
    #[error("line 1 is not \"old \" and a decimal number without leading zeros")]
    Old,
    /// A line of the proof is no hash.
    #[error("line {0} is not a hash of 32 bytes in base64")]
    Hash(usize),
    /// The proof is too long.
    #[error("a proof has at most {PATH_MAX} hashes")]
    TooLong,
    /// No empty line ends the proof.
    #[error("no empty line stands between the proof and the checkpoint")]
    Unended,
    /// What follows is no note.
    #[error("the checkpoint: {0}")]
    Note(#[from] NotANote),
}

impl FromStr for Submission {
    type Err = NotASubmission;

    fn from_str(text: &str) -> Result<Self, NotASubmission> {
        let (first, rest) = text.split_once('\n').ok_or(NotASubmission::Old)?;
        let old = first.strip_prefix("old ").and_then(decimal).ok_or(NotASubmission::Old)?;
        let (path, note) = match rest.strip_prefix('\n') {
            Some(note) => ("", note),
            None => rest.split_once("\n\n").ok_or(NotASubmission::Unended)?,
        };
        let lines = path.split('\n').filter(|_| !path.is_empty());
        if lines.clone().count() > PATH_MAX {
            return Err(NotASubmission::TooLong);
        }
        let line = |(index, line)| hash(line).ok_or(NotASubmission::Hash(index + 2));
        let path = lines.enumerate().map(line).collect::<Result<_, _>>()?;
        Ok(Self { old, path, note: note.parse()? })
    }
}

impl fmt::Display for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.path {
            writeln!(f, "{}", BASE64.encode(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.note)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const PATH: &str = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n";
    const NOTE: &str = "example.com/log\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} example.com/log AAAAAAAA\n";

    #[test]
    fn a_submission_is_read_and_written() {
        for (text, hashes) in
            [(format!("old 20852014\n{PATH}\n{NOTE}"), 2), (format!("old 0\n\n{NOTE}"), 0)]
        {
            let read: Submission = text.parse().unwrap();
            assert_eq!((read.path.len(), read.to_string()), (hashes, text));
        }
    }

    #[test]
    fn what_is_no_submission_is_refused() {
        let long = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".repeat(PATH_MAX + 1);
        for (text, why) in [
            (String::new(), NotASubmission::Old),
            (NOTE.to_owned(), NotASubmission::Old),
            (format!("old 01\n\n{NOTE}"), NotASubmission::Old),
            (format!("old  1\n\n{NOTE}"), NotASubmission::Old),
            (format!("old -1\n\n{NOTE}"), NotASubmission::Old),
            (format!("Old 1\n\n{NOTE}"), NotASubmission::Old),
            (format!("old 1\nAAAA\n\n{NOTE}"), NotASubmission::Hash(2)),
            (format!("old 1\n{PATH}AAAA\n\n{NOTE}"), NotASubmission::Hash(4)),
            (format!("old 1\n{long}\n{NOTE}"), NotASubmission::TooLong),
            ("old 1\nAAAA\n".to_owned(), NotASubmission::Unended),
            (format!("old 1\n\n{}", NOTE.trim_end()), NotASubmission::Note(NotANote::Form)),
        ] {
            assert_eq!(text.parse::<Submission>().unwrap_err(), why, "{text}");
        }
    }
}
