//! The ledger: signed transitions, blocks, the Merkle log and state, their store and their proofs.
//!
//! Nothing here opens a socket, reads a clock or draws a random number: time is an input, and the
//! same blocks give the same bytes on every machine.

pub mod anchor;
pub mod audit;
pub mod block;
pub mod chain;
pub mod code;
pub mod consensus;
pub mod disk;
pub mod error;
pub mod evidence;
pub mod execution;
pub mod genesis;
pub mod hash;
pub mod key;
pub mod merkle;
pub mod note;
pub mod party;
pub mod record;
#[cfg(feature = "schema")]
mod schema;
pub mod seal;
mod store;
pub mod tile;
pub mod time;
mod tip;
pub mod transition;
pub mod trie;
pub mod view;
pub mod work;

pub use store::PendingCheckpoint;
pub use tip::Tip;
