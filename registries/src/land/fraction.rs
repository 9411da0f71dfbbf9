//! Exact fractions: shares of a title, whose sums are never rounded.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A part of a whole, more than nothing and at most all of it: `1/3`.
///
/// It is kept in lowest terms with a denominator of at most 2^53, so that any two can be added and
/// compared exactly in `u128`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fraction {
    numerator: u64,
    denominator: u64,
}

/// The largest denominator: the largest integer that every JSON reader keeps exactly.
pub const MAX_DENOMINATOR: u64 = 1 << 53;

/// Why a text or a sum is not a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAFraction {
    /// Not two whole numbers with a slash between them.
    #[error("a share is written NUMERATOR/DENOMINATOR in whole numbers, as in 1/3")]
    Form,
    /// Nothing, or more than the whole.
    #[error("a share is more than nothing and at most the whole, 1/1")]
    Range,
    /// In lowest terms the denominator is larger than it may be.
    #[error("in lowest terms the denominator would be larger than 2^53")]
    TooFine,
}

impl Fraction {
    /// All of it.
    pub const WHOLE: Self = Self { numerator: 1, denominator: 1 };

    /// So many of so many equal parts, in lowest terms.
    pub fn new(numerator: u64, denominator: u64) -> Result<Self, NotAFraction> {
        Self::reduced(numerator.into(), denominator.into())
    }

    /// The number of parts, in lowest terms.
    pub fn numerator(self) -> u64 {
        self.numerator
    }

    /// Into how many parts the whole is divided, in lowest terms.
    pub fn denominator(self) -> u64 {
        self.denominator
    }

    /// The two together.
    pub fn plus(self, other: Self) -> Result<Self, NotAFraction> {
        let (this, that, denominator) = self.over_common_denominator(other);
        Self::reduced(this + that, denominator)
    }

    /// What is left of it without the other: nothing where they are equal.
    pub fn minus(self, other: Self) -> Result<Option<Self>, NotAFraction> {
        let (this, that, denominator) = self.over_common_denominator(other);
        match this.checked_sub(that) {
            None => Err(NotAFraction::Range),
            Some(0) => Ok(None),
            Some(left) => Self::reduced(left, denominator).map(Some),
        }
    }

    /// The sum of these: an error as soon as it is more than the whole, and for none.
    pub fn sum(shares: impl IntoIterator<Item = Self>) -> Result<Self, NotAFraction> {
        let mut shares = shares.into_iter();
        let first = shares.next().ok_or(NotAFraction::Range)?;
        shares.try_fold(first, Self::plus)
    }

    /// Denominators are at most 2^53, so the products stay below 2^106 and their sum fits.
    fn over_common_denominator(self, other: Self) -> (u128, u128, u128) {
        let wide = u128::from;
        let this = wide(self.numerator) * wide(other.denominator);
        let that = wide(other.numerator) * wide(self.denominator);
        (this, that, wide(self.denominator) * wide(other.denominator))
    }

    fn reduced(numerator: u128, denominator: u128) -> Result<Self, NotAFraction> {
        if numerator == 0 || numerator > denominator {
            return Err(NotAFraction::Range);
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        let lowest = |term: u128| {
            u64::try_from(term / divisor)
                .ok()
                .filter(|term| *term <= MAX_DENOMINATOR)
                .ok_or(NotAFraction::TooFine)
        };
        Ok(Self { numerator: lowest(numerator)?, denominator: lowest(denominator)? })
    }
}

fn greatest_common_divisor(mut one: u128, mut other: u128) -> u128 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

impl FromStr for Fraction {
    type Err = NotAFraction;

    fn from_str(text: &str) -> Result<Self, NotAFraction> {
        let (numerator, denominator) = text.split_once('/').ok_or(NotAFraction::Form)?;
        let number = |digits: &str| {
            let plain =
                digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
            digits.parse().ok().filter(|_| plain).ok_or(NotAFraction::Form)
        };
        Self::new(number(numerator)?, number(denominator)?)
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Fraction {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[1-9][0-9]*/[1-9][0-9]*$"))
            .description(Some(
                "An exact share, NUMERATOR/DENOMINATOR, more than nothing and at most the whole",
            ))
            .examples(["1/3"])
            .into()
    }
}

impl ToSchema for Fraction {}
