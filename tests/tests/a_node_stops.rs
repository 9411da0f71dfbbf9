//! A node stops: what it has taken in it carries through, and its folder is its own.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chancery_client::{Client, Error, Hash, Signing};
use chancery_tests::node::{Node, NodeError, binary, signal};
use chancery_tests::town::{Town, key_of, party, signer};
use serde_json::json;

/// Cards of one party, signed beforehand.
async fn cards(town: &Town, count: u64) -> Vec<Signing> {
    let mut cards = Vec::new();
    for number in 0..count {
        let card = Hash::of(&[&number.to_be_bytes()]);
        let action = json!({
            "register": "identity", "action": "set-card", "party": party("ana"), "card": card,
        });
        cards.push(town.sign(&[signer("ana")], action).await);
    }
    cards
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_under_load_it_loses_nothing_that_it_acknowledged() {
    let mut town = Town::founded();
    town.welcomes(&["ana"]).await;
    let cards = cards(&town, 600).await;
    let client = Arc::new(Client::new(town.node().url()).unwrap());
    let process = town.node().process_id();
    let under_way = Arc::new(AtomicU64::new(0));
    let submitting = cards.chunks(100).map(|chunk| {
        let (chunk, client, under_way) = (chunk.to_vec(), client.clone(), under_way.clone());
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for signing in &chunk {
                match client.submit(signing).await {
                    Ok(submitted) => {
                        under_way.fetch_add(1, Ordering::Relaxed);
                        acknowledged.push(submitted);
                    }
                    Err(_) => break,
                }
            }
            acknowledged
        })
    });
    let submitting: Vec<_> = submitting.collect();
    while under_way.load(Ordering::Relaxed) < 30 && submitting.iter().any(|it| !it.is_finished()) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    signal(process, "TERM").unwrap();
    let mut acknowledged = Vec::new();
    for task in submitting {
        acknowledged.extend(task.await.unwrap());
    }
    town.stops();
    assert!(!acknowledged.is_empty(), "nothing was acknowledged before the stop");

    town.starts();
    for submitted in &acknowledged {
        let receipt = town.client().receipt(&submitted.id).await.unwrap();
        assert_eq!(Some(receipt.inclusion.position), submitted.position);
    }
    let log_size = town.client().ledger().await.unwrap().rest["tip"]["log_size"].as_u64().unwrap();
    assert!(log_size > acknowledged.len() as u64, "the party and all that was acknowledged");
}

#[tokio::test]
async fn a_second_node_on_the_same_folder_is_refused() {
    let town = Town::founded();
    match Node::start(&town.folder()) {
        Err(NodeError::Ended(said)) => assert!(said.contains("LOCK"), "{said}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("two nodes on one folder"),
    }
    town.welcomes(&["ana"]).await;
}

#[tokio::test]
async fn a_folder_with_something_in_it_founds_no_ledger() {
    let town = Town::founded();
    let init = std::process::Command::new(binary("chanceryd").unwrap())
        .args(["init", "--name", "Another", &format!("--root-key={}", key_of("root").public())])
        .arg("--data")
        .arg(town.folder().join("data"))
        .output()
        .unwrap();
    assert!(!init.status.success());
    assert!(String::from_utf8_lossy(&init.stderr).contains("not empty"));
}

#[tokio::test]
async fn restarted_it_goes_on_where_it_was() {
    let mut town = Town::founded();
    town.welcomes(&["ana"]).await;
    let before = town.tip().await;
    town.restarts();
    assert_eq!(town.tip().await, before);
    town.loses_power();
    assert_eq!(town.tip().await, before);
    town.welcomes(&["bo"]).await;
    // A client of another ledger's genesis does not take it for its own.
    let other = Town::founded();
    let client = Client::new(town.node().url()).unwrap();
    let trusting_another = client.trusting(other.node().genesis().unwrap());
    assert!(matches!(trusting_another.ledger().await, Err(Error::OtherLedger { .. })));
}
