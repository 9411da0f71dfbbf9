//! `chancery export`: what a register holds, in the format of others.

pub(crate) mod epcis;

use clap::Subcommand;

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// What is exported.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// A parcel's history as a GS1 EPCIS 2.0 document.
    Epcis(epcis::Export),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Epcis(export) => export.run(session).await,
        }
    }
}
