//! The marriages register (civil status): who is married to whom, private by default, so that only
//! those concerned can show it.

mod actions;
mod civil_status;
mod codes;
mod ids;
mod marriage;
mod opening;
mod place;
mod queries;
mod rules;
mod transitions;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

pub use actions::{
    Action, Agreement, AnnulMarriage, AnnulmentGround, CorrectMarriage, Directed, DivorceGround,
    DivorceSpouses, Judgment, OpenRegister, RecogniseMarriage, RecognitionGround, RecordDeath,
    RegisterMarriage, Spouse, StateFreeToMarry, StateMarried, Witnesses,
};
pub use civil_status::{CivilStatus, PastMarriage};
pub use codes::*;
pub use ids::{MarriageId, NotUnguessable, RegisterSecret, Salt};
pub use marriage::{Event, EventKind, Marriage, State};
pub use opening::Opening;
pub use place::{
    DEFAULT_MINIMUM_AGE, DEFAULT_WITNESSES, Degree, MINIMUM_AGE_PARAMETER,
    PROHIBITED_DEGREES_PARAMETER, PlaceRules, WITNESSES_PARAMETER,
};
pub use queries::{Capacity, Standing};
pub use rules::{MAX_CORRECTIONS, MAX_PAST_MARRIAGES, MAX_STATEMENT_MS};

use crate::shape::{Kind, Question, Register, Visibility};

/// What the register says about itself.
///
/// [`Opening`] is no kind of it: no path leads to the register's secret.
pub const REGISTER: Register = Register {
    name: "marriages",
    title: "Marriages and civil status",
    visibility: Visibility::Private,
    kinds: &[
        Kind::primary::<Marriage>().asked(&[Question::of_state::<Standing>()]),
        Kind::of::<CivilStatus>().asked(&[Question::of_state::<Capacity>()]),
    ],
    actions: &[
        "open",
        "register",
        "recognise",
        "divorce",
        "annul",
        "death",
        "correct",
        "state-free-to-marry",
        "state-married",
    ],
    codes: CODES,
};

/// Applies an action of this register.
pub fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    transitions::apply(draft, action)
}
