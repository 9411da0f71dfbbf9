//! `chanceryd`: the node, its HTTP interface and its SQL projections.

pub mod config;
pub mod http;
pub mod node;
pub mod openapi;
#[cfg(feature = "pool")]
pub mod pool;
pub mod projection;
