//! What members have done and want done: counted, checked, and sent on its way.

use bytes::Bytes;
use chancery_ledger::hash::Hash;

use super::{Event, World};
use crate::simulation::work::checks::Violation;
use crate::simulation::work::member::{Member, Output, Verdict};
use crate::simulation::work::message::Message;

impl World {
    pub(super) fn carry_out(
        &mut self,
        member: usize,
        outputs: Vec<Output>,
    ) -> Result<(), Violation> {
        for output in outputs {
            match output {
                Output::All(message) => self.says(member, message, &self.others(member)),
                Output::One(other, message) => self.says(member, message, &[other]),
                Output::Later(after_us, wake) => {
                    let run = self.members[member].run;
                    self.after(after_us, Event::Wake { member, run, wake });
                }
                Output::Count(what) => self.figures.count(what),
                Output::Made(sealed) => {
                    self.figures.count("blocks found");
                    if !self.made.add(&sealed) {
                        let what = "it has built on a block that nobody has made".to_owned();
                        return Err(Violation::Broken { member, what });
                    }
                }
                Output::Found(sealed, block) => {
                    let hash = sealed.header.hash();
                    self.made.tells(member, &hash);
                    self.checks.finds(member, hash);
                    let now = self.now_of(member);
                    if let Some(adversary) = &mut self.adversaries[member] {
                        let said = adversary.finds(&sealed, &block, now);
                        self.cheats(member, said);
                    }
                }
                other if self.is_honest(member) => self.honest_output(member, other)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// What only honest members are believed.
    fn honest_output(&mut self, member: usize, output: Output) -> Result<(), Violation> {
        match output {
            Output::Judged(hash, bytes, verdict) => self.judged(member, hash, &bytes, verdict),
            Output::Best(hash) => {
                self.limits_apart();
                match self.made.get(&hash) {
                    Some(_) => Ok(()),
                    None => Err(Violation::BadBlock { member, block: hash }),
                }
            }
            Output::Reorganised(depth, returned) => {
                self.reorganised(depth, returned);
                Ok(())
            }
            Output::Final(height, hash) => {
                self.figures.count("blocks made final by honest members");
                self.checks.finalises(member, height, hash, self.cut_for_good.is_some())
            }
            Output::Acknowledged(id, position, height, block) => {
                self.checks.acknowledges(id, position, height, block);
                Ok(())
            }
            Output::Dropped(id) => {
                self.dropped(&id);
                Ok(())
            }
            Output::Accuses(accused) if self.is_honest(accused) => {
                Err(Violation::Accused { member, accused })
            }
            Output::BelowFinal => {
                self.figures.count("branches below the last final block reported");
                self.checks.reported.insert(member);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn judged(
        &mut self,
        member: usize,
        hash: Hash,
        bytes: &[u8],
        verdict: Verdict,
    ) -> Result<(), Violation> {
        let rules = self.plan.rules();
        if !self.made.is(&hash, bytes, &rules) {
            let waits = verdict == Verdict::Has && self.made.get(&hash).is_none();
            self.figures.add("bad blocks kept unexecuted", u64::from(waits));
            return Ok(());
        }
        let latest = self.now_of(member).time.plus_ms(rules.drift_ms());
        let Member { final_height, last_final, .. } = self.members[member];
        let last = (final_height, last_final);
        self.checks.judges(member, last, hash, verdict, latest, &self.made)
    }

    fn reorganised(&mut self, depth: u64, returned: usize) {
        self.figures.count("reorganisations");
        self.figures.add("blocks abandoned", depth);
        self.figures.add("reorganisations of three blocks or more", u64::from(depth > 2));
        self.figures.add("transitions returned", returned as u64);
        self.figures.most("the deepest reorganisation", depth);
    }

    /// What a member says, or what one that cheats makes of it.
    fn says(&mut self, from: usize, message: Message, others: &[usize]) {
        let frames = match &mut self.adversaries[from] {
            Some(adversary) => adversary.says(message),
            None => vec![message.encode()],
        };
        for frame in frames {
            self.sends(from, &frame, others);
        }
    }

    /// What a cheating member says besides, to all others.
    pub(super) fn cheats(&mut self, from: usize, said: Vec<Message>) {
        for message in said {
            self.sends(from, &message.encode(), &self.others(from));
        }
    }

    fn others(&self, from: usize) -> Vec<usize> {
        (0..self.members.len()).filter(|other| *other != from).collect()
    }

    fn sends(&mut self, from: usize, frame: &Bytes, others: &[usize]) {
        for to in others {
            for after_us in self.links.arrivals_us(from, *to, &mut self.random, &mut self.figures) {
                self.after(after_us, Event::Arrives { from, to: *to, frame: frame.clone() });
            }
        }
    }
}
