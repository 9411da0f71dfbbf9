//! What a seed means: who mines with how much, who cheats and how, and what goes wrong when.

use chancery_ledger::genesis::{Consensus, Genesis, RootAuthority, Statement};
use chancery_ledger::hash::Hash;
use chancery_ledger::key::SecretKey;
use chancery_ledger::work::{Target, WorkRules};

use crate::damage::Random;
use crate::simulation::network::Ways;
use crate::simulation::plan::{How, Stopped, between};
use crate::small_ledger::time;

/// The time that should lie between two blocks.
pub(super) const SPACING_MS: u64 = 1_000;
/// How often a member looks for nonces.
pub(super) const TURN_US: u64 = 100_000;

/// A change to a member that the invariants must notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mutant {
    /// Members as they are.
    #[default]
    None,
    /// A branch counts by its length, not by its work.
    FollowsTheLongest,
    /// What stood in a block that lost waits no more.
    ForgetsWhatReturns,
    /// "Final" is said as soon as one block follows.
    SaysFinalTooEarly,
    /// A power cut takes the blocks along that were found here and told to others.
    LosesWhatItFound,
}

/// How a miner cheats. It may do several of these at once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lies {
    /// It keeps its blocks back and sends them when the others come near.
    pub(super) selfish: bool,
    /// Blocks and headers that break a rule.
    pub(super) forges: bool,
    /// It tells of its blocks and never gives them.
    pub(super) keeps_bodies: bool,
    /// It sends blocks and no headers.
    pub(super) keeps_headers: bool,
    /// Bytes that are nothing.
    pub(super) garbage: bool,
    /// Headers that lead nowhere, or leave below what is final.
    pub(super) false_headers: bool,
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
        /// For how long at most.
        for_ms: u64,
    },
    /// The same, until both sides have final blocks of their own.
    SplitForGood {
        /// Who stands on one side, as bits.
        side: u32,
    },
    /// A member's clock is set.
    Clock {
        /// Whose.
        member: usize,
        /// How far it is off.
        off_ms: i64,
    },
}

/// A run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Everything follows from this.
    pub seed: u64,
    /// What was broken on purpose.
    pub mutant: Mutant,
    /// How many nonces each member tries in a turn.
    pub(super) tries: Vec<u64>,
    pub(super) lies: Vec<Option<Lies>>,
    pub(super) final_depth: u32,
    pub(super) half_life_ms: u64,
    pub(super) ways: Ways,
    pub(super) client_every_ms: u64,
    pub(super) heals_at_ms: u64,
    pub(super) faults: Vec<(u64, Fault)>,
}

impl Plan {
    /// What this seed means.
    pub fn of_seed(seed: u64, mutant: Mutant) -> Self {
        if mutant == Mutant::None && seed.is_multiple_of(8) {
            return Self::cut_for_good(seed);
        }
        let mut random = Random::from_seed(seed ^ 0x5EED_2027);
        let members = 3 + random.below(5);
        let mut plan = Self::calm(seed, mutant, members, &mut random);
        plan.ways = Ways::drawn(&mut random);
        if mutant == Mutant::None {
            plan.draw_liars(&mut random);
        }
        plan.faults = plan.faults_until(plan.heals_at_ms, &mut random);
        plan
    }

    /// A run whose members are cut in two for longer than it takes to make blocks final.
    pub fn cut_for_good(seed: u64) -> Self {
        let mut random = Random::from_seed(seed ^ 0x5EED_2028);
        let members = 4 + random.below(4);
        let mut plan = Self::calm(seed, Mutant::None, members, &mut random);
        plan.ways = Ways::drawn(&mut random);
        let side = plan.even_side(&mut random);
        let cut = (between(&mut random, 2_000, 8_000), Fault::SplitForGood { side });
        let until_ms = plan.heals_at_ms;
        plan.faults = (0..random.below(4)).map(|_| plan.stop(until_ms, &mut random)).collect();
        for (_, fault) in &mut plan.faults {
            // A member that has lost everything may follow either side: it has nothing to hold on to.
            if let Fault::Stop(stopped) = fault
                && stopped.how == How::Wiped
            {
                stopped.how = How::Power;
            }
        }
        plan.faults.push(cut);
        plan
    }

    /// A run in which nothing goes wrong but that one of four members is a selfish miner with two
    /// fifths of the power.
    pub fn calm_but_for_a_selfish_miner(seed: u64) -> Self {
        let mut plan = Self::calm(seed, Mutant::None, 4, &mut Random::from_seed(seed));
        plan.tries = vec![2, 2, 2, 4];
        plan.lies[3] = Some(Lies { selfish: true, ..Lies::default() });
        plan.heals_at_ms = 40_000;
        plan
    }

    fn calm(seed: u64, mutant: Mutant, members: usize, random: &mut Random) -> Self {
        Self {
            seed,
            mutant,
            tries: (0..members).map(|_| between(random, 2, 5)).collect(),
            lies: vec![None; members],
            final_depth: between(random, 6, 10) as u32,
            half_life_ms: [20_000, 60_000, 120_000][random.below(3)],
            ways: Ways::GOOD,
            client_every_ms: between(random, 200, 900),
            heals_at_ms: between(random, 20_000, 50_000),
            faults: Vec::new(),
        }
    }

    pub(super) fn members(&self) -> usize {
        self.tries.len()
    }

    /// How long a branch may grow beside another before what is in the way between them is taken away:
    /// below what makes a block final, by so much that what is still on its way changes nothing.
    pub(super) fn apart_max(&self) -> u64 {
        u64::from(self.final_depth) - 3
    }

    /// Whether the members are cut in two for longer than it takes to make blocks final.
    pub(super) fn is_cut_for_good(&self) -> bool {
        self.faults.iter().any(|(_, fault)| matches!(fault, Fault::SplitForGood { .. }))
    }

    /// The rules of work: at the first target it takes all members about one spacing to find a block.
    ///
    /// # Panics
    /// Never: neither target is zero.
    #[allow(clippy::expect_used)]
    pub(super) fn rules(&self) -> WorkRules {
        let tries: u64 = self.tries.iter().sum();
        let hashes = tries * SPACING_MS * 1_000 / TURN_US;
        let target = |hashes: u64| {
            let mut bytes = [0xFF; 32];
            bytes[..8].copy_from_slice(&(u64::MAX / hashes.max(2)).to_be_bytes());
            Target::from_bytes(bytes).expect("it is not zero")
        };
        WorkRules {
            easiest_target: target(hashes / 8),
            first_target: target(hashes),
            spacing_ms: SPACING_MS,
            half_life_ms: self.half_life_ms,
            final_depth: self.final_depth,
        }
    }

    /// The genesis of the run's ledger.
    ///
    /// # Panics
    /// Never: what it states is sound.
    #[allow(clippy::expect_used)]
    pub(super) fn genesis(&self) -> Genesis {
        let root = SecretKey::from_seed(
            Hash::of(&[b"a simulated root", &self.seed.to_be_bytes()]).as_bytes(),
        );
        let statement = Statement {
            version: 1,
            name: format!("Simulation of work {}", self.seed),
            created: time(0),
            root: RootAuthority { threshold: 1, keys: vec![root.public()] },
            consensus: Consensus::Work(self.rules()),
            transition_window_ms: 7 * 24 * 60 * 60 * 1000,
        };
        Genesis::found(&statement).expect("the statement is sound")
    }

    /// Who cheats: miners with at most two fifths of the power between them.
    fn draw_liars(&mut self, random: &mut Random) {
        let all: u64 = self.tries.iter().sum();
        let mut lying = 0;
        for _ in 0..random.below(3) {
            let member = random.below(self.members());
            let tries = self.tries[member];
            let honest = self.lies.iter().filter(|lies| lies.is_none()).count();
            if self.lies[member].is_none() && (lying + tries) * 5 <= all * 2 && honest > 2 {
                lying += tries;
                self.lies[member] = Some(lies(random));
            }
        }
    }

    /// Members, as bits, that have about half of the power.
    fn even_side(&self, random: &mut Random) -> u32 {
        let all: u64 = self.tries.iter().sum();
        let off_half = |side: &u32| {
            let on_side = |member: &usize| side >> member & 1 == 1;
            let tries: u64 = (0..self.members()).filter(on_side).map(|it| self.tries[it]).sum();
            (tries * 2).abs_diff(all)
        };
        let sides = (0..20).map(|_| random.number() as u32);
        sides.min_by_key(off_half).unwrap_or(1)
    }

    fn stop(&self, until_ms: u64, random: &mut Random) -> (u64, Fault) {
        let honest: Vec<usize> =
            (0..self.members()).filter(|member| self.lies[*member].is_none()).collect();
        let stopped = Stopped {
            member: honest[random.below(honest.len())],
            after_changes: between(random, 0, 30),
            how: [How::Process, How::Power, How::Power, How::Disk, How::Wiped][random.below(5)],
            for_ms: between(random, 50, 8_000),
        };
        (between(random, 500, until_ms), Fault::Stop(stopped))
    }

    fn faults_until(&self, end_ms: u64, random: &mut Random) -> Vec<(u64, Fault)> {
        let (stops, splits) = match self.mutant {
            Mutant::LosesWhatItFound => (16, 0),
            Mutant::None => (random.below(8), random.below(4)),
            _ => (0, 6),
        };
        let mut faults: Vec<_> = (0..stops).map(|_| self.stop(end_ms, random)).collect();
        for _ in 0..splits {
            // Branches grow long where both sides have much of the power.
            let (side, for_ms) = match random.below(2) {
                0 => (random.number() as u32, between(random, 500, 10_000)),
                _ => (self.even_side(random), between(random, 5_000, 30_000)),
            };
            faults.push((between(random, 500, end_ms), Fault::Split { side, for_ms }));
        }
        for _ in 0..random.below(4) {
            let member = random.below(self.members());
            // A block's time may be ten spacings ahead: now and then a clock is off by more than that.
            let most_ms = [3_000, 3_000, 15_000][random.below(3)];
            let off_ms = between(random, 0, 2 * most_ms) as i64 - most_ms as i64;
            faults.push((between(random, 500, end_ms), Fault::Clock { member, off_ms }));
        }
        faults
    }
}

fn lies(random: &mut Random) -> Lies {
    let mut some = || random.below(5) < 2;
    Lies {
        selfish: some(),
        forges: some(),
        keeps_bodies: some(),
        keeps_headers: some(),
        garbage: some(),
        false_headers: some(),
    }
}
