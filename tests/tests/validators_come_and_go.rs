//! Validators are elected with the command line, and one that signed two things at once is listed.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;

use chancery_client::{Hash, KeyFile, SecretKey, Signer};
use chancery_ledger::seal::{Step, ballot_bytes};
use chancery_node_files::{KEY_FILE, key_file};
use chancery_tests::node::binary;
use chancery_tests::town::{Town, party, signer};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

const PASSPHRASE: &str = "open sesame";

fn town() -> Town {
    let town = Town::founded();
    let keys = keys(&town);
    std::fs::create_dir(&keys).unwrap();
    for name in ["root", "harbour"] {
        let file = KeyFile::seal(&signer(name), PASSPHRASE).unwrap();
        file.write_new(&keys.join(format!("{name}.pem"))).unwrap();
    }
    town
}

fn keys(town: &Town) -> PathBuf {
    town.folder().join("keys")
}

/// What the command line says when it is content.
fn chancery(town: &Town, line: &str) -> Value {
    let output = Command::new(binary("chancery").unwrap())
        .args(["--json", "--url", town.client().url(), "validators"])
        .args(line.split_whitespace())
        .arg("--anchor")
        .arg(town.folder().join("data/genesis.json"))
        .env("CHANCERY_KEYS", keys(town))
        .env("CHANCERY_PASSPHRASE", PASSPHRASE)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {error}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn node_key(folder: &Path) -> SecretKey {
    key_file::read(&folder.join(KEY_FILE), None).unwrap()
}

#[tokio::test]
async fn a_pool_is_elected() {
    let town = town();
    town.opens(&["harbour"]).await;
    let folder = town.folder().join("harbour-node");
    std::fs::create_dir(&folder).unwrap();
    let key = key_file::create(&folder.join(KEY_FILE)).unwrap().public();
    let file = folder.join(KEY_FILE);

    chancery(&town, "allot --party harbour --stake 400 --sign-as root");
    let stand = format!("stand --name Harbour --key-file {} --party harbour", file.display());
    chancery(&town, &stand);
    let candidate = town.sees(&format!("validators/candidate/{key}")).await;
    assert_eq!((&candidate["name"], &candidate["stands"]), (&json!("Harbour"), &json!(true)));
    chancery(&town, &format!("delegate --party harbour --to {key}"));
    chancery(&town, "elect --seats 3 --from +500 --sign-as root");

    let listed = chancery(&town, "list");
    let next = &listed["next"];
    assert_eq!(next["validators"], json!([{"name": "Harbour", "key": key, "power": 400}]));
    assert_eq!((&next["power"], &next["quorum"]), (&json!(400), &json!(267)));
    assert_eq!(listed["in_force"]["from"], 0);
    assert_eq!(listed["equivocations"], json!([]));

    // Who no longer counts, and stands no longer.
    chancery(&town, "delegate --party harbour --nobody");
    chancery(&town, &format!("withdraw --party harbour --key {key}"));
    let candidate = town.sees(&format!("validators/candidate/{key}")).await;
    assert_eq!((&candidate["stake"], &candidate["stands"]), (&json!(0), &json!(false)));
}

#[tokio::test]
async fn a_pool_is_appointed_and_who_signed_twice_is_listed() {
    let town = town();
    let key = node_key(&town.node().data());
    let other = signer("harbour").key().public();
    chancery(
        &town,
        &format!(
            "appoint --member Old={} --member New={other}:2 --from +500 --sign-as root",
            key.public()
        ),
    );

    // The validator has signed for a block and for none, and says so itself.
    let ledger = town.client().ledger_id().await.unwrap();
    let ballot = |block: Option<Hash>| {
        let signature = key.sign(&ballot_bytes(Step::Prevote, &ledger, 1, 0, block.as_ref()));
        json!({"block": block, "signature": BASE64URL_NOPAD.encode(&signature)})
    };
    let accuse = json!({
        "register": "validators", "action": "accuse", "validator": key.public(), "height": 1, "round": 0,
        "step": "prevote", "first": ballot(None), "second": ballot(Some(Hash::of(&[b"block"]))),
    });
    town.did_with(&[Signer::first(key.clone())], accuse).await;

    let listed = chancery(&town, "list");
    let names: Vec<&Value> = listed["next"]["validators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| &member["name"])
        .collect();
    assert!(names.contains(&&json!("Old")) && names.contains(&&json!("New")), "{listed:#}");
    let found = listed["equivocations"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{listed:#}");
    assert_eq!((&found[0]["height"], &found[0]["step"]), (&json!(1), &json!("prevote")));
    assert_eq!(found[0]["validator"], json!(key.public()));
    // By the party of its key it is found as well.
    let accused = chancery_client::PartyId::of_first_key(&key.public());
    let held = town.client().held("validators", &accused, Some("accused"), Default::default(), 9);
    assert_eq!(held.await.unwrap().len(), 1);
    assert!(party("harbour") != accused);
}
