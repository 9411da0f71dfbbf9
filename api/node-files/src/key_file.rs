//! The node's key at rest: PKCS#8 in PEM, encrypted or readable by its owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use chancery_ledger::key::SecretKey;
use ed25519_dalek::pkcs8::KeypairBytes;
use pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use zeroize::Zeroizing;

/// Why the node's key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// A file could not be read or written.
    #[error("{file}: {source}")]
    Io {
        /// Which.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read the key.
    #[error("{0}: others may read this key; set its permissions to 0600 or encrypt it")]
    Permissions(String),
    /// The key is encrypted and nothing opens it.
    #[error("{0}: the key is encrypted; give --key-passphrase-file")]
    NoPassphrase(String),
    /// It is no Ed25519 key in PKCS#8 PEM, or the passphrase is another.
    #[error("{0}: not an Ed25519 key in PKCS#8 PEM that this passphrase opens")]
    NotAKey(String),
}

/// Reads a key; a plain one only from a file that nobody else may read.
pub fn read(path: &Path, passphrase: Option<&Path>) -> Result<SecretKey, KeyFileError> {
    let name = || path.display().to_string();
    let pem = Zeroizing::new(fs::read_to_string(path).map_err(failed(path))?);
    let pair = if pem.contains("BEGIN ENCRYPTED PRIVATE KEY") {
        let file = passphrase.ok_or_else(|| KeyFileError::NoPassphrase(name()))?;
        let text = Zeroizing::new(fs::read_to_string(file).map_err(failed(file))?);
        let first_line = text.lines().next().unwrap_or_default();
        let start = pem.find("-----BEGIN ").unwrap_or_default();
        KeypairBytes::from_pkcs8_encrypted_pem(&pem[start..], first_line)
    } else {
        if !is_its_owners_alone(path).map_err(failed(path))? {
            return Err(KeyFileError::Permissions(name()));
        }
        KeypairBytes::from_pkcs8_pem(&pem)
    };
    let pair = pair.map_err(|_| KeyFileError::NotAKey(name()))?;
    Ok(SecretKey::from_seed(&Zeroizing::new(pair.secret_key)))
}

/// Makes a new key and writes it down for its owner alone. A file that is there is an error, and stays
/// as it is.
pub fn create(path: &Path) -> Result<SecretKey, KeyFileError> {
    let mut seed = Zeroizing::new([0; 32]);
    let no_randomness = |error: getrandom::Error| io::Error::other(error.to_string());
    getrandom::fill(&mut *seed).map_err(|error| failed(path)(no_randomness(error)))?;
    // Version 1 of PKCS#8, without the public key: openssl refuses to read version 2.
    let pair = KeypairBytes { secret_key: *seed, public_key: None };
    let not_a_key = |_| KeyFileError::NotAKey(path.display().to_string());
    let pem = pair.to_pkcs8_pem(LineEnding::LF).map_err(not_a_key)?;
    let mut file = new_private_file(path).map_err(failed(path))?;
    file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()).map_err(failed(path))?;
    Ok(SecretKey::from_seed(&seed))
}

fn new_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether nobody but its owner may read or write a file. Where files have no such permissions, so it is taken.
#[cfg(unix)]
pub fn is_its_owners_alone(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 == 0)
}

/// Whether nobody but its owner may read or write a file. Where files have no such permissions, so it is taken.
#[cfg(not(unix))]
pub fn is_its_owners_alone(_: &Path) -> io::Result<bool> {
    Ok(true)
}

fn failed(path: &Path) -> impl Fn(io::Error) -> KeyFileError + use<> {
    let file = path.display().to_string();
    move |source| KeyFileError::Io { file: file.clone(), source }
}
