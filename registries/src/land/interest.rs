//! What a title is subject to: the rights, restrictions and responsibilities of LADM besides ownership.

use std::fmt;

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::text::{Distinct, LocalId, Reference, Text};

/// The most interests of one title at a time.
pub const MAX_INTERESTS: usize = 32;

/// The most parties that have an interest together.
pub const MAX_HOLDERS: usize = 8;

/// What may be done, is to be done or may not be: in brief, for the rest is in the documents.
pub type Terms = Text<200>;

/// Those who have an interest together.
pub type Holders = Distinct<PartyId, 1, MAX_HOLDERS>;

/// The place of a mortgage among those of a title: 1 is paid first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u32")]
#[schema(as = LandRank, value_type = u32, minimum = 1, maximum = 99)]
pub struct Rank(u32);

/// What a number must be to be a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rank is 1 to 99")]
pub struct NotARank;

impl TryFrom<u32> for Rank {
    type Error = NotARank;

    fn try_from(rank: u32) -> Result<Self, NotARank> {
        (1..=99).contains(&rank).then_some(Self(rank)).ok_or(NotARank)
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An interest in a title: what it is subject to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LandInterest)]
pub struct Interest {
    /// The id of its instrument, unique within the title.
    pub interest: LocalId,
    /// What it is, and whose.
    pub nature: Nature,
    /// The instrument behind it.
    pub reference: Reference,
    /// The commitment to its documents.
    pub record: Option<Hash>,
    /// When it was registered here.
    pub since: Time,
}

/// What an interest is. Rights: `lease`. Restrictions: `mortgage`, `servitude`, `caveat`,
/// `historic-preservation`. Responsibilities: `responsibility`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LandNature)]
pub enum Nature {
    /// Security for a debt.
    Mortgage(Mortgage),
    /// The use of the land for a time.
    Lease(Lease),
    /// A use of the land, or its forbearance, for others' good.
    Servitude(Servitude),
    /// A claim, for as long as which nothing is registered.
    Caveat(Caveat),
    /// A monument that may not be altered.
    HistoricPreservation(Public),
    /// What whoever owns the land has to do.
    Responsibility(Public),
}

/// A mortgage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandMortgage)]
pub struct Mortgage {
    /// Who has lent.
    pub lenders: Holders,
    /// Its place among the title's mortgages, no two of which are of one rank.
    pub rank: Rank,
}

/// A lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandLease)]
pub struct Lease {
    /// Who may use the land.
    pub lessees: Holders,
    /// Until when, that moment excluded; without an end when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

/// A servitude (easement).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandServitude)]
pub struct Servitude {
    /// For whose good.
    pub beneficiaries: Holders,
    /// What may be done, or may not.
    pub terms: Terms,
}

/// A caveat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandCaveat)]
pub struct Caveat {
    /// Who claims.
    pub caveators: Holders,
}

/// What public law lays upon land.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandPublicBurden)]
pub struct Public {
    /// The authority that watches over it.
    pub authority: PartyId,
    /// What is to be done, or may not be.
    pub terms: Terms,
}

/// The kinds of interest, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LandNatureName)]
pub enum NatureName {
    /// A mortgage.
    Mortgage,
    /// A lease.
    Lease,
    /// A servitude.
    Servitude,
    /// A caveat.
    Caveat,
    /// Historic preservation.
    HistoricPreservation,
    /// A responsibility.
    Responsibility,
}

/// The three classes of LADM (ISO 19152).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LandInterestClass)]
pub enum Class {
    /// What somebody may do.
    Right,
    /// What somebody may not do.
    Restriction,
    /// What somebody has to do.
    Responsibility,
}

impl fmt::Display for NatureName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mortgage => "mortgage",
            Self::Lease => "lease",
            Self::Servitude => "servitude",
            Self::Caveat => "caveat",
            Self::HistoricPreservation => "historic preservation",
            Self::Responsibility => "responsibility",
        })
    }
}

impl Nature {
    /// Which kind it is.
    pub fn name(&self) -> NatureName {
        match self {
            Self::Mortgage(_) => NatureName::Mortgage,
            Self::Lease(_) => NatureName::Lease,
            Self::Servitude(_) => NatureName::Servitude,
            Self::Caveat(_) => NatureName::Caveat,
            Self::HistoricPreservation(_) => NatureName::HistoricPreservation,
            Self::Responsibility(_) => NatureName::Responsibility,
        }
    }

    /// Its class in LADM.
    pub fn class(&self) -> Class {
        match self {
            Self::Lease(_) => Class::Right,
            Self::Responsibility(_) => Class::Responsibility,
            _ => Class::Restriction,
        }
    }

    /// Whose it is, and in what relation they stand to the title.
    pub fn holders(&self) -> (&'static str, &[PartyId]) {
        match self {
            Self::Mortgage(mortgage) => ("lender", &mortgage.lenders),
            Self::Lease(lease) => ("lessee", &lease.lessees),
            Self::Servitude(servitude) => ("beneficiary", &servitude.beneficiaries),
            Self::Caveat(caveat) => ("caveator", &caveat.caveators),
            Self::HistoricPreservation(public) | Self::Responsibility(public) => {
                ("public-authority", std::slice::from_ref(&public.authority))
            }
        }
    }

    /// The rank of a mortgage.
    pub fn rank(&self) -> Option<Rank> {
        match self {
            Self::Mortgage(mortgage) => Some(mortgage.rank),
            _ => None,
        }
    }
}
