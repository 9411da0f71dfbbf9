//! `chancery import`: registers that were kept elsewhere, taken over.

pub(crate) mod land;

use clap::Subcommand;

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Take over a register that was kept elsewhere.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register every title of a folder (SOLA's tables as JSON lines) for the first time.
    Land(land::Land),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Land(land) => land.run(session).await,
        }
    }
}
