//! `chancery record`: records kept off the ledger, handed in by their keepers and read by those who may.

mod keeping;
mod reading;

use clap::Subcommand;

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Records kept off the ledger. Whoever reads, grants, refuses or asks does it as --read-as says.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a record of a plain JSON object: every field gets its own salt.
    Salt(keeping::Salt),
    /// Anchor a record and have the server keep it. Run again after a failure, it goes on. The keeper signs.
    Keep(keeping::Keep),
    /// Have a record erased, for good. The keeper signs.
    Erase(keeping::Erase),
    /// Read a record, or what was granted of it, and check that it is the one.
    Show(reading::Show),
    /// Let a party read fields of a record until a moment.
    Grant(reading::Grant),
    /// Take back what was granted to a party.
    Revoke(reading::Of),
    /// What is granted of a record.
    Grants(reading::About),
    /// Ask to read fields of a record.
    Request(reading::Request),
    /// The requests about a record; your own where it is not about you.
    Requests(reading::About),
    /// Refuse a party's request, or take your own back.
    Refuse(reading::Of),
    /// Who has read a record, when, and which fields.
    Readings(reading::About),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Salt(command) => command.run(),
            Self::Keep(command) => command.run(session).await,
            Self::Erase(command) => command.run(session).await,
            Self::Show(command) => command.run(session).await,
            Self::Grant(command) => command.run(session).await,
            Self::Revoke(command) => command.revoke(session).await,
            Self::Grants(command) => command.grants(session).await,
            Self::Request(command) => command.run(session).await,
            Self::Requests(command) => command.requests(session).await,
            Self::Refuse(command) => command.refuse(session).await,
            Self::Readings(command) => command.readings(session).await,
        }
    }
}
