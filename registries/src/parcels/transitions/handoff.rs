//! Changes of custody: handoffs that both sides sign, and takeovers from a closed station.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};

use super::has_signed;
use crate::RegisterName;
use crate::authorities::not_frozen;
use crate::parcels::actions::{
    Handed, HandedContainer, HandedParcel, Handoff, TakeOver, TakenOver,
};
use crate::parcels::container::Container;
use crate::parcels::parcel::{Condition, Event, EventKind, Parcel};
use crate::parcels::path::{Direction, State, Step};
use crate::parcels::rules::{
    condition_is_explained, device_time_is_not_ahead, first_touch, happened_since_registration,
    has_custody, has_custody_of_container, is_of_carrier, known_container, known_parcel, may_move,
    not_empty, not_packed, order_directs, receiver_fits, record_is, sides_differ, state_is_one_of,
    station_is_closed, step_is_for_containers, step_is_next, still_open,
};
use crate::text::Statement;

pub(super) fn handoff(draft: &mut Draft<'_>, action: &Handoff) -> Result<(), Rejection> {
    sides_differ(&action.from, &action.to)?;
    has_signed(draft, &action.from)?;
    has_signed(draft, &action.to)?;
    device_time_is_not_ahead(draft, action.device_time)?;
    match &action.of {
        Handed::Parcel(line) => hand_over_parcel(draft, action, line),
        Handed::Parcels(lines) => {
            lines.iter().try_for_each(|line| hand_over_parcel(draft, action, line))
        }
        Handed::Container(line) => hand_over_container(draft, action, line),
    }
}

fn hand_over_parcel(
    draft: &mut Draft<'_>,
    action: &Handoff,
    line: &HandedParcel,
) -> Result<(), Rejection> {
    let parcel = known_parcel(draft, &line.number)?;
    not_packed(&parcel)?;
    record_is(&line.record, &parcel.record)?;
    move_on(draft, action, parcel, line.condition, line.reservation.as_ref())
}

fn hand_over_container(
    draft: &mut Draft<'_>,
    action: &Handoff,
    line: &HandedContainer,
) -> Result<(), Rejection> {
    let mut container = known_container(draft, &line.number)?;
    step_is_for_containers(action.step)?;
    not_empty(&container)?;
    first_touch(draft, &container.last)?;
    has_custody_of_container(&container, &action.from)?;
    not_frozen(draft, RegisterName::Parcels, Container::KIND, &container.id())?;
    record_is(&line.record, &container.record)?;
    condition_is_explained(container.condition, line.condition, line.reservation.as_ref())?;

    for number in &container.members {
        // What is inside was not looked at: it keeps its condition, under the same reservation.
        let parcel = known_parcel(draft, number)?;
        let condition = parcel.condition;
        move_on(draft, action, parcel, condition, line.reservation.as_ref())?;
    }
    container.custodian = action.to;
    container.condition = line.condition;
    container.last = handed_over(draft, action, line.reservation.as_ref());
    draft.put(&container);
    Ok(())
}

/// Every rule of the path, and then the parcel is the receiver's.
fn move_on(
    draft: &mut Draft<'_>,
    action: &Handoff,
    mut parcel: Parcel,
    condition: Condition,
    reservation: Option<&Statement>,
) -> Result<(), Rejection> {
    still_open(&parcel)?;
    first_touch(draft, &parcel.last)?;
    has_custody(&parcel, &action.from)?;
    may_move(draft, &parcel)?;
    let leg = step_is_next(&parcel, action.step)?;
    receiver_fits(draft, &parcel, leg, &action.to)?;
    condition_is_explained(parcel.condition, condition, reservation)?;
    happened_since_registration(&parcel, action.device_time)?;

    parcel.looks(condition, reservation, action.to, draft.time());
    parcel.reservations = parcel.reservations.saturating_add(reservation.is_some().into());
    parcel.pass_to(action.to, draft.time());
    parcel.state = leg.step.to();
    match (leg.direction, leg.step) {
        (Direction::Forward, Step::AtOrigin) => parcel.origin = Some(action.to),
        (Direction::Forward, Step::AtTerminal) => parcel.terminal = Some(action.to),
        _ => {}
    }
    parcel.happened(handed_over(draft, action, reservation));
    draft.put(&parcel);
    Ok(())
}

fn handed_over(draft: &Draft<'_>, action: &Handoff, reservation: Option<&Statement>) -> Event {
    Event {
        step: Some(action.step),
        from: Some(action.from),
        both_signed: true,
        place: Some(action.place.clone()),
        device_time: Some(action.device_time),
        statement: reservation.cloned(),
        ..Event::now(draft, EventKind::Handoff, action.to)
    }
}

pub(super) fn take_over(draft: &mut Draft<'_>, action: &TakeOver) -> Result<(), Rejection> {
    sides_differ(&action.station, &action.carrier)?;
    has_signed(draft, &action.carrier)?;
    if action.order.is_none() {
        station_is_closed(draft, &action.station, &action.carrier)?;
    }
    match &action.of {
        TakenOver::Parcels(numbers) => numbers.iter().try_for_each(|number| {
            let parcel = known_parcel(draft, number)?;
            not_packed(&parcel)?;
            is_ordered(draft, action, (Parcel::KIND, &parcel.id()))?;
            take(draft, action, parcel)
        }),
        TakenOver::Container(number) => {
            let container = known_container(draft, number)?;
            is_ordered(draft, action, (Container::KIND, &container.id()))?;
            take_container(draft, action, container)
        }
    }
}

/// Where an order is cited, it has to be about this.
fn is_ordered(draft: &Draft<'_>, action: &TakeOver, object: (&str, &str)) -> Result<(), Rejection> {
    match &action.order {
        None => Ok(()),
        Some(order) => order_directs(draft, order, object, &action.station),
    }
}

fn take_container(
    draft: &mut Draft<'_>,
    action: &TakeOver,
    mut container: Container,
) -> Result<(), Rejection> {
    not_empty(&container)?;
    first_touch(draft, &container.last)?;
    has_custody_of_container(&container, &action.station)?;
    not_frozen(draft, RegisterName::Parcels, Container::KIND, &container.id())?;
    for number in &container.members {
        let parcel = known_parcel(draft, number)?;
        take(draft, action, parcel)?;
    }
    container.custodian = action.carrier;
    container.last = taken_over(draft, action);
    draft.put(&container);
    Ok(())
}

/// The states in which a station can have a parcel.
const AT_A_STATION: &[State] = &[State::AtOrigin, State::InTransit, State::AtTerminal];

fn take(draft: &mut Draft<'_>, action: &TakeOver, mut parcel: Parcel) -> Result<(), Rejection> {
    still_open(&parcel)?;
    first_touch(draft, &parcel.last)?;
    is_of_carrier(&parcel, &action.carrier)?;
    has_custody(&parcel, &action.station)?;
    state_is_one_of(&parcel, AT_A_STATION)?;
    may_move(draft, &parcel)?;

    parcel.pass_to(action.carrier, draft.time());
    parcel.happened(taken_over(draft, action));
    draft.put(&parcel);
    Ok(())
}

fn taken_over(draft: &Draft<'_>, action: &TakeOver) -> Event {
    Event {
        from: Some(action.station),
        statement: Some(action.reason.clone()),
        ..Event::now(draft, EventKind::TakenOver, action.carrier)
    }
}
