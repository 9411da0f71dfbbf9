//! Blocks on their way to a decision: sent, judged, decided, and fetched from those who have them.

use std::ops::RangeInclusive;
use std::time::Instant;

use bytes::Bytes;
use chancery_ledger::block::Block;
use chancery_ledger::consensus::pool::Considered;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::seal::Seal;
use malachitebft_app::types::ProposedValue;
use malachitebft_app::types::core::{
    CommitCertificate, ExtendedCommitCertificate, Round, Validator as _, Validity,
};
use malachitebft_app::types::streaming::StreamId;
use malachitebft_app::types::sync::RawDecidedValue;
use malachitebft_app_channel::{Channels, NetworkMsg};
use malachitebft_engine::host::SyncedValueOutcome;

use super::{Engine, EngineError};
use crate::pool::blocks::{Arrived, parts_of};
use crate::pool::context::{
    Address, BlockHash, Height, Init, PoolContext, Signature, ValidatorSet, certificate,
    commit_certificate, round_number,
};
use crate::pool::host::{Judged, Offered};

impl Engine {
    /// A round begins: the blocks of it that were found good before, also before a stop.
    pub(super) async fn started(
        &mut self,
        height: Height,
        round: Round,
        proposer: Address,
    ) -> Result<Vec<ProposedValue<PoolContext>>, EngineError> {
        self.round = round_number(round);
        let round_now = self.round;
        self.with.status.update(|status| {
            status.round = round_now;
            status.proposer = Some(proposer.key());
            status.begun.get_or_insert_with(Instant::now);
        });
        for arrived in self.arrivals.due(height.0, self.round) {
            self.consider(arrived).await?;
        }
        let considered = self.with.host.considered(self.round).await?;
        let value = |considered: Considered| ProposedValue {
            height,
            round,
            valid_round: considered.valid_round.map_or(Round::Nil, Round::new),
            proposer,
            value: considered.hash.into(),
            validity: Validity::Valid,
        };
        Ok(considered.into_iter().map(value).collect())
    }

    pub(super) async fn send(
        &mut self,
        channels: &Channels<PoolContext>,
        (height, round, valid_round): (Height, Round, Round),
        block: BlockHash,
        bytes: &[u8],
    ) {
        self.streams += 1;
        let mut stream = height.0.to_be_bytes().to_vec();
        stream.extend_from_slice(&round_number(round).to_be_bytes());
        stream.extend_from_slice(&self.streams.to_be_bytes());
        let (proposer, len) = (self.signing.address(), bytes.len() as u32);
        let signature = Signature([0; 64]);
        let init = Init { height, round, valid_round, proposer, block, len, signature };
        let init = init.signed(&self.signing);
        for part in parts_of(init, bytes, StreamId::new(stream.into())) {
            // The engine is ending if it no longer takes them.
            let _ = channels.network.send(NetworkMsg::PublishProposalPart(part)).await;
        }
    }

    pub(super) async fn arrived(
        &mut self,
        arrived: Arrived,
    ) -> Result<Option<ProposedValue<PoolContext>>, EngineError> {
        let init = &arrived.init;
        if init.height.0 == self.height && round_number(init.round) <= self.round {
            return self.consider(arrived).await;
        }
        if init.height.0 > self.height {
            self.call();
        }
        self.arrivals.keep(arrived, self.height, self.round);
        Ok(None)
    }

    /// Has a block judged that the proposer of its round has signed.
    async fn consider(
        &mut self,
        Arrived { init, bytes }: Arrived,
    ) -> Result<Option<ProposedValue<PoolContext>>, EngineError> {
        let pool = ValidatorSet::from(&*self.pool);
        let proposer = pool.proposer(init.height, init.round).address();
        if *proposer != init.proposer || named(&bytes) != Some(init.block.hash()) {
            return Ok(None);
        }
        let valid_round = init.valid_round.as_u32();
        let offered = Offered { round: round_number(init.round), valid_round, bytes };
        let validity = match self.with.host.consider(offered).await? {
            Judged::Good(_) => Validity::Valid,
            Judged::Bad => Validity::Invalid,
        };
        Ok(Some(ProposedValue {
            height: init.height,
            round: init.round,
            valid_round: init.valid_round,
            proposer: init.proposer,
            value: init.block,
            validity,
        }))
    }

    pub(super) async fn decided(
        &mut self,
        decided: &CommitCertificate<PoolContext>,
    ) -> Result<(), EngineError> {
        let height = decided.height.0;
        let seal = certificate(decided);
        let signed: Vec<PublicKey> = seal.signatures.iter().map(|vote| vote.validator).collect();
        if !self.with.host.decide(decided.value_id.hash(), seal).await? {
            return Err(EngineError::NotFinal(height));
        }
        let next = self.with.host.next().await?;
        (self.height, self.round, self.pool) = (next.height, 0, next.pool);
        self.with.status.update(|status| {
            status.height = next.height;
            status.round = 0;
            status.decided = Some(Instant::now());
            status.begun = None;
            status.last_signed.extend(signed.into_iter().map(|key| (key, height)));
        });
        Ok(())
    }

    pub(super) async fn synced(
        &mut self,
        height: Height,
        round: Round,
        proposer: Address,
        bytes: Bytes,
    ) -> Result<SyncedValueOutcome<PoolContext>, EngineError> {
        if height.0 != self.height {
            return Ok(SyncedValueOutcome::LocalTransientError);
        }
        let Judged::Good(hash) = self.with.host.consider_final(bytes.to_vec()).await? else {
            return Ok(SyncedValueOutcome::PeerFault);
        };
        self.behind = true;
        Ok(SyncedValueOutcome::Verdict(ProposedValue {
            height,
            round,
            valid_round: Round::Nil,
            proposer,
            value: hash.into(),
            validity: Validity::Valid,
        }))
    }

    /// Final blocks for one that catches up, as far as there are any.
    pub(super) fn decided_blocks(
        &self,
        heights: RangeInclusive<u64>,
    ) -> Vec<RawDecidedValue<PoolContext>> {
        let read = |height| {
            let (header, seal) = self.with.view.sealed_header(height).ok()?;
            let Seal::Pool(seal) = seal else { return None };
            let bytes = self.with.view.block_bytes(height).ok()?;
            let certificate = commit_certificate(height, header.hash(), &seal);
            let certificate = ExtendedCommitCertificate::from_commit_certificate_and_extensions(
                certificate,
                Default::default(),
            );
            Some(RawDecidedValue::new(bytes.into(), certificate))
        };
        heights.map_while(read).collect()
    }
}

/// The hash that the bytes of a block name it by: its header's, whose entries they hold.
fn named(bytes: &[u8]) -> Option<Hash> {
    Block::decode(bytes).ok().map(|block| block.header.hash())
}
