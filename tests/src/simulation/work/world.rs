//! One run: members, the network between them, clients, what goes wrong, and the clock of it all.

mod faults;
mod outputs;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use chancery_ledger::block::Header;
use chancery_ledger::chain::Chain;
use chancery_ledger::disk::Memory;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_registries::Registers;

use super::adversary::Adversary;
use super::checks::{Checks, Violation};
use super::made::Made;
use super::member::{Member, Running, Wake};
use super::message::Message;
use super::plan::{Fault, Plan};
use crate::damage::Random;
use crate::simulation::Report;
use crate::simulation::clients::Clients;
use crate::simulation::figures::Figures;
use crate::simulation::member::{Now, Stop, Taken};
use crate::simulation::network::Links;
use crate::simulation::plan::How;
use crate::small_ledger::time;

/// How long the network may take to go on after everything has healed.
const PROGRESS_LIMIT_US: u64 = 900_000_000;
/// Heights that must become final in that time.
const PROGRESS_HEIGHTS: u64 = 3;
/// How long after the healing the last disturbed messages have arrived.
const SETTLE_US: u64 = 200_000;
/// How long what may expire before its turn is valid.
const SHORT_MS: u64 = 6_000;
/// The clock of every run begins so long after block 0.
const BEGINS_MS: u64 = 1_000;

enum Event {
    Arrives {
        from: usize,
        to: usize,
        frame: Bytes,
    },
    Wake {
        member: usize,
        run: u64,
        wake: Wake,
    },
    Begins(usize),
    Client,
    Fault(Fault),
    /// The cut of this number is over, if it is not yet.
    Rejoined(u64),
    Heals,
}

/// What must have come about in the end.
struct Goal {
    /// The final height that each member must reach.
    wanted: Vec<u64>,
    /// What was handed in since everything healed.
    handed_in: Vec<Hash>,
    /// What was open at a member when it did.
    owed: Vec<(usize, Hash)>,
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
    /// The number of the present cut.
    cuts: u64,
    /// Who stands on one side of a cut that lasts until there is no way back.
    cut_for_good: Option<u32>,
    clients: Clients,
    made: Made,
    checks: Checks,
    figures: Figures,
    trace: Hash,
    goal: Option<Goal>,
}

impl World {
    pub(super) fn new(plan: Plan) -> Self {
        let genesis = plan.genesis();
        let mut random = Random::from_seed(plan.seed);
        let block_0 = block_0(&genesis);
        let mut adversary = |lies| {
            let random = Random::from_seed(random.number());
            Adversary::new(lies, random, plan.rules(), plan.apart_max())
        };
        let adversaries = plan.lies.iter().map(|lies| lies.map(&mut adversary)).collect();
        let mut member = |tries: &u64| {
            let clock_off_ms = random.below(600) as i64 - 300;
            let random = Random::from_seed(random.number());
            Member::new(&genesis, &block_0, plan.mutant, *tries, clock_off_ms, random)
        };
        Self {
            members: plan.tries.iter().map(&mut member).collect(),
            adversaries,
            links: Links::of(plan.ways),
            cuts: 0,
            cut_for_good: None,
            stops: vec![None; plan.members()],
            clients: Clients::new(plan.seed, genesis.ledger(), SHORT_MS),
            made: Made::on(&block_0),
            genesis,
            random,
            now_us: 0,
            queue: BTreeMap::new(),
            events: 0,
            checks: Checks::default(),
            figures: Figures::default(),
            trace: Hash::default(),
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
        if !self.plan.is_cut_for_good() {
            self.after(self.plan.heals_at_ms * 1000, Event::Heals);
        }
        let end = self.go_on().and_then(|()| self.last_checks());
        for adversary in self.adversaries.iter().flatten() {
            self.figures.merge(&adversary.figures);
        }
        self.figures.add("transitions acknowledged", self.checks.acknowledged() as u64);
        self.figures.add("heights with two final blocks", self.checks.forked_heights() as u64);
        let report = Report {
            seed: self.plan.seed,
            figures: self.figures,
            trace: self.trace,
            simulated_ms: self.now_us / 1000,
        };
        (report, end)
    }

    fn go_on(&mut self) -> Result<(), Violation> {
        let mut limit_us = None;
        while let Some(((at_us, number), event)) = self.queue.pop_first() {
            self.now_us = at_us;
            self.note(number, &event);
            self.happen(event)?;
            if self.is_done() {
                return Ok(());
            }
            if self.goal.is_some() && limit_us.is_none() {
                limit_us = Some(at_us + PROGRESS_LIMIT_US);
            }
            // A cut for good ends by itself, or not at all.
            if at_us > limit_us.unwrap_or(2 * PROGRESS_LIMIT_US) {
                break;
            }
        }
        let heights = self.members.iter().map(|member| member.final_height).collect();
        let wanted = self.goal.as_ref().map(|goal| goal.wanted.clone()).unwrap_or_default();
        Err(Violation::Stuck { heights, wanted, open: self.open() })
    }

    /// The trace: every event with its moment, one hash over all.
    fn note(&mut self, number: u64, event: &Event) {
        let (kind, member, bytes): (u8, usize, &[u8]) = match event {
            Event::Arrives { to, frame, .. } => (0, *to, frame),
            Event::Wake { member, .. } => (1, *member, &[]),
            Event::Begins(member) => (2, *member, &[]),
            Event::Client => (3, 0, &[]),
            Event::Fault(_) => (4, 0, &[]),
            Event::Rejoined(_) => (5, 0, &[]),
            Event::Heals => (6, 0, &[]),
        };
        let head = [self.now_us.to_be_bytes(), number.to_be_bytes(), (member as u64).to_be_bytes()];
        self.trace = Hash::of(&[self.trace.as_bytes(), &[kind], head.as_flattened(), bytes]);
    }

    fn happen(&mut self, event: Event) -> Result<(), Violation> {
        self.figures.count("events");
        match event {
            Event::Arrives { from, to, frame } => self.arrives(from, to, &frame),
            Event::Wake { member, run, wake } if self.members[member].run == run => {
                self.wakes(member, wake)
            }
            Event::Wake { .. } => Ok(()),
            Event::Begins(member) => self.begins(member),
            Event::Client => self.client(),
            Event::Fault(fault) => {
                self.goes_wrong(fault);
                Ok(())
            }
            Event::Rejoined(cut) => {
                if cut == self.cuts {
                    self.links.split(None);
                }
                Ok(())
            }
            Event::Heals => {
                self.heals();
                Ok(())
            }
        }
    }

    fn after(&mut self, after_us: u64, event: Event) {
        self.events += 1;
        self.queue.insert((self.now_us + after_us, self.events), event);
    }

    fn is_honest(&self, member: usize) -> bool {
        self.adversaries[member].is_none()
    }

    fn honest(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.members.len()).filter(|member| self.is_honest(*member))
    }

    fn now_of(&self, member: usize) -> Now {
        let ms = (self.now_us / 1000 + BEGINS_MS) as i64 + self.members[member].clock_off_ms;
        Now { us: self.now_us, time: time(ms.max(0) as u64) }
    }

    fn begins(&mut self, member: usize) -> Result<(), Violation> {
        if self.members[member].running.is_some() {
            return Ok(());
        }
        // Now and then it stops again while it opens.
        if self.goal.is_none() && self.members[member].run > 0 && self.random.below(6) == 0 {
            self.members[member].disk.fail_after(self.random.below(12) as u64);
            self.stops[member] = Some((How::Power, 100));
        }
        let now = self.now_of(member);
        match self.members[member].begin(now) {
            Ok(outputs) => {
                if let Some(running) = &self.members[member].running
                    && self.is_honest(member)
                {
                    self.checks.comes_back(member, running.host(), &self.made)?;
                }
                self.carry_out(member, outputs)?;
                self.follows(member)
            }
            Err(stop) => self.ends(member, stop),
        }
    }

    /// A member whose disk fails stops; what must never happen is told.
    fn ends(&mut self, member: usize, stop: Stop) -> Result<(), Violation> {
        match stop {
            Stop::Disk => {
                let (how, for_ms) = self.stops[member].take().unwrap_or((How::Power, 100));
                self.stops_now(member, how, for_ms);
                Ok(())
            }
            Stop::Wrong(what) => Err(Violation::Broken { member, what }),
        }
    }

    fn wakes(&mut self, member: usize, wake: Wake) -> Result<(), Violation> {
        self.act(member, |running| running.wake(wake))?;
        let Some(running) = &self.members[member].running else { return Ok(()) };
        if !matches!(wake, Wake::Tell) {
            return Ok(());
        }
        let now = self.now_of(member);
        let said = match &mut self.adversaries[member] {
            Some(adversary) => adversary.mischief(running.host(), now),
            None => match running.vanished() {
                Some(id) => return Err(Violation::Vanished { member, id }),
                None => Vec::new(),
            },
        };
        self.cheats(member, said);
        Ok(())
    }

    fn act(
        &mut self,
        member: usize,
        act: impl FnOnce(&mut Running) -> Result<(), Stop>,
    ) -> Result<(), Violation> {
        let now = self.now_of(member);
        let (done, outputs) = self.members[member].act(now, act);
        self.carry_out(member, outputs)?;
        if let Err(stop) = done {
            return self.ends(member, stop);
        }
        self.follows(member)
    }

    /// An honest member follows the heaviest branch it was given.
    fn follows(&self, member: usize) -> Result<(), Violation> {
        match &self.members[member].running {
            Some(running) if self.is_honest(member) => {
                self.checks.follows(member, running.host(), &self.made)
            }
            _ => Ok(()),
        }
    }

    fn arrives(&mut self, from: usize, to: usize, frame: &Bytes) -> Result<(), Violation> {
        if self.members[to].running.is_none() {
            return Ok(());
        }
        let Ok(message) = Message::decode(frame) else {
            self.figures.count("garbage refused");
            return Ok(());
        };
        self.act(to, |running| running.receive(from, message))?;
        self.releases(to);
        Ok(())
    }

    /// A selfish miner may let its blocks go now.
    fn releases(&mut self, member: usize) {
        let public = self.honest().map(|member| self.members[member].best_height).max();
        let best = self.members[member].best;
        if let Some(adversary) = &mut self.adversaries[member] {
            let said = adversary.releases(public.unwrap_or_default(), &best);
            self.cheats(member, said);
        }
    }

    fn client(&mut self) -> Result<(), Violation> {
        let honest: Vec<usize> = self.honest().collect();
        let member = honest[self.random.below(honest.len())];
        let now_ms = self.now_us / 1000 + BEGINS_MS;
        let (id, bytes) = self.clients.next(now_ms, self.goal.is_some(), &mut self.figures);
        let mut waits = false;
        self.act(member, |running| {
            let taken = running.submit(&bytes.into(), true)?;
            waits = matches!(taken, Taken::Waits | Taken::Known | Taken::At(_));
            Ok(())
        })?;
        let every_ms = self.plan.client_every_ms;
        match &mut self.goal {
            Some(goal) => {
                if waits {
                    goal.handed_in.extend(id);
                }
                // What nobody took is handed in again, until there is one for each.
                if goal.handed_in.len() < honest.len() {
                    self.after(100_000, Event::Client);
                }
            }
            None => self.after(every_ms * 1000, Event::Client),
        }
        Ok(())
    }

    fn last_checks(&mut self) -> Result<(), Violation> {
        let cut_for_good = self.cut_for_good.is_some();
        for index in self.honest().collect::<Vec<_>>() {
            let member = &mut self.members[index];
            if let Some(running) = member.running.take() {
                if let Some(id) = running.vanished() {
                    return Err(Violation::Vanished { member: index, id });
                }
                let view = running.host().view();
                self.checks.holds_all(index, &view, cut_for_good)?;
                self.checks.reports(index, &view)?;
            }
            self.checks.audits(index, &member.disk, &self.genesis)?;
            self.figures.count("clean audits");
        }
        Ok(())
    }
}

/// # Panics
/// Never: a sound genesis founds a ledger in an empty disk in memory.
#[allow(clippy::expect_used)]
fn block_0(genesis: &Genesis) -> Header {
    let opened = Chain::found(Arc::new(Memory::new()), genesis, Arc::new(Registers));
    opened.expect("an empty disk in memory does not fail").chain.view().tip().header.clone()
}
