//! Editions: which of how many a work is, and what belongs to all that come of one conception.

use std::fmt;
use std::str::FromStr;

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::licence::LicenceMark;
use crate::shape::Described;
use crate::text::LocalId;

/// The largest edition.
pub const MAX_EDITION: u32 = 100_000;

/// Which of an edition a work is: `unique`, `3/10`, or the artist's proof `AP 1/2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EditionNumber(Numbering);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Numbering {
    Unique,
    Numbered { number: u32, of: u32 },
    Proof { number: u32, of: u32 },
}

/// What a text must be to say which of an edition a work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an edition number is unique, n/N as in 3/10, or AP n/N for an artist's proof, n from 1 to N"
)]
pub struct NotAnEditionNumber;

impl EditionNumber {
    /// The only one.
    pub const UNIQUE: Self = Self(Numbering::Unique);

    /// Whether it is the only one.
    pub fn is_unique(self) -> bool {
        self.0 == Numbering::Unique
    }

    /// How many were made for sale, where the number says so.
    pub fn numbered_of(self) -> Option<u32> {
        match self.0 {
            Numbering::Numbered { of, .. } => Some(of),
            _ => None,
        }
    }

    /// How many artist's proofs were made, where the number says so.
    pub fn proofs_of(self) -> Option<u32> {
        match self.0 {
            Numbering::Proof { of, .. } => Some(of),
            _ => None,
        }
    }

    /// The number without the size of the edition, as ids have it.
    fn mark(self) -> String {
        match self.0 {
            Numbering::Unique => "unique".to_owned(),
            Numbering::Numbered { number, .. } => number.to_string(),
            Numbering::Proof { number, .. } => format!("AP{number}"),
        }
    }
}

impl FromStr for EditionNumber {
    type Err = NotAnEditionNumber;

    fn from_str(text: &str) -> Result<Self, NotAnEditionNumber> {
        if text == "unique" {
            return Ok(Self::UNIQUE);
        }
        let (rest, is_proof) = match text.strip_prefix("AP ") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (number, of) = rest.split_once('/').ok_or(NotAnEditionNumber)?;
        let (number, of) = (count(number)?, count(of)?);
        if number > of {
            return Err(NotAnEditionNumber);
        }
        Ok(Self(match is_proof {
            true => Numbering::Proof { number, of },
            false => Numbering::Numbered { number, of },
        }))
    }
}

/// A number from 1 to [`MAX_EDITION`], written in one way only.
fn count(text: &str) -> Result<u32, NotAnEditionNumber> {
    let number: u32 = text.parse().map_err(|_| NotAnEditionNumber)?;
    let good = (1..=MAX_EDITION).contains(&number) && number.to_string() == text;
    if good { Ok(number) } else { Err(NotAnEditionNumber) }
}

impl fmt::Display for EditionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Numbering::Unique => f.write_str("unique"),
            Numbering::Numbered { number, of } => write!(f, "{number}/{of}"),
            Numbering::Proof { number, of } => write!(f, "AP {number}/{of}"),
        }
    }
}

impl Serialize for EditionNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EditionNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for EditionNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^(unique|(AP )?[1-9][0-9]*/[1-9][0-9]*)$"))
            .examples(["3/10", "AP 1/2", "unique"])
            .into()
    }
}

impl ToSchema for EditionNumber {}

/// What belongs to all works of one conception: the size of the edition, which never changes, and
/// the rights in what is seen rather than in the things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkEdition)]
pub struct Edition {
    /// The conception's fingerprint.
    pub fingerprint: Hash,
    /// Whether there is one work only.
    pub unique: bool,
    /// How many numbered ones there are; none while no numbered one is registered.
    pub numbered: Option<u32>,
    /// How many artist's proofs there are; none while none is registered.
    pub proofs: Option<u32>,
    /// Who holds the rights in it, where that is a party and known.
    pub rights_holder: Option<PartyId>,
    /// The licences that had not run out when the last one was granted or ended; at most 64.
    pub licences: Vec<LicenceMark>,
}

impl Object for Edition {
    const REGISTER: &'static str = "artworks";
    const KIND: &'static str = "edition";

    fn id(&self) -> String {
        self.fingerprint.to_string()
    }
}

impl Described for Edition {
    const EXAMPLE_ID: &'static str =
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn is_id(text: &str) -> bool {
        text.parse::<Hash>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        self.rights_holder.iter().map(|holder| ("rights-holder", *holder)).collect()
    }
}

/// One number of an edition, and which record stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkImpression)]
pub struct Impression {
    /// The conception's fingerprint.
    pub fingerprint: Hash,
    /// Which of the edition.
    pub number: EditionNumber,
    /// The latest record of it.
    pub work: LocalId,
    /// Whether that record stands: not once the work is destroyed.
    pub live: bool,
}

impl Impression {
    /// The id of a number of an edition.
    pub fn id_of(fingerprint: &Hash, number: EditionNumber) -> String {
        format!("{fingerprint}-{}", number.mark())
    }
}

impl Object for Impression {
    const REGISTER: &'static str = "artworks";
    const KIND: &'static str = "impression";

    fn id(&self) -> String {
        Self::id_of(&self.fingerprint, self.number)
    }
}

impl Described for Impression {
    const EXAMPLE_ID: &'static str =
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08-3";

    fn is_id(text: &str) -> bool {
        let Some((fingerprint, mark)) = text.split_once('-') else { return false };
        let number = mark.strip_prefix("AP").unwrap_or(mark);
        fingerprint.parse::<Hash>().is_ok() && (mark == "unique" || count(number).is_ok())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn edition_numbers_are_written_one_way() {
        for text in ["unique", "1/1", "3/10", "AP 1/2", "100000/100000"] {
            assert_eq!(text.parse::<EditionNumber>().unwrap().to_string(), text);
        }
        for text in
            ["", "0/10", "11/10", "03/10", "3 / 10", "3", "AP1/2", "ap 1/2", "AP ", "1/100001"]
        {
            assert_eq!(text.parse::<EditionNumber>(), Err(NotAnEditionNumber), "{text}");
        }
    }

    #[test]
    fn ids_tell_proofs_from_numbers() {
        let fingerprint = Hash::of(&[b"a conception"]);
        let id = |text: &str| Impression::id_of(&fingerprint, text.parse().unwrap());
        assert_ne!(id("1/10"), id("AP 1/10"));
        assert!(["unique", "3/10", "AP 3/10"].iter().all(|text| Impression::is_id(&id(text))));
        assert!(!Impression::is_id("x-3") && !Impression::is_id(&format!("{fingerprint}-0")));
    }
}
