//! The diplomas register: what accredited institutions have awarded to whom, and whether it still
//! stands. Names, degrees and grades are off the ledger, behind each credential's commitment.

mod actions;
mod codes;
mod credential;
mod programme;
mod queries;
mod rules;
mod transitions;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

pub use actions::{
    Action, AnswerCredential, Award, Awards, CloseProgramme, CorrectCredential, IssueCredential,
    IssueCredentials, MAX_AWARDS, RegisterProgramme, ReissueCredential, RevokeCredential,
};
pub use codes::*;
pub use credential::{
    Answer, Basis, Credential, CredentialId, CredentialKind, CredentialStatus, HolderAnswer,
    MAX_CORRECTIONS, NotACredentialId, Reason, Revoked, Superseded,
};
pub use programme::{Closed, Programme, ProgrammeTitle, programme_id};
pub use queries::{
    AccreditationNow, AwardStanding, Held, Period, Periods, RECOGNISED_SINCE_PARAMETER, Standing,
    accredited_on,
};

use crate::shape::{Kind, Question, Register, Visibility};

/// What the register says about itself.
pub const REGISTER: Register = Register {
    name: "diplomas",
    title: "Academic credentials and the programmes they are awarded in",
    visibility: Visibility::Public,
    kinds: &[
        Kind::primary::<Credential>()
            .asked(&[Question::of_state::<Standing>(), Question::of_state::<Periods>()]),
        Kind::of::<Programme>(),
    ],
    actions: &[
        "register-programme",
        "close-programme",
        "issue",
        "issue-batch",
        "correct",
        "reissue",
        "revoke",
        "accept",
        "decline",
    ],
    codes: CODES,
};

/// Applies an action of this register.
pub fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    transitions::apply(draft, action)
}
