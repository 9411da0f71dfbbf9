//! The equity register: title to shares, in the objects and event names of the Open Cap Format.

mod actions;
mod class;
mod codes;
mod dividend;
mod issuer;
pub mod numbers;
mod queries;
mod rules;
mod security;
mod transitions;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

pub use actions::{
    Action, AdjustClassAuthorised, AdjustConversionRatio, AdjustIssuerAuthorised, AmendIssuer,
    Convert, CreateClass, DeclareDividend, Issue, LiftRestriction, MAX_PARTS, MAX_SUCCESSORS, Part,
    Parts, PledgeSecurity, RegisterIssuer, Reissue, ReissueForSplit, Reissued, ReleasePledge,
    Retract, SplitClass, Successor, Successors, Take, Transfer, Transferred, TransferredParts,
};
pub use class::{
    Adjustment, CHUNK, ClassSplit, ClassType, ConversionRight, Decimals, MAX_ADJUSTMENTS,
    MAX_RIGHTS, MAX_SECURITIES, MAX_SPLITS, SecurityIndex, StockClass,
};
pub use codes::*;
pub use dividend::Dividend;
pub use issuer::{Authorised, Country, Issuer, MAX_CLASSES, NotACountry, NotAuthorised, scoped};
pub use queries::{
    CapTable, ClassHolders, ClassOnTable, Distribution, Holder, Lineage, LineageEntry, MAX_LINEAGE,
    Outcome, Payment, largest_remainder,
};
pub use security::{Certificate, Ending, Event, Origin, Pledge, Security};

use crate::shape::{Kind, Question, Register, Visibility};

/// What the register says about itself.
pub const REGISTER: Register = Register {
    name: "equity",
    title: "Issuers, their classes of shares, and who holds them",
    visibility: Visibility::Public,
    kinds: &[
        Kind::primary::<Issuer>().asked(&[Question::of_state::<CapTable>()]),
        Kind::of::<StockClass>().asked(&[Question::of_state::<ClassHolders>()]),
        Kind::of::<Security>().asked(&[Question::of_state::<Lineage>()]),
        Kind::of::<Dividend>().asked(&[Question::of_state::<Distribution>()]),
        Kind::of::<SecurityIndex>(),
    ],
    actions: &[
        "register-issuer",
        "amend-issuer",
        "create-class",
        "adjust-issuer-authorised",
        "adjust-class-authorised",
        "adjust-conversion-ratio",
        "issue",
        "transfer",
        "cancel",
        "repurchase",
        "retract",
        "reissue",
        "split",
        "reissue-for-split",
        "convert",
        "pledge",
        "release-pledge",
        "lift-restriction",
        "declare-dividend",
    ],
    codes: CODES,
};

/// Applies an action of this register.
pub fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    transitions::apply(draft, action)
}
