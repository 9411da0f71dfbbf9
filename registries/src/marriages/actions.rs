//! What may be asked of the marriages register.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::{MarriageId, RegisterSecret, Salt};
use crate::text::{Date, Distinct, LocalId, Name, Reference};

/// Those who sign that they saw the wedding.
pub type Witnesses = Distinct<PartyId, 0, 8>;

/// An action of the marriages register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[schema(as = MarriagesAction)]
pub enum Action {
    /// Opens the register, once.
    Open(OpenRegister),
    /// Registers a marriage.
    Register(Box<RegisterMarriage>),
    /// Recognises a marriage that was celebrated elsewhere.
    Recognise(Box<RecogniseMarriage>),
    /// Ends a marriage by divorce.
    Divorce(DivorceSpouses),
    /// States that a marriage was void from the start.
    Annul(AnnulMarriage),
    /// States that a spouse has died.
    Death(RecordDeath),
    /// Corrects what was stated before.
    Correct(CorrectMarriage),
    /// States that somebody is free to marry.
    StateFreeToMarry(StateFreeToMarry),
    /// States that two persons are married to each other.
    StateMarried(StateMarried),
}

/// Opens the register with its secret, once. Signed by root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRegister {
    /// 32 bytes that root's device has drawn by chance and does not keep.
    pub secret: RegisterSecret,
}

/// Somebody who marries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Spouse {
    /// Who.
    pub party: PartyId,
    /// A day on or before which they were born, as the registrar has seen. It need not be the
    /// birthday: the last day on which one of age can be born says enough.
    pub born_by: Date,
}

/// Registers a marriage. Signed by the registrar, both spouses with their controller keys, and the
/// witnesses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterMarriage {
    /// An id that the registrar's device has drawn by chance.
    pub marriage: MarriageId,
    /// The civil registrar, by the rules of whose place the two marry.
    pub registrar: PartyId,
    /// The two.
    #[schema(min_items = 2, max_items = 2)]
    pub spouses: [Spouse; 2],
    /// Those who saw it.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub witnesses: Witnesses,
    /// The day of the wedding.
    pub celebrated: Date,
    /// Where.
    pub place: Name,
    /// The commitment to its record.
    pub record: Hash,
}

fn is_empty(witnesses: &Witnesses) -> bool {
    witnesses.is_empty()
}

/// Recognises a marriage that was celebrated elsewhere. Signed by the registrar and both spouses
/// with their controller keys, or by a court.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecogniseMarriage {
    /// An id that the registrar's or court's device has drawn by chance.
    pub marriage: MarriageId,
    /// On what ground.
    pub ground: RecognitionGround,
    /// The two.
    #[schema(min_items = 2, max_items = 2)]
    pub spouses: [Spouse; 2],
    /// The day of the wedding.
    pub celebrated: Date,
    /// Where, the country included.
    pub place: Name,
    /// The hash of the foreign document.
    pub document: Hash,
    /// The commitment to its record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// On what ground a marriage is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecognitionGround {
    /// Both ask a registrar for it.
    Agreement(Agreement),
    /// A court has decided so.
    Judgment(Judgment),
}

/// On what ground two are divorced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DivorceGround {
    /// Both ask a registrar for it.
    Agreement(Agreement),
    /// A court has decided so.
    Judgment(Judgment),
    /// A court has directed a registrar.
    Direction(Directed),
}

/// On what ground a marriage is annulled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AnnulmentGround {
    /// A court has decided so.
    Judgment(Judgment),
    /// A court has directed a registrar.
    Direction(Directed),
}

/// The two and a registrar sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MarriageAgreement)]
pub struct Agreement {
    /// The civil registrar.
    pub registrar: PartyId,
}

/// A court signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MarriageJudgment)]
pub struct Judgment {
    /// The court, accredited for this register.
    pub court: PartyId,
    /// Its case.
    pub reference: Reference,
}

/// A registrar signs, as a court has directed. The direction stands in the public register of
/// authorities, with the marriage's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MarriageDirection)]
pub struct Directed {
    /// The civil registrar.
    pub registrar: PartyId,
    /// A court's direction about the marriage, in force.
    pub order: LocalId,
}

/// Ends a marriage by divorce. Signed as the ground says: both spouses with their controller keys
/// and the registrar, or the court, or the registrar whom a court has directed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DivorceSpouses {
    /// Which marriage.
    pub marriage: MarriageId,
    /// The two.
    #[schema(min_items = 2, max_items = 2)]
    pub spouses: [PartyId; 2],
    /// On what ground.
    pub ground: DivorceGround,
    /// The commitment to its record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// States that a marriage was void from the start, in force or ended. Signed by the court, or by
/// the registrar whom a court has directed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnulMarriage {
    /// Which marriage.
    pub marriage: MarriageId,
    /// The two.
    #[schema(min_items = 2, max_items = 2)]
    pub spouses: [PartyId; 2],
    /// On what ground.
    pub ground: AnnulmentGround,
    /// The commitment to its record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// States that a spouse has died, by which the marriage ends. Signed by the registrar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordDeath {
    /// Which marriage.
    pub marriage: MarriageId,
    /// The civil registrar.
    pub registrar: PartyId,
    /// Who has died.
    pub deceased: PartyId,
    /// The day of the death.
    pub died: Date,
    /// The hash of the document that shows it, without which the identity register has to say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Hash>,
}

/// Corrects what was stated before, and changes nothing else. Signed by a registrar or a court.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectMarriage {
    /// Which marriage.
    pub marriage: MarriageId,
    /// The civil registrar or the court.
    pub by: PartyId,
    /// The transition that is corrected.
    pub corrects: Hash,
    /// What is right.
    pub statement: Reference,
    /// The commitment to the record as it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// States that somebody is a living person and not married in this register. Signed by them. The
/// receipt is the proof, as of the time of its block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StateFreeToMarry {
    /// Who.
    pub party: PartyId,
    /// Chance, by which nobody can guess the statement.
    pub salt: Salt,
    /// For whom it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addressee: Option<PartyId>,
    /// What for.
    pub purpose: Reference,
    /// Until when it may be relied upon: at most 366 days from now.
    pub until: Time,
}

/// States that two persons are married to each other. Signed by one of them. The receipt is the
/// proof, as of the time of its block. It does not say which marriage it is: who holds it cannot
/// follow what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StateMarried {
    /// Who states it.
    pub party: PartyId,
    /// To whom they are married.
    pub spouse: PartyId,
    /// Chance, by which nobody can guess the statement.
    pub salt: Salt,
    /// For whom it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addressee: Option<PartyId>,
    /// What for.
    pub purpose: Reference,
    /// Until when it may be relied upon: at most 366 days from now.
    pub until: Time,
}
