//! Stock plans: pools that grants are made from, and what returns to them.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use super::super::actions::{AdjustPlanPool, CreatePlan, ReturnToPool};
use super::super::codes;
use super::super::instrument::Instrument;
use super::super::issuer::scoped;
use super::super::numbers::{Decimal, Quantity};
use super::super::plan::{PoolAdjustment, StockPlan};
use super::super::rules::{
    can_return, id_is_free, is_of_plan, issuer_has_signed, issuer_not_frozen, known_class,
    known_issuer, known_plan, room_for_plan, room_for_pool_adjustment, within_pool,
};
use super::super::security::{Ending, Returned, Security};
use crate::text::LocalId;

pub(super) fn create_plan(draft: &mut Draft<'_>, action: &CreatePlan) -> Result<(), Rejection> {
    let mut issuer = known_issuer(draft, &action.issuer)?;
    issuer_has_signed(draft, &action.issuer)?;
    issuer_not_frozen(draft, &action.issuer)?;
    id_is_free::<StockPlan>(draft, &scoped(&action.issuer, &action.plan))?;
    room_for_plan(&issuer)?;
    for class in action.classes.iter() {
        known_class(draft, &action.issuer, class)?;
    }

    issuer.plans.push(action.plan.clone());
    draft.put(&issuer);
    draft.put(&StockPlan {
        issuer: action.issuer,
        plan: action.plan.clone(),
        name: action.name.clone(),
        classes: action.classes.to_vec(),
        initially_reserved: action.reserved,
        reserved: action.reserved,
        adjustments: Vec::new(),
        granted: Decimal::ZERO,
        returned: Decimal::ZERO,
        on_cancellation: action.on_cancellation,
        created: draft.time(),
        record: action.record,
    });
    Ok(())
}

pub(super) fn adjust_plan_pool(
    draft: &mut Draft<'_>,
    action: &AdjustPlanPool,
) -> Result<(), Rejection> {
    let mut plan = known_plan(draft, &action.issuer, &action.plan)?;
    issuer_has_signed(draft, &action.issuer)?;
    issuer_not_frozen(draft, &action.issuer)?;
    room_for_pool_adjustment(&plan)?;

    plan.reserved = action.reserved;
    within_pool(&plan)?;
    plan.adjustments.push(PoolAdjustment {
        reserved: action.reserved,
        at: draft.time(),
        date: action.date,
    });
    draft.put(&plan);
    Ok(())
}

pub(super) fn return_to_pool(
    draft: &mut Draft<'_>,
    action: &ReturnToPool,
) -> Result<(), Rejection> {
    let mut plan = known_plan(draft, &action.issuer, &action.plan)?;
    issuer_has_signed(draft, &action.issuer)?;
    issuer_not_frozen(draft, &action.issuer)?;

    let id = scoped(&action.issuer, &action.security);
    if let Some(mut instrument) = draft.get::<Instrument>(&id) {
        return_ended(draft, action, instrument.plan.as_ref(), &mut instrument.ended)?;
        draft.put(&instrument);
    } else if let Some(mut security) = draft.get::<Security>(&id) {
        return_ended(draft, action, security.plan.as_ref(), &mut security.ended)?;
        draft.put(&security);
    } else {
        let detail = format!("{} has neither shares nor an instrument {}", plan.issuer, id);
        return Err(codes::SECURITY_UNKNOWN.because(detail));
    }
    plan.returned = plan.returned.plus(action.quantity.get()).ok_or_else(|| {
        codes::NUMBER_TOO_LARGE.because(format!("{} and {} more", plan.returned, action.quantity))
    })?;
    draft.put(&plan);
    Ok(())
}

fn return_ended(
    draft: &Draft<'_>,
    action: &ReturnToPool,
    granted_under: Option<&LocalId>,
    ended: &mut Option<Ending>,
) -> Result<(), Rejection> {
    can_return(&action.security, granted_under, ended.as_ref(), action.quantity)?;
    if let Some(ending) = ended {
        ending.returned = Some(Returned {
            plan: action.plan.clone(),
            quantity: action.quantity,
            at: draft.time(),
            date: action.date,
        });
    }
    Ok(())
}

/// Grants from the pool of a plan.
pub(super) fn grant(
    draft: &mut Draft<'_>,
    issuer: &PartyId,
    plan: &LocalId,
    class: Option<&LocalId>,
    quantity: Quantity,
) -> Result<(), Rejection> {
    let mut plan = known_plan(draft, issuer, plan)?;
    if let Some(class) = class {
        is_of_plan(&plan, class)?;
    }
    let granted = plan.granted.plus(quantity.get());
    plan.granted = granted.ok_or_else(|| {
        codes::NUMBER_TOO_LARGE.because(format!("{} and {quantity} more", plan.granted))
    })?;
    within_pool(&plan)?;
    draft.put(&plan);
    Ok(())
}

/// A grant is taken back as if it had not been.
pub(super) fn take_back(
    draft: &mut Draft<'_>,
    issuer: &PartyId,
    plan: &LocalId,
    quantity: Quantity,
) -> Result<(), Rejection> {
    let mut plan = known_plan(draft, issuer, plan)?;
    // What is taken off was put on when it was granted.
    plan.granted = plan.granted.minus(quantity.get()).unwrap_or_default();
    draft.put(&plan);
    Ok(())
}
