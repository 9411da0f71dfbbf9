//! Vesting: terms, how a grant vests, and what was met or came sooner.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use super::super::actions::{
    AccelerateVesting, CreateVestingTerms, MeetVestingCondition, SetVesting,
};
use super::super::codes;
use super::super::instrument::Instrument;
use super::super::issuer::scoped;
use super::super::numbers::{Decimal, MAX_DECIMALS, Ratio};
use super::super::queries::Vested;
use super::super::rules::{
    can_follow, class_not_frozen, counts_shares, dates_within, has_signed, id_is_free,
    instrument_not_frozen, is_a_stated_condition, issuer_has_signed, issuer_not_frozen,
    known_class, known_issuer, known_terms, live, no_split_open, no_split_pending, not_vested_yet,
    room_for_acceleration, room_for_terms, security_not_frozen, vesting_is_set, vesting_not_set,
};
use super::super::security::Security;
use super::super::vesting::{Acceleration, ConditionMet, Vesting, VestingBasis, VestingTerms};
use super::plans::{grant, take_back};
use crate::text::LocalId;

pub(super) fn create_terms(
    draft: &mut Draft<'_>,
    action: &CreateVestingTerms,
) -> Result<(), Rejection> {
    let mut issuer = known_issuer(draft, &action.issuer)?;
    issuer_has_signed(draft, &action.issuer)?;
    issuer_not_frozen(draft, &action.issuer)?;
    id_is_free::<VestingTerms>(draft, &scoped(&action.issuer, &action.terms))?;
    room_for_terms(&issuer)?;

    issuer.vesting_terms.push(action.terms.clone());
    draft.put(&issuer);
    draft.put(&VestingTerms {
        issuer: action.issuer,
        terms: action.terms.clone(),
        name: action.name.clone(),
        allocation: action.allocation,
        conditions: action.conditions.clone(),
        created: draft.time(),
        record: action.record,
    });
    Ok(())
}

pub(super) fn set(draft: &mut Draft<'_>, action: &SetVesting) -> Result<(), Rejection> {
    let quantity = match of_instrument(draft, &action.issuer, &action.security)? {
        Some(instrument) => {
            has_signed(draft, &instrument.holder)?;
            no_split_pending(draft, &instrument)?;
            counts_shares(&instrument)?
        }
        None => {
            let security = movable(draft, &action.issuer, &action.security)?;
            has_signed(draft, &security.holder)?;
            security.quantity
        }
    };
    issuer_has_signed(draft, &action.issuer)?;
    vesting_not_set(draft, &action.issuer, &action.security)?;
    dates_within(&action.by, &action.security, quantity)?;
    if let VestingBasis::Terms(terms) = &action.by {
        known_terms(draft, &action.issuer, terms)?;
    }

    draft.put(&Vesting {
        issuer: action.issuer,
        security: action.security.clone(),
        quantity,
        scale: Ratio::ONE,
        by: action.by.clone(),
        met: Vec::new(),
        accelerations: Vec::new(),
        set: draft.time(),
        record: action.record,
    });
    Ok(())
}

pub(super) fn meet_condition(
    draft: &mut Draft<'_>,
    action: &MeetVestingCondition,
) -> Result<(), Rejection> {
    still_vests(draft, &action.issuer, &action.security)?;
    issuer_has_signed(draft, &action.issuer)?;
    let mut vesting = vesting_is_set(draft, &action.issuer, &action.security)?;
    let terms = is_a_stated_condition(draft, &vesting, &action.condition)?;
    can_follow(&terms, &vesting, &action.condition, action.date)?;

    vesting.met.push(ConditionMet {
        condition: action.condition.clone(),
        date: action.date,
        at: draft.time(),
        transition: draft.context().id,
        record: action.record,
    });
    draft.put(&vesting);
    Ok(())
}

pub(super) fn accelerate(
    draft: &mut Draft<'_>,
    action: &AccelerateVesting,
) -> Result<(), Rejection> {
    still_vests(draft, &action.issuer, &action.security)?;
    issuer_has_signed(draft, &action.issuer)?;
    let mut vesting = vesting_is_set(draft, &action.issuer, &action.security)?;
    room_for_acceleration(&vesting)?;
    let vested = Vested::on(draft, &scoped(&action.issuer, &action.security), action.date);
    let unvested = vested.and_then(|vested| vested.unvested);
    not_vested_yet(&action.security, unvested, action.quantity)?;

    vesting.accelerations.push(Acceleration {
        quantity: action.quantity,
        date: action.date,
        at: draft.time(),
        transition: draft.context().id,
        record: action.record,
    });
    draft.put(&vesting);
    Ok(())
}

/// The instrument of this id, where it is one: live and not frozen.
fn of_instrument(
    draft: &Draft<'_>,
    issuer: &PartyId,
    security: &LocalId,
) -> Result<Option<Instrument>, Rejection> {
    if !draft.exists::<Instrument>(&scoped(issuer, security)) {
        return Ok(None);
    }
    let instrument: Instrument = live(draft, issuer, security)?;
    instrument_not_frozen(draft, &instrument)?;
    Ok(Some(instrument))
}

/// The shares of this id: live and not frozen, and no split of their class under way.
fn movable(draft: &Draft<'_>, issuer: &PartyId, security: &LocalId) -> Result<Security, Rejection> {
    let security: Security = live(draft, issuer, security)?;
    let class = known_class(draft, issuer, &security.class)?;
    no_split_open(&class)?;
    class_not_frozen(draft, &class)?;
    security_not_frozen(draft, &security)?;
    Ok(security)
}

/// What a grant is for is there still, and counts in the shares of now.
fn still_vests(draft: &Draft<'_>, issuer: &PartyId, security: &LocalId) -> Result<(), Rejection> {
    match of_instrument(draft, issuer, security)? {
        Some(instrument) => no_split_pending(draft, &instrument),
        None => movable(draft, issuer, security).map(|_| ()),
    }
}

/// A grant vests on by the same schedule when a split makes others of its shares, under the same id or under
/// that of the one successor.
pub(super) fn carry_on(
    draft: &mut Draft<'_>,
    issuer: &PartyId,
    security: &LocalId,
    ratio: Ratio,
    into: &LocalId,
) -> Result<(), Rejection> {
    let Some(mut vesting) = draft.get::<Vesting>(&scoped(issuer, security)) else { return Ok(()) };
    vesting.scale = vesting.scale.times(ratio).map_err(|error| {
        codes::NUMBER_TOO_LARGE.because(format!("{} times {ratio}: {error}", vesting.scale))
    })?;
    let rescaled = |mut one: Acceleration| {
        let (quantity, _) = one.quantity.get().times(ratio, MAX_DECIMALS)?;
        // Less than a tenth decimal of a share came sooner: that is nothing.
        one.quantity = quantity.try_into().ok()?;
        Some(one)
    };
    vesting.accelerations = vesting.accelerations.into_iter().filter_map(rescaled).collect();
    vesting.security = into.clone();
    draft.put(&vesting);
    Ok(())
}

/// What is outstanding of a grant changes, and what its plan has granted with it.
pub(super) fn regrant(
    draft: &mut Draft<'_>,
    instrument: &Instrument,
    before: Decimal,
    after: Decimal,
) -> Result<(), Rejection> {
    let Some(plan) = &instrument.plan else { return Ok(()) };
    let difference = |more: Decimal, less: Decimal| more.minus(less)?.try_into().ok();
    if let Some(more) = difference(after, before) {
        return grant(draft, &instrument.issuer, plan, None, more);
    }
    match difference(before, after) {
        Some(fewer) => take_back(draft, &instrument.issuer, plan, fewer),
        None => Ok(()),
    }
}
