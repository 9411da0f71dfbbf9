//! The public file of a member: its name, its key and where it is, signed with that key.

use std::path::Path;

use chancery_client::{PublicKey, SecretKey};
use chancery_node_files::network::parse_address;
use data_encoding::BASE64URL_NOPAD;
use multiaddr::Multiaddr;
use serde::{Deserialize, Serialize};

use super::place::{Name, Place};
use crate::failure::Failure;

/// What the others of a network need to know of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// What it is called.
    pub(super) name: Name,
    /// The key it votes with.
    pub(super) key: PublicKey,
    /// Where its consensus is reached.
    pub(super) consensus: Multiaddr,
    /// Where it is reached for all else.
    pub(super) peers: Multiaddr,
}

/// As it stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    name: String,
    key: PublicKey,
    consensus: String,
    peers: String,
    signature: String,
}

impl Member {
    /// A member whose node is at this place.
    pub(super) fn at(name: Name, place: &Place, key: PublicKey) -> Self {
        Self { name, key, consensus: place.consensus(), peers: place.peers() }
    }

    /// The file's text, signed with the member's key.
    pub(super) fn to_text(&self, key: &SecretKey) -> String {
        let written = Written {
            version: 1,
            name: self.name.as_str().to_owned(),
            key: self.key,
            consensus: self.consensus.to_string(),
            peers: self.peers.to_string(),
            signature: BASE64URL_NOPAD.encode(&key.sign(&self.signed_bytes())),
        };
        // Strings and a number: writing them down does not fail.
        let mut text = serde_json::to_string_pretty(&written).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a member's file: whoever holds the key has said this.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
        Self::parse(&bytes).map_err(|why| Failure::usage(format!("{}: {why}", path.display())))
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if written.version != 1 {
            return Err(format!("version is {} and not 1", written.version));
        }
        let address = |field: &str, text: &str| {
            parse_address(text).map_err(|why| format!("{field}: {text:?}: {why}"))
        };
        let member = Self {
            name: written.name.parse()?,
            key: written.key,
            consensus: address("consensus", &written.consensus)?,
            peers: address("peers", &written.peers)?,
        };
        let signature = BASE64URL_NOPAD.decode(written.signature.as_bytes()).ok();
        let signature: Option<[u8; 64]> = signature.and_then(|bytes| bytes.try_into().ok());
        let verifier = member.key.verifier().map_err(|error| error.to_string())?;
        let holds = signature.is_some_and(|it| verifier.verify(&member.signed_bytes(), &it));
        match holds {
            true => Ok(member),
            false => Err(
                "the signature is not of this key over this content: ask its sender for the file \
                          again, by another way"
                    .to_owned(),
            ),
        }
    }

    /// What is signed: a domain, the key, and each text behind its length.
    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"chancery member 1\0".to_vec();
        bytes.extend_from_slice(self.key.as_bytes());
        for text in [self.name.as_str(), &self.consensus.to_string(), &self.peers.to_string()] {
            bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_the_key_has_signed_or_nothing() {
        let key = SecretKey::from_seed(&[7; 32]);
        let place = "10.0.0.1:5".parse().unwrap();
        let member = Member::at("post".parse().unwrap(), &place, key.public());
        let text = member.to_text(&key);
        assert_eq!(Member::parse(text.as_bytes()).unwrap(), member);
        for (from, to) in
            [("post", "past"), ("tcp/5", "tcp/7"), ("\"version\": 1", "\"version\": 2")]
        {
            assert!(Member::parse(text.replacen(from, to, 1).as_bytes()).is_err(), "{from}");
        }
        let other = member.to_text(&SecretKey::from_seed(&[8; 32]));
        assert!(Member::parse(other.as_bytes()).unwrap_err().contains("signature"));
    }
}
