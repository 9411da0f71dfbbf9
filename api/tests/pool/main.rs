//! Four validators on loopback, in one process: what one takes in is final on all; one may be missing,
//! come back, begin late or with an empty folder; without a quorum nothing is acknowledged.

#![cfg(feature = "pool")]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod liar;
mod network;

use std::time::Duration;

use chancery_api::node::{Unavailable, Verdict};
use chancery_registries::validators::Step;
use malachitebft_app::wal::Log;
use network::{Network, is_soon};

#[tokio::test(flavor = "multi_thread")]
async fn what_one_validator_takes_in_is_final_on_all() {
    let mut network = Network::of(4);
    network.start_all();
    for number in 0..20 {
        let verdict = network.submit(number % 4, number).await.unwrap();
        assert!(matches!(verdict, Verdict::Ordered { rejection: None, .. }), "{verdict:?}");
    }
    network.all_agree_on(20).await;
    network.stop_all();
    network.audits_agree();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_four_may_be_missing_and_catches_up() {
    let mut network = Network::of(4);
    for validator in 0..3 {
        network.start(validator);
    }
    for number in 0..10 {
        network.submit(number % 3, number).await.unwrap();
    }
    network.start(3);
    network.all_agree_on(10).await;
    // Wiped, it takes everything from the others again.
    network.stop(3);
    network.wipe(3);
    for number in 10..15 {
        network.submit(number % 3, number).await.unwrap();
    }
    network.start(3);
    network.all_agree_on(15).await;
    network.submit(3, 15).await.unwrap();
    network.all_agree_on(16).await;
    network.stop_all();
    network.audits_agree();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_quorum_nothing_is_acknowledged_and_it_goes_on_when_one_is_back() {
    let mut network = Network::of(4);
    network.start_all();
    network.submit(0, 0).await.unwrap();
    network.all_agree_on(1).await;
    network.stop(2);
    network.stop(3);
    let waited = tokio::time::timeout(Duration::from_secs(3), network.submit(0, 1)).await;
    assert!(waited.is_err(), "{waited:?}");
    let refused = loop {
        let answer = tokio::time::timeout(Duration::from_secs(1), network.submit(0, 2)).await;
        match answer {
            Ok(Err(error)) => break error,
            Ok(Ok(verdict)) => panic!("{verdict:?}"),
            Err(_) => {}
        }
    };
    assert!(matches!(refused, Unavailable::NoQuorum(_)), "{refused:?}");
    network.start(2);
    // What waited is final now.
    network.nodes_agree_on(&[0, 1, 2], 2).await;
    network.stop_all();
}

/// A node whose key is no validator's follows, checks everything, and passes on what it is given.
#[tokio::test(flavor = "multi_thread")]
async fn a_follower_follows() {
    let mut network = Network::of(4);
    network.start_all();
    let follower = network.add_follower();
    network.submit(0, 0).await.unwrap();
    let verdict = network.submit(follower, 1).await.unwrap();
    assert!(matches!(verdict, Verdict::Ordered { rejection: None, .. }), "{verdict:?}");
    network.all_agree_on(2).await;
    network.stop_all();
    network.audits_agree();
}

/// The engine shows who a peer is on the first connection only; where both ends dial at once, that may
/// be the one of two which is closed.
#[tokio::test(flavor = "multi_thread")]
async fn each_validator_knows_the_others_although_all_dial_each_other_at_once() {
    let mut network = Network::of(4);
    network.start_all();
    network.submit(0, 0).await.unwrap();
    is_soon("all are connected with all", || (0..4).all(|node| network.connected(node) == 4)).await;
    // One that comes back while the others dial it is known again.
    network.stop(2);
    network.start(2);
    is_soon("all are connected with all again", || (0..4).all(|node| network.connected(node) == 4))
        .await;
    network.stop_all();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_that_votes_twice_is_put_on_record_once() {
    let mut network = Network::of(4);
    for honest in 0..3 {
        network.start(honest);
    }
    network.submit(0, 0).await.unwrap();
    let liar = network.liar(3).await;
    let record = loop {
        let height = network.height(0) + 1;
        liar.votes_twice(height).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        if let Some(record) = network.equivocation(0, 3, Step::Prevote) {
            break record;
        }
        network.is_patient();
    };
    assert_eq!((record.name.as_str(), record.round), ("node 3", 0));
    assert_ne!(record.first.block, record.second.block);
    assert!((0..3).any(|honest| record.accuser == network::key(honest).public()));
    // All have it, and what was caught at that height was said by the first whose turn it was.
    is_soon("all have the record", || {
        (0..3).all(|node| network.equivocation(node, 3, Step::Prevote).is_some())
    })
    .await;
    network.stop_all();
    let accusations = network.transitions_with(0, "accuse");
    let records = network.equivocations(3, Step::Prevote);
    assert!(records >= 1 && accusations <= 3 * records, "{accusations} for {records} records");
    network.audits_agree_of(&[0, 1, 2]);
}

/// A power cut while the log of votes is first made leaves less than its head.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_votes_that_was_torn_while_it_was_made_is_made_anew() {
    let mut network = Network::of(1);
    let log = network.votes(0);
    std::fs::write(&log, [0; 5]).unwrap();
    assert!(Log::open(&log).is_err(), "the engine would refuse it for ever");
    network.start(0);
    let verdict = network.submit(0, 0).await.unwrap();
    assert!(matches!(verdict, Verdict::Ordered { rejection: None, .. }), "{verdict:?}");
    network.stop_all();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_a_damaged_log_of_votes_says_so_and_votes_no_more() {
    let mut network = Network::of(1);
    let path = network.votes(0);
    {
        // What the node would have voted at its first height.
        let mut log = Log::open(&path).unwrap();
        log.reset(1).unwrap();
        log.append(b"a vote").unwrap();
        log.flush().unwrap();
    }
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, &bytes).unwrap();

    network.start(0);
    is_soon("the damage is named", || network.node(0).network().wal_damaged).await;
    let status = network.node(0).network();
    assert!(status.halted.is_some_and(|why| why.contains("log of its votes")));
    let refused = network.submit(0, 0).await;
    assert!(matches!(refused, Err(Unavailable::Halted(_))), "{refused:?}");
    assert_eq!(network.height(0), 0, "reads go on");
    network.stop(0);
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "it is left for the operator");
    // Started again as it is, it still does not know what it has voted.
    network.start(0);
    is_soon("the damage is still there", || network.node(0).network().wal_damaged).await;
    network.stop_all();
}
