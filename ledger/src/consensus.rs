//! Consensus: who decides which block is next.
//!
//! An engine drives and the chain answers. [`Solo`] decides by itself; [`PoolHost`] does all that a
//! validator of a pool does but voting, which an engine adds.

pub mod mempool;
pub mod pool;
mod solo;

pub use mempool::Mempool;
pub use pool::PoolHost;
pub use solo::Solo;
