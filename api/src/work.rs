//! Proof of work, beside what the ledger does: threads that look for nonces, and what is asked of peers.

pub mod miner;
pub mod sync;
