//! The ways between members: slow, losing, doubling, and cut in two now and then.

use super::figures::Figures;
use super::plan::Plan;
use crate::damage::Random;

/// The ways between members as they are now.
pub(super) struct Links {
    loss_percent: u64,
    twice_percent: u64,
    late_percent: u64,
    delay_us: (u64, u64),
    split: Option<u32>,
}

/// How long a straggler takes.
const LATE_US: u64 = 1_500_000;

impl Links {
    pub(super) fn of(plan: &Plan) -> Self {
        Self {
            loss_percent: plan.loss_percent,
            twice_percent: plan.twice_percent,
            late_percent: plan.late_percent,
            delay_us: plan.delay_us,
            split: None,
        }
    }

    /// From now on only delays are left.
    pub(super) fn heal(&mut self) {
        self.loss_percent = 0;
        self.late_percent = 0;
        self.split = None;
    }

    pub(super) fn split(&mut self, side: Option<u32>) {
        self.split = side;
    }

    /// After how long a message arrives: once, twice or never.
    pub(super) fn arrivals_us(
        &self,
        from: usize,
        to: usize,
        random: &mut Random,
        figures: &mut Figures,
    ) -> Vec<u64> {
        let on_side = |member: usize, side: u32| side >> (member % 32) & 1;
        if self.split.is_some_and(|side| on_side(from, side) != on_side(to, side)) {
            figures.count("messages cut off by a partition");
            return Vec::new();
        }
        if percent(random, self.loss_percent) {
            figures.count("messages lost");
            return Vec::new();
        }
        let mut arrivals = vec![self.delay(random, figures)];
        if percent(random, self.twice_percent) {
            figures.count("messages doubled");
            arrivals.push(self.delay(random, figures));
        }
        arrivals
    }

    fn delay(&self, random: &mut Random, figures: &mut Figures) -> u64 {
        let (least, most) = self.delay_us;
        let late = percent(random, self.late_percent);
        if late {
            figures.count("messages late by up to 1.5 s");
        }
        let spread = if late { LATE_US } else { most - least };
        least + random.number() % (spread + 1)
    }
}

fn percent(random: &mut Random, percent: u64) -> bool {
    random.number() % 100 < percent
}
