//! The rules on pieces of land: sound outlines, and pieces that cover what others did.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::party::PartyId;

use crate::RegisterName;
use crate::authorities::not_frozen;
use crate::land::codes;
use crate::land::geometry::{Area, Misfit, Outline, crossing, misfit, overlap};
use crate::land::unit::{MAX_TITLES, Sheet, SpatialUnit};
use crate::text::LocalId;

/// The most points of all outlines that are compared in one split or merge.
pub const MAX_POINTS_TOGETHER: usize = 20_000;

/// A unit with its outline.
pub(in crate::land) struct Piece {
    pub(in crate::land) unit: SpatialUnit,
    outlines: Vec<Outline>,
}

impl Piece {
    /// The unit with all its sheets.
    pub(in crate::land) fn of(draft: &Draft<'_>, unit: SpatialUnit) -> Self {
        let sheets = unit.sheet_ids().filter_map(|id| draft.get::<Sheet>(&id));
        let outlines = sheets.map(|sheet| sheet.outline).collect();
        Self { unit, outlines }
    }

    fn point_count(&self) -> usize {
        self.outlines.iter().map(Outline::point_count).sum()
    }
}

/// The unit exists.
pub(in crate::land) fn known_unit(
    draft: &Draft<'_>,
    id: &LocalId,
) -> Result<SpatialUnit, Rejection> {
    draft
        .get(id.as_str())
        .ok_or_else(|| codes::UNIT_UNKNOWN.because(format!("there is no spatial unit {id}")))
}

/// No other unit has taken its place.
pub(in crate::land) fn may_be_titled(unit: &SpatialUnit) -> Result<(), Rejection> {
    if unit.children.is_empty() {
        return Ok(());
    }
    let children: Vec<&str> = unit.children.iter().map(LocalId::as_str).collect();
    let detail = format!("{} was replaced by {}", unit.unit, children.join(", "));
    Err(codes::UNIT_REPLACED.because(detail))
}

/// No freeze is on the unit: neither its outline nor what titles are about it changes.
pub(in crate::land) fn unit_is_not_frozen(
    draft: &Draft<'_>,
    unit: &SpatialUnit,
) -> Result<(), Rejection> {
    not_frozen(draft, RegisterName::Land, SpatialUnit::KIND, unit.unit.as_str())
}

/// The list of a unit's titles is bounded.
pub(in crate::land) fn room_for_title(unit: &SpatialUnit) -> Result<(), Rejection> {
    if unit.titles.len() >= MAX_TITLES {
        let detail = format!("{MAX_TITLES} titles are about {}", unit.unit);
        return Err(codes::UNIT_FULL.because(detail));
    }
    Ok(())
}

/// No title was ever about it: its outline may still grow, and it may take the place of others.
pub(in crate::land) fn never_titled(unit: &SpatialUnit) -> Result<(), Rejection> {
    if unit.titled {
        let detail = format!("a title is or was about {}", unit.unit);
        return Err(codes::UNIT_SETTLED.because(detail));
    }
    Ok(())
}

/// A unit is laid down by one surveyor.
pub(in crate::land) fn unit_of_surveyor(
    unit: &SpatialUnit,
    surveyor: &PartyId,
) -> Result<(), Rejection> {
    if unit.surveyor == *surveyor {
        return Ok(());
    }
    let detail = format!("{} was laid down by {}", unit.unit, unit.surveyor);
    Err(codes::NOT_THE_SURVEYOR.because(detail))
}

/// The outline is one (OGC Simple Features 6.1.11).
pub(in crate::land) fn outline_is_sound(outline: &Outline) -> Result<(), Rejection> {
    match crossing(outline) {
        None => Ok(()),
        Some(crossing) => Err(codes::OUTLINE_CROSSES.because(crossing.to_string())),
    }
}

/// A further sheet shows other land than those before it.
pub(in crate::land) fn sheets_lie_apart(piece: &Piece, sheet: &Outline) -> Result<(), Rejection> {
    pieces_lie_apart(&[piece.outlines.clone(), vec![sheet.clone()]])
}

fn pieces_lie_apart(pieces: &[Vec<Outline>]) -> Result<(), Rejection> {
    match overlap(pieces) {
        None => Ok(()),
        Some(at) => {
            let detail = format!("two lie over each other near {}, {}", at.x, at.y);
            Err(codes::UNITS_OVERLAP.because(detail))
        }
    }
}

/// The titles whose land it is are all among these.
pub(in crate::land) fn unit_is_not_shared(
    unit: &SpatialUnit,
    titles: &[LocalId],
) -> Result<(), Rejection> {
    match unit.titles.iter().find(|title| !titles.contains(title)) {
        None => Ok(()),
        Some(other) => Err(codes::UNIT_SHARED.because(format!("{} is in {other} too", unit.unit))),
    }
}

/// All are measured alike.
pub(in crate::land) fn one_reference_system<'a>(
    pieces: impl Iterator<Item = &'a Piece>,
) -> Result<(), Rejection> {
    let mut systems = pieces.map(|piece| &piece.unit);
    let Some(first) = systems.next() else { return Ok(()) };
    match systems.find(|unit| (unit.crs, unit.step) != (first.crs, first.step)) {
        None => Ok(()),
        Some(other) => {
            let detail =
                format!("{} is in {}, {} in {}", first.unit, first.crs, other.unit, other.crs);
            Err(codes::REFERENCE_SYSTEMS_DIFFER.because(detail))
        }
    }
}

/// The new pieces cover what the old ones did: they have one reference system and the same area
/// within 0.1 %, and neither overlap, nor leave a hole, nor reach out.
pub(in crate::land) fn pieces_fit(old: &[Piece], new: &[Piece]) -> Result<(), Rejection> {
    one_reference_system(old.iter().chain(new))?;
    let points: usize = old.iter().chain(new).map(Piece::point_count).sum();
    if points > MAX_POINTS_TOGETHER {
        return Err(codes::TOO_MANY_POINTS.because(format!("they have {points}")));
    }
    areas_are_equal(old, new)?;
    let outlines = |piece: &Piece| piece.outlines.clone();
    pieces_lie_apart(&new.iter().map(outlines).collect::<Vec<_>>())?;
    let old: Vec<Outline> = old.iter().flat_map(outlines).collect();
    let new: Vec<Outline> = new.iter().flat_map(outlines).collect();
    match misfit(&old, &new) {
        None => Ok(()),
        Some(Misfit::Hole(at)) => {
            Err(codes::LEAVES_A_HOLE.because(format!("land is left out near {}, {}", at.x, at.y)))
        }
        Some(Misfit::Overhang(at)) => {
            Err(codes::REACHES_OUT.because(format!("near {}, {}", at.x, at.y)))
        }
    }
}

fn areas_are_equal(old: &[Piece], new: &[Piece]) -> Result<(), Rejection> {
    let area = |pieces: &[Piece]| {
        pieces.iter().map(|piece| piece.unit.area).fold(Area::default(), Area::plus)
    };
    let (before, after) = (area(old), area(new));
    if after.is_within_a_thousandth_of(before) {
        return Ok(());
    }
    Err(codes::AREAS_DIFFER.because(format!("{before} before and {after} after")))
}
