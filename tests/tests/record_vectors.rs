//! The vectors of records: `tests/vectors/records.json` is what this software makes of fixed salts.
//!
//! To write it anew, after a change that is meant to change the format:
//! `WRITE_VECTORS=1 cargo test -p chancery-tests --test record_vectors`.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

use chancery_ledger::hash::Hash;
use chancery_ledger::record::{Disclosure, Field, Record, Salt, Value};
use serde_json::json;

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/records.json")
}

fn record(schema: &str, fields: &[(&str, serde_json::Value)]) -> Record {
    let field = |(number, (name, value)): (usize, &(&str, serde_json::Value))| {
        let salt = Hash::of(&[b"vector salt", &[number as u8], name.as_bytes()]);
        let salt = Salt(salt.0[..16].try_into().unwrap());
        let value = serde_json::from_value(value.clone()).unwrap();
        Field { name: name.parse().unwrap(), salt, value }
    };
    let fields = fields.iter().enumerate().map(field).collect();
    Record::new(schema.parse().unwrap(), fields).unwrap()
}

/// A record, its commitment, and disclosures of these fields.
fn vector(record: &Record, shown: &[&[&str]]) -> serde_json::Value {
    let disclosures: Vec<Disclosure> =
        shown.iter().map(|names| record.disclose(names).unwrap()).collect();
    let texts: Vec<String> = record.fields().iter().map(|field| field.value.to_text()).collect();
    json!({
        "record": record, "hashed_texts": texts, "commitment": record.commitment(),
        "disclosures": disclosures,
    })
}

fn vectors() -> serde_json::Value {
    let award = record(
        "diploma-award-1",
        &[
            ("name", json!("Ana Ödegård")),
            ("date of birth", json!("2003-02-28")),
            ("degree", json!("Bachelor of Science")),
            ("grade", json!("1.7")),
            ("with distinction", json!(true)),
            ("credits", json!(180)),
            ("scan", json!({"sha256": Hash::of(&[b"a scan"])})),
        ],
    );
    let transcript = record(
        "diploma-transcript-1",
        &[
            ("course:MA101", json!("Analysis \"I\"; 9 ECTS; B")),
            ("course:PH101", json!("Mechanics\n9 ECTS; A")),
            ("course:CH101", json!(null)),
        ],
    );
    let one = record("one-1", &[("only", json!(-9_007_199_254_740_991_i64))]);
    json!({
        "about": "Records of docs/formats.md, with fixed salts that nobody should use.",
        "vectors": [
            vector(&award, &[&["degree"], &["name", "degree", "scan"], &["credits", "with distinction"]]),
            vector(&transcript, &[&["course:PH101"], &["course:MA101", "course:PH101", "course:CH101"]]),
            vector(&one, &[&["only"]]),
        ],
    })
}

#[test]
fn this_software_makes_the_published_vectors() {
    if std::env::var_os("WRITE_VECTORS").is_some() {
        fs::write(file(), format!("{:#}\n", vectors())).unwrap();
    }
    let published: serde_json::Value = serde_json::from_slice(&fs::read(file()).unwrap()).unwrap();
    assert!(published == vectors(), "a format has changed: see the head of this file");
}

#[test]
fn the_published_vectors_hold() {
    let published: serde_json::Value = serde_json::from_slice(&fs::read(file()).unwrap()).unwrap();
    for vector in published["vectors"].as_array().unwrap() {
        let read = |name: &str| vector[name].clone();
        let record: Record = serde_json::from_value(read("record")).unwrap();
        let commitment: Hash = serde_json::from_value(read("commitment")).unwrap();
        assert_eq!(record.commitment(), commitment);
        let texts: Vec<String> = serde_json::from_value(read("hashed_texts")).unwrap();
        let values = record.fields().iter().map(|field| &field.value);
        assert!(values.map(Value::to_text).eq(texts));
        let shown: Vec<Disclosure> = serde_json::from_value(read("disclosures")).unwrap();
        assert!(!shown.is_empty());
        shown.iter().for_each(|shown| shown.verify(&commitment).unwrap());
    }
}
