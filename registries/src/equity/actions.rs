//! What may be asked of the equity register.

mod corporate;
mod instruments;
mod shares;
mod vesting;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use corporate::{
    AdjustClassAuthorised, AdjustConversionRatio, AdjustIssuerAuthorised, AmendIssuer, CreateClass,
    DeclareDividend, RegisterIssuer, SplitClass,
};
pub use instruments::{
    AdjustPlanPool, CancelInstrument, CreatePlan, Exercise, File, IssueInstrument, ReturnToPool,
    TransferInstrument, TransferredInstrument,
};
pub use shares::{
    Convert, Issue, LiftRestriction, Part, PledgeSecurity, Reissue, ReissueForSplit, ReleasePledge,
    Retract, Successor, Take, Transfer, Transferred,
};
pub use vesting::{
    AccelerateVesting, CreateVestingTerms, MeetVestingCondition, SetVesting, SplitInstruments,
};

use super::plan::MAX_PLAN_CLASSES;
use crate::text::{Distinct, LocalId};

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
/// The securities that take the place of one in a split, where they are several.
pub type SuccessorParts = Distinct<Part, 0, MAX_PARTS>;
/// The shares that come of an instrument.
pub type ExercisedParts = Distinct<Part, 0, MAX_PARTS>;
/// The instruments that a transfer makes.
pub type TransferredInstruments = Distinct<TransferredInstrument, 1, MAX_PARTS>;
/// The classes of a plan.
pub type PlanClasses = Distinct<LocalId, 1, MAX_PLAN_CLASSES>;
/// The securities that an action reissues for a split.
pub type Successors = Distinct<Successor, 1, MAX_SUCCESSORS>;

/// The instruments that an action applies splits to.
pub type SplitInstrumentIds = Distinct<LocalId, 1, MAX_SUCCESSORS>;

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
    /// Creates a stock plan.
    CreatePlan(Box<CreatePlan>),
    /// Changes how many shares are reserved for a plan.
    AdjustPlanPool(AdjustPlanPool),
    /// Returns what was cancelled of a grant to a pool.
    ReturnToPool(ReturnToPool),
    /// Issues a convertible, a warrant, an option or another grant.
    IssueInstrument(Box<IssueInstrument>),
    /// Transfers an instrument.
    TransferInstrument(Box<TransferInstrument>),
    /// Cancels an instrument or a part of it.
    CancelInstrument(Box<CancelInstrument>),
    /// Takes the issuance of an instrument back.
    RetractInstrument(Retract),
    /// Makes shares of an instrument.
    Exercise(Box<Exercise>),
    /// Applies the splits of their class to instruments.
    SplitInstruments(SplitInstruments),
    /// Creates vesting terms.
    CreateVestingTerms(Box<CreateVestingTerms>),
    /// Sets how a security or an instrument vests.
    SetVesting(SetVesting),
    /// States that vesting started, or that a condition was met by an event.
    MeetVestingCondition(MeetVestingCondition),
    /// Has shares vest ahead of the schedule.
    AccelerateVesting(AccelerateVesting),
    /// Files what the register needs no rule for.
    File(File),
}
