//! What accredited institutions state about parties: attestations and kinship.

use std::fmt;
use std::str::FromStr;

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::shape::Described;
use crate::text::{LocalId, Statement};

/// What an accredited attester states about a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attestation {
    /// The id that the issuer gave it.
    pub attestation: LocalId,
    /// Who states it.
    pub issuer: PartyId,
    /// About whom.
    pub subject: PartyId,
    /// What is attested: `kyc`, `age-over-18`, `licence`.
    #[serde(rename = "type")]
    pub type_: LocalId,
    /// The commitment to the particulars, which are off the ledger.
    pub claim: Option<Hash>,
    /// The accreditation it was issued under.
    pub under: LocalId,
    /// Since when it holds.
    pub issued: Time,
    /// Until when, that moment excluded.
    pub valid_until: Option<Time>,
    /// When and why the issuer took it back.
    pub revoked: Option<Revocation>,
}

/// When and why a statement was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Revocation {
    /// Since when it does not hold.
    pub at: Time,
    /// Why.
    pub reason: Statement,
}

impl Attestation {
    /// Whether it holds at a moment.
    pub fn is_valid_at(&self, time: Time) -> bool {
        self.issued <= time
            && self.valid_until.is_none_or(|until| time < until)
            && self.revoked.as_ref().is_none_or(|revocation| time < revocation.at)
    }
}

/// The id of an attestation: `ISSUER.LOCAL`, so that no issuer can take another's ids.
pub fn attestation_id(issuer: &PartyId, attestation: &LocalId) -> String {
    format!("{issuer}.{attestation}")
}

impl Object for Attestation {
    const REGISTER: &'static str = "identity";
    const KIND: &'static str = "attestation";

    fn id(&self) -> String {
        attestation_id(&self.issuer, &self.attestation)
    }
}

impl Described for Attestation {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.kyc-2026-0042";

    fn is_id(text: &str) -> bool {
        text.split_once('.').is_some_and(|(issuer, attestation)| {
            issuer.parse::<PartyId>().is_ok() && attestation.parse::<LocalId>().is_ok()
        })
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("issuer", self.issuer), ("subject", self.subject)]
    }
}

/// How two persons are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// The first is a parent of the second.
    ParentOf,
    /// The first is a guardian of the second.
    GuardianOf,
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ParentOf => "parent-of",
            Self::GuardianOf => "guardian-of",
        })
    }
}

/// The id of a kinship: `A.parent-of.B`, so that one look into the state proves or disproves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KinshipId {
    /// Who is the parent or guardian.
    pub of: PartyId,
    /// Which of the two.
    pub relation: Relation,
    /// Whose.
    pub to: PartyId,
}

impl fmt::Display for KinshipId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.of, self.relation, self.to)
    }
}

/// What a text must be to name a kinship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a kinship's id is A.parent-of.B or A.guardian-of.B with two ID codes")]
pub struct NotAKinshipId;

impl FromStr for KinshipId {
    type Err = NotAKinshipId;

    fn from_str(text: &str) -> Result<Self, NotAKinshipId> {
        let (of, rest) = text.split_once('.').ok_or(NotAKinshipId)?;
        let (relation, to) = rest.split_once('.').ok_or(NotAKinshipId)?;
        let relation = match relation {
            "parent-of" => Relation::ParentOf,
            "guardian-of" => Relation::GuardianOf,
            _ => return Err(NotAKinshipId),
        };
        let party = |text: &str| text.parse().map_err(|_| NotAKinshipId);
        Ok(Self { of: party(of)?, relation, to: party(to)? })
    }
}

/// What a civil registrar states about two persons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Kinship {
    /// Who is the parent or guardian.
    pub of: PartyId,
    /// Which of the two.
    pub relation: Relation,
    /// Whose.
    pub to: PartyId,
    /// The civil registrar that stated it.
    pub registrar: PartyId,
    /// The accreditation it was stated under.
    pub under: LocalId,
    /// Since when it is stated.
    pub stated: Time,
    /// Until when it holds, that moment excluded.
    pub valid_until: Option<Time>,
    /// When, by whom and why it was ended.
    pub ended: Option<KinEnd>,
}

/// How a kinship came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KinEnd {
    /// Since when it does not hold.
    pub at: Time,
    /// The civil registrar that ended it.
    pub registrar: PartyId,
    /// Why.
    pub reason: Statement,
    /// Whether it should never have been stated.
    pub correction: bool,
}

impl Kinship {
    /// Its id.
    pub fn kinship_id(&self) -> KinshipId {
        KinshipId { of: self.of, relation: self.relation, to: self.to }
    }

    /// Whether it holds at a moment, as far as is known now: a correction undoes it altogether.
    pub fn is_in_force_at(&self, time: Time) -> bool {
        self.stated <= time
            && self.valid_until.is_none_or(|until| time < until)
            && self.ended.as_ref().is_none_or(|end| !end.correction && time < end.at)
    }
}

impl Object for Kinship {
    const REGISTER: &'static str = "identity";
    const KIND: &'static str = "kinship";

    fn id(&self) -> String {
        self.kinship_id().to_string()
    }
}

impl Described for Kinship {
    const EXAMPLE_ID: &'static str =
        "AAAAAAAAAAAAAAAAAAAAAAAAI.parent-of.AAAAAAAAAAAAAAAAAAAAAAAAI";

    fn is_id(text: &str) -> bool {
        text.parse::<KinshipId>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        let (of, to) = match self.relation {
            Relation::ParentOf => ("parent", "child"),
            Relation::GuardianOf => ("guardian", "ward"),
        };
        vec![(of, self.of), (to, self.to), ("registrar", self.registrar)]
    }
}
