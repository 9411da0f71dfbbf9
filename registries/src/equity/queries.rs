//! What is asked of the equity register: who holds what, where it came from, who is paid how much, what has
//! vested.

mod diluted;
mod distribution;
mod holdings;
mod lineage;
mod vesting;

pub use diluted::{InstrumentHolder, InstrumentsOnTable, PlanOnTable};
pub use distribution::{Distribution, Outcome, Payment, largest_remainder};
pub use holdings::{CapTable, ClassHolders, ClassOnTable, Holder};
pub use lineage::{Lineage, LineageEntry, MAX_LINEAGE};
pub use vesting::{Vested, VestedOn, VestedState};
