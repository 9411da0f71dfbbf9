//! How the validators register changes.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;
use chancery_ledger::seal::{Pools, Term, Validator};

use super::actions::{Accuse, Action, Allot, Appoint, Delegate, Elect, Stand, Withdraw};
use super::candidate::{Candidate, Roll};
use super::election::elected;
use super::equivocation::Equivocation;
use super::rules::{
    accused_has_signed, accused_was_member, ballots_differ, does_not_stand_yet, from_is_near,
    known_stake, not_recorded, nothing_is_pending, pool_is_sound, pools, roll_has_room,
    root_has_signed, seats_fit, somebody_is_elected, standing_candidate, sum_is_exact,
    term_is_known, validator_has_signed,
};
use super::stake::{Amount, Stake};
use crate::identity::{Purpose, active_party};
use crate::{RegisterName, signers};

pub(super) fn apply(draft: &mut Draft<'_>, action: &Action) -> Result<(), Rejection> {
    match action {
        Action::Appoint(action) => appoint(draft, action),
        Action::Allot(action) => allot(draft, action),
        Action::Stand(action) => stand(draft, action),
        Action::Withdraw(action) => withdraw(draft, action),
        Action::Delegate(action) => delegate(draft, action),
        Action::Elect(action) => elect(draft, action),
        Action::Accuse(action) => accuse(draft, action),
    }
}

fn appoint(draft: &mut Draft<'_>, appoint: &Appoint) -> Result<(), Rejection> {
    let validators = appoint.validators.iter().map(Validator::from).collect();
    name_next(draft, appoint.from, validators)
}

fn elect(draft: &mut Draft<'_>, elect: &Elect) -> Result<(), Rejection> {
    let seats = seats_fit(elect)?;
    let candidates = roll(draft).candidates;
    let candidates = candidates.iter().filter_map(|key| draft.get(&key.to_string())).collect();
    let validators = elected(candidates, seats);
    somebody_is_elected(&validators)?;
    name_next(draft, elect.from, validators)
}

fn name_next(
    draft: &mut Draft<'_>,
    from: u64,
    validators: Vec<Validator>,
) -> Result<(), Rejection> {
    let pools = pools(draft)?;
    root_has_signed(draft)?;
    nothing_is_pending(draft, &pools)?;
    from_is_near(draft, from)?;
    pool_is_sound(&validators)?;

    let in_force = pools.at(draft.context().height).clone();
    draft.put(&Pools { in_force, next: Some(Term { from, validators }) });
    Ok(())
}

fn allot(draft: &mut Draft<'_>, allot: &Allot) -> Result<(), Rejection> {
    root_has_signed(draft)?;
    active_party(draft, &allot.party)?;
    let none = Stake { party: allot.party, amount: Amount::default(), delegated_to: None };
    let mut stake = draft.get::<Stake>(&allot.party.to_string()).unwrap_or(none);
    let candidate = delegate_of(draft, &stake);
    let counted = candidate.map(|candidate| recounted(candidate, stake.amount, allot.stake));

    if let Some(candidate) = counted.transpose()? {
        draft.put(&candidate);
    }
    stake.amount = allot.stake;
    draft.put(&stake);
    Ok(())
}

fn delegate(draft: &mut Draft<'_>, delegate: &Delegate) -> Result<(), Rejection> {
    let mut stake = known_stake(draft, &delegate.party)?;
    let purpose = Purpose::Assertion;
    signers::signed_by(draft, &delegate.party, purpose, RegisterName::Validators)?;
    if let Some(candidate) = delegate_of(draft, &stake) {
        draft.put(&recounted(candidate, stake.amount, Amount::default())?);
    }
    if let Some(to) = &delegate.to {
        let candidate = standing_candidate(draft, to)?;
        draft.put(&recounted(candidate, Amount::default(), stake.amount)?);
    }

    stake.delegated_to = delegate.to;
    draft.put(&stake);
    Ok(())
}

fn stand(draft: &mut Draft<'_>, stand: &Stand) -> Result<(), Rejection> {
    let purpose = Purpose::Assertion;
    signers::signed_by(draft, &stand.party, purpose, RegisterName::Validators)?;
    signers::new_key_signed(draft, &PartyId::of_first_key(&stand.key), &stand.key)?;
    let before = does_not_stand_yet(draft, &stand.key)?;
    let mut roll = roll(draft);
    roll_has_room(&roll)?;

    roll.candidates.push(stand.key);
    draft.put(&roll);
    draft.put(&Candidate {
        key: stand.key,
        name: stand.name.clone(),
        party: stand.party,
        stake: before.map(|before| before.stake).unwrap_or_default(),
        stands: true,
    });
    Ok(())
}

fn withdraw(draft: &mut Draft<'_>, withdraw: &Withdraw) -> Result<(), Rejection> {
    let mut candidate = standing_candidate(draft, &withdraw.candidate)?;
    let purpose = Purpose::Assertion;
    signers::signed_by(draft, &candidate.party, purpose, RegisterName::Validators)?;

    let mut roll = roll(draft);
    roll.candidates.retain(|key| *key != candidate.key);
    draft.put(&roll);
    candidate.stands = false;
    draft.put(&candidate);
    Ok(())
}

fn accuse(draft: &mut Draft<'_>, accusation: &Accuse) -> Result<(), Rejection> {
    let pools = pools(draft)?;
    let accuser = validator_has_signed(draft, &pools)?;
    not_recorded(draft, accusation)?;
    let term = term_is_known(draft, &pools, accusation)?;
    let accused = accused_was_member(term, accusation)?;
    ballots_differ(accusation)?;
    accused_has_signed(draft, accusation, &accusation.first, "first")?;
    accused_has_signed(draft, accusation, &accusation.second, "second")?;

    draft.put(&Equivocation {
        validator: accusation.validator,
        name: accused.name.clone(),
        height: accusation.height,
        round: accusation.round,
        step: accusation.step,
        first: accusation.first,
        second: accusation.second,
        accuser,
        recorded: draft.time(),
    });
    Ok(())
}

fn roll(draft: &Draft<'_>) -> Roll {
    draft.get(Roll::ID).unwrap_or_default()
}

/// The candidate that a stake counts for, standing or not.
fn delegate_of(draft: &Draft<'_>, stake: &Stake) -> Option<Candidate> {
    stake.delegated_to.as_ref().and_then(|key: &PublicKey| draft.get(&key.to_string()))
}

/// The candidate for whom so much less counts, and so much more.
fn recounted(mut candidate: Candidate, less: Amount, more: Amount) -> Result<Candidate, Rejection> {
    candidate.stake = sum_is_exact(candidate.stake.without(less), more)?;
    Ok(candidate)
}
