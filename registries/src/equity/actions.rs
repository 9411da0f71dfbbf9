//! What may be asked of the equity register.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::class::{ClassType, Decimals};
use super::issuer::{Authorised, Country};
use super::numbers::{Decimal, Money, Quantity, Ratio};
use super::security::Certificate;
use crate::text::{Date, Distinct, LocalId, Name, Statement};

/// The most securities that one event makes or ends.
pub const MAX_PARTS: usize = 32;
/// The most securities that one action reissues for a split.
pub const MAX_SUCCESSORS: usize = 200;

/// The securities that an event makes in one hand.
pub type Parts = Distinct<Part, 1, MAX_PARTS>;
/// The securities that a transfer makes.
pub type TransferredParts = Distinct<Transferred, 1, MAX_PARTS>;
/// The securities that a reissue ends.
pub type Reissued = Distinct<LocalId, 1, MAX_PARTS>;
/// The securities that an action reissues for a split.
pub type Successors = Distinct<Successor, 1, MAX_SUCCESSORS>;

/// An action of the equity register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[schema(as = EquityAction)]
pub enum Action {
    /// Registers an organisation as an issuer.
    RegisterIssuer(Box<RegisterIssuer>),
    /// Changes an issuer's name, or the commitment to what is kept of it.
    AmendIssuer(AmendIssuer),
    /// Creates a class of shares.
    CreateClass(Box<CreateClass>),
    /// Changes how many shares of all classes may be issued.
    AdjustIssuerAuthorised(AdjustIssuerAuthorised),
    /// Changes how many shares of a class may be issued.
    AdjustClassAuthorised(AdjustClassAuthorised),
    /// Sets what the shares of a class become by conversion into another.
    AdjustConversionRatio(AdjustConversionRatio),
    /// Issues shares.
    Issue(Box<Issue>),
    /// Transfers shares.
    Transfer(Box<Transfer>),
    /// Cancels shares.
    Cancel(Take),
    /// Takes shares back for a price.
    Repurchase(Take),
    /// Takes an issuance back.
    Retract(Retract),
    /// Puts the same shares under other securities.
    Reissue(Reissue),
    /// Splits a class.
    Split(SplitClass),
    /// Reissues securities by the ratio of the split that is under way.
    ReissueForSplit(ReissueForSplit),
    /// Converts shares into another class.
    Convert(Box<Convert>),
    /// Pledges a security.
    Pledge(PledgeSecurity),
    /// Releases a pledge.
    ReleasePledge(ReleasePledge),
    /// Lets a security be transferred without the issuer's consent.
    LiftRestriction(LiftRestriction),
    /// Declares a dividend.
    DeclareDividend(DeclareDividend),
}

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

/// Issues shares. Signed by the issuer and the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityIssue)]
pub struct Issue {
    /// Whose shares.
    pub issuer: PartyId,
    /// The class.
    pub class: LocalId,
    /// An id that no security of the issuer ever had.
    pub security: LocalId,
    /// Who is to hold it.
    pub holder: PartyId,
    /// How many shares.
    pub quantity: Quantity,
    /// The number on its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// Whether a transfer needs the issuer's consent, also where the class does not ask for it.
    #[serde(default)]
    pub restricted: bool,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The commitment to price, consideration and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Transfers shares of a security, which ends. Signed by the holder and every receiver, and by the
/// issuer where the security is restricted; with an order by the issuer instead of the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityTransfer)]
pub struct Transfer {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security.
    pub security: LocalId,
    /// What the receivers get.
    pub results: TransferredParts,
    /// The id of the security that keeps what is left, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<LocalId>,
    /// A direction of a court or regulator about the security, in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The commitment to the agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// What a receiver gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transferred {
    /// An id that no security of the issuer ever had.
    pub security: LocalId,
    /// Who receives.
    pub holder: PartyId,
    /// How many shares.
    pub quantity: Quantity,
    /// The number on its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Cancels or repurchases shares of a security, which ends. Signed by the issuer and the holder; with
/// an order by the issuer alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityTake)]
pub struct Take {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security.
    pub security: LocalId,
    /// How many of its shares.
    pub quantity: Quantity,
    /// The id of the security that keeps what is left, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<LocalId>,
    /// A direction of a court or regulator about the security, in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Statement>,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The commitment to price, agreement and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Takes the issuance of a security back. Signed by the issuer and the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityRetract)]
pub struct Retract {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security, which has only been issued.
    pub security: LocalId,
    /// Why.
    pub reason: Statement,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// A security that an event makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityPart)]
pub struct Part {
    /// An id that no security of the issuer ever had.
    pub security: LocalId,
    /// How many shares.
    pub quantity: Quantity,
    /// The number on its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Divides a security of a holder into several, or puts several of one class together. Signed by the
/// issuer and the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EquityReissue)]
pub struct Reissue {
    /// Whose shares.
    pub issuer: PartyId,
    /// The securities, which end.
    pub securities: Reissued,
    /// The securities that take their place, with as many shares.
    pub results: Parts,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Statement>,
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

/// Reissues securities by the ratio of the split that is under way. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReissueForSplit {
    /// Whose shares.
    pub issuer: PartyId,
    /// The class.
    pub class: LocalId,
    /// Which, and what takes their place.
    pub successors: Successors,
}

/// A security and what takes its place. Of what the ratio makes, a fraction finer than the class allows
/// is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// The security, which ends.
    pub security: LocalId,
    /// An id that no security of the issuer ever had; left out where nothing is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<LocalId>,
    /// The number on its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// The commitment to what is kept off the ledger about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Converts shares of a security, which ends, into another class. Signed by the issuer and the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Convert {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security.
    pub security: LocalId,
    /// How many of its shares.
    pub quantity: Quantity,
    /// The class they become shares of.
    pub into: LocalId,
    /// What they become: exactly as many as the ratio makes.
    pub results: Parts,
    /// The id of the security that keeps what is left, where something is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<LocalId>,
    /// The day that it was resolved or agreed, where it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// Pledges a whole security. Signed by the holder and the pledgee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PledgeSecurity {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security.
    pub security: LocalId,
    /// To whom.
    pub pledgee: PartyId,
    /// The commitment to the agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Hash>,
}

/// Releases a pledge. Signed by the pledgee; with an order by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleasePledge {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security.
    pub security: LocalId,
    /// A direction of a court or regulator about the security, in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<LocalId>,
}

/// Lets a security be transferred without the issuer's consent from now on. Signed by the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftRestriction {
    /// Whose shares.
    pub issuer: PartyId,
    /// The security.
    pub security: LocalId,
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
