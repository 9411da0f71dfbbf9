//! The rules of shares in one hand.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::{Draft, Object};
use chancery_ledger::party::PartyId;

use super::super::actions::{Part, Successor};
use super::super::class::{ClassSplit, MAX_SPLITS, StockClass};
use super::super::codes;
use super::super::issuer::scoped;
use super::super::numbers::{Decimal, Quantity};
use super::super::security::{Event, Origin, Pledge, Security};
use super::{HERE, results_are};
use crate::authorities::not_frozen;
use crate::text::LocalId;

/// No freeze is on the security, or on one that it succeeded in a split.
pub(in super::super) fn security_not_frozen(
    draft: &Draft<'_>,
    security: &Security,
) -> Result<(), Rejection> {
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
pub(in super::super) fn not_pledged(security: &Security) -> Result<(), Rejection> {
    match &security.pledge {
        None => Ok(()),
        Some(pledge) => {
            let detail = format!("{} is pledged to {}", security.security, pledge.pledgee);
            Err(codes::PLEDGED.because(detail))
        }
    }
}

/// The security is pledged. Gives the pledge.
pub(in super::super) fn is_pledged(security: &Security) -> Result<&Pledge, Rejection> {
    security
        .pledge
        .as_ref()
        .ok_or_else(|| codes::NOT_PLEDGED.because(format!("{} is not pledged", security.security)))
}

/// Nobody takes in pledge what they hold.
pub(in super::super) fn pledgee_is_another(
    security: &Security,
    pledgee: &PartyId,
) -> Result<(), Rejection> {
    if security.holder == *pledgee {
        return Err(codes::PLEDGE_TO_SELF.because(format!("{pledgee} holds it")));
    }
    Ok(())
}

/// Nobody receives what they hold.
pub(in super::super) fn receiver_is_another(
    holder: &PartyId,
    receiver: &PartyId,
) -> Result<(), Rejection> {
    if holder == receiver {
        return Err(codes::TRANSFER_TO_SELF.because(format!("{receiver} holds it")));
    }
    Ok(())
}

/// The security is restricted.
pub(in super::super) fn is_restricted(security: &Security) -> Result<(), Rejection> {
    if security.restricted {
        return Ok(());
    }
    Err(codes::NOT_RESTRICTED.because(format!("{} is not restricted", security.security)))
}

/// Only an issuance is taken back.
pub(in super::super) fn is_from_issuance(
    security: &LocalId,
    origin: &Origin,
) -> Result<(), Rejection> {
    if origin.event == Event::Issuance {
        return Ok(());
    }
    let detail = format!("{security} began by {}", origin.event);
    Err(codes::NOT_FROM_ISSUANCE.because(detail))
}

/// Securities that are reissued together are of one holder and one class.
pub(in super::super) fn are_alike(first: &Security, other: &Security) -> Result<(), Rejection> {
    if first.holder == other.holder && first.class == other.class {
        return Ok(());
    }
    let detail = format!("{} and {} are not", first.security, other.security);
    Err(codes::NOT_ALIKE.because(detail))
}

/// One security becomes several, or several become one: which came of which stays plain.
pub(in super::super) fn one_side_is_one(
    securities: usize,
    results: usize,
) -> Result<(), Rejection> {
    if securities == 1 || results == 1 {
        return Ok(());
    }
    let detail = format!("{securities} securities are reissued as {results}");
    Err(codes::REISSUE_OF_MANY.because(detail))
}

/// A security that is reissued for a split is of its class, and from before it.
pub(in super::super) fn is_to_be_split(
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

/// What takes the place of a security in a split: one, or several that have exactly what is left.
pub(in super::super) fn successors_fit(
    left: Decimal,
    successor: &Successor,
) -> Result<Vec<Part>, Rejection> {
    let (into, results) = (successor.into.as_ref(), &successor.results);
    match (Quantity::try_from(left), into) {
        (Err(_), None) if results.is_empty() => Ok(Vec::new()),
        (Ok(quantity), Some(into)) if results.is_empty() => Ok(vec![Part {
            security: into.clone(),
            quantity,
            certificate: successor.certificate.clone(),
            record: successor.record,
        }]),
        (Ok(_), None) if !results.is_empty() => {
            results_are(results.iter().map(|part| part.quantity), left)?;
            Ok(results.to_vec())
        }
        _ => {
            let named = into.map_or("none".to_owned(), ToString::to_string);
            let several = results.len();
            let detail = format!(
                "{left} shares are left, the successor is {named}, and {several} results are named"
            );
            Err(codes::SPLIT_SUCCESSOR_WRONG.because(detail))
        }
    }
}
