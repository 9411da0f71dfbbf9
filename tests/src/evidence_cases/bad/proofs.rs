//! Proofs that lead elsewhere than they must.

use serde_json::{Value, json};

use super::{Bad, Base, bytes_of, changed, flip_hash, rewrite};

pub(super) fn of_inclusions(base: &Base) -> Vec<Bad> {
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

pub(super) fn of_blocks(base: &Base) -> Vec<Bad> {
    let good = &base.in_block;
    let mut all = Vec::new();
    let mut put = |what: &str, check, change: &dyn Fn(&mut Value)| {
        all.push(changed(&format!("receipt by its block: {what}"), good, check, change));
    };
    let path = |it: &mut Value, change: &dyn Fn(&mut Vec<Value>)| {
        if let Some(Value::Array(path)) = it.get_mut("in_block") {
            change(path);
        }
    };
    put("swapped leaves", "block", &|it| {
        it["entry"] = base.neighbour_in_block["entry"].clone();
    });
    put("the neighbour's path", "block", &|it| {
        it["in_block"] = base.neighbour_in_block["in_block"].clone();
    });
    put("the first two hashes swapped", "block", &|it| path(it, &|path| path.swap(0, 1)));
    put("another side", "block", &|it| {
        path(it, &|path| {
            let hash = path[0]["left"].as_str().or(path[0]["right"].as_str()).unwrap_or_default();
            path[0] = match path[0].get("left") {
                Some(_) => json!({"right": hash}),
                None => json!({"left": hash}),
            };
        })
    });
    put("one hash more", "block", &|it| {
        path(it, &|path| path.push(json!({"left": "00".repeat(32)})))
    });
    put("one hash less", "block", &|it| path(it, &|path| drop(path.pop())));
    put("no hash", "block", &|it| path(it, &|path| path.clear()));
    put("33 hashes", "block", &|it| {
        path(it, &|path| path.resize(33, json!({"left": "00".repeat(32)})))
    });
    put("a bit of the entry", "block", &|it| rewrite(it, "/entry", |entry| entry[40] ^= 1));
    put("a bit of the header", "seal", &|it| rewrite(it, "/header", |header| header[90] ^= 1));
    put("a seal of block 0", "seal", &|it| it["seal"] = "genesis".into());
    put("both sides at once", "form", &|it| {
        it["in_block"][0] = json!({"left": "00".repeat(32), "right": "00".repeat(32)});
    });
    put("neither side", "form", &|it| it["in_block"][0] = json!({}));
    put("a third side", "form", &|it| it["in_block"][0] = json!({"above": "00".repeat(32)}));
    put("a hash cut short", "form", &|it| it["in_block"][0] = json!({"left": "00"}));
    put("a position", "form", &|it| it["position"] = 7.into());
    put("a path in the log besides", "form", &|it| {
        it["inclusion"] = base.receipt["inclusion"].clone();
    });
    all
}

pub(super) fn of_states(base: &Base) -> Vec<Bad> {
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
    all
}
