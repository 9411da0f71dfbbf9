//! What may be asked of the artworks register.

mod keeping;
mod rights;
mod statements;

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use keeping::{
    Consign, Destroy, HandOver, Lend, MoveWork, Recover, ReportCondition, ReportTheft, ReturnWork,
};
pub use rights::{AssignRights, EndLicence, License, Notarise};
pub use statements::{
    DisputeClaim, DisputeWork, Opine, SettleDispute, StateClaims, WithdrawClaim, WithdrawOpinion,
};

use super::edition::EditionNumber;
use super::work::{ConditionReport, Description, Files, Place};
use crate::text::LocalId;

/// An action of the artworks register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[schema(as = ArtworksAction)]
pub enum Action {
    /// Registers a work.
    Register(Box<RegisterWork>),
    /// Corrects what the register says of it.
    Amend(Box<Amend>),
    /// Passes title for a price.
    Sell(PassTitle),
    /// Passes title for nothing.
    Give(PassTitle),
    /// Passes title to an heir.
    Bequeath(Bequeath),
    /// Gives back to whom it belongs.
    Restitute(Restitute),
    /// Passes custody.
    HandOver(HandOver),
    /// Passes custody to find a buyer.
    Consign(Consign),
    /// Passes custody for a time.
    Lend(Lend),
    /// Gives custody back.
    Return(ReturnWork),
    /// Changes the place.
    Move(MoveWork),
    /// States the condition.
    ReportCondition(ReportCondition),
    /// States a theft.
    ReportTheft(ReportTheft),
    /// Ends a theft.
    Recover(Recover),
    /// States destruction.
    Destroy(Destroy),
    /// Marks a work as disputed.
    Dispute(DisputeWork),
    /// Ends a dispute.
    Settle(SettleDispute),
    /// Gives an expert's opinion.
    Opine(Opine),
    /// Withdraws it.
    WithdrawOpinion(WithdrawOpinion),
    /// States provenance from before the register.
    StateClaims(StateClaims),
    /// Disputes a claim.
    DisputeClaim(DisputeClaim),
    /// Withdraws a claim.
    WithdrawClaim(WithdrawClaim),
    /// Passes the rights in a conception.
    AssignRights(AssignRights),
    /// Grants a licence.
    License(License),
    /// Ends a licence before its time.
    EndLicence(EndLicence),
    /// Records a document's hash with its parties' signatures.
    Notarise(Notarise),
}

/// Registers a work. Signed by the owner, the custodian, an accredited expert who is neither and has
/// examined the work, and the holder of the rights where one is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterWork {
    /// An id not used before.
    pub work: LocalId,
    /// Who owns it.
    pub owner: PartyId,
    /// Who has it.
    pub custodian: PartyId,
    /// The expert.
    pub examiner: PartyId,
    /// Who made it, where that is a party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artist: Option<PartyId>,
    /// Who holds the rights in the conception, where that is a party and known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights_holder: Option<PartyId>,
    /// What it is.
    pub description: Description,
    /// The commitment to its full record.
    pub record: Hash,
    /// Images and other files.
    #[serde(default, skip_serializing_if = "no_files")]
    pub files: Files,
    /// What tells the conception from every other; the same for every number of an edition.
    pub fingerprint: Hash,
    /// Which of the edition it is.
    pub edition: EditionNumber,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What it looks like.
    pub condition: ConditionReport,
}

fn no_files(files: &Files) -> bool {
    files.is_empty()
}

/// Corrects what the register says of a work; fingerprint and edition never change. Signed by the
/// owner and an accredited expert who is neither owner nor custodian.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AmendWork)]
pub struct Amend {
    /// The work.
    pub work: LocalId,
    /// Its owner.
    pub owner: PartyId,
    /// The expert.
    pub examiner: PartyId,
    /// What it is.
    pub description: Description,
    /// The commitment to its full record.
    pub record: Hash,
    /// Images and other files, all that there are.
    #[serde(default, skip_serializing_if = "no_files")]
    pub files: Files,
}

/// Passes title: a sale or a gift. Signed by both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PassArtworkTitle)]
pub struct PassTitle {
    /// The work.
    pub work: LocalId,
    /// The owner.
    pub from: PartyId,
    /// Who is to own it.
    pub to: PartyId,
    /// Whether custody passes as well, which takes that the owner has it.
    #[serde(default)]
    pub with_custody: bool,
    /// The hash of the contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Hash>,
}

/// Passes the title of a party that has died or ended. Signed by the executor and the heir, under a
/// court's direction about the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BequeathArtwork)]
pub struct Bequeath {
    /// The work.
    pub work: LocalId,
    /// The owner that has died or ended.
    pub from: PartyId,
    /// Who carries out the will.
    pub executor: PartyId,
    /// Who is to own it.
    pub to: PartyId,
    /// The court's direction.
    pub order: LocalId,
    /// Whether custody passes as well, which takes that the late owner had it.
    #[serde(default)]
    pub with_custody: bool,
}

/// Gives a work back to whom it belongs. Signed by both; or by the receiver alone, under a court's
/// direction about the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RestituteArtwork)]
pub struct Restitute {
    /// The work.
    pub work: LocalId,
    /// The owner of record.
    pub from: PartyId,
    /// Whom it belongs to.
    pub to: PartyId,
    /// The court's direction, where the owner of record does not sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// Whether custody passes as well, which takes that the owner of record has it.
    #[serde(default)]
    pub with_custody: bool,
    /// The hash of the settlement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Hash>,
}
