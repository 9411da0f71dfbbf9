//! Verifying a credential alone: signatures, and by name all that they do not show.

use chancery_ledger::anchor::Anchor;
use chancery_ledger::evidence::Credential;
use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use chancery_ledger::transition::Signing;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{NotVerified, SIGNED, admitted};

/// What a credential alone shows: that keys have signed a statement. It is never `verified`.
#[derive(Clone, Debug, Serialize)]
pub struct Signed {
    /// Always false: no ledger vouches for what is shown.
    pub verified: bool,
    /// Always true: the signatures verify.
    pub signed: bool,
    /// The ledger that it was signed for.
    pub ledger: Hash,
    /// The transition's id, by which a server of the ledger says what became of it.
    pub transition: Hash,
    /// Until when it could be taken in.
    pub not_after: Time,
    /// The kids whose signatures it carries. That a key was its party's is not shown.
    pub signers: Vec<String>,
    /// What was signed, decoded.
    pub payload: Box<RawValue>,
    /// Each thing that was checked, in words.
    pub checks: Vec<&'static str>,
    /// What was not checked, in words, each behind its name.
    pub not_checked: Vec<&'static str>,
}

const FOR_THIS_LEDGER: &str = "the payload names the ledger that the anchor founded";
const NOT_TAKEN_IN: &str = "taken-in: that the ledger has taken it in. It may have been refused, or never \
     submitted: a receipt says";
const NOT_THE_KEY: &str = "key: that each key belonged to the party that it names, when it signed or \
     ever: the registers say";
const NOT_CURRENT: &str =
    "current: that what it states is so still, or was ever: a status proof says";
const NOT_AGED: &str = "age: when it was signed, which no signature says";

/// Checks the signatures of a credential alone.
///
/// # Errors
/// When it is no transition for the anchor's ledger, or a signature does not verify.
pub fn credential_signed(credential: &Credential, anchor: &Anchor) -> Result<Signed, NotVerified> {
    let admitted = admitted(credential.transition(), anchor)?;
    let signing: Signing = serde_json::from_slice(credential.transition())
        .map_err(|error| NotVerified::Transition(error.to_string()))?;
    let payload = serde_json::from_slice(&signing.payload())
        .map_err(|error| NotVerified::Transition(error.to_string()))?;
    Ok(Signed {
        verified: false,
        signed: true,
        ledger: anchor.ledger(),
        transition: admitted.id,
        not_after: admitted.not_after,
        signers: admitted.signers.iter().map(ToString::to_string).collect(),
        payload,
        checks: vec![FOR_THIS_LEDGER, SIGNED],
        not_checked: vec![NOT_TAKEN_IN, NOT_THE_KEY, NOT_CURRENT, NOT_AGED],
    })
}
