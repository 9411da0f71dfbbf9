//! Recovery: laid down beforehand, begun when keys are lost, objected to when it is a theft.

use std::time::Duration;

use chancery_client::{PartyId, PublicKey};
use chancery_registries::identity::{Action, DelayMs, ObjectToRecovery, Recover, SetRecovery};
use clap::Subcommand;

use super::send;
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{KeyWord, PartyWord, distinct, duration};

/// Recovery: laid down beforehand, begun when keys are lost, objected to when it is a theft.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lay down how the party is recovered when its keys are lost.
    SetRecovery {
        /// Who, by ID code or key name.
        party: PartyWord,
        /// A guardian, by ID code or key name; once for each.
        #[arg(long = "guardian", value_name = "PARTY")]
        guardians: Vec<PartyWord>,
        /// How many guardians must sign; 0 where there are none.
        #[arg(long, default_value_t = 0)]
        threshold: u32,
        /// An accredited identity authority that can recover it as well.
        #[arg(long)]
        authority: Option<PartyWord>,
        /// For how long the controllers can object, as in 72h.
        #[arg(long, value_parser = duration)]
        delay: Duration,
        #[command(flatten)]
        sending: Sending,
    },
    /// Begin a recovery. The guardians or the authority sign, and every new key as a key of the
    /// party (make it with `chancery key new NAME --party PARTY`).
    Recover {
        /// Who, by ID code or key name.
        party: PartyWord,
        /// A new controller key, by its 43 characters or key name; once for each.
        #[arg(long = "key", required = true, value_name = "KEY")]
        new_keys: Vec<KeyWord>,
        /// How many of them must sign from then on.
        #[arg(long, default_value_t = 1)]
        threshold: u32,
        /// The identity authority, where it is the one that recovers.
        #[arg(long)]
        by: Option<PartyWord>,
        #[command(flatten)]
        sending: Sending,
    },
    /// Object to the recovery under way.
    Object {
        /// Whose recovery, by ID code or key name.
        party: PartyWord,
        /// Who objects: the party itself unless said otherwise.
        #[arg(long)]
        by: Option<PartyWord>,
        #[command(flatten)]
        sending: Sending,
    },
}

impl Command {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::SetRecovery { party, sending, .. } => {
                send(session, sending, self.plan(session)?, party).await
            }
            Self::Recover { party, new_keys, threshold, by, sending } => {
                let keys: Vec<PublicKey> = new_keys
                    .iter()
                    .map(|key| key.resolve(session.keys()))
                    .collect::<Result<_, _>>()?;
                let by = by.as_ref().map(|by| session.party(by)).transpose()?;
                let action = Action::Recover(Recover {
                    party: session.party(party)?,
                    by,
                    threshold: *threshold,
                    keys: distinct(keys)?,
                });
                send(session, sending, action, party).await
            }
            Self::Object { party, by, sending } => {
                let acting = by.as_ref().unwrap_or(party);
                let action = Action::Object(ObjectToRecovery {
                    party: session.party(party)?,
                    by: by.as_ref().map(|by| session.party(by)).transpose()?,
                });
                send(session, sending, action, acting).await
            }
        }
    }

    fn plan(&self, session: &Session) -> Result<Action, Failure> {
        let Self::SetRecovery { party, guardians, threshold, authority, delay, .. } = self else {
            return Err(Failure::usage("not set-recovery"));
        };
        let guardians: Vec<PartyId> =
            guardians.iter().map(|guardian| session.party(guardian)).collect::<Result<_, _>>()?;
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Ok(Action::SetRecovery(SetRecovery {
            party: session.party(party)?,
            guardians: distinct(guardians)?,
            threshold: *threshold,
            authority: authority.as_ref().map(|party| session.party(party)).transpose()?,
            delay_ms: DelayMs::try_from(delay_ms)
                .map_err(|error| Failure::usage(error.to_string()))?,
        }))
    }
}
