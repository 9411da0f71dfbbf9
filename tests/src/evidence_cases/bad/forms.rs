//! JSON and codes that are not written as they must be.

use chancery_ledger::evidence::code::to_codes;
use serde_json::{Value, json};

use super::{Bad, Base, case, changed};
use crate::evidence_cases::Form;
use crate::small_ledger::genesis;

pub(super) fn of_json(base: &Base) -> Vec<Bad> {
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
pub(super) fn of_codes(base: &Base) -> Vec<Bad> {
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
