//! What a title is subject to: how it comes, and how it goes.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;

use crate::codes::period_is_not_empty;
use crate::land::actions::{
    EndInterest, GrantServitude, Impose, LodgeCaveat, PublicBurden, RegisterLease, RegisterMortgage,
};
use crate::land::interest::{Caveat, Interest, Lease, Mortgage, Nature, Public, Servitude};
use crate::land::rules::{
    all_owners_have_signed, court_directs, current_title, holders_have_signed, interest_fits,
    interest_is, is_holder, known_interest, no_freeze_blocks, no_owner_is_deceased, nothing_blocks,
    registrar_has_signed,
};
use crate::land::title::{CarriedOut, Event, EventKind, Title};
use crate::text::{LocalId, Reference};

pub(super) fn mortgage(draft: &mut Draft<'_>, action: &RegisterMortgage) -> Result<(), Rejection> {
    let title = by_its_owners(draft, &action.title)?;
    let mortgage = Mortgage { lenders: action.lenders.clone(), rank: action.rank };
    let entry = Entry {
        id: &action.interest,
        by: action.by,
        reference: &action.reference,
        record: action.record,
    };
    entry.register(draft, title, Nature::Mortgage(mortgage), EventKind::Mortgaged)
}

pub(super) fn lease(draft: &mut Draft<'_>, action: &RegisterLease) -> Result<(), Rejection> {
    let title = by_its_owners(draft, &action.title)?;
    period_is_not_empty(draft.time(), action.until)?;
    let lease = Lease { lessees: action.lessees.clone(), until: action.until };
    let entry = Entry {
        id: &action.interest,
        by: action.by,
        reference: &action.reference,
        record: action.record,
    };
    entry.register(draft, title, Nature::Lease(lease), EventKind::Leased)
}

pub(super) fn grant_servitude(
    draft: &mut Draft<'_>,
    action: &GrantServitude,
) -> Result<(), Rejection> {
    let title = by_its_owners(draft, &action.title)?;
    let servitude =
        Servitude { beneficiaries: action.beneficiaries.clone(), terms: action.terms.clone() };
    let entry = Entry {
        id: &action.interest,
        by: action.by,
        reference: &action.reference,
        record: action.record,
    };
    entry.register(draft, title, Nature::Servitude(servitude), EventKind::Burdened)
}

pub(super) fn impose(draft: &mut Draft<'_>, action: &Impose) -> Result<(), Rejection> {
    let title = current_title(draft, &action.title)?;
    nothing_blocks(draft, &title)?;
    let public = Public { authority: action.authority, terms: action.terms.clone() };
    let nature = match action.burden {
        PublicBurden::HistoricPreservation => Nature::HistoricPreservation(public),
        PublicBurden::Responsibility => Nature::Responsibility(public),
    };
    let entry = Entry {
        id: &action.interest,
        by: action.by,
        reference: &action.reference,
        record: action.record,
    };
    entry.register(draft, title, nature, EventKind::Imposed)
}

/// A caveat keeps its place beside others: it hinders dealings, and a claim is none.
pub(super) fn caveat(draft: &mut Draft<'_>, action: &LodgeCaveat) -> Result<(), Rejection> {
    let title = current_title(draft, &action.title)?;
    no_freeze_blocks(draft, &title)?;
    let caveat = Caveat { caveators: action.caveators.clone() };
    let entry = Entry {
        id: &action.interest,
        by: action.by,
        reference: &action.reference,
        record: action.record,
    };
    entry.register(draft, title, Nature::Caveat(caveat), EventKind::Caveated)
}

/// A title that nothing blocks, whose owners have all signed.
fn by_its_owners(draft: &Draft<'_>, id: &LocalId) -> Result<Title, Rejection> {
    let title = current_title(draft, id)?;
    nothing_blocks(draft, &title)?;
    no_owner_is_deceased(draft, &title)?;
    all_owners_have_signed(draft, &title.owners)?;
    Ok(title)
}

/// An interest that is to be registered.
struct Entry<'a> {
    id: &'a LocalId,
    by: PartyId,
    reference: &'a Reference,
    record: Option<Hash>,
}

impl Entry<'_> {
    /// Whose interest it becomes and the registrar have signed, and it fits.
    fn register(
        self,
        draft: &mut Draft<'_>,
        mut title: Title,
        nature: Nature,
        kind: EventKind,
    ) -> Result<(), Rejection> {
        registrar_has_signed(draft, &self.by)?;
        let interest = Interest {
            interest: self.id.clone(),
            nature,
            reference: self.reference.clone(),
            record: self.record,
            since: draft.time(),
        };
        holders_have_signed(draft, &interest)?;
        interest_fits(&title.interests, self.id, interest.nature.rank())?;

        title.interests.push(interest);
        title.happened(Event {
            interest: Some(self.id.clone()),
            reference: Some(self.reference.clone()),
            record: self.record,
            ..Event::now(draft, kind, self.by)
        });
        draft.put(&title);
        Ok(())
    }
}

pub(super) fn discharge(draft: &mut Draft<'_>, action: &EndInterest) -> Result<(), Rejection> {
    let (title, place) = interest_of(draft, action)?;
    let interest = &title.interests[place];
    interest_is(interest, |nature| matches!(nature, Nature::Mortgage(_)))?;
    let carried_out = by_court_or(draft, action, &title, || {
        nothing_blocks(draft, &title)?;
        is_holder(interest, &action.by)?;
        holders_have_signed(draft, interest)
    })?;
    put_without(draft, title, place, action, EventKind::Discharged, carried_out);
    Ok(())
}

/// The one thing that a caveat does not block.
pub(super) fn remove_caveat(draft: &mut Draft<'_>, action: &EndInterest) -> Result<(), Rejection> {
    let (title, place) = interest_of(draft, action)?;
    let interest = &title.interests[place];
    interest_is(interest, |nature| matches!(nature, Nature::Caveat(_)))?;
    let carried_out = by_court_or(draft, action, &title, || {
        no_freeze_blocks(draft, &title)?;
        is_holder(interest, &action.by)?;
        holders_have_signed(draft, interest)
    })?;
    put_without(draft, title, place, action, EventKind::CaveatRemoved, carried_out);
    Ok(())
}

pub(super) fn end(draft: &mut Draft<'_>, action: &EndInterest) -> Result<(), Rejection> {
    let (title, place) = interest_of(draft, action)?;
    let interest = &title.interests[place];
    interest_is(interest, |nature| !matches!(nature, Nature::Mortgage(_) | Nature::Caveat(_)))?;
    let carried_out = by_court_or(draft, action, &title, || {
        nothing_blocks(draft, &title)?;
        registrar_has_signed(draft, &action.by)?;
        holders_have_signed(draft, interest)
    })?;
    put_without(draft, title, place, action, EventKind::Ended, carried_out);
    Ok(())
}

fn interest_of(draft: &Draft<'_>, action: &EndInterest) -> Result<(Title, usize), Rejection> {
    let title = current_title(draft, &action.title)?;
    let place = known_interest(&title, &action.interest)?;
    Ok((title, place))
}

/// The registrar has signed under a court's direction; without one, what the parties must do.
fn by_court_or(
    draft: &Draft<'_>,
    action: &EndInterest,
    title: &Title,
    by_the_parties: impl FnOnce() -> Result<(), Rejection>,
) -> Result<Option<CarriedOut>, Rejection> {
    let Some(order) = &action.order else { return by_the_parties().map(|()| None) };
    let carried_out = court_directs(draft, order, title)?;
    registrar_has_signed(draft, &action.by)?;
    Ok(Some(carried_out))
}

fn put_without(
    draft: &mut Draft<'_>,
    mut title: Title,
    place: usize,
    action: &EndInterest,
    kind: EventKind,
    carried_out: Option<CarriedOut>,
) {
    title.interests.remove(place);
    title.happened(Event {
        interest: Some(action.interest.clone()),
        reference: Some(action.reference.clone()),
        order: action.order.clone(),
        record: action.record,
        ..Event::now(draft, kind, action.by)
    });
    draft.put(&title);
    if let Some(carried_out) = carried_out {
        draft.put(&carried_out);
    }
}
