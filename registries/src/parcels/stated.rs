//! EPCIS events that a carrier states about a parcel: kept, shown and never acted upon.

use chancery_ledger::execution::Object;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::number::ParcelNumber;
use super::terms::{BizStep, Disposition, Uri, ZoneOffset};
use crate::shape::Described;

/// Which of EPCIS 2.0's events was observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = EpcisEventType)]
pub enum EpcisType {
    /// Something happened to the parcel (EPCIS 2.0, 7.4.2).
    ObjectEvent,
    /// The parcel was put into something or taken out of it (EPCIS 2.0, 7.4.3).
    AggregationEvent,
}

/// How the event relates to the life of the thing (EPCIS 2.0, 7.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EpcisAction {
    /// It begins, or is put in.
    Add,
    /// It is seen.
    Observe,
    /// It ends, or is taken out.
    Delete,
}

/// What an EPCIS event says of one parcel: what, when, where and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatedEvent {
    /// Which kind of event.
    #[serde(rename = "type")]
    pub type_: EpcisType,
    /// What it did.
    pub action: EpcisAction,
    /// When it happened, as whoever captured it says.
    pub event_time: Time,
    /// The offset from UTC where it happened.
    pub offset: ZoneOffset,
    /// In what step of business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub biz_step: Option<BizStep>,
    /// In what condition of business it was from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// Where it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_point: Option<Uri>,
    /// Where it was from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub biz_location: Option<Uri>,
    /// What it was put into or taken out of, in an aggregation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Uri>,
    /// The event's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<Uri>,
    /// SHA-256 of the event in JSON, byte for byte as it stands in its document.
    pub document: Hash,
}

/// An event that was stated about a parcel: each once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ParcelEventStatement)]
pub struct EventStatement {
    /// The parcel.
    pub parcel: ParcelNumber,
    /// The carrier that states it.
    pub by: PartyId,
    /// When it was stated, in block time.
    pub stated: Time,
    /// What is stated.
    pub event: StatedEvent,
}

/// The id of a statement: the parcel's number and the first 32 digits of the event's hash.
pub fn statement_id(parcel: &ParcelNumber, document: &Hash) -> String {
    let document = document.to_string();
    format!("{parcel}.{}", document.get(..DIGITS).unwrap_or(&document))
}

/// So that an id stays within the 100 bytes that an object's may have.
const DIGITS: usize = 32;

impl Object for EventStatement {
    const REGISTER: &'static str = "parcels";
    const KIND: &'static str = "statement";

    fn id(&self) -> String {
        statement_id(&self.parcel, &self.event.document)
    }
}

impl Described for EventStatement {
    const EXAMPLE_ID: &'static str = "RB123456785GB.20a2b5b9681b7a70413c42bfe72db613";

    fn is_id(text: &str) -> bool {
        text.split_once('.').is_some_and(|(number, digits)| {
            let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            digits.len() == DIGITS
                && digits.bytes().all(hex)
                && number.parse::<ParcelNumber>().is_ok_and(|parcel| parcel.to_string() == number)
        })
    }

    fn relations(&self) -> Vec<(&'static str, PartyId)> {
        vec![("stated-by", self.by)]
    }
}
