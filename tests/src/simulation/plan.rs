//! What a seed means: who takes part, who lies and how, and what goes wrong when.

use std::collections::BTreeSet;

use chancery_ledger::genesis::{Consensus, Genesis, RootAuthority, Statement};
use chancery_ledger::hash::Hash;
use chancery_ledger::key::SecretKey;
use chancery_ledger::seal::{Pool, Validator};

use super::network::Ways;
use crate::damage::Random;
use crate::small_ledger::time;

/// A change to the protocol that the invariants must notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mutant {
    /// The protocol as it is.
    #[default]
    None,
    /// More than half of the power decides.
    HalfDecides,
    /// A member that restarts has forgotten what it signed.
    ForgetsItsVotes,
}

/// How a member lies. Everybody may do several of these at once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lies {
    /// Two votes in one step.
    pub(super) two_votes: bool,
    /// Two blocks in one round.
    pub(super) two_blocks: bool,
    /// Blocks that are not what the rules make of their transitions.
    pub(super) bad_blocks: bool,
    /// Many good blocks in one round.
    pub(super) many_blocks: bool,
    /// Some of what it should send is not sent.
    pub(super) withholds: bool,
    /// Bytes that are nothing.
    pub(super) garbage: bool,
    /// Heights that it has not reached, and decided blocks that are not.
    pub(super) false_history: bool,
}

/// Something that goes wrong at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// A member's disk fails after so many more changes: the member stops there, and comes back.
    Stop(Stopped),
    /// The members with a bit set here reach only each other, and so do the others.
    Split {
        /// Who stands on one side, as bits.
        side: u32,
        /// For how long.
        for_ms: u64,
    },
    /// The root authority appoints one of the plan's later pools.
    Appoints(usize),
    /// A member's clock is set.
    Clock {
        /// Whose.
        member: usize,
        /// How far it is off.
        off_ms: i64,
    },
}

/// How a member stops and what is left of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopped {
    pub(super) member: usize,
    /// Changes to the disk that still succeed.
    pub(super) after_changes: u64,
    pub(super) how: How,
    pub(super) for_ms: u64,
}

/// What a stop leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// The process ends: what was written stays.
    Process,
    /// The power fails: what was not synced may be gone.
    Power,
    /// The disk is full or dying until the member comes back.
    Disk,
    /// The disk is lost.
    Wiped,
}

/// A run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Everything follows from this.
    pub seed: u64,
    /// What was broken on purpose.
    pub mutant: Mutant,
    pub(super) powers: Vec<u32>,
    /// Powers of pools that are appointed later; one without power is no member.
    pub(super) later: Vec<Vec<u32>>,
    pub(super) lies: Vec<Option<Lies>>,
    pub(super) ways: Ways,
    pub(super) client_every_ms: u64,
    pub(super) heals_at_ms: u64,
    pub(super) faults: Vec<(u64, Fault)>,
}

impl Plan {
    /// What this seed means.
    pub fn of_seed(seed: u64, mutant: Mutant) -> Self {
        let mut random = Random::from_seed(seed ^ 0x5EED_2026);
        let members = match mutant {
            // With four, more than half is as many as more than two thirds.
            Mutant::HalfDecides => 5,
            Mutant::None | Mutant::ForgetsItsVotes => 4 + random.below(4),
        };
        let powers = powers(members, mutant, &mut random);
        let lies = liars(&powers, mutant, &mut random);
        let heals_at_ms = 4_000 + between(&mut random, 0, 6_000);
        let mut plan = Self {
            seed,
            mutant,
            ways: Ways::drawn(&mut random),
            client_every_ms: between(&mut random, 40, 200),
            heals_at_ms,
            faults: Vec::new(),
            later: Vec::new(),
            powers,
            lies,
        };
        plan.later = plan.later_pools(&mut random);
        plan.faults = plan.faults_until(heals_at_ms, &mut random);
        plan
    }

    /// A run without any fault but the lies of one of four members.
    pub fn calm_but_for_a_liar(seed: u64) -> Self {
        let lies = Lies { two_votes: true, two_blocks: true, ..Lies::default() };
        Self {
            seed,
            mutant: Mutant::None,
            powers: vec![1; 4],
            later: Vec::new(),
            lies: vec![None, None, None, Some(lies)],
            ways: Ways::GOOD,
            client_every_ms: 100,
            heals_at_ms: 4_000,
            faults: Vec::new(),
        }
    }

    pub(super) fn members(&self) -> usize {
        self.powers.len()
    }

    /// The key of a member.
    pub(super) fn key(&self, member: usize) -> SecretKey {
        let (seed, member) = (self.seed.to_be_bytes(), (member as u64).to_be_bytes());
        SecretKey::from_seed(Hash::of(&[b"a simulated member", &seed, &member]).as_bytes())
    }

    /// The root authority's key.
    pub(super) fn root_key(&self) -> SecretKey {
        self.key(usize::MAX)
    }

    /// The genesis of the run's ledger.
    ///
    /// # Panics
    /// Never: what it states is sound.
    #[allow(clippy::expect_used)]
    pub(super) fn genesis(&self) -> Genesis {
        let validator = |(member, power): (usize, &u32)| Validator {
            name: format!("member {member}"),
            key: self.key(member).public(),
            power: *power,
        };
        let statement = Statement {
            version: 1,
            name: format!("Simulation {}", self.seed),
            created: time(0),
            root: RootAuthority { threshold: 1, keys: vec![self.root_key().public()] },
            consensus: Consensus::Pool(Pool {
                validators: self.powers.iter().enumerate().map(validator).collect(),
            }),
            transition_window_ms: 7 * 24 * 60 * 60 * 1000,
        };
        Genesis::found(&statement).expect("the statement is sound")
    }

    /// Whether these members together are few enough that the others must agree and go on.
    pub(super) fn may_fail(&self, members: &BTreeSet<usize>) -> bool {
        let mut pools = [&self.powers].into_iter().chain(&self.later);
        pools.all(|powers| few(powers, members))
    }

    /// Pools with a member less or other powers, in which those that lie are few as well.
    fn later_pools(&self, random: &mut Random) -> Vec<Vec<u32>> {
        let liars = (0..self.members()).filter(|member| self.lies[*member].is_some()).collect();
        let mut pools = Vec::new();
        for _ in 0..random.below(3) {
            let mut powers = self.powers.clone();
            powers[random.below(self.members())] = random.below(3) as u32;
            let members = powers.iter().filter(|power| **power > 0).count();
            if self.mutant == Mutant::None && members >= 4 && few(&powers, &liars) {
                pools.push(powers);
            }
        }
        pools
    }

    fn honest(&self) -> Vec<usize> {
        (0..self.members()).filter(|member| self.lies[*member].is_none()).collect()
    }

    fn faults_until(&self, end_ms: u64, random: &mut Random) -> Vec<(u64, Fault)> {
        let honest = self.honest();
        let mut faults = Vec::new();
        let stops = match self.mutant {
            Mutant::ForgetsItsVotes => 12,
            Mutant::HalfDecides => 0,
            Mutant::None => random.below(8),
        };
        for _ in 0..stops {
            let stopped = Stopped {
                member: honest[random.below(honest.len())],
                after_changes: between(random, 0, 40),
                how: [How::Process, How::Power, How::Power, How::Disk, How::Wiped][random.below(5)],
                for_ms: between(random, 50, 2_500),
            };
            faults.push((between(random, 200, end_ms), Fault::Stop(stopped)));
        }
        for _ in 0..random.below(4) {
            let side = random.number() as u32;
            let for_ms = between(random, 100, 2_000);
            faults.push((between(random, 200, end_ms), Fault::Split { side, for_ms }));
        }
        for pool in 0..self.later.len() {
            faults.push((between(random, 500, end_ms), Fault::Appoints(pool)));
        }
        for _ in 0..random.below(3) {
            let member = random.below(self.members());
            let off_ms = between(random, 0, 3_000) as i64 - 1_500;
            faults.push((between(random, 200, end_ms), Fault::Clock { member, off_ms }));
        }
        faults
    }
}

fn few(powers: &[u32], members: &BTreeSet<usize>) -> bool {
    let failing: u64 = members.iter().map(|member| u64::from(powers[*member])).sum();
    failing * 3 < powers.iter().map(|power| u64::from(*power)).sum()
}

pub(super) fn between(random: &mut Random, low: u64, high: u64) -> u64 {
    low + random.number() % (high - low + 1)
}

fn powers(members: usize, mutant: Mutant, random: &mut Random) -> Vec<u32> {
    if mutant != Mutant::None || random.below(3) > 0 {
        return vec![1; members];
    }
    (0..members).map(|_| 1 + random.below(5) as u32).collect()
}

/// Who lies: as many as may without more than a third of the power, or fewer.
fn liars(powers: &[u32], mutant: Mutant, random: &mut Random) -> Vec<Option<Lies>> {
    let mut lies = vec![None; powers.len()];
    let wanted = match mutant {
        Mutant::HalfDecides => 1,
        Mutant::ForgetsItsVotes => 0,
        Mutant::None => random.below(3),
    };
    let all: u64 = powers.iter().map(|power| u64::from(*power)).sum();
    let mut lying = 0;
    for _ in 0..wanted {
        let member = random.below(powers.len());
        let power = u64::from(powers[member]);
        if lies[member].is_none() && (lying + power) * 3 < all {
            lying += power;
            lies[member] = Some(lies_of(mutant, random));
        }
    }
    lies
}

fn lies_of(mutant: Mutant, random: &mut Random) -> Lies {
    let mut some = || random.below(5) < 2;
    Lies {
        two_votes: some() || mutant == Mutant::HalfDecides,
        two_blocks: some() || mutant == Mutant::HalfDecides,
        bad_blocks: some(),
        many_blocks: some(),
        withholds: some(),
        garbage: some(),
        false_history: some(),
    }
}
