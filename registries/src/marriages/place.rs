//! The rules of a place, which stand in its registrar's accreditation.

use std::str::FromStr;

use crate::text::Parameters;

/// The parameter with the age in whole years from which one may marry: 1 to 99.
pub const MINIMUM_AGE_PARAMETER: &str = "minimum-age";
/// The parameter with how many witnesses sign: 0 to 8.
pub const WITNESSES_PARAMETER: &str = "witnesses";
/// The parameter with the degrees of kinship within which one may not marry, with a space between.
pub const PROHIBITED_DEGREES_PARAMETER: &str = "prohibited-degrees";

/// The age where the parameter is left out (general recommendation 21 on CEDAW article 16).
pub const DEFAULT_MINIMUM_AGE: u16 = 18;
/// The number of witnesses where the parameter is left out.
pub const DEFAULT_WITNESSES: u16 = 2;

/// The rules of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceRules {
    /// The age in whole years from which one may marry, on the day of the wedding.
    pub minimum_age: u16,
    /// How many witnesses must sign at least.
    pub witnesses: u16,
    /// The degrees of kinship within which one may not marry.
    pub prohibited_degrees: Vec<Degree>,
}

/// A degree of kinship that the ledger can know, by birth or by adoption alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Degree {
    /// One is a parent, grandparent or great-grandparent of the other.
    DirectLine,
    /// They have a parent in common.
    Siblings,
    /// A parent of one is a grandparent of the other.
    AuntUncle,
    /// They have a grandparent in common.
    Cousins,
    /// One is the other's guardian now.
    Ward,
}

impl Degree {
    /// The degrees where the parameter is left out.
    pub const DEFAULT: [Self; 2] = [Self::DirectLine, Self::Siblings];
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::DirectLine, Self::Siblings, Self::AuntUncle, Self::Cousins, Self::Ward];

    /// The word for it in the parameter.
    pub fn word(self) -> &'static str {
        match self {
            Self::DirectLine => "direct-line",
            Self::Siblings => "siblings",
            Self::AuntUncle => "aunt-uncle",
            Self::Cousins => "cousins",
            Self::Ward => "ward",
        }
    }
}

impl FromStr for Degree {
    type Err = UnreadableRule;

    fn from_str(text: &str) -> Result<Self, UnreadableRule> {
        let found = Self::ALL.into_iter().find(|degree| degree.word() == text);
        found.ok_or(UnreadableRule(PROHIBITED_DEGREES_PARAMETER))
    }
}

/// A parameter that is there and does not say what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {0} of the accreditation cannot be read")]
pub struct UnreadableRule(&'static str);

impl TryFrom<&Parameters> for PlaceRules {
    type Error = UnreadableRule;

    fn try_from(parameters: &Parameters) -> Result<Self, UnreadableRule> {
        let number = |name: &'static str, default: u16, least: u16, most: u16| {
            let Some(text) = parameters.get(name) else { return Ok(default) };
            let number = text.parse().ok().filter(|number| (least..=most).contains(number));
            number.ok_or(UnreadableRule(name))
        };
        let degrees = match parameters.get(PROHIBITED_DEGREES_PARAMETER) {
            None => Degree::DEFAULT.to_vec(),
            Some(words) => words.split(' ').map(str::parse).collect::<Result<_, _>>()?,
        };
        Ok(Self {
            minimum_age: number(MINIMUM_AGE_PARAMETER, DEFAULT_MINIMUM_AGE, 1, 99)?,
            witnesses: number(WITNESSES_PARAMETER, DEFAULT_WITNESSES, 0, 8)?,
            prohibited_degrees: degrees,
        })
    }
}
