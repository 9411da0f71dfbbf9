//! How the land register changes.

mod court;
mod interests;
mod ownership;
mod pieces;
mod survey;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use super::actions::{Action, RegisterTitle};
use super::interest::Interest;
use super::interest::Nature;
use super::rules::{
    Piece, id_is_free, interest_fits, known_unit, may_be_titled, one_reference_system,
    parties_are_known, registrar_has_signed, room_for_title, shares_sum_to_one,
    surveyor_has_signed, unit_is_not_frozen,
};
use super::title::{Event, EventKind, State, Title};
use crate::codes::period_is_not_empty;

pub(super) fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    match action {
        Action::Survey(action) => survey::survey(draft, action),
        Action::ExtendSurvey(action) => survey::extend(draft, action),
        Action::Register(action) => register(draft, action),
        Action::Transfer(action) => ownership::transfer(draft, action),
        Action::Transmit(action) => ownership::transmit(draft, action),
        Action::Mortgage(action) => interests::mortgage(draft, action),
        Action::Discharge(action) => interests::discharge(draft, action),
        Action::Lease(action) => interests::lease(draft, action),
        Action::GrantServitude(action) => interests::grant_servitude(draft, action),
        Action::Impose(action) => interests::impose(draft, action),
        Action::End(action) => interests::end(draft, action),
        Action::Caveat(action) => interests::caveat(draft, action),
        Action::RemoveCaveat(action) => interests::remove_caveat(draft, action),
        Action::ForcedSale(action) => court::forced_sale(draft, action),
        Action::Rectify(action) => court::rectify(draft, action),
        Action::Split(action) => pieces::split(draft, action),
        Action::Merge(action) => pieces::merge(draft, action),
    }
}

fn register(draft: &mut Draft<'_>, action: &RegisterTitle) -> Result<(), Rejection> {
    id_is_free::<Title>(draft, &action.title)?;
    registrar_has_signed(draft, &action.by)?;
    surveyor_has_signed(draft, &action.surveyor)?;
    let owners = shares_sum_to_one(action.owners.to_vec())?;
    parties_are_known(draft, owners.iter().map(|owner| &owner.party))?;
    let interests = given_interests(draft, action)?;
    let units =
        action.units.iter().map(|id| known_unit(draft, id)).collect::<Result<Vec<_>, _>>()?;
    for unit in &units {
        may_be_titled(unit)?;
        unit_is_not_frozen(draft, unit)?;
        room_for_title(unit)?;
    }
    let pieces: Vec<Piece> = units.iter().map(|unit| Piece::of(draft, unit.clone())).collect();
    one_reference_system(pieces.iter())?;

    for mut unit in units {
        unit.titles.push(action.title.clone());
        unit.titled = true;
        draft.put(&unit);
    }
    let mut title = Title {
        title: action.title.clone(),
        state: State::Current,
        tenure: action.tenure.clone(),
        units: action.units.clone(),
        owners,
        interests,
        record: action.record,
        registered: draft.time(),
        parents: Vec::new(),
        children: Vec::new(),
        last: Vec::new(),
        trail: Vec::new(),
    };
    title.happened(Event {
        reference: Some(action.reference.clone()),
        record: action.record,
        ..Event::now(draft, EventKind::Registered, action.by)
    });
    draft.put(&title);
    Ok(())
}

/// What an old register has is taken over on the registrar's word: holders need not sign again.
fn given_interests(draft: &Draft<'_>, action: &RegisterTitle) -> Result<Vec<Interest>, Rejection> {
    let mut interests = Vec::with_capacity(action.interests.len());
    for given in action.interests.iter() {
        interest_fits(&interests, &given.interest, given.nature.rank())?;
        parties_are_known(draft, given.nature.holders().1)?;
        if let Nature::Lease(lease) = &given.nature {
            period_is_not_empty(draft.time(), lease.until)?;
        }
        interests.push(Interest {
            interest: given.interest.clone(),
            nature: given.nature.clone(),
            reference: given.reference.clone(),
            record: given.record,
            since: draft.time(),
        });
    }
    Ok(interests)
}
