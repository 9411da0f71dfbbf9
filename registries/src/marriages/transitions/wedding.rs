//! How a marriage comes into the register: celebrated here, or recognised.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;

use super::civil_status;
use crate::authorities::Accreditation;
use crate::marriages::actions::{RecogniseMarriage, RecognitionGround, RegisterMarriage, Spouse};
use crate::marriages::ids::MarriageId;
use crate::marriages::marriage::{Event, EventKind, Marriage, State};
use crate::marriages::rules::{
    are_of_age, are_two_persons, both_free_to_marry, court_has_signed, day_is_not_ahead,
    enough_witnesses, is_open, marriage_is_new, not_within_prohibited_degree, overlaps_no_earlier,
    registrar_has_signed, rules_of_the_place, spouses_have_signed, witnesses_have_signed,
};
use crate::text::{Date, LocalId, Name};

/// What is to be put down once the rules on those who sign are kept.
struct Wedding<'a> {
    marriage: MarriageId,
    spouses: &'a [Spouse; 2],
    celebrated: Date,
    place: &'a Name,
    document: Option<Hash>,
    record: Option<Hash>,
    under: LocalId,
    event: Event,
}

pub(super) fn register(draft: &mut Draft<'_>, action: &RegisterMarriage) -> Result<(), Rejection> {
    let registrar = &action.registrar;
    let couple = couple(&action.spouses);
    let accreditation = registrar_has_signed(draft, registrar)?;
    spouses_have_signed(draft, &couple)?;
    witnesses_have_signed(draft, &action.witnesses)?;
    let place = rules_of_the_place(&accreditation)?;
    are_two_persons(draft, &couple)?;
    enough_witnesses(draft, &place, &action.witnesses, (&couple, registrar))?;
    are_of_age(&action.spouses, action.celebrated, &place)?;
    not_within_prohibited_degree(draft, &couple, &place)?;

    let event = Event {
        record: Some(action.record),
        ..Event::now(draft, EventKind::Registered, *registrar)
    };
    put_down(
        draft,
        Wedding {
            marriage: action.marriage,
            spouses: &action.spouses,
            celebrated: action.celebrated,
            place: &action.place,
            document: None,
            record: Some(action.record),
            under: accreditation.accreditation,
            event,
        },
    )
}

pub(super) fn recognise(
    draft: &mut Draft<'_>,
    action: &RecogniseMarriage,
) -> Result<(), Rejection> {
    let couple = couple(&action.spouses);
    let (accreditation, event) = match &action.ground {
        RecognitionGround::Agreement(ground) => {
            let accreditation = registrar_has_signed(draft, &ground.registrar)?;
            spouses_have_signed(draft, &couple)?;
            fits_the_place(draft, action, &couple, &accreditation)?;
            (accreditation, Event::now(draft, EventKind::Recognised, ground.registrar))
        }
        // Whether a marriage that its place allowed can stand here is then the court's to answer.
        RecognitionGround::Judgment(ground) => {
            let accreditation = court_has_signed(draft, &ground.court)?;
            are_two_persons(draft, &couple)?;
            let event = Event {
                by_court: true,
                reference: Some(ground.reference.clone()),
                ..Event::now(draft, EventKind::Recognised, ground.court)
            };
            (accreditation, event)
        }
    };

    put_down(
        draft,
        Wedding {
            marriage: action.marriage,
            spouses: &action.spouses,
            celebrated: action.celebrated,
            place: &action.place,
            document: Some(action.document),
            record: action.record,
            under: accreditation.accreditation,
            event: Event { record: Some(action.document), ..event },
        },
    )
}

/// A registrar recognises what could have been celebrated there, but for the witnesses.
fn fits_the_place(
    draft: &Draft<'_>,
    action: &RecogniseMarriage,
    couple: &[PartyId; 2],
    accreditation: &Accreditation,
) -> Result<(), Rejection> {
    let place = rules_of_the_place(accreditation)?;
    are_two_persons(draft, couple)?;
    are_of_age(&action.spouses, action.celebrated, &place)?;
    not_within_prohibited_degree(draft, couple, &place)
}

fn couple(spouses: &[Spouse; 2]) -> [PartyId; 2] {
    spouses.each_ref().map(|spouse| spouse.party)
}

fn put_down(draft: &mut Draft<'_>, wedding: Wedding<'_>) -> Result<(), Rejection> {
    day_is_not_ahead(draft, wedding.celebrated)?;
    let opening = is_open(draft)?;
    let couple = couple(wedding.spouses);
    let mut statuses = couple.each_ref().map(|person| civil_status(draft, &opening, person));
    both_free_to_marry(draft, &statuses)?;
    overlaps_no_earlier(&statuses, wedding.spouses, wedding.celebrated)?;
    marriage_is_new(draft, &wedding.marriage)?;

    for status in &mut statuses {
        status.married = Some(wedding.marriage);
        draft.put(status);
    }
    draft.put(&Marriage {
        marriage: wedding.marriage,
        blinding: opening.blinding_of(Marriage::KIND, &wedding.marriage.to_string()),
        state: State::InForce,
        spouses: couple,
        celebrated: wedding.celebrated,
        place: wedding.place.clone(),
        document: wedding.document,
        record: wedding.record,
        by: wedding.event.by,
        under: wedding.under,
        since: draft.time(),
        ended: None,
        deceased: None,
        events: vec![wedding.event],
    });
    Ok(())
}
