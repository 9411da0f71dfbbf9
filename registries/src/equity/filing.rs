//! What an issuer files without the register needing a rule for it, and the index of what an issuer has.

use std::fmt;
use std::str::FromStr;

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::issuer::{is_scoped, scoped};
use super::numbers::as_text;
use crate::shape::Described;
use crate::text::{Date, LocalId};

/// Vesting terms, a vesting event, a legend, a valuation: what it says is behind the commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Filing {
    /// Whose.
    pub issuer: PartyId,
    /// The id that the issuer gave it.
    pub filing: LocalId,
    /// What it is, by its type in the Open Cap Format.
    pub what: FilingType,
    /// The security or instrument that it is about.
    pub about: Option<LocalId>,
    /// The party that it is about.
    pub party: Option<PartyId>,
    /// The day that it states.
    pub date: Option<Date>,
    /// When it was filed.
    pub filed: Time,
    /// The commitment to it.
    pub record: Hash,
}

/// A type of object of the Open Cap Format: `VESTING_TERMS`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilingType(String);

/// What a text must be to be a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a type is 1 to 64 of A-Z 0-9 _ and begins with a letter, as in VESTING_TERMS")]
pub struct NotAFilingType;

impl FilingType {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FilingType {
    type Err = NotAFilingType;

    fn from_str(text: &str) -> Result<Self, NotAFilingType> {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_uppercase());
        if begins && text.len() <= 64 && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAFilingType)
        }
    }
}

impl fmt::Display for FilingType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

as_text!(
    FilingType,
    "EquityFilingType",
    "^[A-Z][A-Z0-9_]{0,63}$",
    "A type of object of the Open Cap Format",
    "VESTING_TERMS"
);

impl Object for Filing {
    const REGISTER: &'static str = "equity";
    const KIND: &'static str = "filing";

    fn id(&self) -> String {
        scoped(&self.issuer, &self.filing)
    }
}

impl Described for Filing {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.vesting-1";

    fn is_id(text: &str) -> bool {
        is_scoped(text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        let party = self.party.map(|party| ("party", party));
        std::iter::once(("issuer", self.issuer)).chain(party).collect()
    }
}

/// A part of the index of all instruments or filings that an issuer ever had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IssuerIndex {
    /// Whose.
    pub issuer: PartyId,
    /// Of what.
    pub of: Indexed,
    /// Which part, from 0.
    pub part: u64,
    /// Their ids in the order in which they came; at most 128.
    pub ids: Vec<LocalId>,
}

/// What is in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = EquityIndexed)]
pub enum Indexed {
    /// Convertibles, warrants, options and the like.
    Instruments,
    /// Filings.
    Filings,
}

impl fmt::Display for Indexed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Instruments => "instruments",
            Self::Filings => "filings",
        })
    }
}

impl IssuerIndex {
    /// The id of a part of an issuer's index.
    pub fn id_of(issuer: &PartyId, of: Indexed, part: u64) -> String {
        format!("{issuer}.{of}.{part}")
    }
}

impl Object for IssuerIndex {
    const REGISTER: &'static str = "equity";
    const KIND: &'static str = "issuer-index";

    fn id(&self) -> String {
        Self::id_of(&self.issuer, self.of, self.part)
    }
}

impl Described for IssuerIndex {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.instruments.0";

    fn is_id(text: &str) -> bool {
        let mut words = text.split('.');
        let (issuer, of, part) = (words.next(), words.next(), words.next());
        let number = |part: &str| part.parse::<u64>().is_ok_and(|it| it.to_string() == part);
        issuer.is_some_and(|issuer| issuer.parse::<PartyId>().is_ok())
            && matches!(of, Some("instruments" | "filings"))
            && part.is_some_and(number)
            && words.next().is_none()
    }
}
