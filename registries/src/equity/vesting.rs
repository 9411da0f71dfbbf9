//! What the register keeps of vesting: terms that many grants may share, and how one grant vests.

mod allocation;
mod path;
mod terms;

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::issuer::{is_scoped, scoped};
use super::numbers::{Quantity, Ratio};
use crate::shape::Described;
use crate::text::{Date, Distinct, LocalId, Name};

pub(super) use allocation::allotted;
pub(super) use path::{Step, walk};
pub use terms::{
    Allocation, Condition, Conditions, MAX_CONDITIONS, MAX_OCCURRENCES, NextConditions,
    NotConditions, Period, Schedule, Trigger, Vests,
};

/// The most vesting terms of one issuer.
pub const MAX_TERMS: usize = 64;
/// The most dates of a grant that vests by a list of them.
pub const MAX_VESTING_DATES: usize = 240;
/// The most accelerations of one grant.
pub const MAX_ACCELERATIONS: usize = 32;

/// Terms by which grants vest, as the Open Cap Format has them: conditions of which one follows another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VestingTerms {
    /// Whose.
    pub issuer: PartyId,
    /// The id that the issuer gave them.
    pub terms: LocalId,
    /// What they are called.
    pub name: Name,
    /// How shares that do not divide evenly are allotted.
    pub allocation: Allocation,
    /// The conditions; what may follow one stands below it.
    pub conditions: Conditions,
    /// When they were created.
    pub created: Time,
    /// The commitment to what is kept off the ledger about them.
    pub record: Option<Hash>,
}

/// How the shares of a security, or those that an instrument is for, vest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Vesting {
    /// Who issued it.
    pub issuer: PartyId,
    /// The security or instrument.
    pub security: LocalId,
    /// For how many shares it was when this was set.
    pub quantity: Quantity,
    /// How many shares of now one of these is, by the splits since.
    pub scale: Ratio,
    /// By what it vests.
    pub by: VestingBasis,
    /// The conditions of the terms that were met by an event, as they were stated.
    pub met: Vec<ConditionMet>,
    /// What vested ahead of the schedule, the oldest first.
    pub accelerations: Vec<Acceleration>,
    /// When this was set.
    pub set: Time,
    /// The commitment to what is kept off the ledger about it.
    pub record: Option<Hash>,
}

/// By what a grant vests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VestingBasis {
    /// By terms of the issuer.
    Terms(LocalId),
    /// On these days, so much on each.
    Dates(VestingDates),
    /// By what the record says: the register cannot tell how much has vested.
    OffLedger,
}

/// Days on which a grant vests.
pub type VestingDates = Distinct<VestingDate, 1, MAX_VESTING_DATES>;

/// So many shares on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VestingDate {
    /// The day.
    pub date: Date,
    /// How many shares vest on it.
    pub quantity: Quantity,
}

/// A condition that was met by an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EquityConditionMet)]
pub struct ConditionMet {
    /// The condition.
    pub condition: LocalId,
    /// On what day.
    pub date: Date,
    /// When it was stated, in block time.
    pub at: Time,
    /// The transition.
    pub transition: Hash,
    /// The commitment to what is kept off the ledger about it.
    pub record: Option<Hash>,
}

/// Shares that vested ahead of the schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EquityAcceleration)]
pub struct Acceleration {
    /// How many shares, in those of now: a split changes it.
    pub quantity: Quantity,
    /// On what day.
    pub date: Date,
    /// When it was stated, in block time.
    pub at: Time,
    /// The transition.
    pub transition: Hash,
    /// The commitment to what is kept off the ledger about it.
    pub record: Option<Hash>,
}

impl Object for VestingTerms {
    const REGISTER: &'static str = "equity";
    const KIND: &'static str = "vesting-terms";

    fn id(&self) -> String {
        scoped(&self.issuer, &self.terms)
    }
}

impl Described for VestingTerms {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.four-years";

    fn is_id(text: &str) -> bool {
        is_scoped(text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("issuer", self.issuer)]
    }
}

impl Object for Vesting {
    const REGISTER: &'static str = "equity";
    const KIND: &'static str = "vesting";

    fn id(&self) -> String {
        scoped(&self.issuer, &self.security)
    }
}

impl Described for Vesting {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.option-1";

    fn is_id(text: &str) -> bool {
        is_scoped(text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("issuer", self.issuer)]
    }
}
