//! How rights pass, and how licences and notarised documents come about.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};

use crate::RegisterName;
use crate::artworks::actions::{AssignRights, EndLicence, License, Notarise};
use crate::artworks::edition::Edition;
use crate::artworks::licence::{Licence, Notarisation};
use crate::artworks::rules::{
    edition_of, ends_licence, has_signed, holder_passes_rights, holds_rights, id_is_free,
    known_licence, known_work, licence_runs, no_exclusive_overlap, room_for_licence, sides_differ,
};
use crate::authorities::not_frozen;
use crate::codes::period_is_not_empty;

pub(super) fn assign(draft: &mut Draft<'_>, action: &AssignRights) -> Result<(), Rejection> {
    let mut edition = edition_of(draft, &action.fingerprint)?;
    if let Some(from) = &action.from {
        sides_differ(from, &action.to)?;
    }
    holder_passes_rights(draft, &edition, action)?;
    has_signed(draft, &action.to)?;
    not_frozen(draft, RegisterName::Artworks, Edition::KIND, &edition.id())?;

    edition.rights_holder = Some(action.to);
    draft.put(&edition);
    Ok(())
}

pub(super) fn license(draft: &mut Draft<'_>, action: &License) -> Result<(), Rejection> {
    let now = draft.time();
    let from = action.from.unwrap_or(now).max(now);
    let mut edition = edition_of(draft, &action.fingerprint)?;
    id_is_free::<Licence>(draft, &action.licence)?;
    sides_differ(&action.licensor, &action.licensee)?;
    holds_rights(&edition, &action.licensor)?;
    has_signed(draft, &action.licensor)?;
    has_signed(draft, &action.licensee)?;
    not_frozen(draft, RegisterName::Artworks, Edition::KIND, &edition.id())?;
    period_is_not_empty(from, action.until)?;
    let licence = Licence {
        licence: action.licence.clone(),
        fingerprint: action.fingerprint,
        licensor: action.licensor,
        licensee: action.licensee,
        exclusive: action.exclusive,
        scopes: action.scopes.clone(),
        territories: action.territories.clone(),
        from,
        until: action.until,
        terms: action.terms,
        granted: now,
        ended: None,
    };
    edition.licences.retain(|held| !held.is_over_at(now));
    no_exclusive_overlap(&edition, &licence.mark())?;
    room_for_licence(&edition)?;

    edition.licences.push(licence.mark());
    draft.put(&edition);
    draft.put(&licence);
    Ok(())
}

pub(super) fn end_licence(draft: &mut Draft<'_>, action: &EndLicence) -> Result<(), Rejection> {
    let mut licence = known_licence(draft, &action.licence)?;
    ends_licence(draft, &licence, action)?;
    licence_runs(draft, &licence)?;
    not_frozen(draft, RegisterName::Artworks, Licence::KIND, &licence.id())?;
    let mut edition = edition_of(draft, &licence.fingerprint)?;

    let now = draft.time();
    edition.licences.retain(|held| held.licence != licence.licence && !held.is_over_at(now));
    licence.ended = Some(now);
    draft.put(&edition);
    draft.put(&licence);
    Ok(())
}

pub(super) fn notarise(draft: &mut Draft<'_>, action: &Notarise) -> Result<(), Rejection> {
    id_is_free::<Notarisation>(draft, &action.notarisation)?;
    for party in action.parties.iter() {
        has_signed(draft, party)?;
    }
    if let Some(work) = &action.work {
        known_work(draft, work)?;
    }

    draft.put(&Notarisation {
        notarisation: action.notarisation.clone(),
        kind: action.kind,
        title: action.title.clone(),
        document: action.document,
        parties: action.parties.clone(),
        work: action.work.clone(),
        notarised: draft.time(),
    });
    Ok(())
}
