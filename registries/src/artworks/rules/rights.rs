//! The rules for rights and licences.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;

use super::{expert_has_signed, expert_is_none_of, has_signed};
use crate::RegisterName;
use crate::artworks::actions::{AssignRights, EndLicence};
use crate::artworks::codes;
use crate::artworks::edition::Edition;
use crate::artworks::licence::{Licence, LicenceMark, MAX_LICENCES};
use crate::authorities::directed;
use crate::text::LocalId;

/// A work of the conception is registered.
pub(in crate::artworks) fn edition_of(
    draft: &Draft<'_>,
    fingerprint: &Hash,
) -> Result<Edition, Rejection> {
    draft.get(&fingerprint.to_string()).ok_or_else(|| {
        codes::FINGERPRINT_UNKNOWN.because(format!("no work of {fingerprint} is registered"))
    })
}

/// The rights in what is seen are apart from the ownership of the thing: their holder licenses.
pub(in crate::artworks) fn holds_rights(
    edition: &Edition,
    party: &PartyId,
) -> Result<(), Rejection> {
    if edition.rights_holder == Some(*party) {
        return Ok(());
    }
    Err(codes::NOT_RIGHTS_HOLDER.because(format!("{party} does not hold the rights")))
}

/// Rights pass from their holder, or as a court directs; where none is known, an independent expert
/// vouches for the first.
pub(in crate::artworks) fn holder_passes_rights(
    draft: &Draft<'_>,
    edition: &Edition,
    action: &AssignRights,
) -> Result<(), Rejection> {
    let AssignRights { from, expert, order, to, .. } = action;
    match (&edition.rights_holder, from, expert, order) {
        (Some(holder), Some(from), None, None) if holder == from => has_signed(draft, from),
        (Some(holder), Some(from), None, Some(order)) if holder == from => {
            directed(draft, order, RegisterName::Artworks, Edition::KIND, &edition.id()).map(drop)
        }
        (None, None, Some(expert), None) => {
            expert_is_none_of(expert, &[*to])?;
            expert_has_signed(draft, expert).map(drop)
        }
        (Some(_), ..) => {
            let detail = "from names the known holder, and expert nobody";
            Err(codes::NOT_RIGHTS_HOLDER.because(detail))
        }
        (None, ..) => {
            let detail = "no holder is known: expert names who vouches, and from nobody";
            Err(codes::NOT_RIGHTS_HOLDER.because(detail))
        }
    }
}

/// Where an exclusive licence holds, no other is granted.
pub(in crate::artworks) fn no_exclusive_overlap(
    edition: &Edition,
    new: &LicenceMark,
) -> Result<(), Rejection> {
    let overlaps = |held: &&LicenceMark| held.exclusive && held.overlaps(new);
    match edition.licences.iter().find(overlaps) {
        None => Ok(()),
        Some(held) => {
            let detail = format!("{} is exclusive there and then", held.licence);
            Err(codes::LICENCE_OVERLAPS.because(detail))
        }
    }
}

/// The list of licences that have not run out is bounded.
pub(in crate::artworks) fn room_for_licence(edition: &Edition) -> Result<(), Rejection> {
    if edition.licences.len() >= MAX_LICENCES {
        let detail = format!("{} licences have not run out", edition.licences.len());
        return Err(codes::TOO_MANY_LICENCES.because(detail));
    }
    Ok(())
}

/// The licence exists.
pub(in crate::artworks) fn known_licence(
    draft: &Draft<'_>,
    id: &LocalId,
) -> Result<Licence, Rejection> {
    draft
        .get(id.as_str())
        .ok_or_else(|| codes::LICENCE_UNKNOWN.because(format!("there is no licence {id}")))
}

/// Only what has not run out can be ended.
pub(in crate::artworks) fn licence_runs(
    draft: &Draft<'_>,
    licence: &Licence,
) -> Result<(), Rejection> {
    if licence.ended.is_some() || licence.mark().is_over_at(draft.time()) {
        return Err(codes::LICENCE_OVER.because(format!("{} is over", licence.licence)));
    }
    Ok(())
}

/// A licensee may give a licence up; a licensor takes it back only as a court directs.
pub(in crate::artworks) fn ends_licence(
    draft: &Draft<'_>,
    licence: &Licence,
    action: &EndLicence,
) -> Result<(), Rejection> {
    match &action.order {
        None if action.by == licence.licensee => {}
        Some(order) if action.by == licence.licensor => {
            directed(draft, order, RegisterName::Artworks, Licence::KIND, &licence.id())?;
        }
        _ => {
            let detail = format!("{} may not end {}", action.by, licence.licence);
            return Err(codes::NOT_LICENSEE.because(detail));
        }
    }
    has_signed(draft, &action.by)
}
