//! The way of one parcel, told step by step.

use std::cell::Cell;

use chancery_client::{Action, Hash, now};
use chancery_registries::parcels::number::ParcelNumber;
use chancery_registries::parcels::{
    self, Condition, Handed, HandedParcel, Handoff, Place, Proxies, RegisterParcel, Step,
};
use serde_json::json;

use super::stage::{Stage, text};
use crate::failure::Failure;
use crate::words::distinct;

pub(super) const NORTH: &str = "North Station";
pub(super) const SOUTH: &str = "South Station";

/// A parcel on its way.
pub(super) struct Way<'a> {
    stage: &'a Stage<'a>,
    number: ParcelNumber,
    record: Hash,
    condition: Condition,
    steps: Cell<u32>,
}

impl<'a> Way<'a> {
    /// Registers a parcel; its record is kept in the demo's folder.
    pub(super) async fn begin(
        stage: &'a Stage<'a>,
        number: &ParcelNumber,
        (sender, recipient): (&str, &str),
        contents: &str,
        proxies: &[&str],
    ) -> Result<Self, Failure> {
        let record = record(stage, number, (sender, recipient), contents)?;
        let proxies =
            proxies.iter().map(|proxy| stage.party(proxy)).collect::<Result<Vec<_>, _>>()?;
        let proxies: Proxies = distinct(proxies)?;
        let (number, condition) = (number.clone(), Condition::Sound);
        let way = Self { stage, number: number.clone(), record, condition, steps: Cell::new(0) };
        let action = parcels::Action::Register(Box::new(RegisterParcel {
            parcel: number,
            format: None,
            carrier: stage.party("carrier")?,
            sender: stage.party(sender)?,
            recipient: stage.party(recipient)?,
            proxies,
            record,
            condition: Condition::Sound,
            statement: None,
            place: text("Counter of the North Station")?,
            device_time: now(),
        }));
        way.event("registered", &[sender, "carrier"], action).await?;
        Ok(way)
    }

    /// The number.
    pub(super) fn number(&self) -> &ParcelNumber {
        &self.number
    }

    /// From here on both sides of a handoff see damage.
    pub(super) fn is_damaged(&mut self) {
        self.condition = Condition::Damaged;
    }

    /// What one handoff says of this parcel.
    pub(super) fn line(&self, reservation: Option<&str>) -> Result<HandedParcel, Failure> {
        Ok(HandedParcel {
            number: self.number.clone(),
            record: self.record,
            condition: self.condition,
            reservation: reservation.map(text).transpose()?,
        })
    }

    /// One hands it to the other, and both sign.
    pub(super) async fn goes(
        &self,
        step: Step,
        from: &str,
        to: &str,
        place: &str,
    ) -> Result<(), Failure> {
        self.goes_reserved(step, (from, to), place, None).await
    }

    /// The same, with something that the receiver will not answer for.
    pub(super) async fn goes_reserved(
        &self,
        step: Step,
        (from, to): (&str, &str),
        place: &str,
        reservation: Option<&str>,
    ) -> Result<(), Failure> {
        let of = Handed::Parcel(self.line(reservation)?);
        let action = handoff(self.stage, of, step, (from, to), place)?;
        self.event(&step.to_string(), &[from, to], action).await
    }

    /// From the sender to the station that it enters the network by.
    pub(super) async fn enters(&self, sender: &str) -> Result<(), Failure> {
        self.goes(Step::Collected, sender, "courier-1", "The sender's door").await?;
        self.goes(Step::AtOrigin, "courier-1", "station-north", NORTH).await
    }

    /// From there to the station that it goes out from.
    pub(super) async fn travels(&self) -> Result<(), Failure> {
        self.goes(Step::InTransit, "station-north", "courier-2", NORTH).await?;
        self.goes(Step::AtTerminal, "courier-2", "station-south", SOUTH).await
    }

    /// Out for delivery.
    pub(super) async fn goes_out(&self) -> Result<(), Failure> {
        self.goes(Step::OutForDelivery, "station-south", "courier-3", SOUTH).await
    }

    /// Into the hands of its recipient or a proxy.
    pub(super) async fn arrives(&self, recipient: &str) -> Result<(), Failure> {
        self.goes(Step::Delivered, "courier-3", recipient, "The recipient's door").await
    }

    /// Anything else that happens to it.
    pub(super) async fn event(
        &self,
        name: &str,
        signers: &[&str],
        action: parcels::Action,
    ) -> Result<(), Failure> {
        let step = self.step_name(name);
        self.steps.set(self.steps.get() + 1);
        self.stage.step(&step, signers, Action::Parcels(action)).await
    }

    /// Whether what comes next was done before, under this name.
    pub(super) fn is_next_done(&self, name: &str) -> bool {
        self.stage.is_done(&self.step_name(name))
    }

    fn step_name(&self, name: &str) -> String {
        format!("{}-{:02}-{name}", self.number, self.steps.get())
    }
}

/// A handoff here and now.
pub(super) fn handoff(
    stage: &Stage<'_>,
    of: Handed,
    step: Step,
    (from, to): (&str, &str),
    place: &str,
) -> Result<parcels::Action, Failure> {
    Ok(parcels::Action::Handoff(Handoff {
        of,
        step,
        from: stage.party(from)?,
        to: stage.party(to)?,
        place: text::<Place>(place)?,
        device_time: now(),
    }))
}

/// Writes down what stands behind a parcel's commitment, once.
fn record(
    stage: &Stage<'_>,
    number: &ParcelNumber,
    (sender, recipient): (&str, &str),
    contents: &str,
) -> Result<Hash, Failure> {
    let folder = stage.folder().join("records");
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, error))?;
    let path = folder.join(format!("{number}.json"));
    let record = json!({
        "number": number.to_string(), "sender": sender, "recipient": recipient, "contents": contents,
    });
    if !path.exists() {
        std::fs::write(&path, record.to_string()).map_err(|error| Failure::file(&path, error))?;
    }
    let bytes = std::fs::read(&path).map_err(|error| Failure::file(&path, error))?;
    Ok(Hash::of(&[&bytes]))
}
