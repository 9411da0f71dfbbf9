//! The book of one class while an action writes in it: what begins, what ends, and that the sums
//! follow.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;

use super::super::actions::Part;
use super::super::class::{CHUNK, MAX_SECURITIES, SecurityIndex, StockClass};
use super::super::codes;
use super::super::issuer::Issuer;
use super::super::numbers::{Decimal, Quantity};
use super::super::rules::{
    class_not_frozen, fine_enough, known_class, known_issuer, security_id_is_free,
    within_authorised,
};
use super::super::security::{Certificate, Ending, Event, Origin, Security};
use crate::text::{Date, LocalId};

/// The book of one class.
pub(super) struct Book {
    pub(super) issuer: Issuer,
    pub(super) class: StockClass,
}

/// A security that is about to begin.
pub(super) struct Beginning<'a> {
    pub(super) security: &'a LocalId,
    pub(super) holder: PartyId,
    pub(super) quantity: Quantity,
    pub(super) certificate: Option<Certificate>,
    pub(super) restricted: bool,
    pub(super) origin: Origin,
    pub(super) record: Option<Hash>,
}

impl Book {
    /// Opens the book of a class that no freeze is on.
    pub(super) fn open(
        draft: &Draft<'_>,
        issuer: &PartyId,
        class: &LocalId,
    ) -> Result<Self, Rejection> {
        let issuer = known_issuer(draft, issuer)?;
        let class = known_class(draft, &issuer.issuer, class)?;
        class_not_frozen(draft, &class)?;
        Ok(Self { issuer, class })
    }

    /// A security begins.
    pub(super) fn begin(
        &mut self,
        draft: &mut Draft<'_>,
        beginning: Beginning<'_>,
    ) -> Result<Security, Rejection> {
        let Beginning { security, holder, quantity, certificate, restricted, origin, record } =
            beginning;
        security_id_is_free(draft, &self.issuer.issuer, security)?;
        fine_enough(&self.class, quantity)?;
        self.class.issued = raised(self.class.issued, quantity)?;
        self.issuer.issued = raised(self.issuer.issued, quantity)?;
        self.enter(draft, security)?;
        let begun = Security {
            issuer: self.issuer.issuer,
            security: security.clone(),
            class: self.class.class.clone(),
            holder,
            quantity,
            plan: None,
            certificate,
            restricted,
            pledge: None,
            issued: draft.time(),
            origin,
            ended: None,
            record,
        };
        draft.put(&begun);
        Ok(begun)
    }

    /// A security ends.
    pub(super) fn end(&mut self, draft: &mut Draft<'_>, mut security: Security, ending: Ending) {
        let quantity = security.quantity.get();
        // What is taken off was put on when the security began.
        self.class.issued = self.class.issued.minus(quantity).unwrap_or_default();
        self.issuer.issued = self.issuer.issued.minus(quantity).unwrap_or_default();
        self.class.live = self.class.live.saturating_sub(1);
        security.ended = Some(ending);
        draft.put(&security);
    }

    /// What the event leaves: the same holder's, under the same restriction.
    pub(super) fn keep_balance(
        &mut self,
        draft: &mut Draft<'_>,
        from: &Security,
        balance: Option<(&LocalId, Quantity)>,
        event: Event,
        date: Option<Date>,
    ) -> Result<(), Rejection> {
        let Some((security, quantity)) = balance else { return Ok(()) };
        let mut origin = origin(draft, event, vec![from.security.clone()], date);
        origin.is_balance = true;
        let beginning = Beginning {
            security,
            holder: from.holder,
            quantity,
            certificate: None,
            restricted: from.restricted,
            origin,
            record: from.record,
        };
        self.begin(draft, beginning).map(|_| ())
    }

    /// Closes the book: the sums stay within what is authorised.
    pub(super) fn close(self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        within_authorised(&self.issuer, &self.class)?;
        draft.put(&self.issuer);
        draft.put(&self.class);
        Ok(())
    }

    /// Puts a security into the index.
    fn enter(&mut self, draft: &mut Draft<'_>, security: &LocalId) -> Result<(), Rejection> {
        if self.class.ever >= MAX_SECURITIES {
            return Err(codes::CLASS_FULL.because(format!("{} is full", self.class.class)));
        }
        let (issuer, class, part) = (self.class.issuer, &self.class.class, self.class.ever / CHUNK);
        let known = draft.get::<SecurityIndex>(&SecurityIndex::id_of(&issuer, class, part));
        let mut index = known.unwrap_or_else(|| SecurityIndex {
            issuer,
            class: class.clone(),
            part,
            securities: Vec::new(),
        });
        index.securities.push(security.clone());
        draft.put(&index);
        self.class.ever += 1;
        self.class.live += 1;
        Ok(())
    }
}

impl<'a> Beginning<'a> {
    /// A part of what a holder had, under the same restriction.
    pub(super) fn of_part(part: &'a Part, from: &Security, origin: Origin) -> Self {
        Self {
            security: &part.security,
            holder: from.holder,
            quantity: part.quantity,
            certificate: part.certificate.clone(),
            restricted: from.restricted,
            origin,
            record: part.record,
        }
    }
}

/// How a security begins in this transition.
pub(super) fn origin(
    draft: &Draft<'_>,
    event: Event,
    from: Vec<LocalId>,
    date: Option<Date>,
) -> Origin {
    let transition = draft.context().id;
    Origin { event, from, is_balance: false, split: None, date, transition }
}

/// How a security ends in this transition, with nothing coming of it yet.
pub(super) fn ending(
    draft: &Draft<'_>,
    event: Event,
    quantity: Decimal,
    date: Option<Date>,
) -> Ending {
    Ending {
        event,
        at: draft.time(),
        quantity,
        returned: None,
        into: Vec::new(),
        balance: None,
        split: None,
        order: None,
        date,
        transition: draft.context().id,
        record: None,
    }
}

fn raised(sum: Decimal, quantity: Quantity) -> Result<Decimal, Rejection> {
    sum.plus(quantity.get())
        .ok_or_else(|| codes::NUMBER_TOO_LARGE.because(format!("{sum} and {quantity} more")))
}
