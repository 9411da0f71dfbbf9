//! Headers that were changed, and seals that do not hold.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::{Bad, Base, add_order, case, changed, rewrite};
use crate::evidence_cases::big::applied;
use crate::evidence_cases::sealed::LOG_DEPTH;
use crate::evidence_cases::{Form, Sealed};
use crate::small_ledger::{genesis, set_card};

pub(super) fn of_headers(base: &Base) -> Vec<Bad> {
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

pub(super) fn of_seals(base: &Base) -> Vec<Bad> {
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
