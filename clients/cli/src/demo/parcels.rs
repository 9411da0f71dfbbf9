//! A dozen parcels and what befalls them.

use std::time::Duration;

use chancery_client::{Action, now};
use chancery_registries::parcels::number::ParcelNumber;
use chancery_registries::parcels::{
    self, AttemptFailed, Condition, ContainerNumber, DeclareLost, Find, Handed, HandedContainer,
    HoldKind, HoldParcel, Pack, Refuse, ReleaseHold, ReportDamage, Return, Step, Unpack,
};

use super::cast::LOST_AFTER_MS;
use super::stage::{Stage, text};
use super::way::{NORTH, SOUTH, Way, handoff};
use crate::failure::Failure;
use crate::report::progress;
use crate::words::distinct;

/// Parcels that were moved, with what befell each.
pub(super) struct Moved {
    /// Number and story.
    pub(super) parcels: Vec<(ParcelNumber, &'static str)>,
    /// The bag.
    pub(super) bag: ContainerNumber,
}

impl Moved {
    fn add(&mut self, way: &Way<'_>, story: &'static str) {
        progress(format!("  {}  {story}", way.number()));
        self.parcels.push((way.number().clone(), story));
    }

    /// The first parcel of a story that begins so.
    pub(super) fn number(&self, story: &str) -> String {
        let found = self.parcels.iter().find(|(_, told)| told.starts_with(story));
        found.map(|(number, _)| number.to_string()).unwrap_or_default()
    }
}

/// Moves all of them.
pub(super) async fn play(stage: &Stage<'_>) -> Result<Moved, Failure> {
    let bag = text(&sscc(9_000)?.to_string())?;
    let mut moved = Moved { parcels: Vec::new(), bag };
    delivered(stage, &mut moved).await?;
    damaged(stage, &mut moved).await?;
    refused(stage, &mut moved).await?;
    lost(stage, &mut moved).await?;
    in_a_bag(stage, &mut moved).await?;
    held(stage, &mut moved).await?;
    on_the_way(stage, &mut moved).await?;
    Ok(moved)
}

async fn delivered(stage: &Stage<'_>, moved: &mut Moved) -> Result<(), Failure> {
    let way = Way::begin(stage, &s10(10_001)?, ("ana", "bo"), "A book", &[]).await?;
    way.enters("ana").await?;
    way.travels().await?;
    way.goes_out().await?;
    way.arrives("bo").await?;
    moved.add(&way, "delivered to its recipient");

    let way = Way::begin(stage, &s10(10_002)?, ("ana", "chen"), "Tea", &["dita"]).await?;
    way.enters("ana").await?;
    way.travels().await?;
    way.goes_out().await?;
    way.arrives("dita").await?;
    moved.add(&way, "delivered to a proxy named at registration");

    let way = Way::begin(stage, &sscc(1)?, ("bo", "chen"), "A lamp", &[]).await?;
    way.enters("bo").await?;
    way.travels().await?;
    way.goes_out().await?;
    let missed = parcels::Action::AttemptFailed(AttemptFailed {
        parcel: way.number().clone(),
        by: stage.party("courier-3")?,
        reason: text("Nobody opened the door")?,
        place: text("The recipient's door")?,
        device_time: now(),
    });
    way.event("attempt-failed", &["courier-3"], missed).await?;
    way.arrives("chen").await?;
    moved.add(&way, "delivered after a failed attempt");
    Ok(())
}

async fn damaged(stage: &Stage<'_>, moved: &mut Moved) -> Result<(), Failure> {
    let mut way = Way::begin(stage, &s10(10_003)?, ("bo", "dita"), "Porcelain", &[]).await?;
    way.enters("bo").await?;
    way.goes(Step::InTransit, "station-north", "courier-2", NORTH).await?;
    let report = parcels::Action::ReportDamage(ReportDamage {
        parcel: way.number().clone(),
        by: stage.party("courier-2")?,
        statement: text("A corner is crushed; it rattles")?,
        place: text("Highway 1, kilometre 88")?,
        device_time: now(),
    });
    way.event("damaged", &["courier-2"], report).await?;
    way.is_damaged();
    let reservation = Some("Taken in crushed, as the courier reported");
    way.goes_reserved(Step::AtTerminal, ("courier-2", "station-south"), SOUTH, reservation).await?;
    way.goes_out().await?;
    let (sides, door) = (("courier-3", "dita"), "The recipient's door");
    way.goes_reserved(Step::Delivered, sides, door, Some("Two plates are broken")).await?;
    moved.add(&way, "damaged in transit, taken with reservations, delivered");
    Ok(())
}

async fn refused(stage: &Stage<'_>, moved: &mut Moved) -> Result<(), Failure> {
    let way = Way::begin(stage, &s10(10_004)?, ("chen", "emre"), "Shoes", &[]).await?;
    way.enters("chen").await?;
    way.travels().await?;
    way.goes_out().await?;
    let refuse = parcels::Action::Refuse(Refuse {
        parcel: way.number().clone(),
        by: stage.party("courier-3")?,
        recipient_signs: true,
        reason: text("Not what was ordered")?,
        place: text("The recipient's door")?,
        device_time: now(),
    });
    way.event("refused", &["courier-3", "emre"], refuse).await?;
    let turn = parcels::Action::Return(Return {
        parcel: way.number().clone(),
        by: stage.party("courier-3")?,
        reason: text("Refused by the recipient")?,
    });
    way.event("turned", &["courier-3"], turn).await?;
    way.goes(Step::AtTerminal, "courier-3", "station-south", SOUTH).await?;
    way.goes(Step::InTransit, "station-south", "courier-2", SOUTH).await?;
    way.goes(Step::AtOrigin, "courier-2", "station-north", NORTH).await?;
    way.goes(Step::OutForDelivery, "station-north", "courier-1", NORTH).await?;
    way.goes(Step::Returned, "courier-1", "chen", "The sender's door").await?;
    moved.add(&way, "refused at the door and returned to its sender");
    Ok(())
}

async fn lost(stage: &Stage<'_>, moved: &mut Moved) -> Result<(), Failure> {
    let way = Way::begin(stage, &s10(10_005)?, ("dita", "faye"), "Letters", &[]).await?;
    way.enters("dita").await?;
    way.goes(Step::InTransit, "station-north", "courier-2", NORTH).await?;
    if !way.is_next_done("lost") {
        tokio::time::sleep(Duration::from_millis(LOST_AFTER_MS + 500)).await;
    }
    let declare = parcels::Action::DeclareLost(DeclareLost {
        parcel: way.number().clone(),
        by: stage.party("courier-2")?,
        reason: text("Not in the van on arrival")?,
    });
    way.event("lost", &["courier-2"], declare).await?;
    let find = parcels::Action::Find(Find {
        parcel: way.number().clone(),
        finder: stage.party("courier-3")?,
        condition: Condition::Sound,
        statement: None,
        place: text("Under the ramp of the South Station")?,
        device_time: now(),
    });
    way.event("found", &["courier-3"], find).await?;
    way.goes(Step::AtTerminal, "courier-3", "station-south", SOUTH).await?;
    way.goes_out().await?;
    way.arrives("faye").await?;
    moved.add(&way, "lost in transit, found and delivered");
    Ok(())
}

async fn in_a_bag(stage: &Stage<'_>, moved: &mut Moved) -> Result<(), Failure> {
    let mut ways = Vec::new();
    for (serial, recipient) in [(10_006, "ana"), (10_007, "bo"), (10_008, "chen")] {
        let way = Way::begin(stage, &s10(serial)?, ("faye", recipient), "Catalogues", &[]).await?;
        way.enters("faye").await?;
        ways.push((way, recipient));
    }
    let bag = moved.bag.clone();
    pack(stage, &bag, ways.iter().map(|(way, _)| way.number().clone()).collect()).await?;
    let lines = ways.iter().map(|(way, _)| way.line(None)).collect::<Result<Vec<_>, _>>()?;
    let manifest = parcels::manifest(lines.iter().map(|line| (&line.number, &line.record)));
    for (step, from, to, place) in [
        (Step::InTransit, "station-north", "courier-2", NORTH),
        (Step::AtTerminal, "courier-2", "station-south", SOUTH),
    ] {
        let (number, condition) = (bag.clone(), Condition::Sound);
        let sealed = HandedContainer { number, record: manifest, condition, reservation: None };
        let action = handoff(stage, Handed::Container(sealed), step, (from, to), place)?;
        stage.step(&format!("{bag}-{step}"), &[from, to], Action::Parcels(action)).await?;
    }
    let unpack = parcels::Action::Unpack(Unpack {
        container: bag.clone(),
        by: stage.party("station-south")?,
        place: text(SOUTH)?,
        device_time: now(),
    });
    stage.step(&format!("{bag}-unpacked"), &["station-south"], Action::Parcels(unpack)).await?;
    let sides = ("station-south", "courier-3");
    let round = Handed::Parcels(distinct(lines)?);
    let out = handoff(stage, round, Step::OutForDelivery, sides, SOUTH)?;
    let name = format!("{bag}-members-out");
    stage.step(&name, &["station-south", "courier-3"], Action::Parcels(out)).await?;
    for (way, recipient) in &ways {
        way.arrives(recipient).await?;
        moved.add(way, "travelled in a bag with two others, delivered");
    }
    Ok(())
}

async fn pack(
    stage: &Stage<'_>,
    bag: &ContainerNumber,
    numbers: Vec<ParcelNumber>,
) -> Result<(), Failure> {
    let pack = parcels::Action::Pack(Pack {
        container: bag.clone(),
        by: stage.party("station-north")?,
        parcels: distinct(numbers)?,
        place: text(NORTH)?,
        device_time: now(),
    });
    stage.step(&format!("{bag}-packed"), &["station-north"], Action::Parcels(pack)).await
}

async fn held(stage: &Stage<'_>, moved: &mut Moved) -> Result<(), Failure> {
    let way = Way::begin(stage, &sscc(2)?, ("emre", "ana"), "Spirits, 2 bottles", &[]).await?;
    way.enters("emre").await?;
    let hold = parcels::Action::Hold(HoldParcel {
        parcel: way.number().clone(),
        by: stage.party("customs")?,
        kind: HoldKind::Customs,
        reference: text("CUS-2026-0042")?,
        until: now().plus_ms(30 * 24 * 60 * 60 * 1000),
    });
    way.event("held", &["customs"], hold).await?;
    let release = parcels::Action::ReleaseHold(ReleaseHold {
        parcel: way.number().clone(),
        by: stage.party("customs")?,
        reference: text("CUS-2026-0042")?,
    });
    way.event("released", &["customs"], release).await?;
    way.travels().await?;
    moved.add(&way, "held by customs and released; at the South Station");
    Ok(())
}

async fn on_the_way(stage: &Stage<'_>, moved: &mut Moved) -> Result<(), Failure> {
    let way = Way::begin(stage, &s10(10_009)?, ("ana", "emre"), "A violin string", &[]).await?;
    way.enters("ana").await?;
    way.travels().await?;
    way.goes_out().await?;
    moved.add(&way, "out for delivery");

    let way = Way::begin(stage, &s10(10_010)?, ("bo", "faye"), "Seeds", &[]).await?;
    moved.add(&way, "registered: the courier has yet to come for it");
    Ok(())
}

/// An S10 of this serial number: of ten check digits one fits.
fn s10(serial: u32) -> Result<ParcelNumber, Failure> {
    let candidates = (0..10).map(|check| format!("RR{serial:08}{check}TW"));
    first_that_fits(candidates)
}

/// An SSCC of this serial reference, under a company prefix for examples.
fn sscc(serial: u32) -> Result<ParcelNumber, Failure> {
    let candidates = (0..10).map(|check| format!("0952110{serial:010}{check}"));
    first_that_fits(candidates)
}

fn first_that_fits(candidates: impl Iterator<Item = String>) -> Result<ParcelNumber, Failure> {
    let mut fitting = candidates.filter_map(|text| text.parse().ok());
    fitting.next().ok_or_else(|| Failure::usage("no check digit fits"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_check_digit() {
        assert_eq!(s10(10_001).unwrap().to_string().len(), 13);
        assert_eq!(sscc(1).unwrap().to_string().len(), 18);
        assert_ne!(s10(10_001).unwrap(), s10(10_002).unwrap());
    }
}
