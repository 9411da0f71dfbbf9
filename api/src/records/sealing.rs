//! Sealing: XChaCha20-Poly1305 with keys that are wiped when they are dropped.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::KeepError;

const KEY_BYTES: usize = 32;
/// Long enough to be drawn at random as often as one likes.
const NONCE_BYTES: usize = 24;

/// A secret key of 32 bytes.
pub(super) struct Key(Zeroizing<[u8; KEY_BYTES]>);

impl Key {
    /// A new one from the system's source of randomness.
    pub(super) fn random() -> Result<Self, KeepError> {
        let mut bytes = Zeroizing::new([0_u8; KEY_BYTES]);
        getrandom::fill(bytes.as_mut_slice())
            .map_err(|error| KeepError::Random(error.to_string()))?;
        Ok(Self(bytes))
    }

    /// The key of these bytes; none if they are not 32.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// Its bytes.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Seals bytes for one purpose: a random nonce, and what only this key opens for the same purpose.
    pub(super) fn seal(&self, plain: &[u8], purpose: &str) -> Result<Vec<u8>, KeepError> {
        let mut sealed = vec![0; NONCE_BYTES];
        getrandom::fill(&mut sealed).map_err(|error| KeepError::Random(error.to_string()))?;
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        let text = self.cipher().encrypt(XNonce::from_slice(&sealed), payload);
        // Only what is longer than 256 GiB cannot be sealed.
        sealed.extend(text.map_err(|_| KeepError::Damaged("what cannot be sealed"))?);
        Ok(sealed)
    }

    /// Opens what was sealed for this purpose; none if it was not, or not by this key.
    pub(super) fn open(&self, sealed: &[u8], purpose: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, text) = sealed.split_at_checked(NONCE_BYTES)?;
        let payload = Payload { msg: text, aad: purpose.as_bytes() };
        self.cipher().decrypt(XNonce::from_slice(nonce), payload).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.as_slice().into())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_and_for_its_purpose_alone() {
        let (key, other) = (Key::random().unwrap(), Key::random().unwrap());
        let sealed = key.seal(b"1.7", "a grade").unwrap();
        assert_eq!(key.open(&sealed, "a grade").unwrap().as_slice(), b"1.7");
        assert!(key.open(&sealed, "a name").is_none());
        assert!(other.open(&sealed, "a grade").is_none());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(&changed, "a grade").is_none(), "byte {at}");
            assert!(key.open(&sealed[..at], "a grade").is_none(), "cut at {at}");
        }
        assert_ne!(sealed, key.seal(b"1.7", "a grade").unwrap());
    }
}
