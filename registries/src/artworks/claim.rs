//! Provenance from before the register, as claims: what somebody states, never a fact of title.

use std::borrow::Cow;
use std::ops::Deref;

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::openapi::schema::ArrayBuilder;
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::event::{entry_id, is_entry_id};
use super::historic_date::HistoricDate;
use crate::shape::Described;
use crate::text::{LocalId, Statement, Text};

/// The most parties that dispute one claim.
pub const MAX_CLAIM_DISPUTES: usize = 8;
/// The most claims in one action.
pub const MAX_CLAIMS_AT_ONCE: usize = 64;

/// What the source says, word for word.
pub type SourceText = Text<2000>;

/// One step of a provenance, as it is stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProvenanceStep)]
pub struct NewClaim {
    /// How it follows the step before.
    pub follows: Follows,
    /// What kind of event it was, in the terms of Linked Art.
    pub kind: ClaimKind,
    /// In what way, where the source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// From whom, where the source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Text<300>>,
    /// To whom, or with whom it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Text<300>>,
    /// Through which dealer, agent or sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Text<300>>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Text<200>>,
    /// When it came there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<HistoricDate>,
    /// When it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<HistoricDate>,
    /// How sure the source is.
    pub certainty: Certainty,
    /// What the source says of this step.
    pub text: SourceText,
    /// What the source notes on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<SourceText>,
}

/// The steps of one action in the order of the source: 1 to [`MAX_CLAIMS_AT_ONCE`]. Two may say the
/// same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct NewClaims(Vec<NewClaim>);

/// Why a list of claims is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one action states 1 to {MAX_CLAIMS_AT_ONCE} claims")]
pub struct NotClaims;

impl TryFrom<Vec<NewClaim>> for NewClaims {
    type Error = NotClaims;

    fn try_from(claims: Vec<NewClaim>) -> Result<Self, NotClaims> {
        if (1..=MAX_CLAIMS_AT_ONCE).contains(&claims.len()) {
            Ok(Self(claims))
        } else {
            Err(NotClaims)
        }
    }
}

impl Deref for NewClaims {
    type Target = [NewClaim];

    fn deref(&self) -> &[NewClaim] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for NewClaims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer)?.try_into().map_err(de::Error::custom)
    }
}

impl PartialSchema for NewClaims {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(Ref::from_schema_name(NewClaim::name()))
            .min_items(Some(1))
            .max_items(Some(MAX_CLAIMS_AT_ONCE))
            .into()
    }
}

impl ToSchema for NewClaims {
    fn name() -> Cow<'static, str> {
        "ProvenanceSteps".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((NewClaim::name().into_owned(), NewClaim::schema()));
        NewClaim::schemas(schemas);
    }
}

/// How one step of a provenance follows the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ProvenanceFollows)]
pub enum Follows {
    /// It is the first of a chain.
    Start,
    /// From the one directly to the other.
    Direct,
    /// Not known: something may lie between.
    Gap,
}

/// What kind of event a claim is about (Linked Art, provenance).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ProvenanceClaimKind)]
pub enum ClaimKind {
    /// Title is said to have passed.
    Acquisition,
    /// The thing is said to have passed, whoever owned it.
    TransferOfCustody,
    /// It is said to have been taken elsewhere.
    Move,
    /// It is said to have been seen with somebody or somewhere: how it came there is not said.
    Encounter,
}

/// In what way something passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ProvenanceMethod)]
pub enum Method {
    /// It was bought.
    Purchase,
    /// It was sold at, or offered in, a sale.
    Sale,
    /// It was given.
    Gift,
    /// It was left by will.
    Bequest,
    /// It came to heirs.
    Descent,
    /// It was exchanged for something.
    Exchange,
    /// It was ordered from its maker.
    Commission,
    /// It was transferred, the source does not say how.
    Transfer,
    /// It was acquired, the source does not say how.
    Acquisition,
    /// It was given to a dealer to sell.
    Consignment,
    /// It was lent.
    Loan,
    /// It was deposited.
    Deposit,
    /// It was returned.
    Return,
    /// It was found.
    Discovery,
    /// It was given back to whom it belonged.
    Restitution,
    /// It was stolen.
    Theft,
    /// It was looted.
    Looting,
    /// It was confiscated.
    Confiscation,
    /// It was sold under duress.
    ForcedSale,
}

impl Method {
    /// Whether the thing was taken from its owner rather than given by it. Such a step is a change
    /// of custody and of nothing else, whatever vocabularies of acquisition methods say.
    pub fn is_taking(self) -> bool {
        matches!(self, Self::Theft | Self::Looting | Self::Confiscation | Self::ForcedSale)
    }
}

/// How sure a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ProvenanceCertainty)]
pub enum Certainty {
    /// It says so without reserve.
    Stated,
    /// It says "probably" or "likely".
    Probable,
    /// It says "possibly" or puts a question mark.
    Possible,
}

/// In what capacity a claim is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ProvenanceCapacity)]
pub enum Capacity {
    /// As owner or custodian: the keeper of the record.
    Keeper,
    /// As an accredited expert.
    Expert,
}

/// A claim about the provenance of a work, which is never deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProvenanceClaim)]
pub struct Claim {
    /// The work.
    pub work: LocalId,
    /// Which of its claims this is, from 1: the order in which the source has them.
    pub number: u32,
    /// What is claimed.
    pub claim: NewClaim,
    /// The hash of the source.
    pub source: Hash,
    /// Who states it.
    pub by: PartyId,
    /// In what capacity.
    pub capacity: Capacity,
    /// When, in block time.
    pub stated: Time,
    /// Who disputes it.
    pub disputed: Vec<ClaimDispute>,
    /// When and why whoever stated it withdrew it.
    pub withdrawn: Option<Withdrawn>,
}

/// That a claim is disputed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProvenanceClaimDispute)]
pub struct ClaimDispute {
    /// By whom.
    pub by: PartyId,
    /// Why.
    pub reason: Statement,
    /// Since when, in block time.
    pub at: Time,
}

/// That a claim or an opinion is withdrawn by whoever gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArtworkWithdrawn)]
pub struct Withdrawn {
    /// Why.
    pub reason: Statement,
    /// When, in block time.
    pub at: Time,
}

impl Claim {
    /// The id of a claim about a work.
    pub fn id_of(work: &LocalId, number: u32) -> String {
        entry_id(work, number)
    }
}

impl Object for Claim {
    const REGISTER: &'static str = "artworks";
    const KIND: &'static str = "claim";

    fn id(&self) -> String {
        entry_id(&self.work, self.number)
    }
}

impl Described for Claim {
    const EXAMPLE_ID: &'static str = "cmoa-66.19.1:2";

    fn is_id(text: &str) -> bool {
        is_entry_id(text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("stater", self.by)]
    }
}
