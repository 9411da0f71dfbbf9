//! What the register keeps of a class of shares, and the index of the securities in it.

use std::fmt;

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::issuer::{Authorised, is_scoped, scoped};
use super::numbers::{Decimal, MAX_DECIMALS, Money, Ratio};
use crate::shape::Described;
use crate::text::{Date, LocalId, Name};

/// The most changes of a class's authorised shares.
pub const MAX_ADJUSTMENTS: usize = 64;
/// The most classes that one can be converted into.
pub const MAX_RIGHTS: usize = 16;
/// The most splits of a class.
pub const MAX_SPLITS: usize = 32;
/// The most securities of one part of the index.
pub const CHUNK: u64 = 128;
/// The most securities that a class ever has, the ended ones included.
pub const MAX_SECURITIES: u64 = CHUNK * 1024;

/// A class of shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StockClass {
    /// Whose.
    pub issuer: PartyId,
    /// The id that the issuer gave it.
    pub class: LocalId,
    /// What it is called.
    pub name: Name,
    /// Common or preferred.
    pub class_type: ClassType,
    /// How many votes a share has.
    pub votes_per_share: Decimal,
    /// Its rank in repayment, the higher first.
    pub seniority: Decimal,
    /// The par value of a share.
    pub par_value: Option<Money>,
    /// How many decimals a quantity of its shares may have.
    pub decimals: Decimals,
    /// Whether transfers need the issuer's consent.
    pub restricted: bool,
    /// When it was created.
    pub created: Time,
    /// How many shares could be issued at first.
    pub initially_authorised: Authorised,
    /// How many can be now.
    pub authorised: Authorised,
    /// How that has changed, the oldest first.
    pub adjustments: Vec<Adjustment>,
    /// How many are issued: the sum over the securities that have not ended.
    pub issued: Decimal,
    /// How many securities have not ended.
    pub live: u64,
    /// How many securities there ever were.
    pub ever: u64,
    /// What its shares can be converted into.
    pub conversion_rights: Vec<ConversionRight>,
    /// Its splits, the oldest first; the last may be under way.
    pub splits: Vec<ClassSplit>,
    /// The commitment to what is kept off the ledger about it.
    pub record: Option<Hash>,
}

/// Common or preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = StockClassType)]
pub enum ClassType {
    /// Common stock.
    Common,
    /// Preferred stock.
    Preferred,
}

impl fmt::Display for ClassType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Common => "common",
            Self::Preferred => "preferred",
        })
    }
}

/// From 0, whole shares only, to 10 decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u8")]
#[schema(as = EquityDecimals, value_type = u8, maximum = 10)]
pub struct Decimals(u8);

/// What a number must be to be a number of decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("decimals are from 0 to 10")]
pub struct NotDecimals;

impl Decimals {
    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Decimals {
    type Error = NotDecimals;

    fn try_from(decimals: u8) -> Result<Self, NotDecimals> {
        if decimals <= MAX_DECIMALS { Ok(Self(decimals)) } else { Err(NotDecimals) }
    }
}

/// A change of the authorised shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EquityAdjustment)]
pub struct Adjustment {
    /// How many from then on.
    pub authorised: Authorised,
    /// When it took effect.
    pub at: Time,
    /// The day that was stated.
    pub date: Option<Date>,
}

/// A class that another can be converted into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EquityConversionRight)]
pub struct ConversionRight {
    /// The class.
    pub into: LocalId,
    /// How many of its shares for how many of this class.
    pub ratio: Ratio,
}

/// A split: every security of the class is reissued by its ratio.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EquitySplit)]
pub struct ClassSplit {
    /// The id that the issuer gave it.
    pub split: LocalId,
    /// How many new shares for how many old ones.
    pub ratio: Ratio,
    /// When it took effect, for every security.
    pub at: Time,
    /// The day that was stated.
    pub date: Option<Date>,
    /// How many securities are still to be reissued; it is over when there is none.
    pub to_reissue: u64,
}

impl StockClass {
    /// The split that is under way.
    pub fn open_split(&self) -> Option<&ClassSplit> {
        self.splits.last().filter(|split| split.to_reissue > 0)
    }

    /// What its shares become by conversion into another class.
    pub fn right_into(&self, class: &LocalId) -> Option<&ConversionRight> {
        self.conversion_rights.iter().find(|right| right.into == *class)
    }
}

impl Object for StockClass {
    const REGISTER: &'static str = "equity";
    const KIND: &'static str = "stock-class";

    fn id(&self) -> String {
        scoped(&self.issuer, &self.class)
    }
}

impl Described for StockClass {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.common";

    fn is_id(text: &str) -> bool {
        is_scoped(text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("issuer", self.issuer)]
    }
}

/// A part of the index of all securities that a class ever had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecurityIndex {
    /// Whose.
    pub issuer: PartyId,
    /// The class.
    pub class: LocalId,
    /// Which part, from 0.
    pub part: u64,
    /// The securities in the order in which they began; at most 128.
    pub securities: Vec<LocalId>,
}

impl SecurityIndex {
    /// The id of a part of a class's index.
    pub fn id_of(issuer: &PartyId, class: &LocalId, part: u64) -> String {
        format!("{issuer}.{class}.{part}")
    }
}

impl Object for SecurityIndex {
    const REGISTER: &'static str = "equity";
    const KIND: &'static str = "security-index";

    fn id(&self) -> String {
        Self::id_of(&self.issuer, &self.class, self.part)
    }
}

impl Described for SecurityIndex {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.common.0";

    fn is_id(text: &str) -> bool {
        text.rsplit_once('.').is_some_and(|(class, part)| {
            let number = part.parse::<u64>().is_ok_and(|number| number.to_string() == part);
            is_scoped(class) && number
        })
    }
}
