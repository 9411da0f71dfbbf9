//! What goes wrong in a run, how far it may go, and how it is set right.

use chancery_ledger::disk::{Disk, Memory};
use chancery_ledger::hash::Hash;

use super::{Event, Goal, PROGRESS_HEIGHTS, SETTLE_US, World};
use crate::simulation::plan::{How, Stopped};
use crate::simulation::work::plan::{Fault, Mutant};

/// A clock that is off by no more than this keeps nobody apart.
const CLOCK_OFF_MAX_MS: i64 = 300;
/// How long after the end of a cut for good everything else heals.
const AFTER_CUT_US: u64 = 5_000_000;

impl World {
    pub(super) fn goes_wrong(&mut self, fault: Fault) {
        match fault {
            Fault::Stop(Stopped { member, after_changes, how, for_ms }) => {
                if self.members[member].running.is_some() && self.goal.is_none() {
                    self.members[member].disk.fail_after(after_changes);
                    self.stops[member] = Some((how, for_ms));
                }
            }
            Fault::Split { side, for_ms } => {
                self.figures.count("partitions");
                self.splits(side);
                self.after(for_ms * 1000, Event::Rejoined(self.cuts));
            }
            Fault::SplitForGood { side } => {
                self.figures.count("partitions longer than the final depth");
                self.splits(side);
                self.cut_for_good = Some(side);
            }
            Fault::Clock { member, off_ms } => {
                self.figures.count("clocks set wrong");
                self.members[member].clock_off_ms = off_ms;
                if self.links.is_split() {
                    self.sets_clocks_within(self.apart_clock_ms());
                }
            }
        }
    }

    fn splits(&mut self, side: u32) {
        self.cuts += 1;
        self.links.split(Some(side));
        self.sets_clocks_within(self.apart_clock_ms());
    }

    pub(super) fn stops_now(&mut self, index: usize, how: How, for_ms: u64) {
        let how = match how {
            How::Wiped if !self.may_lose_disk(index) => How::Power,
            how => how,
        };
        let member = &mut self.members[index];
        member.running = None;
        member.run += 1;
        match how {
            How::Process | How::Disk => member.disk.heal(),
            How::Power => {
                let random = &mut self.random;
                let kept = &mut |_: &str, synced: u64, written: u64| {
                    synced + random.number() % (written - synced + 1)
                };
                member.disk = member.disk.crash_keeping(kept);
                if self.plan.mutant == Mutant::LosesWhatItFound {
                    let _ = member.disk.remove("unfinal");
                }
            }
            How::Wiped => {
                member.disk = Memory::new();
                member.mines_above = member.best_height;
                member.final_height = 0;
                self.checks.loses_disk(index);
                self.made.loses_disk(index);
            }
        }
        self.figures.count(match how {
            How::Process => "stops: the process ends",
            How::Power => "stops: the power fails",
            How::Disk => "stops: the disk is full",
            How::Wiped => "stops: the disk is lost",
        });
        self.after(for_ms * 1000, Event::Begins(index));
    }

    /// A disk may be lost when another honest member has all that was final on it, and nobody else is
    /// still getting back what it lost.
    fn may_lose_disk(&self, index: usize) -> bool {
        let (mut kept, mut lost) = (false, false);
        for other in self.honest().filter(|other| *other != index) {
            let other = &self.members[other];
            lost |= other.best_height < other.mines_above;
            kept |= other.final_height >= self.members[index].final_height;
        }
        kept && !lost && !self.links.is_split()
    }

    /// Takes away what keeps honest members apart before their branches are so long that there is no way
    /// back: what may be final on two sides is what longer cuts are for.
    pub(super) fn limits_apart(&mut self) {
        let honest: Vec<usize> = self.honest().collect();
        let apart = |one: usize, other: usize| {
            let (one, other) = (self.members[one].best, self.members[other].best);
            self.made.apart(one, other).map_or(0, |(here, there)| here.min(there))
        };
        let pairs = honest.iter().flat_map(|one| honest.iter().map(|other| (*one, *other)));
        match self.cut_for_good {
            None => {
                let most = pairs.map(|(one, other)| apart(one, other)).max().unwrap_or_default();
                self.figures.most("the longest branch beside another", most);
                if most >= self.plan.apart_max() {
                    self.joins();
                }
            }
            Some(side) if self.links.is_split() => {
                let on_side = |member: usize| side >> member & 1;
                let across = pairs.filter(|(one, other)| on_side(*one) != on_side(*other));
                let most = across.map(|(one, other)| apart(one, other)).max().unwrap_or_default();
                if most > u64::from(self.plan.final_depth) + 1 {
                    self.links.split(None);
                    self.after(AFTER_CUT_US, Event::Heals);
                }
            }
            Some(_) => {}
        }
    }

    fn joins(&mut self) {
        if self.links.is_split() {
            self.figures.count("partitions ended at the longest branches allowed");
            self.links.split(None);
        }
        self.sets_clocks_within(CLOCK_OFF_MAX_MS);
    }

    /// During a cut clocks are no further apart than a block's time may be ahead. Blocks of a clock that is further
    /// ahead are refused for a while after both have come right: that cuts its member off beyond any limit.
    fn apart_clock_ms(&self) -> i64 {
        self.plan.rules().drift_ms() as i64 / 2
    }

    fn sets_clocks_within(&mut self, most_ms: i64) {
        for member in &mut self.members {
            member.clock_off_ms = member.clock_off_ms.clamp(-most_ms, most_ms);
        }
    }

    /// From here on nothing fails any more, but those that cheat go on.
    pub(super) fn heals(&mut self) {
        self.links.heal();
        for member in 0..self.members.len() {
            self.members[member].disk.heal();
            self.members[member].clock_off_ms = 0;
            self.stops[member] = None;
            if self.members[member].running.is_none() {
                self.after(SETTLE_US, Event::Begins(member));
            }
        }
        let highest = self.honest().map(|member| self.members[member].final_height).max();
        let wanted = |member: usize| match (self.is_honest(member), self.cut_for_good) {
            (false, _) => 0,
            (true, None) => highest.unwrap_or_default() + PROGRESS_HEIGHTS,
            (true, Some(_)) => self.members[member].final_height + PROGRESS_HEIGHTS,
        };
        let mut owed = Vec::new();
        for member in self.honest() {
            if let Some(running) = &self.members[member].running {
                owed.extend(running.open().iter().map(|id| (member, *id)));
            }
        }
        let wanted = (0..self.members.len()).map(wanted).collect();
        self.goal = Some(Goal { wanted, handed_in: Vec::new(), owed });
        for _ in 0..self.members.len() {
            self.after(SETTLE_US * 2, Event::Client);
        }
    }

    /// A transition was dropped: it has expired, or the branch that is the best by now refuses it.
    /// Another takes its place among those that must be final in the end.
    pub(super) fn dropped(&mut self, id: &Hash) {
        self.figures.count("transitions dropped with a reason");
        if let Some(goal) = &mut self.goal
            && goal.handed_in.contains(id)
        {
            goal.handed_in.retain(|other| other != id);
            self.after(100_000, Event::Client);
        }
    }

    /// Everything has come about that must in the end.
    pub(super) fn is_done(&self) -> bool {
        let Some(Goal { wanted, handed_in, owed }) = &self.goal else { return false };
        let reached = |index: usize| {
            let member = &self.members[index];
            member.running.is_some() && member.final_height >= wanted[index]
        };
        if handed_in.len() < self.honest().count() || !self.honest().all(reached) {
            return false;
        }
        let is_open = |(member, id): &(usize, Hash)| {
            let running = &self.members[*member].running;
            running.as_ref().is_some_and(|running| running.open().contains(id))
        };
        let last = self.checks.last_acknowledged();
        let mut behind = self.honest().filter(|member| self.members[*member].final_height < last);
        handed_in.iter().all(|id| self.checks.is_acknowledged(id))
            && !owed.iter().any(is_open)
            && (self.cut_for_good.is_some() || behind.next().is_none())
    }

    /// How many transitions must still become final, or be dropped.
    pub(super) fn open(&self) -> usize {
        let Some(goal) = &self.goal else { return 0 };
        goal.handed_in.iter().filter(|id| !self.checks.is_acknowledged(id)).count()
            + goal.owed.len()
    }
}
