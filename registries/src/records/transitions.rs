//! How the records register changes. Who signs comes first: without the keeper's signature the answer is the same
//! whatever the register holds.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use super::actions::{Action, AnchorRecord, EraseRecord, ReplaceRecord};
use super::record::{Erased, Record, RecordId, RecordStatus};
use super::rules::{
    is_kept, is_new, is_not_held, keeper_has_signed, known_record, may_be_replaced, order_is_cited,
    subjects_are_known,
};

pub(super) fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    match action {
        Action::Anchor(action) => anchor(draft, action),
        Action::Replace(action) => replace(draft, action),
        Action::Erase(action) => erase(draft, action),
    }
}

fn anchor(draft: &mut Draft<'_>, action: &AnchorRecord) -> Result<(), Rejection> {
    let AnchorRecord { keeper, commitment, .. } = *action;
    keeper_has_signed(draft, &keeper)?;
    is_new(draft, &RecordId { keeper, commitment })?;
    subjects_are_known(draft, &action.subjects)?;

    draft.put(&Record {
        keeper,
        commitment,
        salt: action.salt,
        schema: action.schema.clone(),
        subjects: action.subjects.clone(),
        version: 1,
        replaces: None,
        replaced_by: None,
        anchored: draft.time(),
        status: RecordStatus::Kept,
        erased: None,
    });
    Ok(())
}

/// The one before may have been erased: that it was right to erase it says nothing against what follows.
fn replace(draft: &mut Draft<'_>, action: &ReplaceRecord) -> Result<(), Rejection> {
    keeper_has_signed(draft, &action.record.keeper)?;
    let mut old = known_record(draft, &action.record)?;
    is_not_held(draft, &old)?;
    may_be_replaced(&old)?;
    is_new(draft, &RecordId { keeper: old.keeper, commitment: action.commitment })?;

    draft.put(&Record {
        keeper: old.keeper,
        commitment: action.commitment,
        salt: action.salt,
        schema: action.schema.clone(),
        subjects: old.subjects.clone(),
        version: old.version + 1,
        replaces: Some(old.commitment),
        replaced_by: None,
        anchored: draft.time(),
        status: RecordStatus::Kept,
        erased: None,
    });
    old.replaced_by = Some(action.commitment);
    draft.put(&old);
    Ok(())
}

fn erase(draft: &mut Draft<'_>, action: &EraseRecord) -> Result<(), Rejection> {
    keeper_has_signed(draft, &action.record.keeper)?;
    let mut record = known_record(draft, &action.record)?;
    is_kept(&record)?;
    is_not_held(draft, &record)?;
    order_is_cited(draft, &record, action.reason, action.order.as_ref())?;

    record.status = RecordStatus::Erased;
    let (at, reason, order) = (draft.time(), action.reason, action.order.clone());
    record.erased = Some(Erased { at, reason, order });
    draft.put(&record);
    Ok(())
}
