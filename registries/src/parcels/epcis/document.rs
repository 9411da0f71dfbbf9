//! The parts of an EPCIS 2.0 document that a parcel's history needs, written as its JSON schema asks.

use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::parcels::parcel::{Condition, EventKind};
use crate::parcels::path::Step;
use crate::parcels::stated::{EpcisAction, EpcisType};
use crate::text::Statement;

/// The context of EPCIS 2.0, and the namespace of what only this register says.
const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
const NAMESPACE: &str = "urn:chancery:parcels:epcis:";

/// A GS1 EPCIS 2.0 document in JSON-LD.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EpcisDocument {
    /// What its words mean.
    #[serde(rename = "@context")]
    #[schema(value_type = Vec<serde_json::Value>)]
    pub context: Context,
    /// The document: of this parcel as of its last transition.
    pub id: String,
    /// Always `EPCISDocument`.
    #[serde(rename = "type")]
    #[schema(example = "EPCISDocument")]
    pub type_: &'static str,
    /// Always `2.0`.
    #[schema(example = "2.0")]
    pub schema_version: &'static str,
    /// The time of the last event's block: the same history gives the same document.
    pub creation_date: Time,
    /// The events.
    pub epcis_body: EpcisBody,
}

/// The `@context` of every document here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context;

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Own {
            chancery: &'static str,
        }
        (CONTEXT, Own { chancery: NAMESPACE }).serialize(serializer)
    }
}

/// The events of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EpcisBody {
    /// The events, in the order of the log.
    pub event_list: Vec<EpcisEvent>,
}

/// An ObjectEvent or an AggregationEvent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EpcisEvent {
    /// `ObjectEvent` or `AggregationEvent`.
    #[serde(rename = "type", serialize_with = "as_pascal_case")]
    #[schema(value_type = String, example = "ObjectEvent")]
    pub type_: EpcisType,
    /// The event: of this transition and this parcel.
    #[serde(rename = "eventID")]
    pub event_id: String,
    /// When it happened: by the device's clock, or in block time where there was none.
    pub event_time: Time,
    /// When it took effect: block time.
    pub record_time: Time,
    /// The offset from UTC where it happened, as far as it is known.
    pub event_time_zone_offset: String,
    /// The parcel, of an ObjectEvent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epc_list: Option<[String; 1]>,
    /// The container, of an AggregationEvent.
    #[serde(rename = "parentID", skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// The parcel, of an AggregationEvent. What else went in or out is in the histories of the others.
    #[serde(rename = "childEPCs", skip_serializing_if = "Option::is_none")]
    pub child_epcs: Option<[String; 1]>,
    /// `ADD`, `OBSERVE` or `DELETE`.
    #[serde(serialize_with = "as_upper_case")]
    #[schema(value_type = String, example = "OBSERVE")]
    pub action: EpcisAction,
    /// In what step of business (CBV 2.0, 7.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub biz_step: Option<String>,
    /// In what condition of business it was from then on (CBV 2.0, 7.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition: Option<String>,
    /// What it is besides, until it is unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_disposition: Option<PersistentDisposition>,
    /// Where it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_point: Option<EpcisPlace>,
    /// Where it was from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub biz_location: Option<EpcisPlace>,
    /// Who had it before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_list: Option<[Source; 1]>,
    /// Who had it from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_list: Option<[Sink; 1]>,
    /// That this event was in error, and which one sets it right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_declaration: Option<ErrorDeclaration>,
    /// What the register calls it.
    #[serde(rename = "chancery:event")]
    pub event: EventKind,
    /// Which step of the path it was.
    #[serde(rename = "chancery:step", skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// What the parcel looked like from then on.
    #[serde(rename = "chancery:condition")]
    pub condition: Condition,
    /// Who stated it.
    #[serde(rename = "chancery:by")]
    pub by: String,
    /// Whether the former and the new custodian both signed.
    #[serde(rename = "chancery:bothSigned")]
    pub both_signed: bool,
    /// The reason, reservation, finding or correction in words.
    #[serde(rename = "chancery:statement", skip_serializing_if = "Option::is_none")]
    pub statement: Option<Statement>,
    /// The transition behind it.
    #[serde(rename = "chancery:transition")]
    pub transition: Hash,
    /// Its position in the log.
    #[serde(rename = "chancery:position")]
    pub position: u64,
    /// The hash of the document of an event that the carrier stated.
    #[serde(rename = "chancery:document", skip_serializing_if = "Option::is_none")]
    pub document: Option<Hash>,
    /// The id that it has there.
    #[serde(rename = "chancery:eventID", skip_serializing_if = "Option::is_none")]
    pub stated_id: Option<String>,
}

/// A condition of business that lasts (EPCIS 2.0, 7.3.5.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EpcisPersistentDisposition)]
pub struct PersistentDisposition {
    /// What it is from now on.
    pub set: [&'static str; 1],
}

/// A read point or a business location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EpcisPlace {
    /// Its URI.
    pub id: String,
}

/// Who had it before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EpcisSource)]
pub struct Source {
    /// Always `possessing_party`.
    #[serde(rename = "type")]
    pub type_: &'static str,
    /// The party.
    pub source: String,
}

/// Who had it from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EpcisDestination)]
pub struct Sink {
    /// Always `possessing_party`.
    #[serde(rename = "type")]
    pub type_: &'static str,
    /// The party.
    pub destination: String,
}

/// That an event was in error (EPCIS 2.0, 7.4.1.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EpcisErrorDeclaration)]
pub struct ErrorDeclaration {
    /// When that was stated.
    pub declaration_time: Time,
    /// Always `incorrect_data`: what happened is never said not to have happened.
    pub reason: &'static str,
    /// The event that sets it right.
    #[serde(rename = "correctiveEventIDs")]
    pub corrective_event_ids: [String; 1],
}

fn as_pascal_case<S: Serializer>(type_: &EpcisType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match type_ {
        EpcisType::ObjectEvent => "ObjectEvent",
        EpcisType::AggregationEvent => "AggregationEvent",
    })
}

fn as_upper_case<S: Serializer>(action: &EpcisAction, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match action {
        EpcisAction::Add => "ADD",
        EpcisAction::Observe => "OBSERVE",
        EpcisAction::Delete => "DELETE",
    })
}

impl EpcisDocument {
    /// A document of events.
    pub(super) fn of(id: String, creation_date: Time, event_list: Vec<EpcisEvent>) -> Self {
        Self {
            context: Context,
            id,
            type_: "EPCISDocument",
            schema_version: "2.0",
            creation_date,
            epcis_body: EpcisBody { event_list },
        }
    }
}
