//! Signers: a party with a key that it holds now.

use chancery_ledger::hash::Hash;
use chancery_ledger::key::{KeyId, SecretKey};
use chancery_ledger::party::PartyId;
use chancery_ledger::transition::Signing;
use zeroize::Zeroizing;

use crate::error::Error;

/// A party and a key that it signs with.
#[derive(Clone, Debug)]
pub struct Signer {
    party: PartyId,
    key: SecretKey,
}

impl Signer {
    /// The party that this key is the first key of.
    pub fn first(key: SecretKey) -> Self {
        Self { party: key.party(), key }
    }

    /// A party that was founded with another key: this one was rotated in, or is a sub-key.
    pub fn of(party: PartyId, key: SecretKey) -> Self {
        Self { party, key }
    }

    /// The first key of a further party, made from this key and a name: whoever has this key has
    /// them all, and nobody can tell from the public keys that they belong together.
    ///
    /// The seed is SHA-256(D | SHA-256(D | this key's 32 secret bytes | name)) with D the text
    /// `chancery derived key 1`. The outer hash keeps a derived seed from being the beginning of
    /// another one's computation.
    pub fn derived(&self, name: &str) -> Self {
        const DOMAIN: &[u8] = b"chancery derived key 1";
        let secret = Zeroizing::new(self.key.as_signing_key().to_bytes());
        let inner = Hash::of(&[DOMAIN, &*secret, name.as_bytes()]);
        let seed = Hash::of(&[DOMAIN, inner.as_bytes()]);
        Self::first(SecretKey::from_seed(seed.as_bytes()))
    }

    /// The party.
    pub fn party(&self) -> PartyId {
        self.party
    }

    /// The party and the key's public half, as signatures name them.
    pub fn id(&self) -> KeyId {
        KeyId { party: self.party, key: self.key.public() }
    }

    /// The key.
    pub fn key(&self) -> &SecretKey {
        &self.key
    }

    /// Adds this signer's signature.
    pub fn sign(&self, signing: Signing) -> Result<Signing, Error> {
        let id = self.id();
        // One key signs once, whichever party it signs for.
        if signing.signers().iter().any(|signer| signer.key == id.key) {
            return Err(Error::SignedAlready(id));
        }
        Ok(signing.sign_as(&id, &self.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_keys_never_change() {
        let family = Signer::first(SecretKey::from_seed(&[7; 32]));
        let key = |name: &str| family.derived(name).id().key.to_string();
        assert_eq!(key("land-r2"), "odYwKnvPMwu1MSA7gRdQ3o10Ms9Ero39x1y_WabiJ8E");
        assert_ne!(key("land-r3"), key("land-r2"));
        assert_ne!(family.id(), family.derived("").id());
    }
}
