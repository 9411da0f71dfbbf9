//! What may be asked about custody, place and condition.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::artworks::historic_date::HistoricDate;
use crate::artworks::work::{ConditionReport, Place};
use crate::text::{Date, LocalId, Reference, Statement};

/// Passes custody for good: to the owner, or by the owner's will to whoever keeps it. Signed by
/// both, and by the owner; or by the receiver alone, under a court's direction about the work. What
/// is lent or consigned goes to nobody but the owner this way, unless a court directs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HandOverArtwork)]
pub struct HandOver {
    /// The work.
    pub work: LocalId,
    /// The owner.
    pub owner: PartyId,
    /// Who has it.
    pub from: PartyId,
    /// Who is to have it.
    pub to: PartyId,
    /// The court's direction, where the custodian or the owner does not sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// What it looks like.
    pub condition: ConditionReport,
    /// Where it is from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Gives custody to a dealer or an auction house, to find a buyer. Signed by both, and by the owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConsignArtwork)]
pub struct Consign {
    /// The work.
    pub work: LocalId,
    /// The owner.
    pub owner: PartyId,
    /// Who has it.
    pub from: PartyId,
    /// The consignee.
    pub to: PartyId,
    /// Until when it is to be sold or returned, that day included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns_by: Option<Date>,
    /// The hash of the terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Hash>,
    /// What it looks like.
    pub condition: ConditionReport,
    /// Where it is from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Gives custody for a time. Signed by both, and by the owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LendArtwork)]
pub struct Lend {
    /// The work.
    pub work: LocalId,
    /// The owner.
    pub owner: PartyId,
    /// Who has it.
    pub from: PartyId,
    /// The borrower.
    pub to: PartyId,
    /// Until when it is to be returned, that day included.
    pub returns_by: Date,
    /// The hash of the terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Hash>,
    /// What it looks like.
    pub condition: ConditionReport,
    /// Where it is from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Gives what was lent or consigned back to whoever gave it. Signed by both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReturnArtwork)]
pub struct ReturnWork {
    /// The work.
    pub work: LocalId,
    /// The borrower or consignee.
    pub from: PartyId,
    /// Who lent or consigned it.
    pub to: PartyId,
    /// What it looks like.
    pub condition: ConditionReport,
    /// Where it is from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Takes a work to another place, with the same custodian. Signed by the custodian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MoveArtwork)]
pub struct MoveWork {
    /// The work.
    pub work: LocalId,
    /// The custodian.
    pub by: PartyId,
    /// Where it is from then on.
    pub place: Place,
}

/// States what a work looks like. Signed by the custodian, or by an accredited expert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReportArtworkCondition)]
pub struct ReportCondition {
    /// The work.
    pub work: LocalId,
    /// Who states it.
    pub by: PartyId,
    /// What it looks like.
    pub condition: ConditionReport,
}

/// States that a work was stolen: nobody knows who has it, and its owner stays its owner. Signed by
/// the owner or the custodian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReportArtworkTheft)]
pub struct ReportTheft {
    /// The work.
    pub work: LocalId,
    /// The owner or the custodian.
    pub by: PartyId,
    /// How it happened.
    pub circumstances: Statement,
    /// The mark of the report to the police.
    pub reference: Reference,
    /// When it was stolen, as well as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred: Option<HistoricDate>,
    /// How a finder knows the work: of what is not public, what is now to be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Statement>,
}

/// Takes a stolen work back. Signed by the owner and whoever has it from then on; or by the latter
/// alone, under a court's direction about the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RecoverArtwork)]
pub struct Recover {
    /// The work.
    pub work: LocalId,
    /// The owner.
    pub owner: PartyId,
    /// Who has it.
    pub to: PartyId,
    /// The court's direction, where the owner does not sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// What it looks like.
    pub condition: ConditionReport,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// States that a work is no more. Signed by the custodian and an accredited expert who is neither
/// owner nor custodian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DestroyArtwork)]
pub struct Destroy {
    /// The work.
    pub work: LocalId,
    /// The custodian.
    pub by: PartyId,
    /// The expert.
    pub assessor: PartyId,
    /// How it came about.
    pub cause: Statement,
    /// The hash of the assessor's report.
    pub report: Hash,
}
