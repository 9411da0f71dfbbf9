//! The authorities register: which institution is accredited for what and when, and what courts
//! and regulators have ordered.

mod accreditation;
mod actions;
mod codes;
mod orders;
mod queries;
mod rules;
mod standing;
mod transitions;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

pub use accreditation::{
    Accreditation, AttestedTypes, End, Institution, RegisterNames, Role, Suspension,
};
pub use actions::{
    Accredit, AccreditationChange, Action, DirectObject, FreezeObject, ReleaseOrder,
};
pub use codes::*;
pub use orders::{FreezeIndex, FreezeMark, Order, OrderKind, Released, Target};
pub(crate) use queries::accredited_where;
pub use queries::{
    MAX_CHAIN, accreditation_for, accredited, accredited_for_any, authority_has_signed, directed,
    entitles, institution, is_in_force_at, not_frozen,
};

pub use standing::{AccreditationStanding, GrantStanding, Hindrance};

use crate::shape::{Kind, Question, Register, Visibility};

/// What the register says about itself.
pub const REGISTER: Register = Register {
    name: "authorities",
    title: "Accredited institutions, and what courts and regulators order",
    visibility: Visibility::Public,
    kinds: &[
        Kind::primary::<Accreditation>().asked(&[Question::of_state::<AccreditationStanding>()]),
        Kind::of::<Institution>(),
        Kind::of::<Order>(),
        Kind::of::<FreezeIndex>(),
    ],
    actions: &["accredit", "suspend", "reinstate", "end", "freeze", "direct", "release"],
    codes: CODES,
};

/// Applies an action of this register.
pub fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    transitions::apply(draft, action)
}
