//! `chancery export`: what a register keeps, in the formats of others.

mod artworks;
pub(crate) mod epcis;
pub(crate) mod ocf;

use clap::Subcommand;

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Write what a register keeps in the formats of others.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// A work and its provenance as Linked Art.
    Artworks(artworks::ExportArtwork),
    /// A parcel's history as a GS1 EPCIS 2.0 document.
    Epcis(epcis::Export),
    /// An issuer's shares as an Open Cap Format package.
    Ocf(ocf::ExportOcf),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Artworks(command) => command.run(session).await,
            Self::Epcis(command) => command.run(session).await,
            Self::Ocf(command) => command.run(session).await,
        }
    }
}
