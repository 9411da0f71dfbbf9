//! The network of the nodes, over sockets of this machine: several nodes in one process, and strangers
//! that speak less than the protocol.

#![allow(clippy::unwrap_used, clippy::panic, clippy::unit_arg)]

mod discovery;
mod gossip;
mod hostile;
mod node;
mod requests;
