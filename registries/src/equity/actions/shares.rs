//! What may be asked about shares in one hand: how they begin, move, change and end.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::numbers::Quantity;
use super::super::security::Certificate;
use super::{Parts, Reissued, SuccessorParts, Successors, TransferredParts};
use crate::text::{Date, LocalId, Statement};

/// Issues shares. Signed by the issuer and the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityIssue)]
pub struct Issue {
    /// Whose shares.
    pub issuer: PartyId,
    /// The class.
    pub class: LocalId,
    /// An id that no security of the issuer ever had.
    pub security: LocalId,
    /// Who is to hold it.
    pub holder: PartyId,
    /// How many shares.
    pub quantity: Quantity,
    /// The plan that they are granted under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<LocalId>,
    /// The number on its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// Whether a transfer needs the issuer's consent, also where the class does not ask for it.
    #[serde(default)]
    pub restricted: bool,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The commitment to price, consideration and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Transfers shares of a security, which ends. Signed by the holder and every receiver, and by the
/// issuer where the security is restricted; with an order by the issuer instead of the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityTransfer)]
pub struct Transfer {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security.
    pub security: LocalId,
    /// What the receivers get.
    pub results: TransferredParts,
    /// The id of the security that keeps what is left, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<LocalId>,
    /// A direction of a court or regulator about the security, in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The commitment to the agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// What a receiver gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transferred {
    /// An id that no security of the issuer ever had.
    pub security: LocalId,
    /// Who receives.
    pub holder: PartyId,
    /// How many shares.
    pub quantity: Quantity,
    /// The number on its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Cancels or repurchases shares of a security, which ends. Signed by the issuer and the holder; with
/// an order by the issuer alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityTake)]
pub struct Take {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security.
    pub security: LocalId,
    /// How many of its shares.
    pub quantity: Quantity,
    /// The id of the security that keeps what is left, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<LocalId>,
    /// A direction of a court or regulator about the security, in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Statement>,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The commitment to price, agreement and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Takes the issuance of a security back. Signed by the issuer and the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityRetract)]
pub struct Retract {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security, which has only been issued.
    pub security: LocalId,
    /// Why.
    pub reason: Statement,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// A security that an event makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityPart)]
pub struct Part {
    /// An id that no security of the issuer ever had.
    pub security: LocalId,
    /// How many shares.
    pub quantity: Quantity,
    /// The number on its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Divides a security of a holder into several, or puts several of one class together. Signed by the
/// issuer and the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityReissue)]
pub struct Reissue {
    /// Whose shares.
    pub issuer: PartyId,
    /// The securities, which end.
    pub securities: Reissued,
    /// The securities that take their place, with as many shares.
    pub results: Parts,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Statement>,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// Reissues securities by the ratio of the split that is under way. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReissueForSplit {
    /// Whose shares.
    pub issuer: PartyId,
    /// The class.
    pub class: LocalId,
    /// Which, and what takes their place.
    pub successors: Successors,
}

/// A security and what takes its place. Of what the ratio makes, a fraction finer than the class allows
/// is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// The security, which ends.
    pub security: LocalId,
    /// An id that no security of the issuer ever had; left out where nothing is left, or several follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<LocalId>,
    /// Several that take its place instead, with exactly as many shares as the ratio makes.
    #[serde(default, skip_serializing_if = "no_parts")]
    pub results: SuccessorParts,
    /// The number on its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Converts shares of a security, which ends, into another class. Signed by the issuer and the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Convert {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security.
    pub security: LocalId,
    /// How many of its shares.
    pub quantity: Quantity,
    /// The class they become shares of.
    pub into: LocalId,
    /// What they become: exactly as many as the ratio makes.
    pub results: Parts,
    /// The id of the security that keeps what is left, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<LocalId>,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// Pledges a whole security. Signed by the holder and the pledgee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PledgeSecurity {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security.
    pub security: LocalId,
    /// To whom.
    pub pledgee: PartyId,
    /// The commitment to the agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Releases a pledge. Signed by the pledgee; with an order by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleasePledge {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security.
    pub security: LocalId,
    /// A direction of a court or regulator about the security, in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
}

/// Lets a security be transferred without the issuer's consent from now on. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftRestriction {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security.
    pub security: LocalId,
}

fn no_parts(parts: &SuccessorParts) -> bool {
    parts.is_empty()
}
