//! The rules of the validators register, each a sentence.

use chancery_ledger::code::Rejection;
use chancery_ledger::execution::Draft;
use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;
use chancery_ledger::seal::{Pool, Pools, Term, Validator};

use super::actions::{Accuse, Elect};
use super::candidate::{Candidate, Roll};
use super::equivocation::{Ballot, Equivocation};
use super::stake::{Amount, Stake};
use super::{
    ACCUSED_WAS_NO_VALIDATOR, BALLOT_NOT_SIGNED, BALLOTS_AGREE, CHANGE_PENDING, DOES_NOT_STAND,
    FROM_TOO_LATE, FROM_TOO_SOON, HEIGHT_NOT_JUDGED, NO_POOL, NO_STAKE, NOBODY_ELECTED,
    NOT_A_VALIDATOR, POOL_UNSOUND, RECORDED_ALREADY, SEATS_OUT_OF_RANGE, STAKE_TOO_LARGE,
    STANDS_ALREADY, TOO_MANY_CANDIDATES,
};
use crate::signers;

/// The most members of a pool.
pub const SEATS_MAX: usize = 128;
/// The most candidates that stand.
pub const CANDIDATES_MAX: usize = 256;
/// How many blocks ahead a pool may be named. Until it is in force no other can be.
pub const AHEAD_MAX: u64 = 100_000;
/// The block after the one that names a pool is still sealed by the pool before, so that everyone who
/// has that block knows who seals next.
const AHEAD_MIN: u64 = 2;

/// The pools as they stand: until the first change those of the genesis. A ledger of work has none.
pub(super) fn pools(draft: &Draft<'_>) -> Result<Pools, Rejection> {
    let founding = draft.context().genesis.pool();
    let founding = founding.ok_or_else(|| NO_POOL.because("its blocks are sealed by work"))?;
    Ok(draft.get(Pools::ID).unwrap_or_else(|| Pools::founded(founding)))
}

/// Pools are named by the root authority.
pub(super) fn root_has_signed(draft: &Draft<'_>) -> Result<(), Rejection> {
    signers::controllers_signed(draft, &draft.context().genesis.root_party())
}

/// A pool that was named is never replaced before it is in force: whoever was told may rely on it.
pub(super) fn nothing_is_pending(draft: &Draft<'_>, pools: &Pools) -> Result<(), Rejection> {
    match pools.pending_at(draft.context().height) {
        None => Ok(()),
        Some(next) => {
            let detail = format!("the pool from block {} on is named", next.from);
            Err(CHANGE_PENDING.because(detail))
        }
    }
}

/// A pool comes into force when everyone can know it, and before long.
pub(super) fn from_is_near(draft: &Draft<'_>, from: u64) -> Result<(), Rejection> {
    let height = draft.context().height;
    let detail = || format!("from is {from}, and this is block {height}");
    match from.checked_sub(height) {
        None | Some(..AHEAD_MIN) => Err(FROM_TOO_SOON.because(detail())),
        Some(ahead) if ahead > AHEAD_MAX => Err(FROM_TOO_LATE.because(detail())),
        Some(_) => Ok(()),
    }
}

/// The ledger can work with the pool.
pub(super) fn pool_is_sound(validators: &[Validator]) -> Result<(), Rejection> {
    if (Pool { validators: validators.to_vec() }).is_sound() {
        return Ok(());
    }
    Err(POOL_UNSOUND.because(format!("of the {} members named", validators.len())))
}

/// A pool has a bounded number of seats. Gives it.
pub(super) fn seats_fit(elect: &Elect) -> Result<usize, Rejection> {
    let seats = usize::try_from(elect.seats).unwrap_or(usize::MAX);
    if (1..=SEATS_MAX).contains(&seats) {
        return Ok(seats);
    }
    Err(SEATS_OUT_OF_RANGE.because(format!("{seats} are asked for")))
}

/// Somebody was elected.
pub(super) fn somebody_is_elected(validators: &[Validator]) -> Result<(), Rejection> {
    if validators.is_empty() {
        return Err(NOBODY_ELECTED.because("every candidate's stake is 0"));
    }
    Ok(())
}

/// What counts for a candidate stays an exact number everywhere. Gives the sum.
pub(super) fn sum_is_exact(sum: Amount, more: Amount) -> Result<Amount, Rejection> {
    let detail = || format!("{} and {} more", sum.get(), more.get());
    sum.plus(more).ok_or_else(|| STAKE_TOO_LARGE.because(detail()))
}

/// Only a stake that was allotted can be delegated. Gives it.
pub(super) fn known_stake(draft: &Draft<'_>, party: &PartyId) -> Result<Stake, Rejection> {
    let stake = draft.get(&party.to_string());
    stake.ok_or_else(|| NO_STAKE.because(format!("{party} has none")))
}

/// The candidate stands. Gives it.
pub(super) fn standing_candidate(
    draft: &Draft<'_>,
    key: &PublicKey,
) -> Result<Candidate, Rejection> {
    let candidate = draft.get::<Candidate>(&key.to_string());
    let candidate = candidate.filter(|candidate| candidate.stands);
    candidate.ok_or_else(|| DOES_NOT_STAND.because(format!("{key} does not stand")))
}

/// Nobody stands with this key. Gives the candidate that once did.
pub(super) fn does_not_stand_yet(
    draft: &Draft<'_>,
    key: &PublicKey,
) -> Result<Option<Candidate>, Rejection> {
    match draft.get::<Candidate>(&key.to_string()) {
        Some(candidate) if candidate.stands => {
            Err(STANDS_ALREADY.because(format!("{} stands with it", candidate.name)))
        }
        other => Ok(other),
    }
}

/// The roll is bounded.
pub(super) fn roll_has_room(roll: &Roll) -> Result<(), Rejection> {
    if roll.candidates.len() >= CANDIDATES_MAX {
        return Err(TOO_MANY_CANDIDATES.because("the roll is full"));
    }
    Ok(())
}

/// A validator in force reports with its own key, as the party whose first key that is. Gives the key.
pub(super) fn validator_has_signed(
    draft: &Draft<'_>,
    pools: &Pools,
) -> Result<PublicKey, Rejection> {
    let members = &pools.at(draft.context().height).validators;
    let signers = draft.context().signers;
    let place = signers.iter().position(|signer| {
        signer.party == PartyId::of_first_key(&signer.key)
            && members.iter().any(|member| member.key == signer.key)
    });
    let place = place.ok_or_else(|| NOT_A_VALIDATOR.because("of the signatures none is"))?;
    draft.rely_on(place);
    Ok(signers[place].key)
}

/// The register knows who sealed at that height: since the pool before the one in force, if no other
/// was named since. Gives the term.
pub(super) fn term_is_known<'a>(
    draft: &Draft<'_>,
    pools: &'a Pools,
    accusation: &Accuse,
) -> Result<&'a Term, Rejection> {
    let (height, now) = (accusation.height, draft.context().height);
    let first = pools.in_force.from;
    if height > now || height < first {
        let detail = format!("height {height} is not from {first} to {now}");
        return Err(HEIGHT_NOT_JUDGED.because(detail));
    }
    Ok(pools.at(height))
}

/// The accused was a member of the pool of that height. Gives it.
pub(super) fn accused_was_member<'a>(
    term: &'a Term,
    accusation: &Accuse,
) -> Result<&'a Validator, Rejection> {
    let key = accusation.validator;
    let member = term.validators.iter().find(|member| member.key == key);
    member.ok_or_else(|| {
        let detail = format!("{key} is not in the pool of block {}", accusation.height);
        ACCUSED_WAS_NO_VALIDATOR.because(detail)
    })
}

/// Nobody may vote for two blocks, or for one and for none, in one step of one round.
pub(super) fn ballots_differ(accusation: &Accuse) -> Result<(), Rejection> {
    if accusation.first.block == accusation.second.block {
        return Err(BALLOTS_AGREE.because("first and second are for the same"));
    }
    Ok(())
}

/// The accused has signed a ballot (strictly, as every signature here).
pub(super) fn accused_has_signed(
    draft: &Draft<'_>,
    accusation: &Accuse,
    ballot: &Ballot,
    which: &str,
) -> Result<(), Rejection> {
    let Accuse { validator, height, round, step, .. } = accusation;
    let ledger = draft.context().genesis.ledger();
    let Some(message) = ballot.bytes(*step, &ledger, *height, *round) else {
        return Err(BALLOT_NOT_SIGNED.because(format!("{which} cannot be signed in this step")));
    };
    let verifier = validator.verifier();
    if verifier.is_ok_and(|verifier| verifier.verify(&message, &ballot.signature.0)) {
        return Ok(());
    }
    Err(BALLOT_NOT_SIGNED.because(format!("the signature of {which} does not verify")))
}

/// One record for what one validator did in one step of one round.
pub(super) fn not_recorded(draft: &Draft<'_>, accusation: &Accuse) -> Result<(), Rejection> {
    let Accuse { validator, height, round, step, .. } = accusation;
    let id = Equivocation::id_of(*height, *round, *step, validator);
    if draft.exists::<Equivocation>(&id) {
        return Err(RECORDED_ALREADY.because(id));
    }
    Ok(())
}
