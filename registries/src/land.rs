//! The land register: titles with their owners, and what they are subject to, in the terms of LADM
//! (ISO 19152).

mod actions;
mod codes;
mod fraction;
pub mod geometry;
mod interest;
mod queries;
mod rules;
mod title;
mod transitions;
mod unit;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

pub use actions::{
    Action, Cleared, EndInterest, ExtendSurvey, ForcedSale, GivenInterest, GivenInterests,
    GrantServitude, Impose, LodgeCaveat, Merge, Part, Parts, PublicBurden, Rectify, RegisterLease,
    RegisterMortgage, RegisterTitle, Shares, Split, Survey, TitleIds, Transfer, Transmit,
};
pub use codes::*;
pub use fraction::{Fraction, MAX_DENOMINATOR, NotAFraction};
pub use interest::{
    Caveat, Class, Holders, Interest, Lease, MAX_HOLDERS, MAX_INTERESTS, Mortgage, Nature,
    NatureName, NotARank, Public, Rank, Servitude, Terms,
};
pub use queries::{
    Burden, ChainOfTitle, Coordinates, Encumbrances, Lineage, Link, MAX_RELATIVES, Ownership,
};
pub use rules::MAX_POINTS_TOGETHER;
pub use title::{
    CarriedOut, Event, EventKind, MAX_OWNERS, MAX_TRAIL, MAX_UNITS, NotOwners, Owners, Share,
    State, Title, UnitIds,
};
pub use unit::{MAX_SHEETS, MAX_TITLES, Sheet, SpatialUnit, sheet_id};

use crate::shape::{Kind, Question, Register, Visibility};

/// What the register says about itself.
pub const REGISTER: Register = Register {
    name: "land",
    title: "Titles to land, and what they are subject to",
    visibility: Visibility::Public,
    kinds: &[
        Kind::primary::<Title>().asked(&[
            Question::of_state::<Encumbrances>(),
            Question::of_history::<ChainOfTitle>(),
            Question::of_state::<Lineage>(),
        ]),
        Kind::of::<SpatialUnit>().asked(&[Question::of_state::<Coordinates>()]),
        Kind::of::<Sheet>(),
        Kind::of::<CarriedOut>(),
    ],
    actions: &[
        "survey",
        "extend-survey",
        "register",
        "transfer",
        "transmit",
        "mortgage",
        "discharge",
        "lease",
        "grant-servitude",
        "impose",
        "end",
        "caveat",
        "remove-caveat",
        "forced-sale",
        "rectify",
        "split",
        "merge",
    ],
    codes: CODES,
};

/// Applies an action of this register.
pub fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    transitions::apply(draft, action)
}
