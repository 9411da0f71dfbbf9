//! Vesting terms in the Open Cap Format's sense: a graph of conditions without a circle, of which one path
//! is taken.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::openapi::schema::ArrayBuilder;
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::super::numbers::{Decimal, Ratio};
use crate::text::{Date, Distinct, LocalId};

/// The most conditions of one set of terms.
pub const MAX_CONDITIONS: usize = 64;
/// The most times that the schedules of one set of terms come due, all together.
pub const MAX_OCCURRENCES: u32 = 1200;
/// The longest period: a hundred years in months, ten in days.
const MAX_MONTHS: u16 = 1200;
const MAX_DAYS: u16 = 3660;
/// The largest common denominator of the portions, so that all sums are exact within 128 bits.
const MAX_DENOMINATOR: u64 = 1_000_000;

/// How shares that do not divide evenly are allotted to the dates: of 18 on four dates, as the Open Cap
/// Format's enumeration says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = EquityAllocation)]
pub enum Allocation {
    /// 5, 4, 5, 4: what has vested so far is rounded to the nearest, a half up.
    CumulativeRounding,
    /// 4, 5, 4, 5: what has vested so far is rounded down.
    CumulativeRoundDown,
    /// 5, 5, 4, 4: what is left over goes to the first dates, one each.
    FrontLoaded,
    /// 4, 4, 5, 5: what is left over goes to the last dates, one each.
    BackLoaded,
    /// 6, 4, 4, 4: what is left over goes to the first date.
    FrontLoadedToSingleTranche,
    /// 4, 4, 4, 6: what is left over goes to the last date.
    BackLoadedToSingleTranche,
    /// 4.5 each: parts of shares vest, down to the tenth decimal.
    Fractional,
}

/// A condition of vesting terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityVestingCondition)]
pub struct Condition {
    /// An id that no other condition of the terms has.
    pub condition: LocalId,
    /// How much vests each time that it is met.
    pub vests: Vests,
    /// How it is met.
    pub trigger: Trigger,
    /// The conditions of which one may follow: the first that is met, of two on one day the one named first.
    #[serde(default)]
    pub next: NextConditions,
}

/// The conditions that may follow one.
pub type NextConditions = Distinct<LocalId, 0, MAX_CONDITIONS>;

/// How much vests when a condition is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = EquityVests)]
pub enum Vests {
    /// So many shares; `0` where a condition only leads on, or ends the vesting.
    Quantity(Decimal),
    /// A part of all the shares.
    Portion(Ratio),
    /// A part of the shares that have not vested by then.
    PortionOfRest(Ratio),
}

/// How a condition is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = EquityVestingTrigger)]
pub enum Trigger {
    /// When the issuer states that vesting started.
    Start,
    /// When the issuer states that it happened.
    Event,
    /// By itself on a day, or as soon as it can follow where that is later.
    Date(Date),
    /// By itself, a time after another condition was met.
    Schedule(Schedule),
}

/// A time after another condition was met, once or several times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityVestingSchedule)]
pub struct Schedule {
    /// The condition, which stands above this one; the last time that it was met counts.
    pub after: LocalId,
    /// After how long, and again each time.
    pub every: Period,
    /// How often.
    pub times: u16,
    /// On which day of the month, where the period is in months: 1 to 31, or the last of a shorter month;
    /// the day on which vesting started, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u8>,
    /// Up to the time before this one nothing vests, and at this one all that would have; from 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cliff: Option<u16>,
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = EquityPeriod)]
pub enum Period {
    /// Days, at most 3,660.
    Days(u16),
    /// Months of the calendar, at most 1,200.
    Months(u16),
}

/// The conditions of vesting terms, which hold together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Conditions(Vec<Condition>);

/// Why conditions do not hold together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotConditions {
    /// Too few or too many.
    #[error("vesting terms have 1 to {MAX_CONDITIONS} conditions")]
    Count,
    /// Two of one id.
    #[error("two conditions have the id {0}")]
    Repeated(LocalId),
    /// A condition that may follow is not there, or stands above.
    #[error("{next} may follow {condition}, and no condition below it has that id")]
    Next {
        /// The condition.
        condition: LocalId,
        /// What it names.
        next: LocalId,
    },
    /// A schedule is after a condition that is not there, or stands below.
    #[error("{condition} is met after {after}, and no condition above it has that id")]
    After {
        /// The condition.
        condition: LocalId,
        /// What it names.
        after: LocalId,
    },
    /// A schedule that cannot be.
    #[error(
        "{0}: a schedule has a period of at most {MAX_MONTHS} months or {MAX_DAYS} days, comes due at least \
         once, and names a day of the month from 1 to 31 only with months"
    )]
    Schedule(LocalId),
    /// The schedules come due too often.
    #[error("the schedules come due more than {MAX_OCCURRENCES} times")]
    Occurrences,
    /// More than all.
    #[error("{0}: a portion is at most the whole")]
    Portion(LocalId),
    /// Portions that have no common denominator within the bound.
    #[error("the portions have no common denominator of at most {MAX_DENOMINATOR}")]
    Denominator,
}

impl Conditions {
    /// The conditions in the order in which they stand.
    pub fn iter(&self) -> impl Iterator<Item = &Condition> {
        self.0.iter()
    }

    /// The condition of this id.
    pub fn get(&self, id: &LocalId) -> Option<&Condition> {
        self.0.iter().find(|condition| condition.condition == *id)
    }

    /// The conditions that follow no other.
    pub(in super::super) fn roots(&self) -> impl Iterator<Item = &Condition> {
        let follows = |id: &LocalId| self.0.iter().any(|condition| condition.next.contains(id));
        self.0.iter().filter(move |condition| !follows(&condition.condition))
    }

    /// The common denominator of all portions.
    pub(in super::super) fn denominator(&self) -> u64 {
        common_denominator(&self.0).unwrap_or(1)
    }
}

/// The least common denominator of the portions; `None` above the bound.
fn common_denominator(conditions: &[Condition]) -> Option<u64> {
    let portions = conditions.iter().filter_map(|condition| condition.vests.portion());
    portions.map(Ratio::denominator).try_fold(1, |common: u64, denominator| {
        // Of two terms of a ratio in lowest terms, the first is what the denominator lacks.
        let missing = Ratio::of(denominator.into(), common.into()).ok()?.numerator();
        common.checked_mul(missing).filter(|common| *common <= MAX_DENOMINATOR)
    })
}

impl Vests {
    /// The portion, where it is one.
    pub fn portion(&self) -> Option<Ratio> {
        match self {
            Self::Quantity(_) => None,
            Self::Portion(portion) | Self::PortionOfRest(portion) => Some(*portion),
        }
    }
}

impl Trigger {
    /// Whether somebody states that it is met.
    pub fn is_stated(&self) -> bool {
        matches!(self, Self::Start | Self::Event)
    }

    /// How often it comes due.
    pub(super) fn times(&self) -> u16 {
        match self {
            Self::Schedule(schedule) => schedule.times,
            Self::Start | Self::Event | Self::Date(_) => 1,
        }
    }
}

impl Schedule {
    fn is_possible(&self) -> bool {
        let (fits, months) = match self.every {
            Period::Days(days) => (days <= MAX_DAYS, false),
            Period::Months(months) => (months <= MAX_MONTHS, true),
        };
        let day = self.day.is_none_or(|day| months && (1..=31).contains(&day));
        fits && day && self.times > 0 && self.cliff.is_none_or(|cliff| cliff <= self.times)
    }
}

impl TryFrom<Vec<Condition>> for Conditions {
    type Error = NotConditions;

    fn try_from(conditions: Vec<Condition>) -> Result<Self, NotConditions> {
        if !(1..=MAX_CONDITIONS).contains(&conditions.len()) {
            return Err(NotConditions::Count);
        }
        let mut above = BTreeSet::new();
        for (place, condition) in conditions.iter().enumerate() {
            holds_together(condition, &above, &conditions[place + 1..])?;
            if !above.insert(&condition.condition) {
                return Err(NotConditions::Repeated(condition.condition.clone()));
            }
        }
        let due: u32 = conditions.iter().map(|it| u32::from(it.trigger.times())).sum();
        if due > MAX_OCCURRENCES {
            return Err(NotConditions::Occurrences);
        }
        common_denominator(&conditions).ok_or(NotConditions::Denominator)?;
        Ok(Self(conditions))
    }
}

/// Whether a condition fits those above and below it.
fn holds_together(
    condition: &Condition,
    above: &BTreeSet<&LocalId>,
    below: &[Condition],
) -> Result<(), NotConditions> {
    let id = || condition.condition.clone();
    let stray = condition.next.iter().find(|next| !below.iter().any(|it| it.condition == **next));
    if let Some(next) = stray {
        return Err(NotConditions::Next { condition: id(), next: next.clone() });
    }
    if let Trigger::Schedule(schedule) = &condition.trigger {
        if !above.contains(&schedule.after) {
            return Err(NotConditions::After { condition: id(), after: schedule.after.clone() });
        }
        if !schedule.is_possible() {
            return Err(NotConditions::Schedule(id()));
        }
    }
    let portion = condition.vests.portion();
    if portion.is_some_and(|portion| portion.numerator() > portion.denominator()) {
        return Err(NotConditions::Portion(id()));
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Condition>::deserialize(deserializer)?.try_into().map_err(de::Error::custom)
    }
}

impl PartialSchema for Conditions {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(Ref::from_schema_name(Condition::name()))
            .min_items(Some(1))
            .max_items(Some(MAX_CONDITIONS))
            .into()
    }
}

impl ToSchema for Conditions {
    fn name() -> std::borrow::Cow<'static, str> {
        "EquityVestingConditions".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Condition::name().into_owned(), Condition::schema()));
        Condition::schemas(schemas);
    }
}
