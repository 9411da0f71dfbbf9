//! The validators register: who seals blocks, with what power and from which height; the stakes by
//! which validators are elected; and the validators that were caught voting twice.

mod actions;
mod candidate;
mod codes;
mod election;
mod equivocation;
mod pool;
mod rules;
mod stake;
mod transitions;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::seal::Pools;

pub use actions::{Accuse, Action, Allot, Appoint, Delegate, Elect, Member, Stand, Withdraw};
pub use candidate::{Candidate, Roll};
pub use codes::*;
pub use election::elected;
pub use equivocation::{Ballot, Equivocation, Signature, Step};
pub use rules::{AHEAD_MAX, CANDIDATES_MAX, SEATS_MAX};
pub use stake::{Amount, Stake};

use crate::shape::{Kind, Register, Visibility};

/// What the register says about itself.
pub const REGISTER: Register = Register {
    name: "validators",
    title: "Who seals blocks, with what power and from which height",
    visibility: Visibility::Public,
    kinds: &[
        Kind::primary::<Pools>(),
        Kind::of::<Candidate>(),
        Kind::of::<Roll>(),
        Kind::of::<Stake>(),
        Kind::of::<Equivocation>(),
    ],
    actions: &["appoint", "allot", "stand", "withdraw", "delegate", "elect", "accuse"],
    codes: CODES,
};

/// Applies an action of this register.
pub fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    transitions::apply(draft, action)
}
