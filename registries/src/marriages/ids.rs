//! Values that nobody can guess: the ids of marriages, the salt of statements, the register's secret.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Why a value is not taken for one that chance has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUnguessable {
    /// Not so many hexadecimal digits.
    #[error("this is {0} lower-case hexadecimal digits")]
    Shape(usize),
    /// So few different bytes as chance as good as never gives.
    #[error("this is no random value: too few of its bytes differ")]
    NotRandom,
}

/// Half of the bytes differ from one another. Chance fails this less than once in 10^11 times, a
/// padded serial number always: it is there for whoever mistakes these ids for numbers to be counted.
fn looks_random(bytes: &[u8]) -> bool {
    let first = |(index, byte): &(usize, &u8)| !bytes[..*index].contains(byte);
    bytes.iter().enumerate().filter(first).count() * 2 >= bytes.len()
}

macro_rules! unguessable {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// How many bytes it has.
            pub const BYTES: usize = $bytes;

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }

            fn as_text(&self) -> String {
                HEXLOWER.encode(&self.0)
            }
        }

        impl TryFrom<[u8; $bytes]> for $name {
            type Error = NotUnguessable;

            fn try_from(bytes: [u8; $bytes]) -> Result<Self, NotUnguessable> {
                looks_random(&bytes).then_some(Self(bytes)).ok_or(NotUnguessable::NotRandom)
            }
        }

        impl FromStr for $name {
            type Err = NotUnguessable;

            fn from_str(text: &str) -> Result<Self, NotUnguessable> {
                let shape = NotUnguessable::Shape(2 * $bytes);
                let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| shape)?;
                <[u8; $bytes]>::try_from(bytes).map_err(|_| shape)?.try_into()
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.as_text())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .pattern(Some(format!("^[0-9a-f]{{{}}}$", 2 * $bytes)))
                    .description(Some(format!("{} random bytes in hexadecimal", $bytes)))
                    .examples([$example])
                    .into()
            }
        }

        impl ToSchema for $name {}
    };
}

unguessable! {
    /// The id of a marriage: 128 random bits that the registrar's device draws, so that nobody can
    /// try ids out. 32 hexadecimal digits.
    MarriageId, 16, "8f14e45fceea167a5a36dedd4bea2543"
}

unguessable! {
    /// 128 random bits by which a statement becomes one that nobody can guess. 32 hexadecimal digits.
    Salt, 16, "45c48cce2e2d7fbdea1afc51c7c6ad26"
}

unguessable! {
    /// The register's secret: 256 random bits from which, with a person's ID code, the place of
    /// their civil status in the state follows. 64 hexadecimal digits.
    RegisterSecret, 32, "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab"
}

impl fmt::Display for MarriageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_text())
    }
}

impl fmt::Debug for MarriageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_text())
    }
}

/// Shows nothing of it: what is debugged ends in logs.
impl fmt::Debug for RegisterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegisterSecret(…)")
    }
}
