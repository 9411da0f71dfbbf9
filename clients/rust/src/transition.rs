//! Building a transition: what is asked for, of which ledger, and until when it may be taken in.

use std::time::Duration;

use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Payload, Signing};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::clock::now;
use crate::error::Error;
use crate::ids::new_id;
use crate::signer::Signer;

/// How long a transition may be taken in unless it says otherwise.
pub const DEFAULT_VALID_FOR: Duration = Duration::from_secs(60 * 60);

/// A transition that nobody has signed yet.
///
/// ```
/// use chancery_client::{Hash, Signer, Transition, keys};
/// use serde_json::json;
/// use std::time::Duration;
///
/// let signer = Signer::first(keys::generate()?);
/// let signing = Transition::on(Hash::of(&[b"a genesis"]))
///     .act(json!({"register": "identity", "action": "create"}))
///     .with_id("create-1")
///     .valid_for(Duration::from_secs(24 * 60 * 60))
///     .sign(&signer)?;
/// assert_eq!(signing.signers(), [signer.id()]);
/// # Ok::<(), chancery_client::Error>(())
/// ```
#[derive(Debug)]
pub struct Transition {
    ledger: Hash,
    id: Option<String>,
    not_after: Option<Time>,
    actions: Vec<Result<Box<RawValue>, serde_json::Error>>,
}

impl Transition {
    /// A transition for the ledger with this id.
    pub fn on(ledger: Hash) -> Self {
        Self { ledger, id: None, not_after: None, actions: Vec::new() }
    }

    /// Asks for one more thing: an [`crate::Action`], or anything that reads as one in JSON. All
    /// that is asked for takes effect, or nothing.
    pub fn act(mut self, action: impl Serialize) -> Self {
        self.actions.push(serde_json::value::to_raw_value(&action));
        self
    }

    /// An id of the caller's choice: 1 to 64 printable ASCII characters. The same id with the same
    /// statement and signers is taken in once only.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// For how long from now it may be taken in; an hour unless said otherwise.
    pub fn valid_for(mut self, duration: Duration) -> Self {
        let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.not_after = Some(now().plus_ms(duration_ms));
        self
    }

    /// Until when it may be taken in.
    pub fn not_after(mut self, time: Time) -> Self {
        self.not_after = Some(time);
        self
    }

    /// Fixes the payload's bytes, for others to sign.
    pub fn prepare(self) -> Result<Signing, Error> {
        let unwritable = |error: serde_json::Error| Error::Content {
            what: "action".into(),
            why: error.to_string(),
        };
        let actions: Result<Vec<_>, _> = self.actions.into_iter().collect();
        let default_ms = DEFAULT_VALID_FOR.as_millis() as u64;
        let payload = Payload {
            ledger: self.ledger,
            id: self.id.map_or_else(new_id, Ok)?,
            not_after: self.not_after.unwrap_or_else(|| now().plus_ms(default_ms)),
            actions: actions.map_err(unwritable)?,
        };
        Signing::of(&payload).map_err(unwritable)
    }

    /// Fixes the payload's bytes and signs them.
    pub fn sign(self, signer: &Signer) -> Result<Signing, Error> {
        signer.sign(self.prepare()?)
    }
}

/// The actions of a transition, as `register.action`.
pub fn actions_of(signing: &Signing) -> Vec<String> {
    let payload: Value = serde_json::from_slice(&signing.payload()).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let actions = payload["actions"].as_array().into_iter().flatten();
    actions
        .map(|action| format!("{}.{}", text(&action["register"]), text(&action["action"])))
        .collect()
}
