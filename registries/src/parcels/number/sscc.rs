//! GS1 SSCC: the number of a logistic unit, a parcel or a pallet, in 18 digits.

use std::fmt;
use std::str::FromStr;

use super::check::Check;
use super::{or_nothing, without_spaces};

/// An extension digit, a company prefix with a serial reference, and a check digit (GS1 General
/// Specifications, AI 00). Written as 18 digits; read with or without `(00)` in front.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sscc([u8; LENGTH]);

const LENGTH: usize = 18;

/// What stands before an SSCC on a label.
pub(super) const APPLICATION_IDENTIFIER: &str = "(00)";

/// GS1 General Specifications 7.9.1: weights 3 and 1 by turns, beginning with 3.
const GS1: Check = Check::Mod10 { first: 3, second: 1 };

/// Which rule of the SSCC a text breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnSscc {
    /// Not 18 digits.
    #[error("an SSCC is 18 digits, with or without (00) in front")]
    Shape,
    /// The check digit does not follow from the 17 digits before it.
    #[error("the SSCC's check digit is {stated}; behind these 17 digits it would be {}", or_nothing(*.right))]
    CheckDigit {
        /// What stands there.
        stated: char,
        /// What would be right.
        right: Option<char>,
    },
}

impl FromStr for Sscc {
    type Err = NotAnSscc;

    fn from_str(text: &str) -> Result<Self, NotAnSscc> {
        let text = without_spaces(text);
        let digits = text.strip_prefix(APPLICATION_IDENTIFIER).unwrap_or(&text);
        let bytes: [u8; LENGTH] = digits.as_bytes().try_into().map_err(|_| NotAnSscc::Shape)?;
        if !bytes.iter().all(u8::is_ascii_digit) {
            return Err(NotAnSscc::Shape);
        }
        let stated = char::from(bytes[LENGTH - 1]);
        let right = GS1.right_for(&digits[..LENGTH - 1]);
        if right != Some(stated) {
            return Err(NotAnSscc::CheckDigit { stated, right });
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Sscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only digits come through the door.
        f.write_str(std::str::from_utf8(&self.0).unwrap_or_default())
    }
}

impl fmt::Debug for Sscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
