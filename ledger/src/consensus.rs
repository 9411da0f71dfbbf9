//! Consensus: who decides which block is next.
//!
//! An engine drives and the chain answers. [`Solo`] decides by itself; [`PoolHost`] does all that a
//! validator of a pool does but voting, which an engine adds; [`WorkHost`] does all that a node of a
//! ledger of work does but mining and sending.

mod admit;
pub mod mempool;
pub mod pool;
mod solo;
pub mod work;

pub use mempool::Mempool;
pub use pool::PoolHost;
pub use solo::Solo;
pub use work::WorkHost;
