//! The rules of the equity register (REGISTRIES.md, "Equity"), each a sentence: who signs, what is known,
//! what adds up. Those of classes, shares and instruments have files of their own.

mod classes;
mod instruments;
mod shares;
mod vesting;

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::party::PartyId;

use super::class::StockClass;
use super::codes;
use super::instrument::Instrument;
use super::issuer::{Issuer, scoped};
use super::numbers::{Decimal, Quantity};
use super::security::{Held, Holding, Security};
use crate::authorities::{Role, accredited, authority_has_signed, directed, not_frozen};
use crate::codes::ID_TAKEN;
use crate::identity::{PartyKind, Purpose, active_party};
use crate::text::LocalId;
use crate::{RegisterName, signers};

pub(super) use classes::*;
pub(super) use instruments::*;
pub(super) use shares::*;
pub(super) use vesting::*;

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
/// what is held.
pub(super) fn ordered_or_signed<T: Held>(
    draft: &Draft<'_>,
    held: &T,
    order: Option<&LocalId>,
) -> Result<(), Rejection> {
    let Holding { issuer, holder, .. } = held.holding();
    match order {
        None => has_signed(draft, holder),
        Some(order) => {
            directed(draft, order, HERE, T::KIND, &held.id())?;
            issuer_has_signed(draft, issuer)
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

/// The issuer has these shares or this instrument, and it has not ended.
pub(super) fn live<T: Held>(
    draft: &Draft<'_>,
    issuer: &PartyId,
    security: &LocalId,
) -> Result<T, Rejection> {
    let known: Option<T> = draft.get(&scoped(issuer, security));
    let known = known
        .ok_or_else(|| T::unknown().because(format!("{issuer} has no {} {security}", T::KIND)))?;
    match known.holding().ended {
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

/// A security id is used once, by shares or by an instrument.
pub(super) fn security_id_is_free(
    draft: &Draft<'_>,
    issuer: &PartyId,
    security: &LocalId,
) -> Result<(), Rejection> {
    let id = scoped(issuer, security);
    id_is_free::<Security>(draft, &id)?;
    id_is_free::<Instrument>(draft, &id)
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

/// A sum of shares stays within the bounds.
pub(super) fn sum(mut parts: impl Iterator<Item = Decimal>) -> Result<Decimal, Rejection> {
    parts
        .try_fold(Decimal::ZERO, Decimal::plus)
        .ok_or_else(|| codes::NUMBER_TOO_LARGE.because("the sum is out of bounds"))
}

/// An event takes no more than there is. Gives what is left.
pub(super) fn left_of<T: Held>(held: &T, taken: Decimal) -> Result<Decimal, Rejection> {
    let Holding { security, left, .. } = held.holding();
    within(security, left, taken)
}

/// No more is named than there is. Gives what is left.
pub(super) fn within(
    security: &LocalId,
    has: Decimal,
    taken: Decimal,
) -> Result<Decimal, Rejection> {
    has.minus(taken).ok_or_else(|| {
        codes::QUANTITY_EXCEEDS.because(format!("{security} has {has}, and {taken} are named"))
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
