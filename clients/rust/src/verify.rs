//! Verifying: what a person holds, checked with what is trusted and nothing else.
//!
//! No function here opens a socket or reads a clock: evidence says what was so as of a block, and
//! that is what they say.

mod answer;
mod credential;

use std::sync::Arc;
use std::time::Duration;

use chancery_ledger::anchor::Anchor;
use chancery_ledger::block::Header;
use chancery_ledger::evidence::{
    BadEvidence, BlockReceipt, Evidence, Receipt, Shown, StatusProof, Unreadable,
};
use chancery_ledger::execution::Stored;
use chancery_ledger::note::NotALogProof;
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Admission, Admitted, Entry, KeyCache};
use chancery_registries::{Action, Registers};
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::log::BadCheckpoint;

pub use answer::{AnswerVerified, answer_holds};
pub use credential::{Signed, credential_signed};

/// What evidence shows, with every check by name.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// What the ledger's proofs show, and as of when.
    #[serde(flatten)]
    pub shown: Shown,
    /// The kids whose signatures the transition carries, for a receipt.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<String>,
    /// The object itself, for a status proof of a kind that this software knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// What was not checked, in words: because it cannot be without a clock, another proof or more
    /// knowledge.
    pub not_checked: Vec<&'static str>,
}

/// Why evidence shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// It is no evidence in any form, or compact evidence for another anchor.
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    /// A proof or a seal does not hold.
    #[error("{0}")]
    Evidence(#[from] BadEvidence),
    /// A signature of the transition itself does not hold, or it is not a transition.
    #[error("signatures: {0}")]
    Transition(String),
    /// An answer does not follow from its proofs.
    #[error("answer: {0}")]
    Answer(String),
    /// A proof for log tools does not hold.
    #[error("log proof: {0}")]
    LogProof(#[from] NotALogProof),
    /// It does not carry what it proves.
    #[error("log proof: it has no entry as its extra data, so what is proved is not known")]
    NoEntry,
    /// The checkpoint of such a proof proves nothing.
    #[error("{0}")]
    Checkpoint(#[from] BadCheckpoint),
    /// It is of an earlier block than it may be.
    #[error("age: it is as of {as_of}, which is {age_ms} ms ago; it may be {max_age_ms} ms old")]
    TooOld {
        /// The time of its block.
        as_of: Time,
        /// How long ago that is.
        age_ms: u64,
        /// How long ago it may be.
        max_age_ms: u64,
    },
    /// That something is absent which cannot be present says nothing, and can mislead.
    #[error("object: there can be no {0}, so its absence says nothing")]
    Impossible(String),
}

impl NotVerified {
    /// The name of the check that fails: the same in every verifier.
    pub fn check(&self) -> &'static str {
        match self {
            Self::Unreadable(error) => error.check(),
            Self::Evidence(error) => error.check(),
            Self::Transition(_) => "signatures",
            Self::Answer(_) => "answer",
            Self::LogProof(_) | Self::NoEntry => "inclusion",
            Self::Checkpoint(_) => "checkpoint",
            Self::Impossible(_) => "object",
            Self::TooOld { .. } => "age",
        }
    }
}

const SIGNED: &str = "signatures: each signature on the transition verifies with the key that it names (Ed25519, strict)";

const COULD_BE: &str = "object: it is one that its register could hold";
const NOT_THE_POSITION: &str =
    "position: the place in the log, which a receipt by its block does not show";
const FRESH: &str = "age: it is no older than it may be, by the clock that was given";
const NOT_LATER_EFFECT: &str =
    "current: what the transition brought about may have been changed since: a status proof says";
const NOT_ASKED: &str = "object: that it is the one you asked about: compare its name";
const NOT_KNOWN: &str = "object: that its register could hold such a one: it is of a kind that this software does not know";
const NOT_DECODED: &str =
    "value: what the object states: it is of a kind that this software does not know";
const NOT_AGED: &str = "age: how old it is: no clock was read, and nothing is said of later blocks";

/// Reads evidence in any of its forms and checks it: JSON, compact, or the text of its codes.
pub fn read_and_verify(bytes: &[u8], anchor: &Anchor) -> Result<(Evidence, Verified), NotVerified> {
    let evidence = Evidence::read(bytes, anchor)?;
    let verified = verify(&evidence, anchor)?;
    Ok((evidence, verified))
}

/// Checks evidence against what is trusted, down to the signatures of the parties.
pub fn verify(evidence: &Evidence, anchor: &Anchor) -> Result<Verified, NotVerified> {
    let mut shown = evidence.verify(anchor)?;
    let (mut signers, mut value, mut not_checked) = (Vec::new(), None, Vec::new());
    match evidence {
        Evidence::Receipt(Receipt { entry, .. })
        | Evidence::InBlock(BlockReceipt { entry, .. }) => {
            signers = signatures_hold(&entry.0, anchor)?;
            shown.checks.push(SIGNED);
            if let Evidence::InBlock(_) = evidence {
                not_checked.push(NOT_THE_POSITION);
            }
            not_checked.push(NOT_LATER_EFFECT);
        }
        Evidence::Status(status) => {
            match could_be(status)? {
                true => shown.checks.push(COULD_BE),
                false => not_checked.push(NOT_KNOWN),
            }
            value = decode_object(status, shown.as_of);
            not_checked.push(NOT_ASKED);
            if status.value.is_some() && value.is_none() {
                not_checked.push(NOT_DECODED);
            }
        }
    }
    not_checked.push(NOT_AGED);
    Ok(Verified { shown, signers, value, not_checked })
}

impl Verified {
    /// Refuses what is older than it may be by a clock that is given, and says that this was checked.
    ///
    /// # Errors
    /// [`NotVerified::TooOld`].
    pub fn no_older_than(mut self, max_age: Duration, now: Time) -> Result<Self, NotVerified> {
        let as_of = self.shown.as_of;
        let age_ms = now.as_ms().saturating_sub(as_of.as_ms());
        let max_age_ms = u64::try_from(max_age.as_millis()).unwrap_or(u64::MAX);
        if age_ms > max_age_ms {
            return Err(NotVerified::TooOld { as_of, age_ms, max_age_ms });
        }
        self.not_checked.retain(|what| *what != NOT_AGED);
        self.shown.checks.push(FRESH);
        Ok(self)
    }
}

/// The object that a status proof carries, in JSON, as it stands at a time: the time of the proof's
/// block, or a later one by which a delay has run out. `None` when there is none, or when it is of
/// a kind that this software does not know. Says nothing of whether the proof holds.
pub fn decode_object(proof: &StatusProof, time: Time) -> Option<Value> {
    let (register, rest) = proof.object.split_once('/')?;
    let (kind, _) = rest.split_once('/')?;
    (chancery_registries::kind(register, kind)?.to_json)(&proof.value.as_ref()?.0, time)
}

/// The version of the object that a status proof carries.
pub fn object_version(proof: &StatusProof) -> Option<u64> {
    Some(Stored::<IgnoredAny>::decode(&proof.value.as_ref()?.0).ok()?.version)
}

/// Absence is shown only of what a register could hold: another kind or a mistyped id is absent for
/// a reason of no interest. Of what is there it only says whether this software knows such objects.
fn could_be(proof: &StatusProof) -> Result<bool, NotVerified> {
    let parts: Vec<&str> = proof.object.splitn(3, '/').collect();
    let possible = match parts[..] {
        [register, kind, id] => {
            chancery_registries::kind(register, kind).is_some_and(|kind| (kind.is_id)(id))
        }
        _ => false,
    };
    match proof.value.is_some() || possible {
        true => Ok(possible),
        false => Err(NotVerified::Impossible(proof.object.clone())),
    }
}

pub(crate) fn signatures_hold(entry: &[u8], anchor: &Anchor) -> Result<Vec<String>, NotVerified> {
    let entry = Entry::decode(entry).map_err(BadEvidence::from)?;
    let admitted = admitted(entry.transition, anchor)?;
    Ok(admitted.signers.iter().map(ToString::to_string).collect())
}

/// A transition whose form, ledger and signatures hold, whenever it was or is to be ordered.
fn admitted(transition: &[u8], anchor: &Anchor) -> Result<Admitted<Action>, NotVerified> {
    Admission::new(Arc::new(Registers), anchor.genesis())
        .admit_ordered(transition, &mut KeyCache::default())
        .map_err(|rejection| NotVerified::Transition(rejection.to_string()))
}

/// The block in which a receipt says that its transition stands. Says nothing of whether it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its height.
    pub height: u64,
    /// Its time.
    pub as_of: Time,
}

/// The block of a receipt, unchecked; [`verify`] checks it.
pub fn place(receipt: &Receipt) -> Option<Place> {
    let header = Header::decode(&receipt.header.0).ok()?;
    Some(Place { height: header.height, as_of: header.time })
}
