//! Splits: a class takes a ratio, the issuer reissues every security by it, and applies it to what may become
//! shares of the class.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use super::super::actions::{Part, ReissueForSplit, SplitClass, SplitInstruments, Successor};
use super::super::class::ClassSplit;
use super::super::codes;
use super::super::instrument::{Instrument, InstrumentSplit};
use super::super::numbers::{Decimal, Ratio};
use super::super::rules::{
    instrument_not_frozen, is_to_be_split, issuer_has_signed, live, may_split, no_split_open,
    security_not_frozen, split_is_open, splits_are_pending, splits_exactly, successors_fit,
    within_authorised,
};
use super::super::security::{Ending, Event, Origin, Security};
use super::book::{Beginning, Book, ending, origin};
use super::vesting::{carry_on, regrant};
use crate::text::LocalId;

pub(super) fn split(draft: &mut Draft<'_>, action: &SplitClass) -> Result<(), Rejection> {
    let mut book = Book::open(draft, &action.issuer, &action.class)?;
    issuer_has_signed(draft, &action.issuer)?;
    no_split_open(&book.class)?;
    may_split(&book.class, &action.split, action.ratio)?;
    will_be_authorised(&book, action.ratio)?;

    book.class.splits.push(ClassSplit {
        split: action.split.clone(),
        ratio: action.ratio,
        at: draft.time(),
        date: action.date,
        to_reissue: book.class.live,
    });
    book.close(draft)
}

/// A split that is begun can be carried through: all that it will issue is authorised.
fn will_be_authorised(book: &Book, ratio: Ratio) -> Result<(), Rejection> {
    let too_large = || codes::NUMBER_TOO_LARGE.because("the split makes too many shares");
    let (mut issuer, mut class) = (book.issuer.clone(), book.class.clone());
    // The parts rounded down are together no more than their sum rounded down.
    let (issued, _) = class.issued.times(ratio, class.decimals.get()).ok_or_else(too_large)?;
    let others = issuer.issued.minus(class.issued).unwrap_or_default();
    issuer.issued = others.plus(issued).ok_or_else(too_large)?;
    class.issued = issued;
    within_authorised(&issuer, &class)
}

pub(super) fn reissue_for_split(
    draft: &mut Draft<'_>,
    action: &ReissueForSplit,
) -> Result<(), Rejection> {
    let mut book = Book::open(draft, &action.issuer, &action.class)?;
    issuer_has_signed(draft, &action.issuer)?;
    let split = split_is_open(&book.class)?.clone();
    for successor in action.successors.iter() {
        succeed(draft, &mut book, &split, successor)?;
    }
    book.close(draft)
}

/// Puts its successor in the place of one security. What is pledged stays pledged.
fn succeed(
    draft: &mut Draft<'_>,
    book: &mut Book,
    split: &ClassSplit,
    successor: &Successor,
) -> Result<(), Rejection> {
    let security: Security = live(draft, &book.issuer.issuer, &successor.security)?;
    is_to_be_split(&security, &book.class, split)?;
    security_not_frozen(draft, &security)?;
    let quantity = security.quantity.get();
    let (left, _) = quantity.times(split.ratio, book.class.decimals.get()).ok_or_else(|| {
        codes::NUMBER_TOO_LARGE.because(format!("{quantity} times {}", split.ratio))
    })?;
    let parts = successors_fit(left, successor)?;

    book.end(draft, security.clone(), ended_by(draft, split, quantity, &parts));
    for part in &parts {
        let from = vec![security.security.clone()];
        let origin = Origin {
            split: Some(split.split.clone()),
            ..origin(draft, Event::Split, from, split.date)
        };
        let begun = book.begin(draft, Beginning::of_part(part, &security, origin))?;
        draft.put(&Security { issued: split.at, pledge: security.pledge.clone(), ..begun });
    }
    // Of several it is not said which vests first: that the issuer and the holder set anew.
    if let [part] = parts.as_slice() {
        let issuer = book.issuer.issuer;
        carry_on(draft, &issuer, &security.security, split.ratio, &part.security)?;
    }
    if let Some(open) = book.class.splits.last_mut() {
        open.to_reissue = open.to_reissue.saturating_sub(1);
    }
    Ok(())
}

fn ended_by(draft: &Draft<'_>, split: &ClassSplit, quantity: Decimal, parts: &[Part]) -> Ending {
    Ending {
        at: split.at,
        into: parts.iter().map(|part| part.security.clone()).collect(),
        split: Some(split.split.clone()),
        ..ending(draft, Event::Split, quantity, split.date)
    }
}

pub(super) fn split_instruments(
    draft: &mut Draft<'_>,
    action: &SplitInstruments,
) -> Result<(), Rejection> {
    issuer_has_signed(draft, &action.issuer)?;
    for security in action.instruments.iter() {
        split_instrument(draft, &action.issuer, security)?;
    }
    Ok(())
}

/// An instrument stays under its id: it is its holder's right to as many shares as the split makes of those.
fn split_instrument(
    draft: &mut Draft<'_>,
    issuer: &PartyId,
    security: &LocalId,
) -> Result<(), Rejection> {
    let mut instrument: Instrument = live(draft, issuer, security)?;
    instrument_not_frozen(draft, &instrument)?;
    let before_all = instrument.outstanding;
    for split in splits_are_pending(draft, &instrument)? {
        let before = instrument.outstanding;
        let after = splits_exactly(security, before, split.ratio)?;
        instrument.outstanding = after;
        instrument.splits_seen += 1;
        instrument.splits.push(InstrumentSplit {
            split: split.split,
            ratio: split.ratio,
            before,
            after,
            at: draft.time(),
            transition: draft.context().id,
        });
        carry_on(draft, issuer, security, split.ratio, security)?;
    }
    regrant(draft, &instrument, before_all, instrument.outstanding)?;
    draft.put(&instrument);
    Ok(())
}
