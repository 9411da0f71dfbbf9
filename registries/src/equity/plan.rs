//! What the register keeps of a stock plan: a pool of reserved shares, and what was granted from it.

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::issuer::{is_scoped, scoped};
use super::numbers::Decimal;
use crate::shape::Described;
use crate::text::{Date, LocalId, Name};

/// The most plans of one issuer.
pub const MAX_PLANS: usize = 64;
/// The most classes of one plan.
pub const MAX_PLAN_CLASSES: usize = 16;
/// The most changes of a plan's pool.
pub const MAX_POOL_ADJUSTMENTS: usize = 64;

/// A stock plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StockPlan {
    /// Whose.
    pub issuer: PartyId,
    /// The id that the issuer gave it.
    pub plan: LocalId,
    /// What it is called.
    pub name: Name,
    /// The classes whose shares may be granted under it; at most 16.
    pub classes: Vec<LocalId>,
    /// How many shares were reserved at first.
    pub initially_reserved: Decimal,
    /// How many are now.
    pub reserved: Decimal,
    /// How that has changed, the oldest first.
    pub adjustments: Vec<PoolAdjustment>,
    /// How many shares were ever granted, without what was retracted.
    pub granted: Decimal,
    /// How many came back to the pool.
    pub returned: Decimal,
    /// What is meant to become of a grant that is cancelled.
    pub on_cancellation: OnCancellation,
    /// When it was created.
    pub created: Time,
    /// The commitment to what is kept off the ledger about it.
    pub record: Option<Hash>,
}

/// What is meant to become of the shares of a grant that is cancelled. They are back in a pool only when
/// the issuer returns them to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnCancellation {
    /// They are gone.
    Retire,
    /// They can be granted again.
    ReturnToPool,
    /// They can be issued, and not under the plan.
    HoldAsCapitalStock,
    /// Each grant says for itself.
    DefinedPerPlanSecurity,
}

/// A change of a plan's pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EquityPoolAdjustment)]
pub struct PoolAdjustment {
    /// How many from then on.
    pub reserved: Decimal,
    /// When it took effect.
    pub at: Time,
    /// The day that was stated.
    pub date: Option<Date>,
}

impl StockPlan {
    /// How many shares can still be granted; `None` where more are granted than there are.
    pub fn available(&self) -> Option<Decimal> {
        self.reserved.plus(self.returned)?.minus(self.granted)
    }
}

impl Object for StockPlan {
    const REGISTER: &'static str = "equity";
    const KIND: &'static str = "stock-plan";

    fn id(&self) -> String {
        scoped(&self.issuer, &self.plan)
    }
}

impl Described for StockPlan {
    const EXAMPLE_ID: &'static str = "AAAAAAAAAAAAAAAAAAAAAAAAI.2026-plan";

    fn is_id(text: &str) -> bool {
        is_scoped(text)
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("issuer", self.issuer)]
    }
}
