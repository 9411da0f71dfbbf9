//! What goes wrong in a run, and how it is set right.

use std::collections::BTreeSet;

use chancery_ledger::disk::{Disk, Memory};
use chancery_ledger::hash::Hash;

use super::{Event, PROGRESS_HEIGHTS, SETTLE_US, World};
use crate::simulation::checks::Violation;
use crate::simulation::log_file::LogFile;
use crate::simulation::member::{Member, Taken};
use crate::simulation::plan::{Fault, How, Mutant, Stopped};

impl World {
    pub(super) fn stops_now(&mut self, index: usize, how: How, for_ms: u64) {
        let wiped = [index].into_iter().chain(self.silent());
        let liars = (0..self.members.len()).filter(|member| self.adversaries[*member].is_some());
        let failing: BTreeSet<usize> = wiped.chain(liars).collect();
        // A lost disk counts as a lie until its member may vote again: there may not be too many.
        let how = match how {
            How::Wiped if !self.plan.may_fail(&failing) => How::Power,
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
                member.log = member.log.crash(&mut self.random);
            }
            How::Wiped => {
                member.disk = Memory::new();
                member.log = LogFile::default();
                member.silent_until = member.silent_until.max(member.height);
                self.checks.loses_disk(index);
            }
        }
        if self.plan.mutant == Mutant::ForgetsItsVotes {
            member.log = LogFile::default();
            let _ = member.disk.remove("undecided");
        }
        self.figures.count(match how {
            How::Process => "stops: the process ends",
            How::Power => "stops: the power fails",
            How::Disk => "stops: the disk is full",
            How::Wiped => "stops: the disk is lost",
        });
        self.after(for_ms * 1000, Event::Begins(index));
    }

    /// Members that may not vote yet since they have lost their disk.
    fn silent(&self) -> impl Iterator<Item = usize> + '_ {
        let silent =
            |member: &&Member| member.silent_until > 0 && member.height <= member.silent_until;
        self.members.iter().filter(silent).map(|member| member.index)
    }

    pub(super) fn goes_wrong(&mut self, fault: Fault) -> Result<(), Violation> {
        match fault {
            Fault::Stop(Stopped { member, after_changes, how, for_ms }) => {
                if self.members[member].running.is_some() {
                    self.members[member].disk.fail_after(after_changes);
                    self.stops[member] = Some((how, for_ms));
                }
            }
            Fault::Split { side, for_ms } => {
                self.figures.count("partitions");
                self.links.split(Some(side));
                self.after(for_ms * 1000, Event::Rejoined);
            }
            Fault::Appoints(pool) => return self.appoints(pool),
            Fault::Clock { member, off_ms } => {
                self.figures.count("clocks set wrong");
                self.members[member].clock_off_ms = off_ms;
            }
        }
        Ok(())
    }

    /// The root authority hands in the next pool, for a height that is not far off.
    fn appoints(&mut self, pool: usize) -> Result<(), Violation> {
        let highest = self.honest().map(|member| self.members[member].height).max();
        let from = highest.unwrap_or_default() + 3;
        let (id, bytes) =
            self.clients.appoints(&self.plan, pool, from, self.now_us / 1000 + 10_000);
        let honest: Vec<usize> = self.honest().collect();
        let member = honest[self.random.below(honest.len())];
        let mut waits = false;
        self.act(member, |running| {
            waits = matches!(running.submit(&bytes, true)?, Taken::Waits);
            Ok(())
        })?;
        if waits {
            self.appointments.insert(id);
        }
        Ok(())
    }

    /// From here on nothing fails any more, but the liars go on lying.
    pub(super) fn heals(&mut self) -> Result<(), Violation> {
        self.links.heal();
        for member in 0..self.members.len() {
            self.members[member].disk.heal();
            self.members[member].clock_off_ms = 0;
            self.stops[member] = None;
            if self.members[member].running.is_none() {
                self.after(SETTLE_US, Event::Begins(member));
            }
        }
        let highest = self.honest().map(|member| self.members[member].height).max();
        self.goal = Some((highest.unwrap_or_default() + PROGRESS_HEIGHTS, Vec::new()));
        for _ in 0..self.members.len() {
            self.after(SETTLE_US * 2, Event::Client);
        }
        Ok(())
    }

    /// A transition will never be final: it has expired, or what it rests on has. Another takes its
    /// place among those that must be final in the end.
    pub(super) fn dropped(&mut self, id: &Hash) {
        self.figures.count("transitions that no longer hold while they wait");
        if let Some((_, handed_in)) = &mut self.goal
            && handed_in.contains(id)
        {
            handed_in.retain(|other| other != id);
            self.after(100_000, Event::Client);
        }
    }
}
