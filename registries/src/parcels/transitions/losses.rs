//! Parcels lost and found.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use super::containers::take_out;
use super::has_signed;
use crate::RegisterName;
use crate::authorities::{Role, accredited};
use crate::identity::Purpose;
use crate::parcels::actions::{DeclareLost, Find};
use crate::parcels::codes;
use crate::parcels::parcel::{Event, EventKind, Parcel};
use crate::parcels::path::State;
use crate::parcels::rules::{
    condition_is_explained, device_time_is_not_ahead, first_touch, happened_since_registration,
    is_lost, is_overdue, known_parcel, may_move, serves_carrier, still_open,
};
use crate::signers;

pub(super) fn declare_lost(draft: &mut Draft<'_>, action: &DeclareLost) -> Result<(), Rejection> {
    let mut parcel = known_parcel(draft, &action.parcel)?;
    may_declare_lost(draft, &parcel, action)?;
    still_open(&parcel)?;
    first_touch(draft, &parcel.last)?;
    not_lost(&parcel)?;

    // What is lost is not in its bag: the others go on without it.
    if let Some(container) = parcel.container.take() {
        take_out(draft, &container, &parcel, action.by)?;
    }
    parcel.state = State::Lost;
    parcel.happened(Event {
        statement: Some(action.reason.clone()),
        ..Event::now(draft, EventKind::DeclaredLost, action.by)
    });
    draft.put(&parcel);
    Ok(())
}

/// The custodian has signed and the time limit is over, or a regulator has signed.
fn may_declare_lost(
    draft: &Draft<'_>,
    parcel: &Parcel,
    action: &DeclareLost,
) -> Result<(), Rejection> {
    let register = RegisterName::Parcels;
    if parcel.custodian == action.by {
        has_signed(draft, &action.by)?;
        return is_overdue(draft, parcel);
    }
    accredited(draft, &action.by, Role::Regulator, register, draft.time())?;
    signers::signed_by(draft, &action.by, Purpose::Assertion, register)
}

fn not_lost(parcel: &Parcel) -> Result<(), Rejection> {
    if parcel.state == State::Lost {
        return Err(codes::STATE_FORBIDS.because(format!("{} is lost already", parcel.number)));
    }
    Ok(())
}

pub(super) fn find(draft: &mut Draft<'_>, action: &Find) -> Result<(), Rejection> {
    let mut parcel = known_parcel(draft, &action.parcel)?;
    has_signed(draft, &action.finder)?;
    still_open(&parcel)?;
    first_touch(draft, &parcel.last)?;
    is_lost(&parcel)?;
    serves_carrier(draft, &action.finder, &[Role::Courier, Role::Station], &parcel.carrier)?;
    may_move(draft, &parcel)?;
    condition_is_explained(parcel.condition, action.condition, action.statement.as_ref())?;
    device_time_is_not_ahead(draft, action.device_time)?;
    happened_since_registration(&parcel, action.device_time)?;

    parcel.looks(action.condition, action.statement.as_ref(), action.finder, draft.time());
    // Who lost it may find it again: then custody never changed.
    let changes_hands = parcel.custodian != action.finder;
    let from = changes_hands.then(|| parcel.pass_to(action.finder, draft.time()));
    // From here both a courier and a station can hand it on.
    parcel.state = State::InTransit;
    parcel.happened(Event {
        from,
        place: Some(action.place.clone()),
        device_time: Some(action.device_time),
        statement: action.statement.clone(),
        ..Event::now(draft, EventKind::Found, action.finder)
    });
    draft.put(&parcel);
    Ok(())
}
