//! What the register keeps of an issuer.

use std::fmt;
use std::str::FromStr;

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::class::Adjustment;
use super::numbers::{Decimal, as_text};
use crate::shape::Described;
use crate::text::{Date, LocalId, Name};

/// The most classes of one issuer.
pub const MAX_CLASSES: usize = 64;

/// The id of what an issuer has numbered itself: `ISSUER.LOCAL`.
pub fn scoped(issuer: &PartyId, local: &LocalId) -> String {
    format!("{issuer}.{local}")
}

/// Whether a text is an issuer's ID code, a full stop and a local id.
pub(super) fn is_scoped(text: &str) -> bool {
    text.split_once('.').is_some_and(|(issuer, local)| {
        issuer.parse::<PartyId>().is_ok() && local.parse::<LocalId>().is_ok()
    })
}

/// A company whose shares are registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Issuer {
    /// The organisation.
    pub issuer: PartyId,
    /// Its legal name.
    pub name: Name,
    /// The country of its formation.
    pub country: Country,
    /// When it was formed.
    pub formed: Date,
    /// The accreditation as an issuer that it was registered under, where it was not by a registrar.
    pub under: Option<LocalId>,
    /// The company registrar that registered it.
    pub registrar: Option<PartyId>,
    /// When it was registered here.
    pub registered: Time,
    /// How many shares of all classes together may be issued.
    pub authorised: Authorised,
    /// How many are.
    pub issued: Decimal,
    /// How many could be issued at first.
    pub initially_authorised: Authorised,
    /// How that has changed, the oldest first.
    pub adjustments: Vec<Adjustment>,
    /// Its classes, the oldest first.
    pub classes: Vec<LocalId>,
    /// Its stock plans, the oldest first.
    pub plans: Vec<LocalId>,
    /// Its vesting terms, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vesting_terms: Vec<LocalId>,
    /// How many instruments there ever were.
    pub instruments: u64,
    /// How many filings there are.
    pub filings: u64,
    /// The commitment to what is kept off the ledger about it.
    pub record: Option<Hash>,
}

impl Object for Issuer {
    const REGISTER: &'static str = "equity";
    const KIND: &'static str = "issuer";

    fn id(&self) -> String {
        self.issuer.to_string()
    }
}

impl Described for Issuer {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI";

    fn is_id(text: &str) -> bool {
        text.parse::<PartyId>().is_ok()
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        let registrar = self.registrar.map(|registrar| ("registrar", registrar));
        std::iter::once(("issuer", self.issuer)).chain(registrar).collect()
    }
}

/// How many shares may be issued: a decimal, `unlimited`, or `not-applicable`, which sets no bound
/// either (the Open Cap Format tells the two apart).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorised {
    /// As many as there are.
    Unlimited,
    /// The place has no such number.
    NotApplicable,
    /// So many.
    Shares(Decimal),
}

/// What a text must be to say how many shares are authorised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("authorised is a decimal such as 100000, or unlimited, or not-applicable")]
pub struct NotAuthorised;

impl Authorised {
    /// Whether so many may be issued.
    pub fn allows(self, issued: Decimal) -> bool {
        match self {
            Self::Unlimited | Self::NotApplicable => true,
            Self::Shares(most) => issued <= most,
        }
    }
}

impl FromStr for Authorised {
    type Err = NotAuthorised;

    fn from_str(text: &str) -> Result<Self, NotAuthorised> {
        match text {
            "unlimited" => Ok(Self::Unlimited),
            "not-applicable" => Ok(Self::NotApplicable),
            number => number.parse().map(Self::Shares).map_err(|_| NotAuthorised),
        }
    }
}

impl fmt::Display for Authorised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => f.write_str("unlimited"),
            Self::NotApplicable => f.write_str("not-applicable"),
            Self::Shares(number) => number.fmt(f),
        }
    }
}

as_text!(
    Authorised,
    "EquityAuthorised",
    "^(unlimited|not-applicable|(0|[1-9][0-9]{0,14})(\\.[0-9]{1,10})?)$",
    "How many shares may be issued: an exact decimal, `unlimited` or `not-applicable`",
    "1000000"
);

/// A country by its code in ISO 3166-1: two capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country([u8; 2]);

/// What a text must be to be a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a country is the two capital letters of ISO 3166-1, as in US")]
pub struct NotACountry;

impl FromStr for Country {
    type Err = NotACountry;

    fn from_str(text: &str) -> Result<Self, NotACountry> {
        let letters: [u8; 2] = text.as_bytes().try_into().map_err(|_| NotACountry)?;
        if letters.iter().all(u8::is_ascii_uppercase) {
            Ok(Self(letters))
        } else {
            Err(NotACountry)
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

as_text!(Country, "EquityCountry", "^[A-Z]{2}$", "A country's code in ISO 3166-1", "US");
