//! That an entry is in a log, for any tool that reads C2SP tlog-proof: its place, the way to the root, and the
//! checkpoint with whatever signatures it has.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;

use super::checkpoint::{decimal, hash};
use super::{NOTE_BYTES_MAX, NotANote, NotATreeHead, Note, TreeHead};
use crate::hash::Hash;
use crate::merkle::{BadProof, InclusionProof, leaf_hash};

/// The first line of a proof.
pub const LOG_PROOF_HEAD: &str = "c2sp.org/tlog-proof@v1\n";
/// A path is no longer in a log whose positions are numbers of 64 bits.
const PATH_MAX: usize = 64;
/// The longest proof: an entry of 65,535 bytes in base64, the path and the note.
const LOG_PROOF_BYTES_MAX: usize = 128 * 1024 + NOTE_BYTES_MAX;

/// That an entry stands in a log. Its text is the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// What the application adds, unauthenticated; here the entry itself, whose hash is proved.
    pub extra: Option<Vec<u8>>,
    /// The entry's position, counted from 0.
    pub index: u64,
    /// The sibling hashes from the leaf to the root.
    pub path: Vec<Hash>,
    /// The checkpoint of the log.
    pub note: Note,
}

/// Why a text is no such proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotALogProof {
    /// It is too long.
    #[error("it has more than {LOG_PROOF_BYTES_MAX} bytes")]
    TooLong,
    /// The first line is another.
    #[error("line 1 is not c2sp.org/tlog-proof@v1")]
    Head,
    /// The extra data is not base64.
    #[error("the extra data is not in base64")]
    Extra,
    /// No line says the index.
    #[error("there is no line \"index \" with a decimal number without leading zeros")]
    Index,
    /// A line of the path is no hash.
    #[error("hash {0} of the path is not 32 bytes in base64")]
    Hash(usize),
    /// No empty line ends the path.
    #[error("no empty line stands between the path and the checkpoint")]
    Unended,
    /// What follows is no note.
    #[error("the checkpoint: {0}")]
    Note(#[from] NotANote),
    /// The note states no log.
    #[error("the checkpoint: {0}")]
    TreeHead(#[from] NotATreeHead),
    /// The entry is not in the log.
    #[error("inclusion: {0}")]
    Inclusion(#[from] BadProof),
}

impl LogProof {
    /// Checks that the entry stands in the log of the checkpoint, and gives what that states. Whether
    /// anyone has signed it is still to be asked.
    pub fn contains(&self, entry: &[u8]) -> Result<TreeHead, NotALogProof> {
        let head: TreeHead = self.note.text().parse()?;
        let (position, log_size, path) = (self.index, head.size, self.path.clone());
        InclusionProof { position, log_size, path }.verify(&leaf_hash(entry), &head.root)?;
        Ok(head)
    }
}

impl FromStr for LogProof {
    type Err = NotALogProof;

    fn from_str(text: &str) -> Result<Self, NotALogProof> {
        if text.len() > LOG_PROOF_BYTES_MAX {
            return Err(NotALogProof::TooLong);
        }
        let rest = text.strip_prefix(LOG_PROOF_HEAD).ok_or(NotALogProof::Head)?;
        let (extra, rest) = match rest.strip_prefix("extra ") {
            None => (None, rest),
            Some(rest) => {
                let (extra, rest) = rest.split_once('\n').ok_or(NotALogProof::Index)?;
                let bytes = BASE64.decode(extra.as_bytes()).map_err(|_| NotALogProof::Extra)?;
                (Some(bytes), rest)
            }
        };
        let (index, rest) = rest.split_once('\n').ok_or(NotALogProof::Index)?;
        let index = index.strip_prefix("index ").and_then(decimal).ok_or(NotALogProof::Index)?;
        let (path, note) = match rest.strip_prefix('\n') {
            Some(note) => ("", note),
            None => rest.split_once("\n\n").ok_or(NotALogProof::Unended)?,
        };
        let lines = path.split('\n').filter(|_| !path.is_empty());
        if lines.clone().count() > PATH_MAX {
            return Err(BadProof::PathLength.into());
        }
        let line = |(index, line)| hash(line).ok_or(NotALogProof::Hash(index + 1));
        let path = lines.enumerate().map(line).collect::<Result<_, _>>()?;
        Ok(Self { extra, index, path, note: note.parse()? })
    }
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(LOG_PROOF_HEAD)?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
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
    use crate::key::SecretKey;
    use crate::merkle::node_hash;

    fn proof() -> LogProof {
        let other = leaf_hash(b"another");
        let root = node_hash(&leaf_hash(b"entry"), &other);
        let head = TreeHead { origin: "example.com/log".to_owned(), size: 2, root };
        let note = Note::unsigned(head.to_string()).unwrap();
        let name = "example.com/log".parse().unwrap();
        let line = note.signature(&name, &SecretKey::from_seed(&[9; 32]));
        let (extra, path) = (Some(b"entry".to_vec()), vec![other]);
        LogProof { extra, index: 0, path, note: note.with(line) }
    }

    #[test]
    fn a_proof_is_written_and_read() {
        for proof in [proof(), LogProof { extra: None, path: Vec::new(), ..proof() }] {
            assert_eq!(proof.to_string().parse(), Ok(proof));
        }
        assert_eq!(proof().contains(b"entry").unwrap().size, 2);
        assert_eq!(proof().contains(b"entrance"), Err(BadProof::Root.into()));
        let elsewhere = LogProof { index: 2, ..proof() };
        assert_eq!(elsewhere.contains(b"entry"), Err(BadProof::OutOfRange.into()));
    }

    #[test]
    fn what_is_no_proof_is_refused() {
        let text = proof().to_string();
        let hash = BASE64.encode(proof().path[0].as_bytes());
        for (text, why) in [
            (String::new(), NotALogProof::Head),
            (text.replace("@v1", "@v2"), NotALogProof::Head),
            (text.replace("extra ", "extra !"), NotALogProof::Extra),
            (text.replace("extra ", "more "), NotALogProof::Index),
            (text.replace("index 0", "index 00"), NotALogProof::Index),
            (text.replace("index 0", "index"), NotALogProof::Index),
            (text.replace(&hash, &hash[4..]), NotALogProof::Hash(1)),
            (text.replace(&hash, &format!("{hash}\n").repeat(65)), BadProof::PathLength.into()),
            (LOG_PROOF_HEAD.to_owned() + "index 0\nAAAA\n", NotALogProof::Unended),
            (text.trim_end().to_owned(), NotALogProof::Note(NotANote::Form)),
            ("a".repeat(LOG_PROOF_BYTES_MAX + 1), NotALogProof::TooLong),
        ] {
            let shown = &text[..text.len().min(200)];
            assert_eq!(text.parse::<LogProof>().unwrap_err(), why, "{shown}");
        }
    }
}
