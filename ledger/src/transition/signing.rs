//! Making transitions: a payload, then one signature after the other, on one device or several.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::{TYPE, transition_id};
use crate::hash::Hash;
use crate::key::{KeyId, SecretKey};
use crate::time::Time;

/// What the signers state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payload<A> {
    /// The ledger it is meant for.
    pub ledger: Hash,
    /// Any 1 to 64 printable ASCII characters that make it differ from others.
    pub id: String,
    /// When it stops being valid.
    pub not_after: Time,
    /// What is asked for, all or nothing.
    pub actions: Vec<A>,
}

/// A transition on its way around its signers, in the form that is submitted in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    payload: String,
    signatures: Vec<JwsSignature>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JwsSignature {
    protected: String,
    signature: String,
}

impl Signing {
    /// Writes the payload down; from here on its bytes are fixed.
    pub fn of<A: Serialize>(payload: &Payload<A>) -> serde_json::Result<Self> {
        let payload = BASE64URL_NOPAD.encode(&serde_json::to_vec(payload)?);
        Ok(Self { payload, signatures: Vec::new() })
    }

    /// Adds the signature of a party by its first key.
    pub fn sign(self, key: &SecretKey) -> Self {
        let signer = KeyId { party: key.party(), key: key.public() };
        self.sign_as(&signer, key)
    }

    /// Adds the signature of a party by a key that it holds now.
    pub fn sign_as(mut self, signer: &KeyId, key: &SecretKey) -> Self {
        // A kid has no character that JSON would escape.
        let header = format!(r#"{{"alg":"EdDSA","typ":"{TYPE}","kid":"{signer}"}}"#);
        let protected = BASE64URL_NOPAD.encode(header.as_bytes());
        let signature = key.sign(format!("{protected}.{}", self.payload).as_bytes());
        let signature = BASE64URL_NOPAD.encode(&signature);
        self.signatures.push(JwsSignature { protected, signature });
        self
    }

    /// The payload's bytes, for whoever is asked to sign them.
    pub fn payload(&self) -> Vec<u8> {
        BASE64URL_NOPAD.decode(self.payload.as_bytes()).unwrap_or_default()
    }

    /// The transition's id with the signers that it has so far.
    pub fn id(&self) -> Hash {
        transition_id(&self.payload(), &self.signers())
    }

    /// Who has signed so far.
    pub fn signers(&self) -> Vec<KeyId> {
        #[derive(Deserialize)]
        struct Kid {
            kid: String,
        }
        let kid = |signature: &JwsSignature| {
            let header = BASE64URL_NOPAD.decode(signature.protected.as_bytes()).ok()?;
            serde_json::from_slice::<Kid>(&header).ok()?.kid.parse().ok()
        };
        self.signatures.iter().filter_map(kid).collect()
    }

    /// The signatures so far, as bytes where they are 64 in base64url.
    pub(crate) fn signatures(&self) -> Vec<Option<[u8; 64]>> {
        let bytes = |part: &JwsSignature| {
            BASE64URL_NOPAD.decode(part.signature.as_bytes()).ok()?.try_into().ok()
        };
        self.signatures.iter().map(bytes).collect()
    }

    /// The bytes to submit.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Two texts and a list of texts: writing them down does not fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}
