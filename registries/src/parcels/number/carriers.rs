//! What the numbers of known carriers look like, and which check digit stands behind them.

mod table;

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::check::Check;
use super::{countries, or_nothing, without_spaces};
pub use table::FORMATS;

/// A format in which a carrier numbers its parcels.
#[derive(Debug)]
pub struct CarrierFormat {
    /// The carrier: `fedex`.
    pub carrier: &'static str,
    /// The format, unique in the table: `fedex-ground`.
    pub name: &'static str,
    /// A regular expression for the whole number without spaces. Group `n` is what the check
    /// character is reckoned from, `c` the check character, `country` a country code.
    shape: &'static str,
    /// What counts in front of group `n` though it is not written.
    unwritten: &'static str,
    /// How the check character follows.
    check: Check,
}

/// A reading of a text as a carrier's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// The carrier.
    pub carrier: &'static str,
    /// The format.
    pub format: &'static str,
    /// Whether the number is a valid one of the format, or what is wrong with it.
    pub valid: Result<(), WhatIsWrong>,
}

/// What keeps a number of the right shape from being valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhatIsWrong {
    /// The check character does not follow from the others.
    #[error("the check character is {stated}; it would be {}", or_nothing(*.right))]
    CheckCharacter {
        /// What stands there.
        stated: char,
        /// What would be right.
        right: Option<char>,
    },
    /// The country is none.
    #[error("{0} is no ISO 3166-1 country code")]
    Country(String),
}

/// Every format that the text has the shape of, in the order of the table.
pub fn recognise(text: &str) -> Vec<Recognised> {
    let number = without_spaces(text);
    FORMATS
        .iter()
        .zip(SHAPES.iter())
        .filter_map(|(format, shape)| format.judge(shape.as_ref(), &number))
        .collect()
}

// The state of a compiled table is a value of the source alone; a test sees that every one compiles.
static SHAPES: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| {
    FORMATS.iter().map(|format| Regex::new(&format!("^(?:{})$", format.shape)).ok()).collect()
});

impl CarrierFormat {
    fn judge(&self, shape: Option<&Regex>, number: &str) -> Option<Recognised> {
        let groups = shape?.captures(number)?;
        let group = |name| groups.name(name).map(|found| found.as_str());
        let valid = self
            .check_character_follows(group("n").unwrap_or_default(), group("c"))
            .and_then(|()| country_is_one(group("country")));
        Some(Recognised { carrier: self.carrier, format: self.name, valid })
    }

    fn check_character_follows(&self, n: &str, c: Option<&str>) -> Result<(), WhatIsWrong> {
        let Some(stated) = c.and_then(|c| c.chars().next()) else { return Ok(()) };
        let right = self.check.right_for(&format!("{}{n}", self.unwritten));
        if right == Some(stated) {
            return Ok(());
        }
        Err(WhatIsWrong::CheckCharacter { stated, right })
    }
}

fn country_is_one(country: Option<&str>) -> Result<(), WhatIsWrong> {
    match country {
        Some(code) if !countries::is_country(code) => Err(WhatIsWrong::Country(code.to_owned())),
        _ => Ok(()),
    }
}

/// The name of a format of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FormatName(&'static str);

/// A text that names no format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no carrier format of the table; docs/registers/parcels.md lists them")]
pub struct NotAFormat;

impl FormatName {
    /// Whether the text is a valid number of this format. A format may have more than one shape.
    pub fn judge(self, text: &str) -> Option<Result<(), WhatIsWrong>> {
        let mut readings = recognise(text).into_iter().filter(|one| one.format == self.0);
        let first = readings.next()?.valid;
        if readings.any(|one| one.valid.is_ok()) { Some(Ok(())) } else { Some(first) }
    }
}

impl FromStr for FormatName {
    type Err = NotAFormat;

    fn from_str(text: &str) -> Result<Self, NotAFormat> {
        let known = FORMATS.iter().find(|format| format.name == text);
        known.map(|format| Self(format.name)).ok_or(NotAFormat)
    }
}

impl fmt::Display for FormatName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for FormatName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for FormatName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FormatName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_compiles() {
        for (format, shape) in FORMATS.iter().zip(SHAPES.iter()) {
            assert!(shape.is_some(), "{}", format.name);
        }
    }
}
