//! Exact decimals with at most ten decimal places, as the Open Cap Format's Numeric has them.

use std::fmt;
use std::str::FromStr;

use super::{Ratio, as_text};

/// The most decimal places.
pub const MAX_DECIMALS: u8 = 10;
/// The most digits before the point.
const MAX_WHOLE_DIGITS: usize = 15;
const ATOMS_PER_ONE: u128 = 10_u128.pow(MAX_DECIMALS as u32);
const MOST_ATOMS: u128 = 10_u128.pow(MAX_WHOLE_DIGITS as u32) * ATOMS_PER_ONE - 1;

/// An exact decimal of at least nothing: up to 15 digits before the point and 10 behind it.
///
/// Written without a sign and without leading zeros; zeros at the end are taken and not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal {
    /// How many times 10^-10.
    atoms: u128,
}

/// What a text must be to be a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a decimal is 1 to 15 digits, and behind a point 1 to 10 more, as in 1250 or 0.0001")]
pub struct NotADecimal;

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self { atoms: 0 };
    /// The most that there can be.
    pub const MOST: Self = Self { atoms: MOST_ATOMS };

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.atoms == 0
    }

    /// So many times 10^-`decimals`; `None` beyond the bounds.
    pub fn of_units(units: u128, decimals: u8) -> Option<Self> {
        let atoms = units.checked_mul(atoms_per_unit(decimals)?)?;
        (atoms <= MOST_ATOMS).then_some(Self { atoms })
    }

    /// How many times 10^-`decimals` it is; `None` when it is finer than that.
    pub fn units(self, decimals: u8) -> Option<u128> {
        let unit = atoms_per_unit(decimals)?;
        self.atoms.is_multiple_of(unit).then(|| self.atoms / unit)
    }

    /// The places behind the point that it needs, from 0 to 10.
    pub fn decimals(self) -> u8 {
        (0..MAX_DECIMALS).find(|places| self.units(*places).is_some()).unwrap_or(MAX_DECIMALS)
    }

    /// The sum; `None` beyond the bounds.
    pub fn plus(self, other: Self) -> Option<Self> {
        let atoms = self.atoms + other.atoms;
        (atoms <= MOST_ATOMS).then_some(Self { atoms })
    }

    /// The difference; `None` below nothing.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.atoms.checked_sub(other.atoms).map(|atoms| Self { atoms })
    }

    /// The product with a ratio, rounded down to a number of decimals, and whether nothing was lost
    /// by that. `None` beyond the bounds.
    pub fn times(self, ratio: Ratio, decimals: u8) -> Option<(Self, bool)> {
        // Below 10^25 times at most 10^12: within 128 bits.
        let product = self.atoms * u128::from(ratio.numerator());
        let unit = atoms_per_unit(decimals)? * u128::from(ratio.denominator());
        let atoms = product / unit * atoms_per_unit(decimals)?;
        (atoms <= MOST_ATOMS).then_some((Self { atoms }, product.is_multiple_of(unit)))
    }
}

fn atoms_per_unit(decimals: u8) -> Option<u128> {
    Some(10_u128.pow(u32::from(MAX_DECIMALS.checked_sub(decimals)?)))
}

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return Err(NotADecimal),
            Some((whole, fraction)) => (whole, fraction),
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let padded = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty()
            || whole.len() > MAX_WHOLE_DIGITS
            || fraction.len() > usize::from(MAX_DECIMALS)
            || padded
            || !digits(whole)
            || !digits(fraction)
        {
            return Err(NotADecimal);
        }
        let atoms = format!("{whole}{fraction:0<10}").parse().map_err(|_| NotADecimal)?;
        Ok(Self { atoms })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.atoms / ATOMS_PER_ONE, self.atoms % ATOMS_PER_ONE);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole}.{}", format!("{fraction:010}").trim_end_matches('0'))
    }
}

as_text!(
    Decimal,
    "EquityDecimal",
    "^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,10})?$",
    "An exact decimal: up to 15 digits before the point and 10 behind it",
    "1250.5"
);

/// A decimal of more than nothing: how many shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(Decimal);

/// What a text must be to be a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAQuantity {
    /// No decimal.
    #[error(transparent)]
    Shape(#[from] NotADecimal),
    /// Nothing.
    #[error("a quantity is more than nothing")]
    Zero,
}

impl Quantity {
    /// The number.
    pub fn get(self) -> Decimal {
        self.0
    }

    /// The sum; `None` beyond the bounds.
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.plus(other.0).map(Self)
    }
}

impl TryFrom<Decimal> for Quantity {
    type Error = NotAQuantity;

    fn try_from(decimal: Decimal) -> Result<Self, NotAQuantity> {
        if decimal.is_zero() { Err(NotAQuantity::Zero) } else { Ok(Self(decimal)) }
    }
}

impl FromStr for Quantity {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        text.parse::<Decimal>()?.try_into()
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

as_text!(
    Quantity,
    "EquityQuantity",
    "^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,10})?$",
    "How many shares: an exact decimal of more than nothing, up to 15 digits before the point and 10 behind it",
    "5000"
);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn decimals_read_as_they_are_written() {
        for text in ["0", "1", "0.0000000001", "999999999999999.9999999999", "1250.5"] {
            assert_eq!(decimal(text).to_string(), text);
        }
        assert_eq!(decimal("100000.00").to_string(), "100000");
        assert_eq!(decimal("0.10").to_string(), "0.1");
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in [
            "",
            "-1",
            "+1",
            ".5",
            "5.",
            "1e3",
            "01",
            "00",
            "1,000",
            " 1",
            "1.00000000001",
            "1000000000000000",
            "1.2.3",
            "１",
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(NotADecimal), "{text:?}");
        }
        assert_eq!("0.0".parse::<Quantity>(), Err(NotAQuantity::Zero));
    }

    #[test]
    fn sums_stay_within_the_bounds() {
        let most = decimal("999999999999999.9999999999");
        assert_eq!(most.plus(decimal("0.0000000001")), None);
        assert_eq!(decimal("0.1").plus(decimal("0.2")), Some(decimal("0.3")));
        assert_eq!(decimal("1").minus(decimal("1.1")), None);
        assert_eq!(most.times("2:1".parse().unwrap(), 0), None);
    }

    #[test]
    fn a_product_says_whether_it_came_out_even() {
        let third: Ratio = "1:3".parse().unwrap();
        assert_eq!(decimal("9").times(third, 0), Some((decimal("3"), true)));
        assert_eq!(decimal("10").times(third, 0), Some((decimal("3"), false)));
        assert_eq!(decimal("10").times(third, 2), Some((decimal("3.33"), false)));
    }

    #[test]
    fn units_count_in_the_smallest_part() {
        assert_eq!(decimal("12.5").units(2), Some(1250));
        assert_eq!(decimal("12.5").units(0), None);
        assert_eq!(decimal("12.5").decimals(), 1);
        assert_eq!(Decimal::of_units(1250, 2), Some(decimal("12.5")));
    }
}
