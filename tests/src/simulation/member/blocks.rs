//! What a running member does with blocks: sends them, has them judged, and serves and takes decided ones.

use bytes::Bytes;
use chancery_api::pool::context::{
    Address, BlockHash, Height, Init, PoolContext, Signature, ValidatorSet, commit_certificate,
    round_number,
};
use chancery_ledger::block::Block;
use chancery_ledger::hash::Hash;
use chancery_ledger::seal::Seal;
use malachitebft_app::consensus::{Input, ProposedValue};
use malachitebft_app::types::core::{
    Context as _, ExtendedCommitCertificate, Round, Validator as _, Validity, ValueOrigin,
};
use malachitebft_app::types::sync::RawDecidedValue;

use super::{AHEAD_MAX, ANSWER_BLOCKS, ASK_US, Body, Output, Stop};
use crate::simulation::message::Message;

impl Body {
    pub(super) fn send_block(
        &mut self,
        (height, round, valid_round): (Height, Round, Round),
        hash: Hash,
    ) {
        let Some(bytes) = self.host.block(&hash) else { return };
        let (proposer, len) = (self.signing.address(), bytes.len() as u32);
        let (block, signature) = (BlockHash::from(hash), Signature([0; 64]));
        let init = Init { height, round, valid_round, proposer, block, len, signature };
        let bytes = Bytes::copy_from_slice(&bytes);
        self.outputs.push(Output::All(Message::Block(init.signed(&self.signing), bytes)));
    }

    /// Has a block judged that the proposer of its round has signed.
    pub(super) fn consider(
        &mut self,
        init: Init,
        bytes: &[u8],
    ) -> Result<Option<ProposedValue<PoolContext>>, Stop> {
        let pool = ValidatorSet::from(&**self.host.pool());
        let proposer = PoolContext.select_proposer(&pool, init.height, init.round);
        let named = Block::decode(bytes).ok().map(|block| block.header.hash());
        if *proposer.address() != init.proposer || named != Some(init.block.hash()) {
            self.outputs.push(Output::Count("blocks that are not what was signed refused"));
            return Ok(None);
        }
        let (round, valid_round) = (round_number(init.round), init.valid_round.as_u32());
        let judged = self.host.consider(round, valid_round, bytes, self.now.time)?;
        let validity = match judged {
            Ok(_) => Validity::Valid,
            Err(_) => {
                self.outputs.push(Output::Count("blocks judged bad"));
                Validity::Invalid
            }
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

    /// A round begins: the blocks of it that were found good before, also before a stop.
    pub(super) fn round_begins(
        &mut self,
        height: Height,
        round: Round,
        proposer: Address,
    ) -> Result<(), Stop> {
        self.round = round_number(round);
        let round_now = self.round;
        self.ahead.retain(|(init, _)| init.height >= height);
        let is_due = |(init, _): &mut (Init, Bytes)| {
            init.height == height && round_number(init.round) <= round_now
        };
        let due: Vec<_> = self.ahead.extract_if(.., is_due).collect();
        for (init, bytes) in due {
            self.consider(init, &bytes)?;
        }
        for considered in self.host.considered(round_now) {
            let value = ProposedValue {
                height,
                round,
                valid_round: considered.valid_round.map_or(Round::Nil, Round::new),
                proposer,
                value: considered.hash.into(),
                validity: Validity::Valid,
            };
            self.inputs.push_back(Input::ProposedValue(value, ValueOrigin::Consensus));
        }
        Ok(())
    }

    /// Asks for decided blocks when others are further. Whom, is drawn by lot, as the engine draws it:
    /// else one that lies, and always tells just before the others, would be the only one asked.
    pub(super) fn heard_tip(&mut self, from: usize, tip: u64) {
        self.tips.insert(from, tip);
        let asked_lately = self.asked_us.is_some_and(|asked| self.now.us < asked + ASK_US);
        let further = self.tips.iter().filter(|(_, tip)| **tip >= self.height);
        let further: Vec<(usize, u64)> = further.map(|(who, tip)| (*who, *tip)).collect();
        if further.is_empty() || asked_lately {
            return;
        }
        let (whom, tip) = further[self.random.below(further.len())];
        self.asked_us = Some(self.now.us);
        let last = tip.min(self.height + ANSWER_BLOCKS - 1);
        self.outputs.push(Output::One(whom, Message::Want(self.height, last)));
    }

    /// Final blocks for one that catches up, as far as there are any.
    pub(super) fn decided_blocks(
        &self,
        first: u64,
        last: u64,
    ) -> Vec<RawDecidedValue<PoolContext>> {
        let view = self.host.view();
        let read = |height| {
            let (header, seal) = view.sealed_header(height).ok()?;
            let Seal::Pool(seal) = seal else { return None };
            let bytes = view.block_bytes(height).ok()?;
            let certificate = commit_certificate(height, header.hash(), &seal);
            let certificate = ExtendedCommitCertificate::from_commit_certificate_and_extensions(
                certificate,
                Default::default(),
            );
            Some(RawDecidedValue::new(bytes.into(), certificate))
        };
        let end = last.min(first.saturating_add(ANSWER_BLOCKS - 1)).min(self.height - 1);
        (first..=end).map_while(read).collect()
    }

    pub(super) fn keep_decided(&mut self, blocks: Vec<RawDecidedValue<PoolContext>>) {
        for block in blocks {
            let height = block.certificate.height.0;
            if height >= self.height && height < self.height + AHEAD_MAX as u64 {
                self.decided.insert(height, block);
            }
        }
    }
}
