//! Holds of customs, courts and regulators: while one is in force, nothing moves.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use crate::RegisterName;
use crate::authorities::{Role, accredited};
use crate::codes::period_is_not_empty;
use crate::identity::Purpose;
use crate::parcels::actions::{HoldParcel, ReleaseHold};
use crate::parcels::parcel::{Event, EventKind, Hold, HoldKind};
use crate::parcels::rules::{first_touch, hold_is_new, known_hold, known_parcel, still_open};
use crate::signers;
use crate::text::{Reference, Statement};

pub(super) fn hold(draft: &mut Draft<'_>, action: &HoldParcel) -> Result<(), Rejection> {
    let now = draft.time();
    let mut parcel = known_parcel(draft, &action.parcel)?;
    accredited(draft, &action.by, role_of(action.kind), RegisterName::Parcels, now)?;
    signers::signed_by(draft, &action.by, Purpose::Assertion, RegisterName::Parcels)?;
    still_open(&parcel)?;
    first_touch(draft, &parcel.last)?;
    period_is_not_empty(now, Some(action.until))?;
    parcel.holds.retain(|hold| now < hold.until);
    hold_is_new(&parcel.holds, &action.by, &action.reference)?;

    parcel.holds.push(Hold {
        by: action.by,
        kind: action.kind,
        reference: action.reference.clone(),
        from: now,
        until: action.until,
    });
    parcel.happened(Event {
        statement: in_words(&action.reference),
        ..Event::now(draft, EventKind::Held, action.by)
    });
    draft.put(&parcel);
    Ok(())
}

fn role_of(kind: HoldKind) -> Role {
    match kind {
        HoldKind::Customs => Role::Customs,
        HoldKind::Court => Role::Court,
        HoldKind::Regulator => Role::Regulator,
    }
}

/// Whoever made a hold may release it, accredited still or not.
pub(super) fn release_hold(draft: &mut Draft<'_>, action: &ReleaseHold) -> Result<(), Rejection> {
    let now = draft.time();
    let mut parcel = known_parcel(draft, &action.parcel)?;
    signers::signed_by(draft, &action.by, Purpose::Assertion, RegisterName::Parcels)?;
    still_open(&parcel)?;
    first_touch(draft, &parcel.last)?;
    parcel.holds.retain(|hold| now < hold.until);
    let index = known_hold(&parcel.holds, &action.by, &action.reference)?;

    parcel.holds.remove(index);
    parcel.happened(Event {
        statement: in_words(&action.reference),
        ..Event::now(draft, EventKind::Released, action.by)
    });
    draft.put(&parcel);
    Ok(())
}

/// A reference is a shorter text of the same kind, so this always gives one.
fn in_words(reference: &Reference) -> Option<Statement> {
    reference.as_str().parse().ok()
}
