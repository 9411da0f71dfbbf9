//! Nodes of a ledger of work on loopback, in one process: what one takes in is final on all; branches that
//! grew apart become one, and nothing that was taken in is lost by it; one may come late or with an
//! empty folder; bad blocks get their sender banned.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod network;

use chancery_api::node::Verdict;
use chancery_api::node::standing::WorkNews;
use chancery_api::node::status::Mining;
use chancery_ledger::anchor::Anchor;
use chancery_ledger::block::Block;
use chancery_ledger::consensus::work::Standing;
use chancery_ledger::seal::Seal;
use chancery_ledger::work::{Target, Work, work_hash};
use network::{ALL, FINAL_DEPTH, Network, Part};

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_takes_in_is_final_on_all_with_a_receipt_that_verifies() {
    let mut network = Network::of(3);
    network.start_all();
    for number in 0..9 {
        let verdict = network.submit(number % 3, number).await.unwrap();
        assert!(matches!(verdict, Verdict::Waits { .. }), "{verdict:?}");
    }
    network.all_agree_on(9).await;
    let receipt = network.node(0).view().receipt(0).unwrap();
    receipt.verify(&Anchor::from(network.genesis.clone())).unwrap();
    let again = network.submit(1, 0).await.unwrap();
    assert!(matches!(again, Verdict::Duplicate { .. }), "{again:?}");
    let status = network.node(0).network();
    let work = status.work.unwrap();
    assert!(status.height >= status.final_height + u64::from(FINAL_DEPTH) && work.hashes > 0);
    assert_eq!(status.peers.len(), 2);
    network.stop_all();
    network.audits_agree();
}

/// Two nodes that do not know each other each build a branch of their own, with a transition in each. When
/// they meet, one branch wins, and what stood in the other goes back to waiting and is final in the end.
#[tokio::test(flavor = "multi_thread")]
async fn branches_that_grew_apart_become_one_and_nothing_is_lost() {
    let mut network = Network::of(2);
    let alone = Part { mines: true, knows_others: false };
    network.start(0, alone);
    network.start(1, alone);
    network.submit(0, 0).await.unwrap();
    network.submit(1, 1).await.unwrap();
    let mut events = network.node(0).work_news().unwrap();
    let mut other_events = network.node(1).work_news().unwrap();
    for node in 0..2 {
        // One block with it, and still too few that follow for it to be final.
        let began = std::time::Instant::now();
        while !matches!(network.standing(node, node).await, Some(Standing::InBlock { .. })) {
            assert!(began.elapsed().as_secs() < 60);
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
    network.stop(1);
    network.start(1, ALL);
    network.all_agree_on(2).await;
    let mut reorganised = 0;
    let mut returned = Vec::new();
    for events in [&mut events, &mut other_events] {
        while let Ok(news) = events.try_recv() {
            if let WorkNews::Reorganised { returned: back, .. } = &*news {
                reorganised += 1;
                returned.extend(back.clone());
            }
        }
    }
    let seen: u64 =
        (0..2).map(|node| network.node(node).network().work.unwrap().reorganisations).sum();
    assert!(seen > 0 && seen >= reorganised, "{seen} {reorganised}");
    network.stop_all();
    network.audits_agree();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_comes_late_and_one_that_lost_its_disk_take_everything_from_the_others() {
    let mut network = Network::of(3);
    network.start(0, ALL);
    network.start(1, ALL);
    for number in 0..6 {
        network.submit(number % 2, number).await.unwrap();
    }
    network.all_agree_on(6).await;
    // It follows and mines nothing.
    network.start(2, Part { mines: false, knows_others: true });
    network.all_agree_on(6).await;
    assert_eq!(network.node(2).network().work.unwrap().hashes, 0);
    network.stop(1);
    network.wipe(1);
    network.start(1, ALL);
    // What a follower takes in is passed on to those who mine.
    network.submit(2, 6).await.unwrap();
    network.all_agree_on(7).await;
    network.stop_all();
    network.audits_agree();
}

/// Somebody shows a branch with more work and keeps its blocks. Those of the other branch, which are there to
/// be had, are taken all the same.
#[tokio::test(flavor = "multi_thread")]
async fn headers_whose_blocks_are_kept_back_hold_up_nobody() {
    let mut network = Network::of(3);
    let alone = Part { mines: true, knows_others: false };
    let follows = |knows_others| Part { mines: false, knows_others };
    network.start(1, alone);
    network.until("a heavy branch", || network.heights()[0].0 >= 10).await;
    let kept = network.stranger(1, 1).asks_for_headers();
    network.stop(1);
    network.start(0, alone);
    network.until("a light branch", || network.heights()[0].0 >= 2).await;
    network.stop(0);

    network.start(2, follows(false));
    network.stranger(2, 2).shows_headers_alone(kept.clone());
    let shown = || network.node(2).network().best_peer_height == Some(kept.len() as u64);
    network.until("the heavy branch's headers", shown).await;
    network.start(0, follows(true));
    network.until("what it had", || network.node(0).network().height >= 2).await;
    let light = network.node(0).network().height;
    assert!(light < kept.len() as u64, "{light}");
    network.until("the light branch's blocks", || network.node(2).network().height == light).await;
    network.stop_all();
}

/// A node that has lost its disk would by itself make final what nobody else ever will.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_to_know_others_mines_once_one_of_them_has_answered() {
    let mut network = Network::of(2);
    network.start(0, ALL);
    let mining = |network: &Network| network.node(0).network().work.unwrap().mining;
    network.until("it says why", || mining(&network) == Mining::WaitsForPeers).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(network.node(0).network().work.unwrap().hashes, 0);
    network.start(1, Part { mines: false, knows_others: true });
    network.until("blocks", || network.heights().iter().all(|(height, _)| *height > 0)).await;
    assert_eq!(mining(&network), Mining::On);
    network.stop_all();
}

/// Whoever sends what no honest node would send on is thrown out, and the node goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_throws_out_who_sends_bad_blocks_and_transitions() {
    let mut network = Network::of(1);
    network.start(0, ALL);
    network.until("a final block", || network.heights()[0].1 > 0).await;
    let block = network.node(0).view().block_bytes(1).unwrap();
    let good = Block::decode(&block).unwrap();
    let easiest = network.genesis.work().unwrap().easiest_target;

    // Without the work for its target; with a target that the ledger does not allow.
    for (seed, target) in [(1, easiest), (2, Target::MAX)] {
        let stranger = network.stranger(0, seed);
        stranger.says_until_it_is_thrown_out(|peers, number| {
            let mut bad = good.clone();
            bad.header.height = 1_000_000;
            bad.header.pool = target.hash();
            let hash = bad.header.hash();
            let fails = |nonce: &u64| !easiest.is_met_by(&work_hash(&hash, *nonce));
            let nonce = (number..).find(fails).unwrap();
            bad.seal = Seal::Work(Work { target, nonce });
            peers.publish_block(bad.encode().into()).unwrap();
        });
    }
    let noisy = network.stranger(0, 3);
    noisy.says_until_it_is_thrown_out(|peers, number| {
        let nothing = format!("{{\"number\":{number}}}").into_bytes().into();
        peers.publish_transitions(vec![nothing]).unwrap();
    });

    let height = network.heights()[0].0;
    network.until("more blocks", || network.heights()[0].0 > height).await;
    let verdict = network.submit(0, 0).await.unwrap();
    assert!(matches!(verdict, Verdict::Waits { .. }), "{verdict:?}");
    network.all_agree_on(1).await;
    network.stop_all();
    network.audits_agree();
}
