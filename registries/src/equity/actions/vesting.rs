//! What may be asked about vesting, and about instruments whose class was split.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::numbers::Quantity;
use super::super::vesting::{Allocation, Conditions, VestingBasis};
use super::SplitInstrumentIds;
use crate::text::{Date, LocalId, Name, Statement};

/// Creates vesting terms. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateVestingTerms {
    /// Whose.
    pub issuer: PartyId,
    /// An id that no vesting terms of the issuer have.
    pub terms: LocalId,
    /// What they are called.
    pub name: Name,
    /// How shares that do not divide evenly are allotted.
    pub allocation: Allocation,
    /// The conditions; what may follow one stands below it.
    pub conditions: Conditions,
    /// The commitment to what is kept off the ledger about them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Sets how a security or an instrument vests, once. Signed by the issuer and the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetVesting {
    /// Whose.
    pub issuer: PartyId,
    /// The security or instrument.
    pub security: LocalId,
    /// By what it vests.
    pub by: VestingBasis,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// States that vesting started, or that a condition of the terms was met by an event. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeetVestingCondition {
    /// Whose.
    pub issuer: PartyId,
    /// The security or instrument.
    pub security: LocalId,
    /// A condition of its terms that a start or an event meets.
    pub condition: LocalId,
    /// On what day.
    pub date: Date,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Has shares vest ahead of the schedule, which ends sooner by as many. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccelerateVesting {
    /// Whose.
    pub issuer: PartyId,
    /// The security or instrument.
    pub security: LocalId,
    /// How many shares.
    pub quantity: Quantity,
    /// On what day.
    pub date: Date,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Statement>,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Applies to instruments every split of their class that was not applied to them yet: each is for as many
/// more or fewer shares, under the same id. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitInstruments {
    /// Whose.
    pub issuer: PartyId,
    /// The instruments, each of a class that was split since it began.
    pub instruments: SplitInstrumentIds,
}
