//! The ways between members: slow, losing, doubling, and cut in two now and then.

use super::figures::Figures;
use crate::damage::Random;

/// What the ways between members do to messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ways {
    /// Of a hundred messages so many are lost,
    pub(super) loss_percent: u64,
    /// so many arrive twice,
    pub(super) twice_percent: u64,
    /// and so many come late, and in another order.
    pub(super) late_percent: u64,
    /// How long the others take, at least and at most.
    pub(super) delay_us: (u64, u64),
}

impl Ways {
    /// Any ways: good ones, and such as lose every fifth message.
    pub(super) fn drawn(random: &mut Random) -> Self {
        Self {
            loss_percent: [0, 0, 2, 5, 10, 20][random.below(6)],
            twice_percent: [0, 2, 10][random.below(3)],
            late_percent: [0, 1, 5][random.below(3)],
            delay_us: (500, [2_000, 20_000, 80_000][random.below(3)]),
        }
    }

    /// Ways on which nothing goes wrong.
    pub(super) const GOOD: Self =
        Self { loss_percent: 0, twice_percent: 0, late_percent: 0, delay_us: (500, 2_000) };
}

/// The ways between members as they are now.
pub(super) struct Links {
    ways: Ways,
    split: Option<u32>,
}

/// How long a straggler takes.
const LATE_US: u64 = 1_500_000;

impl Links {
    pub(super) fn of(ways: Ways) -> Self {
        Self { ways, split: None }
    }

    /// From now on only delays are left.
    pub(super) fn heal(&mut self) {
        self.ways.loss_percent = 0;
        self.ways.late_percent = 0;
        self.split = None;
    }

    pub(super) fn split(&mut self, side: Option<u32>) {
        self.split = side;
    }

    pub(super) fn is_split(&self) -> bool {
        self.split.is_some()
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
        if percent(random, self.ways.loss_percent) {
            figures.count("messages lost");
            return Vec::new();
        }
        let mut arrivals = vec![self.delay(random, figures)];
        if percent(random, self.ways.twice_percent) {
            figures.count("messages doubled");
            arrivals.push(self.delay(random, figures));
        }
        arrivals
    }

    fn delay(&self, random: &mut Random, figures: &mut Figures) -> u64 {
        let (least, most) = self.ways.delay_us;
        let late = percent(random, self.ways.late_percent);
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
