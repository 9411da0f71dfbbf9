//! What keeps a security where it is: pledges and restrictions.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};

use super::super::actions::{LiftRestriction, PledgeSecurity, ReleasePledge};
use super::super::rules::{
    class_not_frozen, has_signed, is_pledged, is_restricted, issuer_has_signed, known_class, live,
    not_pledged, pledgee_is_another, security_not_frozen,
};
use super::super::security::{Pledge, Security};
use crate::RegisterName;
use crate::authorities::directed;

pub(super) fn pledge(draft: &mut Draft<'_>, action: &PledgeSecurity) -> Result<(), Rejection> {
    let mut security: Security = live(draft, &action.issuer, &action.security)?;
    has_signed(draft, &security.holder)?;
    has_signed(draft, &action.pledgee)?;
    pledgee_is_another(&security, &action.pledgee)?;
    not_pledged(&security)?;
    security_not_frozen(draft, &security)?;
    class_not_frozen(draft, &known_class(draft, &action.issuer, &security.class)?)?;

    security.pledge =
        Some(Pledge { pledgee: action.pledgee, since: draft.time(), record: action.record });
    draft.put(&security);
    Ok(())
}

/// A pledge is released also while the security is frozen: nothing moves by it.
pub(super) fn release_pledge(
    draft: &mut Draft<'_>,
    action: &ReleasePledge,
) -> Result<(), Rejection> {
    let mut security: Security = live(draft, &action.issuer, &action.security)?;
    let pledgee = is_pledged(&security)?.pledgee;
    match &action.order {
        None => has_signed(draft, &pledgee)?,
        Some(order) => {
            directed(draft, order, RegisterName::Equity, Security::KIND, &security.id())?;
            issuer_has_signed(draft, &action.issuer)?;
        }
    }

    security.pledge = None;
    draft.put(&security);
    Ok(())
}

pub(super) fn lift_restriction(
    draft: &mut Draft<'_>,
    action: &LiftRestriction,
) -> Result<(), Rejection> {
    let mut security: Security = live(draft, &action.issuer, &action.security)?;
    issuer_has_signed(draft, &action.issuer)?;
    is_restricted(&security)?;
    security_not_frozen(draft, &security)?;

    security.restricted = false;
    draft.put(&security);
    Ok(())
}
