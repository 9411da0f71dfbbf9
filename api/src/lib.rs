//! `chanceryd`: the node, its HTTP interface and its SQL projections.

pub mod config;
pub mod http;
mod kept;
pub mod node;
pub mod openapi;
pub mod peers;
#[cfg(feature = "pool")]
pub mod pool;
pub mod projection;
mod rate;
pub mod records;
mod sql;
mod witnessing;
pub mod work;
