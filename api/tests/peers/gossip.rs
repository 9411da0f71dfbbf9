//! Gossip: it reaches all, in its order, and only what every node on the way has found good.

use bytes::Bytes;
use chancery_api::peers::{MAX_GOSSIP_BYTES, Misbehaviour, NotTaken, PeerEvent};
use chancery_ledger::hash::Hash;

use crate::node::{LEDGER, Node, batch, block, introduce, line};

/// Every node on a line knows the topics of its neighbours.
fn acquainted(count: u8) -> Vec<Node> {
    let nodes = line(count);
    for pair in nodes.windows(2) {
        introduce(&pair[0], &pair[1]);
        introduce(&pair[1], &pair[0]);
    }
    nodes
}

#[test]
fn a_batch_reaches_all_in_its_order() {
    let nodes = acquainted(4);
    let published = batch(&["first", "second", "third"]);
    nodes[0].peers.publish_transitions(published.clone()).expect("published");
    for at in 1..4 {
        let (from, received, judge) = nodes[at].next_batch();
        assert_eq!(from, nodes[at - 1].id());
        assert_eq!(received, published);
        judge.accept();
    }
    // And back, from the other end.
    let answer = batch(&["fourth"]);
    nodes[3].peers.publish_transitions(answer.clone()).expect("published");
    for at in (0..3).rev() {
        let (_, received, judge) = nodes[at].next_batch();
        assert_eq!(received, answer);
        judge.accept();
    }
    let status = nodes[1].until_status("two accepted", |status| status.counts.accepted == 2);
    assert_eq!(status.counts.rejected, 0);
}

#[test]
fn more_than_a_message_holds_goes_in_several() {
    let nodes = acquainted(2);
    let large: Vec<Bytes> = (0..20_u8).map(|at| Bytes::from(vec![at; 50_000])).collect();
    nodes[0].peers.publish_transitions(large.clone()).expect("published");
    let mut received = Vec::new();
    while received.len() < large.len() {
        let (_, batch, judge) = nodes[1].next_batch();
        assert!(batch.iter().map(Bytes::len).sum::<usize>() <= MAX_GOSSIP_BYTES);
        received.extend(batch);
        judge.accept();
    }
    assert_eq!(received, large);
}

#[test]
fn what_is_wrong_goes_no_further_and_its_sender_is_banned() {
    let nodes = acquainted(3);
    for at in 0..4 {
        nodes[0].peers.publish_transitions(batch(&[&format!("forged {at}")])).expect("published");
        let (from, _, judge) = nodes[1].next_batch();
        assert_eq!(from, nodes[0].id());
        judge.reject(Misbehaviour::InvalidTransition);
    }
    nodes[1].until_gone(nodes[0].id());
    let status = nodes[1].peers.status();
    assert_eq!(status.bans.len(), 1);
    assert_eq!(status.bans[0].peer, nodes[0].id());
    assert_eq!(status.bans[0].reason, Misbehaviour::InvalidTransition);
    assert_eq!(status.counts.rejected, 4);

    // One connection carries messages in their order: had any of the forged gone on, it would be first.
    nodes[1].peers.publish_transitions(batch(&["good"])).expect("published");
    let (_, received, _) = nodes[2].next_batch();
    assert_eq!(received, batch(&["good"]));
}

#[test]
fn what_is_ignored_or_not_judged_goes_no_further_and_costs_its_sender_nothing() {
    let nodes = acquainted(3);
    nodes[0].peers.publish_transitions(batch(&["known already"])).expect("published");
    nodes[1].next_batch().2.ignore();
    nodes[0].peers.publish_transitions(batch(&["nobody looks"])).expect("published");
    drop(nodes[1].next_batch());
    nodes[0].peers.publish_transitions(batch(&["good"])).expect("published");
    nodes[1].next_batch().2.accept();
    assert_eq!(nodes[2].next_batch().1, batch(&["good"]));
    let status = nodes[1].peers.status();
    assert!(status.peers.iter().all(|peer| peer.score == 0), "{status:?}");
}

#[test]
fn a_batch_that_two_publish_is_one_message() {
    let nodes = acquainted(3);
    let same = batch(&["the same"]);
    nodes[0].peers.publish_transitions(same.clone()).expect("published");
    nodes[1].next_batch().2.accept();
    nodes[2].next_batch().2.accept();
    nodes[2].peers.publish_transitions(same).expect("nothing to do");
    nodes[2].peers.publish_transitions(batch(&["another"])).expect("published");
    assert_eq!(nodes[1].next_batch().1, batch(&["another"]));
}

#[test]
fn a_short_block_goes_whole_and_a_long_one_is_fetched_from_who_has_it() {
    let nodes = acquainted(3);
    let (_, short) = block(LEDGER, 1, 1_000);
    nodes[0].peers.publish_block(short.clone()).expect("published");
    for node in &nodes[1..] {
        let (_, received, judge) = node.next_block();
        assert_eq!(received, short);
        judge.accept();
    }

    let (hash, long) = block(LEDGER, 2, 3 * 1024 * 1024);
    nodes[0].peers.publish_block(long.clone()).expect("published");
    for at in 1..3 {
        // Who announced it is asked for it.
        let teller = &nodes[at - 1];
        let (asked, answer) = teller.until("the block is asked for", |event| match event {
            PeerEvent::BlocksAsked { hashes, answer, .. } => Some((hashes, answer)),
            _ => None,
        });
        assert_eq!(asked, [hash]);
        answer.send(vec![long.clone()]);
        let (from, received, judge) = nodes[at].next_block();
        assert_eq!((from, received), (teller.id(), long.clone()));
        judge.accept();
    }
}

#[test]
fn a_block_that_is_announced_and_not_delivered_is_asked_of_others_and_held_against_the_teller() {
    // The second knows the first and the third.
    let nodes = acquainted(3);
    let (hash, long) = block(LEDGER, 2, 400_000);
    nodes[0].peers.publish_block(long.clone()).expect("published");
    nodes[0].until("the block is asked for", |event| match event {
        PeerEvent::BlocksAsked { hashes, .. } => Some(assert_eq!(hashes, [hash])),
        _ => None,
    });
    // The first declined. The third has it, from elsewhere.
    nodes[2].until("the block is asked for", |event| match event {
        PeerEvent::BlocksAsked { answer, .. } => Some(answer.send(vec![long.clone()])),
        _ => None,
    });
    let (from, received, judge) = nodes[1].next_block();
    assert_eq!((from, received), (nodes[2].id(), long));
    // Its header is the one that was announced; for the rest who sent it answers.
    judge.reject(Misbehaviour::InvalidBlock);
    nodes[1].until_gone(nodes[2].id());

    // One that nobody has.
    let (_, other) = block(LEDGER, 3, 400_000);
    nodes[0].peers.publish_block(other).expect("published");
    nodes[1].until_status("it is held against the teller", |status| {
        status.peers.iter().any(|peer| peer.peer == nodes[0].id() && peer.score >= 20)
    });
}

#[test]
fn a_block_of_another_ledger_is_refused_without_asking_the_node() {
    let nodes = acquainted(2);
    let (_, foreign) = block(Hash([8; 32]), 1, 1_000);
    nodes[0].peers.publish_block(foreign).expect("published");
    nodes[1].until_status("it is rejected", |status| status.counts.rejected == 1);
    let asked = nodes[1].events.try_iter().any(|event| matches!(event, PeerEvent::Block { .. }));
    assert!(!asked);
}

#[test]
fn what_no_peer_would_take_is_not_published() {
    let node = Node::start(crate::node::config(1));
    let cases = [vec![Bytes::new()], vec![Bytes::from(vec![0; 65_536])]];
    for wrong in cases {
        assert_eq!(node.peers.publish_transitions(wrong), Err(NotTaken::Malformed));
    }
    let not_a_block = Bytes::from_static(b"not a block");
    assert_eq!(node.peers.publish_block(not_a_block), Err(NotTaken::Malformed));
    let too_long = block(LEDGER, 1, 9 * 1024 * 1024).1;
    assert_eq!(node.peers.publish_block(too_long), Err(NotTaken::Malformed));
    node.peers.shutdown();
    assert_eq!(node.peers.publish_transitions(batch(&["late"])), Err(NotTaken::Ended));
}
