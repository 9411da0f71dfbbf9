//! How a marriage ends: by divorce, by death, or as one that never was.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::time::Time;

use super::{civil_status, marriage_is_not_frozen};
use crate::marriages::actions::{
    Agreement, AnnulMarriage, AnnulmentGround, Directed, DivorceGround, DivorceSpouses, Judgment,
    RecordDeath,
};
use crate::marriages::civil_status::PastMarriage;
use crate::marriages::ids::MarriageId;
use crate::marriages::marriage::{Event, EventKind, Marriage, State};
use crate::marriages::rules::{
    court_directs, court_has_signed, day_is_not_ahead, death_follows_wedding, death_is_shown,
    first_touch, is_between, is_in_force, is_not_annulled, is_open, known_marriage, known_spouse,
    neither_has_died, registrar_has_signed, spouses_have_signed,
};
use crate::text::Date;

/// How far the calendar of a place may run behind UTC: 12 hours.
const LATEST_ZONE_MS: u64 = 12 * 60 * 60 * 1000;

pub(super) fn divorce(draft: &mut Draft<'_>, action: &DivorceSpouses) -> Result<(), Rejection> {
    let event = match &action.ground {
        DivorceGround::Agreement(Agreement { registrar }) => {
            registrar_has_signed(draft, registrar)?;
            spouses_have_signed(draft, &action.spouses)?;
            Event::now(draft, EventKind::Divorced, *registrar)
        }
        DivorceGround::Judgment(ground) => by_judgment(draft, EventKind::Divorced, ground)?,
        DivorceGround::Direction(ground) => {
            by_direction(draft, EventKind::Divorced, ground, &action.marriage)?
        }
    };
    let marriage = known_marriage(draft, &action.marriage)?;
    is_between(&marriage, &action.spouses)?;
    marriage_is_not_frozen(draft, &marriage)?;
    first_touch(draft, &marriage)?;
    is_in_force(&marriage)?;
    neither_has_died(draft, &marriage)?;

    let event = Event { record: action.record, ..event };
    let today = earliest_day(draft.time());
    end(draft, marriage, State::Divorced, today, event)
}

pub(super) fn annul(draft: &mut Draft<'_>, action: &AnnulMarriage) -> Result<(), Rejection> {
    let event = match &action.ground {
        AnnulmentGround::Judgment(ground) => by_judgment(draft, EventKind::Annulled, ground)?,
        AnnulmentGround::Direction(ground) => {
            by_direction(draft, EventKind::Annulled, ground, &action.marriage)?
        }
    };
    let marriage = known_marriage(draft, &action.marriage)?;
    is_between(&marriage, &action.spouses)?;
    marriage_is_not_frozen(draft, &marriage)?;
    first_touch(draft, &marriage)?;
    is_not_annulled(&marriage)?;

    let event = Event { record: action.record, ..event };
    let today = earliest_day(draft.time());
    end(draft, marriage, State::Annulled, today, event)
}

pub(super) fn death(draft: &mut Draft<'_>, action: &RecordDeath) -> Result<(), Rejection> {
    registrar_has_signed(draft, &action.registrar)?;
    let mut marriage = known_marriage(draft, &action.marriage)?;
    known_spouse(&marriage, &action.deceased)?;
    first_touch(draft, &marriage)?;
    is_in_force(&marriage)?;
    death_is_shown(draft, action)?;
    day_is_not_ahead(draft, action.died)?;
    death_follows_wedding(&marriage, action.died)?;

    marriage.deceased = Some(action.deceased);
    let event = Event {
        record: action.document,
        ..Event::now(draft, EventKind::DeathRecorded, action.registrar)
    };
    end(draft, marriage, State::EndedByDeath, action.died, event)
}

/// A court has decided it and signs.
fn by_judgment(draft: &Draft<'_>, kind: EventKind, ground: &Judgment) -> Result<Event, Rejection> {
    court_has_signed(draft, &ground.court)?;
    let reference = Some(ground.reference.clone());
    Ok(Event { by_court: true, reference, ..Event::now(draft, kind, ground.court) })
}

/// A registrar does what a court has directed, and signs.
fn by_direction(
    draft: &Draft<'_>,
    kind: EventKind,
    ground: &Directed,
    marriage: &MarriageId,
) -> Result<Event, Rejection> {
    registrar_has_signed(draft, &ground.registrar)?;
    court_directs(draft, &ground.order, marriage)?;
    let order = Some(ground.order.clone());
    Ok(Event { order, ..Event::now(draft, kind, ground.registrar) })
}

/// The first day that any place on earth may call today: what ended at that time does not stand in
/// the way of a wedding on the same day.
fn earliest_day(now: Time) -> Date {
    let ms = now.as_ms().saturating_sub(LATEST_ZONE_MS);
    Date::of(Time::from_ms(ms).unwrap_or(now))
}

/// Puts down that a marriage has ended, or never was, with both civil statuses.
fn end(
    draft: &mut Draft<'_>,
    mut marriage: Marriage,
    state: State,
    free_since: Date,
    event: Event,
) -> Result<(), Rejection> {
    let opening = is_open(draft)?;
    let id = marriage.marriage;
    for person in &marriage.spouses {
        let mut status = civil_status(draft, &opening, person);
        match status.past.iter_mut().find(|past| past.marriage == id) {
            Some(past) => past.state = state,
            None => status.past.push(PastMarriage { marriage: id, state, free_since }),
        }
        if status.married == Some(id) {
            status.married = None;
        }
        draft.put(&status);
    }
    marriage.state = state;
    marriage.ended.get_or_insert(draft.time());
    marriage.events.push(event);
    draft.put(&marriage);
    Ok(())
}
