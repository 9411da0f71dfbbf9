//! Records off the ledger: what is disclosed belongs to the commitment, and nothing else does.

#![allow(clippy::unwrap_used)]

use chancery_ledger::hash::Hash;
use chancery_ledger::record::{
    BadDisclosure, Disclosure, Field, Integer, MAX_FIELDS, NotARecord, Record, Salt, Value,
};
use proptest::prelude::*;

fn field(number: usize, value: Value) -> Field {
    let salt = Salt(Hash::of(&[&number.to_be_bytes()]).0[..16].try_into().unwrap());
    Field { name: format!("field {number}").parse().unwrap(), salt, value }
}

fn text(text: &str) -> Value {
    Value::Text(text.parse().unwrap())
}

fn record(count: usize) -> Record {
    let fields = (0..count).map(|number| field(number, text(&format!("value {number}"))));
    Record::new("test-1".parse().unwrap(), fields.collect()).unwrap()
}

fn names(places: &[usize]) -> Vec<String> {
    places.iter().map(|place| format!("field {place}")).collect()
}

#[test]
fn every_choice_of_fields_of_every_small_record_is_proven() {
    for count in 1..=9 {
        let record = record(count);
        for choice in 1_u32..1 << count {
            let places: Vec<usize> = (0..count).filter(|place| choice >> place & 1 == 1).collect();
            let shown = record.disclose(&names(&places)).unwrap();
            assert_eq!(shown.fields.len(), places.len());
            shown.verify(&record.commitment()).unwrap();
            assert_eq!(shown.verify(&Hash::empty()), Err(BadDisclosure::Commitment));
        }
    }
}

#[test]
fn what_is_not_shown_is_not_in_the_disclosure() {
    let record = record(8);
    let shown = serde_json::to_string(&record.disclose(&["field 3"]).unwrap()).unwrap();
    for hidden in (0..8).filter(|number| *number != 3) {
        assert!(!shown.contains(&format!("field {hidden}")), "{shown}");
        assert!(!shown.contains(&format!("value {hidden}")), "{shown}");
        let salt = record.fields()[hidden].salt.to_string();
        assert!(!shown.contains(&salt), "{shown}");
    }
}

#[test]
fn the_order_in_which_fields_are_asked_for_does_not_matter() {
    let record = record(5);
    let shown = record.disclose(&["field 4", "field 0"]).unwrap();
    assert_eq!(shown, record.disclose(&["field 0", "field 4"]).unwrap());
    assert!(record.disclose(&["field 5"]).is_err());
    assert!(record.disclose(&["field 1", "field 1"]).is_err());
    let nothing = record.disclose(&[] as &[&str]).unwrap();
    assert_eq!(nothing.verify(&record.commitment()), Err(BadDisclosure::Count));
}

#[test]
fn every_part_counts() {
    let record = record(4);
    let commitment = record.commitment();
    let json = serde_json::to_value(&record).unwrap();
    let changed = |pointer: &str, value: serde_json::Value| {
        let mut json = json.clone();
        *json.pointer_mut(pointer).unwrap() = value;
        serde_json::from_value::<Record>(json).unwrap().commitment()
    };
    assert_eq!(changed("/schema", "test-1".into()), commitment);
    assert_ne!(changed("/schema", "test-2".into()), commitment);
    assert_ne!(changed("/fields/3/value", "value 4".into()), commitment);
    assert_ne!(changed("/fields/3/name", "field 4".into()), commitment);
    assert_ne!(changed("/fields/3/salt", "AAAAAAAAAAAAAAAAAAAAAA".into()), commitment);
    // The same text as a number, as nothing, as a file: each is another value.
    let numbers = [Value::Null, Value::Bool(false), Value::Integer(0.try_into().unwrap())];
    let others = [text(""), text("0"), text("null"), text("false"), Value::File(Hash::default())];
    let all: Vec<Hash> = numbers
        .into_iter()
        .chain(others)
        .map(|value| Record::new("test-1".parse().unwrap(), vec![field(0, value)]).unwrap())
        .map(|record| record.commitment())
        .collect();
    for (index, one) in all.iter().enumerate() {
        assert!(!all[..index].contains(one));
    }
    // Nor can a byte wander from one part to the next.
    let pair = |name: &str, value: &str| {
        let field = Field { name: name.parse().unwrap(), ..field(0, text(value)) };
        Record::new("test-1".parse().unwrap(), vec![field]).unwrap().commitment()
    };
    assert_ne!(pair("ab", "c"), pair("a", "bc"));
}

#[test]
fn fields_in_another_order_are_another_record() {
    let record = record(3);
    let mut fields = record.fields().to_vec();
    fields.swap(0, 1);
    let swapped = Record::new(record.schema().clone(), fields).unwrap();
    assert_ne!(swapped.commitment(), record.commitment());
}

/// A changed byte makes it no disclosure, or one that does not hold; with any of a few other bytes
/// in its place.
#[test]
fn every_single_changed_byte_is_refused() {
    let values = [
        text("Ana Ödegård"),
        Value::Integer(7.try_into().unwrap()),
        Value::Bool(true),
        Value::Null,
    ];
    let mut fields: Vec<Field> =
        values.into_iter().enumerate().map(|(number, value)| field(number, value)).collect();
    fields.push(field(4, Value::File(Hash::of(&[b"a scan"]))));
    fields.push(field(5, text("hidden")));
    let record = Record::new("test-1".parse().unwrap(), fields).unwrap();
    let commitment = record.commitment();
    let shown = record.disclose(&names(&[0, 1, 2, 3, 4])).unwrap();
    let bytes = serde_json::to_vec(&shown).unwrap();
    for place in 0..bytes.len() {
        for other in [bytes[place] ^ 1, bytes[place] ^ 0x20, b'0', b'A', b' ', b'"', 0xff] {
            if bytes[place] == other {
                continue;
            }
            let mut changed = bytes.clone();
            changed[place] = other;
            let Ok(changed) = serde_json::from_slice::<Disclosure>(&changed) else { continue };
            assert!(changed.verify(&commitment).is_err(), "byte {place} as {other}");
        }
    }
    let mut other = commitment;
    for place in 0..32 {
        other.0[place] ^= 1;
        assert_eq!(shown.verify(&other), Err(BadDisclosure::Commitment));
        other.0[place] ^= 1;
    }
}

#[test]
fn proofs_of_another_form_are_refused() {
    let record = record(7);
    let commitment = record.commitment();
    let shown = record.disclose(&["field 1", "field 5"]).unwrap();
    let changed = |change: &dyn Fn(&mut Disclosure)| {
        let mut changed = shown.clone();
        change(&mut changed);
        changed.verify(&commitment)
    };
    assert_eq!(changed(&|_| ()), Ok(()));
    assert_eq!(changed(&|it| it.fields.clear()), Err(BadDisclosure::Count));
    assert_eq!(changed(&|it| it.count = 0), Err(BadDisclosure::Count));
    assert_eq!(changed(&|it| it.count = MAX_FIELDS as u32 + 1), Err(BadDisclosure::Count));
    assert_eq!(changed(&|it| it.count = u32::MAX), Err(BadDisclosure::Count));
    assert_eq!(changed(&|it| it.count = 5), Err(BadDisclosure::Order));
    assert_eq!(changed(&|it| it.fields.reverse()), Err(BadDisclosure::Order));
    assert_eq!(changed(&|it| it.fields[1].index = 1), Err(BadDisclosure::Order));
    let twice = |it: &mut Disclosure| it.fields[1].name = it.fields[0].name.clone();
    assert_eq!(changed(&twice), Err(BadDisclosure::Order));
    assert_eq!(changed(&|it| it.proof.push(Hash::empty())), Err(BadDisclosure::ProofLength));
    assert_eq!(
        changed(&|it| {
            it.proof.pop();
        }),
        Err(BadDisclosure::ProofLength)
    );
    assert_eq!(changed(&|it| it.proof.swap(0, 1)), Err(BadDisclosure::Commitment));
    for count in (6..100).filter(|count| *count != 7) {
        assert!(changed(&|it| it.count = count).is_err(), "{count}");
    }
}

#[test]
fn records_have_a_form() {
    let schema = || "test-1".parse().unwrap();
    assert_eq!(Record::new(schema(), Vec::new()), Err(NotARecord::Count));
    let many = (0..=MAX_FIELDS).map(|number| field(number, Value::Null)).collect();
    assert_eq!(Record::new(schema(), many), Err(NotARecord::Count));
    let twice = vec![field(0, Value::Null), field(0, Value::Bool(true))];
    assert!(matches!(Record::new(schema(), twice), Err(NotARecord::Repeated(_))));
    record(MAX_FIELDS).disclose(&["field 511"]).unwrap();

    let good =
        r#"{"schema":"a-1","fields":[{"name":"n","salt":"AAAAAAAAAAAAAAAAAAAAAA","value":1}]}"#;
    serde_json::from_str::<Record>(good).unwrap();
    for (part, wrong) in [
        ("\"a-1\"", "\"A 1\""),
        ("\"a-1\"", "\"\""),
        ("\"n\"", "\" n\""),
        ("\"n\"", "\"\""),
        ("\"n\"", "\"n\\u0000\""),
        ("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB"),
        ("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA"),
        ("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA=="),
        (":1}", ":1.5}"),
        (":1}", ":1e3}"),
        (":1}", ":9007199254740992}"),
        (":1}", ":-9007199254740992}"),
        (":1}", ":[]}"),
        (":1}", ":{}}"),
        (":1}", ":{\"sha256\":\"00\"}}"),
        (":1}", ":{\"sha1\":\"00\"}}"),
        (":1}", ":1,\"more\":1}"),
        (":1}", ":1,\"value\":1}"),
    ] {
        let text = good.replacen(part, wrong, 1);
        assert!(serde_json::from_str::<Record>(&text).is_err(), "{text}");
    }
    assert!(Integer::try_from(i64::MIN).is_err() && Integer::try_from((1 << 53) - 1).is_ok());
    let long = "x".repeat(8193);
    assert!(Value::Text(long[..8192].parse().unwrap()).to_text().len() == 8194);
    assert!(serde_json::from_value::<Value>(long.into()).is_err());
}

#[test]
fn values_are_hashed_in_the_text_of_rfc_8785() {
    for (value, expected) in [
        (Value::Null, "null"),
        (Value::Bool(true), "true"),
        (Value::Integer((-7).try_into().unwrap()), "-7"),
        (
            text("a\"\\/\u{8}\u{c}\n\r\t\u{1f}\u{7f}\u{2028}é€😀"),
            "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u001f\u{7f}\u{2028}é€😀\"",
        ),
    ] {
        assert_eq!(value.to_text(), expected);
        assert_eq!(serde_json::from_str::<Value>(expected).unwrap(), value);
    }
    let file = Value::File(Hash::default()).to_text();
    assert_eq!(file, format!("{{\"sha256\":\"{}\"}}", "0".repeat(64)));
}

#[test]
fn salts_do_not_show_in_debug_output() {
    let shown = format!("{:?}", record(1));
    assert!(!shown.contains(&record(1).fields()[0].salt.to_string()), "{shown}");
}

proptest! {
    #[test]
    fn larger_records_prove_what_they_are_asked_for(
        count in 1_usize..200,
        choice in proptest::collection::btree_set(0_usize..200, 1..20),
    ) {
        let record = record(count);
        let places: Vec<usize> = choice.into_iter().filter(|place| *place < count).collect();
        prop_assume!(!places.is_empty());
        let shown = record.disclose(&names(&places)).unwrap();
        let json = serde_json::to_string(&shown).unwrap();
        let shown: Disclosure = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(shown.verify(&record.commitment()), Ok(()));
    }

    #[test]
    fn strange_indices_are_refused_without_a_panic(
        indices in proptest::collection::vec(any::<u32>(), 1..6),
        count in any::<u32>(),
        hashes in 0_usize..12,
    ) {
        let mut shown = record(9).disclose(&["field 2"]).unwrap();
        let field = shown.fields[0].clone();
        shown.fields = indices.iter().enumerate().map(|(number, index)| {
            let name = format!("f {number}").parse().unwrap();
            chancery_ledger::record::DisclosedField { index: *index, name, ..field.clone() }
        }).collect();
        shown.count = count;
        shown.proof = vec![Hash::empty(); hashes];
        prop_assert!(shown.verify(&record(9).commitment()).is_err());
    }
}
