//! From what the agreement engine has caught validators at to what the register puts on record.

use chancery_ledger::genesis::Genesis;
use chancery_ledger::key::SecretKey;
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Payload, Signing};
use chancery_registries::Action;
use chancery_registries::validators::{self, Accuse, Ballot, Signature, Step};
use malachitebft_app::types::MisbehaviorEvidence;
use malachitebft_app::types::core::{
    NilOrVal, Proposal as _, SignedProposal, SignedVote, Vote as _, VoteType,
};

use super::context::{Address, PoolContext};

/// How long after it was written an accusation may be taken in.
const VALID_FOR_MS: u64 = 10 * 60 * 1000;

/// What is to be put on record of a height: one accusation for each validator that has signed two
/// different things in one step, in the order of their keys.
pub fn accusations(evidence: &MisbehaviorEvidence<PoolContext>) -> Vec<Accuse> {
    let voters = evidence.votes.iter().filter_map(|(who, pairs)| {
        pairs.iter().find_map(|(first, second)| of_votes(*who, first, second))
    });
    let mut all: Vec<Accuse> = voters.collect();
    for (who, pairs) in evidence.proposals.iter() {
        let is_accused = all.iter().any(|accused| accused.validator == who.key());
        let found = pairs.iter().find_map(|(first, second)| of_proposals(*who, first, second));
        all.extend(found.filter(|_| !is_accused));
    }
    all.sort_by_key(|accused| accused.validator);
    all
}

fn of_votes(
    who: Address,
    first: &SignedVote<PoolContext>,
    second: &SignedVote<PoolContext>,
) -> Option<Accuse> {
    let vote = &first.message;
    let ballot = |signed: &SignedVote<PoolContext>| Ballot {
        block: match signed.message.value() {
            NilOrVal::Nil => None,
            NilOrVal::Val(block) => Some(block.hash()),
        },
        valid_round: None,
        signature: Signature(signed.signature.0),
    };
    let accused = Accuse {
        validator: who.key(),
        height: vote.height().0,
        round: vote.round().as_u32()?,
        step: match vote.vote_type() {
            VoteType::Prevote => Step::Prevote,
            VoteType::Precommit => Step::Precommit,
        },
        first: ballot(first),
        second: ballot(second),
    };
    contradicts(accused)
}

fn of_proposals(
    who: Address,
    first: &SignedProposal<PoolContext>,
    second: &SignedProposal<PoolContext>,
) -> Option<Accuse> {
    let proposal = &first.message;
    let ballot = |signed: &SignedProposal<PoolContext>| Ballot {
        block: Some(signed.message.value().hash()),
        valid_round: signed.message.pol_round().as_u32(),
        signature: Signature(signed.signature.0),
    };
    let accused = Accuse {
        validator: who.key(),
        height: proposal.height().0,
        round: proposal.round().as_u32()?,
        step: Step::Proposal,
        first: ballot(first),
        second: ballot(second),
    };
    contradicts(accused)
}

/// The same block proposed twice in a round, with and without an earlier round that locked on it, is no
/// contradiction.
fn contradicts(accused: Accuse) -> Option<Accuse> {
    (accused.first.block != accused.second.block).then_some(accused)
}

/// An accusation as a transition, signed with a validator's key as the party whose first key that is.
/// Nothing if it cannot be written down, which plain data can.
pub fn transition(
    accusation: &Accuse,
    genesis: &Genesis,
    key: &SecretKey,
    now: Time,
) -> Option<Vec<u8>> {
    let valid_for_ms = VALID_FOR_MS.min(genesis.statement().transition_window_ms / 2);
    let payload = Payload {
        ledger: genesis.ledger(),
        id: "accusation".to_owned(),
        not_after: now.plus_ms(valid_for_ms),
        actions: vec![Action::Validators(validators::Action::Accuse(accusation.clone()))],
    };
    Signing::of(&payload).ok().map(|signing| signing.sign(key).to_bytes())
}
