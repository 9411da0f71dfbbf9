//! UPU S10: the number of a postal item, from RB 1234 5678 5 GB.

use std::fmt;
use std::str::FromStr;

use super::check::Check;
use super::{countries, or_nothing, without_spaces};

/// Two letters of service, eight digits, a check digit and the country of the issuing post
/// (UPU standard S10). Written without spaces.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct S10([u8; LENGTH]);

/// How many characters an S10 has.
pub(super) const LENGTH: usize = 13;

/// Which rule of S10 a text breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotS10 {
    /// Not two capital letters, nine digits and two capital letters.
    #[error("an S10 is two capital letters, nine digits and two capital letters")]
    Shape,
    /// The check digit does not follow from the eight digits before it.
    #[error("the S10's check digit is {stated}; behind these eight digits it would be {}", or_nothing(*.right))]
    CheckDigit {
        /// What stands there.
        stated: char,
        /// What would be right.
        right: Option<char>,
    },
    /// The last two letters are no country.
    #[error("the S10 ends in {0}, which is no ISO 3166-1 country code")]
    Country(String),
}

impl S10 {
    /// The service indicator: the first two letters.
    pub fn service(&self) -> &str {
        self.part(0, 2)
    }

    /// The country of the post that issued the number (ISO 3166-1 alpha-2).
    pub fn country(&self) -> &str {
        self.part(11, 13)
    }

    fn part(&self, from: usize, to: usize) -> &str {
        // Only ASCII comes through the door.
        std::str::from_utf8(&self.0[from..to]).unwrap_or_default()
    }
}

impl FromStr for S10 {
    type Err = NotS10;

    fn from_str(text: &str) -> Result<Self, NotS10> {
        let text = without_spaces(text);
        let bytes: [u8; LENGTH] = text.as_bytes().try_into().map_err(|_| NotS10::Shape)?;
        let letters = |part: &[u8]| part.iter().all(u8::is_ascii_uppercase);
        let digits = bytes[2..11].iter().all(u8::is_ascii_digit);
        if !digits || !letters(&bytes[..2]) || !letters(&bytes[11..]) {
            return Err(NotS10::Shape);
        }
        let (stated, right) = (char::from(bytes[10]), Check::S10.right_for(&text[2..10]));
        if right != Some(stated) {
            return Err(NotS10::CheckDigit { stated, right });
        }
        if !countries::is_country(&text[11..]) {
            return Err(NotS10::Country(text[11..].to_owned()));
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for S10 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.part(0, LENGTH))
    }
}

impl fmt::Debug for S10 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
