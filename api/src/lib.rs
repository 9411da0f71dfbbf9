//! `chanceryd`: the node, its HTTP interface and its SQL projections.

pub mod config;
pub mod http;
pub mod node;
pub mod openapi;
pub mod peers;
#[cfg(feature = "pool")]
pub mod pool;
pub mod projection;
mod witnessing;
pub mod work;
