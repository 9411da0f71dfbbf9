//! Ratios of new shares to old ones.

use std::fmt;
use std::str::FromStr;

use super::as_text;

/// The largest numerator and denominator, of the ratio in its lowest terms.
pub const MAX_TERM: u64 = 1_000_000_000_000;

/// How many new shares for how many old ones, in lowest terms: `2:1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: u64,
    denominator: u64,
}

/// What a text must be to be a ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ratio is NEW:OLD, two whole numbers from 1 to 1,000,000,000,000, as in 2:1")]
pub struct NotARatio;

impl Ratio {
    /// One for one.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// The ratio of two numbers, brought to its lowest terms.
    pub fn of(numerator: u128, denominator: u128) -> Result<Self, NotARatio> {
        let common = common_divisor(numerator, denominator);
        let term = |value: u128| {
            let term = u64::try_from(value.checked_div(common)?).ok()?;
            (1..=MAX_TERM).contains(&term).then_some(term)
        };
        let terms = term(numerator).zip(term(denominator));
        terms.map(|(numerator, denominator)| Self { numerator, denominator }).ok_or(NotARatio)
    }

    /// One ratio after the other.
    pub fn times(self, other: Self) -> Result<Self, NotARatio> {
        let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
        let numerator = product(self.numerator, other.numerator);
        Self::of(numerator, product(self.denominator, other.denominator))
    }

    /// The new shares.
    pub fn numerator(self) -> u64 {
        self.numerator
    }

    /// The old shares.
    pub fn denominator(self) -> u64 {
        self.denominator
    }

    /// Whether it changes nothing.
    pub fn is_one(self) -> bool {
        self.numerator == self.denominator
    }
}

fn common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl FromStr for Ratio {
    type Err = NotARatio;

    fn from_str(text: &str) -> Result<Self, NotARatio> {
        let (numerator, denominator) = text.split_once(':').ok_or(NotARatio)?;
        let term = |part: &str| {
            let digits = part.bytes().all(|byte| byte.is_ascii_digit()) && !part.starts_with('0');
            let value = part.parse::<u64>().ok().filter(|value| digits && *value <= MAX_TERM);
            value.map(u128::from).ok_or(NotARatio)
        };
        Self::of(term(numerator)?, term(denominator)?)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.numerator, self.denominator)
    }
}

as_text!(
    Ratio,
    "EquityRatio",
    "^[1-9][0-9]{0,12}:[1-9][0-9]{0,12}$",
    "How many new shares for how many old ones, each up to 1,000,000,000,000",
    "2:1"
);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_in_lowest_terms() {
        assert_eq!("100:20".parse::<Ratio>().unwrap().to_string(), "5:1");
        assert_eq!("3:2".parse::<Ratio>().unwrap().to_string(), "3:2");
        assert!("7:7".parse::<Ratio>().unwrap().is_one());
        assert_eq!(Ratio::of(0, 0), Err(NotARatio));
    }

    #[test]
    fn what_is_no_ratio_is_refused() {
        for text in
            ["", "2", "2:", ":1", "0:1", "1:0", "2:1:1", "-2:1", "2.5:1", "02:1", "1000000000001:1"]
        {
            assert_eq!(text.parse::<Ratio>(), Err(NotARatio), "{text:?}");
        }
    }
}
