//! What the register keeps of a credential: who awarded it to whom and when, and whether it stands.

use std::fmt;
use std::str::FromStr;

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::shape::Described;
use crate::text::{Date, LocalId};

/// How often a credential can be corrected, so that the way to the latest one stays short.
pub const MAX_CORRECTIONS: u32 = 32;

/// A credential and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Credential {
    /// Who awarded it.
    pub institution: PartyId,
    /// The number that the institution gave it, for ever.
    pub serial: LocalId,
    /// What it is.
    pub kind: CredentialKind,
    /// Who earned it.
    pub holder: PartyId,
    /// The programme of the institution in which it was earned, where that is public.
    pub programme: Option<LocalId>,
    /// The day of the award.
    pub awarded: Date,
    /// The commitment to its record: name, degree, grades.
    pub record: Hash,
    /// The serial number of the award that a transcript belongs to.
    pub award: Option<LocalId>,
    /// When it was issued here.
    pub issued: Time,
    /// The accreditation under which the institution could award it on that day.
    pub under: LocalId,
    /// By what the accreditation covers that day.
    pub basis: Basis,
    /// Whether it stands.
    pub status: CredentialStatus,
    /// The serial number of the credential that it corrects.
    pub corrects: Option<LocalId>,
    /// How many corrections stand before it.
    pub corrections: u32,
    /// When and by what it was superseded.
    pub superseded: Option<Superseded>,
    /// When, by whom and why it was revoked.
    pub revoked: Option<Revoked>,
    /// What its holder last said of it.
    pub answer: Option<Answer>,
}

/// What a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A degree, a diploma, a certificate.
    Award,
    /// A small unit of learning that stands by itself.
    MicroCredential,
    /// What was taken course by course, with its results.
    Transcript,
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Award => "award",
            Self::MicroCredential => "micro-credential",
            Self::Transcript => "transcript",
        })
    }
}

/// By what an accreditation covers the day of an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = AwardBasis)]
pub enum Basis {
    /// It was in force on that day.
    InForce,
    /// Its grantor recognises the awards of days before it: see
    /// [`RECOGNISED_SINCE_PARAMETER`](super::RECOGNISED_SINCE_PARAMETER).
    Recognised,
}

/// Whether a credential stands. Only a current one does, and it never does again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialStatus {
    /// It stands.
    Current,
    /// Another stands in its place.
    Superseded,
    /// It does not stand, and nothing does in its place.
    Revoked,
}

impl fmt::Display for CredentialStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Current => "current",
            Self::Superseded => "superseded",
            Self::Revoked => "revoked",
        })
    }
}

/// When and by what a credential was superseded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CredentialSuperseded)]
pub struct Superseded {
    /// Since when, in block time.
    pub at: Time,
    /// The serial number of the one that corrects it; none when it was issued anew to its holder,
    /// whose new credential is not led to from the old one.
    pub by: Option<LocalId>,
}

/// When, by whom and why a credential was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CredentialRevoked)]
pub struct Revoked {
    /// Since when, in block time.
    pub at: Time,
    /// The institution, or the court or regulator.
    pub by: PartyId,
    /// Why.
    pub reason: Reason,
    /// The commitment to the decision, which is off the ledger.
    pub decision: Option<Hash>,
    /// The direction that it was revoked under.
    pub order: Option<LocalId>,
}

/// Why a credential was revoked. A closed list: the facts of a case are its holder's and stand in
/// the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = RevocationReason)]
pub enum Reason {
    /// It was issued by mistake: to another, twice, or not at all meant.
    IssuedInError,
    /// What it certifies was not achieved.
    RequirementsNotMet,
    /// It was obtained by deceit.
    ObtainedByDeceit,
    /// A court or a regulator wants it so.
    Ordered,
    /// The holder asked for it.
    RequestedByHolder,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IssuedInError => "issued-in-error",
            Self::RequirementsNotMet => "requirements-not-met",
            Self::ObtainedByDeceit => "obtained-by-deceit",
            Self::Ordered => "ordered",
            Self::RequestedByHolder => "requested-by-holder",
        })
    }
}

/// What a holder said of a credential. It is shown beside the status and does not change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CredentialAnswer)]
pub struct Answer {
    /// What.
    pub answer: HolderAnswer,
    /// When, in block time.
    pub at: Time,
}

/// Whether a holder takes a credential for theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HolderAnswer {
    /// It is.
    Accepted,
    /// It is not, or should not be on record.
    Declined,
}

impl Credential {
    /// The name by which it is asked for.
    pub fn credential_id(&self) -> CredentialId {
        CredentialId { institution: self.institution, serial: self.serial.clone() }
    }

    /// Since when it has its status, in block time.
    pub fn since(&self) -> Time {
        let superseded = self.superseded.as_ref().map(|superseded| superseded.at);
        let revoked = self.revoked.as_ref().map(|revoked| revoked.at);
        superseded.or(revoked).unwrap_or(self.issued)
    }
}

impl Object for Credential {
    const REGISTER: &'static str = "diplomas";
    const KIND: &'static str = "credential";

    fn id(&self) -> String {
        self.credential_id().to_string()
    }
}

impl Described for Credential {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.BSC-2026-0042";

    fn is_id(text: &str) -> bool {
        text.parse::<CredentialId>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("institution", self.institution), ("holder", self.holder)]
    }
}

/// A credential's name: `INSTITUTION.SERIAL`, so that no institution can take another's numbers and
/// a number is given once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CredentialId {
    /// Who awarded it.
    pub institution: PartyId,
    /// The number that the institution gave it.
    pub serial: LocalId,
}

/// What a text must be to name a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a credential is named INSTITUTION.SERIAL: an ID code, a full stop and the serial number")]
pub struct NotACredentialId;

impl FromStr for CredentialId {
    type Err = NotACredentialId;

    fn from_str(text: &str) -> Result<Self, NotACredentialId> {
        let (institution, serial) = text.split_once('.').ok_or(NotACredentialId)?;
        let institution = institution.parse().map_err(|_| NotACredentialId)?;
        let serial = serial.parse().map_err(|_| NotACredentialId)?;
        Ok(Self { institution, serial })
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.institution, self.serial)
    }
}

impl Serialize for CredentialId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CredentialId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for CredentialId {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[A-Z2-7]{24}[0-9A-Z]\\.[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"))
            .description(Some("A credential: the institution's ID code, a full stop, its serial"))
            .examples([Credential::EXAMPLE_ID])
            .into()
    }
}

impl ToSchema for CredentialId {}
