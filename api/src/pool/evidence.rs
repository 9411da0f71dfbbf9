//! From what the agreement engine has caught validators at to what the register puts on record.

use std::collections::BTreeMap;

use chancery_ledger::genesis::Genesis;
use chancery_ledger::key::{PublicKey, SecretKey};
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Payload, Signing};
use chancery_registries::Action;
use chancery_registries::validators::{self, Accuse, Ballot, Signature, Step};
use malachitebft_app::types::MisbehaviorEvidence;
use malachitebft_app::types::core::{
    NilOrVal, Proposal as _, SignedProposal, SignedVote, Vote as _, VoteType,
};

use super::context::{Address, PoolContext};

/// A validator that goes on contradicting itself is accused again after this time. An accusation makes a
/// block, in whose height it may do so again: else it would have block after block written.
const AGAIN_AFTER_MS: u64 = 60 * 1000;
/// How long after it was written an accusation may be taken in.
const VALID_FOR_MS: u64 = 10 * 60 * 1000;

/// Whom this validator has accused lately.
#[derive(Clone, Debug, Default)]
pub struct Accused(BTreeMap<PublicKey, Time>);

impl Accused {
    /// Whether this one is to be handed in now; if so it counts as handed in.
    pub fn is_due(&mut self, accusation: &Accuse, now: Time) -> bool {
        self.0.retain(|_, last| last.plus_ms(AGAIN_AFTER_MS) > now);
        if self.0.contains_key(&accusation.validator) {
            return false;
        }
        self.0.insert(accusation.validator, now);
        true
    }
}

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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use chancery_ledger::hash::Hash;
    use chancery_ledger::seal::{ballot_bytes, proposal_bytes};
    use futures_util::FutureExt as _;
    use malachitebft_app::types::core::{Context as _, Round};
    use malachitebft_signing::Signer as _;

    use super::*;
    use crate::pool::context::{BlockHash, Height, Signing as Votes};

    const LEDGER: Hash = Hash([7; 32]);

    fn key(number: u8) -> SecretKey {
        SecretKey::from_seed(&[number; 32])
    }

    fn vote(who: u8, block: Option<u8>) -> SignedVote<PoolContext> {
        let votes = Votes::new(LEDGER, key(who));
        let block = block.map_or(NilOrVal::Nil, |block| NilOrVal::Val(BlockHash([block; 32])));
        let vote = PoolContext.new_precommit(Height(9), Round::new(2), block, votes.address());
        votes.sign_vote(vote).now_or_never().unwrap().unwrap()
    }

    fn proposal(who: u8, block: u8, valid_round: Round) -> SignedProposal<PoolContext> {
        let votes = Votes::new(LEDGER, key(who));
        let (height, round, block) = (Height(9), Round::new(2), BlockHash([block; 32]));
        let proposal = PoolContext.new_proposal(height, round, block, valid_round, votes.address());
        votes.sign_proposal(proposal).now_or_never().unwrap().unwrap()
    }

    fn evidence() -> MisbehaviorEvidence<PoolContext> {
        MisbehaviorEvidence { proposals: Default::default(), votes: Default::default() }
    }

    fn holds(accused: &Accuse, message: &[u8], ballot: &Ballot) -> bool {
        accused.validator.verifier().unwrap().verify(message, &ballot.signature.0)
    }

    #[test]
    fn one_accusation_for_each_who_contradicts_itself_with_ballots_that_anyone_can_check() {
        let mut evidence = evidence();
        evidence.votes.add(vote(1, Some(5)), vote(1, None));
        evidence.votes.add(vote(1, Some(5)), vote(1, Some(6)));
        evidence.proposals.add(proposal(1, 5, Round::Nil), proposal(1, 6, Round::Nil));
        evidence.proposals.add(proposal(2, 5, Round::Nil), proposal(2, 6, Round::new(1)));
        let all = accusations(&evidence);
        let of = |who: u8| all.iter().find(|accused| accused.validator == key(who).public());
        assert_eq!(all.len(), 2);

        let voter = of(1).unwrap();
        assert_eq!((voter.height, voter.round, voter.step), (9, 2, Step::Precommit));
        let step = chancery_ledger::seal::Step::Precommit;
        for ballot in [&voter.first, &voter.second] {
            let message = ballot_bytes(step, &LEDGER, 9, 2, ballot.block.as_ref());
            assert!(holds(voter, &message, ballot));
        }

        let proposer = of(2).unwrap();
        assert_eq!((proposer.step, proposer.second.valid_round), (Step::Proposal, Some(1)));
        for ballot in [&proposer.first, &proposer.second] {
            let valid_round = ballot.valid_round.map_or(-1, i64::from);
            let message = proposal_bytes(&LEDGER, 9, 2, valid_round, &ballot.block.unwrap());
            assert!(holds(proposer, &message, ballot));
        }
    }

    #[test]
    fn who_goes_on_is_accused_again_after_a_while() {
        let mut evidence = evidence();
        evidence.votes.add(vote(1, Some(5)), vote(1, None));
        evidence.votes.add(vote(2, Some(5)), vote(2, None));
        let all = accusations(&evidence);
        let (mut accused, now) = (Accused::default(), Time::default());
        assert!(accused.is_due(&all[0], now) && accused.is_due(&all[1], now));
        assert!(!accused.is_due(&all[0], now.plus_ms(AGAIN_AFTER_MS - 1)));
        assert!(accused.is_due(&all[0], now.plus_ms(AGAIN_AFTER_MS)));
    }

    #[test]
    fn the_same_block_proposed_again_contradicts_nothing() {
        let mut evidence = evidence();
        evidence.proposals.add(proposal(1, 5, Round::Nil), proposal(1, 5, Round::new(0)));
        assert_eq!(accusations(&evidence), []);
    }
}
