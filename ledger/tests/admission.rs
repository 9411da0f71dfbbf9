//! Admission: everything that is wrong with a transition has a code of its own.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use chancery_ledger::code::LEDGER;
use chancery_ledger::transition::{KeyCache, MAX_TRANSITION_BYTES};
use common::*;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

fn refused(bytes: &[u8]) -> &'static str {
    match admission().admit(bytes, time(0), &mut KeyCache::default()) {
        Ok(_) => "admitted",
        Err(rejection) => rejection.code.name,
    }
}

/// Signs a payload and protected headers of any form with a good key.
fn signed_form(payload: &str, protected: &[String]) -> Vec<u8> {
    let payload = BASE64URL_NOPAD.encode(payload.as_bytes());
    let signatures: Vec<Value> = protected
        .iter()
        .map(|protected| {
            let protected = BASE64URL_NOPAD.encode(protected.as_bytes());
            let signature = key(1).sign(format!("{protected}.{payload}").as_bytes());
            json!({"protected": protected, "signature": BASE64URL_NOPAD.encode(&signature)})
        })
        .collect();
    json!({"payload": payload, "signatures": signatures}).to_string().into_bytes()
}

fn good_payload() -> Value {
    json!({
        "ledger": genesis().ledger(), "id": "1", "not_after": time(1000),
        "actions": [{"action": "fill", "name": "a", "level": 1}],
    })
}

fn good_protected() -> String {
    let kid = format!("{}#{}", key(1).party(), key(1).public());
    json!({"alg": "EdDSA", "typ": "chancery-transition+json", "kid": kid}).to_string()
}

fn with(member: &str, value: Value) -> String {
    let mut payload = good_payload();
    payload[member] = value;
    payload.to_string()
}

fn with_protected(member: &str, value: &str) -> String {
    let mut protected: Value = serde_json::from_str(&good_protected()).unwrap();
    protected[member] = value.into();
    protected.to_string()
}

#[test]
fn each_fault_has_its_code() {
    let good = || signed_form(&good_payload().to_string(), &[good_protected()]);
    let payload = |text: &str| signed_form(text, &[good_protected()]);
    let protected = |text: String| signed_form(&good_payload().to_string(), &[text]);
    let changed = |from: &str, to: &str| {
        String::from_utf8(good()).unwrap().replacen(from, to, 1).into_bytes()
    };
    let zero_key = format!("{}#{}", key(1).party(), "A".repeat(43));
    let duplicate_member = good_payload().to_string().replacen('{', r#"{"id":"2","#, 1);
    let many = vec![good_protected(); 65];
    let actions = |count| {
        with("actions", vec![json!({"action": "fill", "name": "a", "level": 1}); count].into())
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("admitted", good()),
        ("admitted", protected(with_protected("alg", "Ed25519"))),
        ("transition-too-large", vec![b' '; MAX_TRANSITION_BYTES + 1]),
        ("not-json", b"".to_vec()),
        ("not-json", b"{".to_vec()),
        ("not-json", b"\xff\xfe".to_vec()),
        ("bad-jws", "[".repeat(10_000).into_bytes()),
        ("bad-jws", format!("{{\"payload\":{}", "[".repeat(10_000)).into_bytes()),
        ("bad-payload", payload("[\"a\"]")),
        ("bad-payload", payload(&format!("{{\"actions\":[{}", "[".repeat(10_000)))),
        ("bad-action", payload(&nested())),
        ("bad-action", payload(&with("actions", json!([["fill", "a", 1]])))),
        ("not-json", [good(), b"x".to_vec()].concat()),
        ("bad-jws", b"[]".to_vec()),
        ("bad-jws", b"{}".to_vec()),
        ("bad-jws", changed(r#""payload""#, r#""payloads""#)),
        ("bad-jws", changed(r#"{"payload""#, r#"{"payload":"","payload""#)),
        ("bad-jws", changed(r#"{"payload""#, r#"{"header":{},"payload""#)),
        ("bad-base64url", changed(r#""payload":""#, r#""payload":"="#)),
        ("bad-base64url", changed(r#""protected":""#, r#""protected":"+"#)),
        ("signature-count", signed_form(&good_payload().to_string(), &[])),
        ("signature-count", signed_form(&good_payload().to_string(), &many)),
        ("signature-repeated", signed_form(&good_payload().to_string(), &many[..2])),
        ("bad-protected-header", protected("{}".into())),
        ("bad-protected-header", protected(with_protected("jwk", "x"))),
        ("bad-protected-header", protected(with_protected("crit", "x"))),
        ("algorithm-not-accepted", protected(with_protected("alg", "none"))),
        ("algorithm-not-accepted", protected(with_protected("alg", "HS256"))),
        ("type-not-accepted", protected(with_protected("typ", "JWT"))),
        ("bad-key-id", protected(with_protected("kid", "x"))),
        ("bad-key-id", protected(with_protected("kid", &good_kid_with_wrong_check()))),
        ("key-not-accepted", protected(with_protected("kid", &zero_key))),
        ("bad-payload", payload("{}")),
        ("bad-payload", payload("\u{0}")),
        ("bad-payload", payload(&with("more", 1.into()))),
        ("bad-payload", payload(&duplicate_member)),
        ("bad-payload", payload(&with("id", "".into()))),
        ("bad-payload", payload(&with("id", "\u{0}".into()))),
        ("bad-payload", payload(&with("id", "\u{202e}".into()))),
        ("bad-payload", payload(&with("id", "x".repeat(65).into()))),
        ("bad-payload", payload(&with("not_after", 5.into()))),
        ("bad-payload", payload(&with("not_after", "tomorrow".into()))),
        ("wrong-ledger", payload(&with("ledger", "0".repeat(64).into()))),
        ("expired", payload(&with("not_after", "2001-01-01T00:00:00Z".into()))),
        ("expires-too-late", payload(&with("not_after", "2999-01-01T00:00:00Z".into()))),
        ("action-count", payload(&actions(0))),
        ("action-count", payload(&actions(65))),
        ("bad-action", payload(&with("actions", json!([{}])))),
        ("bad-action", payload(&with("actions", json!([{"action": "burn"}])))),
        ("bad-action", payload(&with("actions", json!([5])))),
        ("bad-signature", changed(r#""signature":""#, r#""signature":"AAAA"#)),
        ("bad-signature", protected(with_protected("kid", &another_kid()))),
    ];
    let mut seen: Vec<&str> = cases.iter().map(|case| case.0).collect();
    for (expected, bytes) in &cases {
        assert_eq!(refused(bytes), *expected, "{}", String::from_utf8_lossy(bytes));
    }
    // Those that need the state are met in chain.rs and in the registers' tests, and the one that needs
    // others who wait in mempool.rs.
    seen.extend(["duplicate", "signer-not-required", "signer-missing", "mempool-full"]);
    for code in LEDGER {
        assert!(seen.contains(&code.name), "{} is never met", code.name);
    }
}

/// An action whose name is 200 lists in each other, as text: serde_json would not write it.
fn nested() -> String {
    let lists = format!("{}{}", "[".repeat(200), "]".repeat(200));
    with("actions", json!([{"action": "fill", "name": "?", "level": 1}])).replace("\"?\"", &lists)
}

fn good_kid_with_wrong_check() -> String {
    let party = key(1).party().to_string();
    let other = if party.ends_with('A') { "B" } else { "A" };
    format!("{}{other}#{}", &party[..24], key(1).public())
}

fn another_kid() -> String {
    format!("{}#{}", key(2).party(), key(2).public())
}

#[test]
fn a_rejection_says_where() {
    let actions = json!([{"action": "fill", "name": "a", "level": 1}, {"action": "fill"}]);
    let bytes = signed_form(&with("actions", actions), &[good_protected()]);
    let rejection = admission().admit(&bytes, time(0), &mut KeyCache::default()).unwrap_err();
    assert_eq!(rejection.pointer, "/payload/actions/1");
    assert!(rejection.detail.contains("name"), "{}", rejection.detail);
}
