//! `chancery diplomas`: issue thousands from a table, correct, revoke, disclose and check.

mod batches;
mod checking;
mod disclosing;
mod facts;
mod folder;
mod issuing;
pub(crate) mod records;
mod sheet;
mod single;
mod universities;

use clap::Subcommand;

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Academic credentials: issue, correct, revoke, disclose, check.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Issue what a table of comma-separated values lists, a row for each. Run again, it goes on.
    Issue(Box<issuing::Issue>),
    #[command(flatten)]
    Single(single::Command),
    /// Show whether a credential stands, and what stands behind it.
    Show(checking::Show),
    /// Check that a credential stands, and that what is shown of its record belongs to it.
    Check(checking::Check),
    /// Write some fields of a record to a file that proves them and shows nothing of the others.
    Disclose(disclosing::Disclose),
    /// Look a university up by name, domain or country in a list of them. Needs no server.
    Universities(universities::Universities),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Issue(args) => args.run(session).await,
            Self::Single(command) => command.run(session).await,
            Self::Show(args) => args.run(session).await,
            Self::Check(args) => args.run(session).await,
            Self::Disclose(args) => args.run(),
            Self::Universities(args) => args.run(),
        }
    }
}
