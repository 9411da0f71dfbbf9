//! How custody, place and condition change, and how a work is lost and found.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;

use crate::RegisterName;
use crate::artworks::actions::{
    Consign, Destroy, HandOver, Lend, MoveWork, Recover, ReportCondition, ReportTheft, ReturnWork,
};
use crate::artworks::edition::Impression;
use crate::artworks::event::{Event, EventKind};
use crate::artworks::rules::{
    expert_has_signed, expert_is_none_of, goes_back_to, has_signed, has_signed_for_custody,
    is_custodian, is_not_frozen, is_not_out, is_owner, is_standing, is_stolen, is_unflagged, keeps,
    known_work, returns_later, sides_differ,
};
use crate::artworks::work::{Basis, ConditionReport, Custody, Place, Status, Theft, Work};
use crate::authorities::{Order, directed};
use crate::text::{Date, LocalId};

/// Custody as it goes from one to another.
struct Passage<'a> {
    work: &'a LocalId,
    owner: PartyId,
    from: PartyId,
    to: PartyId,
    /// The court's direction, where the receiver alone signs.
    order: Option<Order>,
    condition: &'a ConditionReport,
    place: &'a Option<Place>,
}

impl Passage<'_> {
    /// An unflagged work that its custodian gives away by its owner's will, or as a court directs.
    fn of_work(&self, draft: &Draft<'_>) -> Result<Work, Rejection> {
        let work = known_work(draft, self.work)?;
        sides_differ(&self.from, &self.to)?;
        is_owner(&work, &self.owner)?;
        is_standing(&work)?;
        is_custodian(&work, &self.from)?;
        if self.order.is_none() {
            has_signed(draft, &self.owner)?;
            has_signed_for_custody(draft, &self.from)?;
        }
        has_signed_for_custody(draft, &self.to)?;
        is_unflagged(draft, &work)?;
        Ok(work)
    }

    /// Puts down the work in its new custody, in the condition that the receiver signed for.
    fn put(&self, draft: &mut Draft<'_>, kind: EventKind, was: &Work, custody: Custody) {
        let at = draft.time();
        // Under a direction it is the receiver who states it.
        let by = if self.order.is_some() { self.to } else { self.from };
        let event = Event {
            witness: self.order.as_ref().map(|order| order.by),
            order: self.order.as_ref().map(|order| order.order.clone()),
            returns_by: custody.returns_by,
            statement: Some(self.condition.statement.clone()),
            document: custody.terms.or(self.condition.report),
            ..Event::now(draft, self.work, kind, by)
        };
        let work = Work {
            custody: Some(custody),
            place: self.place.clone(),
            condition: self.condition.stated(self.to, at),
            ..was.clone()
        };
        event.put(draft, Some(was), work);
    }

    /// Puts it into the hands of somebody who is to give it back.
    fn put_out(
        &self,
        draft: &mut Draft<'_>,
        basis: Basis,
        returns_by: Option<Date>,
        terms: Option<Hash>,
    ) -> Result<(), Rejection> {
        let was = self.of_work(draft)?;
        is_not_out(&was, is_custodian(&was, &self.from)?)?;
        returns_later(draft, returns_by)?;

        let (custodian, from, since) = (self.to, Some(self.from), draft.time());
        let custody = Custody { custodian, basis, since, from, returns_by, terms };
        let kind = if basis == Basis::Loan { EventKind::Lent } else { EventKind::Consigned };
        self.put(draft, kind, &was, custody);
        Ok(())
    }
}

pub(super) fn hand_over(draft: &mut Draft<'_>, action: &HandOver) -> Result<(), Rejection> {
    let HandOver { work, owner, from, to, order, condition, place } = action;
    let order = order
        .as_ref()
        .map(|order| directed(draft, order, RegisterName::Artworks, Work::KIND, work.as_str()));
    let order = order.transpose()?;
    let passage = Passage { work, owner: *owner, from: *from, to: *to, order, condition, place };
    let was = passage.of_work(draft)?;
    if to != owner && passage.order.is_none() {
        is_not_out(&was, is_custodian(&was, from)?)?;
    }

    let custody = Custody::keeping(*to, *owner, draft.time());
    passage.put(draft, EventKind::HandedOver, &was, custody);
    Ok(())
}

pub(super) fn consign(draft: &mut Draft<'_>, action: &Consign) -> Result<(), Rejection> {
    let Consign { work, owner, from, to, returns_by, terms, condition, place } = action;
    let passage =
        Passage { work, owner: *owner, from: *from, to: *to, order: None, condition, place };
    passage.put_out(draft, Basis::Consignment, *returns_by, *terms)
}

pub(super) fn lend(draft: &mut Draft<'_>, action: &Lend) -> Result<(), Rejection> {
    let Lend { work, owner, from, to, returns_by, terms, condition, place } = action;
    let passage =
        Passage { work, owner: *owner, from: *from, to: *to, order: None, condition, place };
    passage.put_out(draft, Basis::Loan, Some(*returns_by), *terms)
}

pub(super) fn give_back(draft: &mut Draft<'_>, action: &ReturnWork) -> Result<(), Rejection> {
    let ReturnWork { work, from, to, condition, place } = action;
    let was = known_work(draft, work)?;
    is_standing(&was)?;
    let custody = is_custodian(&was, from)?;
    has_signed_for_custody(draft, from)?;
    has_signed_for_custody(draft, to)?;
    goes_back_to(&was, custody, to)?;
    is_unflagged(draft, &was)?;

    let owner = was.owner;
    let passage = Passage { work, owner, from: *from, to: *to, order: None, condition, place };
    let custody = Custody::keeping(*to, owner, draft.time());
    passage.put(draft, EventKind::Returned, &was, custody);
    Ok(())
}

pub(super) fn take_elsewhere(draft: &mut Draft<'_>, action: &MoveWork) -> Result<(), Rejection> {
    let was = known_work(draft, &action.work)?;
    is_standing(&was)?;
    is_custodian(&was, &action.by)?;
    has_signed_for_custody(draft, &action.by)?;
    is_unflagged(draft, &was)?;

    let work = Work { place: Some(action.place.clone()), ..was.clone() };
    Event::now(draft, &action.work, EventKind::Moved, action.by).put(draft, Some(&was), work);
    Ok(())
}

/// A condition is a fact: it can be stated whatever flags there are.
pub(super) fn report_condition(
    draft: &mut Draft<'_>,
    action: &ReportCondition,
) -> Result<(), Rejection> {
    let was = known_work(draft, &action.work)?;
    if was.custodian() == Some(action.by) {
        has_signed_for_custody(draft, &action.by)?;
    } else {
        expert_has_signed(draft, &action.by)?;
    }
    is_standing(&was)?;

    let condition = action.condition.stated(action.by, draft.time());
    let event = Event {
        statement: Some(action.condition.statement.clone()),
        document: action.condition.report,
        ..Event::now(draft, &action.work, EventKind::ConditionReported, action.by)
    };
    event.put(draft, Some(&was), Work { condition, ..was.clone() });
    Ok(())
}

/// A theft is a fact, too. The owner stays the owner.
pub(super) fn report_theft(draft: &mut Draft<'_>, action: &ReportTheft) -> Result<(), Rejection> {
    let was = known_work(draft, &action.work)?;
    keeps(&was, &action.by)?;
    has_signed(draft, &action.by)?;
    is_standing(&was)?;

    let theft = Theft {
        reported_by: action.by,
        reference: action.reference.clone(),
        notice: action.notice.clone(),
        at: draft.time(),
    };
    let event = Event {
        occurred: action.occurred,
        statement: Some(action.circumstances.clone()),
        reference: Some(action.reference.clone()),
        ..Event::now(draft, &action.work, EventKind::Stolen, action.by)
    };
    let (status, theft) = (Status::Stolen, Some(theft));
    let work = Work { custody: None, place: None, status, theft, ..was.clone() };
    event.put(draft, Some(&was), work);
    Ok(())
}

/// A recovered work has a custodian again. Its other flags stay.
pub(super) fn recover(draft: &mut Draft<'_>, action: &Recover) -> Result<(), Rejection> {
    let was = known_work(draft, &action.work)?;
    is_owner(&was, &action.owner)?;
    has_signed_for_custody(draft, &action.to)?;
    let order = match &action.order {
        Some(order) => Some(directed(draft, order, RegisterName::Artworks, Work::KIND, &was.id())?),
        None => {
            has_signed(draft, &action.owner)?;
            None
        }
    };
    is_stolen(&was)?;
    is_not_frozen(draft, &was)?;

    let at = draft.time();
    let event = Event {
        witness: order.as_ref().map(|order| order.by),
        order: order.map(|order| order.order),
        statement: Some(action.condition.statement.clone()),
        document: action.condition.report,
        ..Event::now(draft, &action.work, EventKind::Recovered, action.to)
    };
    let work = Work {
        custody: Some(Custody::keeping(action.to, was.owner, at)),
        place: action.place.clone(),
        status: Status::Standing,
        theft: None,
        condition: action.condition.stated(action.to, at),
        ..was.clone()
    };
    event.put(draft, Some(&was), work);
    Ok(())
}

/// The number of the edition is free again: should the work turn up after all, a new record says so.
pub(super) fn destroy(draft: &mut Draft<'_>, action: &Destroy) -> Result<(), Rejection> {
    let was = known_work(draft, &action.work)?;
    is_standing(&was)?;
    is_custodian(&was, &action.by)?;
    has_signed_for_custody(draft, &action.by)?;
    expert_is_none_of(&action.assessor, &[was.owner, action.by])?;
    expert_has_signed(draft, &action.assessor)?;
    is_not_frozen(draft, &was)?;

    draft.put(&Impression {
        fingerprint: was.fingerprint,
        number: was.edition,
        work: was.work.clone(),
        live: false,
    });
    let event = Event {
        witness: Some(action.assessor),
        statement: Some(action.cause.clone()),
        document: Some(action.report),
        ..Event::now(draft, &action.work, EventKind::Destroyed, action.by)
    };
    let status = Status::Destroyed;
    let work = Work { custody: None, place: None, status, ..was.clone() };
    event.put(draft, Some(&was), work);
    Ok(())
}
