//! The program without a server: keys, signing on several devices, verifying and auditing.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use chancery_client::{Evidence, Signer, Signing, Time, Transition, keys, now};
use chancery_ledger::chain::{Chain, Offer};
use chancery_ledger::consensus::Solo;
use chancery_ledger::disk::Folder;
use chancery_ledger::genesis::{Consensus, Genesis, RootAuthority, Statement};
use chancery_ledger::seal::{Pool, Validator};
use chancery_ledger::transition::{Admission, KeyCache};
use chancery_registries::Registers;
use serde_json::{Value, json};

const LEDGER: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

const ANOTHER_KEY: &str = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw";

fn chancery(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chancery"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("CHANCERY_KEYS", folder.join("keys"))
        .env("CHANCERY_PASSPHRASE", "correct horse")
        .output()
        .unwrap()
}

fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = chancery(folder, arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn fails(folder: &Path, arguments: &[&str]) -> String {
    fails_with(1, folder, arguments)
}

fn fails_with(code: i32, folder: &Path, arguments: &[&str]) -> String {
    let output = chancery(folder, arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn keys_are_made_listed_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    succeeds(folder, &["key", "new", "ana"]);
    let ana: Value =
        serde_json::from_str(&succeeds(folder, &["--json", "key", "show", "ana"])).unwrap();
    let party = ana["party"].as_str().unwrap();
    succeeds(folder, &["key", "new", "ana-2", "--party", "ana"]);
    let all: Value = serde_json::from_str(&succeeds(folder, &["key", "list", "--json"])).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert!(all.as_array().unwrap().iter().all(|key| key["party"] == party), "{all}");
    assert!(
        succeeds(folder, &["key", "export-public", "ana"]).starts_with("-----BEGIN PUBLIC KEY")
    );
    let x = succeeds(folder, &["key", "export-public", "ana", "--format", "x"]);
    assert_eq!(x.trim(), ana["key"].as_str().unwrap());
    assert!(fails(folder, &["key", "new", "ana"]).contains("exists already"));
    assert!(fails(folder, &["key", "show", "../ana"]).contains("a key's name"));
    assert!(fails(folder, &["key", "show", "bo"]).contains("chancery key new bo"));
}

#[test]
fn two_devices_sign_one_transition() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["ana", "courier"] {
        succeeds(folder, &["key", "new", name]);
    }
    let handoff: Vec<&str> =
        "parcel handoff RB123456785GB --step collected --from ana --to courier \
        --condition sound --place Door --sign-as ana --out handoff.json"
            .split_whitespace()
            .chain(["--record", LEDGER, "--ledger", LEDGER])
            .collect();
    succeeds(folder, &handoff);
    succeeds(folder, &["sign", "handoff.json", "--as", "courier"]);
    let again = fails(folder, &["sign", "handoff.json", "--as", "courier"]);
    assert!(again.contains("has signed this transition already"), "{again}");
    let bytes = std::fs::read(folder.join("handoff.json")).unwrap();
    let signing: Signing = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(signing.signers().len(), 2);
    let payload: Value = serde_json::from_slice(&signing.payload()).unwrap();
    assert_eq!(payload["actions"][0]["of"]["parcel"]["number"], "RB123456785GB");
    assert_eq!(payload["actions"][0]["action"], "handoff");
}

#[test]
fn a_pool_is_written_down_for_the_holders_of_root_keys() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let key = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let (post, harbour) = (format!("post={key}"), format!("harbour office={ANOTHER_KEY}:3"));
    let appoint =
        ["validators", "appoint", "--from", "1200", "--member", &post, "--member", &harbour];
    let rest = ["--ledger", LEDGER, "--out", "appoint.json"];
    succeeds(folder, &[&appoint[..], &rest[..]].concat());
    let signing: Signing =
        serde_json::from_slice(&std::fs::read(folder.join("appoint.json")).unwrap()).unwrap();
    let payload: Value = serde_json::from_slice(&signing.payload()).unwrap();
    let expected = json!([{
        "register": "validators", "action": "appoint", "from": 1200, "validators": [
            {"name": "post", "key": key, "power": 1},
            {"name": "harbour office", "key": ANOTHER_KEY, "power": 3},
        ],
    }]);
    assert_eq!(payload["actions"], expected);
    // So many blocks ahead are counted from the last one, which only a server knows.
    let ahead =
        ["validators", "elect", "--seats", "3", "--from", "+300", "--url", "http://127.0.0.1:9"];
    let error = fails(folder, &[&ahead[..], &rest[..]].concat());
    assert!(error.contains("does not answer"), "{error}");
}

#[test]
fn any_action_can_be_written_in_json() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    succeeds(folder, &["key", "new", "ana"]);
    let action = r#"{"register":"land","action":"not-known-here","area":1.50}"#;
    let arguments =
        ["act", "--json-action", action, "--sign-as", "ana", "--ledger", LEDGER, "--out", "a.json"];
    succeeds(folder, &arguments);
    let signing: Signing =
        serde_json::from_slice(&std::fs::read(folder.join("a.json")).unwrap()).unwrap();
    // The bytes are the caller's own.
    assert!(String::from_utf8(signing.payload()).unwrap().contains(action));
    assert!(fails(folder, &["act", "--json-action", "{", "--ledger", LEDGER]).contains("not JSON"));
}

#[test]
fn numbers_are_judged() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(succeeds(folder, &["parcel", "check", "RB 1234 5678 5 GB"]).contains("S10"));
    assert!(succeeds(folder, &["parcel", "check", "106141412345678908"]).contains("SSCC"));
    assert!(fails(folder, &["parcel", "check", "RB123456784GB"]).contains("would be 5"));
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--url", "http://127.0.0.1:9", "show", "identity/party/x"];
    let error = fails(folder.path(), &arguments);
    assert!(error.contains("http://127.0.0.1:9/v1/identity/x does not answer"), "{error}");
    let elsewhere = ["--url", "http://192.0.2.1", "load"];
    assert!(fails(folder.path(), &elsewhere).contains("--i-own-this-server"));
}

/// A ledger in a folder, in which one party stands, and its evidence.
fn found_ledger(folder: &Path) -> Vec<Evidence> {
    let (node, party) = (keys::generate().unwrap(), Signer::first(keys::generate().unwrap()));
    let validators = vec![Validator { name: "n".into(), key: node.public(), power: 1 }];
    let statement = Statement {
        version: 1,
        name: "town".into(),
        created: Time::default(),
        root: RootAuthority { threshold: 1, keys: vec![node.public()] },
        consensus: Consensus::Pool(Pool { validators }),
        transition_window_ms: 24 * 60 * 60 * 1000,
    };
    let genesis = Genesis::found(&statement).unwrap();
    let disk = Arc::new(Folder::open(folder).unwrap());
    let mut chain = Chain::found(disk, &genesis, Arc::new(Registers)).unwrap().chain;
    let create = json!({
        "register": "identity", "action": "create", "kind": "person", "key": party.id().key,
    });
    let signing = Transition::on(genesis.ledger()).act(create).sign(&party).unwrap();
    let admission = Admission::new(Arc::new(Registers), &genesis);
    let admitted = admission.admit(&signing.to_bytes(), now(), &mut KeyCache::default()).unwrap();
    let mut block = chain.begin(&chain.view().tip().hash, now()).unwrap();
    let offer = chain.offer(&mut block, admitted).unwrap();
    assert!(matches!(offer, Offer::Ordered { rejection: None, .. }), "{offer:?}");
    Solo::new(node).decide(&mut chain, block).unwrap();
    chain.checkpoint().unwrap().write().unwrap();
    let (view, id) = (chain.view(), party.party().to_string());
    vec![
        Evidence::Receipt(view.receipt(0).unwrap()),
        Evidence::InBlock(view.block_receipt(0).unwrap()),
        Evidence::Status(view.status("identity", "party", &id, 1).unwrap()),
    ]
}

#[test]
fn evidence_is_verified_with_the_genesis_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for evidence in found_ledger(&folder.join("data")) {
        let text = serde_json::to_string(&evidence).unwrap();
        std::fs::write(folder.join("e.json"), &text).unwrap();
        let verify = ["verify", "e.json", "--anchor", "data/genesis.json"];
        let shown = succeeds(folder, &verify);
        assert!(shown.contains("VERIFIED") && shown.contains("as of block 1"), "{shown}");
        assert!(shown.matches("\n  ok  ").count() >= 3, "{shown}");
        let json: Value =
            serde_json::from_str(&succeeds(folder, &[&verify[..], &["--json"]].concat())).unwrap();
        assert_eq!(json["verified"], true);
        // Made a moment ago; no clock is behind by ten years.
        let fresh = succeeds(folder, &[&verify[..], &["--max-age", "3650d"]].concat());
        assert!(fresh.contains("\n  ok  age: ") && !fresh.contains("not checked: age"), "{fresh}");
        std::fs::write(
            folder.join("e.json"),
            text.replacen("\"header\":\"AAAAA", "\"header\":\"AAAAB", 1),
        )
        .unwrap();
        assert!(fails(folder, &verify).contains("NOT VERIFIED"));
    }
    assert!(fails(folder, &["verify", "e.json"]).contains("--anchor"));
}

/// What is signed and no more is told so, and a script that looks at the exit code or at `verified` is not
/// led to believe in it.
#[test]
fn a_credential_alone_is_never_verified() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let receipt = found_ledger(&folder.join("data")).swap_remove(0);
    std::fs::write(folder.join("e.json"), serde_json::to_string(&receipt).unwrap()).unwrap();
    let anchored =
        |command: &[&'static str]| [command, &["--anchor", "data/genesis.json"]].concat();
    let made = succeeds(folder, &anchored(&["--json", "qr", "e.json", "--signed-only"]));
    let made: Value = serde_json::from_str(&made).unwrap();
    std::fs::write(folder.join("c.txt"), made["codes"][0]["text"].as_str().unwrap()).unwrap();
    let refused = fails_with(4, folder, &anchored(&["verify", "c.txt"]));
    assert!(refused.contains("NOT VERIFIED: SIGNED ONLY"), "{refused}");
    let told = succeeds(folder, &anchored(&["verify", "c.txt", "--signed-only"]));
    assert!(told.starts_with("SIGNED ONLY") && !told.contains("VERIFIED:"), "{told}");
    for what in ["taken-in", "key", "current", "age"] {
        assert!(told.contains(&format!("\n  NOT CHECKED: {what}: ")), "{what}: {told}");
    }
    let json = succeeds(folder, &anchored(&["--json", "verify", "c.txt", "--signed-only"]));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["verified"], &json["signed"]), (&false.into(), &true.into()));
    // The code of a credential is made of itself again, and of no proof of a state.
    let again = succeeds(folder, &anchored(&["--json", "qr", "c.txt", "--signed-only"]));
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap()["codes"], made["codes"]);
    assert!(fails(folder, &anchored(&["qr", "c.txt"])).contains("credential alone"));
}

/// An old proof that is shown as new is told by its age.
#[test]
fn an_old_proof_is_not_passed_as_fresh() {
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/evidence/good.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(vectors).unwrap()).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    let case = cases.iter().find(|case| case["name"] == "a status").unwrap();
    let anchor = vectors["anchors"][case["anchor"].as_str().unwrap()].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("genesis.json"), anchor).unwrap();
    std::fs::write(folder.join("e.json"), case["json"].to_string()).unwrap();
    let verify = ["verify", "e.json", "--anchor", "genesis.json"];
    let shown = succeeds(folder, &verify);
    assert!(shown.contains("by this computer's clock that block is"), "{shown}");
    assert!(shown.contains("not checked: age: how old it is"), "{shown}");
    let old = fails(folder, &[&verify[..], &["--max-age", "1s"]].concat());
    assert!(old.contains("NOT VERIFIED: age: it is as of 2026-01-01T"), "{old}");
}

/// The vectors have the genesis, the handovers and what later pools have sealed.
#[test]
fn evidence_of_a_later_pool_is_verified_with_the_handovers_that_lead_to_it() {
    let vectors =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/validators/handovers.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(vectors).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    let case = |name: &str| -> Vec<Value> {
        let of_name = |case: &&Value| case["name"] == name;
        let case = vectors["good"].as_array().unwrap().iter().find(of_name).unwrap();
        case["handovers"].as_array().unwrap().clone()
    };
    let handovers = case("one after the other");
    write("genesis.json", vectors["genesis"].as_str().unwrap().to_owned());
    write("all.json", Value::from(handovers.clone()).to_string());
    write("first.json", handovers[0].to_string());
    write("second.json", handovers[1].to_string());
    for evidence in vectors["evidence"].as_array().unwrap() {
        write("e.json", evidence["json"].to_string());
        let verify = ["verify", "e.json", "--anchor", "genesis.json"];
        let one = [&verify[..], &["--handover", "all.json"]].concat();
        let each =
            [&verify[..], &["--handover", "first.json", "--handover", "second.json"]].concat();
        assert_eq!(succeeds(folder, &one), succeeds(folder, &each));
        if evidence["height"].as_u64().unwrap() < 4 {
            succeeds(folder, &verify);
        } else {
            assert!(fails(folder, &verify).contains("the anchor does not hold"));
        }
    }
    let wrong = ["verify", "e.json", "--anchor", "genesis.json", "--handover", "second.json"];
    let error = fails(folder, &wrong);
    assert!(error.contains("second.json") && error.contains("seal"), "{error}");
}

/// A receipt of a pool and one of work, by the same command, each with its genesis alone.
#[test]
fn evidence_of_work_is_verified_like_that_of_a_pool_and_says_how_much_work_there_is() {
    let vectors = |name: &str| -> Value {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/evidence/");
        serde_json::from_slice(&std::fs::read(format!("{folder}{name}")).unwrap()).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let verify = |vectors: &Value, name: &str, change: &dyn Fn(String) -> String| {
        let cases = vectors["cases"].as_array().unwrap();
        let case = cases.iter().find(|case| case["name"] == name).unwrap();
        let anchor = vectors["anchors"][case["anchor"].as_str().unwrap()].as_str().unwrap();
        std::fs::write(folder.join("genesis.json"), anchor).unwrap();
        std::fs::write(folder.join("e.json"), change(case["json"].to_string())).unwrap();
        ["verify", "e.json", "--anchor", "genesis.json"]
    };
    let as_it_is = |text: String| text;
    let (good, work) = (vectors("good.json"), vectors("work.json"));
    let of_pool = verify(&good, "a receipt, within a block", &as_it_is);
    let shown = succeeds(folder, &of_pool);
    assert!(shown.contains("VERIFIED") && !shown.contains("hashes"), "{shown}");
    let of_work = verify(&work, "a receipt that is final", &as_it_is);
    let shown = succeeds(folder, &of_work);
    assert!(
        shown.contains("VERIFIED") && shown.contains("3 blocks follow it, as many as"),
        "{shown}"
    );
    let json = succeeds(folder, &[&of_work[..], &["--json"]].concat());
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["work"]["confirmations"], 3);
    assert_eq!(json["work"]["final_depth"], 3);
    let of_work = verify(&work, "a receipt that one block follows", &as_it_is);
    assert!(succeeds(folder, &of_work).contains("1 block follows it, nodes call it final when 3"));
    let of_work = verify(&work, "a receipt that is final", &|text| {
        text.replacen("\"nonce\":\"", "\"nonce\":\"1", 1)
    });
    assert!(fails(folder, &of_work).contains("NOT VERIFIED"));
}

#[test]
fn a_code_is_made_of_what_holds_and_is_verified_as_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fn anchored<'a>(command: &[&'a str]) -> Vec<&'a str> {
        [command, &["--anchor", "data/genesis.json"]].concat()
    }
    for evidence in found_ledger(&folder.join("data")) {
        let text = serde_json::to_string(&evidence).unwrap();
        std::fs::write(folder.join("e.json"), &text).unwrap();
        for (codes, version) in [(1, "26"), (2, "15")] {
            let qr = ["--json", "qr", "e.json", "--max-version", version, "--png", "code.png"];
            let made: Value = serde_json::from_str(&succeeds(folder, &anchored(&qr))).unwrap();
            let made = made["codes"].as_array().unwrap();
            assert_eq!(made.len(), codes);
            for code in made {
                let png = std::fs::read(folder.join(code["file"].as_str().unwrap())).unwrap();
                assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
            }
            let lines: Vec<&str> =
                made.iter().rev().map(|code| code["text"].as_str().unwrap()).collect();
            std::fs::write(folder.join("code.txt"), lines.join("\n")).unwrap();
            let shown = succeeds(folder, &anchored(&["verify", "code.txt"]));
            let as_file = succeeds(folder, &anchored(&["verify", "e.json"]));
            assert_eq!(shown, as_file);
            assert!(shown.contains("not checked: age: how old it is"), "{shown}");
        }
        std::fs::write(folder.join("e.json"), text.replacen("\"round\":0", "\"round\":1", 1))
            .unwrap();
        fails(folder, &anchored(&["qr", "e.json"]));
    }
}

#[test]
fn nodes_of_a_network_of_work_have_no_agreement_to_listen_for() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let root = keys::generate().unwrap().public().to_string();
    let root = format!("--root-key={root}");
    let create = |network: &str, kind: &[&str]| {
        let who = ["--name", "A network", "--organisation", "first=192.0.2.7", &root];
        succeeds(folder, &[&["network", "create", network][..], &who, kind].concat())
    };
    let join = |network: &str, own: &str| {
        let genesis = format!("{network}/first/genesis.json");
        let peer = ["--peer", "192.0.2.7", "--at", "192.0.2.8"];
        let join = ["network", "join", own, "--genesis", &genesis];
        succeeds(folder, &[&join[..], &peer].concat());
        let config = std::fs::read(folder.join(own).join("network.json")).unwrap();
        let config: Value = serde_json::from_slice(&config).unwrap();
        (config["consensus_listen"].clone(), config["peers_listen"].clone())
    };
    let agreement = json!("/ip4/0.0.0.0/tcp/27000");
    let peers = json!("/ip4/0.0.0.0/tcp/27001");
    assert!(create("pool", &[]).contains("/tcp/27000"));
    assert_eq!(join("pool", "of-pool"), (agreement, peers.clone()));
    assert!(create("open", &["--work"]).contains("/tcp/27001"));
    assert_eq!(join("open", "of-work"), (Value::Null, peers));
}

#[test]
fn an_audit_names_the_first_thing_that_does_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    found_ledger(&folder.join("data"));
    let report: Value =
        serde_json::from_str(&succeeds(folder, &["--json", "audit", "data"])).unwrap();
    assert_eq!((&report["clean"], &report["transitions"]), (&json!(true), &json!(1)));

    let blocks = std::fs::read_dir(folder.join("data")).unwrap();
    let file = blocks
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with("block"))
        .unwrap();
    let file = if file.is_dir() {
        std::fs::read_dir(&file).unwrap().next().unwrap().unwrap().path()
    } else {
        file
    };
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert!(fails(folder, &["audit", "data"]).contains("THE AUDIT FAILS"));
    assert!(fails(folder, &["audit", "nowhere"]).contains("nowhere"));

    // What is found is reported all the same, with its place, and on paper too.
    succeeds(folder, &["key", "new", "auditor"]);
    let reports = ["--report", "a.json", "--report", "a.pdf", "--sign-as", "auditor"];
    fails(folder, &[&["audit", "data"][..], &reports].concat());
    for file in ["a.json", "a.pdf"] {
        let report = succeeds(folder, &["verify", file, "--json"]);
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!((&report["clean"], &report["verified"]), (&json!(false), &json!(true)));
        assert!(report["place"].is_object() && report["finding"].is_string(), "{report:#}");
        assert!(report["transitions_per_s"].is_u64(), "{report:#}");
    }
    let mut sheets = std::fs::read(folder.join("a.pdf")).unwrap();
    sheets.push(b'\n');
    std::fs::write(folder.join("a.pdf"), sheets).unwrap();
    assert!(fails(folder, &["verify", "a.pdf"]).contains("its sheets are not those"));
}

#[test]
fn a_witness_does_not_begin_where_its_disk_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    succeeds(folder, &["key", "new", "w"]);
    let log = json!({
        "origin": "sum.golang.org",
        "keys": ["sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"],
    });
    let mut config = json!({"name": "w.example/1", "logs": [log], "key": "none"});
    let mut refused = |field: &str, value: &str| {
        config[field] = value.into();
        std::fs::write(folder.join("witness.json"), config.to_string()).unwrap();
        fails(folder, &["witness", "--config", "witness.json"])
    };
    assert!(refused("key", "none").contains("folder: it must say"));
    assert!(refused("folder", "cosigned").contains("there is no logs in it"));
    std::fs::create_dir_all(folder.join("cosigned/logs")).unwrap();
    assert!(refused("key", "none").contains("chancery key new none"));
    assert!(refused("listen", "somewhere").contains("socket address"));
}
