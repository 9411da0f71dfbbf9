//! `chancery network`: founding a network of nodes, joining one, and watching it.

mod ceremony;
mod create;
mod folder;
mod founding;
mod guide;
mod member;
mod place;
mod watch;

use clap::Subcommand;

use super::wait_for;
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Found a network of nodes, join one, and watch it.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the folders of all nodes in one place, by someone whom all of them trust.
    Create(create::Create),
    /// Make your own node's key and the public file that the others need of you.
    Key(ceremony::Key),
    /// Found a network from everyone's public files: the same genesis for all who do it.
    Found(ceremony::Found),
    /// Make the folder of a node that follows a network that exists.
    Join(ceremony::Join),
    /// Show how nodes stand, again and again.
    Watch(watch::Watch),
}

impl Command {
    /// Does it.
    pub(crate) fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Create(command) => command.run(session),
            Self::Key(command) => command.run(),
            Self::Found(command) => command.run(),
            Self::Join(command) => command.run(),
            Self::Watch(command) => wait_for(command.run(session))?,
        }
    }
}
