//! How disputes, opinions and claims come and go. Opinions and claims are never deleted.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;

use crate::artworks::actions::{
    DisputeClaim, DisputeWork, Opine, SettleDispute, StateClaims, WithdrawClaim, WithdrawOpinion,
};
use crate::artworks::claim::{Capacity, Claim, ClaimDispute, Withdrawn};
use crate::artworks::event::{Event, EventKind};
use crate::artworks::opinion::Opinion;
use crate::artworks::rules::{
    chain_goes_on, claim_is_complete, claim_stands, ends_after_start, expert_has_signed,
    expert_is_none_of, has_signed, judge_has_signed, known_claim, known_opinion, known_work,
    may_dispute_claim, may_settle, not_disputed_by, number_is_next, room_for_dispute, still_exists,
    taking_is_no_acquisition, was_stated_by,
};
use crate::artworks::work::{Dispute, MAX_CLAIMS, MAX_OPINIONS, Work};

pub(super) fn dispute(draft: &mut Draft<'_>, action: &DisputeWork) -> Result<(), Rejection> {
    let was = known_work(draft, &action.work)?;
    expert_is_none_of(&action.by, &[action.claimant])?;
    has_signed(draft, &action.claimant)?;
    judge_has_signed(draft, &action.by)?;
    still_exists(&was)?;
    room_for_dispute(&was, &action.dispute)?;

    let mut work = was.clone();
    work.disputes.push(Dispute {
        dispute: action.dispute.clone(),
        claimant: action.claimant,
        by: action.by,
        grounds: action.grounds.clone(),
        at: draft.time(),
    });
    let event = Event {
        witness: Some(action.by),
        statement: Some(action.grounds.clone()),
        ..Event::now(draft, &action.work, EventKind::Disputed, action.claimant)
    };
    event.put(draft, Some(&was), work);
    Ok(())
}

pub(super) fn settle(draft: &mut Draft<'_>, action: &SettleDispute) -> Result<(), Rejection> {
    let was = known_work(draft, &action.work)?;
    let index = may_settle(draft, &was, &action.dispute, &action.by)?;

    let mut work = was.clone();
    work.disputes.remove(index);
    let event = Event {
        reference: Some(action.reference.clone()),
        ..Event::now(draft, &action.work, EventKind::Settled, action.by)
    };
    event.put(draft, Some(&was), work);
    Ok(())
}

pub(super) fn opine(draft: &mut Draft<'_>, action: &Opine) -> Result<(), Rejection> {
    let work = known_work(draft, &action.work)?;
    let held = expert_has_signed(draft, &action.expert)?;
    number_is_next(work.opinions, action.number, 1, MAX_OPINIONS)?;

    draft.put(&Opinion {
        work: action.work.clone(),
        number: action.number,
        expert: action.expert,
        under: held.accreditation,
        interested: work.is_kept_by(&action.expert),
        finding: action.finding.clone(),
        grounds: action.grounds.clone(),
        report: action.report,
        given: draft.time(),
        withdrawn: None,
    });
    draft.put(&Work { opinions: action.number, ..work });
    Ok(())
}

pub(super) fn withdraw_opinion(
    draft: &mut Draft<'_>,
    action: &WithdrawOpinion,
) -> Result<(), Rejection> {
    known_work(draft, &action.work)?;
    let mut opinion = known_opinion(draft, &action.work, action.number)?;
    was_stated_by(&opinion.expert, &action.expert)?;
    has_signed(draft, &action.expert)?;

    opinion.withdrawn = Some(Withdrawn { reason: action.reason.clone(), at: draft.time() });
    draft.put(&opinion);
    Ok(())
}

pub(super) fn state_claims(draft: &mut Draft<'_>, action: &StateClaims) -> Result<(), Rejection> {
    let work = known_work(draft, &action.work)?;
    let capacity = if work.is_kept_by(&action.by) {
        has_signed(draft, &action.by)?;
        Capacity::Keeper
    } else {
        expert_has_signed(draft, &action.by)?;
        Capacity::Expert
    };
    number_is_next(work.claims, action.first, action.claims.len(), MAX_CLAIMS)?;
    chain_goes_on(draft, action)?;
    for claim in action.claims.iter() {
        claim_is_complete(claim)?;
        taking_is_no_acquisition(claim)?;
        ends_after_start(claim)?;
    }

    for (number, claim) in (action.first..).zip(action.claims.iter()) {
        draft.put(&Claim {
            work: action.work.clone(),
            number,
            claim: claim.clone(),
            source: action.source,
            by: action.by,
            capacity,
            stated: draft.time(),
            disputed: Vec::new(),
            withdrawn: None,
        });
    }
    // As many as the rule on numbers lets through: it is at most MAX_CLAIMS.
    let claims = work.claims + action.claims.len() as u32;
    draft.put(&Work { claims, ..work });
    Ok(())
}

pub(super) fn dispute_claim(draft: &mut Draft<'_>, action: &DisputeClaim) -> Result<(), Rejection> {
    let work = known_work(draft, &action.work)?;
    let mut claim = known_claim(draft, &action.work, action.number)?;
    may_dispute_claim(draft, &work, &action.by)?;
    claim_stands(&claim)?;
    not_disputed_by(&claim, &action.by)?;

    let (by, reason, at) = (action.by, action.reason.clone(), draft.time());
    claim.disputed.push(ClaimDispute { by, reason, at });
    draft.put(&claim);
    Ok(())
}

pub(super) fn withdraw_claim(
    draft: &mut Draft<'_>,
    action: &WithdrawClaim,
) -> Result<(), Rejection> {
    known_work(draft, &action.work)?;
    let mut claim = known_claim(draft, &action.work, action.number)?;
    was_stated_by(&claim.by, &action.by)?;
    has_signed(draft, &action.by)?;
    claim_stands(&claim)?;

    claim.withdrawn = Some(Withdrawn { reason: action.reason.clone(), at: draft.time() });
    draft.put(&claim);
    Ok(())
}
