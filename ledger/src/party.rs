//! Parties: who signs, named by an ID code that follows from the first key and checks itself.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::hash::Hash;
use crate::key::PublicKey;

/// A party's ID code: 24 characters of base32 from the hash of its first key, and a check character
/// (ISO/IEC 7064, MOD 37,36) that finds every single wrong character and every swap of two neighbours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartyId([u8; 15]);

const DERIVATION: &[u8] = b"chancery party 1\0";
const LENGTH: usize = 25;

impl PartyId {
    /// The ID code that belongs to a first key.
    pub fn of_first_key(key: &PublicKey) -> Self {
        let hash = Hash::of(&[DERIVATION, key.as_bytes()]);
        let mut bytes = [0; 15];
        bytes.copy_from_slice(&hash.as_bytes()[..15]);
        Self(bytes)
    }

    /// The party of these bytes, of which the code's characters are base32.
    pub(crate) fn from_bytes(bytes: [u8; 15]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 15] {
        &self.0
    }
}

/// The check character of ISO/IEC 7064 MOD 37,36 for a text of digits and capital letters.
///
/// `None` when another character is among them.
pub fn check_character_mod_37_36(text: &str) -> Option<char> {
    let mut product = 36;
    for character in text.chars() {
        let value = match character {
            '0'..='9' | 'A'..='Z' => character.to_digit(36)?,
            _ => return None,
        };
        let sum = match (product + value) % 36 {
            0 => 36,
            sum => sum,
        };
        product = sum * 2 % 37;
    }
    char::from_digit((37 - product) % 36, 36).map(|character| character.to_ascii_uppercase())
}

impl fmt::Display for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = BASE32_NOPAD.encode(&self.0);
        let check = check_character_mod_37_36(&text).ok_or(fmt::Error)?;
        write!(f, "{text}{check}")
    }
}

impl fmt::Debug for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not an ID code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPartyId {
    /// Not 24 characters A–Z, 2–7 and a check character.
    #[error("an ID code is 24 characters A-Z and 2-7 and a check character")]
    Shape,
    /// The check character does not fit the others.
    #[error("the ID code's check character does not fit: a character is wrong or two are swapped")]
    CheckCharacter,
}

impl FromStr for PartyId {
    type Err = NotAPartyId;

    fn from_str(text: &str) -> Result<Self, NotAPartyId> {
        if text.len() != LENGTH || !text.is_ascii() {
            return Err(NotAPartyId::Shape);
        }
        let (code, check) = text.split_at(LENGTH - 1);
        let bytes = BASE32_NOPAD.decode(code.as_bytes()).map_err(|_| NotAPartyId::Shape)?;
        let bytes = bytes.try_into().map_err(|_| NotAPartyId::Shape)?;
        if check_character_mod_37_36(code) != check.chars().next() {
            return Err(NotAPartyId::CheckCharacter);
        }
        Ok(Self(bytes))
    }
}

impl Serialize for PartyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for PartyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl de::Visitor<'_> for Bytes {
            type Value = PartyId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the 15 bytes of an ID code")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<PartyId, E> {
                bytes.try_into().map(PartyId).map_err(|_| E::custom(NotAPartyId::Shape))
            }
        }

        if !deserializer.is_human_readable() {
            return deserializer.deserialize_bytes(Bytes);
        }
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_own_examples_hold() {
        // ISO/IEC 7064 gives A12425GABC1234002 with check character M; GS1's and ISAN's documents
        // use the same system.
        assert_eq!(check_character_mod_37_36("A12425GABC1234002"), Some('M'));
        assert_eq!(check_character_mod_37_36("lower"), None);
    }

    #[test]
    fn one_wrong_character_is_found() {
        let id = PartyId([7; 15]).to_string();
        assert_eq!(id.parse::<PartyId>(), Ok(PartyId([7; 15])));
        for place in 0..LENGTH {
            for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".chars() {
                let mut wrong: Vec<char> = id.chars().collect();
                if wrong[place] == other {
                    continue;
                }
                wrong[place] = other;
                let wrong: String = wrong.into_iter().collect();
                assert!(wrong.parse::<PartyId>().is_err(), "{wrong}");
            }
        }
    }
}
