//! The one path through vesting terms that a grant takes, by what was stated and by the passing of time.
//!
//! The Open Cap Format evaluates the conditions that may follow day by day in their order, and takes the
//! first that is met ("only one path is ever taken"). A condition that comes due several times is left when
//! one of those that may follow is met; what it would have vested later does not vest by it.

use std::collections::BTreeMap;

use super::terms::{Condition, Conditions, Period, Schedule, Trigger};
use crate::text::{Date, LocalId};

/// A condition that was or will be met, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Step<'a> {
    /// The condition.
    pub(in super::super) condition: &'a Condition,
    /// The days on which it comes due, in order.
    pub(in super::super) dates: Vec<Date>,
}

/// Every condition on the path, in order. What comes by itself is on it however far ahead it lies; what
/// somebody states is on it once it is stated.
pub(in super::super) fn walk<'a>(
    conditions: &'a Conditions,
    stated: &BTreeMap<&LocalId, Date>,
) -> Vec<Step<'a>> {
    let mut path: Vec<Step<'a>> = Vec::new();
    loop {
        let following: Vec<&Condition> = match path.last() {
            None => conditions.roots().collect(),
            Some(last) => {
                last.condition.next.iter().filter_map(|next| conditions.get(next)).collect()
            }
        };
        let met = following.into_iter().filter_map(|condition| {
            let dates = dates_of(condition, &path, stated);
            (!dates.is_empty()).then_some(Step { condition, dates })
        });
        // Of equal ones the first, which comes first in the order of the list.
        let Some(next) = met.min_by_key(|step| step.dates.first().copied()) else { return path };
        if let (Some(last), Some(from)) = (path.last_mut(), next.dates.first()) {
            last.dates.retain(|date| date <= from);
        }
        path.push(next);
    }
}

/// The days on which a condition comes due if it is next; none when it cannot be.
fn dates_of(
    condition: &Condition,
    path: &[Step<'_>],
    stated: &BTreeMap<&LocalId, Date>,
) -> Vec<Date> {
    // Nothing follows a condition before that is met.
    let earliest = path.last().and_then(|last| last.dates.first().copied());
    match &condition.trigger {
        Trigger::Start | Trigger::Event => {
            let date = stated.get(&condition.condition).copied();
            date.filter(|date| earliest.is_none_or(|earliest| earliest <= *date))
                .into_iter()
                .collect()
        }
        Trigger::Date(date) => vec![earliest.map_or(*date, |earliest| earliest.max(*date))],
        Trigger::Schedule(schedule) => {
            let due = due_dates(schedule, path);
            due.into_iter().map(|date| earliest.map_or(date, |it| it.max(date))).collect()
        }
    }
}

/// The days on which a schedule comes due; none where the condition that it is after was not met on the way.
fn due_dates(schedule: &Schedule, path: &[Step<'_>]) -> Vec<Date> {
    let after = path.iter().find(|step| step.condition.condition == schedule.after);
    let Some(from) = after.and_then(|step| step.dates.last().copied()) else { return Vec::new() };
    let started = path.iter().find(|step| step.condition.trigger == Trigger::Start);
    let started = started.and_then(|step| step.dates.first()).unwrap_or(&from);
    let mut dates: Vec<Date> = Vec::new();
    for time in 1..=schedule.times {
        let date = match schedule.every {
            Period::Days(days) => dates.last().unwrap_or(&from).plus_days(days),
            Period::Months(months) => {
                let day = schedule.day.unwrap_or(started.day());
                months.checked_mul(time).and_then(|months| from.in_months(months, day))
            }
        };
        // What lies beyond the calendar does not come.
        let Some(date) = date else { break };
        dates.push(date);
    }
    dates
}
