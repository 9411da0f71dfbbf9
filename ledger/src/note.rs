//! Signed notes (C2SP signed-note v1.0.0): the log's checkpoints, what witnesses add to them, and the proofs
//! that carry them, as any transparency-log tool reads them.

mod checkpoint;
mod key;
mod log_proof;
mod submission;

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;

use crate::block::Header;
use crate::hash::Hash;
use crate::key::{PublicKey, SecretKey};

pub use checkpoint::{NotATreeHead, TreeHead};
pub use key::{BadSignature, KeyName, NotAVerifierKey, SignatureType, Signed, VerifierKey};
pub use log_proof::{LOG_PROOF_HEAD, LogProof, NotALogProof};
pub use submission::{NotASubmission, SUBMISSION_BYTES_MAX, Submission};

/// The longest note that is read, in bytes: room for far more signatures than the sixteen that C2SP asks for.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;
/// The most signatures that a note is read with: a pool's, and its witnesses'.
pub const SIGNATURES_MAX: usize = 256;
/// What a signature's line begins with.
const DASH: &str = "\u{2014} ";

/// A text and the signatures under it. Nothing is known of the text before a signature is checked.
///
/// ```
/// use chancery_ledger::key::SecretKey;
/// use chancery_ledger::note::{Note, SignatureType, VerifierKey};
///
/// let key = SecretKey::from_seed(&[7; 32]);
/// let name = "example.com/log".parse()?;
/// let note = Note::unsigned("example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")?;
/// let line = note.signature(&name, &key);
/// let note: Note = note.with(line).to_string().parse()?;
/// let known = VerifierKey::new(name, SignatureType::Note, key.public());
/// assert!(note.signed_by(&known)?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

/// A signature of a note: whose it says it is, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine {
    name: KeyName,
    key_id: [u8; 4],
    signature: Vec<u8>,
}

/// Why a text is no signed note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotANote {
    /// It is too long.
    #[error("a note has at most {NOTE_BYTES_MAX} bytes")]
    TooLong,
    /// It has a character that notes do not have.
    #[error("a note has no control characters but line feeds")]
    ControlCharacter,
    /// The text and its signatures are not told apart.
    #[error("a note is a text, an empty line and lines of signatures, each ended by a line feed")]
    Form,
    /// A line is no signature.
    #[error("line {0} of the signatures is not an em dash, a name and a signature in base64")]
    Signature(usize),
    /// There are too many signatures.
    #[error("a note has at most {SIGNATURES_MAX} signatures")]
    TooManySignatures,
}

impl Note {
    /// A text that nobody has signed yet.
    pub fn unsigned(text: impl Into<String>) -> Result<Self, NotANote> {
        let text = text.into();
        let control = |character: char| character < ' ' && character != '\n';
        if text.len() > NOTE_BYTES_MAX {
            return Err(NotANote::TooLong);
        }
        if text.contains(control) {
            return Err(NotANote::ControlCharacter);
        }
        match text.len() > 1 && text.ends_with('\n') {
            true => Ok(Self { text, signatures: Vec::new() }),
            false => Err(NotANote::Form),
        }
    }

    /// What is signed, up to and including its last line feed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, none of which was checked.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// The note with one signature more; one of the same key that it has already is replaced.
    pub fn with(mut self, line: SignatureLine) -> Self {
        self.signatures.retain(|known| (&known.name, known.key_id) != (&line.name, line.key_id));
        self.signatures.push(line);
        self
    }
}

impl FromStr for Note {
    type Err = NotANote;

    fn from_str(note: &str) -> Result<Self, NotANote> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NotANote::TooLong);
        }
        // The last empty line: a text may have others.
        let end = note.rfind("\n\n").ok_or(NotANote::Form)? + 1;
        let (text, signatures) = note.split_at(end);
        let read = Self::unsigned(text)?;
        let signatures = signatures[1..].strip_suffix('\n').ok_or(NotANote::Form)?;
        if signatures.split('\n').count() > SIGNATURES_MAX {
            return Err(NotANote::TooManySignatures);
        }
        let line = |(index, line): (usize, &str)| {
            line.parse::<SignatureLine>().map_err(|_| NotANote::Signature(index + 1))
        };
        let signatures = signatures.split('\n').enumerate().map(line).collect::<Result<_, _>>()?;
        Ok(Self { signatures, ..read })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl FromStr for SignatureLine {
    type Err = NotANote;

    /// Reads a line without its line feed.
    fn from_str(line: &str) -> Result<Self, NotANote> {
        let wrong = NotANote::Signature(1);
        let (name, signature) =
            line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or(wrong)?;
        let bytes = BASE64.decode(signature.as_bytes()).map_err(|_| wrong)?;
        let (key_id, signature) = bytes.split_first_chunk::<4>().ok_or(wrong)?;
        if signature.is_empty() {
            return Err(wrong);
        }
        let name = name.parse().map_err(|_| wrong)?;
        Ok(Self { name, key_id: *key_id, signature: signature.to_vec() })
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id[..], &self.signature].concat();
        write!(f, "{DASH}{} {}", self.name, BASE64.encode(&bytes))
    }
}

/// The log's name on its checkpoints: `chancery/` and the ledger's id.
pub fn origin(ledger: &Hash) -> String {
    format!("chancery/{ledger}")
}

/// The text of a checkpoint (C2SP tlog-checkpoint): origin, size, root, a line each.
pub fn checkpoint_text(header: &Header) -> String {
    let (origin, size, root) = (origin(&header.ledger), header.log_size, header.log_root);
    TreeHead { origin, size, root }.to_string()
}

/// A checkpoint signed by a key that is known under the log's own name.
pub fn signed_checkpoint(header: &Header, key: &SecretKey) -> String {
    let note = Note { text: checkpoint_text(header), signatures: Vec::new() };
    let line = note.signature(&KeyName::of_log(&header.ledger), key);
    note.with(line).to_string()
}

/// The key of a log's checkpoints, as C2SP tools know it.
pub fn log_key(ledger: &Hash, key: &PublicKey) -> VerifierKey {
    VerifierKey::new(KeyName::of_log(ledger), SignatureType::Note, *key)
}

/// The key as C2SP tools take it: name, key id in hexadecimal, type and key in base64.
pub fn verifier_key(ledger: &Hash, key: &PublicKey) -> String {
    log_key(ledger, key).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TEXT: &str =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    const SIGNED: &str = "\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

    #[test]
    fn the_example_of_the_specification_is_read_and_written() {
        let text = format!("{TEXT}\n{SIGNED}");
        let note: Note = text.parse().unwrap();
        assert_eq!((note.text(), note.signatures().len()), (TEXT, 1));
        assert_eq!(note.to_string(), text);
        let twice: Note = format!("{TEXT}\n{SIGNED}{SIGNED}").parse().unwrap();
        assert_eq!(twice.signatures().len(), 2);
        // The last empty line divides.
        let verse: Note = format!("one\n\ntwo\n\n{SIGNED}").parse().unwrap();
        assert_eq!(verse.text(), "one\n\ntwo\n");
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let many = SIGNED.repeat(SIGNATURES_MAX + 1);
        for (text, why) in [
            (TEXT.to_owned(), NotANote::Form),
            (String::new(), NotANote::Form),
            (format!("{TEXT}\n"), NotANote::Form),
            (format!("\n\n{SIGNED}"), NotANote::Form),
            (format!("{TEXT}\n{}", SIGNED.trim_end()), NotANote::Form),
            (format!("{TEXT}\n\n"), NotANote::Form),
            (format!("a\tb\n\n{SIGNED}"), NotANote::ControlCharacter),
            (format!("a\r\n\n{SIGNED}"), NotANote::ControlCharacter),
            (format!("{TEXT}\n{SIGNED}\u{2013} name AAAAAAA=\n"), NotANote::Signature(2)),
            (format!("{TEXT}\n\u{2014} name AAAAAA\n"), NotANote::Signature(1)),
            (format!("{TEXT}\n\u{2014} name AAAAAA==\n"), NotANote::Signature(1)),
            (format!("{TEXT}\n\u{2014} a name AAAAAAA=\n"), NotANote::Signature(1)),
            (format!("{TEXT}\n\u{2014} na+me AAAAAAA=\n"), NotANote::Signature(1)),
            (format!("{TEXT}\n\u{2014}  AAAAAAA=\n"), NotANote::Signature(1)),
            (format!("a\n\n{many}"), NotANote::TooManySignatures),
            ("a\n".repeat(NOTE_BYTES_MAX), NotANote::TooLong),
        ] {
            let refused = text.parse::<Note>().map(|_| ()).unwrap_err();
            assert_eq!(refused, why, "{}", &text[..text.len().min(200)]);
        }
    }

    #[test]
    fn a_key_signs_a_note_once() {
        let (key, name) = (SecretKey::from_seed(&[1; 32]), "example.com/w".parse().unwrap());
        let note = Note::unsigned(TEXT).unwrap();
        let (first, later) = (note.cosignature(&name, &key, 5), note.cosignature(&name, &key, 6));
        let note = note.with(first).with(later);
        assert_eq!(note.signatures().len(), 1);
        let known = VerifierKey::new(name, SignatureType::Cosignature, key.public());
        assert_eq!(note.signed_by(&known), Ok(Some(Signed { time_s: Some(6) })));
    }
}
