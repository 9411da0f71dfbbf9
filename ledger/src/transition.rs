//! Transitions: what is signed, and its way from bytes received to an entry of the log.

pub(crate) mod admission;
mod signing;

use std::fmt;
use std::str::FromStr;

pub use admission::{Admission, KeyCache};
pub use signing::{Payload, Signing};

use crate::hash::Hash;
use crate::key::KeyId;
use crate::time::Time;

/// The most bytes that a transition may have, so that it fits a log entry with its outcome.
pub const MAX_TRANSITION_BYTES: usize = 60 * 1024;
/// The most signatures that a transition may carry.
pub const MAX_SIGNATURES: usize = 64;
/// The most actions that a transition may carry.
pub const MAX_ACTIONS: usize = 64;
/// The media type that a signature's protected header states.
pub const TYPE: &str = "chancery-transition+json";

/// A transition whose form, ledger, expiry and signatures were checked.
#[derive(Debug)]
pub struct Admitted<A> {
    /// Its id: see [`transition_id`].
    pub id: Hash,
    /// When it stops being valid.
    pub not_after: Time,
    /// Who signed, in the order of the signatures.
    pub signers: Vec<KeyId>,
    /// What it asks for, all or nothing.
    pub actions: Vec<A>,
    /// The log entry it will be if it is applied, made ahead of its turn.
    pub(crate) applied_entry: Vec<u8>,
    /// The leaf hash of that entry.
    pub(crate) applied_leaf: Hash,
}

/// The id of a transition: SHA-256 over the payload's bytes and each signer's kid in byte order,
/// a zero byte before each.
///
/// The signers are part of it so that nobody else can use an id up, and the signatures are not, so
/// that the same statement by the same signers is the same transition.
pub fn transition_id(payload: &[u8], signers: &[KeyId]) -> Hash {
    let mut kids: Vec<String> = signers.iter().map(KeyId::to_string).collect();
    kids.sort_unstable();
    let mut parts = vec![payload];
    for kid in &kids {
        parts.push(&[0]);
        parts.push(kid.as_bytes());
    }
    Hash::of(&parts)
}

/// What became of a transition that was ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every action took effect.
    Applied,
    /// None did, for the reason that the code names.
    Rejected(OutcomeCode),
}

/// The name of a code as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeCode(String);

const APPLIED: &str = "applied";

impl OutcomeCode {
    /// The name of a rejection's code.
    pub fn of(rejection: &crate::code::Rejection) -> Self {
        Self(rejection.code.name.to_owned())
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Applied => APPLIED,
            Self::Rejected(code) => &code.0,
        })
    }
}

/// A text that is not an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an outcome is 1 to 48 lower-case letters, digits and hyphens")]
pub struct NotAnOutcome;

impl FromStr for Outcome {
    type Err = NotAnOutcome;

    fn from_str(text: &str) -> Result<Self, NotAnOutcome> {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        match text {
            APPLIED => Ok(Self::Applied),
            _ if (1..=48).contains(&text.len()) && text.bytes().all(letters) => {
                Ok(Self::Rejected(OutcomeCode(text.to_owned())))
            }
            _ => Err(NotAnOutcome),
        }
    }
}

/// An entry of the log: the outcome's name, a line feed, and the transition's exact bytes.
pub struct Entry<'a> {
    /// What became of the transition.
    pub outcome: Outcome,
    /// The transition as it was received.
    pub transition: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Reads an entry.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, NotAnOutcome> {
        let end = bytes.iter().take(49).position(|byte| *byte == b'\n').ok_or(NotAnOutcome)?;
        let outcome = std::str::from_utf8(&bytes[..end]).map_err(|_| NotAnOutcome)?.parse()?;
        Ok(Self { outcome, transition: &bytes[end + 1..] })
    }

    /// Writes an entry.
    pub fn encode(outcome: &Outcome, transition: &[u8]) -> Vec<u8> {
        let outcome = match outcome {
            Outcome::Applied => APPLIED,
            Outcome::Rejected(code) => code.name(),
        };
        let mut bytes = Vec::with_capacity(outcome.len() + 1 + transition.len());
        bytes.extend_from_slice(outcome.as_bytes());
        bytes.push(b'\n');
        bytes.extend_from_slice(transition);
        bytes
    }
}

impl<A> Admitted<A> {
    /// The exact bytes that were received.
    pub fn bytes(&self) -> &[u8] {
        &self.applied_entry[APPLIED.len() + 1..]
    }
}
