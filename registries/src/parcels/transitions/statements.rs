//! What a carrier states about a parcel without touching it.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use super::has_signed;
use crate::parcels::actions::StateEvent;
use crate::parcels::parcel::{Event, EventKind};
use crate::parcels::rules::{
    carrier_is_accredited, device_time_is_not_ahead, first_touch, is_of_carrier, known_parcel,
    not_stated_before,
};
use crate::parcels::stated::EventStatement;

/// A statement is taken in every state, as a correction is: events are captured elsewhere, and may
/// come late. It changes neither custody nor state nor condition, whatever it says.
pub(super) fn state_event(draft: &mut Draft<'_>, action: &StateEvent) -> Result<(), Rejection> {
    let mut parcel = known_parcel(draft, &action.parcel)?;
    has_signed(draft, &action.by)?;
    is_of_carrier(&parcel, &action.by)?;
    carrier_is_accredited(draft, &action.by)?;
    first_touch(draft, &parcel.last)?;
    device_time_is_not_ahead(draft, action.event.event_time)?;
    not_stated_before(draft, &action.parcel, &action.event.document)?;

    draft.put(&EventStatement {
        parcel: action.parcel.clone(),
        by: action.by,
        stated: draft.time(),
        event: action.event.clone(),
    });
    parcel.happened(Event {
        stated: Some(action.event.clone()),
        ..Event::now(draft, EventKind::Stated, action.by)
    });
    draft.put(&parcel);
    Ok(())
}
