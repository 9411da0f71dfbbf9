//! What may be asked of the diplomas register.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credential::{CredentialId, CredentialKind, Reason};
use super::programme::ProgrammeTitle;
use crate::text::{Date, Distinct, LocalId, Statement};

/// The most awards of one batch: with serial numbers of usual length they fit one transition.
pub const MAX_AWARDS: usize = 250;

/// The awards of one batch.
pub type Awards = Distinct<Award, 1, MAX_AWARDS>;

/// An action of the diplomas register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[schema(as = DiplomasAction)]
pub enum Action {
    /// Registers a programme.
    RegisterProgramme(Box<RegisterProgramme>),
    /// Closes it.
    CloseProgramme(CloseProgramme),
    /// Issues one credential.
    Issue(Box<IssueCredential>),
    /// Issues many that have the day, the kind and the programme in common.
    IssueBatch(IssueCredentials),
    /// Puts a right credential in the place of a wrong one.
    Correct(Box<CorrectCredential>),
    /// Issues a credential anew to its holder, whose name has changed.
    Reissue(ReissueCredential),
    /// Revokes a credential.
    Revoke(RevokeCredential),
    /// The holder takes it for theirs.
    Accept(AnswerCredential),
    /// The holder does not.
    Decline(AnswerCredential),
}

/// Registers a programme. Signed by the institution, accredited now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterProgramme {
    /// Whose it is.
    pub institution: PartyId,
    /// An id that the institution has not used before for a programme.
    pub programme: LocalId,
    /// What it is called.
    pub title: ProgrammeTitle,
    /// Its level in a framework of qualifications, as in `EQF 6`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<ProgrammeTitle>,
    /// The hash of its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Hash>,
    /// The first day on which something can be awarded in it, past or to come.
    pub opened: Date,
}

/// Closes a programme. Signed by the institution, accredited still or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseProgramme {
    /// Whose it is.
    pub institution: PartyId,
    /// Which.
    pub programme: LocalId,
    /// The last day on which something can be awarded in it.
    pub last_day: Date,
    /// Why.
    pub reason: Statement,
}

/// Issues one credential. Signed by the institution, accredited on the day of the award and now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueCredential {
    /// Who awards it.
    pub institution: PartyId,
    /// A number that the institution has given to no credential before. It is public: no student's
    /// number, and nothing that a name can be read from.
    pub serial: LocalId,
    /// What it is.
    pub kind: CredentialKind,
    /// Who earned it: a person.
    pub holder: PartyId,
    /// The programme, where it is to be public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme: Option<LocalId>,
    /// The day of the award in UTC, not to come.
    pub awarded: Date,
    /// The commitment to its record.
    pub record: Hash,
    /// The serial number of the award that a transcript belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub award: Option<LocalId>,
    /// A direction about the institution or the programme, without which an institution that is not
    /// accredited now issues nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
}

/// Issues many credentials, all or none. Signed by the institution, accredited on the day of the
/// award and now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueCredentials {
    /// Who awards them.
    pub institution: PartyId,
    /// What they are.
    pub kind: CredentialKind,
    /// The programme, where it is to be public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme: Option<LocalId>,
    /// The day of the awards in UTC, not to come.
    pub awarded: Date,
    /// A direction about the institution or the programme, without which an institution that is not
    /// accredited now issues nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// The awards.
    pub awards: Awards,
}

/// One of many awards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BatchedAward)]
pub struct Award {
    /// A number that the institution has given to no credential before.
    pub serial: LocalId,
    /// Who earned it: a person.
    pub holder: PartyId,
    /// The commitment to its record.
    pub record: Hash,
    /// The serial number of the award that a transcript belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub award: Option<LocalId>,
}

/// Puts a right credential in the place of a wrong one; each names the other. Signed by the
/// institution, accredited on the day of the award and now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectCredential {
    /// What is wrong. Kind and holder stay as they are: what was issued to another is revoked.
    pub credential: CredentialId,
    /// The number of the right one, not given before.
    pub serial: LocalId,
    /// The programme that is right, where it is to be public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme: Option<LocalId>,
    /// The day of the award that is right.
    pub awarded: Date,
    /// The commitment to the right record.
    pub record: Hash,
    /// The serial number of the award that a transcript belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub award: Option<LocalId>,
    /// A direction about the credential, the institution or the programme, without which an
    /// institution that is not accredited now corrects nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
}

/// Issues a credential anew to its holder. The old one is superseded, and neither names the other.
/// Signed by the institution, accredited now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReissueCredential {
    /// The old one.
    pub credential: CredentialId,
    /// The number of the new one, not given before and not made from the old one's.
    pub serial: LocalId,
    /// The commitment to the new record, with new salts throughout.
    pub record: Hash,
    /// The serial number of the award that a transcript belongs to: where the award was issued
    /// anew, the new one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub award: Option<LocalId>,
    /// A direction about the credential, the institution or the programme, without which an
    /// institution that is not accredited now issues nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
}

/// Revokes a credential for good. Signed by the institution, accredited now, or by the court or
/// regulator whose direction is cited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeCredential {
    /// Which.
    pub credential: CredentialId,
    /// The institution, or the court or regulator that made the order.
    pub by: PartyId,
    /// Why.
    pub reason: Reason,
    /// The commitment to the decision, which stays off the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Hash>,
    /// A direction about the credential; for the institution about itself or the programme as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
}

/// What a holder says of a credential. Signed by the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerCredential {
    /// Which.
    pub credential: CredentialId,
}
