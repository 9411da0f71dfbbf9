//! Four validators on loopback, in one process: what one takes in is final on all; one may be missing,
//! come back, begin late or with an empty folder; without a quorum nothing is acknowledged.

#![cfg(feature = "pool")]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod network;

use std::time::Duration;

use chancery_api::node::{Unavailable, Verdict};
use network::Network;

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
