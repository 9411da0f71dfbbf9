//! The rules on the two who marry.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::party::PartyId;

use crate::RegisterName;
use crate::authorities::not_frozen;
use crate::identity::{PartyKind, active_party};
use crate::marriages::actions::Spouse;
use crate::marriages::civil_status::CivilStatus;
use crate::marriages::place::PlaceRules;
use crate::marriages::{
    DATES_CONTRADICT, NOT_INDEPENDENT, OF_PERSONS, OVERLAPS, PARTY_MARRIED, TOO_FEW_WITNESSES,
    TOO_MANY, UNDER_AGE, WITH_SELF,
};
use crate::text::Date;

/// The most marriages of one person that have ended.
pub const MAX_PAST_MARRIAGES: usize = 32;

/// Two different living persons marry.
pub(in crate::marriages) fn are_two_persons(
    draft: &Draft<'_>,
    spouses: &[PartyId; 2],
) -> Result<(), Rejection> {
    let [one, other] = spouses;
    if one == other {
        return Err(WITH_SELF.because(format!("{one} stands on both sides")));
    }
    is_a_person(draft, one)?;
    is_a_person(draft, other)
}

fn is_a_person(draft: &Draft<'_>, party: &PartyId) -> Result<(), Rejection> {
    match active_party(draft, party)?.kind {
        PartyKind::Person => Ok(()),
        _ => Err(OF_PERSONS.because(format!("{party} is no person"))),
    }
}

/// Enough persons have witnessed it, none of whom is a spouse or the registrar, and the registrar
/// marries others.
pub(in crate::marriages) fn enough_witnesses(
    draft: &Draft<'_>,
    place: &PlaceRules,
    witnesses: &[PartyId],
    (spouses, registrar): (&[PartyId; 2], &PartyId),
) -> Result<(), Rejection> {
    if spouses.contains(registrar) {
        return Err(NOT_INDEPENDENT.because(format!("the registrar {registrar} is to marry")));
    }
    for witness in witnesses {
        if spouses.contains(witness) || witness == registrar {
            return Err(NOT_INDEPENDENT.because(format!("{witness} cannot be a witness of it")));
        }
        is_a_person(draft, witness)?;
    }
    if witnesses.len() < usize::from(place.witnesses) {
        let detail = format!("{} must sign, and {} are named", place.witnesses, witnesses.len());
        return Err(TOO_FEW_WITNESSES.because(detail));
    }
    Ok(())
}

/// By the days that the registrar has stated, both are of age on the day of the wedding.
pub(in crate::marriages) fn are_of_age(
    spouses: &[Spouse; 2],
    celebrated: Date,
    place: &PlaceRules,
) -> Result<(), Rejection> {
    for Spouse { party, born_by } in spouses {
        let of_age = born_by.plus_years(place.minimum_age);
        if of_age.is_none_or(|day| celebrated < day) {
            let age = place.minimum_age;
            let detail = format!("born by {born_by}, {party} need not be {age} on {celebrated}");
            return Err(UNDER_AGE.because(detail));
        }
    }
    Ok(())
}

/// Nobody is married to two persons at a time (no bigamy), and the two civil statuses may change.
pub(in crate::marriages) fn both_free_to_marry(
    draft: &Draft<'_>,
    statuses: &[CivilStatus; 2],
) -> Result<(), Rejection> {
    for status in statuses {
        not_frozen(draft, RegisterName::Marriages, CivilStatus::KIND, &status.id())?;
        if status.married.is_some() {
            return Err(PARTY_MARRIED.because(format!("{} is married here", status.person)));
        }
        if status.past.len() >= MAX_PAST_MARRIAGES {
            let detail = format!("{} has been, {MAX_PAST_MARRIAGES} times", status.person);
            return Err(TOO_MANY.because(detail));
        }
    }
    Ok(())
}

/// The wedding comes after the end of every earlier marriage that counts, and after the births.
pub(in crate::marriages) fn overlaps_no_earlier(
    statuses: &[CivilStatus; 2],
    spouses: &[Spouse; 2],
    celebrated: Date,
) -> Result<(), Rejection> {
    for Spouse { party, born_by } in spouses {
        if celebrated < *born_by {
            let detail = format!("{party} is stated to be born by {born_by}");
            return Err(DATES_CONTRADICT.because(detail));
        }
    }
    for status in statuses {
        if let Some(day) = status.free_since().filter(|day| celebrated < *day) {
            let detail = format!("{} was married here until {day}", status.person);
            return Err(OVERLAPS.because(detail));
        }
    }
    Ok(())
}
