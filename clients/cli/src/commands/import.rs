//! `chancery import`: what others hold, brought into a register by whoever answers for it.

pub(crate) mod epcis;

use clap::Subcommand;

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// What is imported.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The events of an EPCIS 2.0 document, as a carrier's statements about its parcels.
    Epcis(epcis::Import),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Epcis(import) => import.run(session).await,
        }
    }
}
