//! What may be asked about plans, about instruments that are not shares yet, and what is filed with them.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::filing::FilingType;
use super::super::instrument::InstrumentKind;
use super::super::numbers::{Currency, Decimal, Quantity};
use super::super::plan::OnCancellation;
use super::super::security::Certificate;
use super::{ExercisedParts, PlanClasses, TransferredInstruments};
use crate::text::{Date, LocalId, Name, Statement};

/// Creates a stock plan: a pool of shares that grants are made from. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePlan {
    /// Whose.
    pub issuer: PartyId,
    /// An id that no plan of the issuer has.
    pub plan: LocalId,
    /// What it is called.
    pub name: Name,
    /// The classes whose shares may be granted under it.
    pub classes: PlanClasses,
    /// How many shares are reserved for it.
    pub reserved: Decimal,
    /// What is meant to become of a grant that is cancelled.
    pub on_cancellation: OnCancellation,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Changes how many shares are reserved for a plan. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustPlanPool {
    /// Whose.
    pub issuer: PartyId,
    /// The plan.
    pub plan: LocalId,
    /// How many from now on.
    pub reserved: Decimal,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// Returns what was cancelled or repurchased of a grant to the pool of a plan. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnToPool {
    /// Whose.
    pub issuer: PartyId,
    /// The plan whose pool grows: that of the grant, or the one that follows it.
    pub plan: LocalId,
    /// The security or instrument, which was granted under a plan and has been cancelled or repurchased.
    pub security: LocalId,
    /// How many shares.
    pub quantity: Quantity,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// Issues an instrument that is not shares, and may become some: a convertible, a warrant, an option or
/// another grant. Signed by the issuer and the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueInstrument {
    /// Whose.
    pub issuer: PartyId,
    /// An id that no security or instrument of the issuer ever had.
    pub security: LocalId,
    /// What it is.
    pub kind: InstrumentKind,
    /// Who is to hold it.
    pub holder: PartyId,
    /// How much it is for: money of a convertible, shares of all others. Only a warrant may leave it out,
    /// where its terms do not say yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Quantity>,
    /// The currency of a convertible's amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The class whose shares it may become, where that is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<LocalId>,
    /// The plan that it is granted under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<LocalId>,
    /// The number on its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The commitment to price, triggers, vesting and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Transfers an instrument, which ends. Signed by the issuer, the holder and every receiver; with an order
/// without the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferInstrument {
    /// Whose.
    pub issuer: PartyId,
    /// The instrument.
    pub security: LocalId,
    /// What the receivers get.
    pub results: TransferredInstruments,
    /// The id of the instrument that keeps what is left, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<LocalId>,
    /// A direction of a court or regulator about the instrument, in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The commitment to the agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// What a receiver gets of an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferredInstrument {
    /// An id that no security or instrument of the issuer ever had.
    pub security: LocalId,
    /// Who receives.
    pub holder: PartyId,
    /// How much; left out exactly where the instrument does not say how much it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Quantity>,
    /// The number on its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Cancels an instrument or a part of it; it ends. Signed by the issuer and the holder; with an order by
/// the issuer alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelInstrument {
    /// Whose.
    pub issuer: PartyId,
    /// The instrument.
    pub security: LocalId,
    /// How much of what is outstanding; all of it when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Quantity>,
    /// The id of the instrument that keeps what is left, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<LocalId>,
    /// A direction of a court or regulator about the instrument, in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Statement>,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Makes shares of an instrument: an option or a warrant is exercised, share units are released, a
/// convertible converts. Signed by the issuer and the holder.
///
/// What is left of a grant stays outstanding under the same id; what is left of a convertible goes to a
/// balance, which ends this one; a warrant is exercised whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Whose.
    pub issuer: PartyId,
    /// The instrument.
    pub security: LocalId,
    /// How much of what is outstanding; all of it when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Quantity>,
    /// The class of the shares, where the instrument does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<LocalId>,
    /// The shares that come of it; none where it is settled in money.
    #[serde(default)]
    pub results: ExercisedParts,
    /// The id of the convertible that keeps what is left, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<LocalId>,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The commitment to trigger, consideration and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Files what the register needs no rule for, by its commitment: vesting terms and events, legends,
/// valuations, financings, documents. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Whose.
    pub issuer: PartyId,
    /// An id that no filing of the issuer has.
    pub filing: LocalId,
    /// What it is, by its type in the Open Cap Format.
    pub what: FilingType,
    /// The security or instrument that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<LocalId>,
    /// The party that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    /// The day that it states, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The commitment to it.
    pub record: Hash,
}
