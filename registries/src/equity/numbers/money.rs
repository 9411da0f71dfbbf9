//! Amounts of money in a currency of ISO 4217.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Decimal, Quantity, as_text};

/// An amount of money of more than nothing.
pub type Amount = Quantity;

/// An amount in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityMoney)]
pub struct Money {
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// The amount in the currency's smallest unit; `None` when it is finer than that, or too much
    /// for 64 bits.
    pub fn minor_units(self) -> Option<u64> {
        self.amount.get().units(self.currency.decimals()).and_then(|units| units.try_into().ok())
    }
}

/// A currency by its code in ISO 4217: three capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// What a text must be to be a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is the three capital letters of ISO 4217, as in USD")]
pub struct NotACurrency;

/// Currencies whose smallest unit is not the hundredth, with its decimals (ISO 4217, table A.1).
const OTHER_DECIMALS: &[(u8, &[&[u8; 3]])] = &[
    (
        0,
        &[
            b"BIF", b"CLP", b"DJF", b"GNF", b"ISK", b"JPY", b"KMF", b"KRW", b"PYG", b"RWF", b"UGX",
            b"UYI", b"VND", b"VUV", b"XAF", b"XOF", b"XPF",
        ],
    ),
    (3, &[b"BHD", b"IQD", b"JOD", b"KWD", b"LYD", b"OMR", b"TND"]),
    (4, &[b"CLF", b"UYW"]),
];

impl Currency {
    /// The decimals of its smallest unit.
    pub fn decimals(self) -> u8 {
        let other = OTHER_DECIMALS.iter().find(|(_, codes)| codes.contains(&&self.0));
        other.map_or(2, |(decimals, _)| *decimals)
    }

    /// So many of its smallest units as a decimal; `None` beyond the bounds.
    pub fn of_minor_units(self, units: u64) -> Option<Decimal> {
        Decimal::of_units(units.into(), self.decimals())
    }
}

impl FromStr for Currency {
    type Err = NotACurrency;

    fn from_str(text: &str) -> Result<Self, NotACurrency> {
        let letters: [u8; 3] = text.as_bytes().try_into().map_err(|_| NotACurrency)?;
        if letters.iter().all(u8::is_ascii_uppercase) {
            Ok(Self(letters))
        } else {
            Err(NotACurrency)
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

as_text!(Currency, "EquityCurrency", "^[A-Z]{3}$", "A currency's code in ISO 4217", "USD");

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn money(amount: &str, currency: &str) -> Money {
        Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() }
    }

    #[test]
    fn each_currency_has_its_smallest_unit() {
        assert_eq!(money("10.50", "USD").minor_units(), Some(1050));
        assert_eq!(money("10", "JPY").minor_units(), Some(10));
        assert_eq!(money("10.5", "JPY").minor_units(), None);
        assert_eq!(money("1.005", "KWD").minor_units(), Some(1005));
        assert_eq!(money("999999999999999", "CLF").minor_units(), Some(9_999_999_999_999_990_000));
    }

    #[test]
    fn what_is_no_currency_is_refused() {
        for text in ["", "US", "usd", "USDT", "U1D", "ÄB"] {
            assert_eq!(text.parse::<Currency>(), Err(NotACurrency), "{text:?}");
        }
    }
}
