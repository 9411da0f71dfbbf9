//! What may be asked of the land register.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::geometry::{CoordinateStep, Crs, Outline};
use super::interest::{Holders, MAX_INTERESTS, Nature, Rank, Terms};
use super::title::{MAX_OWNERS, MAX_UNITS, Share, UnitIds};
use crate::text::{Distinct, LocalId, Name, Reference, Statement};

/// Shares that change hands, or that owners have.
pub type Shares = Distinct<Share, 1, MAX_OWNERS>;
/// The interests that a title begins with.
pub type GivenInterests = Distinct<GivenInterest, 0, MAX_INTERESTS>;
/// The interests that a forced sale clears.
pub type Cleared = Distinct<LocalId, 0, MAX_INTERESTS>;
/// The titles that take the place of one.
pub type Parts = Distinct<Part, 2, MAX_UNITS>;
/// The titles whose place one takes.
pub type TitleIds = Distinct<LocalId, 2, MAX_UNITS>;

/// An action of the land register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[schema(as = LandAction)]
pub enum Action {
    /// Lays down a piece of land.
    Survey(Survey),
    /// Adds a sheet to its outline.
    ExtendSurvey(ExtendSurvey),
    /// Registers a title for the first time.
    Register(Box<RegisterTitle>),
    /// Transfers a title or a share of it.
    Transfer(Transfer),
    /// Passes a dead owner's share to the heirs.
    Transmit(Transmit),
    /// Registers a mortgage.
    Mortgage(RegisterMortgage),
    /// Discharges a mortgage.
    Discharge(EndInterest),
    /// Registers a lease.
    Lease(RegisterLease),
    /// Grants a servitude.
    GrantServitude(GrantServitude),
    /// States a burden of public law.
    Impose(Impose),
    /// Ends a lease, a servitude or a burden of public law.
    End(EndInterest),
    /// Lodges a caveat.
    Caveat(LodgeCaveat),
    /// Removes a caveat.
    RemoveCaveat(EndInterest),
    /// Sells by direction of a court.
    ForcedSale(ForcedSale),
    /// Corrects the register.
    Rectify(Rectify),
    /// Splits a title.
    Split(Split),
    /// Merges titles.
    Merge(Merge),
}

/// Lays down a piece of land with its outline, or the first sheet of it. Signed by the surveyor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandSurvey)]
pub struct Survey {
    /// An id not used before.
    pub unit: LocalId,
    /// The surveyor.
    pub by: PartyId,
    /// The reference system of the coordinates.
    pub crs: Crs,
    /// What one step of a coordinate is.
    pub step: CoordinateStep,
    /// The outline, or what of it is on the first sheet.
    pub outline: Outline,
    /// The plan or survey.
    pub plan: Reference,
    /// The commitment to the survey's documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Adds a sheet to the outline of a piece of land about which no title ever was. Signed by its
/// surveyor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandExtendSurvey)]
pub struct ExtendSurvey {
    /// Which.
    pub unit: LocalId,
    /// Its surveyor.
    pub by: PartyId,
    /// What is on the next sheet.
    pub outline: Outline,
}

/// Registers a title for the first time. Signed by the registrar and a surveyor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandRegisterTitle)]
pub struct RegisterTitle {
    /// An id not used before.
    pub title: LocalId,
    /// The registrar.
    pub by: PartyId,
    /// The surveyor, who answers for the units.
    pub surveyor: PartyId,
    /// How the land is held, in the words of its law.
    pub tenure: Name,
    /// The land.
    pub units: UnitIds,
    /// Who owns it: shares that are together exactly 1/1.
    pub owners: Shares,
    /// What it is subject to already.
    #[serde(default, skip_serializing_if = "is_none")]
    pub interests: GivenInterests,
    /// The instrument behind it.
    pub reference: Reference,
    /// The commitment to its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

fn is_none<T, const MAX: usize>(list: &Distinct<T, 0, MAX>) -> bool {
    list.is_empty()
}

/// An interest that a title begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandGivenInterest)]
pub struct GivenInterest {
    /// The id of its instrument, unique within the title.
    pub interest: LocalId,
    /// What it is, and whose.
    pub nature: Nature,
    /// The instrument behind it.
    pub reference: Reference,
    /// The commitment to its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Transfers a title or a share of it. Signed by every giving owner, every receiving party, the
/// registrar, and every lender of a mortgage that remains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandTransfer)]
pub struct Transfer {
    /// Which.
    pub title: LocalId,
    /// The registrar.
    pub by: PartyId,
    /// What the giving owners give of the whole title.
    pub from: Shares,
    /// What the receiving parties receive: as much, together.
    pub to: Shares,
    /// The instrument behind it.
    pub reference: Reference,
    /// The commitment to its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Passes the share of an owner who has died to the heirs. Signed by the executor, every heir and the
/// registrar, under a court's direction (the grant of probate).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandTransmit)]
pub struct Transmit {
    /// Which.
    pub title: LocalId,
    /// The registrar.
    pub by: PartyId,
    /// The owner, deceased in the identity register.
    pub deceased: PartyId,
    /// Who carries out the will.
    pub executor: PartyId,
    /// Who inherits what of the whole title: together the dead owner's share.
    pub heirs: Shares,
    /// The court's direction about the title.
    pub order: LocalId,
    /// The instrument behind it.
    pub reference: Reference,
    /// The commitment to its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Registers a mortgage. Signed by all owners, every lender and the registrar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandRegisterMortgage)]
pub struct RegisterMortgage {
    /// On which title.
    pub title: LocalId,
    /// The id of the instrument, unique within the title.
    pub interest: LocalId,
    /// The registrar.
    pub by: PartyId,
    /// Who lends.
    pub lenders: Holders,
    /// Its place, which no current mortgage of the title has.
    pub rank: Rank,
    /// The instrument behind it.
    pub reference: Reference,
    /// The commitment to its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Ends an interest. Signed by everyone whose interest it is, for a lease, a servitude or a burden of
/// public law also by the registrar; or by the registrar alone under a court's direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandEndInterest)]
pub struct EndInterest {
    /// Of which title.
    pub title: LocalId,
    /// Which.
    pub interest: LocalId,
    /// Who acts: one of those whose interest it is for a mortgage or a caveat; the registrar for all
    /// else, and wherever an order is cited.
    pub by: PartyId,
    /// The court's direction about the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// The instrument behind it.
    pub reference: Reference,
    /// The commitment to its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Registers a lease. Signed by all owners, every lessee and the registrar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandRegisterLease)]
pub struct RegisterLease {
    /// On which title.
    pub title: LocalId,
    /// The id of the instrument, unique within the title.
    pub interest: LocalId,
    /// The registrar.
    pub by: PartyId,
    /// Who may use the land.
    pub lessees: Holders,
    /// Until when, that moment excluded; without an end when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// The instrument behind it.
    pub reference: Reference,
    /// The commitment to its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Grants a servitude. Signed by all owners, every beneficiary and the registrar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandGrantServitude)]
pub struct GrantServitude {
    /// On which title.
    pub title: LocalId,
    /// The id of the instrument, unique within the title.
    pub interest: LocalId,
    /// The registrar.
    pub by: PartyId,
    /// For whose good.
    pub beneficiaries: Holders,
    /// What may be done, or may not.
    pub terms: Terms,
    /// The instrument behind it.
    pub reference: Reference,
    /// The commitment to its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// What public law can lay upon land.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LandPublicBurdenName)]
pub enum PublicBurden {
    /// A monument may not be altered.
    HistoricPreservation,
    /// Whoever owns the land has to do something.
    Responsibility,
}

/// States a burden of public law. Signed by the authority and the registrar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandImpose)]
pub struct Impose {
    /// On which title.
    pub title: LocalId,
    /// The id of the instrument, unique within the title.
    pub interest: LocalId,
    /// The registrar.
    pub by: PartyId,
    /// Which kind of burden.
    pub burden: PublicBurden,
    /// The authority that watches over it.
    pub authority: PartyId,
    /// What is to be done, or may not be.
    pub terms: Terms,
    /// The instrument behind it.
    pub reference: Reference,
    /// The commitment to its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Lodges a caveat. Signed by every caveator and the registrar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandLodgeCaveat)]
pub struct LodgeCaveat {
    /// On which title.
    pub title: LocalId,
    /// The id of the instrument, unique within the title.
    pub interest: LocalId,
    /// The registrar.
    pub by: PartyId,
    /// Who claims.
    pub caveators: Holders,
    /// The instrument behind it.
    pub reference: Reference,
    /// The commitment to its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Sells a title or a share of it by direction of a court. Signed by every buyer and the registrar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandForcedSale)]
pub struct ForcedSale {
    /// Which.
    pub title: LocalId,
    /// The registrar.
    pub by: PartyId,
    /// The court's direction about the title.
    pub order: LocalId,
    /// What is sold of the whole title, and whose it was.
    pub from: Shares,
    /// What the buyers receive: as much, together.
    pub to: Shares,
    /// The interests that the sale clears.
    #[serde(default, skip_serializing_if = "is_none")]
    pub clears: Cleared,
    /// The instrument behind it.
    pub reference: Reference,
    /// The commitment to its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Corrects what an earlier transition made of a title. Signed by the registrar; where it changes who
/// owns what, also by every owner before and after and every lender, or under a court's direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandRectify)]
pub struct Rectify {
    /// Which.
    pub title: LocalId,
    /// The registrar.
    pub by: PartyId,
    /// The transition that it corrects: one of the title's latest 32.
    pub corrects: Hash,
    /// What was wrong.
    pub statement: Statement,
    /// Who owns it rightly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owners: Option<Shares>,
    /// How it is rightly held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenure: Option<Name>,
    /// The commitment to the right documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
    /// The court's direction about the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// The instrument behind it.
    pub reference: Reference,
}

/// A title that comes of a split or a merge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandPart)]
pub struct Part {
    /// An id not used before.
    pub title: LocalId,
    /// Its land: units newly surveyed for it, or units that a former title had.
    pub units: UnitIds,
    /// The commitment to its documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Splits a title into several, which take over its owners and all it is subject to. Signed by all
/// owners, a surveyor and the registrar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandSplit)]
pub struct Split {
    /// Which.
    pub title: LocalId,
    /// The registrar.
    pub by: PartyId,
    /// The surveyor, who answers for the units.
    pub surveyor: PartyId,
    /// The titles that take its place.
    pub into: Parts,
    /// The instrument behind it.
    pub reference: Reference,
}

/// Merges titles of the same owners into one, which takes over all that they are subject to. Signed
/// by all owners, a surveyor and the registrar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LandMerge)]
pub struct Merge {
    /// Which.
    pub titles: TitleIds,
    /// The registrar.
    pub by: PartyId,
    /// The surveyor, who answers for the units.
    pub surveyor: PartyId,
    /// The title that takes their place.
    pub into: Part,
    /// The instrument behind it.
    pub reference: Reference,
}
