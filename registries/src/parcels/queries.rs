//! What may be asked of a parcel's history, as pure functions over its versions.

use chancery_ledger::execution::Stored;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;

use super::container::{Container, manifest};
use super::number::ParcelNumber;
use super::parcel::{Condition, EventKind, Parcel};
use super::path::Step;

/// A parcel as one transition left it. Histories are in the order of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Where the transition stands in the log.
    pub position: u64,
    /// The time of its block.
    pub time: Time,
    /// The parcel from then on.
    pub stored: Stored<Parcel>,
}

/// A period in which one party had the parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
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
pub fn custody_chain(history: &[Version]) -> Vec<Custody> {
    let mut chain: Vec<Custody> = Vec::new();
    for version in history {
        let parcel = &version.stored.value;
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
    version_at(history, time).map(|version| version.stored.value.custodian)
}

/// Where between two signatures a parcel was damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamageSpan<'a> {
    /// The last handoff before it, in which both sides signed that the parcel was sound and the
    /// receiver made no reservation; none when it was registered damaged or never handed over.
    pub last_sound: Option<&'a Version>,
    /// The version in which damage was first stated.
    pub damaged: &'a Version,
}

/// The last undamaged point with two signatures before the first statement of damage; none when
/// the parcel is not damaged.
pub fn damage_span(history: &[Version]) -> Option<DamageSpan<'_>> {
    let is_damaged = |version: &Version| version.stored.value.condition > Condition::Sound;
    let index = history.iter().position(is_damaged)?;
    let signed_sound = |version: &&Version| {
        let last = &version.stored.value.last;
        last.both_signed && last.statement.is_none()
    };
    let last_sound = history[..index].iter().rev().find(signed_sound);
    Some(DamageSpan { last_sound, damaged: &history[index] })
}

/// Whether a disclosed record, whose commitment was computed from it, is the one registered.
pub fn record_matches(parcel: &Parcel, commitment: &Hash) -> bool {
    parcel.record == *commitment
}

/// Whether a disclosed manifest is the one that the container's record is the hash of.
pub fn manifest_matches(container: &Container, lines: &[(ParcelNumber, Hash)]) -> bool {
    manifest(lines.iter().map(|(number, record)| (number, record))) == container.record
}
