//! The artworks register: who owns a work, who has it and where it is, each apart from the others,
//! and what is claimed of its past.

mod actions;
mod claim;
mod codes;
mod edition;
mod event;
mod historic_date;
mod licence;
mod linked_art;
mod opinion;
mod queries;
mod rules;
mod transitions;
mod work;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

pub use actions::{
    Action, Amend, AssignRights, Bequeath, Consign, Destroy, DisputeClaim, DisputeWork, EndLicence,
    HandOver, Lend, License, MoveWork, Notarise, Opine, PassTitle, Recover, RegisterWork,
    ReportCondition, ReportTheft, Restitute, ReturnWork, SettleDispute, StateClaims, WithdrawClaim,
    WithdrawOpinion,
};
pub use claim::{
    Capacity, Certainty, Claim, ClaimDispute, ClaimKind, Follows, MAX_CLAIM_DISPUTES,
    MAX_CLAIMS_AT_ONCE, Method, NewClaim, NewClaims, NotClaims, SourceText, Withdrawn,
};
pub use codes::*;
pub use edition::{Edition, EditionNumber, Impression, MAX_EDITION, NotAnEditionNumber};
pub use event::{Event, EventKind, Moved, Passing};
pub use historic_date::{Doubt, HistoricDate, NotAHistoricDate, Point, Span};
pub use licence::{
    DocumentKind, DocumentParties, Licence, LicenceMark, LicenceScope, LicenceScopes, MAX_LICENCES,
    NotATerritory, Notarisation, Territories, Territory,
};
pub use linked_art::{LinkedArt, linked_art};
pub use opinion::{Attribution, Finding, Opinion, Qualifier, Verdict};
pub use queries::{
    Flags, Keeping, LicencesInForce, MAX_EVENTS_SHOWN, Opinions, Provenance, ProvenanceLink, Source,
};
pub use work::{
    Basis, Condition, ConditionReport, Custody, Description, Dispute, Files, MAX_CLAIMS,
    MAX_DISPUTES, MAX_OPINIONS, Place, Status, Theft, Work, WorkFile,
};

use crate::shape::{Kind, Question, Register, Visibility};

/// What the register says about itself.
pub const REGISTER: Register = Register {
    name: "artworks",
    title: "Works of art: title, custody, place, provenance and rights",
    visibility: Visibility::Public,
    kinds: &[
        Kind::primary::<Work>().asked(&[
            Question::of_state::<Keeping>(),
            Question::of_state::<Flags>(),
            Question::of_state::<Provenance>(),
            Question::of_state::<Opinions>(),
            Question::of_state::<LicencesInForce>(),
            Question::of_state::<LinkedArt>(),
        ]),
        Kind::of::<Event>(),
        Kind::of::<Claim>(),
        Kind::of::<Opinion>(),
        Kind::of::<Edition>(),
        Kind::of::<Impression>(),
        Kind::of::<Licence>(),
        Kind::of::<Notarisation>(),
    ],
    actions: &[
        "register",
        "amend",
        "sell",
        "give",
        "bequeath",
        "restitute",
        "hand-over",
        "consign",
        "lend",
        "return",
        "move",
        "report-condition",
        "report-theft",
        "recover",
        "destroy",
        "dispute",
        "settle",
        "opine",
        "withdraw-opinion",
        "state-claims",
        "dispute-claim",
        "withdraw-claim",
        "assign-rights",
        "license",
        "end-licence",
        "notarise",
    ],
    codes: CODES,
};

/// Applies an action of this register.
pub fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    transitions::apply(draft, action)
}
