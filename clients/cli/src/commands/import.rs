//! `chancery import`: what others keep, brought into a register.

mod artworks;
pub(crate) mod epcis;
pub(crate) mod land;
pub(crate) mod ocf;

use clap::Subcommand;

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Bring what others keep into a register.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register a museum's objects, and state their provenance texts as claims.
    Artworks(artworks::ImportArtworks),
    /// The events of an EPCIS 2.0 document, as a carrier's statements about its parcels.
    Epcis(epcis::Import),
    /// Every title of a land register (SOLA's tables as JSON lines), registered for the first time.
    Land(land::Land),
    /// A company's shares, from an Open Cap Format package.
    Ocf(ocf::ImportOcf),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Artworks(command) => command.run(session).await,
            Self::Epcis(command) => command.run(session).await,
            Self::Land(command) => command.run(session).await,
            Self::Ocf(command) => command.run(session).await,
        }
    }
}
