//! A pool in one thread, with a seed in the place of clocks, networks and luck.
//!
//! Members run the engine's own core and write-ahead log, the ledger's host, store and rules, and the
//! product's codec; only threads and sockets are left out. A seed says who lies and what goes wrong: the
//! same seed gives the same run, event for event, so a seed that fails is a test. Ledgers of work are
//! run in the same way in [`work`].

mod adversary;
mod checks;
mod clients;
mod figures;
mod log_file;
mod member;
mod message;
mod network;
mod plan;
pub mod work;
mod world;

use chancery_ledger::hash::Hash;

pub use checks::Violation;
pub use figures::Figures;
pub use plan::{Mutant, Plan};

/// What a run was like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// What happened in it.
    pub figures: Figures,
    /// A hash over every event with its moment.
    pub trace: Hash,
    /// How long it took on its own clock.
    pub simulated_ms: u64,
}

/// Runs a plan to its end: what it was like, and what did not hold.
pub fn run(plan: Plan) -> (Report, Result<(), Violation>) {
    world::World::new(plan).run()
}
