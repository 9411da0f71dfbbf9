//! `chancery witness`: cosigns the checkpoints of logs that only ever grew (C2SP tlog-witness).

mod folder;
mod server;
mod watched;

use std::net::SocketAddr;
use std::path::PathBuf;

use chancery_ledger::note::{SignatureType, VerifierKey};
use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use folder::WitnessFolder;
use watched::{Cosigner, Witness};

/// Cosign the checkpoints of logs, each only if it begins with the one before (C2SP tlog-witness).
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The witness's folder: witness.json says its name and the logs, logs/ what it has cosigned.
    #[arg(long, value_name = "FOLDER")]
    dir: PathBuf,
    /// The key that it cosigns with, by name; one that nothing else signs with.
    #[arg(long, value_name = "KEY")]
    key: String,
    /// Where it listens for the logs.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
}

impl Serve {
    /// Does it, until the process is told to stop.
    pub(crate) fn run(&self, session: &Session) -> Result<Report, Failure> {
        let (folder, config) = WitnessFolder::open(&self.dir)?;
        let signer = session.keys().open(&self.key)?;
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
        server::serve(witness, self.listen, listens)?;
        Ok(Report::printed())
    }
}
