//! How the marriages register changes.

mod ending;
mod statements;
mod wedding;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::party::PartyId;

use super::actions::{Action, CorrectMarriage, OpenRegister};
use super::civil_status::CivilStatus;
use super::marriage::{Event, EventKind, Marriage};
use super::opening::Opening;
use super::rules::{
    corrects_an_event, first_touch, known_marriage, not_open_yet, registrar_or_court_has_signed,
    root_has_signed,
};
use crate::RegisterName;
use crate::authorities::{Role, not_frozen};

pub(super) fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    match action {
        Action::Open(action) => open(draft, action),
        Action::Register(action) => wedding::register(draft, action),
        Action::Recognise(action) => wedding::recognise(draft, action),
        Action::Divorce(action) => ending::divorce(draft, action),
        Action::Annul(action) => ending::annul(draft, action),
        Action::Death(action) => ending::death(draft, action),
        Action::Correct(action) => correct(draft, action),
        Action::StateFreeToMarry(action) => statements::free_to_marry(draft, action),
        Action::StateMarried(action) => statements::married(draft, action),
    }
}

fn open(draft: &mut Draft<'_>, action: &OpenRegister) -> Result<(), Rejection> {
    root_has_signed(draft)?;
    not_open_yet(draft)?;

    draft.put(&Opening { secret: action.secret, opened: draft.time() });
    Ok(())
}

fn correct(draft: &mut Draft<'_>, action: &CorrectMarriage) -> Result<(), Rejection> {
    let under = registrar_or_court_has_signed(draft, &action.by)?;
    let mut marriage = known_marriage(draft, &action.marriage)?;
    marriage_is_not_frozen(draft, &marriage)?;
    first_touch(draft, &marriage)?;
    corrects_an_event(&marriage, &action.corrects)?;

    marriage.events.push(Event {
        by_court: under.role == Role::Court,
        record: action.record,
        corrects: Some(action.corrects),
        statement: Some(action.statement.clone()),
        ..Event::now(draft, EventKind::Corrected, action.by)
    });
    draft.put(&marriage);
    Ok(())
}

/// What a court has frozen stays as it is.
fn marriage_is_not_frozen(draft: &Draft<'_>, marriage: &Marriage) -> Result<(), Rejection> {
    not_frozen(draft, RegisterName::Marriages, Marriage::KIND, &marriage.id())
}

/// A person's civil status as it stands: somebody without one was never married here.
fn civil_status(draft: &Draft<'_>, opening: &Opening, person: &PartyId) -> CivilStatus {
    let id = opening.civil_status_of(person).to_string();
    draft.get(&id).unwrap_or_else(|| CivilStatus::never_married(opening, person))
}
