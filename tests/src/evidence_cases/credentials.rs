//! Credentials alone, good and bad: what `tests/vectors/evidence/credentials.json` is made of.

use chancery_client::verify::{NotVerified, Signed, credential_signed};
use chancery_ledger::anchor::Anchor;
use chancery_ledger::evidence::code::to_codes;
use chancery_ledger::evidence::{Credential, Unreadable};
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::KeyId;
use chancery_ledger::transition::{Payload, Signing};
use chancery_registries::Action;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde_json::{Value, json};

use super::big::signing;
use super::{Case, Form, Sealed, anchors};
use crate::small_ledger::{create_party, genesis, key, party, set_card, signed, time};

/// A diploma as the register issues it singly, with its members in the order of our own clients.
///
/// # Panics
/// Never: it is an action.
#[allow(clippy::expect_used)]
pub fn award() -> Action {
    let action = json!({
        "register": "diplomas", "action": "issue", "institution": party(0), "serial": "2026-000123",
        "kind": "award", "holder": party(1), "programme": "bsc-physics", "awarded": "2026-01-01",
        "record": Hash::of(&[b"a record"]),
    });
    serde_json::from_value(action).expect("it is an action")
}

/// One action, of an id and a time as our own clients make them.
#[allow(clippy::expect_used)]
fn stated(genesis: &Genesis, actions: Vec<impl Serialize>) -> Signing {
    let id = "0197c3a1-b2d4-7e58-8abc-0123456789ab".to_owned();
    let not_after = time(3_600_120);
    let payload = Payload { ledger: genesis.ledger(), id, not_after, actions };
    Signing::of(&payload).expect("JSON can be written down")
}

/// A transition in another form than ours: its members in another order.
#[allow(clippy::expect_used)]
fn foreign(genesis: &Genesis) -> Vec<u8> {
    let signed = stated(genesis, vec![set_card(0, 7)]).sign(&key(0));
    let own: Value = serde_json::from_slice(&signed.to_bytes()).expect("it is JSON");
    format!(r#"{{"signatures": {}, "payload": {}}}"#, own["signatures"], own["payload"])
        .into_bytes()
}

/// Credentials that are signed as they should be.
pub fn good_credentials() -> Vec<(&'static str, Genesis, Credential)> {
    let small = genesis();
    let of_three = Sealed::by(3);
    let later = KeyId { party: party(0), key: key(9).public() };
    let award = || stated(&of_three.genesis, vec![award()]);
    let bytes = |name, genesis: &Genesis, signing: Signing| {
        (name, genesis.clone(), Credential::of(signing.to_bytes()))
    };
    vec![
        bytes("a diploma", &of_three.genesis, award().sign(&key(0))),
        bytes(
            "a diploma, signed by a later key",
            &of_three.genesis,
            award().sign_as(&later, &key(9)),
        ),
        bytes("a creation", &small, signed(&[0], "one", vec![create_party(0)])),
        bytes("two signers", &small, signed(&[0, 1], "two", vec![set_card(0, 7), set_card(1, 7)])),
        bytes("an id that JSON escapes", &small, signed(&[2], "odd\"\\\"", vec![set_card(2, 1)])),
        bytes("of a big ledger", &of_three.genesis, signing(&of_three, &[0], vec![set_card(0, 7)])),
        ("in another form than ours", small.clone(), Credential::of(foreign(&small))),
    ]
}

/// Reads and checks a credential alone.
///
/// # Errors
/// The name of the check that fails, and why.
pub fn read_credential(
    bytes: &[u8],
    anchor: &Anchor,
) -> Result<(Credential, Signed), (&'static str, String)> {
    let why = |error: NotVerified| (error.check(), error.to_string());
    let read = Credential::read(bytes, anchor);
    let read = read.unwrap_or(Err(Unreadable::Json("it is no credential".into())));
    let credential = read.map_err(|error| why(error.into()))?;
    let signed = credential_signed(&credential, anchor).map_err(why)?;
    Ok((credential, signed))
}

/// The vectors of credentials.
///
/// # Panics
/// When a good one does not hold, or has no compact form.
#[allow(clippy::expect_used)]
pub fn credential_vectors() -> Value {
    let good: Vec<Value> = good_credentials()
        .into_iter()
        .map(|(name, genesis, credential)| {
            let anchor = Anchor::from(&genesis);
            let compact = credential.to_compact(&anchor).expect("it has a compact form");
            let (_, signed) = read_credential(&compact, &anchor).expect("it is signed");
            json!({
                "name": name,
                "anchor": genesis.ledger(),
                "json": credential,
                "cbor": BASE64URL_NOPAD.encode(&compact),
                "code": to_codes(&compact, 1)[0],
                "parts": to_codes(&compact, 3),
                "signed": {"not_after": signed.not_after, "signers": signed.signers},
            })
        })
        .collect();
    let bad = bad_credentials().into_iter().map(|(case, check)| {
        let mut vector = case.to_json();
        vector["check"] = check.into();
        vector
    });
    json!({
        "about": "Credentials alone, which no ledger vouches for: such as are signed, and such as are not, each with the first check that fails.",
        "anchors": anchors(),
        "good": good,
        "bad": bad.collect::<Vec<_>>(),
    })
}

/// Credentials that are not signed, or not written as they must be.
#[allow(clippy::expect_used)]
fn bad_credentials() -> Vec<(Case, &'static str)> {
    let (_, genesis, credential) = good_credentials().swap_remove(0);
    let anchor = Anchor::from(&genesis);
    let compact = credential.to_compact(&anchor).expect("it has a compact form");
    let mut all = Vec::new();
    let mut put = |name: &str, check, form| {
        let (name, anchor) = (name.to_owned(), genesis.clone());
        all.push((Case { name, anchor, form }, check));
    };
    let mut changed = |name: &str, check, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = compact.clone();
        change(&mut bytes);
        assert_ne!(bytes, compact, "{name}: nothing was changed");
        put(&format!("compact: {name}"), check, Form::Compact(bytes));
    };
    let find = |bytes: &[u8], part: &[u8]| {
        bytes.windows(part.len()).position(|window| window == part).expect("they stand in it")
    };
    let length = compact.len();
    // Behind kind and ledger: the text, which is longer than 23 bytes.
    let text = 7;
    changed("another ledger", "ledger", &|it| it[3] ^= 1);
    changed("a byte more", "form", &|it| it.push(0));
    changed("a byte less", "form", &|it| it.truncate(length - 1));
    changed("another serial number", "signatures", &|it| {
        let at = find(it, b"000123");
        it[at] = b'1';
    });
    changed("another institution", "signatures", &|it| {
        let at = find(it, b"\x4f");
        it[at + 3] ^= 1;
    });
    changed("a bit of a signature", "signatures", &|it| it[length - 3] ^= 1);
    changed("another key", "signatures", &|it| {
        let at = find(it, key(0).public().as_bytes());
        it.splice(at..at + 32, *key(1).public().as_bytes());
    });
    changed("a signer more", "form", &|it| {
        let at = find(it, &[0x81, 0x58, 0x20]);
        it[at] = 0x82;
        it.splice(at + 1..at + 1, [&[0x58, 0x20][..], &[7; 32]].concat());
    });
    changed("a phrase written out", "form", &|it| {
        let at = find(it, &[0x1b, 0]);
        it.splice(at..=at, *br#"","id":""#);
        it[text + 1] += 7;
    });
    changed("a mark more than was taken out", "form", &|it| {
        it.insert(text + 2, 0);
        it[text + 1] += 1;
    });
    changed("a mark less than was taken out", "form", &|it| {
        let at = find(it, &[0]);
        it.remove(at.max(text + 3));
        it[text + 1] -= 1;
    });
    changed("whole, though it can be taken apart", "form", &|it| {
        it.truncate(text);
        let whole = credential.transition();
        it.extend([0x59, (whole.len() >> 8) as u8, whole.len() as u8]);
        it.extend_from_slice(whole);
        it.extend([0x80, 0x80, 0x40]);
    });
    let json = json!(credential);
    put(
        "json: a member more",
        "form",
        Form::Json(json!({"credential": json["credential"], "seal": "genesis"})),
    );
    put(
        "json: padding",
        "form",
        Form::Json(
            json!({"credential": format!("{}=", json["credential"].as_str().unwrap_or_default())}),
        ),
    );
    put("json: empty", "signatures", Form::Json(json!({"credential": ""})));
    put("json: no text", "form", Form::Json(json!({"credential": 7})));
    let text = json.to_string();
    put("json: cut short", "form", Form::Text(text[..text.len() - 1].into()));
    put(
        "json: the member twice",
        "form",
        Form::Text(text.replacen('{', r#"{"credential":"","#, 1)),
    );
    let other = stated(&super::genesis(), vec![award()]).sign(&key(0)).to_bytes();
    put("json: for another ledger", "signatures", Form::Json(json!(Credential::of(other))));
    let nobody = stated(&genesis, vec![award()]).to_bytes();
    put("json: signed by nobody", "signatures", Form::Json(json!(Credential::of(nobody))));
    let code = to_codes(&compact, 1).swap_remove(0);
    put("code: cut short", "form", Form::Text(code[..code.len() - 3].into()));
    put("code: one part of two", "form", Form::Text(to_codes(&compact, 2).swap_remove(0)));
    all
}
