//! The rules of plans, instruments and filings.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::party::PartyId;

use super::super::actions::{IssueInstrument, Part, TransferredInstrument};
use super::super::codes;
use super::super::instrument::{Family, Instrument, InstrumentKind, MAX_EXERCISES};
use super::super::issuer::{Issuer, scoped};
use super::super::numbers::{Decimal, Quantity};
use super::super::plan::{MAX_PLANS, MAX_POOL_ADJUSTMENTS, StockPlan};
use super::super::security::{Ending, Event, Security};
use super::{HERE, balance_fits, issuer_not_frozen, sum};
use crate::authorities::not_frozen;
use crate::text::LocalId;

/// The issuer has this plan.
pub(in super::super) fn known_plan(
    draft: &Draft<'_>,
    issuer: &PartyId,
    plan: &LocalId,
) -> Result<StockPlan, Rejection> {
    draft
        .get(&scoped(issuer, plan))
        .ok_or_else(|| codes::PLAN_UNKNOWN.because(format!("{issuer} has no plan {plan}")))
}

/// What a filing is about is there, whether it has ended or not.
pub(in super::super) fn subject_is_known(
    draft: &Draft<'_>,
    issuer: &PartyId,
    about: &LocalId,
) -> Result<(), Rejection> {
    let id = scoped(issuer, about);
    if draft.exists::<Security>(&id) || draft.exists::<Instrument>(&id) {
        return Ok(());
    }
    let detail = format!("{issuer} has neither shares nor an instrument {about}");
    Err(codes::SECURITY_UNKNOWN.because(detail))
}

/// No freeze is on the instrument or its issuer.
pub(in super::super) fn instrument_not_frozen(
    draft: &Draft<'_>,
    instrument: &Instrument,
) -> Result<(), Rejection> {
    issuer_not_frozen(draft, &instrument.issuer)?;
    not_frozen(draft, HERE, Instrument::KIND, &instrument.id())
}

/// There is room for one more plan.
pub(in super::super) fn room_for_plan(issuer: &Issuer) -> Result<(), Rejection> {
    if issuer.plans.len() >= MAX_PLANS {
        return Err(codes::TOO_MANY_PLANS.because(format!("it has {MAX_PLANS}")));
    }
    Ok(())
}

/// There is room for one more change of the pool.
pub(in super::super) fn room_for_pool_adjustment(plan: &StockPlan) -> Result<(), Rejection> {
    if plan.adjustments.len() >= MAX_POOL_ADJUSTMENTS {
        let detail = format!("there were {MAX_POOL_ADJUSTMENTS}");
        return Err(codes::TOO_MANY_POOL_ADJUSTMENTS.because(detail));
    }
    Ok(())
}

/// Grants never exceed what a plan reserves and what came back to it.
pub(in super::super) fn within_pool(plan: &StockPlan) -> Result<(), Rejection> {
    if plan.available().is_some() {
        return Ok(());
    }
    let StockPlan { plan, reserved, granted, returned, .. } = plan;
    let detail = format!(
        "{granted} would be granted under {plan}; {reserved} are reserved and {returned} returned"
    );
    Err(codes::POOL_EXHAUSTED.because(detail))
}

/// A grant is of a class of its plan.
pub(in super::super) fn is_of_plan(plan: &StockPlan, class: &LocalId) -> Result<(), Rejection> {
    if plan.classes.contains(class) {
        return Ok(());
    }
    Err(codes::CLASS_NOT_OF_PLAN.because(format!("{} is not for {class}", plan.plan)))
}

/// A convertible is for money, all else for shares, and only a warrant may leave open for how many.
pub(in super::super) fn measured_as_its_kind(action: &IssueInstrument) -> Result<(), Rejection> {
    let money = action.currency.is_some();
    let fits = match action.kind.family() {
        Family::Convertible => action.amount.is_some() && money,
        Family::Warrant => !money,
        Family::Compensation => action.amount.is_some() && !money,
    };
    if fits {
        return Ok(());
    }
    let amount = action.amount.map_or("no amount".to_owned(), |amount| amount.to_string());
    let currency = action.currency.map_or("shares".to_owned(), |currency| currency.to_string());
    let detail = format!("{} for {amount} in {currency}", action.kind);
    Err(codes::MEASURE_WRONG.because(detail))
}

/// What receivers get is measured as the instrument is: an amount each, or the one receiver all of
/// an instrument that does not say how much it is for. Gives the sum.
pub(in super::super) fn results_are_measured_alike(
    instrument: &Instrument,
    results: &[TransferredInstrument],
) -> Result<Decimal, Rejection> {
    let amounts: Vec<Quantity> = results.iter().filter_map(|result| result.amount).collect();
    let fits = match instrument.amount {
        Some(_) => amounts.len() == results.len(),
        None => amounts.is_empty() && results.len() == 1,
    };
    if fits {
        return sum(amounts.into_iter().map(Quantity::get));
    }
    let of = instrument.amount.map_or("no amount".to_owned(), |amount| amount.to_string());
    let detail = format!(
        "{} is for {of}; {} of {} results state an amount",
        instrument.security,
        amounts.len(),
        results.len()
    );
    Err(codes::MEASURE_WRONG.because(detail))
}

/// An event names a part only of an instrument that says how much it is for. Gives what it takes:
/// all that is outstanding where it names no part.
pub(in super::super) fn part_of(
    instrument: &Instrument,
    amount: Option<Quantity>,
) -> Result<Decimal, Rejection> {
    match (instrument.amount, amount) {
        (_, None) => Ok(instrument.outstanding),
        (Some(_), Some(amount)) => Ok(amount.get()),
        (None, Some(amount)) => {
            let detail =
                format!("{} is for no amount, and {amount} are named", instrument.security);
            Err(codes::MEASURE_WRONG.because(detail))
        }
    }
}

/// Shares are made in a class that the instrument or the event names, and both name the same.
pub(in super::super) fn class_of_results(
    instrument: &Instrument,
    into: Option<&LocalId>,
) -> Result<LocalId, Rejection> {
    match (&instrument.class, into) {
        (Some(class), Some(into)) if class != into => {
            let detail = format!("{} is for {class}, not {into}", instrument.security);
            Err(codes::CLASS_DIFFERS.because(detail))
        }
        (Some(class), _) => Ok(class.clone()),
        (None, Some(into)) => Ok(into.clone()),
        (None, None) => {
            let detail = format!("neither {} nor the event names one", instrument.security);
            Err(codes::CLASS_MISSING.because(detail))
        }
    }
}

/// No more shares come of an instrument than of it are exercised: fewer where the price is paid in
/// shares or tax is withheld, none where it is settled in money. What a convertible becomes, its terms say.
pub(in super::super) fn no_more_than_exercised(
    instrument: &Instrument,
    taken: Decimal,
    results: &[Part],
) -> Result<(), Rejection> {
    let made = sum(results.iter().map(|part| part.quantity.get()))?;
    let most = match (instrument.kind.family(), instrument.amount) {
        (Family::Convertible, _) | (Family::Warrant, None) => return Ok(()),
        _ if instrument.kind == InstrumentKind::Csar => Decimal::ZERO,
        _ => taken,
    };
    if made <= most {
        return Ok(());
    }
    let detail = format!("{made} shares would come of {taken} of {}", instrument.security);
    Err(codes::SHARES_EXCEED_EXERCISE.because(detail))
}

/// What an exercise leaves is kept as the Open Cap Format keeps it: a convertible's in a balance, a
/// grant's under the same id, and a warrant is exercised whole. Gives the balance.
pub(in super::super) fn rest_is_kept<'a>(
    instrument: &Instrument,
    left: Decimal,
    balance: Option<&'a LocalId>,
) -> Result<Option<(&'a LocalId, Quantity)>, Rejection> {
    let fits = match instrument.kind.family() {
        Family::Convertible => return balance_fits(left, balance),
        Family::Warrant => left.is_zero() && balance.is_none(),
        Family::Compensation => balance.is_none(),
    };
    if fits {
        return Ok(None);
    }
    let named = balance.map_or("none".to_owned(), ToString::to_string);
    let detail = format!("{left} of a {} are left, and the balance is {named}", instrument.kind);
    Err(codes::REST_NOT_KEPT.because(detail))
}

/// There is room for one more exercise.
pub(in super::super) fn room_for_exercise(instrument: &Instrument) -> Result<(), Rejection> {
    if instrument.exercises.len() >= MAX_EXERCISES {
        return Err(codes::TOO_MANY_EXERCISES.because(format!("there were {MAX_EXERCISES}")));
    }
    Ok(())
}

/// An instrument that shares were made of is not taken back.
pub(in super::super) fn not_exercised(instrument: &Instrument) -> Result<(), Rejection> {
    if instrument.exercises.is_empty() {
        return Ok(());
    }
    let detail = format!("{} of {}", instrument.exercises.len(), instrument.security);
    Err(codes::ALREADY_EXERCISED.because(detail))
}

/// What returns to a pool was granted under a plan and then cancelled or repurchased; it returns once.
pub(in super::super) fn can_return(
    security: &LocalId,
    plan: Option<&LocalId>,
    ended: Option<&Ending>,
    quantity: Quantity,
) -> Result<(), Rejection> {
    let due = ended.filter(|ending| {
        let taken = matches!(ending.event, Event::Cancellation | Event::Repurchase);
        plan.is_some() && taken && ending.returned.is_none()
    });
    let due = due.map(|ending| ending.quantity).unwrap_or_default();
    if quantity.get() <= due {
        return Ok(());
    }
    let detail = format!("{due} of {security} can return, and {quantity} are named");
    Err(codes::NOTHING_TO_RETURN.because(detail))
}
