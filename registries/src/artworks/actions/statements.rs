//! What may be stated about a work: disputes, opinions, and claims about its provenance.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::artworks::claim::NewClaims;
use crate::artworks::opinion::Finding;
use crate::text::{LocalId, Reference, Statement};

/// Marks a work as disputed: it does not move and is not sold until that is settled. Signed by the
/// claimant, and by an accredited expert, court or regulator that has looked at the grounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisputeArtwork)]
pub struct DisputeWork {
    /// The work.
    pub work: LocalId,
    /// An id, which no open dispute about the work has.
    pub dispute: LocalId,
    /// Who disputes.
    pub claimant: PartyId,
    /// The expert, court or regulator.
    pub by: PartyId,
    /// What is disputed.
    pub grounds: Statement,
}

/// Ends a dispute. Signed by its claimant, or by an accredited court or regulator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SettleArtworkDispute)]
pub struct SettleDispute {
    /// The work.
    pub work: LocalId,
    /// Which dispute.
    pub dispute: LocalId,
    /// The claimant, the court or the regulator.
    pub by: PartyId,
    /// The settlement or decision behind it.
    pub reference: Reference,
}

/// Gives an opinion. Signed by an accredited expert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpineOnArtwork)]
pub struct Opine {
    /// The work.
    pub work: LocalId,
    /// Its number: one more than the work's last.
    pub number: u32,
    /// The expert.
    pub expert: PartyId,
    /// What it says.
    pub finding: Finding,
    /// On what grounds, in words.
    pub grounds: Statement,
    /// The hash of the report.
    pub report: Hash,
}

/// Withdraws an opinion, which stays to be seen. Signed by the expert who gave it, accredited still
/// or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WithdrawArtworkOpinion)]
pub struct WithdrawOpinion {
    /// The work.
    pub work: LocalId,
    /// The opinion's number.
    pub number: u32,
    /// The expert.
    pub expert: PartyId,
    /// Why.
    pub reason: Statement,
}

/// States provenance from before the register. Signed by the keeper of the record (the owner or the
/// custodian) or by an accredited expert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StateProvenanceClaims)]
pub struct StateClaims {
    /// The work.
    pub work: LocalId,
    /// Who states it.
    pub by: PartyId,
    /// The number of the first claim: one more than the work's last, so that nothing is stated
    /// twice by sending it again.
    pub first: u32,
    /// The hash of the source.
    pub source: Hash,
    /// The claims, in the order of the source.
    pub claims: NewClaims,
}

/// Disputes a claim, which stays to be seen. Signed by the keeper of the record, or by an accredited
/// expert, court or regulator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisputeProvenanceClaim)]
pub struct DisputeClaim {
    /// The work.
    pub work: LocalId,
    /// The claim's number.
    pub number: u32,
    /// Who disputes it.
    pub by: PartyId,
    /// Why.
    pub reason: Statement,
}

/// Withdraws a claim, which stays to be seen. Signed by whoever stated it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WithdrawProvenanceClaim)]
pub struct WithdrawClaim {
    /// The work.
    pub work: LocalId,
    /// The claim's number.
    pub number: u32,
    /// Who stated it.
    pub by: PartyId,
    /// Why.
    pub reason: Statement,
}
