//! Ids that institutions choose.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An id that an institution chooses: 1 to 64 of `A-Z a-z 0-9 . _ -`, the first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalId(String);

impl LocalId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a text must be to be an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id here is 1 to 64 of A-Z a-z 0-9 . _ - and begins with a letter or digit")]
pub struct NotALocalId;

impl FromStr for LocalId {
    type Err = NotALocalId;

    fn from_str(text: &str) -> Result<Self, NotALocalId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let first = text.bytes().next().ok_or(NotALocalId)?;
        if text.len() > 64 || !text.bytes().all(allowed) || !first.is_ascii_alphanumeric() {
            return Err(NotALocalId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for LocalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for LocalId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for LocalId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for LocalId {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"))
            .examples(["2026-0042"])
            .into()
    }
}

impl ToSchema for LocalId {}
