//! How title passes: by sale, gift, inheritance and restitution.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};

use crate::RegisterName;
use crate::artworks::actions::{Bequeath, PassTitle, Restitute};
use crate::artworks::event::{Event, EventKind};
use crate::artworks::rules::{
    custody_can_follow, disputed_by_nobody_but, has_signed, is_not_frozen, is_owner, is_unflagged,
    known_work, owner_is_gone, sides_differ, still_exists,
};
use crate::artworks::work::Work;
use crate::authorities::directed;

pub(super) fn pass(
    draft: &mut Draft<'_>,
    action: &PassTitle,
    kind: EventKind,
) -> Result<(), Rejection> {
    let was = known_work(draft, &action.work)?;
    sides_differ(&action.from, &action.to)?;
    is_owner(&was, &action.from)?;
    has_signed(draft, &action.from)?;
    has_signed(draft, &action.to)?;
    is_unflagged(draft, &was)?;
    custody_can_follow(&was, &action.from, action.with_custody)?;

    let mut work = was.clone();
    work.pass_title(action.to, action.with_custody, draft.time());
    let event =
        Event { document: action.contract, ..Event::now(draft, &action.work, kind, action.from) };
    event.put(draft, Some(&was), work);
    Ok(())
}

pub(super) fn bequeath(draft: &mut Draft<'_>, action: &Bequeath) -> Result<(), Rejection> {
    let was = known_work(draft, &action.work)?;
    sides_differ(&action.from, &action.to)?;
    is_owner(&was, &action.from)?;
    owner_is_gone(draft, &action.from)?;
    has_signed(draft, &action.executor)?;
    has_signed(draft, &action.to)?;
    let order = directed(draft, &action.order, RegisterName::Artworks, Work::KIND, &was.id())?;
    is_unflagged(draft, &was)?;
    custody_can_follow(&was, &action.from, action.with_custody)?;

    let mut work = was.clone();
    work.pass_title(action.to, action.with_custody, draft.time());
    let event = Event {
        witness: Some(order.by),
        order: Some(order.order),
        ..Event::now(draft, &action.work, EventKind::Bequeathed, action.executor)
    };
    event.put(draft, Some(&was), work);
    Ok(())
}

/// Restitution ends the disputes that it settles: the receiver's own where both agree, and all where
/// a court directs it. A stolen work can be restituted, for title does not need custody.
pub(super) fn restitute(draft: &mut Draft<'_>, action: &Restitute) -> Result<(), Rejection> {
    let was = known_work(draft, &action.work)?;
    sides_differ(&action.from, &action.to)?;
    is_owner(&was, &action.from)?;
    has_signed(draft, &action.to)?;
    let order = match &action.order {
        Some(order) => Some(directed(draft, order, RegisterName::Artworks, Work::KIND, &was.id())?),
        None => {
            has_signed(draft, &action.from)?;
            disputed_by_nobody_but(&was, &action.to)?;
            None
        }
    };
    still_exists(&was)?;
    is_not_frozen(draft, &was)?;
    custody_can_follow(&was, &action.from, action.with_custody)?;

    let mut work = was.clone();
    work.disputes.clear();
    work.pass_title(action.to, action.with_custody, draft.time());
    let event = Event {
        witness: order.as_ref().map(|order| order.by),
        order: order.map(|order| order.order),
        document: action.contract,
        ..Event::now(draft, &action.work, EventKind::Restituted, action.to)
    };
    event.put(draft, Some(&was), work);
    Ok(())
}
