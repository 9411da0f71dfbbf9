//! How the parcels register changes.

mod containers;
mod exceptions;
mod handoff;
mod holds;
mod losses;
mod statements;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use super::actions::{Action, Correct, RegisterParcel};
use super::parcel::{Condition, Damage, Event, EventKind, Parcel, Trace};
use super::path::{Direction, State};
use super::rules::{
    carrier_is_accredited, condition_is_explained, device_time_is_not_ahead, entitled_to_correct,
    first_touch, known_parcel, number_fits_format, number_is_free, number_is_of_carrier,
};
use crate::RegisterName;
use crate::identity::{Purpose, known_party};
use crate::signers;

pub(super) fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    match action {
        Action::Register(action) => register(draft, action),
        Action::Handoff(action) => handoff::handoff(draft, action),
        Action::ReportDamage(action) => exceptions::report_damage(draft, action),
        Action::AttemptFailed(action) => exceptions::attempt_failed(draft, action),
        Action::Refuse(action) => exceptions::refuse(draft, action),
        Action::Return(action) => exceptions::turn_back(draft, action),
        Action::DeclareLost(action) => losses::declare_lost(draft, action),
        Action::Find(action) => losses::find(draft, action),
        Action::Hold(action) => holds::hold(draft, action),
        Action::ReleaseHold(action) => holds::release_hold(draft, action),
        Action::TakeOver(action) => handoff::take_over(draft, action),
        Action::Pack(action) => containers::pack(draft, action),
        Action::Unpack(action) => containers::unpack(draft, action),
        Action::Correct(action) => correct(draft, action),
        Action::StateEvent(action) => statements::state_event(draft, action),
    }
}

/// Whoever has or had to do with a thing signs for custody.
fn has_signed(draft: &Draft<'_>, party: &PartyId) -> Result<(), Rejection> {
    signers::signed_by(draft, party, Purpose::Custody, RegisterName::Parcels)
}

fn register(draft: &mut Draft<'_>, action: &RegisterParcel) -> Result<(), Rejection> {
    number_is_free(draft, &action.parcel)?;
    has_signed(draft, &action.sender)?;
    has_signed(draft, &action.carrier)?;
    carrier_is_accredited(draft, &action.carrier)?;
    number_is_of_carrier(&action.parcel, &action.carrier)?;
    number_fits_format(&action.parcel, action.format)?;
    known_party(draft, &action.recipient)?;
    for proxy in action.proxies.iter() {
        known_party(draft, proxy)?;
    }
    condition_is_explained(Condition::Sound, action.condition, action.statement.as_ref())?;
    device_time_is_not_ahead(draft, action.device_time)?;

    draft.put(&new_parcel(draft, action));
    Ok(())
}

/// A parcel as it begins: with its sender.
fn new_parcel(draft: &Draft<'_>, action: &RegisterParcel) -> Parcel {
    let at = draft.time();
    let by = action.sender;
    let damage = action.statement.clone().filter(|_| action.condition > Condition::Sound);
    let last = Event {
        place: Some(action.place.clone()),
        device_time: Some(action.device_time),
        statement: action.statement.clone(),
        ..Event::now(draft, EventKind::Registered, by)
    };
    Parcel {
        number: action.parcel.clone(),
        format: action.format,
        carrier: action.carrier,
        sender: action.sender,
        recipient: action.recipient,
        proxies: action.proxies.clone(),
        record: action.record,
        registered: action.device_time,
        state: State::Registered,
        direction: Direction::Forward,
        custodian: action.sender,
        since: at,
        origin: None,
        terminal: None,
        condition: action.condition,
        damage: damage.map(|statement| Damage { statement, by, at }),
        reservations: 0,
        attempts: 0,
        holds: Vec::new(),
        container: None,
        trail: vec![Trace { transition: last.transition, custodian: by }],
        last,
    }
}

fn correct(draft: &mut Draft<'_>, action: &Correct) -> Result<(), Rejection> {
    let mut parcel = known_parcel(draft, &action.parcel)?;
    has_signed(draft, &action.by)?;
    first_touch(draft, &parcel.last)?;
    entitled_to_correct(&parcel, &action.corrects, &action.by)?;

    parcel.happened(Event {
        statement: Some(action.statement.clone()),
        corrects: Some(action.corrects),
        ..Event::now(draft, EventKind::Corrected, action.by)
    });
    draft.put(&parcel);
    Ok(())
}
