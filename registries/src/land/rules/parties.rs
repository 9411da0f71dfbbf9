//! The rules on who signs in the land register.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use crate::RegisterName;
use crate::authorities::{Role, accredited};
use crate::identity::{Purpose, known_party};
use crate::land::codes;
use crate::land::interest::Interest;
use crate::land::title::{Owners, Title};
use crate::signers;

/// The party has signed with a controller key, or a sub-key for assertion that counts here.
pub(in crate::land) fn has_signed(draft: &Draft<'_>, party: &PartyId) -> Result<(), Rejection> {
    signers::signed_by(draft, party, Purpose::Assertion, RegisterName::Land)
}

/// A land registrar, accredited at the time of the block, has signed.
pub(in crate::land) fn registrar_has_signed(
    draft: &Draft<'_>,
    registrar: &PartyId,
) -> Result<(), Rejection> {
    accredited(draft, registrar, Role::LandRegistrar, RegisterName::Land, draft.time())?;
    has_signed(draft, registrar)
}

/// A surveyor, accredited at the time of the block, has signed.
pub(in crate::land) fn surveyor_has_signed(
    draft: &Draft<'_>,
    surveyor: &PartyId,
) -> Result<(), Rejection> {
    accredited(draft, surveyor, Role::Surveyor, RegisterName::Land, draft.time())?;
    has_signed(draft, surveyor)
}

/// Every owner has signed.
pub(in crate::land) fn all_owners_have_signed(
    draft: &Draft<'_>,
    owners: &Owners,
) -> Result<(), Rejection> {
    owners.iter().try_for_each(|owner| has_signed(draft, &owner.party))
}

/// Everyone whose interest it is has signed.
pub(in crate::land) fn holders_have_signed(
    draft: &Draft<'_>,
    interest: &Interest,
) -> Result<(), Rejection> {
    interest.nature.holders().1.iter().try_for_each(|holder| has_signed(draft, holder))
}

/// Every lender of a current mortgage has signed.
pub(in crate::land) fn lenders_have_signed(
    draft: &Draft<'_>,
    title: &Title,
) -> Result<(), Rejection> {
    for (interest, mortgage) in title.mortgages() {
        for lender in mortgage.lenders.iter() {
            if !signers::has_signed(draft, lender) {
                let mortgage = &interest.interest;
                let detail = format!("{lender} is a lender of the mortgage {mortgage}");
                return Err(codes::LENDER_HAS_NOT_SIGNED.because(detail));
            }
            has_signed(draft, lender)?;
        }
    }
    Ok(())
}

/// All of these are in the identity register, alive or not: an old register names the dead as well.
pub(in crate::land) fn parties_are_known<'a>(
    draft: &Draft<'_>,
    parties: impl IntoIterator<Item = &'a PartyId>,
) -> Result<(), Rejection> {
    parties.into_iter().try_for_each(|party| known_party(draft, party).map(|_| ()))
}
