//! How many shares vest on which day: exact, in whole units of the smallest part that a grant counts in.

use super::super::numbers::{Decimal, Ratio};
use super::path::Step;
use super::terms::{Allocation, Schedule, Trigger, Vests};
use crate::text::{Date, LocalId};

/// So many units that vest on a day.
pub(in super::super) struct Allotted<'a> {
    /// The condition.
    pub(in super::super) condition: &'a LocalId,
    /// The day.
    pub(in super::super) date: Date,
    /// How many units.
    pub(in super::super) units: u128,
}

/// What has been allotted so far.
struct Sum {
    /// All the units of the grant, fewer than 10^25.
    whole: u128,
    /// The common denominator of the portions, at most 10^6.
    parts: u128,
    /// How many units have been given.
    given: u128,
    /// What was due, in units times `parts`: before it is rounded.
    due: u128,
}

/// What vests on each day of a path. `units_of` gives a number of shares in units, rounded down.
pub(in super::super) fn allotted<'a>(
    path: &[Step<'a>],
    whole: u128,
    denominator: u64,
    allocation: Allocation,
    units_of: impl Fn(Decimal) -> u128,
) -> Vec<Allotted<'a>> {
    let mut sum = Sum { whole, parts: denominator.into(), given: 0, due: 0 };
    let mut all = Vec::new();
    for step in path {
        let planned = usize::from(step.condition.trigger.times());
        let units = sum.step(step, planned, allocation, &units_of);
        let units = sum.at_the_cliff(units, &step.condition.trigger);
        let condition = &step.condition.condition;
        let days = step.dates.iter().zip(units);
        all.extend(days.map(|(date, units)| Allotted { condition, date: *date, units }));
    }
    all
}

impl Sum {
    /// What the dates of one condition get.
    fn step(
        &mut self,
        step: &Step<'_>,
        planned: usize,
        allocation: Allocation,
        units_of: &impl Fn(Decimal) -> u128,
    ) -> Vec<u128> {
        let happened = step.dates.len();
        if let Vests::PortionOfRest(_) = step.condition.vests {
            // A part of a rest is worked out anew each time.
            return (0..happened)
                .map(|_| self.one(&step.condition.vests, allocation, units_of))
                .collect();
        }
        let loaded = match allocation {
            Allocation::CumulativeRounding
            | Allocation::CumulativeRoundDown
            | Allocation::Fractional => {
                let each = |_| self.one(&step.condition.vests, allocation, units_of);
                return (0..happened).map(each).collect();
            }
            loaded => loaded,
        };
        let before = self.given;
        let due: u128 =
            self.due_of(&step.condition.vests, units_of).saturating_mul(planned as u128);
        self.due = self.due.saturating_add(due).min(self.whole * self.parts);
        let total = (self.due / self.parts).saturating_sub(before);
        let mut units = spread(total, planned, loaded);
        units.truncate(happened);
        self.given += units.iter().sum::<u128>();
        if happened < planned {
            // The condition was left early: what it gave is what counts.
            self.due = self.given * self.parts;
        }
        units
    }

    /// What the next date gets where sums are rounded.
    fn one(
        &mut self,
        vests: &Vests,
        allocation: Allocation,
        units_of: &impl Fn(Decimal) -> u128,
    ) -> u128 {
        if let Vests::PortionOfRest(_) = vests {
            self.due = self.given * self.parts;
        }
        let due = self.due_of(vests, units_of);
        self.due = self.due.saturating_add(due).min(self.whole * self.parts);
        let so_far = match allocation {
            Allocation::CumulativeRounding => (2 * self.due + self.parts) / (2 * self.parts),
            _ => self.due / self.parts,
        };
        let units = so_far.min(self.whole).saturating_sub(self.given);
        self.given += units;
        units
    }

    /// Before the cliff nothing vests, and at the cliff all that would have. Of a condition that was left
    /// before its cliff nothing vests at all.
    fn at_the_cliff(&mut self, mut units: Vec<u128>, trigger: &Trigger) -> Vec<u128> {
        let Trigger::Schedule(Schedule { cliff: Some(cliff), .. }) = trigger else { return units };
        let before = usize::from(*cliff).saturating_sub(1);
        let held: u128 = units.iter().take(before).sum();
        units.iter_mut().take(before).for_each(|it| *it = 0);
        match units.get_mut(before) {
            Some(at_the_cliff) => *at_the_cliff += held,
            None => {
                self.given -= held;
                self.due = self.given * self.parts;
            }
        }
        units
    }

    /// What a condition vests each time, before it is rounded.
    fn due_of(&self, vests: &Vests, units_of: &impl Fn(Decimal) -> u128) -> u128 {
        let of = |units: u128, portion: Ratio| {
            // The denominator divides the common one.
            units
                * (u128::from(portion.numerator()) * self.parts / u128::from(portion.denominator()))
        };
        match vests {
            Vests::Quantity(quantity) => units_of(*quantity).min(self.whole) * self.parts,
            Vests::Portion(portion) => of(self.whole, *portion),
            Vests::PortionOfRest(portion) => of(self.whole - self.given, *portion),
        }
    }
}

/// Divides units among dates, what is left over by the kind of allocation.
fn spread(total: u128, dates: usize, allocation: Allocation) -> Vec<u128> {
    let count = dates as u128;
    let (each, left) = (total / count, (total % count) as usize);
    let mut units = vec![each; dates];
    match allocation {
        Allocation::FrontLoaded => units[..left].iter_mut().for_each(|it| *it += 1),
        Allocation::BackLoaded => units[dates - left..].iter_mut().for_each(|it| *it += 1),
        Allocation::FrontLoadedToSingleTranche => units[0] += left as u128,
        _ => units[dates - 1] += left as u128,
    }
    units
}
