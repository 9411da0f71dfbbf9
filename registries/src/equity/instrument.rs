//! What the register keeps of an instrument: what is not shares yet, and may become some.

use std::fmt;

use chancery_ledger::code::Code;
use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::class::{ClassSplit, StockClass};
use super::codes;
use super::issuer::{is_scoped, scoped};
use super::numbers::{Currency, Decimal, Quantity, Ratio};
use super::security::{Certificate, Ending, Event, Held, Holding, Origin};
use crate::shape::Described;
use crate::text::{Date, LocalId};

/// The most times that shares are made of one instrument.
pub const MAX_EXERCISES: usize = 128;

/// A convertible, a warrant, an option or another grant in one hand. It begins by one event and ends
/// whole by another, as shares do; only an exercise may leave it standing, with less outstanding.
/// Its id is never used again, neither for an instrument nor for shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Instrument {
    /// Who issued it.
    pub issuer: PartyId,
    /// The id that the issuer gave it, for ever.
    pub security: LocalId,
    /// What it is.
    pub kind: InstrumentKind,
    /// Who holds it, or held it to the end.
    pub holder: PartyId,
    /// How much it was for when it began: money of a convertible, shares of all others.
    pub amount: Option<Quantity>,
    /// The currency of a convertible's amount.
    pub currency: Option<Currency>,
    /// How much of that no event has taken yet.
    pub outstanding: Decimal,
    /// The class whose shares it may become, where that is settled.
    pub class: Option<LocalId>,
    /// The plan that it is granted under.
    pub plan: Option<LocalId>,
    /// The number on its certificate.
    pub certificate: Option<Certificate>,
    /// Since when it counts, in block time.
    pub issued: Time,
    /// How it began.
    pub origin: Origin,
    /// The shares that were made of it, the oldest first.
    pub exercises: Vec<Exercised>,
    /// How many splits its class had had when it began, and those that were applied to it since: it is for
    /// what its class was then split into.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    pub splits_seen: u64,
    /// The splits of its class that were applied to it, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub splits: Vec<InstrumentSplit>,
    /// How it ended.
    pub ended: Option<Ending>,
    /// The commitment to what is kept off the ledger about it: price, triggers. A price is that of a share
    /// when the instrument began; of a share now it is that, divided by the ratios of its splits.
    pub record: Option<Hash>,
}

fn is_none_yet(splits: &u64) -> bool {
    *splits == 0
}

/// What an instrument is, in the words of the Open Cap Format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InstrumentKind {
    /// A convertible note.
    Note,
    /// A simple agreement for future equity.
    Safe,
    /// Another convertible.
    ConvertibleSecurity,
    /// A warrant.
    Warrant,
    /// An option.
    Option,
    /// A qualified option.
    OptionIso,
    /// A non-qualified option.
    OptionNso,
    /// Restricted share units.
    Rsu,
    /// Appreciation rights that are settled in money.
    Csar,
    /// Appreciation rights that are settled in shares.
    Ssar,
}

/// The three families of instruments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// For money; becomes shares by conversion.
    Convertible,
    /// For shares; becomes some by exercise.
    Warrant,
    /// Granted for work; becomes shares by exercise or release.
    Compensation,
}

impl InstrumentKind {
    /// Which family it is of.
    pub fn family(self) -> Family {
        match self {
            Self::Note | Self::Safe | Self::ConvertibleSecurity => Family::Convertible,
            Self::Warrant => Family::Warrant,
            Self::Option
            | Self::OptionIso
            | Self::OptionNso
            | Self::Rsu
            | Self::Csar
            | Self::Ssar => Family::Compensation,
        }
    }

    /// By what event shares come of it.
    pub fn becomes_shares_by(self) -> Event {
        match self.family() {
            Family::Convertible => Event::Conversion,
            Family::Compensation if self == Self::Rsu => Event::Release,
            Family::Warrant | Family::Compensation => Event::Exercise,
        }
    }

    /// Whether it is for a number of shares that it may become: a convertible is for money, and
    /// some rights are settled in money.
    pub fn counts_as_shares(self) -> bool {
        self.family() != Family::Convertible && self != Self::Csar
    }
}

impl fmt::Display for InstrumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Safe => "safe",
            Self::ConvertibleSecurity => "convertible-security",
            Self::Warrant => "warrant",
            Self::Option => "option",
            Self::OptionIso => "option-iso",
            Self::OptionNso => "option-nso",
            Self::Rsu => "rsu",
            Self::Csar => "csar",
            Self::Ssar => "ssar",
        })
    }
}

/// Shares that were made of an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EquityExercised)]
pub struct Exercised {
    /// How much of the instrument it took.
    pub amount: Decimal,
    /// The securities that came of it; at most 32.
    pub into: Vec<LocalId>,
    /// When, in block time.
    pub at: Time,
    /// The day that was stated.
    pub date: Option<Date>,
    /// The transition.
    pub transition: Hash,
    /// The commitment to what is kept off the ledger about it.
    pub record: Option<Hash>,
}

/// A split of the class that was applied to an instrument: exactly, or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EquityInstrumentSplit)]
pub struct InstrumentSplit {
    /// The split of the class.
    pub split: LocalId,
    /// How many new shares for how many old ones; the exercise price is divided by it.
    pub ratio: Ratio,
    /// How many shares were outstanding before it.
    pub before: Decimal,
    /// How many after it.
    pub after: Decimal,
    /// When it was applied, in block time.
    pub at: Time,
    /// The transition.
    pub transition: Hash,
}

impl Instrument {
    /// The splits of its class that were not applied to it yet. Those of a class say nothing to what is for
    /// money, or for no number of shares: what such an instrument becomes, its terms say.
    pub fn splits_pending<'a>(&self, class: &'a StockClass) -> &'a [ClassSplit] {
        let is_counted = self.currency.is_none() && self.amount.is_some();
        let seen = if is_counted { usize::try_from(self.splits_seen).ok() } else { None };
        seen.and_then(|seen| class.splits.get(seen..)).unwrap_or_default()
    }
}

impl Held for Instrument {
    fn unknown() -> &'static Code {
        &codes::INSTRUMENT_UNKNOWN
    }

    fn holding(&self) -> Holding<'_> {
        let Self { issuer, holder, security, outstanding: left, ended, .. } = self;
        Holding { issuer, holder, security, left: *left, ended: ended.as_ref() }
    }
}

impl Object for Instrument {
    const REGISTER: &'static str = "equity";
    const KIND: &'static str = "instrument";

    fn id(&self) -> String {
        scoped(&self.issuer, &self.security)
    }
}

impl Described for Instrument {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.option-1";

    fn is_id(text: &str) -> bool {
        is_scoped(text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        if self.ended.is_some() {
            return Vec::new();
        }
        vec![("holder", self.holder), ("issuer", self.issuer)]
    }
}
