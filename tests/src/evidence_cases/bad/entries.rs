//! What a corrupt pool may seal: entries, transitions and values that are none.

use chancery_ledger::transition::{Entry, Outcome};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::{Bad, add_order, case, rewrite};
use crate::evidence_cases::big::{signing, stored_party};
use crate::evidence_cases::sealed::LOG_DEPTH;
use crate::evidence_cases::{Form, Sealed};
use crate::small_ledger::{party, set_card};

/// What a corrupt pool may seal: entries that are none, and transitions that nobody signed.
pub(super) fn of_entries() -> Vec<Bad> {
    let sealed = Sealed::by(1);
    let good = signing(&sealed, &[0, 1], vec![set_card(0, 7)]).to_bytes();
    let good: Value = serde_json::from_slice(&good).unwrap_or_default();
    let mut all = Vec::new();
    let mut put = |what: &str, check, entry: Vec<u8>| {
        let evidence = Form::Json(json!(sealed.receipt(&entry)));
        all.push(case(&format!("receipt: sealed entry: {what}"), &sealed.genesis, evidence, check));
    };
    let with_outcome =
        |outcome: &str| [outcome.as_bytes(), b"\n", good.to_string().as_bytes()].concat();
    put("no outcome", "entry", good.to_string().into_bytes());
    put("an empty outcome", "entry", with_outcome(""));
    put("an outcome in capitals", "entry", with_outcome("Applied"));
    put("an outcome that is too long", "entry", with_outcome(&"a".repeat(49)));
    put("no transition", "entry", b"applied\n".to_vec());
    put("a transition that is not JSON", "entry", b"applied\n{\"payload\":}".to_vec());
    put("two documents", "entry", b"applied\n{}{}".to_vec());

    let entry = |text: String| Entry::encode(&Outcome::Applied, text.as_bytes());
    let mut rewritten = |what: &str, change: &dyn Fn(&mut Value)| {
        let mut transition = good.clone();
        change(&mut transition);
        assert_ne!(transition, good, "{what}: nothing was changed");
        put(what, "signatures", entry(transition.to_string()));
    };
    let flip = |it: &mut Value, pointer: &str, place: usize| {
        rewrite(it, pointer, |bytes| bytes[place] ^= 1);
    };
    rewritten("nobody has signed", &|it| it["signatures"] = json!([]));
    rewritten("a bit of R", &|it| flip(it, "/signatures/1/signature", 0));
    rewritten("a bit of S", &|it| flip(it, "/signatures/0/signature", 40));
    rewritten("S and the group order", &|it| {
        rewrite(it, "/signatures/0/signature", |bytes| add_order(bytes))
    });
    rewritten("a signature cut short", &|it| {
        rewrite(it, "/signatures/0/signature", |bytes| bytes.truncate(63));
    });
    rewritten("one signer twice", &|it| it["signatures"][1] = it["signatures"][0].clone());
    rewritten("signatures swapped", &|it| {
        it["signatures"][0]["signature"] = good["signatures"][1]["signature"].clone();
    });
    rewritten("a bit of the payload's id", &|it| flip(it, "/payload", 85));
    rewritten("a member more", &|it| it["note"] = "trust me".into());
    rewritten("a member less", &|it| it["payload"] = Value::Null);
    rewritten("an unprotected header", &|it| it["signatures"][0]["header"] = json!({}));
    rewritten("padding", &|it| {
        let text = it["payload"].as_str().unwrap_or_default().to_owned();
        it["payload"] = format!("{text}=").into();
    });
    for (what, from, to) in [
        ("no algorithm", r#""alg":"EdDSA""#, r#""alg":"none""#),
        ("another type", "chancery-transition+json", "jwt"),
        ("a critical header", r#""alg""#, r#""crit":["b64"],"alg""#),
        ("an algorithm twice", r#""alg""#, r#""alg":"EdDSA","alg""#),
        ("a kid without a party", r#""kid":""#, r#""kid":"A"#),
        ("a check character that does not fit", "#", "0#"),
    ] {
        rewritten(what, &|it| {
            rewrite(it, "/signatures/0/protected", |bytes| {
                *bytes = String::from_utf8_lossy(bytes).replacen(from, to, 1).into_bytes();
            })
        });
    }
    rewritten("a key of small order", &|it| {
        rewrite(it, "/signatures/0/protected", |bytes| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let (begin, _) = text.split_once('#').unwrap_or_default();
            *bytes = format!("{begin}#{}\"}}", BASE64URL_NOPAD.encode(&[0; 32])).into_bytes();
        })
    });
    put(
        "a member twice",
        "signatures",
        entry(good.to_string().replacen('{', r#"{"payload":"","#, 1)),
    );
    put("not an object", "signatures", entry("[]".to_owned()));
    all.extend(of_payloads(&sealed));
    all
}

/// Payloads that were signed, and should not have been.
fn of_payloads(sealed: &Sealed) -> Vec<Bad> {
    use chancery_ledger::transition::Signing;
    let good = signing(sealed, &[0], vec![set_card(0, 7)]).payload();
    let good = String::from_utf8_lossy(&good).into_owned();
    let ledger = sealed.genesis.ledger().to_string();
    let mut all = Vec::new();
    let mut put = |what: &str, payload: String| {
        assert_ne!(payload, good, "{what}: nothing was changed");
        let payload = BASE64URL_NOPAD.encode(payload.as_bytes());
        let unsigned = json!({"payload": payload, "signatures": []});
        let Ok(signing) = serde_json::from_value::<Signing>(unsigned) else { return };
        let transition = signing.sign(&crate::small_ledger::key(0)).to_bytes();
        let entry = Entry::encode(&Outcome::Applied, &transition);
        let evidence = Form::Json(json!(sealed.receipt(&entry)));
        let name = format!("receipt: sealed payload: {what}");
        all.push(case(&name, &sealed.genesis, evidence, "signatures"));
    };
    put("for another ledger", good.replace(&ledger, &"ab".repeat(32)));
    put("a ledger in capitals", good.replace(&ledger, &ledger.to_uppercase()));
    put("a space in its id", good.replace("0197c3a1b2d47e58", "0197 c3a1"));
    put("no id", good.replace("0197c3a1b2d47e58", ""));
    put("an id of 65 characters", good.replace("0197c3a1b2d47e58", &"x".repeat(65)));
    put("no time", good.replace("2026-01-07T00:00:00Z", "tomorrow"));
    put("a 30th of February", good.replace("2026-01-07", "2026-02-30"));
    put("a member more", good.replacen('{', r#"{"note":1,"#, 1));
    put("a member twice", good.replacen('{', r#"{"id":"another","#, 1));
    put("no actions", format!("{}[]}}", &good[..good.find('[').unwrap_or_default()]));
    put("an action without a name", good.replace(r#""action":"set-card","#, ""));
    put("an action without a register", good.replace(r#","register":"identity""#, ""));
    put(
        "an action that is a text",
        format!("{}[\"set-card\"]}}", &good[..good.find('[').unwrap_or_default()]),
    );
    all
}

/// What a corrupt pool may put into a state.
pub(super) fn of_values() -> Vec<Bad> {
    let sealed = Sealed::by(1);
    let id = party(0).to_string();
    let mut all = Vec::new();
    let mut put = |what: &str, check, object: [&str; 3], value: Option<&[u8]>| {
        let evidence = Form::Json(json!(sealed.status(object, value, LOG_DEPTH)));
        all.push(case(&format!("status: sealed value: {what}"), &sealed.genesis, evidence, check));
    };
    let object = ["identity", "party", id.as_str()];
    let good = stored_party(0);
    put("nothing", "value", object, Some(b""));
    put("not CBOR", "value", object, Some(b"\xff"));
    put("an empty map", "value", object, Some(b"\xa0"));
    put("a text", "value", object, Some(b"\x61a"));
    put("cut short", "value", object, Some(&good[..good.len() - 1]));
    put("a byte more", "value", object, Some(&[&good[..], b"\0"].concat()));
    put(
        "a mistyped id is absent (needs the registers)",
        "object",
        ["identity", "party", "NOBODY"],
        None,
    );
    put(
        "an unknown kind is absent (needs the registers)",
        "object",
        ["identity", "nothing", &id],
        None,
    );
    all
}
