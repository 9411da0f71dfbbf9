//! The network of the nodes, over sockets of this machine: several nodes in one process, and strangers
//! that speak less than the protocol.

mod discovery;
mod gossip;
mod hostile;
mod node;
mod requests;
