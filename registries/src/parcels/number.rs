//! Parcel numbers: UPU S10, GS1 SSCC or the carrier's own, each read strictly and written one way.

mod carriers;
mod check;
mod countries;
mod own;
mod s10;
mod schema;
mod sscc;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use carriers::{
    CarrierFormat, FORMATS, FormatName, NotAFormat, Recognised, WhatIsWrong, recognise,
};
pub(crate) use countries::is_country;
pub use own::{NotAnOwnNumber, OwnNumber};
pub use s10::{NotS10, S10};
pub use sscc::{NotAnSscc, Sscc};

/// What a parcel or a container is called, for ever. Its text is canonical and without spaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParcelNumber {
    /// A postal item's number: UPU S10.
    S10(S10),
    /// A logistic unit's number: GS1 SSCC.
    Sscc(Sscc),
    /// A number that the carrier gave: `CARRIER_PARTY_ID-LOCAL`.
    Own(OwnNumber),
}

/// Why a text is not a parcel number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAParcelNumber {
    /// It has the shape of none of the three.
    #[error(
        "a parcel number is a UPU S10 (13 characters), a GS1 SSCC (18 digits) or CARRIER_PARTY_ID-LOCAL"
    )]
    Shape,
    /// It is shaped like an S10 and is none.
    #[error("{0}")]
    S10(#[from] NotS10),
    /// It is shaped like an SSCC and is none.
    #[error("{0}")]
    Sscc(#[from] NotAnSscc),
    /// It is shaped like a carrier's own number and is none.
    #[error("{0}")]
    Own(#[from] NotAnOwnNumber),
}

impl FromStr for ParcelNumber {
    type Err = NotAParcelNumber;

    fn from_str(text: &str) -> Result<Self, NotAParcelNumber> {
        let text = without_spaces(text);
        let digits = text.strip_prefix(sscc::APPLICATION_IDENTIFIER).unwrap_or(&text);
        if text.contains('-') {
            Ok(Self::Own(text.parse()?))
        } else if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self::Sscc(text.parse()?))
        } else if text.len() == s10::LENGTH {
            Ok(Self::S10(text.parse()?))
        } else {
            Err(NotAParcelNumber::Shape)
        }
    }
}

impl fmt::Display for ParcelNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S10(number) => number.fmt(f),
            Self::Sscc(number) => number.fmt(f),
            Self::Own(number) => number.fmt(f),
        }
    }
}

impl Serialize for ParcelNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ParcelNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Labels print numbers in groups; the spaces mean nothing.
fn without_spaces(text: &str) -> String {
    text.chars().filter(|character| !character.is_ascii_whitespace()).collect()
}

/// What would be right in place of a wrong check digit, as the errors say it.
fn or_nothing(right: Option<char>) -> String {
    right.map_or_else(|| "none".to_owned(), String::from)
}
