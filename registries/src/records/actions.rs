//! What may be asked of the records register.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::record::SchemaName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::record::{ErasureReason, RecordId, Subjects};
use crate::marriages::Salt;
use crate::text::LocalId;

/// An action of the records register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[schema(as = RecordsAction)]
pub enum Action {
    /// Says that a party keeps a record.
    Anchor(AnchorRecord),
    /// Puts a new version beside the one before.
    Replace(ReplaceRecord),
    /// Has a record erased wherever it is kept.
    Erase(EraseRecord),
}

/// Says that a party keeps a record. Signed by the keeper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnchorRecord {
    /// Who keeps it.
    pub keeper: PartyId,
    /// The record's commitment.
    pub commitment: Hash,
    /// From chance, once: it keeps the entry from being guessed where the commitment is public elsewhere.
    pub salt: Salt,
    /// What kind of record it is, as the commitment has it.
    pub schema: SchemaName,
    /// Whom it is about, where they are to read it and to grant it to others.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub subjects: Subjects,
}

fn is_empty(subjects: &Subjects) -> bool {
    subjects.is_empty()
}

/// Puts a new version of a record beside the one before, which stays until it is erased. Signed by the keeper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceRecord {
    /// The latest version.
    pub record: RecordId,
    /// The new version's commitment.
    pub commitment: Hash,
    /// From chance, once.
    pub salt: Salt,
    /// What kind of record the new version is: the same, or a later version of the kind.
    pub schema: SchemaName,
}

/// Has a record erased. Final: nothing brings it back. Signed by the keeper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseRecord {
    /// Which version.
    pub record: RecordId,
    /// Why.
    pub reason: ErasureReason,
    /// A direction of a court or regulator about the record, where that is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
}
