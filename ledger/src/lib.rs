//! The ledger: signed transitions, blocks, the Merkle log and state, their store and their proofs.
//!
//! Nothing here opens a socket, reads a clock or draws a random number: time is an input, and the
//! same blocks give the same bytes on every machine.

pub mod hash;
