//! What a field of a record can say, and the one text in which each value is hashed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::hash::Hash;

/// What a field says. Decimals are texts, as everywhere; a document is named by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// That there is nothing to say.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(Integer),
    /// A text.
    Text(Text),
    /// A file, by the SHA-256 of its bytes: `{"sha256": "…"}`.
    File(Hash),
}

impl Value {
    /// The text that is hashed: RFC 8785, which for these values is also what `JSON.stringify`
    /// gives.
    pub fn to_text(&self) -> String {
        // A scalar, or a map of one text: writing them down does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A whole number that JSON carries exactly everywhere: within 2^53 - 1 of zero (RFC 7493 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Integer(i64);

/// What a number must be to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number in a record is whole and within 9007199254740991 of zero")]
pub struct NotAnInteger;

impl Integer {
    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for Integer {
    type Error = NotAnInteger;

    fn try_from(number: i64) -> Result<Self, NotAnInteger> {
        const LAST: i64 = (1 << 53) - 1;
        (-LAST..=LAST).contains(&number).then_some(Self(number)).ok_or(NotAnInteger)
    }
}

/// A text of at most 8,192 bytes in UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(String);

/// What a text must be to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text in a record has at most 8,192 bytes")]
pub struct NotAText;

impl Text {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Text {
    type Error = NotAText;

    fn try_from(text: String) -> Result<Self, NotAText> {
        if text.len() <= 8192 { Ok(Self(text)) } else { Err(NotAText) }
    }
}

impl FromStr for Text {
    type Err = NotAText;

    fn from_str(text: &str) -> Result<Self, NotAText> {
        text.to_owned().try_into()
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text.as_str()),
            other => f.write_str(&other.to_text()),
        }
    }
}

/// How a file stands in JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileHash {
    sha256: Hash,
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(bool) => serializer.serialize_bool(*bool),
            Self::Integer(integer) => serializer.serialize_i64(integer.0),
            Self::Text(text) => serializer.serialize_str(&text.0),
            Self::File(sha256) => FileHash { sha256: *sha256 }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(r#"a text, a whole number, true, false, null or {"sha256": "…"}"#)
            }

            fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_bool<E: de::Error>(self, bool: bool) -> Result<Value, E> {
                Ok(Value::Bool(bool))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
                number.try_into().map(Value::Integer).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
                let number = i64::try_from(number).map_err(|_| E::custom(NotAnInteger))?;
                self.visit_i64(number)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
                text.parse().map(Value::Text).map_err(E::custom)
            }

            fn visit_map<M: de::MapAccess<'de>>(self, map: M) -> Result<Value, M::Error> {
                let file = FileHash::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Value::File(file.sha256))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}
