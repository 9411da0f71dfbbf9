//! Which EPCIS events each version of a parcel stands for.

use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;

use super::document::{
    EpcisDocument, EpcisEvent, EpcisPlace, ErrorDeclaration, PersistentDisposition, Sink, Source,
};
use super::names::{container_uri, parcel_uri, party_uri, place_uri};
use crate::parcels::container::ContainerNumber;
use crate::parcels::number::ParcelNumber;
use crate::parcels::parcel::{Condition, EventKind, Parcel};
use crate::parcels::path::Step;
use crate::parcels::queries::parcels;
use crate::parcels::stated::{EpcisAction, EpcisType, StatedEvent};
use crate::parcels::terms::ZoneOffset;
use crate::shape::Version;

/// How the ids of this register's events begin.
const OWN: &str = "urn:chancery:parcels:evt:";

/// The document of a parcel's whole history.
pub(super) fn document(history: &[Version]) -> Option<EpcisDocument> {
    let mut events: Vec<EpcisEvent> = Vec::new();
    let mut before: Option<Parcel> = None;
    let mut last = None;
    for (version, parcel) in parcels(history) {
        let new = events_of(version, &parcel, before.as_ref(), &events);
        events.extend(new);
        last = Some((version.time, event_id(&parcel, "")));
        before = Some(parcel);
    }
    let (time, id) = last?;
    Some(EpcisDocument::of(format!("{id}:document"), time, events))
}

/// What one version of a parcel stands for, given the version before it.
fn events_of(
    version: &Version,
    parcel: &Parcel,
    before: Option<&Parcel>,
    earlier: &[EpcisEvent],
) -> Vec<EpcisEvent> {
    let was_in = before.and_then(|before| before.container.as_ref());
    match parcel.last.kind {
        EventKind::Packed => {
            let into = parcel.container.as_ref();
            into.map(|bag| aggregation(version, parcel, bag, EpcisAction::Add))
                .into_iter()
                .collect()
        }
        EventKind::Unpacked => was_in
            .map(|bag| aggregation(version, parcel, bag, EpcisAction::Delete))
            .into_iter()
            .collect(),
        // What is lost is not in its bag any more.
        EventKind::DeclaredLost => {
            let out = was_in.map(|bag| aggregation(version, parcel, bag, EpcisAction::Delete));
            out.into_iter().chain([happening(version, parcel)]).collect()
        }
        EventKind::Corrected => corrected(version, parcel, earlier),
        EventKind::Stated => parcel
            .last
            .stated
            .as_ref()
            .map(|event| stated(version, parcel, event))
            .into_iter()
            .collect(),
        _ => vec![happening(version, parcel)],
    }
}

/// An event id: the transition and the parcel, since one transition can be an event of many.
fn event_id(parcel: &Parcel, end: &str) -> String {
    format!("{OWN}{}:{}{end}", parcel.last.transition, parcel.number)
}

/// The transition that an event is of, where its id is one that this register gives the events of the parcel.
pub fn own_transition(event_id: &str, parcel: &ParcelNumber) -> Option<Hash> {
    let (transition, rest) = event_id.strip_prefix(OWN)?.split_once(':')?;
    let end = rest.strip_prefix(parcel.to_string().as_str())?;
    if !end.is_empty() && !end.starts_with(':') {
        return None;
    }
    transition.parse().ok()
}

/// An ObjectEvent with all that every kind of event has.
fn object_event(version: &Version, parcel: &Parcel) -> EpcisEvent {
    let last = &parcel.last;
    EpcisEvent {
        type_: EpcisType::ObjectEvent,
        event_id: event_id(parcel, ""),
        event_time: last.device_time.unwrap_or(version.time),
        record_time: version.time,
        event_time_zone_offset: ZoneOffset::utc().to_string(),
        epc_list: Some([parcel_uri(&parcel.number)]),
        parent_id: None,
        child_epcs: None,
        action: EpcisAction::Observe,
        biz_step: None,
        disposition: None,
        persistent_disposition: None,
        read_point: last.place.as_ref().map(|place| EpcisPlace { id: place_uri(place) }),
        biz_location: None,
        source_list: last.from.as_ref().map(|from| [source(from)]),
        destination_list: last.from.map(|_| [sink(&parcel.custodian)]),
        error_declaration: None,
        event: last.kind,
        step: last.step,
        condition: parcel.condition,
        by: party_uri(&last.by),
        both_signed: last.both_signed,
        statement: last.statement.clone(),
        transition: last.transition,
        position: version.position,
        document: None,
        stated_id: None,
    }
}

fn source(party: &PartyId) -> Source {
    Source { type_: "possessing_party", source: party_uri(party) }
}

fn sink(party: &PartyId) -> Sink {
    Sink { type_: "possessing_party", destination: party_uri(party) }
}

/// An ObjectEvent of what happened to the parcel.
fn happening(version: &Version, parcel: &Parcel) -> EpcisEvent {
    let (biz_step, disposition) = vocabulary(parcel.last.kind, parcel.last.step);
    let begins = parcel.last.kind == EventKind::Registered;
    // Damage is stated once and lasts: the statement that made it so carries it.
    let damage = parcel.damage.as_ref().filter(|damage| damage.at == parcel.last.at);
    let is_damaged = damage.is_some() && parcel.condition == Condition::Damaged;
    EpcisEvent {
        action: if begins { EpcisAction::Add } else { EpcisAction::Observe },
        biz_step: Some(biz_step.to_owned()),
        disposition: disposition.map(str::to_owned),
        persistent_disposition: is_damaged.then_some(PersistentDisposition { set: ["damaged"] }),
        // A station is a place; a courier, a sender and a recipient are not.
        biz_location: at_a_station(parcel).then(|| EpcisPlace { id: party_uri(&parcel.custodian) }),
        ..object_event(version, parcel)
    }
}

fn at_a_station(parcel: &Parcel) -> bool {
    matches!(parcel.last.step, Some(Step::AtOrigin | Step::AtTerminal))
}

/// The words of CBV 2.0 for what happens. A handoff to somebody who carries is `accepting`, a change
/// of possession (7.1); one to a station is `receiving`. Of a delivered parcel the vocabulary has no
/// disposition.
fn vocabulary(kind: EventKind, step: Option<Step>) -> (&'static str, Option<&'static str>) {
    match (kind, step) {
        (EventKind::Registered, _) => ("commissioning", Some("active")),
        (EventKind::Handoff, Some(Step::AtOrigin | Step::AtTerminal)) => {
            ("receiving", Some("in_progress"))
        }
        (EventKind::Handoff, Some(Step::Delivered)) => ("accepting", None),
        (EventKind::Handoff, Some(Step::Returned)) => ("accepting", Some("returned")),
        (EventKind::Handoff, _) => ("accepting", Some("in_transit")),
        (EventKind::TakenOver, _) => ("accepting", Some("in_progress")),
        (EventKind::DamageReported, _) => ("inspecting", Some("damaged")),
        (EventKind::DeclaredLost, _) => ("other", Some("unknown")),
        (EventKind::Found, _) => ("inspecting", Some("in_transit")),
        (EventKind::Held, _) => ("holding", Some("unavailable")),
        (EventKind::Turned, _) => ("other", Some("returned")),
        (EventKind::Packed, _) => ("packing", Some("in_progress")),
        (EventKind::Unpacked, _) => ("unpacking", Some("in_progress")),
        (EventKind::AttemptFailed | EventKind::Refused | EventKind::Released, _) => {
            ("other", Some("in_transit"))
        }
        (EventKind::Corrected | EventKind::Stated, _) => ("other", None),
    }
}

/// An AggregationEvent: into a container, or out of it.
fn aggregation(
    version: &Version,
    parcel: &Parcel,
    container: &ContainerNumber,
    action: EpcisAction,
) -> EpcisEvent {
    let (biz_step, disposition) = match action {
        EpcisAction::Add => vocabulary(EventKind::Packed, None),
        // Out of a bag that was not opened.
        _ if parcel.last.kind == EventKind::DeclaredLost => ("removing", None),
        _ => vocabulary(EventKind::Unpacked, None),
    };
    let end = if parcel.last.kind == EventKind::DeclaredLost { ":removed" } else { "" };
    EpcisEvent {
        type_: EpcisType::AggregationEvent,
        event_id: event_id(parcel, end),
        epc_list: None,
        parent_id: Some(container_uri(container)),
        child_epcs: Some([parcel_uri(&parcel.number)]),
        action,
        biz_step: Some(biz_step.to_owned()),
        disposition: disposition.map(str::to_owned),
        ..object_event(version, parcel)
    }
}

/// A correction declares the event that it names to be in error (EPCIS 2.0, 7.4.1.4: the event again,
/// with a declaration), and is itself the corrective event, in words.
fn corrected(version: &Version, parcel: &Parcel, earlier: &[EpcisEvent]) -> Vec<EpcisEvent> {
    let corrective =
        EpcisEvent { biz_step: Some("other".to_owned()), ..object_event(version, parcel) };
    let declares = |event: &EpcisEvent| EpcisEvent {
        record_time: version.time,
        error_declaration: Some(ErrorDeclaration {
            declaration_time: version.time,
            reason: "incorrect_data",
            corrective_event_ids: [corrective.event_id.clone()],
        }),
        ..event.clone()
    };
    let is_of = |event: &&EpcisEvent, transition: &Hash| {
        event.transition == *transition && event.error_declaration.is_none()
    };
    let wrong = parcel
        .last
        .corrects
        .map(|corrects| earlier.iter().filter(move |event| is_of(event, &corrects)).map(declares));
    wrong.into_iter().flatten().chain([corrective.clone()]).collect()
}

/// An event that the carrier stated, in its own words.
fn stated(version: &Version, parcel: &Parcel, event: &StatedEvent) -> EpcisEvent {
    let base = object_event(version, parcel);
    let place = |uri: &crate::parcels::terms::Uri| EpcisPlace { id: uri.to_string() };
    let parcel_uri = parcel_uri(&parcel.number);
    let aggregates = event.type_ == EpcisType::AggregationEvent;
    EpcisEvent {
        type_: event.type_,
        event_time: event.event_time,
        event_time_zone_offset: event.offset.to_string(),
        epc_list: (!aggregates).then(|| [parcel_uri.clone()]),
        parent_id: event.parent.as_ref().filter(|_| aggregates).map(ToString::to_string),
        child_epcs: aggregates.then_some([parcel_uri]),
        action: event.action,
        biz_step: event.biz_step.as_ref().map(ToString::to_string),
        disposition: event.disposition.as_ref().map(ToString::to_string),
        read_point: event.read_point.as_ref().map(place),
        biz_location: event.biz_location.as_ref().map(place),
        document: Some(event.document),
        stated_id: event.event_id.as_ref().map(ToString::to_string),
        ..base
    }
}
