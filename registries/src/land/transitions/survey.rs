//! Laying down pieces of land.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use crate::land::actions::{ExtendSurvey, Survey};
use crate::land::codes;
use crate::land::rules::{
    Piece, id_is_free, known_unit, never_titled, outline_is_sound, sheets_lie_apart,
    surveyor_has_signed, unit_is_not_frozen, unit_of_surveyor,
};
use crate::land::unit::{MAX_SHEETS, Sheet, SpatialUnit};

pub(super) fn survey(draft: &mut Draft<'_>, action: &Survey) -> Result<(), Rejection> {
    id_is_free::<SpatialUnit>(draft, &action.unit)?;
    surveyor_has_signed(draft, &action.by)?;
    outline_is_sound(&action.outline)?;

    draft.put(&SpatialUnit {
        unit: action.unit.clone(),
        crs: action.crs,
        step: action.step,
        sheets: 1,
        area: action.outline.area(),
        plan: action.plan.clone(),
        record: action.record,
        surveyor: action.by,
        surveyed: draft.time(),
        titles: Vec::new(),
        titled: false,
        parents: Vec::new(),
        children: Vec::new(),
    });
    draft.put(&Sheet { unit: action.unit.clone(), number: 1, outline: action.outline.clone() });
    Ok(())
}

pub(super) fn extend(draft: &mut Draft<'_>, action: &ExtendSurvey) -> Result<(), Rejection> {
    let unit = known_unit(draft, &action.unit)?;
    surveyor_has_signed(draft, &action.by)?;
    unit_of_surveyor(&unit, &action.by)?;
    never_titled(&unit)?;
    unit_is_not_frozen(draft, &unit)?;
    room_for_sheet(&unit)?;
    outline_is_sound(&action.outline)?;
    let piece = Piece::of(draft, unit);
    sheets_lie_apart(&piece, &action.outline)?;

    let mut unit = piece.unit;
    unit.sheets += 1;
    unit.area = unit.area.plus(action.outline.area());
    let (id, number) = (action.unit.clone(), unit.sheets);
    draft.put(&Sheet { unit: id, number, outline: action.outline.clone() });
    draft.put(&unit);
    Ok(())
}

fn room_for_sheet(unit: &SpatialUnit) -> Result<(), Rejection> {
    if unit.sheets >= MAX_SHEETS {
        return Err(codes::UNIT_FULL.because(format!("{} has {MAX_SHEETS} sheets", unit.unit)));
    }
    Ok(())
}
