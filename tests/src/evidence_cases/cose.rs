//! Receipts in COSE of the small ledger: what the verifiers of others are held against.

use chancery_ledger::error::Error;
use chancery_ledger::evidence::cose::{SignedRoot, key_set, thumbprint};
use chancery_ledger::view::View;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::ledger;
use crate::small_ledger::{NODE_KEY, key};

/// The vectors of receipts in COSE.
///
/// # Panics
/// Never: a disk in memory does not fail, and the proofs are of this log.
#[allow(clippy::expect_used)]
pub fn cose_vectors() -> Value {
    made().expect("a disk in memory does not fail")
}

/// Whose signature is on the vectors.
pub fn signed_root(view: &View, log_size: u64) -> Result<SignedRoot, Error> {
    let ledger = view.genesis().ledger();
    Ok(SignedRoot::sign(&ledger, log_size, &view.log_root(log_size)?, &key(NODE_KEY)))
}

fn made() -> Result<Value, Error> {
    let view = ledger()?;
    let (all, signer) = (view.tip().header.log_size, key(NODE_KEY).public());
    let sizes = [1, 2, 3, 5, 7, 8, all];
    let (mut inclusion, mut consistency) = (Vec::new(), Vec::new());
    for size in sizes {
        let mut positions = vec![0, size / 2, size - 1];
        positions.dedup();
        for position in positions {
            inclusion.push(of_inclusion(&view, position, size)?);
        }
        for from in sizes.into_iter().filter(|from| *from < size) {
            consistency.push(of_consistency(&view, from, size)?);
        }
    }
    Ok(json!({
        "about": "Receipts of inclusion and of consistency in COSE (RFC 9942). docs/formats.md describes them.",
        "ledger": view.genesis().ledger(),
        "key": signer,
        "kid": thumbprint(&signer),
        "key_set": BASE64URL_NOPAD.encode(&key_set(&[signer])),
        "inclusion": inclusion,
        "consistency": consistency,
    }))
}

#[allow(clippy::expect_used)]
fn of_inclusion(view: &View, position: u64, size: u64) -> Result<Value, Error> {
    let proof = view.prove_inclusion(position, size)?;
    let receipt = signed_root(view, size)?.receipt_of_inclusion(&proof).expect("the same size");
    Ok(json!({
        "position": position,
        "log_size": size,
        "root": view.log_root(size)?,
        "entry": BASE64URL_NOPAD.encode(&view.entry(position)?),
        "cbor": BASE64URL_NOPAD.encode(&receipt),
    }))
}

#[allow(clippy::expect_used)]
fn of_consistency(view: &View, from: u64, to: u64) -> Result<Value, Error> {
    let proof = view.prove_consistency(from, to)?;
    let receipt = signed_root(view, to)?.receipt_of_consistency(&proof).expect("the same size");
    Ok(json!({
        "from": from,
        "to": to,
        "from_root": view.log_root(from)?,
        "to_root": view.log_root(to)?,
        "cbor": BASE64URL_NOPAD.encode(&receipt),
    }))
}
