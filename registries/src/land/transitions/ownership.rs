//! Shares that change hands: by transfer, and by death.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use crate::land::actions::{Transfer, Transmit};
use crate::land::rules::{
    after_giving, court_directs, current_title, has_signed, is_deceased, is_owner,
    lenders_have_signed, no_owner_is_deceased, nothing_blocks, registrar_has_signed,
};
use crate::land::title::{Event, EventKind, Share};

pub(super) fn transfer(draft: &mut Draft<'_>, action: &Transfer) -> Result<(), Rejection> {
    let mut title = current_title(draft, &action.title)?;
    nothing_blocks(draft, &title)?;
    no_owner_is_deceased(draft, &title)?;
    let owners = after_giving(&title.owners, &action.from, &action.to)?;
    registrar_has_signed(draft, &action.by)?;
    for share in action.from.iter().chain(action.to.iter()) {
        has_signed(draft, &share.party)?;
    }
    lenders_have_signed(draft, &title)?;

    title.owners = owners;
    title.happened(Event {
        reference: Some(action.reference.clone()),
        record: action.record,
        ..Event::now(draft, EventKind::Transferred, action.by)
    });
    draft.put(&title);
    Ok(())
}

pub(super) fn transmit(draft: &mut Draft<'_>, action: &Transmit) -> Result<(), Rejection> {
    let mut title = current_title(draft, &action.title)?;
    let share = is_owner(&title, &action.deceased)?;
    is_deceased(draft, &action.deceased)?;
    let carried_out = court_directs(draft, &action.order, &title)?;
    let given = [Share { party: action.deceased, share }];
    let owners = after_giving(&title.owners, &given, &action.heirs)?;
    registrar_has_signed(draft, &action.by)?;
    has_signed(draft, &action.executor)?;
    for heir in action.heirs.iter() {
        has_signed(draft, &heir.party)?;
    }

    title.owners = owners;
    title.happened(Event {
        reference: Some(action.reference.clone()),
        order: Some(action.order.clone()),
        record: action.record,
        ..Event::now(draft, EventKind::Transmitted, action.by)
    });
    draft.put(&title);
    draft.put(&carried_out);
    Ok(())
}
