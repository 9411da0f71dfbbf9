//! What stands in a node's folder beside its ledger: its key, and how it finds the other nodes.
//!
//! The node reads these files and the command line writes them, so both use this one form.

pub mod key_file;
pub mod network;
pub mod witnesses;

/// The node's private key, in PKCS#8 PEM.
pub const KEY_FILE: &str = "node-key.pem";
/// How the node finds the others of its network.
pub const NETWORK_FILE: &str = "network.json";
/// Who cosigns the node's checkpoints.
pub const WITNESSES_FILE: &str = "witnesses.json";
/// What the ledger was founded with.
pub const GENESIS_FILE: &str = "genesis.json";
