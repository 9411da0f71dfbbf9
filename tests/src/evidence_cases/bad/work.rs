//! Work that was not done, and headers that do not follow.

use chancery_ledger::block::Header;
use chancery_ledger::evidence::Evidence;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::seal::Seal;
use chancery_ledger::work::{Target, Work, work_hash};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::{Bad, Base, bytes_of, case, changed, changed_of, rewrite};
use crate::evidence_cases::Form;
use crate::evidence_cases::worked::{followed_by, target_after, worked, worked_at, worked_genesis};
use crate::small_ledger::genesis;

/// Where the ledger's name begins in compact evidence.
const COMPACT_LEDGER: usize = 4;

/// A receipt and a status of the ledger of work, each with three headers behind its own.
#[allow(clippy::expect_used)]
fn good() -> [(&'static str, Value); 2] {
    let all = worked();
    let named = |name: &str| {
        let (_, evidence) = all.iter().find(|(own, _)| *own == name).expect("it is there");
        json!(evidence)
    };
    [("receipt", named("a receipt that is final")), ("status", named("a status that is final"))]
}

#[allow(clippy::expect_used)]
fn header_of(it: &Value) -> Header {
    Header::decode(&bytes_of(&it["header"])).expect("it is a header")
}

/// Puts another header and its work in the place of what stands there; `None` for the target that the
/// header named before.
fn forge(it: &mut Value, target: Option<Target>, change: impl FnOnce(&mut Header)) {
    let was = it["seal"]["work"]["target"].as_str().and_then(|text| text.parse().ok());
    let target = target.or(was).unwrap_or(Target::MAX);
    let mut header = header_of(it);
    header.pool = target.hash();
    change(&mut header);
    it["header"] = BASE64URL_NOPAD.encode(&header.encode()).into();
    it["seal"] = json!(worked_at(&header, target));
}

/// Puts the lowest nonce that is not low enough in the place of one that is.
fn miss(it: &mut Value) {
    let hash = header_of(it).hash();
    if let Ok(Seal::Work(Work { target, .. })) = serde_json::from_value(it["seal"].clone()) {
        let missed = (0_u64..).find(|nonce| !target.is_met_by(&work_hash(&hash, *nonce)));
        it["seal"]["work"]["nonce"] = missed.unwrap_or_default().to_string().into();
    }
}

/// A target of the same length that is a little lower.
fn harder(it: &mut Value) {
    let target = it["seal"]["work"]["target"].as_str().unwrap_or_default();
    it["seal"]["work"]["target"] = format!("{}0", &target[..63]).into();
}

fn easiest(anchor: &Genesis) -> Option<Target> {
    anchor.work().map(|rules| rules.easiest_target)
}

/// Seals of work that do not hold, and seals of one kind on a ledger of the other.
pub(super) fn of_seals(base: &Base) -> Vec<Bad> {
    let anchor = worked_genesis();
    let mut all = Vec::new();
    for (kind, good) in &good() {
        let mut put = |what: &str, check, change: &dyn Fn(&mut Value)| {
            all.push(changed_of(&anchor, &format!("work: {kind}: {what}"), good, check, change));
        };
        put("a nonce that misses", "seal", &miss);
        put("a nonce of another block", "seal", &|it| {
            let nonce = it["confirmations"][0]["seal"]["work"]["nonce"].clone();
            assert_ne!(it["seal"]["work"]["nonce"], nonce);
            it["seal"]["work"]["nonce"] = nonce;
        });
        put("a target that the header does not name", "seal", &harder);
        put("a target easier than the genesis allows", "seal", &|it| {
            forge(it, Some(Target::MAX), |_| ());
        });
        put("the seal of a pool", "seal", &|it| it["seal"] = base.receipt["seal"].clone());
        put("the seal of block 0", "seal", &|it| it["seal"] = "genesis".into());
        for (field, place, check) in [
            ("ledger", 35, "ledger"),
            ("height", 43, "seal"),
            ("time", 83, "seal"),
            ("log root", 155, "seal"),
            ("state root", 187, "seal"),
            ("target", 219, "seal"),
        ] {
            put(&format!("a bit of the header's {field}"), check, &|it| {
                rewrite(it, "/header", |header| header[place] ^= 1);
            });
        }
    }
    let of_pool = [("receipt", &base.receipt), ("status", &base.status)];
    for (kind, of_pool) in of_pool {
        let name = format!("{kind}: seal: of work, on a ledger of a pool");
        all.push(changed(&name, of_pool, "seal", |it| {
            it["seal"] = json!(worked_at(&header_of(it), Target::MAX));
        }));
    }
    all.push(compact_of_work(base, &anchor));
    all.extend(compact_changed(&anchor));
    all
}

/// The compact form names a pool, which a ledger of work has not.
#[allow(clippy::expect_used)]
fn compact_of_work(base: &Base, anchor: &Genesis) -> Bad {
    let compact = base.receipt_evidence.to_compact(&genesis().into());
    let mut compact = compact.expect("it has a compact form");
    compact[COMPACT_LEDGER..COMPACT_LEDGER + 4].copy_from_slice(&anchor.ledger().0[..4]);
    case("work: compact: a receipt", anchor, Form::Compact(compact), "seal")
}

/// The compact form of work, with something else in the place of what stands in it.
#[allow(clippy::expect_used)]
fn compact_changed(anchor: &Genesis) -> Vec<Bad> {
    let [(_, receipt), _] = good();
    let receipt = serde_json::from_value::<Evidence>(receipt).expect("it is evidence");
    let good = receipt.to_compact(&anchor.into()).expect("it has a compact form");
    let target: Target = serde_json::from_value(json!(receipt)["seal"]["work"]["target"].clone())
        .expect("it has a target");
    let at = good.windows(32).position(|window| window == target.to_bytes());
    // Before the target: the array of the seal in one byte, and the length of target and nonce in two.
    let target = at.expect("it stands in it");
    let mut all = Vec::new();
    let mut put = |what: &str, check, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        assert_ne!(bytes, good, "{what}: nothing was changed");
        all.push(case(&format!("work: compact: {what}"), anchor, Form::Compact(bytes), check));
    };
    put("a pool's name", "seal", &|it| {
        let at = COMPACT_LEDGER + 4;
        it.splice(at..=at, [0x44, 1, 2, 3, 4]);
    });
    put("a bit of the target", "seal", &|it| it[target + 31] ^= 1);
    put("a target of nought", "form", &|it| it[target..target + 32].fill(0));
    put("a bit of the nonce", "seal", &|it| it[target + 39] ^= 1);
    put("the seal of block 0", "seal", &|it| drop(it.splice(target - 2..target + 40, [0xf6])));
    put("a bit of the time of the next", "confirmations", &|it| it[target + 42] ^= 1);
    put("headers that are not whole", "form", &|it| it[target - 3] -= 1);
    put("a byte more", "form", &|it| it.push(0));
    put("a byte less", "form", &|it| it.truncate(it.len() - 1));
    all
}

/// Headers that are said to follow and do not.
pub(super) fn of_confirmations(base: &Base) -> Vec<Bad> {
    const CHECK: &str = "confirmations";
    let anchor = worked_genesis();
    let mut all = Vec::new();
    for (kind, good) in &good() {
        let of_pool = if *kind == "receipt" { &base.receipt } else { &base.status };
        let name = format!("{kind}: confirmations: of a block that a pool has sealed");
        all.push(changed(&name, of_pool, CHECK, |it| {
            it["confirmations"] = good["confirmations"].clone();
        }));
        let mut put = |what: &str, change: &dyn Fn(&mut Vec<Value>)| {
            let name = format!("work: {kind}: confirmations: {what}");
            all.push(changed_of(&anchor, &name, good, CHECK, |it| {
                if let Some(Value::Array(all)) = it.get_mut("confirmations") {
                    change(all);
                }
            }));
        };
        put("the first is missing", &|all| drop(all.remove(0)));
        put("one between is missing", &|all| drop(all.remove(1)));
        put("two exchanged", &|all| all.swap(1, 2));
        put("one twice", &|all| all.insert(1, all[0].clone()));
        put("the block itself", &|all| {
            all.insert(0, json!({"header": good["header"], "seal": good["seal"]}));
        });
        put("a nonce that misses", &|all| miss(&mut all[1]));
        put("a target that the header does not name", &|all| harder(&mut all[2]));
        put("the seal of a pool", &|all| all[1]["seal"] = base.receipt["seal"].clone());
        put("the seal of block 0", &|all| all[0]["seal"] = "genesis".into());
        put("a header cut short", &|all| {
            rewrite(&mut all[2], "/header", |header| header.truncate(219));
        });
        put("a header of version 2", &|all| {
            rewrite(&mut all[2], "/header", |header| header[3] = 2);
        });
        // The last of them, worked on anew: nothing is wrong but what is said.
        let mut forged = |what: &str, target, change: &dyn Fn(&mut Header)| {
            put(what, &|all| forge(&mut all[2], target, change));
        };
        forged("another ledger", None, &|header| header.ledger = genesis().ledger());
        forged("another block before", None, &|header| header.previous = Hash::default());
        forged("a height passed over", None, &|header| header.height += 1);
        forged("the height of the one before", None, &|header| header.height -= 1);
        forged("a target easier than the genesis allows", Some(Target::MAX), &|_| ());
        put("the time of the one before", &|all| {
            let before = header_of(&all[1]).time;
            forge(&mut all[2], None, |header| header.time = before);
        });
        put("a target that does not follow from the one before", &|all| {
            let easiest = easiest(&anchor);
            assert_ne!(easiest, Some(target_after(&header_of(&all[1]))));
            forge(&mut all[2], easiest, |_| ());
        });
    }
    all.extend(too_many(&anchor));
    all
}

/// One more than anyone needs, each of them good.
fn too_many(anchor: &Genesis) -> Option<Bad> {
    let [(_, receipt), _] = good();
    let receipt = serde_json::from_value::<Evidence>(receipt).ok()?;
    let evidence = Form::Json(json!(followed_by(receipt, 129)));
    Some(case("work: receipt: confirmations: 129", anchor, evidence, "confirmations"))
}

/// JSON of work that is not written as it must be.
pub(super) fn of_json() -> Vec<Bad> {
    let anchor = worked_genesis();
    let mut all = Vec::new();
    for (kind, good) in &good() {
        let mut put = |what: &str, change: &dyn Fn(&mut Value)| {
            all.push(changed_of(
                &anchor,
                &format!("work: json: {kind}: {what}"),
                good,
                "form",
                change,
            ));
        };
        for (what, nonce) in [
            ("a number", json!(7)),
            ("with a sign", json!("+7")),
            ("with a nought before it", json!("07")),
            ("with a space", json!(" 7")),
            ("of no digit", json!("")),
            ("of 2^64", json!("18446744073709551616")),
            ("below zero", json!("-1")),
        ] {
            put(&format!("a nonce {what}"), &|it| it["seal"]["work"]["nonce"] = nonce.clone());
        }
        for (what, target) in [
            ("of nought", "0".repeat(64)),
            ("in capitals", format!("00{}", "F".repeat(62))),
            ("of 62 digits", "0f".repeat(31)),
            ("of 66 digits", "0f".repeat(33)),
        ] {
            put(&format!("a target {what}"), &|it| {
                it["seal"]["work"]["target"] = target.clone().into();
            });
        }
        put("no nonce", &|it| it["seal"]["work"] = json!({"target": "0f".repeat(32)}));
        put("a member of work more", &|it| it["seal"]["work"]["hash"] = "00".into());
        put("two seals", &|it| it["seal"]["pool"] = json!({"round": 0, "signatures": []}));
        put("confirmations of null", &|it| it["confirmations"] = Value::Null);
        put("confirmations that are no list", &|it| it["confirmations"] = json!({}));
        put("a confirmation without a seal", &|it| {
            it["confirmations"][0] = json!({"header": it["header"]});
        });
        put("a confirmation with a member more", &|it| it["confirmations"][0]["height"] = 1.into());
        let text = good.to_string();
        let twice = text.replacen('{', r#"{"confirmations":[],"#, 1);
        let name = format!("work: json: {kind}: confirmations twice");
        all.push(case(&name, &anchor, Form::Text(twice), "form"));
    }
    all
}
