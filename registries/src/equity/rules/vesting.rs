//! The rules of vesting, and of instruments whose class was split.

use std::collections::BTreeMap;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use super::super::class::{ClassSplit, StockClass};
use super::super::codes;
use super::super::instrument::Instrument;
use super::super::issuer::{Issuer, scoped};
use super::super::numbers::{Decimal, MAX_DECIMALS, Quantity, Ratio};
use super::super::vesting::{
    MAX_ACCELERATIONS, MAX_TERMS, Vesting, VestingBasis, VestingTerms, walk,
};
use super::{id_is_free, sum, within};
use crate::text::{Date, LocalId};

/// There is room for more vesting terms.
pub(in super::super) fn room_for_terms(issuer: &Issuer) -> Result<(), Rejection> {
    if issuer.vesting_terms.len() >= MAX_TERMS {
        return Err(codes::TOO_MANY_TERMS.because(format!("it has {MAX_TERMS}")));
    }
    Ok(())
}

/// The issuer has these vesting terms.
pub(in super::super) fn known_terms(
    draft: &Draft<'_>,
    issuer: &PartyId,
    terms: &LocalId,
) -> Result<VestingTerms, Rejection> {
    let known = draft.get(&scoped(issuer, terms));
    known.ok_or_else(|| codes::TERMS_UNKNOWN.because(format!("{issuer} has no terms {terms}")))
}

/// How a grant vests is set once: what its holder agreed to does not change.
pub(in super::super) fn vesting_not_set(
    draft: &Draft<'_>,
    issuer: &PartyId,
    security: &LocalId,
) -> Result<(), Rejection> {
    id_is_free::<Vesting>(draft, &scoped(issuer, security))
}

/// How the grant vests is set.
pub(in super::super) fn vesting_is_set(
    draft: &Draft<'_>,
    issuer: &PartyId,
    security: &LocalId,
) -> Result<Vesting, Rejection> {
    draft
        .get(&scoped(issuer, security))
        .ok_or_else(|| codes::VESTING_NOT_SET.because(format!("how {security} vests is not set")))
}

/// An instrument vests by shares: one for money, or for no number of shares, does not. Gives how many.
pub(in super::super) fn counts_shares(instrument: &Instrument) -> Result<Quantity, Rejection> {
    let shares = instrument.amount.filter(|_| instrument.currency.is_none());
    let shares = shares.and_then(|_| Quantity::try_from(instrument.outstanding).ok());
    shares.ok_or_else(|| {
        let detail = format!("{} is a {} without one", instrument.security, instrument.kind);
        codes::NO_SHARES_TO_VEST.because(detail)
    })
}

/// What vests on the dates is no more than there is.
pub(in super::super) fn dates_within(
    by: &VestingBasis,
    security: &LocalId,
    quantity: Quantity,
) -> Result<(), Rejection> {
    let VestingBasis::Dates(dates) = by else { return Ok(()) };
    let vests = sum(dates.iter().map(|date| date.quantity.get()))?;
    within(security, quantity.get(), vests).map(|_| ())
}

/// The grant vests by terms that have this condition, which somebody has to state.
pub(in super::super) fn is_a_stated_condition(
    draft: &Draft<'_>,
    vesting: &Vesting,
    condition: &LocalId,
) -> Result<VestingTerms, Rejection> {
    let VestingBasis::Terms(terms) = &vesting.by else {
        let detail = format!("{} vests by no terms", vesting.security);
        return Err(codes::CONDITION_UNKNOWN.because(detail));
    };
    let terms = known_terms(draft, &vesting.issuer, terms)?;
    let stated = terms.conditions.get(condition).is_some_and(|it| it.trigger.is_stated());
    if stated {
        return Ok(terms);
    }
    let detail = format!("{} have no start or event {condition}", terms.terms);
    Err(codes::CONDITION_UNKNOWN.because(detail))
}

/// A condition is met once, when it can follow, and nothing that was stated before falls off the path.
pub(in super::super) fn can_follow(
    terms: &VestingTerms,
    vesting: &Vesting,
    condition: &LocalId,
    date: Date,
) -> Result<(), Rejection> {
    let mut stated: BTreeMap<&LocalId, Date> =
        vesting.met.iter().map(|met| (&met.condition, met.date)).collect();
    if let Some(before) = stated.insert(condition, date) {
        let detail = format!("{condition} was met on {before}");
        return Err(codes::CONDITION_NOT_NEXT.because(detail));
    }
    let path = walk(&terms.conditions, &stated);
    let on_the_path = |id: &&&LocalId| path.iter().any(|step| step.condition.condition == ***id);
    if stated.keys().filter(on_the_path).count() == stated.len() {
        return Ok(());
    }
    let way: Vec<&str> = path.iter().map(|step| step.condition.condition.as_str()).collect();
    let detail = format!("with {condition} on {date} the path is {}", way.join(", "));
    Err(codes::CONDITION_NOT_NEXT.because(detail))
}

/// There is room for one more acceleration.
pub(in super::super) fn room_for_acceleration(vesting: &Vesting) -> Result<(), Rejection> {
    if vesting.accelerations.len() >= MAX_ACCELERATIONS {
        let detail = format!("there were {MAX_ACCELERATIONS}");
        return Err(codes::TOO_MANY_ACCELERATIONS.because(detail));
    }
    Ok(())
}

/// No more vests ahead of the schedule than has not vested.
pub(in super::super) fn not_vested_yet(
    security: &LocalId,
    unvested: Option<Decimal>,
    quantity: Quantity,
) -> Result<(), Rejection> {
    let unvested = unvested.unwrap_or_default();
    if quantity.get() <= unvested {
        return Ok(());
    }
    let detail = format!("{unvested} of {security} have not vested, and {quantity} are named");
    Err(codes::ACCELERATES_TOO_MUCH.because(detail))
}

/// Every split of its class was applied to the instrument, so that a number of shares means what it says.
pub(in super::super) fn no_split_pending(
    draft: &Draft<'_>,
    instrument: &Instrument,
) -> Result<(), Rejection> {
    let class = class_of(draft, instrument);
    match class.as_ref().and_then(|class| instrument.splits_pending(class).first()) {
        None => Ok(()),
        Some(ClassSplit { split, .. }) => {
            let detail = format!("{split} was not applied to {}", instrument.security);
            Err(codes::SPLIT_PENDING.because(detail))
        }
    }
}

/// A split of its class was not applied to the instrument yet. Gives all such.
pub(in super::super) fn splits_are_pending(
    draft: &Draft<'_>,
    instrument: &Instrument,
) -> Result<Vec<ClassSplit>, Rejection> {
    let class = class_of(draft, instrument);
    let pending = class.map(|class| instrument.splits_pending(&class).to_vec()).unwrap_or_default();
    if pending.is_empty() {
        let detail = format!("none is due for {}", instrument.security);
        return Err(codes::NO_SPLIT_PENDING.because(detail));
    }
    Ok(pending)
}

/// The class that an instrument is for.
pub(in super::super) fn class_of(draft: &Draft<'_>, instrument: &Instrument) -> Option<StockClass> {
    draft.get(&scoped(&instrument.issuer, instrument.class.as_ref()?))
}

/// A split of an instrument is exact: no part of a right is rounded away.
pub(in super::super) fn splits_exactly(
    security: &LocalId,
    outstanding: Decimal,
    ratio: Ratio,
) -> Result<Decimal, Rejection> {
    match outstanding.times(ratio, MAX_DECIMALS) {
        Some((after, true)) => Ok(after),
        Some(_) => {
            let detail = format!("{outstanding} of {security} times {ratio}");
            Err(codes::SPLIT_INEXACT.because(detail))
        }
        None => Err(codes::NUMBER_TOO_LARGE.because(format!("{outstanding} times {ratio}"))),
    }
}
