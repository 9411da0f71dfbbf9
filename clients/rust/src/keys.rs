//! New private keys, and public ones in the form that other tools read.

use chancery_ledger::key::{PublicKey, SecretKey};
use pkcs8::{EncodePublicKey, LineEnding};
use zeroize::Zeroizing;

use crate::error::Error;

/// A new private key from the system's randomness.
pub fn generate() -> Result<SecretKey, Error> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed).map_err(|_| Error::NoRandomness)?;
    Ok(SecretKey::from_seed(&seed))
}

/// A public key as SubjectPublicKeyInfo in PEM (RFC 8410), which openssl reads.
pub fn public_pem(key: &PublicKey) -> Result<String, Error> {
    ed25519_dalek::pkcs8::PublicKeyBytes(*key.as_bytes())
        .to_public_key_pem(LineEnding::LF)
        .map_err(|error| Error::Key(error.to_string()))
}

/// A public key as a JWK (RFC 8037).
pub fn public_jwk(key: &PublicKey) -> serde_json::Value {
    serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": key.to_string()})
}
