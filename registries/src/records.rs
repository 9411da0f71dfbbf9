//! The records register: which records a party keeps off the ledger, about whom, in which version, and that what was
//! erased is erased. What stands in them is nowhere on the ledger.

mod actions;
mod codes;
mod record;
mod rules;
mod transitions;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

pub use actions::{Action, AnchorRecord, EraseRecord, ReplaceRecord};
pub use codes::*;
pub use record::{Erased, ErasureReason, NotARecordId, Record, RecordId, RecordStatus, Subjects};
pub use rules::MAX_VERSIONS;

use crate::shape::{Kind, Register, Visibility};

/// What the register says about itself.
///
/// It has no holds of its own: an order of a court or regulator freezes a record as it freezes any other object, and
/// what is frozen is not erased.
pub const REGISTER: Register = Register {
    name: "records",
    title: "Records kept off the ledger, and their erasure",
    visibility: Visibility::Private,
    kinds: &[Kind::primary::<Record>()],
    actions: &["anchor", "replace", "erase"],
    codes: CODES,
};

/// Applies an action of this register.
pub fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    transitions::apply(draft, action)
}
