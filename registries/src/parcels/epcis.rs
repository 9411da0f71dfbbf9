//! A parcel's history as GS1 EPCIS 2.0 events in JSON-LD, and the names that things have there.
//!
//! When something happened is what the device said, and block time where no device was asked; when it
//! was recorded is block time. All times are UTC, the only zone that the ledger knows.

mod document;
mod events;
mod names;
mod reading;

pub use document::{
    EpcisBody, EpcisDocument, EpcisEvent, EpcisPlace, ErrorDeclaration, PersistentDisposition,
    Sink, Source,
};
pub use events::own_transition;
pub use names::{NotAParcel, container_uri, parcel_of, parcel_uri, party_uri, place_uri};
pub use reading::{LeftOut, NotEpcis, ReadEvent, read_events};

use crate::shape::{AskedOfHistory, Version};

impl AskedOfHistory for EpcisDocument {
    const NAME: &'static str = "epcis";
    const TITLE: &'static str = "The parcel's history as a GS1 EPCIS 2.0 document.";

    fn answer(history: &[Version]) -> Option<Self> {
        events::document(history)
    }
}
