//! The equity register: title to shares, in the objects and event names of the Open Cap Format.

mod actions;
mod class;
mod codes;
mod dividend;
mod filing;
mod instrument;
mod issuer;
pub mod numbers;
mod plan;
mod queries;
mod rules;
mod security;
mod transitions;
mod vesting;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

pub use actions::{
    AccelerateVesting, Action, AdjustClassAuthorised, AdjustConversionRatio,
    AdjustIssuerAuthorised, AdjustPlanPool, AmendIssuer, CancelInstrument, Convert, CreateClass,
    CreatePlan, CreateVestingTerms, DeclareDividend, Exercise, ExercisedParts, File, Issue,
    IssueInstrument, LiftRestriction, MAX_PARTS, MAX_SUCCESSORS, MeetVestingCondition, Part, Parts,
    PlanClasses, PledgeSecurity, RegisterIssuer, Reissue, ReissueForSplit, Reissued, ReleasePledge,
    Retract, ReturnToPool, SetVesting, SplitClass, SplitInstrumentIds, SplitInstruments, Successor,
    SuccessorParts, Successors, Take, Transfer, TransferInstrument, Transferred,
    TransferredInstrument, TransferredInstruments, TransferredParts,
};
pub use class::{
    Adjustment, CHUNK, ClassSplit, ClassType, ConversionRight, Decimals, MAX_ADJUSTMENTS,
    MAX_RIGHTS, MAX_SECURITIES, MAX_SPLITS, SecurityIndex, StockClass,
};
pub use codes::*;
pub use dividend::Dividend;
pub use filing::{Filing, FilingType, Indexed, IssuerIndex, NotAFilingType};
pub use instrument::{
    Exercised, Family, Instrument, InstrumentKind, InstrumentSplit, MAX_EXERCISES,
};
pub use issuer::{Authorised, Country, Issuer, MAX_CLASSES, NotACountry, NotAuthorised, scoped};
pub use plan::{
    MAX_PLAN_CLASSES, MAX_PLANS, MAX_POOL_ADJUSTMENTS, OnCancellation, PoolAdjustment, StockPlan,
};
pub use queries::{
    CapTable, ClassHolders, ClassOnTable, Distribution, Holder, InstrumentHolder,
    InstrumentsOnTable, Lineage, LineageEntry, MAX_LINEAGE, Outcome, Payment, PlanOnTable, Vested,
    VestedOn, VestedState, largest_remainder,
};
pub use security::{Certificate, Ending, Event, Origin, Pledge, Returned, Security};
pub use vesting::{
    Acceleration, Allocation, Condition, ConditionMet, Conditions, MAX_ACCELERATIONS,
    MAX_CONDITIONS, MAX_OCCURRENCES, MAX_TERMS, MAX_VESTING_DATES, NextConditions, NotConditions,
    Period, Schedule, Trigger, Vesting, VestingBasis, VestingDate, VestingDates, VestingTerms,
    Vests,
};

use crate::shape::{Kind, Question, Register, Visibility};

/// What the register says about itself.
pub const REGISTER: Register = Register {
    name: "equity",
    title: "Issuers, their classes of shares, and who holds them",
    visibility: Visibility::Public,
    kinds: &[
        Kind::primary::<Issuer>().asked(&[Question::of_state::<CapTable>()]),
        Kind::of::<StockClass>().asked(&[Question::of_state::<ClassHolders>()]),
        Kind::of::<Security>()
            .asked(&[Question::of_state::<Lineage>(), Question::of_state::<Vested>()]),
        Kind::of::<Instrument>()
            .asked(&[Question::of_state::<Lineage>(), Question::of_state::<Vested>()]),
        Kind::of::<StockPlan>(),
        Kind::of::<VestingTerms>(),
        Kind::of::<Vesting>(),
        Kind::of::<Filing>(),
        Kind::of::<Dividend>().asked(&[Question::of_state::<Distribution>()]),
        Kind::of::<SecurityIndex>(),
        Kind::of::<IssuerIndex>(),
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
        "create-plan",
        "adjust-plan-pool",
        "return-to-pool",
        "issue-instrument",
        "transfer-instrument",
        "cancel-instrument",
        "retract-instrument",
        "exercise",
        "split-instruments",
        "create-vesting-terms",
        "set-vesting",
        "meet-vesting-condition",
        "accelerate-vesting",
        "file",
    ],
    codes: CODES,
};

/// Applies an action of this register.
pub fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    transitions::apply(draft, action)
}
