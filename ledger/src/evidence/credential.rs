//! A credential alone: a signed transition, without anything that shows that a ledger took it in.
//!
//! It is no [`super::Evidence`], so that nothing which relies on the ledger's word takes it by mistake.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::cbor::{Reader, Writer};
use super::compact::{COMPACT_BYTES_MAX, FIRST_BYTES, NoCompactForm, NotCompact};
use super::read::{Unreadable, uncoded};
use super::sealed::{NAME_BYTES, name_of};
use super::{Bytes, Evidence, signed};
use crate::anchor::Anchor;
use crate::transition::{Entry, MAX_TRANSITION_BYTES};

/// Its number among the kinds of evidence.
pub(super) const KIND: u64 = 3;

/// What was stated, and signed by which key. That the ledger has taken it in, that the key was its
/// party's, and that it still stands, it does not show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The transition, in the exact bytes that would be or were submitted.
    pub credential: Bytes,
}

impl Credential {
    /// The credential of a transition's bytes.
    pub fn of(transition: impl Into<Vec<u8>>) -> Self {
        Self { credential: Bytes(transition.into()) }
    }

    /// The transition of a receipt, without what shows that it was taken in.
    pub fn of_evidence(evidence: &Evidence) -> Option<Self> {
        let entry = Entry::decode(evidence.entry()?).ok()?;
        Some(Self::of(entry.transition))
    }

    /// The transition's bytes.
    pub fn transition(&self) -> &[u8] {
        &self.credential.0
    }

    /// Reads a credential in JSON, in its compact form, or as the text of its code; `None` when the bytes
    /// are something else.
    pub fn read(bytes: &[u8], anchor: &Anchor) -> Option<Result<Self, Unreadable>> {
        #[derive(Deserialize)]
        struct Head {
            #[serde(rename = "credential")]
            _credential: IgnoredAny,
        }

        let bytes = uncoded(bytes).ok()?;
        if is_compact(&bytes) {
            return Some(Self::from_compact(&bytes, anchor).map_err(Unreadable::Compact));
        }
        serde_json::from_slice::<Head>(&bytes).ok()?;
        let read = serde_json::from_slice(&bytes);
        Some(read.map_err(|error| Unreadable::Json(error.to_string())))
    }

    /// The compact form, for those who hold an anchor of the same ledger.
    pub fn to_compact(&self, anchor: &Anchor) -> Result<Vec<u8>, NoCompactForm> {
        if self.transition().len() > MAX_TRANSITION_BYTES {
            return Err(NoCompactForm("it is longer than any transition"));
        }
        let (mut into, ledger) = (Writer::default(), anchor.ledger());
        into.array(6);
        into.integer(KIND);
        into.bytes(name_of(&ledger));
        signed::write(self.transition(), &ledger, &mut into);
        Ok(into.bytes)
    }

    /// Reads the compact form; each credential has one, so any other bytes are refused.
    pub fn from_compact(bytes: &[u8], anchor: &Anchor) -> Result<Self, NotCompact> {
        if bytes.len() > COMPACT_BYTES_MAX {
            return Err(NotCompact::Form("it is too long"));
        }
        let mut from = Reader::new(bytes);
        if from.array()? != 6 || from.integer()? != KIND {
            return Err(NotCompact::Form("it is no credential"));
        }
        let ledger = anchor.ledger();
        if from.array_of::<NAME_BYTES>()? != name_of(&ledger) {
            return Err(NotCompact::OtherLedger);
        }
        let credential = Self::of(signed::read(&mut from, &ledger)?);
        from.end()?;
        match credential.to_compact(anchor) {
            Ok(again) if again == bytes => Ok(credential),
            _ => Err(NotCompact::Form("it is not in its one encoding")),
        }
    }
}

/// Whether bytes begin as a credential in its compact form does.
fn is_compact(bytes: &[u8]) -> bool {
    matches!(bytes, [first, kind, ..] if *first == FIRST_BYTES[0] && u64::from(*kind) == KIND)
}
