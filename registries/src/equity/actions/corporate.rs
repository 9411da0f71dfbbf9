//! What the issuer resolves: its registration, its classes, what is authorised, its dividends.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::class::{ClassType, Decimals};
use super::super::issuer::{Authorised, Country};
use super::super::numbers::{Decimal, Money, Ratio};
use crate::text::{Date, LocalId, Name};

/// Registers an organisation as an issuer. Signed by its controllers, and by the company registrar
/// where one is named; without one, it must be accredited as an issuer itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterIssuer {
    /// The organisation.
    pub issuer: PartyId,
    /// Its legal name.
    pub name: Name,
    /// The country of its formation.
    pub country: Country,
    /// When it was formed.
    pub formed: Date,
    /// The company registrar that registers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registrar: Option<PartyId>,
    /// How many shares of all classes together may be issued.
    pub authorised: Authorised,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Changes an issuer's name, or the commitment to what is kept of it. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendIssuer {
    /// Whose shares.
    pub issuer: PartyId,
    /// Its name from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The commitment from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Creates a class of shares. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateClass {
    /// Whose shares.
    pub issuer: PartyId,
    /// An id that no class of the issuer has.
    pub class: LocalId,
    /// What it is called.
    pub name: Name,
    /// Common or preferred.
    pub class_type: ClassType,
    /// How many shares of it may be issued.
    pub authorised: Authorised,
    /// How many votes a share has.
    pub votes_per_share: Decimal,
    /// Its rank in repayment, the higher first.
    pub seniority: Decimal,
    /// The par value of a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub par_value: Option<Money>,
    /// How many decimals a quantity may have; none when left out.
    #[serde(default)]
    pub decimals: Decimals,
    /// Whether transfers need the issuer's consent.
    #[serde(default)]
    pub restricted: bool,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Changes how many shares of all classes together may be issued. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustIssuerAuthorised {
    /// Whose shares.
    pub issuer: PartyId,
    /// How many from now on.
    pub authorised: Authorised,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// Changes how many shares of a class may be issued. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustClassAuthorised {
    /// Whose shares.
    pub issuer: PartyId,
    /// The class.
    pub class: LocalId,
    /// How many from now on.
    pub authorised: Authorised,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// Sets what the shares of a class become by conversion into another. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustConversionRatio {
    /// Whose shares.
    pub issuer: PartyId,
    /// The class.
    pub class: LocalId,
    /// The class that its shares can be converted into.
    pub into: LocalId,
    /// How many of its shares for how many of this class.
    pub ratio: Ratio,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// Splits a class: every security is to be reissued by the ratio. Signed by the issuer. Until all are,
/// nothing else happens in the class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitClass {
    /// Whose shares.
    pub issuer: PartyId,
    /// The class.
    pub class: LocalId,
    /// An id that no split of the class has.
    pub split: LocalId,
    /// How many new shares for how many old ones.
    pub ratio: Ratio,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// Declares a dividend on a class. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclareDividend {
    /// Whose shares.
    pub issuer: PartyId,
    /// An id that no dividend of the issuer has.
    pub dividend: LocalId,
    /// On which shares.
    pub class: LocalId,
    /// The whole sum.
    pub total: Money,
    /// Who holds shares at the end of this moment, in block time, has a part in it.
    pub record_time: Time,
    /// The day it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payable: Option<Date>,
    /// The commitment to the resolution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}
