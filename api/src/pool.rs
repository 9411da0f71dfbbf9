//! A pool of validators: the agreement engine, and what connects it to the thread that owns the chain.

mod blocks;
pub mod codec;
pub mod context;
pub(crate) mod engine;
pub mod evidence;
pub(crate) mod host;
pub(crate) mod status;
