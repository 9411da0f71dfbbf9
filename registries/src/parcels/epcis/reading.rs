//! Reading EPCIS 2.0 events in JSON as what a carrier can state about parcels, and saying of all else
//! why it is not taken.

use std::str::FromStr;

use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::names::parcel_of;
use crate::parcels::number::ParcelNumber;
use crate::parcels::stated::{EpcisAction, EpcisType, StatedEvent};
use crate::parcels::terms::{BizStep, Disposition, Uri, ZoneOffset};

/// Why a text has no events in it.
#[derive(Debug, thiserror::Error)]
pub enum NotEpcis {
    /// It is no JSON, or not of the shape of a document.
    #[error("it is no EPCIS document in JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is a document of something else.
    #[error("its type is {0}: an EPCISDocument, an EPCISQueryDocument or an event is taken")]
    Type(String),
    /// It is a document without a list of events.
    #[error("it has no eventList")]
    NoEvents,
}

/// An event of a document, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadEvent {
    /// Its place in the document, from 1.
    pub number: usize,
    /// Its type, as it says.
    pub type_: String,
    /// SHA-256 of its bytes.
    pub document: Hash,
    /// What can be stated, about each parcel that it names.
    pub about: Vec<(ParcelNumber, StatedEvent)>,
    /// What is not taken, and why.
    pub left_out: Vec<LeftOut>,
}

/// Something in an event that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What: the name of a thing, or nothing where it is the whole event.
    pub what: Option<String>,
    /// Why.
    pub why: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(rename = "type")]
    type_: String,
    #[serde(borrow)]
    epcis_body: Option<Body<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(borrow)]
    event_list: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    query_results: Option<QueryResults<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryResults<'a> {
    #[serde(borrow)]
    results_body: Option<ResultsBody<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultsBody<'a> {
    #[serde(borrow)]
    event_list: Option<Vec<&'a RawValue>>,
}

/// What is read of an event; it may say much else.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(rename = "eventID")]
    event_id: Option<String>,
    event_time: Option<String>,
    event_time_zone_offset: Option<String>,
    action: Option<String>,
    epc_list: Option<Vec<String>>,
    #[serde(rename = "childEPCs")]
    child_epcs: Option<Vec<String>>,
    #[serde(rename = "parentID")]
    parent_id: Option<String>,
    quantity_list: Option<IgnoredAny>,
    child_quantity_list: Option<IgnoredAny>,
    biz_step: Option<String>,
    disposition: Option<String>,
    read_point: Option<Place>,
    biz_location: Option<Place>,
    error_declaration: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Place {
    id: String,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    type_: Option<String>,
}

/// The events of an EPCIS document, of the answer to an EPCIS query, or one event by itself.
pub fn read_events(text: &str) -> Result<Vec<ReadEvent>, NotEpcis> {
    let envelope: Envelope<'_> = serde_json::from_str(text)?;
    let events = match (envelope.type_.as_str(), envelope.epcis_body) {
        ("EPCISDocument", body) => body.and_then(|body| body.event_list),
        ("EPCISQueryDocument", body) => {
            let results = body.and_then(|body| body.query_results);
            results.and_then(|results| results.results_body?.event_list)
        }
        (type_, None) if type_.ends_with("Event") => Some(vec![serde_json::from_str(text)?]),
        (type_, _) => return Err(NotEpcis::Type(type_.to_owned())),
    };
    let events = events.ok_or(NotEpcis::NoEvents)?;
    Ok(events.iter().zip(1..).map(|(event, number)| read_event(number, event.get())).collect())
}

fn read_event(number: usize, text: &str) -> ReadEvent {
    let type_ = serde_json::from_str::<Typed>(text).ok().and_then(|event| event.type_);
    let mut read = ReadEvent {
        number,
        type_: type_.unwrap_or_else(|| "none".to_owned()),
        document: Hash::of(&[text.as_bytes()]),
        about: Vec::new(),
        left_out: Vec::new(),
    };
    match what_it_says(&read, text) {
        Ok((event, stated)) => sort_out(&mut read, &event, &stated),
        Err(why) => read.left_out.push(LeftOut { what: None, why }),
    }
    read
}

/// The event, and what it says whichever parcel it is about.
fn what_it_says(read: &ReadEvent, text: &str) -> Result<(Event, StatedEvent), String> {
    let type_ = match read.type_.as_str() {
        "ObjectEvent" => EpcisType::ObjectEvent,
        "AggregationEvent" => EpcisType::AggregationEvent,
        other => return Err(format!("{other} is neither an ObjectEvent nor an AggregationEvent")),
    };
    let event: Event = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if event.error_declaration.is_some() {
        return Err("it declares an event to be in error: state a correction instead".to_owned());
    }
    let action = match event.action.as_deref() {
        Some("ADD") => EpcisAction::Add,
        Some("OBSERVE") => EpcisAction::Observe,
        Some("DELETE") => EpcisAction::Delete,
        other => return Err(format!("action: {other:?} is none of ADD, OBSERVE and DELETE")),
    };
    let stated = StatedEvent {
        type_,
        action,
        event_time: given::<Time>("eventTime", event.event_time.as_deref())?,
        offset: given::<ZoneOffset>(
            "eventTimeZoneOffset",
            event.event_time_zone_offset.as_deref(),
        )?,
        biz_step: word::<BizStep>("bizStep", "bizstep", "BizStep", event.biz_step.as_deref())?,
        disposition: word::<Disposition>(
            "disposition",
            "disp",
            "Disp",
            event.disposition.as_deref(),
        )?,
        read_point: uri("readPoint", event.read_point.as_ref().map(|place| place.id.as_str()))?,
        biz_location: uri(
            "bizLocation",
            event.biz_location.as_ref().map(|place| place.id.as_str()),
        )?,
        parent: uri("parentID", event.parent_id.as_deref())?,
        event_id: uri("eventID", event.event_id.as_deref())?,
        document: read.document,
    };
    Ok((event, stated))
}

/// Tells the parcels that an event names from what else it names.
fn sort_out(read: &mut ReadEvent, event: &Event, stated: &StatedEvent) {
    let (list, quantities) = match stated.type_ {
        EpcisType::ObjectEvent => (&event.epc_list, &event.quantity_list),
        EpcisType::AggregationEvent => (&event.child_epcs, &event.child_quantity_list),
    };
    for name in list.iter().flatten() {
        match parcel_of(name) {
            Ok(number) if read.about.iter().any(|(known, _)| *known == number) => {}
            Ok(number) => read.about.push((number, stated.clone())),
            Err(error) => {
                read.left_out.push(LeftOut { what: Some(name.clone()), why: error.to_string() });
            }
        }
    }
    let mut whole = |why: &str| read.left_out.push(LeftOut { what: None, why: why.to_owned() });
    if quantities.is_some() {
        whole("quantities of a class are not about one parcel");
    }
    if list.iter().flatten().next().is_none() {
        whole("it names no single thing");
    }
}

fn given<T: FromStr>(name: &str, text: Option<&str>) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    let text = text.ok_or_else(|| format!("{name}: it is not there"))?;
    text.parse().map_err(|error| format!("{name}: {text:?}: {error}"))
}

fn uri(name: &str, text: Option<&str>) -> Result<Option<Uri>, String> {
    text.map(|text| given(name, Some(text))).transpose()
}

/// A word of the vocabulary, which EPCIS 1 wrote as a URN and Linked Data writes as an address.
fn word<T: FromStr>(
    name: &str,
    urn: &str,
    link: &str,
    text: Option<&str>,
) -> Result<Option<T>, String>
where
    T::Err: std::fmt::Display,
{
    let Some(text) = text else { return Ok(None) };
    let (urn, link) =
        (format!("urn:epcglobal:cbv:{urn}:"), format!("https://ref.gs1.org/cbv/{link}-"));
    let word = text.strip_prefix(&urn).or_else(|| text.strip_prefix(&link));
    given(name, Some(word.unwrap_or(text))).map(Some)
}
