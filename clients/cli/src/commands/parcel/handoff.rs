//! `chancery parcel handoff`: one statement that both sides sign.

use chancery_client::{AsOf, Hash};
use chancery_registries::parcels::number::ParcelNumber;
use chancery_registries::parcels::{
    Action, Condition, Container, ContainerNumber, Handed, HandedContainer, HandedParcel, Handoff,
    Parcel, Step,
};
use chancery_registries::text::Statement;
use clap::Args;

use super::{Scene, send};
use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;
use crate::words::{PartyWord, distinct, word};

/// A change of custody.
#[derive(Debug, Args)]
pub(crate) struct Handing {
    /// The parcel's number; several make one round.
    #[arg(required_unless_present = "container")]
    numbers: Vec<ParcelNumber>,
    /// A container with all that is in it, by its number.
    #[arg(long, conflicts_with = "numbers")]
    container: Option<ContainerNumber>,
    /// collected, at-origin, in-transit, at-terminal, out-for-delivery, delivered or returned.
    #[arg(long, value_parser = word::<Step>)]
    step: Step,
    /// Who releases: the present custodian, by ID code or key name.
    #[arg(long)]
    from: PartyWord,
    /// Who receives, by ID code or key name.
    #[arg(long)]
    to: PartyWord,
    /// sound or damaged; as it stands in the register when left out.
    #[arg(long, value_parser = word::<Condition>)]
    condition: Option<Condition>,
    /// What the receiver will not answer for.
    #[arg(long)]
    reservation: Option<Statement>,
    /// The commitment to the record, to hand over one parcel or container without asking a server.
    #[arg(long, requires = "condition", value_name = "HASH")]
    record: Option<Hash>,
    #[command(flatten)]
    scene: Scene,
    #[command(flatten)]
    sending: Sending,
}

impl Handing {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let action = Action::Handoff(Handoff {
            of: self.handed(session).await?,
            step: self.step,
            from: session.party(&self.from)?,
            to: session.party(&self.to)?,
            place: self.scene.place.clone(),
            device_time: self.scene.device_time(),
        });
        send(session, &self.sending, action, &[&self.from, &self.to]).await
    }

    async fn handed(&self, session: &Session) -> Result<Handed, Failure> {
        if let Some(number) = &self.container {
            return Ok(Handed::Container(self.handed_container(session, number).await?));
        }
        if self.record.is_some() && self.numbers.len() > 1 {
            return Err(Failure::usage("--record is for one parcel; a round asks the server"));
        }
        let mut lines = Vec::new();
        for number in &self.numbers {
            lines.push(self.handed_parcel(session, number).await?);
        }
        match lines.len() {
            1 => Ok(Handed::Parcel(lines.remove(0))),
            _ => Ok(Handed::Parcels(distinct(lines)?)),
        }
    }

    async fn handed_parcel(
        &self,
        session: &Session,
        number: &ParcelNumber,
    ) -> Result<HandedParcel, Failure> {
        let (record, condition) = match (self.record, self.condition) {
            (Some(record), Some(condition)) => (record, condition),
            _ => {
                let id = number.to_string();
                let parcel = session.client()?.stored::<Parcel>(&id, AsOf::Now).await?;
                let parcel =
                    parcel.ok_or_else(|| Failure::usage(format!("there is no parcel {id}")))?;
                (parcel.record, self.condition.unwrap_or(parcel.condition))
            }
        };
        let reservation = self.reservation.clone();
        Ok(HandedParcel { number: number.clone(), record, condition, reservation })
    }

    async fn handed_container(
        &self,
        session: &Session,
        number: &ContainerNumber,
    ) -> Result<HandedContainer, Failure> {
        let (record, condition) = match (self.record, self.condition) {
            (Some(record), Some(condition)) => (record, condition),
            _ => {
                let id = number.to_string();
                let bag = session.client()?.stored::<Container>(&id, AsOf::Now).await?;
                let bag =
                    bag.ok_or_else(|| Failure::usage(format!("there is no container {id}")))?;
                (bag.record, self.condition.unwrap_or(bag.condition))
            }
        };
        let reservation = self.reservation.clone();
        Ok(HandedContainer { number: number.clone(), record, condition, reservation })
    }
}
