//! Ed25519 keys, and the ids that say whose they are.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::hash::Hash;
use crate::party::{NotAPartyId, PartyId};

/// An Ed25519 public key, written as the `x` of its JWK (RFC 8037).
///
/// From JSON only canonical keys of full order are taken; the state holds none but those.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

/// Why a key is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    /// Not 43 characters of base64url.
    #[error("a key is 43 characters of base64url, the x of its JWK")]
    Shape,
    /// Not the canonical encoding of a point of the curve.
    #[error("the key is not the canonical encoding of a point on the curve")]
    NotCanonical,
    /// A point of small order, for which signatures can be made by anyone.
    #[error("the key is of small order")]
    SmallOrder,
}

impl PublicKey {
    /// A key of these bytes, unchecked: [`PublicKey::verifier`] checks.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of RFC 8032.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key ready to verify, if it is canonical and of full order.
    pub fn verifier(&self) -> Result<Verifier, NotAKey> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| NotAKey::NotCanonical)?;
        // RFC 8032 5.1.3: a y of p or more does not decode; dalek reduces it, so compare.
        if key.to_edwards().compress().to_bytes() != self.0 {
            return Err(NotAKey::NotCanonical);
        }
        if key.is_weak() {
            return Err(NotAKey::SmallOrder);
        }
        Ok(Verifier(key))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| NotAKey::Shape)?;
        bytes.try_into().map(Self).map_err(|_| NotAKey::Shape)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl de::Visitor<'_> for Bytes {
            type Value = PublicKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("32 bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<PublicKey, E> {
                bytes.try_into().map(PublicKey).map_err(|_| E::custom(NotAKey::Shape))
            }
        }

        if !deserializer.is_human_readable() {
            return deserializer.deserialize_bytes(Bytes);
        }
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let key: PublicKey = text.parse().map_err(de::Error::custom)?;
        key.verifier().map_err(de::Error::custom)?;
        Ok(key)
    }
}

/// A public key that was checked and is ready to verify.
#[derive(Clone)]
pub struct Verifier(VerifyingKey);

impl Verifier {
    /// Whether the signature is this key's over the message, by the strict rule that every node
    /// applies (RFC 8032 with canonical R and s, no key or R of small order, no cofactor).
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

/// A private key. It is wiped from memory when dropped and never shown.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key of a 32-byte seed (RFC 8032 5.1.5).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// The party that this key is the first key of.
    pub fn party(&self) -> PartyId {
        PartyId::of_first_key(&self.public())
    }

    /// Signs.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// A seed for another purpose, which follows from this key and does not reveal it.
    pub fn derived_seed(&self, purpose: &[u8]) -> [u8; 32] {
        Hash::of(&[b"chancery derived seed 1\0", purpose, self.0.as_bytes()]).0
    }

    /// The key in dalek's own type, for encoding it at rest.
    pub fn as_signing_key(&self) -> &SigningKey {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public())
    }
}

/// Who signs and with which key: `PARTY#KEY`, the `kid` of a signature.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyId {
    /// The party that signs.
    pub party: PartyId,
    /// The key it signs with.
    pub key: PublicKey,
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.party, self.key)
    }
}

/// Why a text is not a key id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAKeyId {
    /// There is no `#` in it.
    #[error("a kid is PARTY#KEY")]
    Shape,
    /// The part before the `#` is not an ID code.
    #[error("{0}")]
    Party(#[from] NotAPartyId),
    /// The part behind the `#` is not a key.
    #[error("{0}")]
    Key(#[from] NotAKey),
}

impl FromStr for KeyId {
    type Err = NotAKeyId;

    fn from_str(text: &str) -> Result<Self, NotAKeyId> {
        let (party, key) = text.split_once('#').ok_or(NotAKeyId::Shape)?;
        Ok(Self { party: party.parse()?, key: key.parse()? })
    }
}
