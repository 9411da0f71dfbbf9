//! Evidence that shows nothing, each with the check that must fail.

use chancery_ledger::evidence::Evidence;
use chancery_ledger::evidence::code::to_codes;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::transition::{Entry, Outcome};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::big::{applied, signing, stored_party};
use super::compact::bad_compact;
use super::sealed::LOG_DEPTH;
use super::{Case, Form, HEIGHT, NOBODY, RACER, Sealed, ledger};
use crate::small_ledger::{PARTIES, genesis, party, set_card};

type Bad = (Case, &'static str);

/// All of them.
///
/// # Panics
/// Never: a disk in memory does not fail, and what is good has every form.
#[allow(clippy::expect_used)]
pub fn bad() -> Vec<Bad> {
    let base = Base::new();
    let tables = [
        of_headers(&base),
        of_seals(&base),
        of_inclusions(&base),
        of_entries(),
        of_states(&base),
        of_json(&base),
        bad_compact(&base.receipt_evidence, &base.status_evidence),
        of_codes(&base),
    ];
    let mut all: Vec<Bad> = tables.into_iter().flatten().collect();
    all.sort_by_key(|(case, _)| case.name.clone());
    assert!(all.windows(2).all(|pair| pair[0].0.name != pair[1].0.name), "a name stands twice");
    all
}

/// The good evidence that the bad is made of.
struct Base {
    receipt_evidence: Evidence,
    status_evidence: Evidence,
    receipt: Value,
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
        let status = |number: u64, height| {
            let id = party(number).to_string();
            view.status("identity", "party", &id, height).expect("the block is there")
        };
        Self {
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
    let mut evidence = good.clone();
    change(&mut evidence);
    assert_ne!(&evidence, good, "{name}: nothing was changed");
    case(name, &genesis(), Form::Json(evidence), check)
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

fn of_headers(base: &Base) -> Vec<Bad> {
    let fields = [
        ("version", 3, "header"),
        ("ledger", 35, "ledger"),
        ("height", 43, "seal"),
        ("previous", 75, "seal"),
        ("time", 83, "seal"),
        ("body root", 115, "seal"),
        ("log size", 123, "seal"),
        ("log root", 155, "seal"),
        ("state root", 187, "seal"),
        ("pool", 219, "seal"),
    ];
    let mut all = Vec::new();
    for (kind, good) in [("receipt", &base.receipt), ("status", &base.status)] {
        for (field, place, check) in fields {
            let name = format!("{kind}: header: a bit of {field}");
            all.push(changed(&name, good, check, |it| {
                rewrite(it, "/header", |header| header[place] ^= 1);
            }));
        }
        all.push(changed(&format!("{kind}: header: cut short"), good, "header", |it| {
            rewrite(it, "/header", |header| header.truncate(219));
        }));
        all.push(changed(&format!("{kind}: header: a byte more"), good, "header", |it| {
            rewrite(it, "/header", |header| header.push(0));
        }));
        all.push(changed(
            &format!("{kind}: header: a time past the year 9999"),
            good,
            "header",
            |it| {
                rewrite(it, "/header", |header| header[76] = 1);
            },
        ));
        let other = if kind == "receipt" { &base.earlier } else { &base.other_status };
        all.push(changed(&format!("{kind}: header of another block"), good, "seal", |it| {
            it["header"] = other["header"].clone();
        }));
    }
    let big = json!(Sealed::by(1).status(["identity", "party", "X"], None, LOG_DEPTH));
    all.push(case("status: of another ledger", &genesis(), Form::Json(big), "ledger"));
    all
}

fn of_seals(base: &Base) -> Vec<Bad> {
    const VOTE: &str = "/seal/pool/signatures/0";
    let mut all = Vec::new();
    for (kind, good) in [("receipt", &base.receipt), ("status", &base.status)] {
        let mut put = |what: &str, check, change: &dyn Fn(&mut Value)| {
            all.push(changed(&format!("{kind}: seal: {what}"), good, check, change));
        };
        let signature = format!("{VOTE}/signature");
        put("a bit of R", "seal", &|it| rewrite(it, &signature, |bytes| bytes[0] ^= 1));
        put("a bit of S", "seal", &|it| rewrite(it, &signature, |bytes| bytes[32] ^= 1));
        put("S and the group order", "seal", &|it| {
            rewrite(it, &signature, |bytes| add_order(bytes))
        });
        put("R of small order", "seal", &|it| {
            rewrite(it, &signature, |bytes| {
                bytes[..32].fill(0);
                bytes[0] = 1;
            })
        });
        put("R and S of nothing", "seal", &|it| {
            rewrite(it, &signature, |bytes| {
                bytes.fill(0);
                bytes[0] = 1;
            })
        });
        put("a signature cut short", "form", &|it| {
            rewrite(it, &signature, |bytes| bytes.truncate(63))
        });
        put("another round", "seal", &|it| it["seal"]["pool"]["round"] = 1.into());
        put("a round beyond 2^32", "form", &|it| it["seal"]["pool"]["round"] = json!(1_u64 << 32));
        put("no signature", "seal", &|it| it["seal"]["pool"]["signatures"] = json!([]));
        put("of block 0", "seal", &|it| it["seal"] = "genesis".into());
        put("of a block before", "seal", &|it| it["seal"] = base.earlier["seal"].clone());
        put("a stranger's", "seal", &|it| {
            it["seal"]["pool"]["signatures"][0]["validator"] =
                json!(crate::small_ledger::key(9).public());
        });
        put("a key of small order", "form", &|it| {
            it["seal"]["pool"]["signatures"][0]["validator"] =
                BASE64URL_NOPAD.encode(&[0; 32]).into();
        });
        put("a key that is not canonical", "form", &|it| {
            let mut key = [0xff; 32];
            key[31] = 0x7f;
            it["seal"]["pool"]["signatures"][0]["validator"] = BASE64URL_NOPAD.encode(&key).into();
        });
        put("one signature twice", "seal", &|it| {
            let vote = it.pointer(VOTE).cloned().unwrap_or_default();
            if let Some(Value::Array(votes)) = it.pointer_mut("/seal/pool/signatures") {
                votes.push(vote);
            }
        });
    }
    all.extend(of_quorums());
    all
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

fn of_quorums() -> Vec<Bad> {
    let mut all = Vec::new();
    for (validators, by, what) in [
        (3, vec![0, 1], "two of three, exactly two thirds"),
        (3, vec![0, 0, 0], "one of three, three times"),
        (3, vec![0, 1, 0], "two of three, one twice"),
        (4, vec![1, 2], "two of four"),
        (4, vec![0, 1, 1, 2], "three of four, one twice"),
    ] {
        let sealed = Sealed::by(validators);
        let entry = applied(&sealed, &[0], vec![set_card(0, 7)]);
        let evidence = Form::Json(json!(sealed.receipt_by(&entry, &by)));
        all.push(case(&format!("receipt: quorum: {what}"), &sealed.genesis, evidence, "seal"));
    }
    // The header names the pool of one ledger, and another's members have signed.
    let (four, three) = (Sealed::by(4), Sealed::by(3));
    let entry = applied(&four, &[0], vec![set_card(0, 7)]);
    let evidence = Form::Json(json!(four.receipt(&entry)));
    all.push(case("receipt: quorum: of another pool", &three.genesis, evidence, "ledger"));
    all
}

fn of_inclusions(base: &Base) -> Vec<Bad> {
    let good = &base.receipt;
    let mut all = Vec::new();
    let mut put = |what: &str, change: &dyn Fn(&mut Value)| {
        all.push(changed(&format!("receipt: inclusion: {what}"), good, "inclusion", change));
    };
    let size = good["inclusion"]["log_size"].as_u64().unwrap_or_default();
    let path = |it: &mut Value, change: &dyn Fn(&mut Vec<Value>)| {
        if let Some(Value::Array(path)) = it.pointer_mut("/inclusion/path") {
            change(path);
        }
    };
    put("a larger tree", &|it| it["inclusion"]["log_size"] = (size + 1).into());
    put("a smaller tree", &|it| it["inclusion"]["log_size"] = (size - 1).into());
    put("an empty tree", &|it| it["inclusion"]["log_size"] = 0.into());
    put("the neighbour's position", &|it| {
        it["inclusion"]["position"] = base.neighbour["inclusion"]["position"].clone();
    });
    put("a position outside", &|it| it["inclusion"]["position"] = size.into());
    put("swapped leaves", &|it| it["entry"] = base.neighbour["entry"].clone());
    put("the neighbour's proof", &|it| it["inclusion"] = base.neighbour["inclusion"].clone());
    put("the first two hashes swapped", &|it| path(it, &|path| path.swap(0, 1)));
    put("one hash more", &|it| path(it, &|path| path.push("00".repeat(32).into())));
    put("one hash less", &|it| path(it, &|path| drop(path.pop())));
    put("no hash", &|it| path(it, &|path| path.clear()));
    put("a bit of a hash", &|it| flip_hash(it, "/inclusion/path/1"));
    put("a bit of the entry", &|it| rewrite(it, "/entry", |entry| entry[40] ^= 1));
    put("another outcome", &|it| {
        rewrite(it, "/entry", |entry| {
            entry.splice(..7, *b"key-unknown");
        })
    });
    put("a byte more", &|it| rewrite(it, "/entry", |entry| entry.push(b' ')));
    put("a byte less", &|it| rewrite(it, "/entry", |entry| entry.truncate(entry.len() - 1)));
    put("no entry", &|it| it["entry"] = "".into());
    all
}

/// What a corrupt pool may seal: entries that are none, and transitions that nobody signed.
fn of_entries() -> Vec<Bad> {
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

fn of_states(base: &Base) -> Vec<Bad> {
    let mut all = Vec::new();
    let siblings = |it: &mut Value, change: &dyn Fn(&mut Vec<Value>)| {
        if let Some(Value::Array(siblings)) = it.pointer_mut("/proof/siblings") {
            change(siblings);
        }
    };
    for (kind, good) in [
        ("status", &base.status),
        ("absence beside a leaf", &base.absent),
        ("absence", &base.nothing),
    ] {
        let mut put = |what: &str, check, change: &dyn Fn(&mut Value)| {
            all.push(changed(&format!("{kind}: state: {what}"), good, check, change));
        };
        put("another object", "state", &|it| it["object"] = base.other_status["object"].clone());
        put("another's value", "state", &|it| it["value"] = base.other_status["value"].clone());
        put("another's proof", "state", &|it| it["proof"] = base.other_status["proof"].clone());
        put("two parts of a name", "object", &|it| it["object"] = "identity/party".into());
        put("one hash more", "state", &|it| siblings(it, &|all| all.push("00".repeat(32).into())));
        put("one hash less", "state", &|it| siblings(it, &|all| drop(all.pop())));
        put("a bit of a hash", "state", &|it| flip_hash(it, "/proof/siblings/0"));
        put("deeper than a key", "form", &|it| {
            siblings(it, &|all| {
                all.resize(257, "00".repeat(32).into());
            })
        });
        put("a stranger's leaf", "state", &|it| {
            it["proof"]["leaf"] = json!({"key": "ab".repeat(32), "value_hash": "cd".repeat(32)});
        });
    }
    let mut put = |what: &str, good: &Value, change: &dyn Fn(&mut Value)| {
        all.push(changed(&format!("status: state: {what}"), good, "state", change));
    };
    put("a bit of the value", &base.status, &|it| rewrite(it, "/value", |value| value[9] ^= 1));
    put("a byte behind the value", &base.status, &|it| {
        rewrite(it, "/value", |value| value.push(0))
    });
    put("said to be absent", &base.status, &|it| it["value"] = Value::Null);
    put("said to be absent, with its own leaf", &base.status, &|it| {
        let key = chancery_ledger::hash::Hash::of(&[it["object"]
            .as_str()
            .unwrap_or_default()
            .as_bytes()]);
        let value = chancery_ledger::hash::Hash::of(&[&bytes_of(&it["value"])]);
        it["proof"]["leaf"] = json!({"key": key, "value_hash": value});
        it["value"] = Value::Null;
    });
    put("said to be there", &base.absent, &|it| it["value"] = "oA".into());
    put("nothing where a leaf is", &base.absent, &|it| it["proof"]["leaf"] = Value::Null);
    put("a bit of the other leaf's key", &base.absent, &|it| flip_hash(it, "/proof/leaf/key"));
    put("a bit of the other leaf's value", &base.absent, &|it| {
        flip_hash(it, "/proof/leaf/value_hash")
    });
    all.extend(of_values());
    all
}

/// What a corrupt pool may put into a state.
fn of_values() -> Vec<Bad> {
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

fn of_json(base: &Base) -> Vec<Bad> {
    let mut all = Vec::new();
    let mut put = |what: &str, good: &Value, change: &dyn Fn(&mut Value)| {
        all.push(changed(&format!("json: {what}"), good, "form", change));
    };
    for (kind, good) in [("receipt", &base.receipt), ("status", &base.status)] {
        put(&format!("{kind}: a member more"), good, &|it| it["note"] = "trust me".into());
        for member in ["header", "seal"] {
            put(&format!("{kind}: no {member}"), good, &|it| {
                it.as_object_mut().and_then(|members| members.remove(member));
            });
            put(&format!("{kind}: {member} is null"), good, &|it| it[member] = Value::Null);
        }
        put(&format!("{kind}: an unknown seal"), good, &|it| it["seal"] = json!({"work": {}}));
        put(&format!("{kind}: padding"), good, &|it| {
            it["header"] = format!("{}=", it["header"].as_str().unwrap_or_default()).into();
        });
        put(&format!("{kind}: trailing bits"), good, &|it| {
            let text = it["header"].as_str().unwrap_or_default();
            it["header"] = format!("{}B", &text[..text.len() - 1]).into();
        });
    }
    put("a hash in capitals", &base.receipt, &|it| {
        let hash = it["inclusion"]["path"][0].as_str().unwrap_or_default().to_uppercase();
        it["inclusion"]["path"][0] = hash.into();
    });
    put("a hash cut short", &base.status, &|it| it["proof"]["siblings"][0] = "00".into());
    put("a position below zero", &base.receipt, &|it| it["inclusion"]["position"] = (-1).into());
    put("a position in parts", &base.receipt, &|it| it["inclusion"]["position"] = json!(7.5));
    put("a position as a text", &base.receipt, &|it| it["inclusion"]["position"] = "7".into());
    put("a path that is no list", &base.receipt, &|it| it["inclusion"]["path"] = json!({}));
    put("a leaf with a member more", &base.absent, &|it| {
        it["proof"]["leaf"]["value"] = "oA".into()
    });
    put("a receipt's entry in a status", &base.status, &|it| it["entry"] = "oA".into());
    put("a vote with a member more", &base.receipt, &|it| {
        it["seal"]["pool"]["signatures"][0]["power"] = 9.into();
    });
    let mut text = |what: &str, text: String| {
        all.push(case(&format!("json: {what}"), &genesis(), Form::Text(text), "form"));
    };
    let receipt = base.receipt.to_string();
    text("nothing", String::new());
    text("null", "null".into());
    text("a number", "7".into());
    text("cut short", receipt[..receipt.len() - 1].into());
    text("something behind it", format!("{receipt} {{}}"));
    text("a member twice", receipt.replacen('{', r#"{"entry":"oA","#, 1));
    text(
        "a member of a vote twice",
        receipt.replace(r#""validator""#, r#""validator":"A","validator""#),
    );
    text("deeply nested", format!("{{\"entry\":{}", "[".repeat(20_000)));
    text("half a character", receipt.replacen(r#""header":""#, r#""header":"\ud800"#, 1));
    all
}

#[allow(clippy::expect_used)]
fn of_codes(base: &Base) -> Vec<Bad> {
    let compact =
        base.receipt_evidence.to_compact(&genesis().into()).expect("it has a compact form");
    let other = base.status_evidence.to_compact(&genesis().into()).expect("it has a compact form");
    let code = to_codes(&compact, 1).remove(0);
    let (parts, others) = (to_codes(&compact, 3), to_codes(&other, 3));
    let mut all = Vec::new();
    let mut put = |what: &str, text: String| {
        all.push(case(&format!("code: {what}"), &genesis(), Form::Text(text), "form"));
    };
    put("in small letters", format!("CH1:{}", code[4..].to_lowercase()));
    put("of another version", format!("CH2:{}", &code[4..]));
    put("without its prefix", code[4..].to_owned());
    put("nothing behind its prefix", "CH1:".into());
    put("a character less", code[..code.len() - 1].to_owned());
    put("three characters less", code[..code.len() - 3].to_owned());
    put("a byte more, not deflated", to_code_of(&[&compact[..], b"\0"].concat()));
    put(
        "a last pair beyond 255",
        format!("{code}{}", if code.len() % 3 == 1 { "ZZ" } else { "GGW" }),
    );
    put("a triple beyond 65535", format!("CH1:GGW{}", &code[7..]));
    put("a line behind it", format!("{code}\nx"));
    put("twice", format!("{code}\n{code}"));
    put("deflated, a byte more", to_code_of(&[&deflated(&compact)[..], b"\0"].concat()));
    put("deflated, cut short", to_code_of(&deflated(&compact)[..40]));
    put("deflated, a reserved block", to_code_of(b"\x07"));
    put("deflated, of nothing", to_code_of(&deflated(b"")));
    put("deflated, a thousand times longer", to_code_of(&deflated(&vec![0x86; 2_000_000])));
    put("parts: one is missing", parts[..2].join("\n"));
    put("parts: one alone", parts[0].clone());
    put("parts: one twice", [&parts[0][..], &parts[1], &parts[1]].join("\n"));
    put("parts: one too many", [&parts[..], &parts[..1]].concat().join("\n"));
    put("parts: one of another's", [&parts[0][..], &others[1], &parts[2]].join("\n"));
    put(
        "parts: two exchanged",
        parts
            .join("\n")
            .replace("CH1-1/", "CH1-9/")
            .replace("CH1-2/", "CH1-1/")
            .replace("CH1-9/", "CH1-2/"),
    );
    put(
        "parts: one cut short",
        format!("{}\n{}\n{}", parts[0], &parts[1][..parts[1].len() - 3], parts[2]),
    );
    put("parts: number nought", parts.join("\n").replace("CH1-1/", "CH1-0/"));
    put("parts: of one", parts[0].replace("/3:", "/1:"));
    put("parts: with a code", [&parts[0][..], &parts[1], &code].join("\n"));
    all
}

/// The text of a code of any bytes.
fn to_code_of(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut text = "CH1:".to_owned();
    for chunk in bytes.chunks(2) {
        let mut value = chunk.iter().fold(0, |value, byte| value << 8 | usize::from(*byte));
        for _ in 0..=chunk.len() {
            text.push(char::from(ALPHABET[value % 45]));
            value /= 45;
        }
    }
    text
}

#[allow(clippy::expect_used)]
fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory does not fail")
}
