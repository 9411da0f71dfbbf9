//! The rules on who must sign, and in what capacity.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::party::PartyId;

use crate::RegisterName;
use crate::authorities::{Accreditation, NOT_ACCREDITED, Role, accredited_for_any, directed};
use crate::identity::Purpose;
use crate::marriages::ids::MarriageId;
use crate::marriages::marriage::Marriage;
use crate::marriages::place::PlaceRules;
use crate::marriages::{NEEDS_COURT, RULES_UNREADABLE};
use crate::signers;
use crate::text::LocalId;

const HERE: RegisterName = RegisterName::Marriages;

/// Root opens the register.
pub(in crate::marriages) fn root_has_signed(draft: &Draft<'_>) -> Result<(), Rejection> {
    signers::controllers_signed(draft, &draft.context().genesis.root_party())
}

/// A civil registrar accredited for marriages has signed. Gives the accreditation.
pub(in crate::marriages) fn registrar_has_signed(
    draft: &Draft<'_>,
    registrar: &PartyId,
) -> Result<Accreditation, Rejection> {
    institution_has_signed(draft, registrar, &[Role::CivilRegistrar])
}

/// A court accredited for marriages has signed. Gives the accreditation.
pub(in crate::marriages) fn court_has_signed(
    draft: &Draft<'_>,
    court: &PartyId,
) -> Result<Accreditation, Rejection> {
    institution_has_signed(draft, court, &[Role::Court])
}

/// Either of them has signed. Gives the accreditation.
pub(in crate::marriages) fn registrar_or_court_has_signed(
    draft: &Draft<'_>,
    by: &PartyId,
) -> Result<Accreditation, Rejection> {
    institution_has_signed(draft, by, &[Role::CivilRegistrar, Role::Court])
}

fn institution_has_signed(
    draft: &Draft<'_>,
    by: &PartyId,
    roles: &[Role],
) -> Result<Accreditation, Rejection> {
    let accreditation = accredited_for_any(draft, by, roles, HERE, draft.time())?;
    signers::signed_by(draft, by, Purpose::Assertion, HERE)?;
    Ok(accreditation)
}

/// Nobody is married or divorced by a device that acts for them within limits: the two sign with
/// their controllers.
pub(in crate::marriages) fn spouses_have_signed(
    draft: &Draft<'_>,
    spouses: &[PartyId; 2],
) -> Result<(), Rejection> {
    spouses.iter().try_for_each(|spouse| signers::controllers_signed(draft, spouse))
}

/// The witnesses have signed.
pub(in crate::marriages) fn witnesses_have_signed(
    draft: &Draft<'_>,
    witnesses: &[PartyId],
) -> Result<(), Rejection> {
    witnesses.iter().try_for_each(|witness| party_has_signed(draft, witness))
}

/// Somebody has signed for themselves.
pub(in crate::marriages) fn party_has_signed(
    draft: &Draft<'_>,
    party: &PartyId,
) -> Result<(), Rejection> {
    signers::signed_by(draft, party, Purpose::Assertion, HERE)
}

/// The rules of the place are those of the registrar's accreditation, and can be read: a misspelt
/// rule is not a rule that is left out.
pub(in crate::marriages) fn rules_of_the_place(
    accreditation: &Accreditation,
) -> Result<PlaceRules, Rejection> {
    PlaceRules::try_from(&accreditation.parameters).map_err(|error| {
        RULES_UNREADABLE.because(format!("{}: {error}", accreditation.accreditation))
    })
}

/// The order is a direction about this marriage, in force, and a court has made it.
pub(in crate::marriages) fn court_directs(
    draft: &Draft<'_>,
    order: &LocalId,
    marriage: &MarriageId,
) -> Result<(), Rejection> {
    let order = directed(draft, order, HERE, Marriage::KIND, &marriage.to_string())?;
    let under = draft.get::<Accreditation>(order.under.as_str());
    match under.map(|accreditation| accreditation.role) {
        Some(Role::Court) => Ok(()),
        Some(role) => Err(NEEDS_COURT.because(format!("{} was made by a {role}", order.order))),
        None => Err(NOT_ACCREDITED.because(format!("{} is unknown", order.under))),
    }
}
