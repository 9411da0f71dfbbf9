//! Containers: bags and pallets, whose handoff moves every parcel in them.

use std::fmt;
use std::str::FromStr;

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::number::{NotAParcelNumber, ParcelNumber};
use super::parcel::{Condition, Event};
use crate::shape::Described;
use crate::text::Distinct;

/// The most parcels in one container.
pub const MAX_MEMBERS: usize = 500;

/// The parcels that are packed into a container, in order.
pub type Members = Distinct<ParcelNumber, 1, MAX_MEMBERS>;

/// A bag or a pallet with parcels in it. Once empty it is done: its number is not used again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Container {
    /// Its number.
    pub number: ContainerNumber,
    /// The carrier of all that is in it.
    pub carrier: PartyId,
    /// Who has it, and with it every parcel in it.
    pub custodian: PartyId,
    /// What is in it, in the order it was packed; nothing once it is unpacked.
    pub members: Vec<ParcelNumber>,
    /// The hash of the manifest of what is in it: see [`manifest`].
    pub record: Hash,
    /// What it looks like from outside.
    pub condition: Condition,
    /// What happened to it last.
    pub last: Event,
}

impl Object for Container {
    const REGISTER: &'static str = "parcels";
    const KIND: &'static str = "container";

    fn id(&self) -> String {
        self.number.to_string()
    }
}

impl Described for Container {
    const EXAMPLE_ID: &'static str = "106141412345678908";

    fn is_id(text: &str) -> bool {
        text.parse::<ContainerNumber>().is_ok_and(|number| number.to_string() == text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("carrier", self.carrier), ("custodian", self.custodian)]
    }
}

/// The hash of what is in a container: SHA-256 over a line `NUMBER RECORD` for each parcel, in the
/// order given, each ended by a line feed.
pub fn manifest<'a>(lines: impl IntoIterator<Item = (&'a ParcelNumber, &'a Hash)>) -> Hash {
    let text: String =
        lines.into_iter().map(|(number, record)| format!("{number} {record}\n")).collect();
    Hash::of(&[text.as_bytes()])
}

/// The number of a container: a GS1 SSCC or the carrier's own, never an S10.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerNumber(ParcelNumber);

/// Why a text is not a container's number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAContainerNumber {
    /// It is no parcel number either.
    #[error("{0}")]
    Number(#[from] NotAParcelNumber),
    /// It is a single postal item's.
    #[error("an S10 numbers a postal item; a container has an SSCC or the carrier's own number")]
    S10,
}

impl ContainerNumber {
    /// The number among those of parcels.
    pub fn as_parcel_number(&self) -> &ParcelNumber {
        &self.0
    }
}

impl FromStr for ContainerNumber {
    type Err = NotAContainerNumber;

    fn from_str(text: &str) -> Result<Self, NotAContainerNumber> {
        match text.parse()? {
            ParcelNumber::S10(_) => Err(NotAContainerNumber::S10),
            number => Ok(Self(number)),
        }
    }
}

impl fmt::Display for ContainerNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for ContainerNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContainerNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for ContainerNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A GS1 SSCC (18 digits) or the carrier's own CARRIER_PARTY_ID-LOCAL"))
            .examples(["106141412345678908"])
            .into()
    }
}

impl ToSchema for ContainerNumber {}
