//! Evidence that shows nothing, each with the check that must fail.

mod entries;
mod forms;
mod proofs;
mod seals;
mod work;

use chancery_ledger::evidence::Evidence;
use chancery_ledger::genesis::Genesis;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::compact::bad_compact;
use super::{Case, Form, HEIGHT, NOBODY, RACER, ledger};
use crate::small_ledger::{PARTIES, genesis, party};

type Bad = (Case, &'static str);

/// All of them.
///
/// # Panics
/// Never: a disk in memory does not fail, and what is good has every form.
#[allow(clippy::expect_used)]
pub fn bad() -> Vec<Bad> {
    let base = Base::new();
    let tables = [
        seals::of_headers(&base),
        seals::of_seals(&base),
        proofs::of_inclusions(&base),
        proofs::of_blocks(&base),
        proofs::of_states(&base),
        entries::of_entries(),
        entries::of_values(),
        forms::of_json(&base),
        bad_compact(&base.receipt_evidence, &base.block_evidence, &base.status_evidence),
        forms::of_codes(&base),
        work::of_seals(&base),
        work::of_confirmations(&base),
        work::of_json(),
    ];
    let mut all: Vec<Bad> = tables.into_iter().flatten().collect();
    all.sort_by_key(|(case, _)| case.name.clone());
    assert!(all.windows(2).all(|pair| pair[0].0.name != pair[1].0.name), "a name stands twice");
    all
}

/// The good evidence that the bad is made of.
struct Base {
    receipt_evidence: Evidence,
    block_evidence: Evidence,
    status_evidence: Evidence,
    receipt: Value,
    in_block: Value,
    neighbour_in_block: Value,
    neighbour: Value,
    earlier: Value,
    status: Value,
    other_status: Value,
    absent: Value,
    nothing: Value,
}

impl Base {
    #[allow(clippy::expect_used)]
    fn new() -> Self {
        let view = ledger().expect("a disk in memory does not fail");
        let receipt = |position| view.receipt(position).expect("it is there");
        let in_block = |position| view.block_receipt(position).expect("it is there");
        let status = |number: u64, height| {
            let id = party(number).to_string();
            view.status("identity", "party", &id, height).expect("the block is there")
        };
        Self {
            block_evidence: Evidence::InBlock(in_block(PARTIES + 2)),
            in_block: json!(in_block(PARTIES + 2)),
            neighbour_in_block: json!(in_block(PARTIES + 3)),
            receipt_evidence: Evidence::Receipt(receipt(PARTIES + 2)),
            status_evidence: Evidence::Status(status(3, HEIGHT - 1)),
            receipt: json!(receipt(PARTIES + 2)),
            neighbour: json!(receipt(PARTIES + 3)),
            earlier: json!(receipt(0)),
            status: json!(status(3, HEIGHT - 1)),
            other_status: json!(status(RACER, HEIGHT)),
            absent: json!(status(NOBODY[0], HEIGHT - 1)),
            nothing: json!(status(NOBODY[1], HEIGHT - 1)),
        }
    }
}

pub(super) fn case(name: &str, anchor: &Genesis, form: Form, check: &'static str) -> Bad {
    (Case { name: name.to_owned(), anchor: anchor.clone(), form }, check)
}

/// A copy in which something else was put.
fn changed(name: &str, good: &Value, check: &'static str, change: impl FnOnce(&mut Value)) -> Bad {
    changed_of(&genesis(), name, good, check, change)
}

/// The same, of the ledger of this genesis.
fn changed_of(
    anchor: &Genesis,
    name: &str,
    good: &Value,
    check: &'static str,
    change: impl FnOnce(&mut Value),
) -> Bad {
    let mut evidence = good.clone();
    change(&mut evidence);
    assert_ne!(&evidence, good, "{name}: nothing was changed");
    case(name, anchor, Form::Json(evidence), check)
}

fn bytes_of(text: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_str().unwrap_or_default().as_bytes()).unwrap_or_default()
}

/// Changes the bytes that a member of a document stands for.
fn rewrite(document: &mut Value, pointer: &str, change: impl FnOnce(&mut Vec<u8>)) {
    if let Some(text) = document.pointer_mut(pointer) {
        let mut bytes = bytes_of(text);
        change(&mut bytes);
        *text = BASE64URL_NOPAD.encode(&bytes).into();
    }
}

/// Flips one bit of a hash in hexadecimal digits.
fn flip_hash(document: &mut Value, pointer: &str) {
    if let Some(Value::String(text)) = document.pointer_mut(pointer) {
        let last = text.pop();
        text.push(if last == Some('0') { '1' } else { '0' });
    }
}

/// 2^252 and what follows, little-endian: RFC 8032 5.1.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn add_order(signature: &mut [u8]) {
    let mut carry = 0;
    for (digit, more) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*digit) + u16::from(more) + carry;
        *digit = sum as u8;
        carry = sum >> 8;
    }
}
