//! The rules for what is stated about a work: claims and opinions.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::party::PartyId;

use super::{has_signed, judge_has_signed};
use crate::artworks::actions::StateClaims;
use crate::artworks::claim::{Claim, ClaimKind, Follows, MAX_CLAIM_DISPUTES, NewClaim};
use crate::artworks::codes;
use crate::artworks::opinion::Opinion;
use crate::artworks::work::Work;
use crate::text::LocalId;

/// What is stated is numbered in the order of the log, so that nothing is stated twice by accident.
pub(in crate::artworks) fn number_is_next(
    count: u32,
    number: u32,
    adding: usize,
    most: u32,
) -> Result<(), Rejection> {
    if number != count + 1 {
        let detail = format!("the next number is {}, not {number}", count + 1);
        return Err(codes::NUMBER_NOT_NEXT.because(detail));
    }
    if adding > (most - count.min(most)) as usize {
        return Err(codes::FULL.because(format!("{count} stand, and {most} may")));
    }
    Ok(())
}

/// The claim exists.
pub(in crate::artworks) fn known_claim(
    draft: &Draft<'_>,
    work: &LocalId,
    number: u32,
) -> Result<Claim, Rejection> {
    draft
        .get(&Claim::id_of(work, number))
        .ok_or_else(|| codes::CLAIM_UNKNOWN.because(format!("{work} has no claim {number}")))
}

/// The opinion exists and stands.
pub(in crate::artworks) fn known_opinion(
    draft: &Draft<'_>,
    work: &LocalId,
    number: u32,
) -> Result<Opinion, Rejection> {
    let unknown = || codes::OPINION_UNKNOWN.because(format!("{work} has no opinion {number}"));
    let opinion: Opinion = draft.get(&Opinion::id_of(work, number)).ok_or_else(unknown)?;
    match &opinion.withdrawn {
        None => Ok(opinion),
        Some(withdrawn) => {
            let detail = format!("it was withdrawn at {}", withdrawn.at);
            Err(codes::OPINION_WITHDRAWN.because(detail))
        }
    }
}

/// What was withdrawn is beyond dispute.
pub(in crate::artworks) fn claim_stands(claim: &Claim) -> Result<(), Rejection> {
    match &claim.withdrawn {
        None => Ok(()),
        Some(withdrawn) => {
            let detail = format!("it was withdrawn at {}", withdrawn.at);
            Err(codes::CLAIM_WITHDRAWN.because(detail))
        }
    }
}

/// Only its author withdraws a statement, accredited still or not.
pub(in crate::artworks) fn was_stated_by(author: &PartyId, by: &PartyId) -> Result<(), Rejection> {
    if author == by {
        return Ok(());
    }
    Err(codes::NOT_THE_AUTHOR.because(format!("it was stated by {author}")))
}

/// A claim is disputed by the keeper of the record, or by an expert, a court or a regulator.
pub(in crate::artworks) fn may_dispute_claim(
    draft: &Draft<'_>,
    work: &Work,
    by: &PartyId,
) -> Result<(), Rejection> {
    if work.is_kept_by(by) { has_signed(draft, by) } else { judge_has_signed(draft, by) }
}

/// Each party disputes a claim once, and eight are enough.
pub(in crate::artworks) fn not_disputed_by(claim: &Claim, by: &PartyId) -> Result<(), Rejection> {
    if claim.disputed.iter().any(|dispute| dispute.by == *by) {
        return Err(codes::CLAIM_DISPUTED_ALREADY.because(format!("{by} disputes it")));
    }
    if claim.disputed.len() >= MAX_CLAIM_DISPUTES {
        let detail = format!("{MAX_CLAIM_DISPUTES} parties dispute it");
        return Err(codes::TOO_MANY_DISPUTES.because(detail));
    }
    Ok(())
}

/// A claim says what its kind is about.
pub(in crate::artworks) fn claim_is_complete(claim: &NewClaim) -> Result<(), Rejection> {
    let complete = match claim.kind {
        ClaimKind::Acquisition | ClaimKind::TransferOfCustody => {
            claim.from.is_some() || claim.to.is_some()
        }
        ClaimKind::Move => claim.place.is_some(),
        ClaimKind::Encounter => claim.to.is_some() || claim.place.is_some(),
    };
    if complete {
        return Ok(());
    }
    Err(codes::CLAIM_INCOMPLETE
        .because(format!("{:?} names neither whom nor where", claim.text.as_str())))
}

/// Theft, looting, confiscation and forced sale never change title.
pub(in crate::artworks) fn taking_is_no_acquisition(claim: &NewClaim) -> Result<(), Rejection> {
    let is_taking = claim.method.is_some_and(|method| method.is_taking());
    if is_taking && claim.kind != ClaimKind::TransferOfCustody {
        let detail = format!("{:?} is a taking", claim.text.as_str());
        return Err(codes::TAKING_IS_NO_TITLE.because(detail));
    }
    Ok(())
}

/// A step ends after it begins, as far as its dates are firm.
pub(in crate::artworks) fn ends_after_start(claim: &NewClaim) -> Result<(), Rejection> {
    let (Some(since), Some(until)) = (claim.since, claim.until) else { return Ok(()) };
    let firm = !since.is_doubtful() && !until.is_doubtful();
    match (since.earliest(), until.latest()) {
        (Some(start), Some(end)) if firm && end < start => {
            let detail = format!("it lasts from {since} until {until}");
            Err(codes::CLAIM_ENDS_BEFORE_START.because(detail))
        }
        _ => Ok(()),
    }
}

/// A chain that is not begun anew goes on from the same party's claim out of the same source.
pub(in crate::artworks) fn chain_goes_on(
    draft: &Draft<'_>,
    action: &StateClaims,
) -> Result<(), Rejection> {
    if action.claims.first().is_none_or(|first| first.follows == Follows::Start) {
        return Ok(());
    }
    let before = action.first.checked_sub(1);
    let before: Option<Claim> =
        before.and_then(|number| draft.get(&Claim::id_of(&action.work, number)));
    match before {
        Some(before) if before.by == action.by && before.source == action.source => Ok(()),
        _ => {
            let detail = format!("no claim of {} from this source comes before", action.by);
            Err(codes::CHAIN_BROKEN.because(detail))
        }
    }
}
