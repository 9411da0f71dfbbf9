//! What goes wrong on the way: damage, failed attempts, refusal, and the turn back to the sender.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;

use super::has_signed;
use crate::parcels::actions::{AttemptFailed, Refuse, ReportDamage, Return};
use crate::parcels::number::ParcelNumber;
use crate::parcels::parcel::{Condition, Damage, Event, EventKind, Parcel};
use crate::parcels::path::{Direction, State};
use crate::parcels::rules::{
    can_turn, device_time_is_not_ahead, first_touch, happened_since_registration, has_custody,
    is_custodian_or_carrier, known_parcel, may_move, state_is_one_of, still_open,
};

/// Every state in which somebody has the parcel in hand.
const IN_HAND: &[State] = &[
    State::Registered,
    State::Collected,
    State::AtOrigin,
    State::InTransit,
    State::AtTerminal,
    State::OutForDelivery,
    State::AttemptFailed,
    State::Refused,
];

pub(super) fn report_damage(draft: &mut Draft<'_>, action: &ReportDamage) -> Result<(), Rejection> {
    let mut parcel = custodians_parcel(draft, &action.parcel, &action.by, action.device_time)?;
    state_is_one_of(&parcel, IN_HAND)?;

    let (statement, by, at) = (action.statement.clone(), action.by, draft.time());
    parcel.condition = Condition::Damaged;
    parcel.damage = Some(Damage { statement, by, at });
    parcel.happened(Event {
        place: Some(action.place.clone()),
        device_time: Some(action.device_time),
        statement: Some(action.statement.clone()),
        ..Event::now(draft, EventKind::DamageReported, action.by)
    });
    draft.put(&parcel);
    Ok(())
}

pub(super) fn attempt_failed(
    draft: &mut Draft<'_>,
    action: &AttemptFailed,
) -> Result<(), Rejection> {
    let mut parcel = custodians_parcel(draft, &action.parcel, &action.by, action.device_time)?;
    state_is_one_of(&parcel, &[State::OutForDelivery, State::AttemptFailed])?;

    parcel.state = State::AttemptFailed;
    parcel.attempts = parcel.attempts.saturating_add(1);
    parcel.happened(Event {
        place: Some(action.place.clone()),
        device_time: Some(action.device_time),
        statement: Some(action.reason.clone()),
        ..Event::now(draft, EventKind::AttemptFailed, action.by)
    });
    draft.put(&parcel);
    Ok(())
}

pub(super) fn refuse(draft: &mut Draft<'_>, action: &Refuse) -> Result<(), Rejection> {
    let mut parcel = custodians_parcel(draft, &action.parcel, &action.by, action.device_time)?;
    if action.recipient_signs {
        has_signed(draft, &parcel.recipient)?;
    }
    goes_to_the_recipient(&parcel)?;

    parcel.state = State::Refused;
    parcel.happened(Event {
        place: Some(action.place.clone()),
        device_time: Some(action.device_time),
        statement: Some(action.reason.clone()),
        ..Event::now(draft, EventKind::Refused, action.by)
    });
    draft.put(&parcel);
    Ok(())
}

/// Only what is out for delivery to the recipient can be refused: a sender takes back what returns.
fn goes_to_the_recipient(parcel: &Parcel) -> Result<(), Rejection> {
    match parcel.direction {
        Direction::Forward => {
            state_is_one_of(parcel, &[State::OutForDelivery, State::AttemptFailed])
        }
        Direction::Return => state_is_one_of(parcel, &[]),
    }
}

pub(super) fn turn_back(draft: &mut Draft<'_>, action: &Return) -> Result<(), Rejection> {
    let mut parcel = known_parcel(draft, &action.parcel)?;
    has_signed(draft, &action.by)?;
    still_open(&parcel)?;
    first_touch(draft, &parcel.last)?;
    is_custodian_or_carrier(&parcel, &action.by)?;
    can_turn(&parcel)?;
    may_move(draft, &parcel)?;

    parcel.direction = Direction::Return;
    parcel.happened(Event {
        statement: Some(action.reason.clone()),
        ..Event::now(draft, EventKind::Turned, action.by)
    });
    draft.put(&parcel);
    Ok(())
}

/// An open parcel, about which its custodian states something that a device has seen.
fn custodians_parcel(
    draft: &Draft<'_>,
    number: &ParcelNumber,
    by: &PartyId,
    device_time: Time,
) -> Result<Parcel, Rejection> {
    let parcel = known_parcel(draft, number)?;
    has_signed(draft, by)?;
    still_open(&parcel)?;
    first_touch(draft, &parcel.last)?;
    has_custody(&parcel, by)?;
    device_time_is_not_ahead(draft, device_time)?;
    happened_since_registration(&parcel, device_time)?;
    Ok(parcel)
}
