//! Instruments that begin, change hands, become shares or end.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;

use super::super::actions::{
    CancelInstrument, Exercise, IssueInstrument, Retract, TransferInstrument, TransferredInstrument,
};
use super::super::filing::Indexed;
use super::super::instrument::{Exercised, Instrument};
use super::super::numbers::{Decimal, Quantity};
use super::super::rules::{
    balance_fits, class_of_results, has_signed, instrument_not_frozen, is_from_issuance,
    is_of_plan, issuer_has_signed, issuer_not_frozen, known_class, known_issuer, known_plan,
    left_of, live, may_issue, measured_as_its_kind, no_more_than_exercised, no_split_open,
    no_split_pending, not_exercised, ordered_or_signed, part_of, receiver_is_another, rest_is_kept,
    results_are_measured_alike, room_for_exercise, security_id_is_free,
};
use super::super::security::{Certificate, Ending, Event, Origin};
use super::book::{Beginning, Book, ending, origin};
use super::filings::enter;
use super::movements::ids;
use super::plans::{grant, take_back};
use crate::text::LocalId;

pub(super) fn issue(draft: &mut Draft<'_>, action: &IssueInstrument) -> Result<(), Rejection> {
    let issuer = known_issuer(draft, &action.issuer)?;
    issuer_has_signed(draft, &action.issuer)?;
    has_signed(draft, &action.holder)?;
    issuer_not_frozen(draft, &action.issuer)?;
    may_issue(draft, &issuer)?;
    measured_as_its_kind(action)?;
    let class = class_of(draft, action)?;
    let splits_seen = match &class {
        Some(class) => known_class(draft, &action.issuer, class)?.splits.len() as u64,
        None => 0,
    };
    if let (Some(plan), Some(amount)) = (&action.plan, action.amount) {
        grant(draft, &action.issuer, plan, class.as_ref(), amount)?;
    }

    let instrument = Instrument {
        issuer: action.issuer,
        security: action.security.clone(),
        kind: action.kind,
        holder: action.holder,
        amount: action.amount,
        currency: action.currency,
        outstanding: action.amount.map(Quantity::get).unwrap_or_default(),
        class,
        plan: action.plan.clone(),
        certificate: action.certificate.clone(),
        issued: draft.time(),
        origin: origin(draft, Event::Issuance, Vec::new(), action.date),
        exercises: Vec::new(),
        splits_seen,
        splits: Vec::new(),
        ended: None,
        record: action.record,
    };
    begin(draft, &instrument)
}

/// The class that an instrument names, or the only one of its plan.
fn class_of(draft: &Draft<'_>, action: &IssueInstrument) -> Result<Option<LocalId>, Rejection> {
    if action.class.is_some() {
        return Ok(action.class.clone());
    }
    let Some(plan) = &action.plan else { return Ok(None) };
    let plan = known_plan(draft, &action.issuer, plan)?;
    Ok(match plan.classes.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    })
}

pub(super) fn transfer(
    draft: &mut Draft<'_>,
    action: &TransferInstrument,
) -> Result<(), Rejection> {
    let instrument: Instrument = live(draft, &action.issuer, &action.security)?;
    instrument_not_frozen(draft, &instrument)?;
    issuer_has_signed(draft, &action.issuer)?;
    ordered_or_signed(draft, &instrument, action.order.as_ref())?;
    no_split_pending(draft, &instrument)?;
    for result in action.results.iter() {
        receiver_is_another(&instrument.holder, &result.holder)?;
        has_signed(draft, &result.holder)?;
    }
    let moved = results_are_measured_alike(&instrument, &action.results)?;
    let balance = balance_fits(left_of(&instrument, moved)?, action.balance.as_ref())?;

    let ended = Ending {
        into: ids(action.results.iter().map(|result| &result.security)),
        balance: action.balance.clone(),
        order: action.order.clone(),
        record: action.record,
        ..ending(draft, Event::Transfer, moved, action.date)
    };
    end(draft, &instrument, ended);
    let origin = origin(draft, Event::Transfer, vec![action.security.clone()], action.date);
    for result in action.results.iter() {
        begin(draft, &Next::of_result(result).of(&instrument, origin.clone(), draft))?;
    }
    keep_balance(draft, &instrument, balance, origin)
}

pub(super) fn cancel(draft: &mut Draft<'_>, action: &CancelInstrument) -> Result<(), Rejection> {
    let instrument: Instrument = live(draft, &action.issuer, &action.security)?;
    instrument_not_frozen(draft, &instrument)?;
    issuer_has_signed(draft, &action.issuer)?;
    ordered_or_signed(draft, &instrument, action.order.as_ref())?;
    let taken = part_of(&instrument, action.amount)?;
    let balance = balance_fits(left_of(&instrument, taken)?, action.balance.as_ref())?;

    let ended = Ending {
        balance: action.balance.clone(),
        order: action.order.clone(),
        record: action.record,
        ..ending(draft, Event::Cancellation, taken, action.date)
    };
    end(draft, &instrument, ended);
    let origin = origin(draft, Event::Cancellation, vec![action.security.clone()], action.date);
    keep_balance(draft, &instrument, balance, origin)
}

pub(super) fn retract(draft: &mut Draft<'_>, action: &Retract) -> Result<(), Rejection> {
    let instrument: Instrument = live(draft, &action.issuer, &action.security)?;
    instrument_not_frozen(draft, &instrument)?;
    issuer_has_signed(draft, &action.issuer)?;
    has_signed(draft, &instrument.holder)?;
    is_from_issuance(&instrument.security, &instrument.origin)?;
    not_exercised(&instrument)?;
    // Nothing was exercised: what is outstanding is what was granted, by the splits since.
    if let (Some(plan), Ok(granted)) = (&instrument.plan, instrument.outstanding.try_into()) {
        take_back(draft, &action.issuer, plan, granted)?;
    }

    let ended = ending(draft, Event::Retraction, instrument.outstanding, action.date);
    end(draft, &instrument, ended);
    Ok(())
}

pub(super) fn exercise(draft: &mut Draft<'_>, action: &Exercise) -> Result<(), Rejection> {
    let instrument: Instrument = live(draft, &action.issuer, &action.security)?;
    instrument_not_frozen(draft, &instrument)?;
    issuer_has_signed(draft, &action.issuer)?;
    has_signed(draft, &instrument.holder)?;
    no_split_pending(draft, &instrument)?;
    let taken = part_of(&instrument, action.amount)?;
    let left = left_of(&instrument, taken)?;
    no_more_than_exercised(&instrument, taken, &action.results)?;
    room_for_exercise(&instrument)?;

    take(draft, &instrument, action, taken, left)?;
    if action.results.is_empty() {
        return Ok(());
    }
    let class = class_of_results(&instrument, action.into.as_ref())?;
    if let Some(plan) = &instrument.plan {
        is_of_plan(&known_plan(draft, &action.issuer, plan)?, &class)?;
    }
    make_shares(draft, &instrument, action, &class)
}

/// Takes the exercised part of an instrument, which ends where nothing is left or a balance keeps it.
fn take(
    draft: &mut Draft<'_>,
    instrument: &Instrument,
    action: &Exercise,
    taken: Decimal,
    left: Decimal,
) -> Result<(), Rejection> {
    let event = instrument.kind.becomes_shares_by();
    let into = ids(action.results.iter().map(|part| &part.security));
    let mut exercised = instrument.clone();
    exercised.exercises.push(Exercised {
        amount: taken,
        into: into.clone(),
        at: draft.time(),
        date: action.date,
        transition: draft.context().id,
        record: action.record,
    });
    exercised.outstanding = left;
    let balance = rest_is_kept(instrument, left, action.balance.as_ref())?;
    if !left.is_zero() && balance.is_none() {
        draft.put(&exercised);
        return Ok(());
    }
    let ended = Ending {
        into,
        balance: action.balance.clone(),
        record: action.record,
        ..ending(draft, event, taken, action.date)
    };
    end(draft, &exercised, ended);
    let origin = origin(draft, event, vec![instrument.security.clone()], action.date);
    keep_balance(draft, instrument, balance, origin)
}

fn make_shares(
    draft: &mut Draft<'_>,
    instrument: &Instrument,
    action: &Exercise,
    class: &LocalId,
) -> Result<(), Rejection> {
    let mut book = Book::open(draft, &action.issuer, class)?;
    no_split_open(&book.class)?;
    may_issue(draft, &book.issuer)?;
    let event = instrument.kind.becomes_shares_by();
    for part in action.results.iter() {
        let beginning = Beginning {
            security: &part.security,
            holder: instrument.holder,
            quantity: part.quantity,
            certificate: part.certificate.clone(),
            restricted: book.class.restricted,
            origin: origin(draft, event, vec![instrument.security.clone()], action.date),
            record: part.record,
        };
        book.begin(draft, beginning)?;
    }
    book.close(draft)
}

/// What is new about an instrument that comes of another.
struct Next {
    security: LocalId,
    holder: Option<PartyId>,
    amount: Option<Quantity>,
    certificate: Option<Certificate>,
    record: Option<Hash>,
}

impl Next {
    fn of_result(result: &TransferredInstrument) -> Self {
        Self {
            security: result.security.clone(),
            holder: Some(result.holder),
            amount: result.amount,
            certificate: result.certificate.clone(),
            record: result.record,
        }
    }

    /// The instrument: for the rest as the one that it comes of.
    fn of(self, from: &Instrument, origin: Origin, draft: &Draft<'_>) -> Instrument {
        Instrument {
            security: self.security,
            holder: self.holder.unwrap_or(from.holder),
            amount: self.amount,
            outstanding: self.amount.map(Quantity::get).unwrap_or_default(),
            certificate: self.certificate,
            issued: draft.time(),
            origin,
            exercises: Vec::new(),
            splits: Vec::new(),
            ended: None,
            record: self.record,
            ..from.clone()
        }
    }
}

/// What an event leaves: the same holder's.
fn keep_balance(
    draft: &mut Draft<'_>,
    from: &Instrument,
    balance: Option<(&LocalId, Quantity)>,
    mut origin: Origin,
) -> Result<(), Rejection> {
    let Some((security, amount)) = balance else { return Ok(()) };
    origin.is_balance = true;
    let next = Next {
        security: security.clone(),
        holder: None,
        amount: Some(amount),
        certificate: None,
        record: from.record,
    };
    begin(draft, &next.of(from, origin, draft))
}

fn begin(draft: &mut Draft<'_>, instrument: &Instrument) -> Result<(), Rejection> {
    security_id_is_free(draft, &instrument.issuer, &instrument.security)?;
    let mut issuer = known_issuer(draft, &instrument.issuer)?;
    enter(draft, &mut issuer, Indexed::Instruments, &instrument.security)?;
    draft.put(&issuer);
    draft.put(instrument);
    Ok(())
}

fn end(draft: &mut Draft<'_>, instrument: &Instrument, ending: Ending) {
    let mut ended = instrument.clone();
    ended.outstanding = Decimal::ZERO;
    ended.ended = Some(ending);
    draft.put(&ended);
}
