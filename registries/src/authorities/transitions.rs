//! How the authorities register changes.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use super::accreditation::{Accreditation, End, Role, Suspension};
use super::actions::{
    Accredit, AccreditationChange, Action, DirectObject, FreezeObject, ReleaseOrder,
};
use super::orders::{FreezeIndex, FreezeMark, Order, OrderKind, Released, Target};
use super::queries::{accredited_for_any, institution, known_order, order_in_force};
use super::rules::{
    attests_fit_the_role, from_is_not_past, grantor_has_signed, grantor_or_root_has_signed,
    id_is_free, index_has_room, institution_has_room, known_accreditation, may_release,
    not_suspended_from, still_runs_at, suspension_at, target_exists,
};
use crate::codes::period_is_not_empty;
use crate::identity::{Purpose, active_party};
use crate::signers;
use crate::text::LocalId;

pub(super) fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    match action {
        Action::Accredit(action) => accredit(draft, action),
        Action::Suspend(action) => suspend(draft, action),
        Action::Reinstate(action) => reinstate(draft, action),
        Action::End(action) => end(draft, action),
        Action::Freeze(action) => freeze(draft, action),
        Action::Direct(action) => direct(draft, action),
        Action::Release(action) => release(draft, action),
    }
}

fn accredit(draft: &mut Draft<'_>, grant: &Accredit) -> Result<(), Rejection> {
    let now = draft.time();
    let valid_from = grant.valid_from.unwrap_or(now).max(now);
    id_is_free::<Accreditation>(draft, &grant.accreditation)?;
    let under = grantor_has_signed(draft, grant)?;
    active_party(draft, &grant.institution)?;
    attests_fit_the_role(grant)?;
    period_is_not_empty(valid_from, grant.valid_until)?;
    let mut institution = institution(draft, &grant.institution);
    institution_has_room(&institution)?;

    institution.accreditations.push(grant.accreditation.clone());
    draft.put(&institution);
    draft.put(&Accreditation {
        accreditation: grant.accreditation.clone(),
        institution: grant.institution,
        role: grant.role,
        registers: grant.registers.clone(),
        scope: grant.scope.clone(),
        attests: grant.attests.clone(),
        granted_by: grant.by,
        under,
        granted: now,
        valid_from,
        valid_until: grant.valid_until,
        suspensions: Vec::new(),
        ended: None,
        parameters: grant.parameters.clone(),
    });
    Ok(())
}

fn suspend(draft: &mut Draft<'_>, change: &AccreditationChange) -> Result<(), Rejection> {
    let mut accreditation = known_accreditation(draft, &change.accreditation)?;
    grantor_or_root_has_signed(draft, &accreditation, &change.by)?;
    let from = from_is_not_past(draft, change)?;
    still_runs_at(&accreditation, from)?;
    not_suspended_from(&accreditation, from)?;

    let reason = change.reason.clone();
    accreditation.suspensions.push(Suspension { from, until: None, reason, reinstated: None });
    draft.put(&accreditation);
    Ok(())
}

fn reinstate(draft: &mut Draft<'_>, change: &AccreditationChange) -> Result<(), Rejection> {
    let mut accreditation = known_accreditation(draft, &change.accreditation)?;
    grantor_or_root_has_signed(draft, &accreditation, &change.by)?;
    let from = from_is_not_past(draft, change)?;
    still_runs_at(&accreditation, from)?;
    let suspension = suspension_at(&mut accreditation, from)?;

    suspension.until = Some(from);
    suspension.reinstated = Some(change.reason.clone());
    draft.put(&accreditation);
    Ok(())
}

fn end(draft: &mut Draft<'_>, change: &AccreditationChange) -> Result<(), Rejection> {
    let mut accreditation = known_accreditation(draft, &change.accreditation)?;
    grantor_or_root_has_signed(draft, &accreditation, &change.by)?;
    let from = from_is_not_past(draft, change)?;
    still_runs_at(&accreditation, from)?;

    accreditation.ended = Some(End { from, reason: change.reason.clone() });
    draft.put(&accreditation);
    Ok(())
}

fn freeze(draft: &mut Draft<'_>, order: &FreezeObject) -> Result<(), Rejection> {
    let under = may_order(draft, &order.order, &order.by, &order.target)?;
    period_is_not_empty(draft.time(), Some(order.until))?;
    let mut index = freeze_index(draft, &order.target);
    index_has_room(&index)?;

    index.freezes.push(FreezeMark { order: order.order.clone(), until: order.until });
    draft.put(&index);
    draft.put(&Order {
        order: order.order.clone(),
        kind: OrderKind::Freeze,
        by: order.by,
        under,
        target: order.target.clone(),
        instruction: None,
        scope: order.scope.clone(),
        reference: order.reference.clone(),
        made: draft.time(),
        until: order.until,
        released: None,
    });
    Ok(())
}

fn direct(draft: &mut Draft<'_>, order: &DirectObject) -> Result<(), Rejection> {
    let under = may_order(draft, &order.order, &order.by, &order.target)?;
    period_is_not_empty(draft.time(), Some(order.until))?;

    draft.put(&Order {
        order: order.order.clone(),
        kind: OrderKind::Direction,
        by: order.by,
        under,
        target: order.target.clone(),
        instruction: Some(order.instruction.clone()),
        scope: order.scope.clone(),
        reference: order.reference.clone(),
        made: draft.time(),
        until: order.until,
        released: None,
    });
    Ok(())
}

fn release(draft: &mut Draft<'_>, release: &ReleaseOrder) -> Result<(), Rejection> {
    let mut order = known_order(draft, &release.order)?;
    may_release(draft, &order, &release.by)?;
    order_in_force(draft, &order)?;

    if order.kind == OrderKind::Freeze {
        let mut index = freeze_index(draft, &order.target);
        index.freezes.retain(|freeze| freeze.order != order.order);
        draft.put(&index);
    }
    let (by, reference) = (release.by, release.reference.clone());
    order.released = Some(Released { at: draft.time(), by, reference });
    draft.put(&order);
    Ok(())
}

/// A court or regulator accredited for the target's register has signed an order of a new id
/// about something that exists. Gives the accreditation.
fn may_order(
    draft: &Draft<'_>,
    id: &LocalId,
    by: &PartyId,
    target: &Target,
) -> Result<LocalId, Rejection> {
    id_is_free::<Order>(draft, id)?;
    let register = target.register;
    let accreditation = accredited_for_any(draft, by, Role::MAY_ORDER, register, draft.time())?;
    signers::signed_by(draft, by, Purpose::Assertion, register)?;
    target_exists(draft, target)?;
    Ok(accreditation.accreditation)
}

/// The freezes of a target that still run.
fn freeze_index(draft: &Draft<'_>, target: &Target) -> FreezeIndex {
    let mut index = draft
        .get::<FreezeIndex>(&target.state_key().to_string())
        .unwrap_or_else(|| FreezeIndex { target: target.clone(), freezes: Vec::new() });
    index.freezes.retain(|freeze| draft.time() < freeze.until);
    index
}
