//! What the engine's core asks for, done at once or written down for later.

use std::collections::BTreeSet;

use chancery_api::pool::context::{Checking, PoolContext, certificate};
use chancery_ledger::consensus::pool::Decided;
use chancery_registries::Registers;
use futures_util::FutureExt as _;
use malachitebft_app::consensus::r#gen::{CoResult, Gen};
use malachitebft_app::consensus::{
    ConsensusMsg, Effect, Error as CoreError, Input, LivenessMsg, MisbehaviorEvidence,
    ProposedValue, Resumable as _, Resume, State, handle,
};
use malachitebft_app::types::core::{
    CommitCertificate, Round, SignedMessage, Timeout, Validity, ValueOrigin, ValueResponse,
};
use malachitebft_signing::{Signer as _, Verifier as _, VerifierExt as _};

use super::{Body, HEARTBEAT_US, Output, Stop, Wake, log_failed, timeouts};
use crate::simulation::message::Message;

type Address = chancery_api::pool::context::Address;

impl From<CoreError<PoolContext>> for Stop {
    fn from(error: CoreError<PoolContext>) -> Self {
        Self::Wrong(format!("the engine: {error}"))
    }
}

/// Tells the engine's core something, and does what it asks for.
pub(super) fn process(
    core: &mut State<PoolContext>,
    body: &mut Body,
    input: Input<PoolContext>,
) -> Result<(), Stop> {
    let metrics = body.metrics.clone();
    let mut run = Gen::new(|co| handle(co, core, &metrics, input));
    let mut state = run.resume_with(Resume::Start);
    loop {
        match state {
            CoResult::Yielded(effect) => state = run.resume_with(body.perform(effect)?),
            CoResult::Complete(result) => return Ok(result?),
        }
    }
}

/// Signing and checking never wait.
fn at_once<T>(future: impl Future<Output = T>) -> Result<T, Stop> {
    future.now_or_never().ok_or_else(|| Stop::Wrong("a signature was waited for".to_owned()))
}

fn signing_failed(error: malachitebft_signing::Error) -> Stop {
    Stop::Wrong(format!("signing: {error}"))
}

impl Body {
    fn perform(&mut self, effect: Effect<PoolContext>) -> Result<Resume<PoolContext>, Stop> {
        let checking = Checking { ledger: self.ledger };
        Ok(match effect {
            Effect::CancelAllTimeouts(resume) => {
                self.timers.clear();
                resume.resume_with(())
            }
            Effect::CancelTimeout(timeout, resume) => {
                self.timers.retain(|(running, _)| *running != timeout);
                resume.resume_with(())
            }
            Effect::ScheduleTimeout(timeout, resume) => {
                self.schedule(timeout);
                resume.resume_with(())
            }
            Effect::StartRound(height, round, proposer, _, resume) => {
                self.flush()?;
                self.round_begins(height, round, proposer)?;
                resume.resume_with(())
            }
            Effect::PublishConsensusMsg(message, resume) => {
                self.flush()?;
                self.outputs.push(Output::All(Message::Consensus(message)));
                resume.resume_with(())
            }
            Effect::PublishLivenessMsg(message, resume) => {
                self.outputs.push(Output::All(Message::Liveness(message)));
                resume.resume_with(())
            }
            Effect::RepublishVote(vote, resume) => {
                self.outputs.push(Output::All(Message::Liveness(LivenessMsg::Vote(vote))));
                resume.resume_with(())
            }
            Effect::RepublishRoundCertificate(certificate, resume) => {
                let message = LivenessMsg::SkipRoundCertificate(certificate);
                self.outputs.push(Output::All(Message::Liveness(message)));
                resume.resume_with(())
            }
            Effect::GetValue(height, round, _, resume) => {
                let after_us = self.random.below(30_000) as u64;
                self.outputs.push(Output::Later(after_us, Wake::Propose(height, round)));
                resume.resume_with(())
            }
            Effect::RestreamProposal(height, round, valid_round, address, block, resume) => {
                if address == self.signing.address() {
                    self.send_block((height, round, valid_round), block.hash());
                }
                resume.resume_with(())
            }
            Effect::CertVerifiedSyncValue(value, proposer, resume) => {
                self.consider_decided(value, proposer)?;
                resume.resume_with(())
            }
            Effect::CertRejectedSyncValue(_, _, _, resume) => {
                self.outputs.push(Output::Count("decided blocks with a bad certificate refused"));
                resume.resume_with(())
            }
            Effect::Decide(certificate, _, resume) => {
                self.flush()?;
                self.decide(&certificate)?;
                resume.resume_with(())
            }
            Effect::Finalize(certificate, _, evidence, resume) => {
                self.over(certificate.height.0, &evidence);
                self.accuse(&evidence)?;
                resume.resume_with(())
            }
            Effect::WalAppend(height, entry, resume) => {
                if self.votes && !self.recovering {
                    self.log.append(height.0, entry).map_err(log_failed)?;
                }
                resume.resume_with(())
            }
            Effect::SignVote(vote, resume) => {
                let signed = at_once(self.signing.sign_vote(vote))?.map_err(signing_failed)?;
                resume.resume_with(signed)
            }
            Effect::SignProposal(proposal, resume) => {
                let signed = at_once(self.signing.sign_proposal(proposal))?;
                resume.resume_with(signed.map_err(signing_failed)?)
            }
            Effect::VerifySignature(signed, key, resume) => {
                resume.resume_with(holds(&checking, &signed, &key)?)
            }
            Effect::VerifyCommitCertificate(certificate, pool, thresholds, resume) => {
                let checked = checking.verify_commit_certificate(
                    &PoolContext,
                    &certificate,
                    &pool,
                    thresholds,
                );
                resume.resume_with(at_once(checked)?)
            }
            Effect::VerifyExtendedCommitCertificate(
                certificate,
                pool,
                thresholds,
                policy,
                resume,
            ) => {
                let checked = checking.verify_extended_commit_certificate(
                    &PoolContext,
                    &certificate,
                    &pool,
                    thresholds,
                    policy,
                );
                resume.resume_with(at_once(checked)?)
            }
            Effect::VerifyPolkaCertificate(certificate, pool, thresholds, resume) => {
                let checked = checking.verify_polka_certificate(
                    &PoolContext,
                    &certificate,
                    &pool,
                    thresholds,
                );
                resume.resume_with(at_once(checked)?)
            }
            Effect::VerifyRoundCertificate(certificate, pool, thresholds, resume) => {
                let checked = checking.verify_round_certificate(
                    &PoolContext,
                    &certificate,
                    &pool,
                    thresholds,
                );
                resume.resume_with(at_once(checked)?)
            }
            Effect::ExtendVote(_, _, _, _, resume) => resume.resume_with(None),
            Effect::VerifyVoteExtension(_, _, _, _, _, _, resume) => resume.resume_with(Ok(())),
        })
    }

    fn schedule(&mut self, timeout: Timeout) {
        self.timers.retain(|(running, _)| *running != timeout);
        self.timer += 1;
        self.timers.push((timeout, self.timer));
        let after_us = timeouts().duration_for(timeout).as_micros() as u64;
        self.outputs.push(Output::Later(after_us, Wake::Timeout(timeout, self.timer)));
    }

    fn flush(&mut self) -> Result<(), Stop> {
        if self.votes && !self.recovering {
            self.log.flush().map_err(log_failed)?;
        }
        Ok(())
    }

    /// A decided block whose certificate holds: is it what the certificate names?
    fn consider_decided(
        &mut self,
        value: ValueResponse<PoolContext>,
        proposer: Address,
    ) -> Result<(), Stop> {
        let named = value.certificate.value_id;
        match self.host.consider_final(&value.value_bytes)? {
            Ok(hash) if hash == named.hash() => {
                self.outputs.push(Output::Count("blocks caught up with"));
                let value = ProposedValue {
                    height: value.certificate.height,
                    round: value.certificate.round,
                    valid_round: Round::Nil,
                    proposer,
                    value: named,
                    validity: Validity::Valid,
                };
                self.inputs.push_back(Input::ProposedValue(value, ValueOrigin::Sync));
            }
            _ => self.outputs.push(Output::Count("decided blocks that are not refused")),
        }
        Ok(())
    }

    fn decide(&mut self, decided: &CommitCertificate<PoolContext>) -> Result<(), Stop> {
        let (height, hash) = (decided.height.0, decided.value_id.hash());
        self.outputs.push(Output::Agreed(height, hash));
        let Decided { executed, checkpoint } = self.host.decide(&hash, certificate(decided))?;
        if let Some(checkpoint) = checkpoint {
            checkpoint.write()?;
        }
        self.acknowledge(&executed);
        self.height = self.host.next_height();
        self.round = 0;
        self.outputs.push(Output::Final(height, hash));
        Ok(())
    }

    fn acknowledge(&mut self, executed: &chancery_ledger::chain::Executed<Registers>) {
        let height = executed.tip.header.height;
        for (position, ordered) in (executed.first_position()..).zip(&executed.ordered) {
            let id = ordered.transition.id;
            if self.waiting.remove(&id) {
                self.outputs.push(Output::Acknowledged(id, position, height));
            }
        }
        for (id, _) in self.host.take_dropped() {
            if self.waiting.remove(&id) {
                self.outputs.push(Output::Dropped(id));
            }
        }
    }

    fn over(&mut self, height: u64, evidence: &MisbehaviorEvidence<PoolContext>) {
        let voters = evidence.votes.iter().map(|(who, _)| who.key());
        let proposers = evidence.proposals.iter().map(|(who, _)| who.key());
        let accused: BTreeSet<_> = voters.chain(proposers).collect();
        self.outputs.push(Output::Over(height, accused));
        self.rests_until_us = Some(self.now.us + HEARTBEAT_US);
        self.called = false;
        self.outputs.push(Output::Later(HEARTBEAT_US, Wake::Rested));
    }
}

fn holds(
    checking: &Checking,
    signed: &SignedMessage<PoolContext, ConsensusMsg<PoolContext>>,
    key: &Address,
) -> Result<bool, Stop> {
    let checked = match &signed.message {
        ConsensusMsg::Vote(vote) => {
            at_once(checking.verify_signed_vote(vote, &signed.signature, key))?
        }
        ConsensusMsg::Proposal(proposal) => {
            at_once(checking.verify_signed_proposal(proposal, &signed.signature, key))?
        }
    };
    Ok(checked.is_ok_and(|checked| checked.is_valid()))
}
