//! `chancery witness`: cosigns the checkpoints of logs that only ever grew (C2SP tlog-witness).

mod config;
mod folder;
mod metrics;
mod server;
mod watched;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use chancery_ledger::note::{SignatureType, VerifierKey};
use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use config::Config;
use folder::WitnessFolder;
use watched::{Cosigner, Witness};

/// Cosign the checkpoints of logs, each only if it begins with the one before (C2SP tlog-witness).
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The witness's folder: witness.json says its name and the logs, logs/ what it has cosigned.
    #[arg(
        long,
        value_name = "FOLDER",
        required_unless_present = "config",
        conflicts_with = "config"
    )]
    dir: Option<PathBuf>,
    /// A file that says all: what witness.json says, and the folder of logs/, the key and the address, as
    /// docs/operations.md has it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The key that it cosigns with, by name; one that nothing else signs with.
    #[arg(long, value_name = "KEY", required_unless_present = "config")]
    key: Option<String>,
    /// Where it listens for the logs; 127.0.0.1:8090 unless said otherwise.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
}

/// Where a witness listens that was told nothing.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8090);
/// The configuration of a witness that is given a folder.
const CONFIG: &str = "witness.json";

impl Serve {
    /// The configuration and the folder, which no other process has.
    fn opened(&self) -> Result<(WitnessFolder, Config), Failure> {
        let wrong = |file: &Path, what: &str| Failure::usage(format!("{}: {what}", file.display()));
        match (&self.dir, &self.config) {
            (Some(dir), _) => {
                let file = dir.join(CONFIG);
                let config = Config::read(&file)?;
                if config.folder.is_some() {
                    return Err(wrong(&file, "folder: it is the one that --dir names"));
                }
                Ok((WitnessFolder::open(dir, CONFIG)?, config))
            }
            (None, Some(file)) => {
                let config = Config::read(file)?;
                let what = "folder: it must say where it keeps what it has cosigned";
                let folder = config.folder.as_deref().ok_or_else(|| wrong(file, what))?;
                Ok((WitnessFolder::open(folder, "logs")?, config))
            }
            (None, None) => Err(Failure::usage("name the witness: --dir FOLDER or --config FILE")),
        }
    }

    /// Does it, until the process is told to stop.
    pub(crate) fn run(&self, session: &Session) -> Result<Report, Failure> {
        let (folder, config) = self.opened()?;
        let listen = self.listen.or(config.listen).unwrap_or(LISTEN);
        let name = self.key.as_ref().or(config.key.as_ref());
        let name = name.ok_or_else(|| {
            Failure::usage("name the key that it cosigns with: --key KEY, or key in the file")
        })?;
        let signer = session.keys().open(name)?;
        let key = signer.key().clone();
        let public = VerifierKey::new(config.name, SignatureType::Cosignature, key.public());
        let cosigner = Cosigner::new(public.clone(), key);
        let logs = config.logs.len();
        let witness = Witness::open(folder, cosigner, config.logs)?;
        let machines = session.is_for_machines();
        let listens = |url: &str| {
            let name = public.name().as_str();
            let text = format!("{name} cosigns {logs} logs\nkey {public}\nlistening on {url}");
            let json = json!({"name": name, "key": public.to_string(), "url": url});
            Report::new(text, json).print(machines);
        };
        server::serve(witness, listen, listens)?;
        Ok(Report::printed())
    }
}
