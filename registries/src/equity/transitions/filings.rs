//! Filings, and the index of what an issuer has.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use super::super::actions::File;
use super::super::class::{CHUNK, MAX_SECURITIES};
use super::super::codes;
use super::super::filing::{Filing, Indexed, IssuerIndex};
use super::super::issuer::{Issuer, scoped};
use super::super::rules::{
    id_is_free, issuer_has_signed, issuer_not_frozen, known_issuer, subject_is_known,
};
use crate::identity::known_party;
use crate::text::LocalId;

pub(super) fn file(draft: &mut Draft<'_>, action: &File) -> Result<(), Rejection> {
    let mut issuer = known_issuer(draft, &action.issuer)?;
    issuer_has_signed(draft, &action.issuer)?;
    issuer_not_frozen(draft, &action.issuer)?;
    id_is_free::<Filing>(draft, &scoped(&action.issuer, &action.filing))?;
    if let Some(about) = &action.about {
        subject_is_known(draft, &action.issuer, about)?;
    }
    if let Some(party) = &action.party {
        // Also of the deceased something may be filed.
        known_party(draft, party)?;
    }

    enter(draft, &mut issuer, Indexed::Filings, &action.filing)?;
    draft.put(&issuer);
    draft.put(&Filing {
        issuer: action.issuer,
        filing: action.filing.clone(),
        what: action.what.clone(),
        about: action.about.clone(),
        party: action.party,
        date: action.date,
        filed: draft.time(),
        record: action.record,
    });
    Ok(())
}

/// Puts an id into an index of the issuer, whose count grows.
pub(super) fn enter(
    draft: &mut Draft<'_>,
    issuer: &mut Issuer,
    of: Indexed,
    id: &LocalId,
) -> Result<(), Rejection> {
    let count = match of {
        Indexed::Instruments => &mut issuer.instruments,
        Indexed::Filings => &mut issuer.filings,
    };
    if *count >= MAX_SECURITIES {
        return Err(codes::INDEX_FULL.because(format!("the {of} are full")));
    }
    let part = *count / CHUNK;
    *count += 1;
    let known = draft.get::<IssuerIndex>(&IssuerIndex::id_of(&issuer.issuer, of, part));
    let mut index =
        known.unwrap_or_else(|| IssuerIndex { issuer: issuer.issuer, of, part, ids: Vec::new() });
    index.ids.push(id.clone());
    draft.put(&index);
    Ok(())
}
