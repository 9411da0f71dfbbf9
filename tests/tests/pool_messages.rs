//! What validators send each other: read as it was written, and nothing else is read at all.

#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use chancery_api::pool::codec::{MAX_MESSAGE_BYTES, Wire};
use chancery_api::pool::context::{
    Address, BlockHash, Height, Init, Introduction, Part, PoolContext, Signature, certificate,
    commit_certificate,
};
use chancery_ledger::hash::Hash;
use chancery_ledger::seal;
use malachitebft_app::consensus::{LivenessMsg, SignedConsensusMsg};
use malachitebft_app::types::ProposedValue;
use malachitebft_app::types::codec::Codec;
use malachitebft_app::types::core::{
    Context as _, ExtendedCommitCertificate, NilOrVal, PolkaCertificate, Round, SignedMessage,
    ValidatorProof, Validity,
};
use malachitebft_app::types::streaming::StreamMessage;
use malachitebft_app::types::sync::{RawDecidedValue, Request, Response, Status};
use malachitebft_sync::{ValueRequest, ValueResponse};
use proptest::collection::vec;
use proptest::prelude::*;

fn bytes() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..300).prop_map(Bytes::from)
}

fn round() -> impl Strategy<Value = Round> {
    prop_oneof![Just(Round::Nil), any::<u32>().prop_map(Round::new)]
}

fn signature() -> impl Strategy<Value = Signature> {
    (any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(one, other)| {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&one);
        bytes[32..].copy_from_slice(&other);
        Signature(bytes)
    })
}

prop_compose! {
    fn consensus_message()(
        kind in 0..3, height in any::<u64>(), round in round(), valid_round in round(),
        block in proptest::option::of(any::<[u8; 32]>()), who in any::<[u8; 32]>(),
        signature in signature(),
    ) -> SignedConsensusMsg<PoolContext> {
        let (height, address) = (Height(height), Address(who));
        let vote = block.map_or(NilOrVal::Nil, |block| NilOrVal::Val(BlockHash(block)));
        let signed = |vote| SignedConsensusMsg::Vote(SignedMessage::new(vote, signature));
        match kind {
            0 => signed(PoolContext.new_prevote(height, round, vote, address)),
            1 => signed(PoolContext.new_precommit(height, round, vote, address)),
            _ => {
                let block = BlockHash(block.unwrap_or_default());
                let proposal = PoolContext.new_proposal(height, round, block, valid_round, address);
                SignedConsensusMsg::Proposal(SignedMessage::new(proposal, signature))
            }
        }
    }
}

prop_compose! {
    fn part()(
        kind in 0..4, height in any::<u64>(), round in round(), valid_round in round(),
        who in any::<[u8; 32]>(), block in any::<[u8; 32]>(), len in any::<u32>(),
        signature in signature(), data in bytes(), batch in vec(bytes(), 0..5),
    ) -> Part {
        let (height, proposer, block) = (Height(height), Address(who), BlockHash(block));
        match kind {
            0 => Part::Init(Init { height, round, valid_round, proposer, block, len, signature }),
            1 => Part::Data(data),
            2 => Part::Transitions(batch),
            _ => Part::Introduction(Introduction { validator: proposer, signature }),
        }
    }
}

prop_compose! {
    fn ledger_certificate()(
        round in any::<u32>(),
        votes in vec((any::<[u8; 32]>(), signature()), 0..9),
    ) -> seal::Certificate {
        let vote = |(key, signature): ([u8; 32], Signature)| seal::Vote {
            validator: Address(key).key(),
            signature: signature.0,
        };
        seal::Certificate { round, signatures: votes.into_iter().map(vote).collect() }
    }
}

fn decided(
    block: [u8; 32],
    seal: &seal::Certificate,
    bytes: Bytes,
) -> RawDecidedValue<PoolContext> {
    let certificate = commit_certificate(9, Hash(block), seal);
    let certificate = ExtendedCommitCertificate::from_commit_certificate_and_extensions(
        certificate,
        Default::default(),
    );
    RawDecidedValue::new(bytes, certificate)
}

/// Read as it was written; not one byte less or more.
fn comes_back<T: PartialEq + std::fmt::Debug>(message: &T)
where
    Wire: Codec<T, Error = std::io::Error>,
{
    let written = Wire.encode(message).unwrap();
    assert_eq!(Wire.decode(written.clone()).unwrap(), *message);
    let more = [&written[..], &[0]].concat();
    assert!(<Wire as Codec<T>>::decode(&Wire, more.into()).is_err(), "a byte behind the end");
    let less = written.slice(..written.len() - 1);
    assert!(<Wire as Codec<T>>::decode(&Wire, less).is_err(), "a byte is missing");
}

/// Whatever it is, reading it ends, and what is read can be written.
fn is_survived<T>(bytes: &Bytes)
where
    Wire: Codec<T, Error = std::io::Error>,
{
    if let Ok(message) = <Wire as Codec<T>>::decode(&Wire, bytes.clone()) {
        Wire.encode(&message).unwrap();
    }
}

proptest! {
    #[test]
    fn votes_and_proposals_come_back(message in consensus_message()) {
        comes_back(&message);
        if let SignedConsensusMsg::Vote(vote) = message {
            comes_back(&LivenessMsg::Vote(vote));
        }
    }

    #[test]
    fn parts_come_back(part in part()) {
        comes_back(&part);
    }

    #[test]
    fn decided_blocks_come_back(
        block in any::<[u8; 32]>(), seal in ledger_certificate(), bytes in bytes(), first in any::<u64>(),
    ) {
        let values = vec![decided(block, &seal, bytes)];
        comes_back(&Response::ValueResponse(ValueResponse::new(Height(first), values)));
        comes_back(&Request::<PoolContext>::ValueRequest(
            ValueRequest::new(Height(first)..=Height(first.saturating_add(3))),
        ));
    }

    #[test]
    fn a_certificate_is_the_same_on_both_sides(block in any::<[u8; 32]>(), seal in ledger_certificate()) {
        let engines = commit_certificate(9, Hash(block), &seal);
        prop_assert_eq!(engines.value_id, BlockHash(block));
        prop_assert_eq!(certificate(&engines), seal);
    }

    #[test]
    fn proofs_and_values_come_back(
        key in any::<[u8; 32]>(), peer in bytes(), signature in signature(), height in any::<u64>(),
        round in round(),
    ) {
        comes_back(&ValidatorProof::<PoolContext>::new(key.to_vec(), peer.to_vec(), signature));
        comes_back(&ProposedValue::<PoolContext> {
            height: Height(height),
            round,
            valid_round: Round::Nil,
            proposer: Address(key),
            value: BlockHash(key),
            validity: Validity::Valid,
        });
    }

    #[test]
    fn garbage_is_survived(bytes in vec(any::<u8>(), 0..400)) {
        let bytes = Bytes::from(bytes);
        is_survived::<Part>(&bytes);
        is_survived::<SignedConsensusMsg<PoolContext>>(&bytes);
        is_survived::<LivenessMsg<PoolContext>>(&bytes);
        is_survived::<StreamMessage<Part>>(&bytes);
        is_survived::<ProposedValue<PoolContext>>(&bytes);
        is_survived::<PolkaCertificate<PoolContext>>(&bytes);
        is_survived::<Status<PoolContext>>(&bytes);
        is_survived::<Request<PoolContext>>(&bytes);
        is_survived::<Response<PoolContext>>(&bytes);
        is_survived::<ValidatorProof<PoolContext>>(&bytes);
    }

    #[test]
    fn what_is_nearly_a_message_is_survived(
        message in consensus_message(), place in any::<prop::sample::Index>(), bit in 0..8,
    ) {
        let mut bytes = Wire.encode(&message).unwrap().to_vec();
        let place = place.index(bytes.len());
        bytes[place] ^= 1_u8 << bit;
        is_survived::<SignedConsensusMsg<PoolContext>>(&bytes.into());
    }
}

#[test]
fn what_is_too_large_is_not_read() {
    let part = Part::Data(Bytes::from(vec![0; MAX_MESSAGE_BYTES]));
    let written = Wire.encode(&part).unwrap();
    assert!(<Wire as Codec<Part>>::decode(&Wire, written).is_err());
}
