//! What must hold, whatever goes wrong and whoever cheats.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chancery_ledger::audit::{audit, scratch_in_memory};
use chancery_ledger::consensus::WorkHost;
use chancery_ledger::disk::Memory;
use chancery_ledger::error::Error;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use chancery_ledger::view::View;
use chancery_registries::Registers;

use super::made::Made;
use super::member::Verdict;

/// What did not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Two honest members hold different blocks to be final although they were never apart for so long.
    #[error("member {member} makes {block} final at height {height}, and another has {other}")]
    Fork {
        /// The second to make one final.
        member: usize,
        /// The height.
        height: u64,
        /// Its block.
        block: Hash,
        /// The other's.
        other: Hash,
    },
    /// A best branch has a block that is not what the rules ask for.
    #[error("member {member} follows {block}, which was not made by the rules")]
    BadBlock {
        /// Who.
        member: usize,
        /// The block.
        block: Hash,
    },
    /// A member was given a whole branch with more work than the one it follows.
    #[error(
        "member {member} follows {best} although it was given all of {heavier}, with more work"
    )]
    NotHeaviest {
        /// Who.
        member: usize,
        /// The last block of the branch it follows.
        best: Hash,
        /// The last block of the heavier one.
        heavier: Hash,
    },
    /// A block that was made by the rules was turned away.
    #[error("member {member} says {verdict} of the good block {block}")]
    Misjudged {
        /// Who.
        member: usize,
        /// The block.
        block: Hash,
        /// What it says.
        verdict: String,
    },
    /// Something that was said to be final is gone, or another.
    #[error("member {member}: {what} was final and is not any more")]
    Undone {
        /// Whose disk.
        member: usize,
        /// What.
        what: String,
    },
    /// A block that a member found and told of is not on its disk.
    #[error("member {member} found the block {block} and does not have it any more")]
    Unkept {
        /// Who.
        member: usize,
        /// The block.
        block: Hash,
    },
    /// A transition that waited is nowhere, and nobody was told why.
    #[error(
        "member {member}: the transition {id} waits no more, stands nowhere and was not dropped"
    )]
    Vanished {
        /// Where.
        member: usize,
        /// The transition.
        id: Hash,
    },
    /// An honest member was said to have sent what no honest one sends.
    #[error("member {member} accuses the honest member {accused}")]
    Accused {
        /// Who accuses.
        member: usize,
        /// Whom.
        accused: usize,
    },
    /// The network has split for good and a member has not said so.
    #[error("member {member} has final blocks that others do not have, and does not report it")]
    NotReported {
        /// Who.
        member: usize,
    },
    /// Nothing becomes final any more although all is well again.
    #[error(
        "no progress after everything healed: final heights {heights:?}, wanted {wanted:?}; {open} transitions are open"
    )]
    Stuck {
        /// The last final height of each member.
        heights: Vec<u64>,
        /// The height that each should have reached.
        wanted: Vec<u64>,
        /// Transitions that are neither final nor dropped.
        open: usize,
    },
    /// An audit found something.
    #[error("the audit of member {member}: {what}")]
    Audit {
        /// Whose disk.
        member: usize,
        /// What.
        what: String,
    },
    /// A member came upon something that cannot be.
    #[error("member {member}: {what}")]
    Broken {
        /// Who.
        member: usize,
        /// What.
        what: String,
    },
}

/// A transition that a client was told to be final.
#[derive(Clone, Copy)]
struct Acknowledged {
    position: u64,
    height: u64,
    block: Hash,
}

/// What was given, followed and promised so far.
#[derive(Default)]
pub(super) struct Checks {
    /// The blocks that an honest member has made final, by height: one, unless the network was cut in
    /// two for good.
    finals: BTreeMap<u64, BTreeSet<Hash>>,
    /// What each member has made final last.
    promised: BTreeMap<usize, (u64, Hash)>,
    acknowledged: BTreeMap<Hash, Acknowledged>,
    /// The good blocks that the present run of each member was given, or had on its disk.
    given: BTreeMap<usize, BTreeSet<Hash>>,
    /// Who has reported a branch below its last final block.
    pub(super) reported: BTreeSet<usize>,
}

impl Checks {
    /// A member has opened its disk: all it promised is there, and the blocks that it found and told of.
    pub(super) fn comes_back(
        &mut self,
        member: usize,
        host: &WorkHost<Registers>,
        made: &Made,
    ) -> Result<(), Violation> {
        let view = host.view();
        if let Some((height, block)) = self.promised.get(&member) {
            let there = view.sealed_header(*height).ok().map(|(header, _)| header.hash());
            if there != Some(*block) {
                let what = format!("the block {block} at height {height}");
                return Err(Violation::Undone { member, what });
            }
        }
        let tip = view.tip();
        let stands_here = |hash: &&Hash| {
            made.get(hash).is_some_and(|block| block.height > tip.header.height)
                && made.at_height(**hash, tip.header.height) == Some(tip.hash)
        };
        for block in made.told_by(member).filter(stands_here) {
            if !host.has_block(block) {
                return Err(Violation::Unkept { member, block: *block });
            }
        }
        let has = |hash: &&Hash| host.has_block(hash);
        self.given.insert(member, made.hashes().filter(has).copied().collect());
        Ok(())
    }

    /// A member has lost its disk: what it promised is for the others to keep.
    pub(super) fn loses_disk(&mut self, member: usize) {
        self.promised.remove(&member);
    }

    pub(super) fn finds(&mut self, member: usize, block: Hash) {
        self.given.entry(member).or_default().insert(block);
    }

    /// A good block was given to a member: it has it now, or says rightly why not.
    pub(super) fn judges(
        &mut self,
        member: usize,
        last_final: (u64, Hash),
        block: Hash,
        verdict: Verdict,
        latest: Time,
        made: &Made,
    ) -> Result<(), Violation> {
        let Some(good) = made.get(&block) else { return Ok(()) };
        let given = self.given.entry(member).or_default();
        let right = match verdict {
            Verdict::Has => {
                given.insert(block);
                true
            }
            // Branches that leave below the last final block are forgotten when it becomes final.
            Verdict::Orphan => {
                let (height, last) = last_final;
                !given.contains(&good.previous)
                    || made.at_height(good.previous, height) != Some(last)
            }
            Verdict::Early => good.time > latest,
            Verdict::BelowFinal => good.height <= last_final.0,
            Verdict::Refused => false,
        };
        let verdict = format!("{verdict:?}");
        if right { Ok(()) } else { Err(Violation::Misjudged { member, block, verdict }) }
    }

    /// A member follows the branch with the most work of those it was given as a whole and that do not
    /// leave below its last final block.
    pub(super) fn follows(
        &self,
        member: usize,
        host: &WorkHost<Registers>,
        made: &Made,
    ) -> Result<(), Violation> {
        let (best, root) = (host.best().hash, host.view().tip());
        let Some(followed) = made.get(&best) else {
            return Err(Violation::BadBlock { member, block: best });
        };
        let Some(given) = self.given.get(&member) else { return Ok(()) };
        let is_whole = |last: &&Hash| {
            let mut hash = **last;
            while hash != root.hash {
                match made.get(&hash) {
                    Some(block) if given.contains(&hash) && block.height > root.header.height => {
                        hash = block.previous;
                    }
                    _ => return false,
                }
            }
            true
        };
        match made.with_more_work(followed.sum).find(is_whole) {
            Some(heavier) => Err(Violation::NotHeaviest { member, best, heavier: *heavier }),
            None => Ok(()),
        }
    }

    /// A block is final at a member; the network may have been cut in two for good.
    pub(super) fn finalises(
        &mut self,
        member: usize,
        height: u64,
        block: Hash,
        cut_for_good: bool,
    ) -> Result<(), Violation> {
        let finals = self.finals.entry(height).or_default();
        finals.insert(block);
        let other = finals.iter().find(|other| **other != block).copied();
        if let Some(other) = other.filter(|_| !cut_for_good || finals.len() > 2) {
            return Err(Violation::Fork { member, height, block, other });
        }
        self.promised.insert(member, (height, block));
        Ok(())
    }

    /// Heights at which honest members have different final blocks.
    pub(super) fn forked_heights(&self) -> usize {
        self.finals.values().filter(|finals| finals.len() > 1).count()
    }

    pub(super) fn acknowledges(&mut self, id: Hash, position: u64, height: u64, block: Hash) {
        self.acknowledged.insert(id, Acknowledged { position, height, block });
    }

    pub(super) fn is_acknowledged(&self, id: &Hash) -> bool {
        self.acknowledged.contains_key(id)
    }

    pub(super) fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    /// The height of the last block in which something was acknowledged.
    pub(super) fn last_acknowledged(&self) -> u64 {
        self.acknowledged.values().map(|it| it.height).max().unwrap_or_default()
    }

    /// Everything acknowledged stands in a member's log where it was said to be. Where the network was
    /// cut in two for good, that is asked of those who have the block.
    pub(super) fn holds_all(
        &self,
        member: usize,
        view: &View,
        cut_for_good: bool,
    ) -> Result<(), Violation> {
        let held = |id: &Hash, told: &Acknowledged| -> Result<bool, Error> {
            if view.sealed_header(told.height)?.0.hash() != told.block {
                return Ok(cut_for_good);
            }
            let place = view.place(told.position)?;
            Ok(place.id == *id && place.height == told.height)
        };
        for (id, told) in &self.acknowledged {
            let is_beyond = cut_for_good && told.height > view.tip().header.height;
            if !is_beyond && !held(id, told).unwrap_or(false) {
                let what = format!("the transition {id} at position {}", told.position);
                return Err(Violation::Undone { member, what });
            }
        }
        Ok(())
    }

    /// Who has final blocks that not all have has said so.
    pub(super) fn reports(&self, member: usize, view: &View) -> Result<(), Violation> {
        let alone = self
            .finals
            .iter()
            .any(|(height, finals)| finals.len() > 1 && *height <= view.tip().header.height);
        if alone && !self.reported.contains(&member) {
            return Err(Violation::NotReported { member });
        }
        Ok(())
    }

    /// A member's disk holds what is final and nothing else.
    pub(super) fn audits(
        &self,
        member: usize,
        disk: &Memory,
        genesis: &Genesis,
    ) -> Result<(), Violation> {
        let wrong = |what: String| Violation::Audit { member, what };
        let (disk, scratch) = (Arc::new(disk.clone()), scratch_in_memory());
        let report = audit(disk, Some(genesis), Arc::new(Registers), scratch, 1, &mut |_| ())
            .map_err(|finding| wrong(finding.to_string()))?;
        let finals = self.finals.get(&(report.blocks - 1));
        if report.blocks > 1 && finals.is_none_or(|finals| !finals.contains(&report.tip)) {
            return Err(wrong(format!("block {} was not made final", report.blocks - 1)));
        }
        Ok(())
    }
}
