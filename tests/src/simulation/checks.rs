//! What must hold, whatever goes wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chancery_ledger::audit::{audit, scratch_in_memory};
use chancery_ledger::disk::Memory;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::view::View;
use chancery_registries::Registers;

/// What did not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Two honest members have decided different blocks.
    #[error("member {member} decides {block} at height {height}, and another decides {other}")]
    Fork {
        /// The second to decide.
        member: usize,
        /// The height.
        height: u64,
        /// Its block.
        block: Hash,
        /// The other's.
        other: Hash,
    },
    /// A block is final that is not what the rules make of its transitions.
    #[error("member {member} has made the bad block at height {height} final")]
    BadBlock {
        /// Who.
        member: usize,
        /// The height.
        height: u64,
    },
    /// Something acknowledged is gone.
    #[error("member {member}: {what} was acknowledged and is gone")]
    Lost {
        /// Whose disk lacks it.
        member: usize,
        /// What.
        what: String,
    },
    /// An honest member was accused.
    #[error("member {member} accuses the honest {accused} at height {height}")]
    Accused {
        /// Who accuses.
        member: usize,
        /// Whom.
        accused: PublicKey,
        /// The height.
        height: u64,
    },
    /// One that signed two things in one step was seen to do so and not found.
    #[error(
        "member {member} had two votes of {liar} in one step at height {height} and did not find it"
    )]
    NotFound {
        /// Who saw it.
        member: usize,
        /// Who did it.
        liar: PublicKey,
        /// The height.
        height: u64,
    },
    /// An equivocation that an honest member has reported is not on record.
    #[error("member {member} has no record of {what}, which was reported while all was well")]
    NotOnRecord {
        /// Whose state lacks it.
        member: usize,
        /// The id of the equivocation.
        what: String,
    },
    /// Nothing is decided any more although all is well again.
    #[error(
        "no progress after everything healed: heights {heights:?}, wanted {wanted}; {open} transitions wait"
    )]
    Stuck {
        /// The height of each honest member.
        heights: Vec<u64>,
        /// The height that all should have reached.
        wanted: u64,
        /// Transitions handed in after the healing that are not final.
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

/// An acknowledged transition.
#[derive(Clone, Copy)]
struct Acknowledged {
    position: u64,
    height: u64,
}

/// What was decided and promised so far.
#[derive(Default)]
pub(super) struct Checks {
    decided: BTreeMap<u64, Hash>,
    acknowledged: BTreeMap<Hash, Acknowledged>,
    /// The greatest height in which each member has acknowledged something.
    promised: BTreeMap<usize, u64>,
    /// What each run of a member heard of each liar in a step.
    heard: BTreeMap<Heard, BTreeSet<Option<Hash>>>,
    pub(super) found: BTreeSet<PublicKey>,
}

/// Member, run, height, liar, round, type.
type Heard = (usize, u64, u64, PublicKey, i64, bool);

impl Checks {
    pub(super) fn decides(
        &mut self,
        member: usize,
        height: u64,
        block: Hash,
        bad: bool,
    ) -> Result<(), Violation> {
        if bad {
            return Err(Violation::BadBlock { member, height });
        }
        let other = *self.decided.entry(height).or_insert(block);
        if other != block {
            return Err(Violation::Fork { member, height, block, other });
        }
        Ok(())
    }

    pub(super) fn acknowledges(&mut self, member: usize, id: Hash, position: u64, height: u64) {
        self.acknowledged.insert(id, Acknowledged { position, height });
        let promised = self.promised.entry(member).or_default();
        *promised = (*promised).max(height);
    }

    pub(super) fn is_acknowledged(&self, id: &Hash) -> bool {
        self.acknowledged.contains_key(id)
    }

    /// The last height in which something was acknowledged.
    pub(super) fn last_promised(&self) -> u64 {
        self.promised.values().copied().max().unwrap_or_default()
    }

    pub(super) fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    /// A member has lost its disk: what it promised is for the others to keep.
    pub(super) fn loses_disk(&mut self, member: usize) {
        self.promised.remove(&member);
    }

    /// A member has come back: what it promised is on its disk.
    pub(super) fn comes_back(&self, member: usize, view: &View) -> Result<(), Violation> {
        let (height, promised) = (view.tip().header.height, self.promised.get(&member));
        if promised.is_some_and(|promised| height < *promised) {
            let what = format!("a block (its tip is {height})");
            return Err(Violation::Lost { member, what });
        }
        Ok(())
    }

    /// A vote of a liar arrives in the round that a member is in: two of a step will be found.
    pub(super) fn hears(
        &mut self,
        (member, run, height): (usize, u64, u64),
        liar: PublicKey,
        (round, precommit): (i64, bool),
        block: Option<Hash>,
    ) {
        let step = (member, run, height, liar, round, precommit);
        self.heard.entry(step).or_default().insert(block);
    }

    /// A height is over at a member.
    pub(super) fn over(
        &mut self,
        (member, run, height): (usize, u64, u64),
        accused: &BTreeSet<PublicKey>,
        liars: &BTreeSet<PublicKey>,
    ) -> Result<(), Violation> {
        if let Some(accused) = accused.iter().find(|accused| !liars.contains(accused)) {
            return Err(Violation::Accused { member, accused: *accused, height });
        }
        self.found.extend(accused);
        for ((_, _, _, liar, _, _), blocks) in self
            .heard
            .iter()
            .filter(|((who, of, at, ..), _)| (*who, *of, *at) == (member, run, height))
        {
            if blocks.len() > 1 && !accused.contains(liar) {
                return Err(Violation::NotFound { member, liar: *liar, height });
            }
        }
        self.heard.retain(|(who, _, at, ..), _| *who != member || *at > height);
        Ok(())
    }

    /// Everything acknowledged stands in a member's log, in the block that was decided.
    pub(super) fn holds_all(&self, member: usize, view: &View) -> Result<(), Violation> {
        for (id, Acknowledged { position, height }) in &self.acknowledged {
            let place = view.place(*position).ok();
            if place.is_none_or(|place| place.id != *id || place.height != *height) {
                let what = format!("the transition {id} at position {position}");
                return Err(Violation::Lost { member, what });
            }
        }
        Ok(())
    }

    /// A member's disk holds what was decided and nothing else.
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
        let decided = self.decided.get(&(report.blocks - 1));
        if report.blocks > 1 && decided != Some(&report.tip) {
            return Err(wrong(format!("block {} is not what was decided", report.blocks - 1)));
        }
        Ok(())
    }
}
