//! The rules of the parcels register (REGISTRIES, Parcels), each a sentence.

mod parties;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;

pub use parties::{CARRIER_PARAMETER, DEFAULT_LOST_AFTER_MS, LOST_AFTER_PARAMETER};
pub(super) use parties::{
    carrier_is_accredited, entitled_to_correct, is_overdue, order_directs, receiver_fits,
    serves_carrier, station_is_closed,
};

use super::codes;
use super::container::{Container, ContainerNumber};
use super::number::{FormatName, ParcelNumber};
use super::parcel::{Condition, Event, Hold, MAX_HOLDS, Parcel};
use super::path::{CAN_TURN, Direction, Leg, State, Step, leg_for};
use super::stated::{EventStatement, statement_id};
use crate::RegisterName;
use crate::authorities::not_frozen;
use crate::text::{Reference, Statement};

/// How far a device's clock may be off.
pub const CLOCK_TOLERANCE_MS: u64 = 10 * 60 * 1000;

/// The parcel exists.
pub(super) fn known_parcel(draft: &Draft<'_>, number: &ParcelNumber) -> Result<Parcel, Rejection> {
    draft
        .get(&number.to_string())
        .ok_or_else(|| codes::PARCEL_UNKNOWN.because(format!("there is no parcel {number}")))
}

/// The container exists.
pub(super) fn known_container(
    draft: &Draft<'_>,
    number: &ContainerNumber,
) -> Result<Container, Rejection> {
    draft
        .get(&number.to_string())
        .ok_or_else(|| codes::CONTAINER_UNKNOWN.because(format!("there is no container {number}")))
}

/// Numbers are never reused, neither for a parcel nor for a container.
pub(super) fn number_is_free(draft: &Draft<'_>, number: &ParcelNumber) -> Result<(), Rejection> {
    let id = number.to_string();
    if draft.exists::<Parcel>(&id) || draft.exists::<Container>(&id) {
        return Err(codes::NUMBER_TAKEN.because(format!("{number} was given before")));
    }
    Ok(())
}

/// An own number is the carrier's own.
pub(super) fn number_is_of_carrier(
    number: &ParcelNumber,
    carrier: &PartyId,
) -> Result<(), Rejection> {
    match number {
        ParcelNumber::Own(own) if own.carrier() != *carrier => {
            let detail = format!("{number} is not a number of {carrier}");
            Err(codes::NUMBER_OF_OTHER_CARRIER.because(detail))
        }
        _ => Ok(()),
    }
}

/// The local part of an own number is valid in the format that is claimed for it.
pub(super) fn number_fits_format(
    number: &ParcelNumber,
    format: Option<FormatName>,
) -> Result<(), Rejection> {
    let Some(format) = format else { return Ok(()) };
    let ParcelNumber::Own(own) = number else {
        let detail = format!("{number} is not an own number, and the format {format} is given");
        return Err(codes::FORMAT_WITHOUT_OWN_NUMBER.because(detail));
    };
    let detail = match format.judge(own.local()) {
        Some(Ok(())) => return Ok(()),
        Some(Err(wrong)) => format!("{} is not valid in {format}: {wrong}", own.local()),
        None => format!("{} has not the shape of {format}", own.local()),
    };
    Err(codes::NUMBER_NOT_IN_FORMAT.because(detail))
}

/// One transition makes one event of an object, so that its history shows every one.
pub(super) fn first_touch(draft: &Draft<'_>, last: &Event) -> Result<(), Rejection> {
    if last.transition == draft.context().id {
        return Err(codes::CHANGED_ALREADY.because("it has an event of this transition already"));
    }
    Ok(())
}

/// Terminal states absorb.
pub(super) fn still_open(parcel: &Parcel) -> Result<(), Rejection> {
    if parcel.state.is_terminal() {
        let detail = format!("{} is {}", parcel.number, parcel.state);
        return Err(codes::CLOSED.because(detail));
    }
    Ok(())
}

/// This happens to a parcel in one of these states only.
pub(super) fn state_is_one_of(parcel: &Parcel, allowed: &[State]) -> Result<(), Rejection> {
    if allowed.contains(&parcel.state) {
        return Ok(());
    }
    let detail = format!("{} is {}", parcel.number, parcel.state);
    Err(codes::STATE_FORBIDS.because(detail))
}

/// A parcel that goes forward can be turned, from where that makes sense.
pub(super) fn can_turn(parcel: &Parcel) -> Result<(), Rejection> {
    if parcel.direction == Direction::Return {
        let detail = format!("{} was turned before", parcel.number);
        return Err(codes::ALREADY_RETURNING.because(detail));
    }
    state_is_one_of(parcel, CAN_TURN)
}

/// The party has the parcel.
pub(super) fn has_custody(parcel: &Parcel, party: &PartyId) -> Result<(), Rejection> {
    if parcel.custodian == *party {
        return Ok(());
    }
    let detail = format!("{} is with {}, not {party}", parcel.number, parcel.custodian);
    Err(codes::NOT_CUSTODIAN.because(detail))
}

/// The party has the container.
pub(super) fn has_custody_of_container(
    container: &Container,
    party: &PartyId,
) -> Result<(), Rejection> {
    if container.custodian == *party {
        return Ok(());
    }
    let detail = format!("{} is with {}, not {party}", container.number, container.custodian);
    Err(codes::NOT_CUSTODIAN.because(detail))
}

/// Two parties take part in a change of custody.
pub(super) fn sides_differ(from: &PartyId, to: &PartyId) -> Result<(), Rejection> {
    if from == to {
        return Err(codes::HANDOFF_TO_SELF.because(format!("{from} is on both sides")));
    }
    Ok(())
}

/// What is in a container moves with it only.
pub(super) fn not_packed(parcel: &Parcel) -> Result<(), Rejection> {
    match &parcel.container {
        None => Ok(()),
        Some(container) => {
            let detail = format!("{} is in {container}", parcel.number);
            Err(codes::IN_CONTAINER.because(detail))
        }
    }
}

/// A container that holds something.
pub(super) fn not_empty(container: &Container) -> Result<(), Rejection> {
    if container.members.is_empty() {
        return Err(codes::CONTAINER_EMPTY.because(format!("{} is empty", container.number)));
    }
    Ok(())
}

/// Each parcel of a container is given to its addressee by itself.
pub(super) fn step_is_for_containers(step: Step) -> Result<(), Rejection> {
    if step.to().is_terminal() {
        return Err(codes::CONTAINER_NOT_DELIVERABLE.because(format!("the step is {step}")));
    }
    Ok(())
}

/// Neither a hold nor a freeze keeps the parcel where it is, at the time of the block.
pub(super) fn may_move(draft: &Draft<'_>, parcel: &Parcel) -> Result<(), Rejection> {
    if let Some(hold) = parcel.hold_at(draft.time()) {
        let Hold { by, reference, until, .. } = hold;
        let detail = format!("{} is held by {by} ({reference}) until {until}", parcel.number);
        return Err(codes::HELD.because(detail));
    }
    not_frozen(draft, RegisterName::Parcels, Parcel::KIND, &parcel.id())
}

/// The path has this step from where the parcel is. Gives the leg.
pub(super) fn step_is_next(parcel: &Parcel, step: Step) -> Result<&'static Leg, Rejection> {
    leg_for(parcel.direction, parcel.state, step).ok_or_else(|| {
        let Parcel { number, state, direction, .. } = parcel;
        let detail = format!("{number} is {state}, going {direction}; it cannot become {step}");
        codes::STEP_OUT_OF_ORDER.because(detail)
    })
}

/// Both sides sign over the record that was registered.
pub(super) fn record_is(stated: &Hash, registered: &Hash) -> Result<(), Rejection> {
    if stated == registered {
        return Ok(());
    }
    let detail = format!("{stated} is stated, and {registered} registered");
    Err(codes::RECORD_DIFFERS.because(detail))
}

/// A condition gets worse only with a statement, and never better.
pub(super) fn condition_is_explained(
    before: Condition,
    now: Condition,
    statement: Option<&Statement>,
) -> Result<(), Rejection> {
    if now < before {
        return Err(codes::CONDITION_IMPROVED.because("it is registered as damaged"));
    }
    if now > before && statement.is_none() {
        return Err(codes::CONDITION_UNEXPLAINED.because("it is registered as sound"));
    }
    Ok(())
}

/// A device's time is no later than the block's, give or take the tolerance.
pub(super) fn device_time_is_not_ahead(
    draft: &Draft<'_>,
    device_time: Time,
) -> Result<(), Rejection> {
    let now = draft.time();
    if device_time > now.plus_ms(CLOCK_TOLERANCE_MS) {
        let detail = format!("the device says {device_time}, and it is {now}");
        return Err(codes::DEVICE_TIME_AHEAD.because(detail));
    }
    Ok(())
}

/// Nothing happened to a parcel before it was registered, give or take the tolerance. Devices are
/// compared by their own times: a handoff signed offline reaches the ledger later.
pub(super) fn happened_since_registration(
    parcel: &Parcel,
    device_time: Time,
) -> Result<(), Rejection> {
    let registered = parcel.registered;
    if device_time.plus_ms(CLOCK_TOLERANCE_MS) < registered {
        let number = &parcel.number;
        let detail =
            format!("{number} was registered at {registered}, the device says {device_time}");
        return Err(codes::DEVICE_TIME_BEFORE_REGISTRATION.because(detail));
    }
    Ok(())
}

/// The parcel is declared lost.
pub(super) fn is_lost(parcel: &Parcel) -> Result<(), Rejection> {
    if parcel.state == State::Lost {
        return Ok(());
    }
    Err(codes::NOT_LOST.because(format!("{} is {}", parcel.number, parcel.state)))
}

/// There is room for one more hold, and none of this authority with this reference.
pub(super) fn hold_is_new(
    holds: &[Hold],
    by: &PartyId,
    reference: &Reference,
) -> Result<(), Rejection> {
    if holds.iter().any(|hold| hold.by == *by && hold.reference == *reference) {
        return Err(codes::HOLD_REPEATED.because(format!("{reference} of {by} is in force")));
    }
    if holds.len() >= MAX_HOLDS {
        return Err(codes::TOO_MANY_HOLDS.because(format!("{} are in force", holds.len())));
    }
    Ok(())
}

/// The authority has a hold with this reference in force. Gives its place in the list.
pub(super) fn known_hold(
    holds: &[Hold],
    by: &PartyId,
    reference: &Reference,
) -> Result<usize, Rejection> {
    holds
        .iter()
        .position(|hold| hold.by == *by && hold.reference == *reference)
        .ok_or_else(|| codes::HOLD_UNKNOWN.because(format!("{by} has no hold {reference} on it")))
}

/// The parcel is of this carrier.
pub(super) fn is_of_carrier(parcel: &Parcel, carrier: &PartyId) -> Result<(), Rejection> {
    if parcel.carrier == *carrier {
        return Ok(());
    }
    let detail = format!("{} is of {}, not {carrier}", parcel.number, parcel.carrier);
    Err(codes::CARRIERS_DIFFER.because(detail))
}

/// A parcel is turned by its custodian or its carrier.
pub(super) fn is_custodian_or_carrier(parcel: &Parcel, party: &PartyId) -> Result<(), Rejection> {
    if parcel.custodian == *party || parcel.carrier == *party {
        return Ok(());
    }
    let detail = format!("{party} is neither for {}", parcel.number);
    Err(codes::NEITHER_CUSTODIAN_NOR_CARRIER.because(detail))
}

/// An event is stated once about a parcel, however often its document is sent.
pub(super) fn not_stated_before(
    draft: &Draft<'_>,
    parcel: &ParcelNumber,
    document: &Hash,
) -> Result<(), Rejection> {
    let id = statement_id(parcel, document);
    if draft.exists::<EventStatement>(&id) {
        return Err(codes::STATED_BEFORE.because(format!("it stands as {id}")));
    }
    Ok(())
}
