//! Splitting and merging: new titles take the place of others, on the same land, with the same
//! owners and all that those were subject to.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use crate::land::actions::{Merge, Part, Split};
use crate::land::interest::Interest;
use crate::land::rules::{
    Piece, all_owners_have_signed, current_title, id_is_free, interest_fits, known_unit,
    may_be_titled, never_titled, no_owner_is_deceased, nothing_blocks, pieces_fit,
    registrar_has_signed, room_for_title, surveyor_has_signed, titles_are_alike,
    unit_is_not_frozen, unit_is_not_shared,
};
use crate::land::title::{Event, EventKind, State, Title};
use crate::land::unit::SpatialUnit;
use crate::text::{LocalId, Reference};

pub(super) fn split(draft: &mut Draft<'_>, action: &Split) -> Result<(), Rejection> {
    let title = may_go(draft, &action.title)?;
    registrar_has_signed(draft, &action.by)?;
    surveyor_has_signed(draft, &action.surveyor)?;
    all_owners_have_signed(draft, &title.owners)?;
    let interests = title.interests.clone();
    let change = Change {
        parents: vec![title],
        parts: &action.into,
        interests,
        kind: EventKind::Split,
        by: action.by,
        reference: &action.reference,
    };
    change.apply(draft)
}

pub(super) fn merge(draft: &mut Draft<'_>, action: &Merge) -> Result<(), Rejection> {
    let parents =
        action.titles.iter().map(|id| may_go(draft, id)).collect::<Result<Vec<_>, _>>()?;
    registrar_has_signed(draft, &action.by)?;
    surveyor_has_signed(draft, &action.surveyor)?;
    titles_are_alike(&parents)?;
    for title in &parents {
        all_owners_have_signed(draft, &title.owners)?;
    }
    let interests = all_interests(&parents)?;
    let change = Change {
        parents,
        parts: std::slice::from_ref(&action.into),
        interests,
        kind: EventKind::Merged,
        by: action.by,
        reference: &action.reference,
    };
    change.apply(draft)
}

/// A title that can make room for others.
fn may_go(draft: &Draft<'_>, id: &LocalId) -> Result<Title, Rejection> {
    let title = current_title(draft, id)?;
    nothing_blocks(draft, &title)?;
    no_owner_is_deceased(draft, &title)?;
    Ok(title)
}

/// What the merged title is subject to. One that came to several titles by a split comes together.
fn all_interests(titles: &[Title]) -> Result<Vec<Interest>, Rejection> {
    let mut all: Vec<Interest> = Vec::new();
    for interest in titles.iter().flat_map(|title| &title.interests) {
        if !all.contains(interest) {
            interest_fits(&all, &interest.interest, interest.nature.rank())?;
            all.push(interest.clone());
        }
    }
    Ok(all)
}

/// A split or a merge.
struct Change<'a> {
    parents: Vec<Title>,
    parts: &'a [Part],
    interests: Vec<Interest>,
    kind: EventKind,
    by: PartyId,
    reference: &'a Reference,
}

/// The units before and after.
struct Units {
    /// They stay as they are, in one title or another.
    kept: Vec<SpatialUnit>,
    /// Others take their place.
    replaced: Vec<SpatialUnit>,
    /// They take the place of others.
    fresh: Vec<SpatialUnit>,
}

impl Change<'_> {
    fn apply(self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        self.ids_are_free(draft)?;
        let units = self.units(draft)?;
        self.land_is_the_same(draft, &units)?;
        self.put_units(draft, units)?;
        self.put_titles(draft);
        Ok(())
    }

    fn ids_are_free(&self, draft: &Draft<'_>) -> Result<(), Rejection> {
        for (index, part) in self.parts.iter().enumerate() {
            id_is_free::<Title>(draft, &part.title)?;
            if self.parts[..index].iter().any(|earlier| earlier.title == part.title) {
                let detail = format!("{} stands twice", part.title);
                return Err(crate::codes::ID_TAKEN.because(detail));
            }
        }
        Ok(())
    }

    fn units(&self, draft: &Draft<'_>) -> Result<Units, Rejection> {
        let distinct = |ids: &mut dyn Iterator<Item = &LocalId>| {
            let mut found: Vec<LocalId> = Vec::new();
            ids.for_each(|id| {
                if !found.contains(id) {
                    found.push(id.clone())
                }
            });
            found
        };
        let before = distinct(&mut self.parents.iter().flat_map(|title| title.units.iter()));
        let after = distinct(&mut self.parts.iter().flat_map(|part| part.units.iter()));
        let mut units = Units { kept: Vec::new(), replaced: Vec::new(), fresh: Vec::new() };
        for id in &before {
            let unit = known_unit(draft, id)?;
            let stays = after.contains(id);
            if stays { units.kept.push(unit) } else { units.replaced.push(unit) }
        }
        for id in after.iter().filter(|id| !before.contains(id)) {
            units.fresh.push(known_unit(draft, id)?);
        }
        Ok(units)
    }

    fn land_is_the_same(&self, draft: &Draft<'_>, units: &Units) -> Result<(), Rejection> {
        let parents = ids(&self.parents);
        for unit in &units.replaced {
            unit_is_not_shared(unit, &parents)?;
        }
        for unit in units.replaced.iter().chain(&units.kept).chain(&units.fresh) {
            unit_is_not_frozen(draft, unit)?;
        }
        for unit in &units.fresh {
            may_be_titled(unit)?;
            never_titled(unit)?;
        }
        let pieces = |units: &[SpatialUnit]| -> Vec<Piece> {
            units.iter().map(|unit| Piece::of(draft, unit.clone())).collect()
        };
        pieces_fit(&pieces(&units.replaced), &pieces(&units.fresh))
    }

    fn put_units(&self, draft: &mut Draft<'_>, units: Units) -> Result<(), Rejection> {
        let parents = ids(&self.parents);
        let replaced: Vec<LocalId> = units.replaced.iter().map(|unit| unit.unit.clone()).collect();
        let fresh: Vec<LocalId> = units.fresh.iter().map(|unit| unit.unit.clone()).collect();
        for mut unit in units.replaced {
            unit.titles.clear();
            unit.children.clone_from(&fresh);
            draft.put(&unit);
        }
        let of_parts = |unit: &LocalId| {
            let parts = self.parts.iter().filter(move |part| part.units.contains(unit));
            parts.map(|part| part.title.clone()).collect::<Vec<_>>()
        };
        for mut unit in units.kept {
            unit.titles.retain(|title| !parents.contains(title));
            for title in of_parts(&unit.unit) {
                room_for_title(&unit)?;
                unit.titles.push(title);
            }
            draft.put(&unit);
        }
        for mut unit in units.fresh {
            unit.titles = of_parts(&unit.unit);
            unit.titled = true;
            unit.parents.clone_from(&replaced);
            draft.put(&unit);
        }
        Ok(())
    }

    fn put_titles(self, draft: &mut Draft<'_>) {
        let event = Event {
            reference: Some(self.reference.clone()),
            ..Event::now(draft, self.kind, self.by)
        };
        let parents = ids(&self.parents);
        let children: Vec<LocalId> = self.parts.iter().map(|part| part.title.clone()).collect();
        if let Some(model) = self.parents.first() {
            for part in self.parts {
                let mut child = Title {
                    title: part.title.clone(),
                    units: part.units.clone(),
                    interests: self.interests.clone(),
                    record: part.record,
                    registered: draft.time(),
                    parents: parents.clone(),
                    children: Vec::new(),
                    last: Vec::new(),
                    trail: Vec::new(),
                    ..model.clone()
                };
                child.happened(Event { record: part.record, ..event.clone() });
                draft.put(&child);
            }
        }
        for mut parent in self.parents {
            parent.state = State::Cancelled;
            parent.children.clone_from(&children);
            parent.happened(event.clone());
            draft.put(&parent);
        }
    }
}

fn ids(titles: &[Title]) -> Vec<LocalId> {
    titles.iter().map(|title| title.title.clone()).collect()
}
