//! Amounts of work, added up without loss.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use ruint::Uint;
use ruint::aliases::U256;
use serde::{Serialize, Serializer};

/// A number of hashes, on the average, that blocks stand for; a decimal text in JSON.
///
/// One block stands for less than 2^256, so 320 bits hold the sum of as many as heights can count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkSum(Uint<320, 5>);

impl WorkSum {
    /// No work at all.
    pub const ZERO: Self = Self(Uint::ZERO);

    pub(super) fn of_target(target: U256) -> Self {
        let hashes_below = Uint::<320, 5>::from(target) + Uint::ONE;
        Self((Uint::ONE << 256) / hashes_below)
    }
}

impl Add for WorkSum {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sum for WorkSum {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for WorkSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for WorkSum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
