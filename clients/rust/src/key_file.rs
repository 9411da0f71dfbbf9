//! Keys at rest: encrypted PKCS#8 in PEM (RFC 5958; scrypt and AES-256-CBC), which openssl reads.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use chancery_ledger::key::{KeyId, PublicKey, SecretKey};
use chancery_ledger::party::PartyId;
use ed25519_dalek::pkcs8::KeypairBytes;
use pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use zeroize::{Zeroize, Zeroizing};

use crate::signer::Signer;

/// A private key as it stands in a file: whose it is in plain lines, and itself encrypted.
///
/// The plain lines stand before the PEM (RFC 7468 section 2 allows them) so that keys can be listed
/// without their passphrase; opening the file checks them.
///
/// ```
/// use chancery_client::{KeyFile, Signer, keys};
///
/// let signer = Signer::first(keys::generate()?);
/// let file = KeyFile::seal(&signer, "correct horse battery staple")?;
/// assert_eq!(file.signer(), signer.id());
/// assert!(file.open("wrong").is_err());
/// assert_eq!(file.open("correct horse battery staple")?.id(), signer.id());
/// # Ok::<(), chancery_client::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    signer: KeyId,
    pem: String,
}

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It could not be read or written.
    #[error("{file}: {source}")]
    File {
        /// Which.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A key of this name is there, and keys are never overwritten.
    #[error("{0} exists already, and a key is never overwritten")]
    Exists(String),
    /// It is not such a file.
    #[error("not a key file of Chancery: {0}")]
    Format(&'static str),
    /// The passphrase does not open it.
    #[error("the passphrase does not open this key")]
    Passphrase,
    /// The key in it is another than the plain lines say.
    #[error("the file holds another key than its plain lines say")]
    OtherKey,
    /// The key could not be encrypted.
    #[error("the key could not be encrypted: {0}")]
    Encrypt(String),
    /// An empty passphrase protects nothing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
}

const PARTY: &str = "Party: ";
const PUBLIC_KEY: &str = "Public-Key: ";
const BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

impl KeyFile {
    /// Encrypts a key under a passphrase.
    pub fn seal(signer: &Signer, passphrase: &str) -> Result<Self, KeyFileError> {
        if passphrase.is_empty() {
            return Err(KeyFileError::EmptyPassphrase);
        }
        // Version 1 of PKCS#8, without the public key: openssl refuses to read version 2.
        let secret_key = signer.key().as_signing_key().to_bytes();
        let mut pair = KeypairBytes { secret_key, public_key: None };
        let pem = pair.to_pkcs8_encrypted_pem(passphrase, LineEnding::LF);
        pair.secret_key.zeroize();
        let pem = pem.map_err(|error| KeyFileError::Encrypt(error.to_string()))?;
        Ok(Self { signer: signer.id(), pem: pem.to_string() })
    }

    /// Whose key it is, as the plain lines say.
    pub fn signer(&self) -> KeyId {
        self.signer
    }

    /// Decrypts the key.
    pub fn open(&self, passphrase: &str) -> Result<Signer, KeyFileError> {
        let mut pair = KeypairBytes::from_pkcs8_encrypted_pem(&self.pem, passphrase)
            .map_err(|_| KeyFileError::Passphrase)?;
        let seed = Zeroizing::new(pair.secret_key);
        pair.secret_key.zeroize();
        let key = SecretKey::from_seed(&seed);
        if key.public() != self.signer.key {
            return Err(KeyFileError::OtherKey);
        }
        Ok(Signer::of(self.signer.party, key))
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        let KeyId { party, key } = self.signer;
        format!("{PARTY}{party}\n{PUBLIC_KEY}{key}\n{}", self.pem)
    }

    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let format = KeyFileError::Format;
        let (head, _) = text.split_once(BEGIN).ok_or(format("there is no encrypted key in it"))?;
        let line =
            |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let party = line(PARTY).ok_or(format("no line says whose it is"))?;
        let key = line(PUBLIC_KEY).ok_or(format("no line gives the public key"))?;
        let party: PartyId = party.parse().map_err(|_| format("Party is not an ID code"))?;
        let key: PublicKey = key.parse().map_err(|_| format("Public-Key is not a key"))?;
        Ok(Self { signer: KeyId { party, key }, pem: text[head.len()..].to_owned() })
    }

    /// Reads a key file.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let text = fs::read_to_string(path).map_err(|source| file_error(path, source))?;
        Self::parse(&text)
    }

    /// Writes a new file that only its owner may read.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyFileError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.display().to_string()),
            _ => file_error(path, source),
        })?;
        file.write_all(self.to_text().as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|source| file_error(path, source))
    }
}

fn file_error(path: &Path, source: io::Error) -> KeyFileError {
    KeyFileError::File { file: path.display().to_string(), source }
}
