//! Decoders never panic and believe nothing that was never so, whatever the bytes are.

#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::LazyLock;

use chancery_tests::decoders::{Decoder, decoder, decoders};
use proptest::prelude::*;
use serde_json::Value;

/// A decoder with the bytes to begin from.
type Seeded = (&'static Decoder, Vec<Vec<u8>>);

/// Every decoder.
static SEEDED: LazyLock<Vec<Seeded>> =
    LazyLock::new(|| decoders().map(|decoder| (decoder, (decoder.seeds)())).collect());

/// One step of turning good bytes into others.
#[derive(Clone, Debug)]
enum Step {
    Flip(usize, u8),
    Put(usize, u8),
    Cut(usize),
    Drop(usize, usize),
    Repeat(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let place = any::<usize>();
    prop_oneof![
        (place, 0..8_u8).prop_map(|(at, bit)| Step::Flip(at, bit)),
        (place, any::<u8>()).prop_map(|(at, byte)| Step::Put(at, byte)),
        place.prop_map(Step::Cut),
        (place, 1..40_usize).prop_map(|(at, len)| Step::Drop(at, len)),
        (place, 1..200_usize).prop_map(|(at, len)| Step::Repeat(at, len)),
    ]
}

fn walk(bytes: &mut Vec<u8>, steps: &[Step]) {
    for step in steps {
        let len = bytes.len();
        if len == 0 {
            return;
        }
        let part = |at: usize, most: usize| at % len..(at % len + most).min(len);
        match *step {
            Step::Flip(at, bit) => bytes[at % len] ^= 1 << bit,
            Step::Put(at, byte) => bytes.insert(at % len, byte),
            Step::Cut(at) => bytes.truncate(at % len),
            Step::Drop(at, most) => drop(bytes.drain(part(at, most))),
            Step::Repeat(at, most) => {
                let again = bytes[part(at, most)].to_vec();
                bytes.splice(at % len..at % len, again);
            }
        }
    }
}

/// JSON of any shape, with the values that are hard on readers.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[A-Za-z0-9_-]{0,50}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map("[a-z_]{1,9}", inner, 0..5).prop_map(Value::from_iter),
        ]
    })
}

/// Puts a value in the place of one of those in a document.
fn replace_one(document: &mut Value, mut at: usize, with: &Value) {
    fn visit(value: &mut Value, at: &mut usize, with: &Value) -> bool {
        if *at == 0 {
            *value = with.clone();
            return true;
        }
        *at -= 1;
        match value {
            Value::Array(items) => items.iter_mut().any(|item| visit(item, at, with)),
            Value::Object(members) => members.values_mut().any(|member| visit(member, at, with)),
            _ => false,
        }
    }
    at %= 40;
    visit(document, &mut at, with);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for decoder in decoders() {
            (decoder.read)(&bytes);
        }
    }

    #[test]
    fn any_text(text in ".{0,80}") {
        (decoder("text").read)(text.as_bytes());
    }

    #[test]
    fn any_value(value in any_json()) {
        for decoder in decoders() {
            (decoder.read)(value.to_string().as_bytes());
        }
    }

    #[test]
    fn good_bytes_changed(pick in any::<usize>(), steps in prop::collection::vec(step(), 1..6)) {
        for (decoder, seeds) in &*SEEDED {
            let mut bytes = seeds[pick % seeds.len()].clone();
            walk(&mut bytes, &steps);
            (decoder.read)(&bytes);
        }
    }

    #[test]
    fn good_json_with_one_value_changed(pick in any::<usize>(), at in any::<usize>(), with in any_json()) {
        for (decoder, seeds) in &*SEEDED {
            let seed = &seeds[pick % seeds.len()];
            if let Ok(mut document) = serde_json::from_slice::<Value>(seed) {
                replace_one(&mut document, at, &with);
                (decoder.read)(document.to_string().as_bytes());
            }
        }
    }
}

#[test]
fn what_is_good_is_read() {
    for (decoder, seeds) in &*SEEDED {
        assert!(!seeds.is_empty(), "{} has no seeds", decoder.name);
        for (index, seed) in seeds.iter().enumerate() {
            assert!((decoder.read)(seed), "{} does not take its seed {index}", decoder.name);
        }
    }
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    for open in ["[", "{\"a\":", "{\"payload\":", "{\"inclusion\":[", "{\"pool\":["] {
        let deep = open.repeat(60_000 / open.len());
        for decoder in decoders() {
            (decoder.read)(deep.as_bytes());
        }
    }
}

#[test]
fn numbers_at_the_edge_are_refused_and_do_not_overflow() {
    let numbers = [0, 1, 2, u64::MAX, u64::MAX - 1, 1 << 63, (1 << 53) + 1];
    let hash = "00".repeat(32);
    for (a, b) in numbers.iter().flat_map(|a| numbers.iter().map(move |b| (a, b))) {
        for count in [0, 1, 64, 257] {
            let path = vec![hash.as_str(); count];
            let inclusion = serde_json::json!({"position": a, "log_size": b, "path": path});
            let consistency = serde_json::json!({"from": a, "to": b, "path": path});
            for proof in [inclusion, consistency] {
                (decoder("log_proof").read)(proof.to_string().as_bytes());
            }
        }
    }
}
