//! The parcels register: the chain of custody, in which exactly one party has a parcel at any time.

mod actions;
mod codes;
mod container;
pub mod epcis;
pub mod number;
mod parcel;
mod path;
mod queries;
mod rules;
mod stated;
mod terms;
mod transitions;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

pub use actions::{
    Action, AttemptFailed, Correct, DeclareLost, Find, Handed, HandedContainer, HandedParcel,
    Handoff, HoldParcel, MAX_ROUND, Pack, Refuse, RegisterParcel, ReleaseHold, ReportDamage,
    Return, Round, RoundNumbers, StateEvent, TakeOver, TakenOver, Unpack,
};
pub use codes::*;
pub use container::{
    Container, ContainerNumber, MAX_MEMBERS, Members, NotAContainerNumber, manifest,
};
pub use number::{ParcelNumber, S10, Sscc};
pub use parcel::{
    Condition, Damage, Event, EventKind, Hold, HoldKind, MAX_HOLDS, MAX_TRAIL, Parcel, Place,
    Proxies, Trace,
};
pub use path::{CAN_TURN, Direction, LEGS, Leg, Receiver, State, Step, leg_for};
pub use queries::{
    Custody, CustodyChain, DamagePoint, DamageSpan, custodian_at, custody_chain, damage_span,
    manifest_matches, record_matches, version_at,
};
pub use rules::{
    CARRIER_PARAMETER, CLOCK_TOLERANCE_MS, DEFAULT_LOST_AFTER_MS, LOST_AFTER_PARAMETER,
};
pub use stated::{EpcisAction, EpcisType, EventStatement, StatedEvent, statement_id};
pub use terms::{BIZ_STEPS, BizStep, DISPOSITIONS, Disposition, NotATerm, Uri, ZoneOffset};

use crate::shape::{Kind, Question, Register, Visibility};

/// What the register says about itself.
pub const REGISTER: Register = Register {
    name: "parcels",
    title: "Parcels and their chain of custody",
    visibility: Visibility::Public,
    kinds: &[
        Kind::primary::<Parcel>().asked(&[
            Question::of_history::<CustodyChain>(),
            Question::of_history::<DamageSpan>(),
            Question::of_history::<epcis::EpcisDocument>(),
        ]),
        Kind::of::<Container>(),
        Kind::of::<EventStatement>(),
    ],
    actions: &[
        "register",
        "handoff",
        "report-damage",
        "attempt-failed",
        "refuse",
        "return",
        "declare-lost",
        "find",
        "hold",
        "release-hold",
        "take-over",
        "pack",
        "unpack",
        "correct",
        "state-event",
    ],
    codes: CODES,
};

/// Applies an action of this register.
pub fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    transitions::apply(draft, action)
}
