//! What persons state about themselves.

use chancery_client::Time;
use chancery_registries::marriages::{Action, StateFreeToMarry, StateMarried};
use chancery_registries::text::Reference;
use clap::Args;

use super::{drawn, send};
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{PartyWord, moment};

/// That somebody is free to marry.
#[derive(Debug, Args)]
pub(crate) struct Free {
    /// Who states it, by ID code or key name.
    party: PartyWord,
    #[command(flatten)]
    statement: Statement,
}

/// That two are married to each other.
#[derive(Debug, Args)]
pub(crate) struct Married {
    /// Who states it, by ID code or key name.
    party: PartyWord,
    /// To whom they are married, by ID code or key name.
    #[arg(long)]
    spouse: PartyWord,
    #[command(flatten)]
    statement: Statement,
}

/// What every statement says.
#[derive(Debug, Args)]
struct Statement {
    /// What for, in words.
    #[arg(long)]
    purpose: Reference,
    /// For whom, by ID code or key name.
    #[arg(long = "for", value_name = "PARTY")]
    addressee: Option<PartyWord>,
    /// Until when it may be relied upon: a time, or +DURATION from now; at most 366 days.
    #[arg(long, value_parser = moment, default_value = "+90d")]
    until: Time,
    #[command(flatten)]
    sending: Sending,
}

impl Free {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let Statement { purpose, addressee, until, sending } = &self.statement;
        let action = Action::StateFreeToMarry(StateFreeToMarry {
            party: session.party(&self.party)?,
            salt: drawn()?,
            addressee: addressee.as_ref().map(|word| session.party(word)).transpose()?,
            purpose: purpose.clone(),
            until: *until,
        });
        send(session, sending, action, &[&self.party]).await
    }
}

impl Married {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let Statement { purpose, addressee, until, sending } = &self.statement;
        let action = Action::StateMarried(StateMarried {
            party: session.party(&self.party)?,
            spouse: session.party(&self.spouse)?,
            salt: drawn()?,
            addressee: addressee.as_ref().map(|word| session.party(word)).transpose()?,
            purpose: purpose.clone(),
            until: *until,
        });
        send(session, sending, action, &[&self.party]).await
    }
}
