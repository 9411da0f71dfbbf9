//! Shares that begin, change hands, change class or end.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use super::super::actions::{Convert, Issue, Reissue, Retract, Take, Transfer, Transferred};
use super::super::rules::{
    are_alike, balance_fits, classes_differ, converts_exactly, has_signed, is_convertible,
    is_from_issuance, issuer_has_signed, known_class, left_of, live, may_issue, no_split_open,
    not_pledged, one_side_is_one, ordered_or_signed, receiver_is_another, results_are,
    security_not_frozen, sum,
};
use super::super::security::{Ending, Event, Security};
use super::book::{Beginning, Book, ending, origin};
use super::plans::{grant, take_back};
use crate::text::LocalId;

/// Opens the book of a security that may be moved: neither pledged nor frozen, no split under way.
fn book_of_movable(draft: &Draft<'_>, security: &Security) -> Result<Book, Rejection> {
    let book = Book::open(draft, &security.issuer, &security.class)?;
    no_split_open(&book.class)?;
    not_pledged(security)?;
    security_not_frozen(draft, security)?;
    Ok(book)
}

pub(super) fn ids<'a>(results: impl Iterator<Item = &'a LocalId>) -> Vec<LocalId> {
    results.cloned().collect()
}

pub(super) fn issue(draft: &mut Draft<'_>, action: &Issue) -> Result<(), Rejection> {
    let mut book = Book::open(draft, &action.issuer, &action.class)?;
    no_split_open(&book.class)?;
    issuer_has_signed(draft, &action.issuer)?;
    has_signed(draft, &action.holder)?;
    may_issue(draft, &book.issuer)?;

    let beginning = Beginning {
        security: &action.security,
        holder: action.holder,
        quantity: action.quantity,
        certificate: action.certificate.clone(),
        restricted: action.restricted || book.class.restricted,
        origin: origin(draft, Event::Issuance, Vec::new(), action.date),
        record: action.record,
    };
    let begun = book.begin(draft, beginning)?;
    if let Some(plan) = &action.plan {
        grant(draft, &action.issuer, plan, Some(&action.class), action.quantity)?;
        draft.put(&Security { plan: Some(plan.clone()), ..begun });
    }
    book.close(draft)
}

pub(super) fn transfer(draft: &mut Draft<'_>, action: &Transfer) -> Result<(), Rejection> {
    let security: Security = live(draft, &action.issuer, &action.security)?;
    let mut book = book_of_movable(draft, &security)?;
    ordered_or_signed(draft, &security, action.order.as_ref())?;
    for part in action.results.iter() {
        receiver_is_another(&security.holder, &part.holder)?;
        has_signed(draft, &part.holder)?;
    }
    if security.restricted {
        issuer_has_signed(draft, &action.issuer)?;
    }
    let moved = sum(action.results.iter().map(|part| part.quantity.get()))?;
    let balance = balance_fits(left_of(&security, moved)?, action.balance.as_ref())?;

    let ended = Ending {
        into: ids(action.results.iter().map(|part| &part.security)),
        balance: action.balance.clone(),
        order: action.order.clone(),
        record: action.record,
        ..ending(draft, Event::Transfer, moved, action.date)
    };
    book.end(draft, security.clone(), ended);
    for part in action.results.iter() {
        begin_transferred(draft, &mut book, &security, part, action)?;
    }
    book.keep_balance(draft, &security, balance, Event::Transfer, action.date)?;
    book.close(draft)
}

fn begin_transferred(
    draft: &mut Draft<'_>,
    book: &mut Book,
    from: &Security,
    part: &Transferred,
    action: &Transfer,
) -> Result<(), Rejection> {
    let beginning = Beginning {
        security: &part.security,
        holder: part.holder,
        quantity: part.quantity,
        certificate: part.certificate.clone(),
        restricted: from.restricted,
        origin: origin(draft, Event::Transfer, vec![from.security.clone()], action.date),
        record: part.record,
    };
    book.begin(draft, beginning).map(|_| ())
}

/// A cancellation or a repurchase.
pub(super) fn take(draft: &mut Draft<'_>, action: &Take, event: Event) -> Result<(), Rejection> {
    let security: Security = live(draft, &action.issuer, &action.security)?;
    let mut book = book_of_movable(draft, &security)?;
    issuer_has_signed(draft, &action.issuer)?;
    ordered_or_signed(draft, &security, action.order.as_ref())?;
    let taken = action.quantity.get();
    let balance = balance_fits(left_of(&security, taken)?, action.balance.as_ref())?;

    let ended = Ending {
        balance: action.balance.clone(),
        order: action.order.clone(),
        record: action.record,
        ..ending(draft, event, taken, action.date)
    };
    book.end(draft, security.clone(), ended);
    book.keep_balance(draft, &security, balance, event, action.date)?;
    book.close(draft)
}

pub(super) fn retract(draft: &mut Draft<'_>, action: &Retract) -> Result<(), Rejection> {
    let security: Security = live(draft, &action.issuer, &action.security)?;
    let mut book = book_of_movable(draft, &security)?;
    issuer_has_signed(draft, &action.issuer)?;
    has_signed(draft, &security.holder)?;
    is_from_issuance(&security.security, &security.origin)?;

    if let Some(plan) = &security.plan {
        take_back(draft, &action.issuer, plan, security.quantity)?;
    }
    let ended = ending(draft, Event::Retraction, security.quantity.get(), action.date);
    book.end(draft, security, ended);
    book.close(draft)
}

pub(super) fn reissue(draft: &mut Draft<'_>, action: &Reissue) -> Result<(), Rejection> {
    let known = |id: &LocalId| live(draft, &action.issuer, id);
    let mut securities =
        action.securities.iter().map(known).collect::<Result<Vec<Security>, Rejection>>()?;
    let restricted = securities.iter().any(|security| security.restricted);
    // A list of at least one.
    let Some(first) = securities.first().cloned() else { return Ok(()) };
    let mut book = Book::open(draft, &first.issuer, &first.class)?;
    for security in &securities {
        are_alike(&first, security)?;
        book_of_movable(draft, security)?;
    }
    one_side_is_one(action.securities.len(), action.results.len())?;
    issuer_has_signed(draft, &action.issuer)?;
    has_signed(draft, &first.holder)?;
    let whole = sum(securities.iter().map(|security| security.quantity.get()))?;
    results_are(action.results.iter().map(|part| part.quantity), whole)?;

    let from = ids(action.securities.iter());
    for security in securities.drain(..) {
        let ended = Ending {
            into: ids(action.results.iter().map(|part| &part.security)),
            ..ending(draft, Event::Reissuance, security.quantity.get(), action.date)
        };
        book.end(draft, security, ended);
    }
    let before = Security { restricted, ..first };
    for part in action.results.iter() {
        let origin = origin(draft, Event::Reissuance, from.clone(), action.date);
        book.begin(draft, Beginning::of_part(part, &before, origin))?;
    }
    book.close(draft)
}

pub(super) fn convert(draft: &mut Draft<'_>, action: &Convert) -> Result<(), Rejection> {
    let security: Security = live(draft, &action.issuer, &action.security)?;
    let mut book = book_of_movable(draft, &security)?;
    classes_differ(&security.class, &action.into)?;
    let into = known_class(draft, &action.issuer, &action.into)?;
    no_split_open(&into)?;
    issuer_has_signed(draft, &action.issuer)?;
    has_signed(draft, &security.holder)?;
    let left = left_of(&security, action.quantity.get())?;
    let balance = balance_fits(left, action.balance.as_ref())?;
    let ratio = is_convertible(&book.class, &action.into)?.ratio;
    let due = converts_exactly(action.quantity, ratio, &into)?;
    results_are(action.results.iter().map(|part| part.quantity), due)?;

    let ended = Ending {
        into: ids(action.results.iter().map(|part| &part.security)),
        balance: action.balance.clone(),
        ..ending(draft, Event::Conversion, action.quantity.get(), action.date)
    };
    book.end(draft, security.clone(), ended);
    book.keep_balance(draft, &security, balance, Event::Conversion, action.date)?;
    book.close(draft)?;

    let mut book = Book::open(draft, &action.issuer, &action.into)?;
    let restricted = security.restricted || book.class.restricted;
    let before = Security { restricted, ..security };
    for part in action.results.iter() {
        let from = vec![action.security.clone()];
        let origin = origin(draft, Event::Conversion, from, action.date);
        book.begin(draft, Beginning::of_part(part, &before, origin))?;
    }
    book.close(draft)
}
