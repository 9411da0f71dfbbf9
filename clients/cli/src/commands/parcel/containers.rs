//! Bags and pallets, and what a carrier takes over from a closed station.

use chancery_registries::parcels::number::ParcelNumber;
use chancery_registries::parcels::{Action, ContainerNumber, Pack, TakeOver, TakenOver, Unpack};
use chancery_registries::text::{LocalId, Statement};
use clap::Subcommand;

use super::{Scene, send};
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{PartyWord, distinct};

/// Bags and pallets, and what a carrier takes over from a closed station.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Pack parcels into a new container. The custodian of all of them signs.
    Pack {
        /// The container's number: a GS1 SSCC or CARRIER_PARTY_ID-LOCAL.
        container: ContainerNumber,
        /// What goes in, by number, in this order.
        #[arg(required = true)]
        parcels: Vec<ParcelNumber>,
        /// The custodian, by ID code or key name.
        #[arg(long)]
        by: PartyWord,
        #[command(flatten)]
        scene: Scene,
        #[command(flatten)]
        sending: Sending,
    },
    /// Give the parcels of a container back. Its custodian signs.
    Unpack {
        /// The container's number.
        container: ContainerNumber,
        /// The custodian, by ID code or key name.
        #[arg(long)]
        by: PartyWord,
        #[command(flatten)]
        scene: Scene,
        #[command(flatten)]
        sending: Sending,
    },
    /// Take over what a closed station has. The carrier signs.
    TakeOver {
        /// The parcels, by number.
        #[arg(required_unless_present = "container")]
        parcels: Vec<ParcelNumber>,
        /// A container with all that is in it.
        #[arg(long, conflicts_with = "parcels")]
        container: Option<ContainerNumber>,
        /// The carrier, by ID code or key name.
        #[arg(long)]
        carrier: PartyWord,
        /// The station, by ID code or key name.
        #[arg(long)]
        station: PartyWord,
        /// The order of a court or regulator, where the station is still in service.
        #[arg(long)]
        order: Option<LocalId>,
        /// Why.
        #[arg(long)]
        reason: Statement,
        #[command(flatten)]
        sending: Sending,
    },
}

impl Command {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Pack { container, parcels, by, scene, sending } => {
                let action = Action::Pack(Pack {
                    container: container.clone(),
                    by: session.party(by)?,
                    parcels: distinct(parcels.clone())?,
                    place: scene.place.clone(),
                    device_time: scene.device_time(),
                });
                send(session, sending, action, &[by]).await
            }
            Self::Unpack { container, by, scene, sending } => {
                let action = Action::Unpack(Unpack {
                    container: container.clone(),
                    by: session.party(by)?,
                    place: scene.place.clone(),
                    device_time: scene.device_time(),
                });
                send(session, sending, action, &[by]).await
            }
            Self::TakeOver { carrier, sending, .. } => {
                send(session, sending, self.take_over(session)?, &[carrier]).await
            }
        }
    }

    fn take_over(&self, session: &Session) -> Result<Action, Failure> {
        let Self::TakeOver { parcels, container, carrier, station, order, reason, .. } = self
        else {
            return Err(Failure::usage("not take-over"));
        };
        let of = match container {
            Some(container) => TakenOver::Container(container.clone()),
            None => TakenOver::Parcels(distinct(parcels.clone())?),
        };
        Ok(Action::TakeOver(TakeOver {
            carrier: session.party(carrier)?,
            station: session.party(station)?,
            of,
            order: order.clone(),
            reason: reason.clone(),
        }))
    }
}
