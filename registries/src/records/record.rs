//! What the register keeps of a record: who keeps it, whom it is about, and whether it is kept still.

use std::fmt;
use std::str::FromStr;

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::record::SchemaName;
use chancery_ledger::time::Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::marriages::Salt;
use crate::shape::Described;
use crate::text::{Distinct, LocalId};

/// Whom a record is about.
pub type Subjects = Distinct<PartyId, 0, 8>;

/// A record that a party keeps, or kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AnchoredRecord)]
pub struct Record {
    /// Who keeps it.
    pub keeper: PartyId,
    /// The record's commitment.
    pub commitment: Hash,
    /// What keeps the entry from being guessed.
    pub salt: Salt,
    /// What kind of record it is.
    pub schema: SchemaName,
    /// Whom it is about, as far as the keeper says.
    pub subjects: Subjects,
    /// 1, and one more with every version that follows.
    pub version: u32,
    /// The commitment of the version before.
    pub replaces: Option<Hash>,
    /// The commitment of the version after.
    pub replaced_by: Option<Hash>,
    /// When it was anchored, in block time.
    pub anchored: Time,
    /// Whether it is kept.
    pub status: RecordStatus,
    /// When and why it was erased.
    pub erased: Option<Erased>,
}

/// Whether a record is kept. What is erased is never kept again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecordStatus {
    /// It is.
    Kept,
    /// It was erased: key, salts and contents.
    Erased,
}

/// When and why a record was erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RecordErased)]
pub struct Erased {
    /// When, in block time.
    pub at: Time,
    /// Why.
    pub reason: ErasureReason,
    /// The direction that it was erased under.
    pub order: Option<LocalId>,
}

/// Why a record was erased. A closed list, for it stays on the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ErasureReason {
    /// Its subject no longer agrees to its being kept.
    ConsentWithdrawn,
    /// It has been kept as long as it had to be.
    RetentionEnded,
    /// A court or regulator wants it so.
    CourtOrder,
    /// It should not have been kept, or not so.
    Mistake,
    /// Another reason.
    Other,
}

impl Record {
    /// The name by which it is asked for.
    pub fn record_id(&self) -> RecordId {
        RecordId { keeper: self.keeper, commitment: self.commitment }
    }
}

impl Object for Record {
    const REGISTER: &'static str = "records";
    const KIND: &'static str = "record";

    fn id(&self) -> String {
        self.record_id().to_string()
    }
}

impl Described for Record {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.\
        9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn is_id(text: &str) -> bool {
        text.parse::<RecordId>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        let subjects = self.subjects.iter().map(|subject| ("subject", *subject));
        [("keeper", self.keeper)].into_iter().chain(subjects).collect()
    }
}

/// A record's name: `KEEPER.COMMITMENT`, so that nobody can take a commitment away that they have read elsewhere, by
/// anchoring it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    /// Who keeps it.
    pub keeper: PartyId,
    /// Its commitment.
    pub commitment: Hash,
}

/// What a text must be to name a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record is named KEEPER.COMMITMENT: an ID code, a full stop and 64 hexadecimal digits")]
pub struct NotARecordId;

impl FromStr for RecordId {
    type Err = NotARecordId;

    fn from_str(text: &str) -> Result<Self, NotARecordId> {
        let (keeper, commitment) = text.split_once('.').ok_or(NotARecordId)?;
        let keeper = keeper.parse().map_err(|_| NotARecordId)?;
        let commitment = commitment.parse().map_err(|_| NotARecordId)?;
        Ok(Self { keeper, commitment })
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.keeper, self.commitment)
    }
}

impl Serialize for RecordId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for RecordId {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[A-Z2-7]{24}[0-9A-Z]\\.[0-9a-f]{64}$"))
            .description(Some("A record: the keeper's ID code, a full stop, its commitment"))
            .examples([Record::EXAMPLE_ID])
            .into()
    }
}

impl ToSchema for RecordId {}
