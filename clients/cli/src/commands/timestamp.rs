//! `chancery timestamp`: anchors checkpoints in the time of others, and checks what they have stated.

mod folder;
mod prove;
mod stamp;
mod upgrade;
mod verify;

use std::path::{Path, PathBuf};
use std::time::Duration;

use chancery_client::timestamp::Authorities;
use clap::{Args, Subcommand};

use crate::commands::mirror::passes;
use crate::failure::Failure;
use crate::report::{Report, progress};
use crate::session::Session;
use crate::words::duration;

/// Anchor checkpoints in the time of others: authorities (RFC 3161) and Bitcoin (OpenTimestamps).
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Have the log's newest checkpoint stamped, once it is checked against the anchor.
    Stamp(stamp::Stamp),
    /// Fetch the Bitcoin proofs that calendars had promised.
    Upgrade(upgrade::Upgrade),
    /// Check a folder of stamped checkpoints, offline.
    Verify(verify::Verify),
    /// Prove that a transition is in the log of a stamped checkpoint.
    Prove(prove::Prove),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Stamp(command) => command.run(session).await,
            Self::Upgrade(command) => command.run().await,
            Self::Verify(command) => command.run(session),
            Self::Prove(command) => command.run(session).await,
        }
    }
}

/// The authorities that a reader trusts.
#[derive(Debug, Args)]
struct Trusted {
    /// The certificates of authorities that you trust, in PEM: tokens must lead to one of them.
    #[arg(long, value_name = "FILE")]
    tsa_ca: Option<PathBuf>,
}

impl Trusted {
    fn read(&self) -> Result<Option<Authorities>, Failure> {
        let read = |file: &Path| {
            let pem = std::fs::read(file).map_err(|error| Failure::file(file, error))?;
            Authorities::from_pem(&pem)
                .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))
        };
        self.tsa_ca.as_deref().map(read).transpose()
    }
}

/// How others are asked.
#[derive(Debug, Args)]
struct Asking {
    /// How long each of them has for its answer.
    #[arg(long, value_parser = duration, value_name = "DURATION", default_value = "30s")]
    timeout: Duration,
    /// Do it again after so long, until it is stopped.
    #[arg(long, value_parser = duration, value_name = "DURATION")]
    every: Option<Duration>,
}

/// Says what went wrong in a round, and whether the next may go better.
fn goes_on(failure: Failure) -> Result<(), Failure> {
    match failure {
        Failure::Missed { what, figures } => {
            progress(figures.text());
            progress(what);
        }
        Failure::Client(error) if passes(&error) => progress(error.to_string()),
        other => return Err(other),
    }
    Ok(())
}
