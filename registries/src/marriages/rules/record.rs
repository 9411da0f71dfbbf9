//! The rules on the records: what is known, in force, and may still change.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;

use crate::codes::{ID_TAKEN, period_is_not_empty};
use crate::identity::{Status, known_party};
use crate::marriages::actions::RecordDeath;
use crate::marriages::ids::MarriageId;
use crate::marriages::marriage::{EventKind, Marriage, State};
use crate::marriages::opening::Opening;
use crate::marriages::{
    ALREADY_OPEN, ANNULLED_ALREADY, CHANGED_ALREADY, CORRECTS_NOTHING, DATE_AHEAD,
    DATES_CONTRADICT, DEATH_NOT_SHOWN, NOT_IN_FORCE, NOT_OPEN, SPOUSE_DECEASED, SPOUSES_DIFFER,
    STATEMENT_TOO_LONG, TOO_MANY_CORRECTIONS, UNKNOWN,
};
use crate::text::Date;

/// The most corrections of one marriage.
pub const MAX_CORRECTIONS: usize = 12;
/// For how long a statement may be relied upon: 366 days, in milliseconds.
pub const MAX_STATEMENT_MS: u64 = 366 * 24 * 60 * 60 * 1000;

/// How far the calendar of a place may run ahead of UTC: 14 hours.
const EARLIEST_ZONE_MS: u64 = 14 * 60 * 60 * 1000;

/// The register is opened once: its ids rest on the secret.
pub(in crate::marriages) fn not_open_yet(draft: &Draft<'_>) -> Result<(), Rejection> {
    match draft.exists::<Opening>(Opening::ID) {
        false => Ok(()),
        true => Err(ALREADY_OPEN.because("the register was opened before")),
    }
}

/// The register is open. Gives its opening.
pub(in crate::marriages) fn is_open(draft: &Draft<'_>) -> Result<Opening, Rejection> {
    draft.get(Opening::ID).ok_or_else(|| NOT_OPEN.because("root has not opened the register"))
}

/// Ids are never reused.
pub(in crate::marriages) fn marriage_is_new(
    draft: &Draft<'_>,
    id: &MarriageId,
) -> Result<(), Rejection> {
    match draft.exists::<Marriage>(&id.to_string()) {
        false => Ok(()),
        true => Err(ID_TAKEN.because(format!("marriages/marriage/{id} exists"))),
    }
}

/// The marriage exists.
pub(in crate::marriages) fn known_marriage(
    draft: &Draft<'_>,
    id: &MarriageId,
) -> Result<Marriage, Rejection> {
    draft.get(&id.to_string()).ok_or_else(|| UNKNOWN.because(format!("there is no marriage {id}")))
}

/// Those named are the two.
pub(in crate::marriages) fn is_between(
    marriage: &Marriage,
    couple: &[PartyId; 2],
) -> Result<(), Rejection> {
    if marriage.is_between(couple) {
        return Ok(());
    }
    let [one, other] = couple;
    let detail = format!("{} is not the marriage of {one} and {other}", marriage.marriage);
    Err(SPOUSES_DIFFER.because(detail))
}

/// Who is named is one of the two.
pub(in crate::marriages) fn known_spouse(
    marriage: &Marriage,
    party: &PartyId,
) -> Result<(), Rejection> {
    if marriage.is_of(party) {
        return Ok(());
    }
    let detail = format!("{party} is none of the two of {}", marriage.marriage);
    Err(SPOUSES_DIFFER.because(detail))
}

/// What has ended is not ended again.
pub(in crate::marriages) fn is_in_force(marriage: &Marriage) -> Result<(), Rejection> {
    match marriage.state {
        State::InForce => Ok(()),
        state => Err(NOT_IN_FORCE.because(format!("{} is {state}", marriage.marriage))),
    }
}

/// What is void from the start is not annulled again.
pub(in crate::marriages) fn is_not_annulled(marriage: &Marriage) -> Result<(), Rejection> {
    match marriage.state {
        State::Annulled => {
            Err(ANNULLED_ALREADY.because(format!("{} is annulled", marriage.marriage)))
        }
        _ => Ok(()),
    }
}

/// One transition makes one event of a marriage, so that its history shows every one.
pub(in crate::marriages) fn first_touch(
    draft: &Draft<'_>,
    marriage: &Marriage,
) -> Result<(), Rejection> {
    let this = draft.context().id;
    if marriage.events.last().is_some_and(|last| last.transition == this) {
        return Err(CHANGED_ALREADY.because("it has an event of this transition already"));
    }
    Ok(())
}

/// Death ends a marriage of itself: nobody is divorced from the dead, nor states to be married to
/// them.
pub(in crate::marriages) fn neither_has_died(
    draft: &Draft<'_>,
    marriage: &Marriage,
) -> Result<(), Rejection> {
    for spouse in &marriage.spouses {
        if known_party(draft, spouse)?.status == Status::Deceased {
            return Err(SPOUSE_DECEASED.because(format!("{spouse} has died")));
        }
    }
    Ok(())
}

/// The identity register shows the death, or a document does.
pub(in crate::marriages) fn death_is_shown(
    draft: &Draft<'_>,
    death: &RecordDeath,
) -> Result<(), Rejection> {
    let stated = known_party(draft, &death.deceased)?.status == Status::Deceased;
    if stated || death.document.is_some() {
        return Ok(());
    }
    let detail = format!("{} is not deceased in the identity register", death.deceased);
    Err(DEATH_NOT_SHOWN.because(detail))
}

/// The dead were alive at their wedding.
pub(in crate::marriages) fn death_follows_wedding(
    marriage: &Marriage,
    died: Date,
) -> Result<(), Rejection> {
    if marriage.celebrated <= died {
        return Ok(());
    }
    let detail = format!("the wedding was on {}", marriage.celebrated);
    Err(DATES_CONTRADICT.because(detail))
}

/// The day has begun somewhere on earth.
pub(in crate::marriages) fn day_is_not_ahead(
    draft: &Draft<'_>,
    day: Date,
) -> Result<(), Rejection> {
    let today = Date::of(draft.time().plus_ms(EARLIEST_ZONE_MS));
    if day <= today {
        return Ok(());
    }
    Err(DATE_AHEAD.because(format!("{day} is not before the end of {today}")))
}

/// A correction names what it corrects, and there is room for it.
pub(in crate::marriages) fn corrects_an_event(
    marriage: &Marriage,
    corrects: &Hash,
) -> Result<(), Rejection> {
    if !marriage.events.iter().any(|event| event.transition == *corrects) {
        let detail = format!("{corrects} stated nothing about {}", marriage.marriage);
        return Err(CORRECTS_NOTHING.because(detail));
    }
    let corrections = marriage.events.iter().filter(|event| event.kind == EventKind::Corrected);
    if corrections.count() >= MAX_CORRECTIONS {
        let detail = format!("{} has {MAX_CORRECTIONS}", marriage.marriage);
        return Err(TOO_MANY_CORRECTIONS.because(detail));
    }
    Ok(())
}

/// A statement is true as of its block, and grows old: it ends within a year.
pub(in crate::marriages) fn statement_ends_in_time(
    draft: &Draft<'_>,
    until: Time,
) -> Result<(), Rejection> {
    let now = draft.time();
    period_is_not_empty(now, Some(until))?;
    if until <= now.plus_ms(MAX_STATEMENT_MS) {
        return Ok(());
    }
    Err(STATEMENT_TOO_LONG.because(format!("it would run until {until}")))
}
