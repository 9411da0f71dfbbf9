//! What may be asked of a parcel's history, as pure functions over its versions.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use super::container::{Container, manifest};
use super::number::ParcelNumber;
use super::parcel::{Condition, EventKind, Parcel, Place};
use super::path::Step;
use crate::shape::{AskedOfHistory, Version};
use crate::text::Statement;

/// A period in which one party had the parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ParcelCustody)]
pub struct Custody {
    /// Who had it.
    pub custodian: PartyId,
    /// Since when.
    pub from: Time,
    /// Until when, that moment excluded; none while it lasts.
    pub until: Option<Time>,
    /// The log position of the transition that began it.
    pub position: u64,
    /// That transition.
    pub transition: Hash,
    /// What kind of event it was.
    pub kind: EventKind,
    /// The step, where it was a handoff.
    pub step: Option<Step>,
    /// Whether the former custodian signed as well.
    pub both_signed: bool,
}

/// The chain of custody: every custodian in turn, without a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ParcelCustodyChain)]
pub struct CustodyChain {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// The custodians, the first one first.
    pub chain: Vec<Custody>,
}

/// A moment in a parcel's history, with the transition behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ParcelDamagePoint)]
pub struct DamagePoint {
    /// When, in block time.
    pub time: Time,
    /// The transition's position in the log.
    pub position: u64,
    /// The transition.
    pub transition: Hash,
    /// What happened.
    pub kind: EventKind,
    /// Who had custody from then on.
    pub custodian: PartyId,
    /// Who had it before, where it changed.
    pub from: Option<PartyId>,
    /// Where.
    pub place: Option<Place>,
    /// What was stated.
    pub statement: Option<Statement>,
}

/// Between which two transitions a parcel was damaged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ParcelDamageSpan)]
pub struct DamageSpan {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// The last handoff before it, in which both sides signed that the parcel was sound and the
    /// receiver made no reservation; none when it was registered damaged or never handed over.
    pub last_sound: Option<DamagePoint>,
    /// Where damage was first stated; none when the parcel is sound.
    pub damaged: Option<DamagePoint>,
}

/// The versions that are parcels, each with the parcel.
pub(super) fn parcels(history: &[Version]) -> impl Iterator<Item = (&Version, Parcel)> {
    history.iter().filter_map(|version| Some((version, version.decode::<Parcel>()?.value)))
}

/// The chain of custody: every custodian in turn, without a gap.
pub fn custody_chain(history: &[Version]) -> Vec<Custody> {
    let mut chain: Vec<Custody> = Vec::new();
    for (version, parcel) in parcels(history) {
        if let Some(previous) = chain.last_mut() {
            if previous.custodian == parcel.custodian {
                continue;
            }
            previous.until = Some(version.time);
        }
        chain.push(Custody {
            custodian: parcel.custodian,
            from: version.time,
            until: None,
            position: version.position,
            transition: parcel.last.transition,
            kind: parcel.last.kind,
            step: parcel.last.step,
            both_signed: parcel.last.both_signed,
        });
    }
    chain
}

/// The version in force at a moment: the last of the blocks up to then.
pub fn version_at(history: &[Version], time: Time) -> Option<&Version> {
    history.iter().rev().find(|version| version.time <= time)
}

/// Who had the parcel at a moment; nobody before it was registered.
pub fn custodian_at(history: &[Version], time: Time) -> Option<PartyId> {
    Some(version_at(history, time)?.decode::<Parcel>()?.value.custodian)
}

/// The last undamaged point with two signatures before the first statement of damage; none when
/// there is no parcel.
pub fn damage_span(history: &[Version]) -> Option<DamageSpan> {
    let mut last_sound = None;
    let mut number = None;
    for (version, parcel) in parcels(history) {
        number = Some(parcel.number.clone());
        if parcel.condition > Condition::Sound {
            let damaged = Some(point(version, &parcel));
            return Some(DamageSpan { parcel: parcel.number, last_sound, damaged });
        }
        if parcel.last.both_signed && parcel.last.statement.is_none() {
            last_sound = Some(point(version, &parcel));
        }
    }
    Some(DamageSpan { parcel: number?, last_sound, damaged: None })
}

fn point(version: &Version, parcel: &Parcel) -> DamagePoint {
    let last = parcel.last.clone();
    DamagePoint {
        time: version.time,
        position: version.position,
        transition: last.transition,
        kind: last.kind,
        custodian: parcel.custodian,
        from: last.from,
        place: last.place,
        statement: last.statement,
    }
}

impl AskedOfHistory for CustodyChain {
    const NAME: &'static str = "custody-chain";
    const TITLE: &'static str = "Who had the parcel, from when until when, and who signed for it.";

    fn answer(history: &[Version]) -> Option<Self> {
        let (_, parcel) = parcels(history).next()?;
        Some(Self { parcel: parcel.number, chain: custody_chain(history) })
    }
}

impl AskedOfHistory for DamageSpan {
    const NAME: &'static str = "damage-span";
    const TITLE: &'static str = "Between which two handoffs the parcel was damaged.";

    fn answer(history: &[Version]) -> Option<Self> {
        damage_span(history)
    }
}

/// Whether a disclosed record, whose commitment was computed from it, is the one registered.
pub fn record_matches(parcel: &Parcel, commitment: &Hash) -> bool {
    parcel.record == *commitment
}

/// Whether a disclosed manifest is the one that the container's record is the hash of.
pub fn manifest_matches(container: &Container, lines: &[(ParcelNumber, Hash)]) -> bool {
    manifest(lines.iter().map(|(number, record)| (number, record))) == container.record
}
