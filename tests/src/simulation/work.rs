//! A ledger of work in one thread, with a seed in the place of clocks, networks, disks and luck.
//!
//! Members run the ledger's own host, store and rules over the real registers, and look for real nonces,
//! so many tries at a time as their share of the hashing power allows. A seed says who cheats and what
//! goes wrong; the same seed gives the same run, event for event.

mod adversary;
mod checks;
mod made;
mod member;
mod message;
mod plan;
mod world;

pub use checks::Violation;
pub use plan::{Mutant, Plan};

use super::Report;

/// Runs a plan to its end: what it was like, and what did not hold.
pub fn run(plan: Plan) -> (Report, Result<(), Violation>) {
    world::World::new(plan).run()
}
