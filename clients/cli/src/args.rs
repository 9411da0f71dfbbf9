//! What can be typed: the options for all commands, and the commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::{act, audit, authority, evidence, identity, key, log, parcel, read, submit};
use crate::{demo, load};

/// The command line of a Chancery ledger: sign, submit, read and verify.
#[derive(Debug, Parser)]
#[command(name = "chancery", version, about, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options for every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The server.
    #[arg(long, env = "CHANCERY_URL", default_value = "http://127.0.0.1:8080", global = true)]
    pub(crate) url: String,
    /// Write one JSON document to standard output, for machines.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The folder of your keys; ~/.chancery/keys unless said otherwise.
    #[arg(long, env = "CHANCERY_KEYS", value_name = "FOLDER", global = true)]
    pub(crate) keys: Option<PathBuf>,
    /// The genesis you trust: whatever the server sends as evidence is checked against it.
    #[arg(long, env = "CHANCERY_ANCHOR", value_name = "GENESIS", global = true)]
    pub(crate) anchor: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make, list and show keys.
    #[command(subcommand)]
    Key(key::Command),
    /// Parties, their keys, recovery, attestations and kinship.
    #[command(subcommand)]
    Identity(Box<identity::Command>),
    /// Accreditations and the orders of courts and regulators.
    #[command(subcommand)]
    Authority(authority::Command),
    /// Parcels: register, hand over, report, trace.
    #[command(subcommand)]
    Parcel(Box<parcel::Command>),
    /// Ask any register for anything, with the action in JSON.
    Act(act::Act),
    /// Add a signature to a transition in a file.
    Sign(submit::Sign),
    /// Submit a transition from a file.
    Submit(submit::Submit),
    /// What has become of a transition.
    Status(submit::Status),
    /// Get the receipt of a transition.
    Receipt(evidence::GetReceipt),
    /// Get the proof that an object is, or is not, in a register.
    Proof(evidence::GetProof),
    /// Check a receipt or a proof with nothing but the genesis, offline.
    Verify(evidence::Verify),
    /// Get the genesis, to keep as the anchor.
    Genesis(evidence::GetGenesis),
    /// Show an object.
    Show(read::Show),
    /// The transitions behind an object.
    History(read::History),
    /// Find what a party holds, or transitions by what they concern.
    #[command(subcommand)]
    Search(read::Search),
    /// The log: its checkpoint, and that it only ever grew.
    #[command(subcommand)]
    Log(log::Command),
    /// Replay a data folder or a server from its genesis and check everything.
    Audit(audit::Audit),
    /// Measure a server of your own under load.
    Load(load::Load),
    /// Found a small demo on a fresh server.
    #[command(subcommand)]
    Demo(demo::Command),
}
