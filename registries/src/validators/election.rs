//! Elections: from candidates and the stakes behind them to a pool.

use std::cmp::Reverse;

use chancery_ledger::seal::Validator;

use super::candidate::Candidate;

/// The candidates with the most stake, the larger stake first and among equals the smaller key; none
/// without stake. Their powers are their stakes, halved together as often as it takes for the largest
/// to be below 2^32, and 1 at least.
pub fn elected(mut candidates: Vec<Candidate>, seats: usize) -> Vec<Validator> {
    candidates.retain(|candidate| candidate.stake.get() > 0);
    candidates.sort_by_key(|candidate| (Reverse(candidate.stake), candidate.key));
    candidates.truncate(seats);
    let largest = candidates.first().map_or(0, |first| first.stake.get());
    let halvings = (u64::BITS - largest.leading_zeros()).saturating_sub(u32::BITS);
    let validator = |candidate: Candidate| Validator {
        name: candidate.name.to_string(),
        key: candidate.key,
        power: u32::try_from(candidate.stake.get() >> halvings).unwrap_or(u32::MAX).max(1),
    };
    candidates.into_iter().map(validator).collect()
}
