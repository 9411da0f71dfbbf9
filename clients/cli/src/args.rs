//! What can be typed: the options for all commands, and the commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::{
    act, ask, audit, authority, bundle, certificate, diplomas, evidence, export, identity, import,
    key, log, marriage, mirror, network, parcel, qr, read, records, submit, timestamp, validators,
    witness,
};
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
    /// Handovers from the genesis to later pools, as `chancery log handovers` writes them; more than one
    /// file in their order. A server shows them by itself.
    #[arg(long, value_name = "FILE", global = true, requires = "anchor")]
    pub(crate) handover: Vec<PathBuf>,
    /// Read as the party of this key, which sees what concerns it and what it oversees.
    #[arg(long, env = "CHANCERY_READ_AS", value_name = "KEY", global = true)]
    pub(crate) read_as: Option<String>,
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
    /// Civil status: weddings, divorces, and what persons state about themselves.
    #[command(subcommand)]
    Marriage(marriage::Command),
    /// Validators: who seals blocks, how that changes, and who was caught signing two things at once.
    #[command(subcommand)]
    Validators(Box<validators::Command>),
    /// What auditors ask across all registers, as tables, CSV or JSON, with proofs.
    Records(Box<records::Records>),
    /// Academic credentials: issue, correct, revoke, disclose, check.
    #[command(subcommand)]
    Diplomas(Box<diplomas::Command>),
    /// Ask any register for anything, with the action in JSON.
    Act(act::Act),
    /// Bring what others keep into a register.
    #[command(subcommand)]
    Import(import::Command),
    /// Write what a register keeps in the formats of others.
    #[command(subcommand)]
    Export(export::Command),
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
    /// Get an object with everything that was done to it and all the proofs, as one file.
    Bundle(bundle::Make),
    /// Check a receipt, a proof or a bundle with nothing but the genesis, offline.
    Verify(evidence::Verify),
    /// Make the QR code of a receipt or a proof, once it is checked.
    Qr(qr::Qr),
    /// Print an object: a PDF that states it in words, with its proof as a code.
    Certificate(certificate::Certificate),
    /// Get the genesis, to keep as the anchor.
    Genesis(evidence::GetGenesis),
    /// Show an object.
    Show(read::Show),
    /// Ask a question about an object, as its register answers it.
    Ask(ask::Ask),
    /// The transitions behind an object.
    History(read::History),
    /// Find what a party holds, or transitions by what they concern.
    #[command(subcommand)]
    Search(read::Search),
    /// The log: its checkpoint, and that it only ever grew.
    #[command(subcommand)]
    Log(log::Command),
    /// Follow a log: keep its tiles, checked, and prove that it only ever grew.
    Mirror(mirror::Follow),
    /// Cosign the checkpoints of logs, each only if it begins with the one before (C2SP tlog-witness).
    Witness(witness::Serve),
    /// Anchor checkpoints in the time of others: authorities (RFC 3161) and Bitcoin (OpenTimestamps).
    #[command(subcommand)]
    Timestamp(timestamp::Command),
    /// Replay a data folder or a server from its genesis and check everything.
    Audit(audit::Audit),
    /// Found a network of nodes, join one, and watch it.
    #[command(subcommand)]
    Network(Box<network::Command>),
    /// Measure a server of your own under load.
    Load(load::Load),
    /// Found a small demo on a fresh server.
    #[command(subcommand)]
    Demo(demo::Command),
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// Every command with what it is for and what it takes.
    fn outline(command: &clap::Command, depth: usize, out: &mut String) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        *out += &format!("{}{}: {about}\n", "  ".repeat(depth), command.get_name());
        for argument in command.get_arguments().filter(|argument| !argument.is_global_set()) {
            let name = argument.get_long().map_or_else(
                || argument.get_id().to_string().to_uppercase(),
                |long| format!("--{long}"),
            );
            if !["--help", "--version"].contains(&name.as_str()) {
                *out += &format!("{}  . {name}\n", "  ".repeat(depth));
            }
        }
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            outline(sub, depth + 1, out);
        }
    }

    #[test]
    fn the_commands_are_these() {
        Arguments::command().debug_assert();
        let mut text = String::new();
        outline(&Arguments::command(), 0, &mut text);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn help_works_for_every_command() {
        fn each(command: &mut clap::Command, path: &str) {
            let help = command.render_long_help().to_string();
            assert!(help.contains("Usage:"), "{path}");
            assert!(command.get_about().is_some(), "{path} says not what it is for");
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{path}: {} has no help", argument.get_id());
            }
            let names: Vec<String> =
                command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
            for name in names.iter().filter(|name| *name != "help") {
                if let Some(sub) = command.find_subcommand_mut(name) {
                    each(sub, &format!("{path} {name}"));
                }
            }
        }
        each(&mut Arguments::command(), "chancery");
    }

    #[test]
    fn no_command_has_an_argument_of_a_global_name() {
        // clap keeps both under one id and finds the wrong type only when it is used.
        fn each(command: &clap::Command, global: &[&str], path: &str) {
            for sub in command.get_subcommands() {
                let path = format!("{path} {}", sub.get_name());
                for argument in sub.get_arguments() {
                    assert!(!global.contains(&argument.get_id().as_str()), "{path}: {argument}");
                }
                each(sub, global, &path);
            }
        }
        let command = Arguments::command();
        let global = command.get_arguments().filter(|argument| argument.is_global_set());
        let global: Vec<&str> = global.map(|argument| argument.get_id().as_str()).collect();
        assert!(global.contains(&"keys"));
        each(&command, &global, "chancery");
    }

    #[test]
    fn a_passphrase_is_never_an_argument() {
        let mut text = String::new();
        outline(&Arguments::command(), 0, &mut text);
        assert!(!text.contains("--pass"), "{text}");
    }

    #[test]
    fn options_for_all_commands_stand_anywhere() {
        for line in [
            "chancery --json key list",
            "chancery key list --json",
            "chancery verify proof.json --anchor genesis.json",
            "chancery --url http://127.0.0.1:1 show parcels/parcel/RR000100013TW",
        ] {
            assert!(Arguments::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        for line in [
            "chancery",
            "chancery parcel handoff --step collected --from a --to b --place x",
            "chancery parcel handoff RR1 --step collected --from a --to b --place x",
            "chancery parcel register RB123456785GB --carrier c --sender s",
            "chancery identity create ana --kind robot",
            "chancery verify",
            "chancery submit file --receipt out.json",
            "chancery show parcels",
            "chancery validators appoint --from +300",
            "chancery validators delegate --party ana",
        ] {
            assert!(Arguments::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
