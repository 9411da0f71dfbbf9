//! What a court forces, and what the registrar corrects.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use crate::land::actions::{ForcedSale, Rectify};
use crate::land::codes;
use crate::land::rules::{
    after_giving, all_owners_have_signed, corrects_something, court_directs, current_title,
    has_signed, known_interest, lenders_have_signed, nothing_blocks, parties_are_known,
    registrar_has_signed, shares_sum_to_one,
};
use crate::land::title::{Event, EventKind, Owners, Title};

pub(super) fn forced_sale(draft: &mut Draft<'_>, action: &ForcedSale) -> Result<(), Rejection> {
    let mut title = current_title(draft, &action.title)?;
    let carried_out = court_directs(draft, &action.order, &title)?;
    let owners = after_giving(&title.owners, &action.from, &action.to)?;
    registrar_has_signed(draft, &action.by)?;
    for buyer in action.to.iter() {
        has_signed(draft, &buyer.party)?;
    }
    for cleared in action.clears.iter() {
        known_interest(&title, cleared)?;
    }

    title.owners = owners;
    title.interests.retain(|interest| !action.clears.contains(&interest.interest));
    title.happened(Event {
        reference: Some(action.reference.clone()),
        order: Some(action.order.clone()),
        record: action.record,
        ..Event::now(draft, EventKind::Sold, action.by)
    });
    draft.put(&title);
    draft.put(&carried_out);
    Ok(())
}

pub(super) fn rectify(draft: &mut Draft<'_>, action: &Rectify) -> Result<(), Rejection> {
    let mut title = current_title(draft, &action.title)?;
    corrects_something(&title, &action.corrects)?;
    let carried_out = match &action.order {
        Some(order) => Some(court_directs(draft, order, &title)?),
        None => nothing_blocks(draft, &title).map(|()| None)?,
    };
    let owners = right_owners(draft, action)?;
    rectifies_something(&title, action, owners.as_ref())?;
    registrar_has_signed(draft, &action.by)?;
    if let (Some(owners), None) = (&owners, &carried_out) {
        all_owners_have_signed(draft, &title.owners)?;
        all_owners_have_signed(draft, owners)?;
        lenders_have_signed(draft, &title)?;
    }

    title.owners = owners.unwrap_or(title.owners);
    title.tenure = action.tenure.clone().unwrap_or(title.tenure);
    title.record = action.record.or(title.record);
    title.happened(Event {
        reference: Some(action.reference.clone()),
        order: action.order.clone(),
        corrects: Some(action.corrects),
        statement: Some(action.statement.clone()),
        record: action.record,
        ..Event::now(draft, EventKind::Rectified, action.by)
    });
    draft.put(&title);
    if let Some(carried_out) = carried_out {
        draft.put(&carried_out);
    }
    Ok(())
}

fn right_owners(draft: &Draft<'_>, action: &Rectify) -> Result<Option<Owners>, Rejection> {
    let Some(shares) = &action.owners else { return Ok(None) };
    let owners = shares_sum_to_one(shares.to_vec())?;
    let parties: Vec<PartyId> = owners.iter().map(|owner| owner.party).collect();
    parties_are_known(draft, &parties)?;
    Ok(Some(owners))
}

/// A rectification changes something.
fn rectifies_something(
    title: &Title,
    action: &Rectify,
    owners: Option<&Owners>,
) -> Result<(), Rejection> {
    let owners_change = owners.is_some_and(|owners| !owners.are_the_same_as(&title.owners));
    let tenure_changes = action.tenure.as_ref().is_some_and(|tenure| *tenure != title.tenure);
    let record_changes = action.record.is_some_and(|record| Some(record) != title.record);
    if owners_change || tenure_changes || record_changes {
        return Ok(());
    }
    Err(codes::RECTIFIES_NOTHING.because(format!("{} is as stated already", title.title)))
}
