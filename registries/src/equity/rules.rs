//! The rules of the equity register (REGISTRIES.md, "Equity"), each a sentence.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;

use super::class::{
    ClassSplit, ConversionRight, MAX_ADJUSTMENTS, MAX_RIGHTS, MAX_SPLITS, StockClass,
};
use super::codes;
use super::issuer::{Authorised, Issuer, MAX_CLASSES, scoped};
use super::numbers::{Decimal, Money, Quantity, Ratio};
use super::security::{Event, Pledge, Security};
use crate::authorities::{Role, accredited, authority_has_signed, directed, not_frozen};
use crate::codes::ID_TAKEN;
use crate::identity::{PartyKind, Purpose, active_party};
use crate::text::LocalId;
use crate::{RegisterName, signers};

const HERE: RegisterName = RegisterName::Equity;

/// The issuer has signed.
pub(super) fn issuer_has_signed(draft: &Draft<'_>, issuer: &PartyId) -> Result<(), Rejection> {
    signers::signed_by(draft, issuer, Purpose::Assertion, HERE)
}

/// Whoever holds, receives or takes in pledge has signed.
pub(super) fn has_signed(draft: &Draft<'_>, party: &PartyId) -> Result<(), Rejection> {
    signers::signed_by(draft, party, Purpose::Custody, HERE)
}

/// The holder has signed, or the issuer in its place, by a direction of a court or regulator about
/// the security.
pub(super) fn holder_has_signed_or_it_is_ordered(
    draft: &Draft<'_>,
    security: &Security,
    order: Option<&LocalId>,
) -> Result<(), Rejection> {
    match order {
        None => has_signed(draft, &security.holder),
        Some(order) => {
            directed(draft, order, HERE, Security::KIND, &security.id())?;
            issuer_has_signed(draft, &security.issuer)
        }
    }
}

/// An issuer is an organisation that may act.
pub(super) fn is_an_organisation(draft: &Draft<'_>, party: &PartyId) -> Result<(), Rejection> {
    match active_party(draft, party)?.kind {
        PartyKind::Organisation => Ok(()),
        _ => Err(codes::NOT_AN_ORGANISATION.because(format!("{party} is none"))),
    }
}

/// A company registrar has signed, or the organisation is accredited as an issuer itself. Gives the
/// accreditation in the latter case.
pub(super) fn may_be_registered(
    draft: &Draft<'_>,
    issuer: &PartyId,
    registrar: Option<&PartyId>,
) -> Result<Option<LocalId>, Rejection> {
    match registrar {
        Some(registrar) => {
            authority_has_signed(draft, registrar, &[Role::CompanyRegistrar], HERE)?;
            Ok(None)
        }
        None => {
            let held = accredited(draft, issuer, Role::Issuer, HERE, draft.time())?;
            Ok(Some(held.accreditation))
        }
    }
}

/// Who was registered by its accreditation as an issuer issues new shares only while it has one.
pub(super) fn may_issue(draft: &Draft<'_>, issuer: &Issuer) -> Result<(), Rejection> {
    if issuer.under.is_some() {
        accredited(draft, &issuer.issuer, Role::Issuer, HERE, draft.time())?;
    }
    Ok(())
}

/// The issuer is registered.
pub(super) fn known_issuer(draft: &Draft<'_>, issuer: &PartyId) -> Result<Issuer, Rejection> {
    draft
        .get(&issuer.to_string())
        .ok_or_else(|| codes::ISSUER_UNKNOWN.because(format!("{issuer} is not registered")))
}

/// The issuer has this class.
pub(super) fn known_class(
    draft: &Draft<'_>,
    issuer: &PartyId,
    class: &LocalId,
) -> Result<StockClass, Rejection> {
    draft
        .get(&scoped(issuer, class))
        .ok_or_else(|| codes::CLASS_UNKNOWN.because(format!("{issuer} has no class {class}")))
}

/// The issuer has this security, and it has not ended.
pub(super) fn live_security(
    draft: &Draft<'_>,
    issuer: &PartyId,
    security: &LocalId,
) -> Result<Security, Rejection> {
    let known: Option<Security> = draft.get(&scoped(issuer, security));
    let known = known.ok_or_else(|| {
        codes::SECURITY_UNKNOWN.because(format!("{issuer} has no security {security}"))
    })?;
    match &known.ended {
        None => Ok(known),
        Some(ending) => {
            let detail = format!("{security} ended at {} by {}", ending.at, ending.event);
            Err(codes::SECURITY_ENDED.because(detail))
        }
    }
}

/// Ids are never used twice, a security's above all.
pub(super) fn id_is_free<T: Object>(draft: &Draft<'_>, id: &str) -> Result<(), Rejection> {
    if draft.exists::<T>(id) {
        return Err(ID_TAKEN.because(format!("{}/{}/{id} exists", T::REGISTER, T::KIND)));
    }
    Ok(())
}

/// No freeze is on the issuer.
pub(super) fn issuer_not_frozen(draft: &Draft<'_>, issuer: &PartyId) -> Result<(), Rejection> {
    not_frozen(draft, HERE, Issuer::KIND, &issuer.to_string())
}

/// No freeze is on the class or its issuer.
pub(super) fn class_not_frozen(draft: &Draft<'_>, class: &StockClass) -> Result<(), Rejection> {
    issuer_not_frozen(draft, &class.issuer)?;
    not_frozen(draft, HERE, StockClass::KIND, &class.id())
}

/// No freeze is on the security, or on one that it succeeded in a split.
pub(super) fn security_not_frozen(draft: &Draft<'_>, security: &Security) -> Result<(), Rejection> {
    not_frozen(draft, HERE, Security::KIND, &security.id())?;
    let mut origin = security.origin.clone();
    for _ in 0..MAX_SPLITS {
        let (Event::Split, [before]) = (origin.event, origin.from.as_slice()) else { break };
        let id = scoped(&security.issuer, before);
        not_frozen(draft, HERE, Security::KIND, &id)?;
        let Some(before) = draft.get::<Security>(&id) else { break };
        origin = before.origin;
    }
    Ok(())
}

/// Pledged units stay put.
pub(super) fn not_pledged(security: &Security) -> Result<(), Rejection> {
    match &security.pledge {
        None => Ok(()),
        Some(pledge) => {
            let detail = format!("{} is pledged to {}", security.security, pledge.pledgee);
            Err(codes::PLEDGED.because(detail))
        }
    }
}

/// The security is pledged. Gives the pledge.
pub(super) fn is_pledged(security: &Security) -> Result<&Pledge, Rejection> {
    security
        .pledge
        .as_ref()
        .ok_or_else(|| codes::NOT_PLEDGED.because(format!("{} is not pledged", security.security)))
}

/// Nobody takes in pledge what they hold.
pub(super) fn pledgee_is_another(security: &Security, pledgee: &PartyId) -> Result<(), Rejection> {
    if security.holder == *pledgee {
        return Err(codes::PLEDGE_TO_SELF.because(format!("{pledgee} holds it")));
    }
    Ok(())
}

/// Nobody receives what they hold.
pub(super) fn receiver_is_another(
    security: &Security,
    receiver: &PartyId,
) -> Result<(), Rejection> {
    if security.holder == *receiver {
        return Err(codes::TRANSFER_TO_SELF.because(format!("{receiver} holds it")));
    }
    Ok(())
}

/// The security is restricted.
pub(super) fn is_restricted(security: &Security) -> Result<(), Rejection> {
    if security.restricted {
        return Ok(());
    }
    Err(codes::NOT_RESTRICTED.because(format!("{} is not restricted", security.security)))
}

/// Only an issuance is taken back.
pub(super) fn is_from_issuance(security: &Security) -> Result<(), Rejection> {
    if security.origin.event == Event::Issuance {
        return Ok(());
    }
    let detail = format!("{} began by {}", security.security, security.origin.event);
    Err(codes::NOT_FROM_ISSUANCE.because(detail))
}

/// A sum of shares stays within the bounds.
pub(super) fn sum(mut parts: impl Iterator<Item = Decimal>) -> Result<Decimal, Rejection> {
    parts
        .try_fold(Decimal::ZERO, Decimal::plus)
        .ok_or_else(|| codes::NUMBER_TOO_LARGE.because("the sum is out of bounds"))
}

/// An event is about no more shares than the security has. Gives what is left.
pub(super) fn within(security: &Security, taken: Decimal) -> Result<Decimal, Rejection> {
    security.quantity.get().minus(taken).ok_or_else(|| {
        let Security { security, quantity, .. } = security;
        codes::QUANTITY_EXCEEDS.because(format!("{security} has {quantity}, and {taken} are named"))
    })
}

/// There is a balance security exactly where something is left. Gives both.
pub(super) fn balance_fits(
    left: Decimal,
    balance: Option<&LocalId>,
) -> Result<Option<(&LocalId, Quantity)>, Rejection> {
    match (Quantity::try_from(left), balance) {
        (Err(_), None) => Ok(None),
        (Ok(left), Some(balance)) => Ok(Some((balance, left))),
        (_, balance) => {
            let named = balance.map_or("none".to_owned(), ToString::to_string);
            let detail = format!("{left} shares are left, and the balance security is {named}");
            Err(codes::BALANCE_WRONG.because(detail))
        }
    }
}

/// The results have as many shares as they should.
pub(super) fn results_are(
    results: impl Iterator<Item = Quantity>,
    due: Decimal,
) -> Result<(), Rejection> {
    let given = sum(results.map(Quantity::get))?;
    if given == due {
        return Ok(());
    }
    let detail = format!("the results have {given} shares, and {due} are to be divided");
    Err(codes::RESULTS_DIFFER.because(detail))
}

/// Securities that are reissued together are of one holder and one class.
pub(super) fn are_alike(first: &Security, other: &Security) -> Result<(), Rejection> {
    if first.holder == other.holder && first.class == other.class {
        return Ok(());
    }
    let detail = format!("{} and {} are not", first.security, other.security);
    Err(codes::NOT_ALIKE.because(detail))
}

/// One security becomes several, or several become one: which came of which stays plain.
pub(super) fn one_side_is_one(securities: usize, results: usize) -> Result<(), Rejection> {
    if securities == 1 || results == 1 {
        return Ok(());
    }
    let detail = format!("{securities} securities are reissued as {results}");
    Err(codes::REISSUE_OF_MANY.because(detail))
}

/// A quantity is no finer than its class allows.
pub(super) fn fine_enough(class: &StockClass, quantity: Quantity) -> Result<(), Rejection> {
    if quantity.get().units(class.decimals.get()).is_some() {
        return Ok(());
    }
    let decimals = class.decimals.get();
    let detail = format!("{quantity} has more than the {decimals} decimals of {}", class.class);
    Err(codes::QUANTITY_TOO_FINE.because(detail))
}

/// Issued shares never exceed the authorised ones, neither of the class nor of the issuer.
pub(super) fn within_authorised(issuer: &Issuer, class: &StockClass) -> Result<(), Rejection> {
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
pub(super) fn authorised_covers(authorised: Authorised, issued: Decimal) -> Result<(), Rejection> {
    if authorised.allows(issued) {
        return Ok(());
    }
    Err(codes::AUTHORISED_BELOW_ISSUED.because(format!("{issued} shares are issued")))
}

/// There is room for one more class.
pub(super) fn room_for_class(issuer: &Issuer) -> Result<(), Rejection> {
    if issuer.classes.len() >= MAX_CLASSES {
        return Err(codes::TOO_MANY_CLASSES.because(format!("it has {MAX_CLASSES}")));
    }
    Ok(())
}

/// There is room for one more change of the authorised shares.
pub(super) fn room_for_adjustment(class: &StockClass) -> Result<(), Rejection> {
    if class.adjustments.len() >= MAX_ADJUSTMENTS {
        return Err(codes::TOO_MANY_ADJUSTMENTS.because(format!("there were {MAX_ADJUSTMENTS}")));
    }
    Ok(())
}

/// A class is converted into another.
pub(super) fn classes_differ(class: &LocalId, into: &LocalId) -> Result<(), Rejection> {
    if class == into {
        return Err(codes::CONVERTS_INTO_ITSELF.because(format!("both are {class}")));
    }
    Ok(())
}

/// There is room for one more class to convert into.
pub(super) fn room_for_right(class: &StockClass) -> Result<(), Rejection> {
    if class.conversion_rights.len() >= MAX_RIGHTS {
        return Err(codes::TOO_MANY_RIGHTS.because(format!("it has {MAX_RIGHTS}")));
    }
    Ok(())
}

/// The class is convertible into the other. Gives the right.
pub(super) fn is_convertible<'a>(
    class: &'a StockClass,
    into: &LocalId,
) -> Result<&'a ConversionRight, Rejection> {
    class.right_into(into).ok_or_else(|| {
        let detail = format!("{} has no ratio for {into}", class.class);
        codes::NO_CONVERSION_RIGHT.because(detail)
    })
}

/// Conversion is exact: no share is rounded away. Gives what comes of it.
pub(super) fn converts_exactly(
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
pub(super) fn no_split_open(class: &StockClass) -> Result<(), Rejection> {
    match class.open_split() {
        None => Ok(()),
        Some(ClassSplit { split, to_reissue, .. }) => {
            let detail = format!("{to_reissue} securities are still to be reissued for {split}");
            Err(codes::SPLIT_OPEN.because(detail))
        }
    }
}

/// A split of the class is under way. Gives it.
pub(super) fn split_is_open(class: &StockClass) -> Result<&ClassSplit, Rejection> {
    class.open_split().ok_or_else(|| {
        codes::NO_SPLIT_OPEN.because(format!("none of {} is under way", class.class))
    })
}

/// A split changes something, is new, and is not one too many.
pub(super) fn may_split(
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

/// A security that is reissued for a split is of its class, and from before it.
pub(super) fn is_to_be_split(
    security: &Security,
    class: &StockClass,
    split: &ClassSplit,
) -> Result<(), Rejection> {
    if security.class != class.class {
        let detail = format!("{} is of {}", security.security, security.class);
        return Err(codes::SPLIT_OF_OTHER_CLASS.because(detail));
    }
    if security.origin.split.as_ref() == Some(&split.split) {
        let detail = format!("{} came of {}", security.security, split.split);
        return Err(codes::SPLIT_REISSUED.because(detail));
    }
    Ok(())
}

/// There is a successor exactly where the ratio leaves something. Gives both.
pub(super) fn successor_fits(
    left: Decimal,
    into: Option<&LocalId>,
) -> Result<Option<(&LocalId, Quantity)>, Rejection> {
    match (Quantity::try_from(left), into) {
        (Err(_), None) => Ok(None),
        (Ok(left), Some(into)) => Ok(Some((into, left))),
        _ => {
            let detail = format!("the ratio leaves {left} shares");
            Err(codes::SPLIT_SUCCESSOR_WRONG.because(detail))
        }
    }
}

/// A dividend is a whole number of the currency's smallest units.
pub(super) fn is_payable(total: Money) -> Result<(), Rejection> {
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
pub(super) fn class_existed(class: &StockClass, record_time: Time) -> Result<(), Rejection> {
    if record_time < class.created {
        let detail = format!("{} was created at {}", class.class, class.created);
        return Err(codes::RECORD_TIME_EARLY.because(detail));
    }
    Ok(())
}
