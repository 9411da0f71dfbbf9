//! Requests to one peer: answered, bounded, and held to account.

use std::time::Duration;

use bytes::Bytes;
use chancery_api::peers::{
    self, Answer, MAX_BLOCKS, MAX_HEADERS, Misbehaviour, NoAnswer, PeerEvent, PeerId, Peers, Rate,
};
use chancery_ledger::hash::Hash;

use crate::node::{LEDGER, Node, PATIENCE, batch, block, config, fixed, line};

fn wait(ask: impl FnOnce(Box<dyn FnOnce(Answer) + Send>)) -> crossbeam_channel::Receiver<Answer> {
    let (reply, answer) = peers::answer();
    ask(Box::new(reply));
    answer
}

fn headers(peers: &Peers, of: PeerId) -> crossbeam_channel::Receiver<Answer> {
    wait(|reply| peers.request_headers(of, &[Hash([1; 32])], 10, reply))
}

fn got(answer: &crossbeam_channel::Receiver<Answer>) -> Answer {
    answer.recv_timeout(PATIENCE).expect("an answer comes")
}

fn answers_headers(node: &Node, items: Vec<Bytes>) {
    node.until("headers are asked for", |event| match event {
        PeerEvent::HeadersAsked { answer, .. } => Some(answer.send(items.clone())),
        _ => None,
    });
}

#[test]
fn headers_blocks_and_ranges_are_answered_by_the_node() {
    let nodes = line(2);
    let (asker, teller) = (&nodes[0], &nodes[1]);

    let locator = [Hash([3; 32]), Hash([2; 32])];
    let answer =
        wait(|reply| asker.peers.request_headers(teller.id(), &locator, MAX_HEADERS, reply));
    teller.until("headers are asked for", |event| match event {
        PeerEvent::HeadersAsked { from, locator: asked, most, answer } => {
            assert_eq!((from, &asked[..], most), (asker.id(), &locator[..], MAX_HEADERS));
            Some(answer.send(batch(&["header 4", "header 5"])))
        }
        _ => None,
    });
    assert_eq!(got(&answer), Ok(batch(&["header 4", "header 5"])));

    let (known, known_bytes) = block(LEDGER, 7, 100);
    let (unknown, _) = block(LEDGER, 8, 100);
    let answer = wait(|reply| asker.peers.request_blocks(teller.id(), &[unknown, known], reply));
    teller.until("blocks are asked for", |event| match event {
        PeerEvent::BlocksAsked { hashes, answer, .. } => {
            assert_eq!(hashes, [unknown, known]);
            Some(answer.send(vec![known_bytes.clone()]))
        }
        _ => None,
    });
    assert_eq!(got(&answer), Ok(vec![known_bytes.clone()]));

    let range: Vec<Bytes> = (5..8).map(|height| block(LEDGER, height, 100).1).collect();
    let answer = wait(|reply| asker.peers.request_range(teller.id(), 5, 10, reply));
    teller.until("a range is asked for", |event| match event {
        PeerEvent::RangeAsked { first, count, answer, .. } => {
            assert_eq!((first, count), (5, 10));
            Some(answer.send(range.clone()))
        }
        _ => None,
    });
    assert_eq!(got(&answer), Ok(range));
}

#[test]
fn who_has_nothing_says_so_and_who_is_not_there_is_not_waited_for() {
    let nodes = line(2);
    let (asker, teller) = (&nodes[0], &nodes[1]);
    let answer = headers(&asker.peers, teller.id());
    teller.until("headers are asked for", |event| {
        matches!(event, PeerEvent::HeadersAsked { .. }).then_some(())
    });
    assert_eq!(got(&answer), Err(NoAnswer::Declined));
    assert_eq!(got(&headers(&asker.peers, PeerId::random())), Err(NoAnswer::NotConnected));

    let none = wait(|reply| asker.peers.request_blocks(teller.id(), &[], reply));
    assert_eq!(got(&none), Err(NoAnswer::NotAQuestion));
    let many = wait(|reply| asker.peers.request_range(teller.id(), 1, MAX_BLOCKS + 1, reply));
    assert_eq!(got(&many), Err(NoAnswer::NotAQuestion));

    let waiting = headers(&asker.peers, teller.id());
    asker.peers.shutdown();
    assert_eq!(got(&waiting), Err(NoAnswer::Ended));
    assert_eq!(got(&headers(&asker.peers, teller.id())), Err(NoAnswer::Ended));
}

#[test]
fn an_answer_is_cut_where_it_would_be_too_long() {
    let nodes = line(2);
    let (asker, teller) = (&nodes[0], &nodes[1]);
    let answer = headers(&asker.peers, teller.id());
    let large = vec![Bytes::from(vec![1; 1024 * 1024]); 10];
    answers_headers(teller, large.clone());
    assert_eq!(got(&answer), Ok(large[..8].to_vec()));
}

#[test]
fn what_was_not_asked_for_is_no_answer() {
    let nodes = line(2);
    let (asker, teller) = (&nodes[0], &nodes[1]);
    let (asked, _) = block(LEDGER, 7, 100);
    let (_, other) = block(LEDGER, 8, 100);
    let answer = wait(|reply| asker.peers.request_blocks(teller.id(), &[asked], reply));
    teller.until("blocks are asked for", |event| match event {
        PeerEvent::BlocksAsked { answer, .. } => Some(answer.send(vec![other.clone()])),
        _ => None,
    });
    assert_eq!(got(&answer), Err(NoAnswer::Malformed));

    // A gap in a range, and now it is enough.
    let answer = wait(|reply| asker.peers.request_range(teller.id(), 7, 5, reply));
    teller.until("a range is asked for", |event| match event {
        PeerEvent::RangeAsked { answer, .. } => Some(answer.send(vec![other.clone()])),
        _ => None,
    });
    assert_eq!(got(&answer), Err(NoAnswer::Malformed));
    asker.until_gone(teller.id());
    assert_eq!(asker.peers.status().bans[0].reason, Misbehaviour::NotAsked);
}

#[test]
fn who_does_not_answer_in_time_is_not_waited_for() {
    let teller = Node::start(fixed(1, &[]));
    let mut impatient = fixed(2, &[&teller]);
    impatient.pace.answer = Duration::from_millis(300);
    let asker = Node::start(impatient);
    asker.until_connected(teller.id());
    let answer = headers(&asker.peers, teller.id());
    let kept = teller.until("headers are asked for", |event| match event {
        PeerEvent::HeadersAsked { answer, .. } => Some(answer),
        _ => None,
    });
    assert_eq!(got(&answer), Err(NoAnswer::Lost));
    asker.until_status("it is held against the teller", |status| {
        status.peers.iter().any(|peer| peer.score > 0)
    });
    // Too late does no harm.
    kept.send(batch(&["header"]));
    let answer = headers(&asker.peers, teller.id());
    answers_headers(&teller, batch(&["header"]));
    assert_eq!(got(&answer), Ok(batch(&["header"])));
}

#[test]
fn who_asks_too_much_is_refused_and_who_insists_is_banned() {
    let mut careful = config(1);
    careful.limits.requests = Rate { burst: 5, per_second: 0 };
    careful.limits.ban_score = 10;
    careful.limits.forgiven_per_minute = 0;
    let teller = Node::start(careful);
    let asker = Node::start(fixed(2, &[&teller]));
    asker.until_connected(teller.id());
    let mut refused = 0;
    // The asker has used one of the five itself, for addresses.
    for _ in 0..4 {
        let answer = headers(&asker.peers, teller.id());
        answers_headers(&teller, batch(&["header"]));
        assert!(got(&answer).is_ok());
    }
    while got(&headers(&asker.peers, teller.id())) == Err(NoAnswer::PeerBusy) {
        refused += 1;
        assert!(refused < 100, "nobody is banned");
    }
    assert!((10..=16).contains(&refused), "{refused}");
    teller.until_gone(asker.id());
    assert_eq!(teller.peers.status().bans[0].reason, Misbehaviour::Flood);
}

#[test]
fn what_the_node_reports_is_held_against_the_peer() {
    let nodes = line(2);
    nodes[0].peers.report(nodes[1].id(), Misbehaviour::InvalidHeaders);
    nodes[0].until_gone(nodes[1].id());
    nodes[1].until_gone(nodes[0].id());
    let status = nodes[0].peers.status();
    assert_eq!(status.bans.len(), 1);
    assert_eq!(status.counts.bans, 1);
}
