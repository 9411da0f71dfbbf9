//! One run: members, the network between them, clients, what goes wrong, and the clock of it all.

mod accusations;
mod faults;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use chancery_api::pool::context::{Checking, Signing};
use chancery_ledger::disk::Memory;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use futures_util::FutureExt as _;
use malachitebft_app::consensus::{LivenessMsg, SignedConsensusMsg, ThresholdParams};
use malachitebft_app::types::core::{NilOrVal, SignedVote, ThresholdParam, Vote as _, VoteType};
use malachitebft_signing::Verifier as _;

use super::Report;
use super::adversary::Adversary;
use super::checks::{Checks, Violation};
use super::clients::Clients;
use super::figures::Figures;
use super::log_file::LogFile;
use super::member::{Member, Now, Output, Stop, Taken, Wake};
use super::message::Message;
use super::network::Links;
use super::plan::{Fault, How, Mutant, Plan};
use crate::damage::Random;
use crate::small_ledger::time;
use accusations::Accusations;

/// How long the pool may take to go on after everything has healed.
const PROGRESS_LIMIT_US: u64 = 120_000_000;
/// Heights that it must decide in that time.
const PROGRESS_HEIGHTS: u64 = 3;
/// How long after the healing the last disturbed messages have arrived.
const SETTLE_US: u64 = 200_000;

/// How long what may expire before its turn is valid.
const SHORT_MS: u64 = 700;

enum Event {
    Arrives { from: usize, to: usize, frame: Bytes },
    Wake { member: usize, run: u64, wake: Wake },
    Begins(usize),
    Client,
    Fault(Fault),
    Rejoined,
    Heals,
}

pub(super) struct World {
    plan: Plan,
    genesis: Genesis,
    random: Random,
    now_us: u64,
    queue: BTreeMap<(u64, u64), Event>,
    events: u64,
    members: Vec<Member>,
    adversaries: Vec<Option<Adversary>>,
    /// How each member stops when its disk fails, and for how long.
    stops: Vec<Option<(How, u64)>>,
    links: Links,
    clients: Clients,
    checks: Checks,
    figures: Figures,
    trace: Hash,
    liars: BTreeSet<PublicKey>,
    /// Appointments of pools that wait.
    appointments: BTreeSet<Hash>,
    accusations: Accusations,
    /// Since the healing: the height that all must reach, and what was handed in.
    goal: Option<(u64, Vec<Hash>)>,
}

impl World {
    pub(super) fn new(plan: Plan) -> Self {
        let genesis = plan.genesis();
        let mut random = Random::from_seed(plan.seed);
        let clients = Clients::new(plan.seed, genesis.ledger(), SHORT_MS);
        let mut members = Vec::new();
        let mut adversaries = Vec::new();
        for (index, lies) in plan.lies.iter().enumerate() {
            let signing = Signing::new(genesis.ledger(), plan.key(index));
            adversaries.push(lies.map(|lies| {
                let random = Random::from_seed(random.number());
                Adversary::new(lies, signing.clone(), random, clients.expired())
            }));
            members.push(Member {
                index,
                signing,
                key: plan.key(index),
                genesis: genesis.clone(),
                thresholds: thresholds(plan.mutant),
                disk: Memory::new(),
                log: LogFile::default(),
                silent_until: 0,
                height: 0,
                clock_off_ms: random.below(600) as i64 - 300,
                run: 0,
                random: Random::from_seed(random.number()),
                running: None,
            });
        }
        let liars = (0..plan.members()).filter(|member| plan.lies[*member].is_some());
        let liars = liars.map(|member| plan.key(member).public()).collect();
        Self {
            links: Links::of(plan.ways),
            stops: vec![None; plan.members()],
            genesis,
            random,
            now_us: 0,
            queue: BTreeMap::new(),
            events: 0,
            members,
            adversaries,
            clients,
            checks: Checks::default(),
            figures: Figures::default(),
            trace: Hash::default(),
            liars,
            appointments: BTreeSet::new(),
            accusations: Accusations::default(),
            goal: None,
            plan,
        }
    }

    /// Runs to the end. What was seen until then, and what did not hold.
    pub(super) fn run(mut self) -> (Report, Result<(), Violation>) {
        for member in 0..self.members.len() {
            let after_us = self.random.below(100_000) as u64;
            self.after(after_us, Event::Begins(member));
        }
        for (at_ms, fault) in self.plan.faults.clone() {
            self.after(at_ms * 1000, Event::Fault(fault));
        }
        self.after(100_000, Event::Client);
        self.after(self.plan.heals_at_ms * 1000, Event::Heals);
        let end = self.go_on().and_then(|()| self.last_checks());
        for adversary in self.adversaries.iter().flatten() {
            self.figures.merge(&adversary.figures);
        }
        self.figures.add("transitions acknowledged", self.checks.acknowledged() as u64);
        self.figures.add("liars found", self.checks.found.len() as u64);
        self.figures.add("liars", self.liars.len() as u64);
        let report = Report {
            seed: self.plan.seed,
            figures: self.figures,
            trace: self.trace,
            simulated_ms: self.now_us / 1000,
        };
        (report, end)
    }

    fn go_on(&mut self) -> Result<(), Violation> {
        while let Some(((at_us, number), event)) = self.queue.pop_first() {
            self.now_us = at_us;
            self.note(number, &event);
            self.happen(event)?;
            if self.is_done() {
                return Ok(());
            }
            if at_us > self.plan.heals_at_ms * 1000 + PROGRESS_LIMIT_US {
                break;
            }
        }
        let (wanted, handed_in) = self.goal.clone().unwrap_or_default();
        let open = handed_in.iter().filter(|id| !self.checks.is_acknowledged(id)).count();
        let heights = self.honest().map(|member| self.members[member].height).collect();
        Err(Violation::Stuck { heights, wanted, open })
    }

    /// The trace: every event with its moment, one hash over all.
    fn note(&mut self, number: u64, event: &Event) {
        let (kind, member, bytes): (u8, usize, &[u8]) = match event {
            Event::Arrives { to, frame, .. } => (0, *to, frame),
            Event::Wake { member, .. } => (1, *member, &[]),
            Event::Begins(member) => (2, *member, &[]),
            Event::Client => (3, 0, &[]),
            Event::Fault(_) => (4, 0, &[]),
            Event::Rejoined => (5, 0, &[]),
            Event::Heals => (6, 0, &[]),
        };
        let head = [self.now_us.to_be_bytes(), number.to_be_bytes(), (member as u64).to_be_bytes()];
        let parts = [self.trace.as_bytes(), &[kind][..], head.as_flattened(), bytes];
        self.trace = Hash::of(&parts);
    }

    fn happen(&mut self, event: Event) -> Result<(), Violation> {
        self.figures.count("events");
        match event {
            Event::Arrives { from, to, frame } => self.arrives(from, to, &frame),
            Event::Wake { member, run, wake } => {
                if self.members[member].run != run {
                    return Ok(());
                }
                self.act(member, |running| running.wake(wake))
            }
            Event::Begins(member) => self.begins(member),
            Event::Client => self.client(),
            Event::Fault(fault) => self.goes_wrong(fault),
            Event::Rejoined => {
                self.links.split(None);
                Ok(())
            }
            Event::Heals => self.heals(),
        }
    }

    fn after(&mut self, after_us: u64, event: Event) {
        self.events += 1;
        self.queue.insert((self.now_us + after_us, self.events), event);
    }

    fn honest(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.members.len()).filter(|member| self.adversaries[*member].is_none())
    }

    fn now_of(&self, member: usize) -> Now {
        let ms = (self.now_us / 1000) as i64 + 10_000 + self.members[member].clock_off_ms;
        Now { us: self.now_us, time: time(ms.max(0) as u64) }
    }

    fn act(
        &mut self,
        member: usize,
        act: impl FnOnce(&mut super::member::Running) -> Result<(), Stop>,
    ) -> Result<(), Violation> {
        let now = self.now_of(member);
        let (done, outputs) = self.members[member].act(now, act);
        self.carry_out(member, outputs)?;
        done.map_or(Ok(()), |done| self.ends_if(member, done))
    }

    /// A member whose disk fails stops; what must never happen is told.
    fn ends_if(&mut self, member: usize, done: Result<(), Stop>) -> Result<(), Violation> {
        match done {
            Ok(()) => Ok(()),
            Err(Stop::Disk) => {
                let (how, for_ms) = self.stops[member].take().unwrap_or((How::Power, 100));
                self.stops_now(member, how, for_ms);
                Ok(())
            }
            Err(Stop::Wrong(what)) => Err(Violation::Broken { member, what }),
        }
    }

    fn begins(&mut self, member: usize) -> Result<(), Violation> {
        if self.members[member].running.is_some() {
            return Ok(());
        }
        // Now and then it stops again while it opens.
        if self.goal.is_none() && self.members[member].run > 0 && self.random.below(6) == 0 {
            self.members[member].disk.fail_after(self.random.below(30) as u64);
            self.stops[member] = Some((How::Power, 100));
        }
        let now = self.now_of(member);
        match self.members[member].begin(now) {
            Ok(outputs) => {
                if let Some(running) = &self.members[member].running {
                    self.checks.comes_back(member, &running.host().view())?;
                }
                self.carry_out(member, outputs)
            }
            Err(stop) => self.ends_if(member, Err(stop)),
        }
    }

    fn is_done(&self) -> bool {
        let Some((wanted, handed_in)) = &self.goal else { return false };
        let reached = |member: usize| {
            let member = &self.members[member];
            let far = member.height >= *wanted && member.height > self.checks.last_promised();
            member.running.is_some() && far
        };
        handed_in.len() >= self.members.len()
            && handed_in.iter().all(|id| self.checks.is_acknowledged(id))
            && self.honest().all(reached)
    }

    fn client(&mut self) -> Result<(), Violation> {
        let honest: Vec<usize> = self.honest().collect();
        let member = honest[self.random.below(honest.len())];
        let healed = self.goal.is_some();
        let (id, bytes) = self.clients.next(self.now_us / 1000 + 10_000, healed, &mut self.figures);
        let mut waits = false;
        self.act(member, |running| {
            let taken = running.submit(&bytes, true)?;
            waits = matches!(taken, Taken::Waits | Taken::Known | Taken::At(_));
            Ok(())
        })?;
        match &mut self.goal {
            Some((_, handed_in)) => {
                // What nobody took is handed in again, until everyone has had one.
                if waits {
                    handed_in.extend(id);
                }
                if handed_in.len() < honest.len().max(self.plan.members()) {
                    self.after(100_000, Event::Client);
                }
            }
            None => self.after(self.plan.client_every_ms * 1000, Event::Client),
        }
        Ok(())
    }

    fn arrives(&mut self, from: usize, to: usize, frame: &Bytes) -> Result<(), Violation> {
        if let Some(adversary) = &mut self.adversaries[to] {
            adversary.hears(frame);
        }
        if self.members[to].running.is_none() {
            return Ok(());
        }
        let Ok(message) = Message::decode(frame) else {
            self.figures.count("garbage refused");
            return Ok(());
        };
        if self.adversaries[from].is_some() && self.adversaries[to].is_none() {
            self.watch(from, to, &message);
        }
        self.act(to, |running| running.receive(from, message))
    }

    /// Votes that a liar really signed and that arrive in the round that the hearer is in.
    fn watch(&mut self, from: usize, to: usize, message: &Message) {
        let vote: &SignedVote<_> = match message {
            Message::Consensus(SignedConsensusMsg::Vote(vote)) => vote,
            Message::Liveness(LivenessMsg::Vote(vote)) => vote,
            _ => return,
        };
        let address = self.members[from].signing.address();
        let at = self.members[to].running.as_ref().and_then(|running| running.undecided());
        let place = (vote.message.height().0, vote.message.round());
        if at != Some(place) || *vote.message.validator_address() != address {
            return;
        }
        let checking = Checking { ledger: self.genesis.ledger() };
        let checked = checking.verify_signed_vote(&vote.message, &vote.signature, &address);
        if !checked.now_or_never().is_some_and(|checked| checked.is_ok_and(|held| held.is_valid()))
        {
            return;
        }
        let block = match vote.message.value() {
            NilOrVal::Nil => None,
            NilOrVal::Val(block) => Some(block.hash()),
        };
        let step = (place.1.as_i64(), vote.message.vote_type() == VoteType::Precommit);
        let run = self.members[to].run;
        self.checks.hears((to, run, place.0), address.key(), step, block);
    }

    fn carry_out(&mut self, member: usize, outputs: Vec<Output>) -> Result<(), Violation> {
        let honest = self.adversaries[member].is_none();
        for output in outputs {
            match output {
                Output::All(message) => {
                    let others: Vec<usize> =
                        (0..self.members.len()).filter(|other| *other != member).collect();
                    self.send(member, &message, &others);
                }
                Output::One(other, message) => self.send(member, &message, &[other]),
                Output::Later(after_us, wake) => {
                    let run = self.members[member].run;
                    self.after(after_us, Event::Wake { member, run, wake });
                }
                Output::Count(what) => self.figures.count(what),
                Output::Dropped(id) => {
                    self.accusations.drop(&id);
                    self.dropped(&id);
                }
                Output::Agreed(height, block) | Output::Final(height, block) if honest => {
                    let bad = self.is_bad(&block);
                    self.checks.decides(member, height, block, bad)?;
                }
                Output::Acknowledged(id, position, height) if honest => {
                    if self.appointments.remove(&id) {
                        self.figures.count("pools appointed");
                    }
                    self.checks.acknowledges(member, id, position, height);
                }
                Output::Over(height, accused) if honest => {
                    self.figures.count("heights decided by honest members");
                    let run = self.members[member].run;
                    self.checks.over((member, run, height), &accused, &self.liars)?;
                }
                Output::Accuses(transition, id) if honest => {
                    let (height, healed) = (self.members[member].height, self.goal.is_some());
                    self.accusations.hand_in(transition, id, height, healed);
                }
                Output::Accuses(..)
                | Output::Agreed(..)
                | Output::Final(..)
                | Output::Acknowledged(..)
                | Output::Over(..) => {}
            }
        }
        Ok(())
    }

    fn is_bad(&self, block: &Hash) -> bool {
        self.adversaries.iter().flatten().any(|adversary| adversary.bad.contains(block))
    }

    fn send(&mut self, from: usize, message: &Message, others: &[usize]) {
        let parent = self.members[from].running.as_ref().map(|running| running.host().view().tip());
        let frames = match (&mut self.adversaries[from], parent) {
            (Some(adversary), Some(parent)) => adversary.says(message, &parent.header, others),
            _ => {
                let frame = message.encode();
                others.iter().map(|other| (*other, frame.clone())).collect()
            }
        };
        for (to, frame) in frames {
            let arrivals = self.links.arrivals_us(from, to, &mut self.random, &mut self.figures);
            for after_us in arrivals {
                self.after(after_us, Event::Arrives { from, to, frame: frame.clone() });
            }
        }
    }

    fn last_checks(&mut self) -> Result<(), Violation> {
        for index in self.honest().collect::<Vec<_>>() {
            if let Some(running) = self.members[index].running.take() {
                let view = running.host().view();
                self.checks.holds_all(index, &view)?;
                self.are_on_record(index, &view)?;
            }
            self.checks.audits(index, &self.members[index].disk, &self.genesis)?;
            self.figures.count("clean audits");
        }
        Ok(())
    }
}

fn thresholds(mutant: Mutant) -> ThresholdParams {
    match mutant {
        Mutant::HalfDecides => {
            ThresholdParams { quorum: ThresholdParam::new(1, 2), ..ThresholdParams::default() }
        }
        Mutant::None | Mutant::ForgetsItsVotes => ThresholdParams::default(),
    }
}
