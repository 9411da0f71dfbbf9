//! Evidence of every kind, good and bad, of ledgers with fixed keys and times: what the vectors in
//! `tests/vectors/evidence` are made of.
//!
//! A pool that seals what it should not is played by signing headers of our own making: so the
//! checks behind the seal are shown to be made as well.

mod bad;
mod big;
mod compact;
mod cose;
mod credentials;
mod sealed;
mod worked;

use std::sync::Arc;

use chancery_client::verify::{Verified, read_and_verify};
use chancery_ledger::disk::Memory;
use chancery_ledger::error::Error;
use chancery_ledger::evidence::code::to_codes;
use chancery_ledger::evidence::{Evidence, Statement};
use chancery_ledger::genesis::Genesis;
use chancery_ledger::view::View;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::small_ledger::{PARTIES, SmallLedger, create_party, genesis, party, set_card, signed};

pub use bad::bad;
pub use big::big;
pub use cose::{cose_vectors, signed_root};
pub use credentials::{award, credential_vectors, good_credentials, read_credential};
pub use sealed::Sealed;
pub use worked::{worked, worked_genesis};

/// The height of the small ledger that most of the evidence is of.
pub const HEIGHT: u64 = 4;
/// Somebody whose creation was ordered twice, so that the second changed nothing.
pub const RACER: u64 = 7;
/// Nobody has these keys: where they would stand is another's leaf, and nothing.
pub const NOBODY: [u64; 2] = [98, 92];

/// The characters of the largest code, version 40-L.
const CODE_CHARACTERS_MAX: usize = 4296;

/// One piece of evidence, in one of its forms.
#[derive(Clone, Debug)]
pub enum Form {
    /// A JSON document.
    Json(Value),
    /// Text: JSON that no value can stand for, or codes.
    Text(String),
    /// Compact.
    Compact(Vec<u8>),
}

/// A case of a table.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is.
    pub name: String,
    /// The genesis that it is checked against.
    pub anchor: Genesis,
    /// The evidence.
    pub form: Form,
}

impl Form {
    /// As it stands in a file.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Json(value) => value.to_string().into_bytes(),
            Self::Text(text) => text.clone().into_bytes(),
            Self::Compact(bytes) => bytes.clone(),
        }
    }

    fn to_json(&self) -> (&'static str, Value) {
        match self {
            Self::Json(value) => ("json", value.clone()),
            Self::Text(text) => ("text", text.clone().into()),
            Self::Compact(bytes) => ("cbor", BASE64URL_NOPAD.encode(bytes).into()),
        }
    }
}

impl Case {
    /// The case as it stands in the vectors, but for what is expected of it.
    pub fn to_json(&self) -> Value {
        let (form, value) = self.form.to_json();
        let anchor = self.anchor.ledger().to_string();
        json!({"name": self.name, "anchor": anchor, form: value})
    }
}

/// The small ledger, with a race that somebody loses and a transition of two signers.
///
/// # Errors
/// Never: a disk in memory does not fail.
pub fn ledger() -> Result<View, Error> {
    let mut ledger = SmallLedger::found(Arc::new(Memory::new()))?;
    ledger.grow_to(HEIGHT - 1)?;
    let create = |id: &str| signed(&[RACER], id, vec![create_party(RACER)]);
    let by_two = signed(&[0, 1], "two", vec![set_card(0, 70), set_card(1, 70)]);
    ledger.block(&[create("race-1"), create("race-2"), by_two])?;
    Ok(ledger.view())
}

/// Every kind of evidence that holds, once each.
///
/// # Errors
/// Never: a disk in memory does not fail.
pub fn good() -> Result<Vec<(String, Genesis, Evidence)>, Error> {
    let view = ledger()?;
    let last = view.tip().header.log_size - 1;
    let mut all = Vec::new();
    for (name, position) in [
        ("a receipt, first in the log", 0),
        ("a receipt, within a block", PARTIES + 2),
        ("a receipt of refusal", last - 1),
        ("a receipt with two signers", last),
    ] {
        all.push((name.to_owned(), genesis(), Evidence::Receipt(view.receipt(position)?)));
    }
    for (name, position) in [
        ("a receipt by its block, first in it", 0),
        ("a receipt by its block, within it", PARTIES + 2),
        ("a receipt by its block, of refusal", last - 1),
        ("a receipt by its block, with two signers", last),
    ] {
        all.push((name.to_owned(), genesis(), Evidence::InBlock(view.block_receipt(position)?)));
    }
    for (name, number, height) in [
        ("a status, alone in an early state", 0, 1),
        ("a status", 3, HEIGHT - 1),
        ("a status, as of the last block", RACER, HEIGHT),
        ("an absence before a creation", RACER, HEIGHT - 1),
        ("an absence where another stands", NOBODY[0], HEIGHT - 1),
        ("an absence where nothing stands", NOBODY[1], HEIGHT - 1),
    ] {
        let status = view.status("identity", "party", &party(number).to_string(), height)?;
        all.push((name.to_owned(), genesis(), Evidence::Status(status)));
    }
    all.extend(big());
    Ok(all)
}

/// The good vectors.
///
/// # Panics
/// When one of them does not hold, or has no compact form.
#[allow(clippy::expect_used)]
pub fn good_vectors() -> Value {
    let cases = good().expect("a disk in memory does not fail").into_iter().map(good_vector);
    let cases: Vec<Value> = cases.collect();
    json!({
        "about": "Evidence that holds, in all its forms. docs/formats.md describes them.",
        "anchors": anchors(),
        "cases": cases,
    })
}

#[allow(clippy::expect_used)]
fn good_vector((name, anchor, evidence): (String, Genesis, Evidence)) -> Value {
    let compact = evidence.to_compact(&(&anchor).into()).expect("it has a compact form");
    let (_, verified) = read_and_verify(&compact, &(&anchor).into()).expect("it holds");
    // What no single code holds has none.
    let code = to_codes(&compact, 1).swap_remove(0);
    let code = (code.len() <= CODE_CHARACTERS_MAX).then_some(code);
    json!({
        "name": name,
        "anchor": anchor.ledger(),
        "json": evidence,
        "cbor": BASE64URL_NOPAD.encode(&compact),
        "code": code,
        "parts": to_codes(&compact, 3),
        "stated": stated(&verified),
    })
}

/// What every verifier must say that evidence states.
fn stated(verified: &Verified) -> Value {
    let shown = &verified.shown;
    let mut stated = match &shown.shown {
        Statement::Ordered { position, outcome, .. } => {
            json!({"position": position, "outcome": outcome, "signers": verified.signers})
        }
        Statement::InBlock { outcome, .. } => {
            json!({"in_block": true, "outcome": outcome, "signers": verified.signers})
        }
        Statement::Stands { object, version, position } => {
            json!({"object": object, "version": version, "position": position})
        }
        Statement::Absent { object } => json!({"object": object, "absent": true}),
    };
    stated["height"] = shown.height.into();
    if let Some(work) = &shown.work {
        stated["work"] = json!(work);
    }
    stated
}

/// The good vectors of a ledger of work.
///
/// # Panics
/// When one of them does not hold.
#[allow(clippy::expect_used)]
pub fn work_vectors() -> Value {
    let case = |(name, evidence): (&str, Evidence)| {
        good_vector((name.to_owned(), worked_genesis(), evidence))
    };
    let cases = worked().into_iter().map(case);
    json!({
        "about": "Evidence of a ledger that is sealed by work, in all its forms. `work` is what stands behind it.",
        "anchors": anchors(),
        "cases": cases.collect::<Vec<_>>(),
    })
}

/// The genesis of every ledger that the vectors are of, by its id.
pub fn anchors() -> Value {
    let text = |genesis: &Genesis| String::from_utf8_lossy(genesis.bytes()).into_owned();
    let pools = [1, 3, 4].map(|validators| Sealed::by(validators).genesis);
    let all = [genesis(), worked_genesis()].into_iter().chain(pools);
    all.map(|genesis| (genesis.ledger().to_string(), Value::from(text(&genesis)))).collect()
}

/// The bad vectors.
///
/// # Panics
/// Never, unless the good ones do.
pub fn bad_vectors() -> Value {
    let cases: Vec<Value> = bad()
        .into_iter()
        .map(|(case, check)| {
            let mut vector = case.to_json();
            vector["check"] = check.into();
            if case.name.contains("(needs the registers)") {
                vector["needs"] = "registers".into();
            }
            vector
        })
        .collect();
    json!({
        "about": "Evidence that shows nothing, each with the first check that fails. What `needs` the registers, a verifier that does not know them says it has not checked.",
        "anchors": anchors(),
        "cases": cases,
    })
}
