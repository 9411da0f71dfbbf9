//! Who finds whom: one known peer is enough, the book outlives the node, strangers are dropped.

use std::net::TcpListener;
use std::time::Duration;

use chancery_api::peers::{Direction, Misbehaviour, Multiaddr, PeerEvent, PeersConfig};
use chancery_ledger::hash::Hash;

use crate::node::{Node, batch, config, fixed, introduce, line};

fn knowing(seed: u8, known: &Node) -> PeersConfig {
    let mut config = config(seed);
    config.persistent = vec![known.address.clone()];
    config
}

/// An address of this machine that nobody listens on for now.
fn free_address() -> Multiaddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    format!("/ip4/127.0.0.1/tcp/{port}").parse().expect("an address")
}

#[test]
fn who_knows_one_learns_of_the_others() {
    let first = Node::start(config(1));
    let nodes: Vec<Node> = (2..=5).map(|seed| Node::start(knowing(seed, &first))).collect();
    for node in nodes.iter().chain([&first]) {
        node.until_status("all four others", |status| status.peers.len() == 4);
    }
    // The network does not need the first one any more.
    drop(first);
    let (one, other) = (&nodes[0], &nodes[3]);
    one.until_status("one less", |status| status.peers.len() == 3);
    introduce(one, other);
}

#[test]
fn the_book_outlives_the_node() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("peers.json");
    let first = Node::start(fixed(1, &[]));
    let second = Node::start(knowing(2, &first));

    let mut remembering = knowing(3, &first);
    remembering.book = Some(path.clone());
    let node = Node::start(remembering.clone());
    node.until_status("both others", |status| status.peers.len() == 2);
    drop(node);
    let text = std::fs::read_to_string(&path).expect("the book");
    assert!(text.contains(&second.id().to_string()), "{text}");

    // It was told of nobody, and still finds both.
    remembering.persistent.clear();
    let node = Node::start(remembering.clone());
    let status = node.until_status("both others", |status| status.peers.len() == 2);
    assert!(status.peers.iter().all(|peer| !peer.persistent));
    drop(node);

    // A damaged book is no reason not to begin.
    std::fs::write(&path, &text[..text.len() / 2]).expect("damaged");
    remembering.persistent = vec![first.address.clone()];
    let node = Node::start(remembering);
    node.until_status("both others", |status| status.peers.len() == 2);
}

#[test]
fn a_persistent_peer_is_dialled_until_it_is_there_and_again_when_it_is_back() {
    let address = free_address();
    let mut waiting = fixed(1, &[]);
    waiting.persistent = vec![address.clone()];
    let node = Node::start(waiting);
    for _ in 0..2 {
        let mut late = fixed(2, &[]);
        late.listen = vec![address.clone()];
        let other = Node::start(late);
        let direction = node.until("it is connected", |event| match event {
            PeerEvent::Connected { direction, .. } => Some(direction),
            _ => None,
        });
        assert_eq!(direction, Direction::Outbound);
        let status = node.until_status("one peer", |status| status.peers.len() == 1);
        assert!(status.peers[0].persistent);
        assert!(status.peers[0].agent.starts_with("chanceryd/"));
        let id = other.id();
        drop(other);
        node.until_gone(id);
    }
}

#[test]
fn a_banned_persistent_peer_is_let_back_after_a_while() {
    let first = Node::start(fixed(1, &[]));
    let mut patient = fixed(2, &[&first]);
    patient.pace.persistent_ban = Duration::from_millis(300);
    let second = Node::start(patient);
    second.until_connected(first.id());
    second.peers.report(first.id(), Misbehaviour::InvalidBlock);
    second.until_gone(first.id());
    second.until_connected(first.id());
    let status = second.until_status("no ban", |status| status.bans.is_empty());
    assert_eq!((status.counts.bans, status.peers[0].score), (1, 0));
}

#[test]
fn a_peer_of_another_ledger_is_dropped() {
    let node = Node::start(config(1));
    let mut foreign = knowing(2, &node);
    foreign.ledger = Hash([8; 32]);
    let stranger = Node::start(foreign);
    // Whichever of the two hears of it first bans the other, and may leave it nothing to hear.
    node.until_status("one of them has banned the other", |status| {
        let bans = [(&status.bans, stranger.id()), (&stranger.peers.status().bans, node.id())];
        bans.iter().any(|(bans, other)| {
            bans.iter().any(|ban| ban.peer == *other && ban.reason == Misbehaviour::Stranger)
        })
    });
    let good = Node::start(knowing(3, &node));
    node.until("the first that is connected is the good one", |event| match event {
        PeerEvent::Connected { peer, .. } => Some(assert_eq!(peer, good.id())),
        _ => None,
    });
    assert!(stranger.peers.status().peers.is_empty());
}

#[test]
fn a_node_that_is_told_of_itself_does_not_dial_itself_for_ever() {
    let address = free_address();
    let mut mirror = fixed(1, &[]);
    mirror.listen = vec![address.clone()];
    mirror.persistent = vec![address];
    let node = Node::start(mirror);
    let other = Node::start(knowing(2, &node));
    node.until_connected(other.id());
    assert_eq!(node.peers.status().peers.len(), 1);
}

#[test]
fn there_are_no_more_inbound_peers_than_there_is_room_for_but_a_persistent_one_finds_a_place() {
    let friend = Node::start(fixed(4, &[]));
    let mut small = fixed(1, &[]);
    small.limits.inbound = 1;
    let friend_id = friend.id();
    // Known by its identity, at an address where it is not: it has to come by itself.
    small.persistent = vec![free_address().with_p2p(friend_id).expect("an address")];
    drop(friend);
    let node = Node::start(small);
    let first = Node::start(fixed(2, &[&node]));
    node.until_connected(first.id());
    let second = Node::start(fixed(3, &[&node]));
    let friend = Node::start(fixed(4, &[&node]));
    node.until_connected(friend.id());
    let status = node.peers.status();
    assert_eq!(status.peers.len(), 2, "{status:?}");
    assert!(status.peers.iter().all(|peer| peer.peer != second.id()));
}

#[test]
fn local_addresses_are_not_told_where_the_network_is_not_local() {
    let mut open = config(1);
    open.local = false;
    let first = Node::start(open);
    let mut second = knowing(2, &first);
    second.local = false;
    let second = Node::start(second);
    let mut third = knowing(3, &first);
    third.local = false;
    let third = Node::start(third);
    for node in [&second, &third] {
        node.until_connected(first.id());
    }
    first.until_status("both", |status| status.peers.len() == 2);
    assert_eq!(first.peers.status().addresses, 0);
    assert_eq!(second.peers.status().addresses, 0);
}

#[test]
fn a_line_stays_a_line_and_each_says_who_dialled() {
    let nodes = line(3);
    let status = nodes[1].peers.status();
    let direction_of = |at: usize| {
        let id = nodes[at].id();
        status.peers.iter().find(|peer| peer.peer == id).map(|peer| peer.direction)
    };
    assert_eq!(direction_of(0), Some(Direction::Outbound));
    assert_eq!(direction_of(2), Some(Direction::Inbound));
    nodes[1].peers.publish_transitions(batch(&["to both"])).expect("published");
    nodes[1].until_status("published", |status| status.counts.published == 1);
}
