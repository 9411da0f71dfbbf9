//! What persons have stated about themselves, true as of the block.
//!
//! A statement puts nothing into the state: its entry in the log, with the outcome `applied`, is all
//! of it. So it leaves no trace at any object, and who receives it cannot look for more.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use super::civil_status;
use crate::identity::{PartyKind, active_party, known_party};
use crate::marriages::actions::{StateFreeToMarry, StateMarried};
use crate::marriages::marriage::Marriage;
use crate::marriages::rules::{
    is_open, neither_has_died, party_has_signed, statement_ends_in_time,
};
use crate::marriages::{NOT_TO_EACH_OTHER, OF_PERSONS, PARTY_MARRIED};

pub(super) fn free_to_marry(
    draft: &Draft<'_>,
    statement: &StateFreeToMarry,
) -> Result<(), Rejection> {
    let party = &statement.party;
    party_has_signed(draft, party)?;
    statement_ends_in_time(draft, statement.until)?;
    addressee_is_known(draft, statement.addressee.as_ref())?;
    if active_party(draft, party)?.kind != PartyKind::Person {
        return Err(OF_PERSONS.because(format!("{party} is no person")));
    }
    match civil_status(draft, &is_open(draft)?, party).married {
        None => Ok(()),
        Some(_) => Err(PARTY_MARRIED.because(format!("{party} is married here"))),
    }
}

pub(super) fn married(draft: &Draft<'_>, statement: &StateMarried) -> Result<(), Rejection> {
    let StateMarried { party, spouse, .. } = statement;
    party_has_signed(draft, party)?;
    statement_ends_in_time(draft, statement.until)?;
    addressee_is_known(draft, statement.addressee.as_ref())?;
    let status = civil_status(draft, &is_open(draft)?, party);
    let marriage = status.married.and_then(|id| draft.get::<Marriage>(&id.to_string()));
    match marriage.filter(|marriage| marriage.is_between(&[*party, *spouse])) {
        Some(marriage) => neither_has_died(draft, &marriage),
        None => {
            let detail = format!("{party} and {spouse} are not married to each other here");
            Err(NOT_TO_EACH_OTHER.because(detail))
        }
    }
}

fn addressee_is_known(draft: &Draft<'_>, addressee: Option<&PartyId>) -> Result<(), Rejection> {
    addressee.map_or(Ok(()), |party| known_party(draft, party).map(drop))
}
