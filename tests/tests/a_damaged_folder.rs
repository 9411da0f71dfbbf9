//! A node whose files are damaged: it serves what is true or ends with file and offset, and tables
//! that can be made again never stand in the way of a ledger that is whole.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;

use chancery_client::{AsOf, Error};
use chancery_tests::damage::{Damage, Random, copy_folder};
use chancery_tests::node::{Node, NodeError};
use chancery_tests::postgres;
use chancery_tests::town::{Town, handoff, register_parcel};
use serde_json::Value;

const NUMBERS: [&str; 3] = ["RR000100012TW", "RR000100026TW", "RR000100030TW"];

/// A folder of a node that was stopped, or killed, and what it had said.
async fn story(killed: bool) -> (Town, Value) {
    let mut town = Town::founded();
    town.has_a_carrier().await;
    town.welcomes(&["ana", "bo"]).await;
    for number in NUMBERS {
        town.did(&["ana", "carrier"], register_parcel(number, "ana", "bo")).await;
        town.did(&["ana", "carla"], handoff(number, "collected", "ana", "carla")).await;
    }
    if !killed {
        town.restarts();
    }
    let said = what_it_says(town.node()).await.unwrap();
    if killed {
        town.dies()
    } else {
        town.stops()
    }
    (town, said)
}

/// Everything that is read from the tables and from the ledger.
async fn what_it_says(node: &Node) -> Result<Value, chancery_client::Error> {
    let client = node.client().unwrap();
    let mut said = vec![client.ledger().await?.rest["tip"].clone()];
    for number in NUMBERS {
        let path = format!("parcels/parcel/{number}").parse()?;
        said.push(client.object(&path, AsOf::Now).await?);
        said.push(client.history(&path, 100).await?.into());
        client.proof(&path, AsOf::Now).await?;
    }
    for address in ["/v1/transitions?limit=50", "/v1/parcels?limit=50"] {
        said.push(client.get(address).await.unwrap_or_default());
    }
    Ok(said.into())
}

/// What becomes of a copy of the folder with one file damaged.
async fn serve_damaged(
    town: &Town,
    said: &Value,
    file: &str,
    damage: Damage,
) -> Result<bool, String> {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&town.folder().join("data"), &copy.path().join("data")).unwrap();
    private(&copy.path().join("data/node-key.pem"));
    damage.apply_to(&copy.path().join("data").join(file)).unwrap();
    match Node::start(copy.path()) {
        Err(NodeError::Ended(why)) if why.contains("panicked") => Err(format!("a panic: {why}")),
        // The tables' file has no offsets of ours; its name is what an operator needs.
        Err(NodeError::Ended(why)) if file == "registry.sqlite" && why.contains(file) => Ok(false),
        Err(NodeError::Ended(why)) if why.contains("at offset") => Ok(false),
        Err(other) => Err(format!("ended without file and offset: {other}")),
        Ok(node) => match what_it_says(&node).await {
            Ok(now) if now == *said => {
                node.stop().unwrap();
                Ok(true)
            }
            Ok(now) => Err(format!("it says something else: {now:#}\nand said before: {said:#}")),
            // It says that the tables do not hold the answer: refused, and nothing untrue.
            Err(Error::Refused(problem)) if problem.code == "not-yet-projected" => Ok(false),
            Err(error) => Err(format!("it serves and cannot answer: {error}")),
        },
    }
}

/// Copies keep their mode; a key that others may read would be refused for that.
fn private(key: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
}

async fn damage_some(town: &Town, said: &Value, file: &str, all: &[Damage]) -> (u32, u32) {
    let (mut served, mut refused, mut faults) = (0, 0, Vec::new());
    for damage in all {
        match serve_damaged(town, said, file, *damage).await {
            Ok(true) => served += 1,
            Ok(false) => refused += 1,
            Err(fault) => faults.push(format!("{file} {damage}: {fault}")),
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    println!("{file}: {served} served, {refused} refused");
    (served, refused)
}

#[tokio::test]
async fn the_ledgers_files() {
    let (town, said) = story(true).await;
    let len = |file: &str| fs::metadata(town.folder().join("data").join(file)).unwrap().len();
    for file in ["blocks", "log", "positions", "state", "heights"] {
        let len = len(file) as usize;
        let all = [
            Damage::Cut { len: len - 5 },
            Damage::Zeros { from: len - 40 },
            Damage::Flip { offset: len / 2, bit: 3 },
        ];
        let (served, refused) = damage_some(&town, &said, file, &all).await;
        assert_eq!((served, refused), if file == "blocks" { (0, 3) } else { (3, 0) }, "{file}");
    }
}

#[tokio::test]
async fn the_tables() {
    if postgres::is_named() {
        eprintln!("the tables are on a server, which sees to its own files");
        return;
    }
    let (town, said) = story(false).await;
    let file = "registry.sqlite";
    let len = fs::metadata(town.folder().join("data").join(file)).unwrap().len() as usize;
    let mut random = Random::from_seed(7);
    let mut all = vec![
        Damage::Cut { len: 0 },
        Damage::Cut { len: 100 },
        Damage::Cut { len: len / 2 },
        Damage::Cut { len: len - 1000 },
        Damage::Zeros { from: 0 },
        Damage::Zeros { from: len / 2 },
        Damage::Zeros { from: len - 4096 },
        Damage::Extra { len: 4096, byte: 0xA5 },
    ];
    all.extend((0..12).map(|_| Damage::Flip { offset: random.below(len), bit: 5 }));
    damage_some(&town, &said, file, &all).await;
}
