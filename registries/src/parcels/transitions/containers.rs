//! Packing and unpacking: what is in a container knows it, and the container knows what is in it.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::party::PartyId;

use super::has_signed;
use crate::RegisterName;
use crate::authorities::not_frozen;
use crate::parcels::actions::{Pack, Unpack};
use crate::parcels::container::{Container, ContainerNumber, manifest};
use crate::parcels::number::ParcelNumber;
use crate::parcels::parcel::{Condition, Event, EventKind, Parcel};
use crate::parcels::path::State;
use crate::parcels::rules::{
    device_time_is_not_ahead, first_touch, happened_since_registration, has_custody,
    has_custody_of_container, is_of_carrier, known_container, known_parcel, may_move, not_empty,
    not_packed, number_is_free, number_is_of_carrier, state_is_one_of, still_open,
};

/// The states in which parcels travel together. At its end, each is handed over by itself.
const TRAVELLING: &[State] = &[
    State::Registered,
    State::Collected,
    State::AtOrigin,
    State::InTransit,
    State::AtTerminal,
    State::OutForDelivery,
    State::AttemptFailed,
    State::Refused,
];

pub(super) fn pack(draft: &mut Draft<'_>, action: &Pack) -> Result<(), Rejection> {
    number_is_free(draft, action.container.as_parcel_number())?;
    has_signed(draft, &action.by)?;
    device_time_is_not_ahead(draft, action.device_time)?;
    let parcels = known_parcels(draft, &action.parcels)?;
    let Some(carrier) = parcels.first().map(|parcel| parcel.carrier) else { return Ok(()) };
    number_is_of_carrier(action.container.as_parcel_number(), &carrier)?;
    for parcel in &parcels {
        may_be_packed(draft, parcel, action, &carrier)?;
    }

    let event = packing(draft, action);
    draft.put(&Container {
        number: action.container.clone(),
        carrier,
        custodian: action.by,
        members: action.parcels.to_vec(),
        record: manifest_of(&parcels),
        condition: Condition::Sound,
        last: event.clone(),
    });
    for mut parcel in parcels {
        parcel.container = Some(action.container.clone());
        parcel.happened(event.clone());
        draft.put(&parcel);
    }
    Ok(())
}

fn may_be_packed(
    draft: &Draft<'_>,
    parcel: &Parcel,
    action: &Pack,
    carrier: &PartyId,
) -> Result<(), Rejection> {
    still_open(parcel)?;
    first_touch(draft, &parcel.last)?;
    has_custody(parcel, &action.by)?;
    state_is_one_of(parcel, TRAVELLING)?;
    not_packed(parcel)?;
    is_of_carrier(parcel, carrier)?;
    may_move(draft, parcel)?;
    happened_since_registration(parcel, action.device_time)
}

fn packing(draft: &Draft<'_>, action: &Pack) -> Event {
    Event {
        place: Some(action.place.clone()),
        device_time: Some(action.device_time),
        ..Event::now(draft, EventKind::Packed, action.by)
    }
}

/// Unpacking changes no custody, so a held parcel does not keep the others in the bag.
pub(super) fn unpack(draft: &mut Draft<'_>, action: &Unpack) -> Result<(), Rejection> {
    let mut container = known_container(draft, &action.container)?;
    has_signed(draft, &action.by)?;
    not_empty(&container)?;
    first_touch(draft, &container.last)?;
    has_custody_of_container(&container, &action.by)?;
    not_frozen(draft, RegisterName::Parcels, Container::KIND, &container.id())?;
    device_time_is_not_ahead(draft, action.device_time)?;
    let parcels = known_parcels(draft, &container.members)?;
    for parcel in &parcels {
        first_touch(draft, &parcel.last)?;
        happened_since_registration(parcel, action.device_time)?;
    }

    let event = Event {
        place: Some(action.place.clone()),
        device_time: Some(action.device_time),
        ..Event::now(draft, EventKind::Unpacked, action.by)
    };
    for mut parcel in parcels {
        parcel.container = None;
        parcel.happened(event.clone());
        draft.put(&parcel);
    }
    container.members.clear();
    container.record = manifest_of(&[]);
    container.last = event;
    draft.put(&container);
    Ok(())
}

/// Takes one parcel off a container's list.
pub(super) fn take_out(
    draft: &mut Draft<'_>,
    number: &ContainerNumber,
    parcel: &Parcel,
    by: PartyId,
) -> Result<(), Rejection> {
    let mut container = known_container(draft, number)?;
    first_touch(draft, &container.last)?;
    container.members.retain(|member| *member != parcel.number);
    container.record = manifest_of(&known_parcels(draft, &container.members)?);
    container.last = Event::now(draft, EventKind::Unpacked, by);
    draft.put(&container);
    Ok(())
}

fn known_parcels(draft: &Draft<'_>, numbers: &[ParcelNumber]) -> Result<Vec<Parcel>, Rejection> {
    numbers.iter().map(|number| known_parcel(draft, number)).collect()
}

fn manifest_of(parcels: &[Parcel]) -> chancery_ledger::hash::Hash {
    manifest(parcels.iter().map(|parcel| (&parcel.number, &parcel.record)))
}
