//! What the suites share: a small ledger in a folder, damage to files, a node as a process, and a
//! town of parties whose days the stories tell.

pub mod authority;
pub mod chaos;
pub mod crash;
pub mod damage;
pub mod decoders;
pub mod evidence_cases;
pub mod impostor;
pub mod node;
pub mod ocf;
pub mod postgres;
pub mod simulation;
pub mod small_ledger;
pub mod town;
