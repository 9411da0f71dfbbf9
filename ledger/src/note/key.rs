//! Keys of notes as C2SP tools know them, and the signatures that are made and checked with them.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, HEXLOWER};

use super::{Note, SignatureLine, origin};
use crate::hash::Hash;
use crate::key::{PublicKey, SecretKey};

/// The name of a key: not empty, at most 255 bytes, without spaces, control characters or plus signs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName(String);

/// What a key signs: the type byte of its key id (C2SP signed-note, tlog-cosignature).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureType {
    /// Ed25519 over the note's text, as logs sign their checkpoints: `0x01`.
    Note,
    /// Ed25519 over the note's text and a time, as witnesses do (`cosignature/v1`): `0x04`.
    Cosignature,
}

/// A public key under its name: what C2SP tools call a vkey.
///
/// Its text is `NAME+KEYID+BASE64`, with eight hexadecimal digits, and in base64 the type byte and the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    kind: SignatureType,
    key: PublicKey,
}

/// A signature that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Of a cosignature, when it was made by its signer's clock, in seconds since 1970.
    pub time_s: Option<u64>,
}

/// A text that is no verifier key of a type that is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAVerifierKey {
    /// The name cannot be one.
    #[error("a key's name has 1 to 255 bytes without spaces, control characters or plus signs")]
    Name,
    /// It has not the three parts.
    #[error("a verifier key is NAME+KEYID+BASE64: an Ed25519 key behind its type, 01 or 04")]
    Form,
    /// The key id is of another key.
    #[error("the key id is not that of this name and key")]
    KeyId,
}

/// A signature that claims to be of a known key and is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature of {0} does not verify")]
pub struct BadSignature(pub KeyName);

/// The longest name.
const NAME_BYTES_MAX: usize = 255;

impl KeyName {
    /// The name under which validators sign a ledger's checkpoints: the log's own.
    pub fn of_log(ledger: &Hash) -> Self {
        Self(origin(ledger))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = NotAVerifierKey;

    fn from_str(text: &str) -> Result<Self, NotAVerifierKey> {
        let barred = |it: char| it.is_whitespace() || it.is_control() || it == '+';
        match text.is_empty() || text.len() > NAME_BYTES_MAX || text.contains(barred) {
            true => Err(NotAVerifierKey::Name),
            false => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl SignatureType {
    fn byte(self) -> u8 {
        match self {
            Self::Note => 0x01,
            Self::Cosignature => 0x04,
        }
    }
}

impl VerifierKey {
    /// A key under its name.
    pub fn new(name: KeyName, kind: SignatureType, key: PublicKey) -> Self {
        Self { name, kind, key }
    }

    /// Its name.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// What it signs.
    pub fn kind(&self) -> SignatureType {
        self.kind
    }

    /// The first four bytes of SHA-256 over name, line feed, type and key.
    fn key_id(&self) -> [u8; 4] {
        let name = self.name.0.as_bytes();
        let hash = Hash::of(&[name, b"\n", &[self.kind.byte()], self.key.as_bytes()]);
        let mut id = [0; 4];
        id.copy_from_slice(&hash.as_bytes()[..4]);
        id
    }

    /// Whether a signature says that it is of this key.
    pub fn is_of(&self, line: &SignatureLine) -> bool {
        line.name == self.name && line.key_id == self.key_id()
    }

    fn verify(&self, text: &str, line: &SignatureLine) -> Option<Signed> {
        let (time_s, message, signature) = match self.kind {
            SignatureType::Note => (None, text.to_owned(), &line.signature[..]),
            SignatureType::Cosignature => {
                let (time, signature) = line.signature.split_first_chunk::<8>()?;
                let time_s = u64::from_be_bytes(*time);
                // C2SP tlog-cosignature: no later time is one.
                i64::try_from(time_s).ok()?;
                (Some(time_s), cosigned(text, time_s), signature)
            }
        };
        let holds =
            self.key.verifier().ok()?.verify(message.as_bytes(), signature.try_into().ok()?);
        holds.then_some(Signed { time_s })
    }
}

impl FromStr for VerifierKey {
    type Err = NotAVerifierKey;

    fn from_str(text: &str) -> Result<Self, NotAVerifierKey> {
        let (name, rest) = text.split_once('+').ok_or(NotAVerifierKey::Form)?;
        let (key_id, key) = rest.split_once('+').ok_or(NotAVerifierKey::Form)?;
        let name: KeyName = name.parse()?;
        let bytes = BASE64.decode(key.as_bytes()).map_err(|_| NotAVerifierKey::Form)?;
        let (kind, key) = bytes.split_first().ok_or(NotAVerifierKey::Form)?;
        let kind = match kind {
            0x01 => SignatureType::Note,
            0x04 => SignatureType::Cosignature,
            _ => return Err(NotAVerifierKey::Form),
        };
        let key = PublicKey::from_bytes(key.try_into().map_err(|_| NotAVerifierKey::Form)?);
        key.verifier().map_err(|_| NotAVerifierKey::Form)?;
        let read = Self { name, kind, key };
        match HEXLOWER.encode(&read.key_id()) == key_id {
            true => Ok(read),
            false => Err(NotAVerifierKey::KeyId),
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[self.kind.byte()], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, HEXLOWER.encode(&self.key_id()), BASE64.encode(&typed))
    }
}

impl Note {
    /// What this key has signed under the note; nothing if it has not. A signature of a known key that
    /// does not verify is an error (C2SP signed-note): somebody has changed the note.
    pub fn signed_by(&self, key: &VerifierKey) -> Result<Option<Signed>, BadSignature> {
        let mut lines = self.signatures.iter().filter(|line| key.is_of(line)).peekable();
        if lines.peek().is_none() {
            return Ok(None);
        }
        let verified: Option<Vec<Signed>> =
            lines.map(|line| key.verify(&self.text, line)).collect();
        match verified.as_deref() {
            Some([.., last]) => Ok(Some(*last)),
            _ => Err(BadSignature(key.name.clone())),
        }
    }

    /// The signature of a log or a validator on the text.
    pub fn signature(&self, name: &KeyName, key: &SecretKey) -> SignatureLine {
        let known = VerifierKey::new(name.clone(), SignatureType::Note, key.public());
        let signature = key.sign(self.text.as_bytes()).to_vec();
        SignatureLine { name: name.clone(), key_id: known.key_id(), signature }
    }

    /// The cosignature of a witness on the text (`cosignature/v1`): that as of this time, in seconds since
    /// 1970, it has seen no larger log of this origin, and this one grew out of all that it had seen.
    pub fn cosignature(&self, name: &KeyName, key: &SecretKey, time_s: u64) -> SignatureLine {
        let known = VerifierKey::new(name.clone(), SignatureType::Cosignature, key.public());
        let signed = key.sign(cosigned(&self.text, time_s).as_bytes());
        let signature = [&time_s.to_be_bytes()[..], &signed].concat();
        SignatureLine { name: name.clone(), key_id: known.key_id(), signature }
    }
}

/// What a witness signs: C2SP tlog-cosignature v1.0.0, the message for Ed25519.
fn cosigned(text: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TEXT: &str = "example.com/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

    fn key() -> (SecretKey, KeyName) {
        (SecretKey::from_seed(&[3; 32]), "example.com/key".parse().unwrap())
    }

    #[test]
    fn a_key_is_written_and_read() {
        let (secret, name) = key();
        for kind in [SignatureType::Note, SignatureType::Cosignature] {
            let key = VerifierKey::new(name.clone(), kind, secret.public());
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        // The one of the Go checksum database.
        let known = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        assert_eq!(known.parse::<VerifierKey>().unwrap().to_string(), known);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let known = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        for (text, why) in [
            ("", NotAVerifierKey::Form),
            ("sum.golang.org", NotAVerifierKey::Form),
            ("+033de0ae+Ac4z", NotAVerifierKey::Name),
            (&known.replace("033de0ae", "033de0af"), NotAVerifierKey::KeyId),
            (&known.replace("033de0ae", "033DE0AE"), NotAVerifierKey::KeyId),
            (&known.replace("sum.", "sam."), NotAVerifierKey::KeyId),
            (&known.replace("+Ac", "+BM"), NotAVerifierKey::KeyId),
            (&known.replace("+Ac", "+Cc"), NotAVerifierKey::Form),
            (&known.replace("OuAn8", "OuA"), NotAVerifierKey::Form),
            (&known.replace("sum.", "s m."), NotAVerifierKey::Name),
        ] {
            assert_eq!(text.parse::<VerifierKey>().unwrap_err(), why, "{text}");
        }
        for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb", &"a".repeat(256)] {
            assert_eq!(name.parse::<KeyName>(), Err(NotAVerifierKey::Name), "{name}");
        }
    }

    #[test]
    fn a_signature_of_one_kind_is_none_of_the_other() {
        let (secret, name) = key();
        let note = Note::unsigned(TEXT).unwrap();
        let line = note.cosignature(&name, &secret, 1_700_000_000);
        let cosigned = note.with(line);
        let of = |kind| VerifierKey::new(name.clone(), kind, secret.public());
        let found = cosigned.signed_by(&of(SignatureType::Cosignature)).unwrap().unwrap();
        assert_eq!(found.time_s, Some(1_700_000_000));
        assert_eq!(cosigned.signed_by(&of(SignatureType::Note)), Ok(None));
    }

    #[test]
    fn any_change_to_a_cosignature_is_found() {
        let (secret, name) = key();
        let known = VerifierKey::new(name.clone(), SignatureType::Cosignature, secret.public());
        let note = Note::unsigned(TEXT).unwrap();
        let line = note.cosignature(&name, &secret, 77);
        for at in 0..line.signature.len() {
            let mut changed = line.clone();
            changed.signature[at] ^= 1;
            let changed = note.clone().with(changed);
            assert_eq!(changed.signed_by(&known), Err(BadSignature(name.clone())), "{at}");
        }
        let mut shorter = line.clone();
        shorter.signature.truncate(7);
        assert!(note.clone().with(shorter).signed_by(&known).is_err());
        let grown = TEXT.replace("\n1\n", "\n2\n");
        assert!(Note::unsigned(grown).unwrap().with(line).signed_by(&known).is_err());
    }
}
