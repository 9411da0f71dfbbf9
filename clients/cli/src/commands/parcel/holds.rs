//! Holds of customs, courts and regulators.

use chancery_ledger::time::Time;
use chancery_registries::parcels::number::ParcelNumber;
use chancery_registries::parcels::{Action, HoldKind, HoldParcel, ReleaseHold};
use chancery_registries::text::Reference;
use clap::Subcommand;

use super::send;
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{PartyWord, moment, word};

/// Holds of customs, courts and regulators.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Keep a parcel where it is. The authority signs.
    Hold {
        /// The parcel's number.
        number: ParcelNumber,
        /// The authority, by ID code or key name.
        #[arg(long)]
        by: PartyWord,
        /// customs, court or regulator.
        #[arg(long, value_parser = word::<HoldKind>)]
        kind: HoldKind,
        /// The authority's own mark for it.
        #[arg(long)]
        reference: Reference,
        /// Until when: a time, or +DURATION from now.
        #[arg(long, value_parser = moment)]
        until: Time,
        #[command(flatten)]
        sending: Sending,
    },
    /// Release a hold before its end. The authority that made it signs.
    ReleaseHold {
        /// The parcel's number.
        number: ParcelNumber,
        /// The authority, by ID code or key name.
        #[arg(long)]
        by: PartyWord,
        /// The mark that it gave the hold.
        #[arg(long)]
        reference: Reference,
        #[command(flatten)]
        sending: Sending,
    },
}

impl Command {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Hold { number, by, kind, reference, until, sending } => {
                let action = Action::Hold(HoldParcel {
                    parcel: number.clone(),
                    by: session.party(by)?,
                    kind: *kind,
                    reference: reference.clone(),
                    until: *until,
                });
                send(session, sending, action, &[by]).await
            }
            Self::ReleaseHold { number, by, reference, sending } => {
                let action = Action::ReleaseHold(ReleaseHold {
                    parcel: number.clone(),
                    by: session.party(by)?,
                    reference: reference.clone(),
                });
                send(session, sending, action, &[by]).await
            }
        }
    }
}
