//! The rules of classes: what is authorised, converted, split and paid on.

use chancery_ledger::code::Rejection;
use chancery_ledger::time::Time;

use super::super::class::{
    Adjustment, ClassSplit, ConversionRight, MAX_ADJUSTMENTS, MAX_RIGHTS, MAX_SPLITS, StockClass,
};
use super::super::codes;
use super::super::issuer::{Authorised, Issuer, MAX_CLASSES};
use super::super::numbers::{Decimal, Money, Quantity, Ratio};
use crate::codes::ID_TAKEN;
use crate::text::LocalId;

/// A quantity is no finer than its class allows.
pub(in super::super) fn fine_enough(
    class: &StockClass,
    quantity: Quantity,
) -> Result<(), Rejection> {
    if quantity.get().units(class.decimals.get()).is_some() {
        return Ok(());
    }
    let decimals = class.decimals.get();
    let detail = format!("{quantity} has more than the {decimals} decimals of {}", class.class);
    Err(codes::QUANTITY_TOO_FINE.because(detail))
}

/// Issued shares never exceed the authorised ones, neither of the class nor of the issuer.
pub(in super::super) fn within_authorised(
    issuer: &Issuer,
    class: &StockClass,
) -> Result<(), Rejection> {
    if !class.authorised.allows(class.issued) {
        let StockClass { class, authorised, issued, .. } = class;
        let detail =
            format!("{issued} of {class} would be issued, and {authorised} are authorised");
        return Err(codes::ABOVE_CLASS_AUTHORISED.because(detail));
    }
    if !issuer.authorised.allows(issuer.issued) {
        let Issuer { authorised, issued, .. } = issuer;
        let detail = format!("{issued} would be issued, and {authorised} are authorised");
        return Err(codes::ABOVE_ISSUER_AUTHORISED.because(detail));
    }
    Ok(())
}

/// What is issued cannot become unauthorised.
pub(in super::super) fn authorised_covers(
    authorised: Authorised,
    issued: Decimal,
) -> Result<(), Rejection> {
    if authorised.allows(issued) {
        return Ok(());
    }
    Err(codes::AUTHORISED_BELOW_ISSUED.because(format!("{issued} shares are issued")))
}

/// There is room for one more class.
pub(in super::super) fn room_for_class(issuer: &Issuer) -> Result<(), Rejection> {
    if issuer.classes.len() >= MAX_CLASSES {
        return Err(codes::TOO_MANY_CLASSES.because(format!("it has {MAX_CLASSES}")));
    }
    Ok(())
}

/// There is room for one more change of the authorised shares.
pub(in super::super) fn room_for_adjustment(made: &[Adjustment]) -> Result<(), Rejection> {
    if made.len() >= MAX_ADJUSTMENTS {
        return Err(codes::TOO_MANY_ADJUSTMENTS.because(format!("there were {MAX_ADJUSTMENTS}")));
    }
    Ok(())
}

/// A class is converted into another.
pub(in super::super) fn classes_differ(class: &LocalId, into: &LocalId) -> Result<(), Rejection> {
    if class == into {
        return Err(codes::CONVERTS_INTO_ITSELF.because(format!("both are {class}")));
    }
    Ok(())
}

/// There is room for one more class to convert into.
pub(in super::super) fn room_for_right(class: &StockClass) -> Result<(), Rejection> {
    if class.conversion_rights.len() >= MAX_RIGHTS {
        return Err(codes::TOO_MANY_RIGHTS.because(format!("it has {MAX_RIGHTS}")));
    }
    Ok(())
}

/// The class is convertible into the other. Gives the right.
pub(in super::super) fn is_convertible<'a>(
    class: &'a StockClass,
    into: &LocalId,
) -> Result<&'a ConversionRight, Rejection> {
    class.right_into(into).ok_or_else(|| {
        let detail = format!("{} has no ratio for {into}", class.class);
        codes::NO_CONVERSION_RIGHT.because(detail)
    })
}

/// Conversion is exact: no share is rounded away. Gives what comes of it.
pub(in super::super) fn converts_exactly(
    quantity: Quantity,
    ratio: Ratio,
    into: &StockClass,
) -> Result<Decimal, Rejection> {
    match quantity.get().times(ratio, into.decimals.get()) {
        Some((result, true)) => Ok(result),
        Some(_) => {
            let detail = format!("{quantity} times {ratio} is no quantity of {}", into.class);
            Err(codes::CONVERSION_INEXACT.because(detail))
        }
        None => Err(codes::NUMBER_TOO_LARGE.because(format!("{quantity} times {ratio}"))),
    }
}

/// Nothing happens in a class while its split is under way.
pub(in super::super) fn no_split_open(class: &StockClass) -> Result<(), Rejection> {
    match class.open_split() {
        None => Ok(()),
        Some(ClassSplit { split, to_reissue, .. }) => {
            let detail = format!("{to_reissue} securities are still to be reissued for {split}");
            Err(codes::SPLIT_OPEN.because(detail))
        }
    }
}

/// A split of the class is under way. Gives it.
pub(in super::super) fn split_is_open(class: &StockClass) -> Result<&ClassSplit, Rejection> {
    class.open_split().ok_or_else(|| {
        codes::NO_SPLIT_OPEN.because(format!("none of {} is under way", class.class))
    })
}

/// A split changes something, is new, and is not one too many.
pub(in super::super) fn may_split(
    class: &StockClass,
    split: &LocalId,
    ratio: Ratio,
) -> Result<(), Rejection> {
    if ratio.is_one() {
        return Err(codes::SPLIT_CHANGES_NOTHING.because("the ratio is 1:1"));
    }
    if class.splits.iter().any(|known| known.split == *split) {
        return Err(ID_TAKEN.because(format!("{} has a split {split}", class.class)));
    }
    if class.splits.len() >= MAX_SPLITS {
        return Err(codes::TOO_MANY_SPLITS.because(format!("there were {MAX_SPLITS}")));
    }
    Ok(())
}

/// A dividend is a whole number of the currency's smallest units.
pub(in super::super) fn is_payable(total: Money) -> Result<(), Rejection> {
    match total.minor_units() {
        Some(_) => Ok(()),
        None => {
            let Money { amount, currency } = total;
            let decimals = currency.decimals();
            let detail =
                format!("{amount} {currency}, whose smallest unit has {decimals} decimals");
            Err(codes::MONEY_TOO_FINE.because(detail))
        }
    }
}

/// There was the class at the record time.
pub(in super::super) fn class_existed(
    class: &StockClass,
    record_time: Time,
) -> Result<(), Rejection> {
    if record_time < class.created {
        let detail = format!("{} was created at {}", class.class, class.created);
        return Err(codes::RECORD_TIME_EARLY.because(detail));
    }
    Ok(())
}
