//! Strangers that speak less than the protocol, or more: the node stays up, bounded, and bans.

mod stranger;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use chancery_api::peers::{Misbehaviour, Multiaddr, NotTaken, PeerEvent, Rate};
use libp2p::multiaddr::Protocol;

use self::stranger::{Line, asker, mute, shouter};
use crate::node::{Node, PATIENCE, batch, config, fixed, introduce};

fn connect(address: &Multiaddr) -> TcpStream {
    let port = address.iter().find_map(|part| match part {
        Protocol::Tcp(port) => Some(port),
        _ => None,
    });
    let stream = TcpStream::connect(("127.0.0.1", port.expect("a port"))).expect("connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    stream
}

/// Reads until the other side has closed.
fn until_closed(mut stream: TcpStream) {
    let mut buffer = [0; 1_024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return,
            Err(error) => panic!("the node did not close the connection: {error}"),
        }
    }
}

/// A good peer finds its way in, and what it publishes is heard.
fn is_well(node: &Node) {
    let good = Node::start(fixed(99, &[node]));
    good.until_connected(node.id());
    introduce(&good, node);
}

fn impatient() -> Node {
    let mut config = config(1);
    config.pace.handshake = Duration::from_millis(400);
    Node::start(config)
}

#[test]
fn random_bytes_end_a_connection_and_nothing_else() {
    let node = Node::start(config(1));
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    for _ in 0..20 {
        let mut stream = connect(&node.address);
        let bytes: Vec<u8> = (0..20_000).map(|_| random()).collect();
        // The node may close while this is being written.
        let _ = stream.write_all(&bytes);
        until_closed(stream);
    }
    is_well(&node);
}

#[test]
fn who_stops_in_the_middle_of_the_handshake_is_not_waited_for() {
    let node = impatient();
    let beginnings: [&[u8]; 4] =
        [b"", b"\x13/multistream/1.0.0\n", b"\x13/multi", b"\x13/multistream/1.0.0\n\x07/noise\n"];
    let streams: Vec<TcpStream> = beginnings
        .iter()
        .map(|beginning| {
            let mut stream = connect(&node.address);
            stream.write_all(beginning).expect("written");
            stream
        })
        .collect();
    for stream in streams {
        until_closed(stream);
    }
    is_well(&node);
}

#[test]
fn so_many_handshakes_are_under_way_at_once_and_no_more() {
    let mut narrow = config(1);
    narrow.limits.handshakes = 4;
    narrow.pace.handshake = Duration::from_millis(400);
    let node = Node::start(narrow);
    let streams: Vec<TcpStream> = (0..40).map(|_| connect(&node.address)).collect();
    for stream in streams {
        until_closed(stream);
    }
    is_well(&node);
}

#[test]
fn one_address_gets_only_its_share_where_it_is_not_exempt() {
    let mut open = config(1);
    open.local = false;
    open.limits.connections_per_address = 3;
    let node = Node::start(open);
    let kept: Vec<TcpStream> = (0..3).map(|_| connect(&node.address)).collect();
    until_closed(connect(&node.address));
    drop(kept);
    is_well(&node);
}

#[test]
fn who_connects_and_says_nothing_is_dropped() {
    let node = impatient();
    let mut silent = mute();
    silent.dial(&node.address);
    silent.until_closed();
    let told = node.events.try_iter().any(|event| matches!(event, PeerEvent::Connected { .. }));
    assert!(!told);
    is_well(&node);
}

#[test]
fn requests_of_a_wrong_form_are_held_against_the_peer() {
    let node = Node::start(config(1));
    let mut stranger = asker();
    let id = stranger.id();
    stranger.dial(&node.address);
    // One is said to have four gigabytes, one is not a request.
    stranger.ask(Line::Bytes(vec![0xff; 4]));
    stranger.ask(Line::Bytes(b"\0\0\0\x03\x09ab".to_vec()));
    stranger.until_closed();
    let status = node.until_status("a ban", |status| !status.bans.is_empty());
    assert_eq!((status.bans[0].peer, status.bans[0].reason), (id, Misbehaviour::Malformed));
    is_well(&node);
}

#[test]
fn requests_that_never_end_take_no_place_from_others() {
    let mut quick = config(1);
    quick.pace.answer = Duration::from_millis(400);
    let node = Node::start(quick);
    let mut stranger = asker();
    stranger.dial(&node.address);
    for _ in 0..100 {
        // A length, and less than so many bytes.
        stranger.ask(Line::Unfinished(b"\0\0\x10\0abc".to_vec()));
    }
    stranger.until_failed(100);
    assert_eq!(node.peers.status().counts.requests, 0);
    is_well(&node);
}

#[test]
fn a_message_that_is_too_long_is_not_taken_in() {
    let node = Node::start(config(1));
    let received = || node.peers.status().counts.received;
    let mut stranger = shouter();
    stranger.dial(&node.address);
    stranger.shout("transitions", 600_000);
    // Another's that is within bounds arrives meanwhile: there was time for this one.
    let mut other = shouter();
    other.dial(&node.address);
    other.shout("transitions", 200_000);
    for _ in 0..20 {
        stranger.go_on_for(Duration::from_millis(10));
        other.go_on_for(Duration::from_millis(10));
    }
    other.go_on_until("the one within bounds arrives", || received() > 0);
    let status = node.peers.status();
    assert_eq!(status.counts.received, 1);
    assert!(status.counts.received_bytes <= 200_000, "{status:?}");
    is_well(&node);
}

#[test]
fn a_message_of_a_wrong_form_is_held_against_the_peer_without_asking_the_node() {
    let node = Node::start(config(1));
    let mut stranger = shouter();
    let id = stranger.id();
    stranger.dial(&node.address);
    stranger.shout("transitions", 1_000);
    stranger.shout("blocks", 2_000);
    stranger.go_on_until("a ban", || !node.peers.status().bans.is_empty());
    let status = node.until_status("a ban", |status| !status.bans.is_empty());
    assert_eq!((status.bans[0].peer, status.bans[0].reason), (id, Misbehaviour::Malformed));
    assert_eq!(status.counts.rejected, 2);
    let heard = node.events.try_iter().any(|e| matches!(e, PeerEvent::Transitions { .. }));
    assert!(!heard);
    is_well(&node);
}

#[test]
fn a_flood_is_bounded_while_the_node_does_not_even_look_and_its_sender_is_banned() {
    let mut careful = config(1);
    careful.limits.judgements = 16;
    careful.limits.gossip_messages = Rate { burst: 60, per_second: 0 };
    careful.limits.forgiven_per_minute = 0;
    let node = Node::start(careful);
    let flooder = Node::start(fixed(2, &[&node]));
    flooder.until_connected(node.id());
    introduce(&flooder, &node);
    for number in 0_u64.. {
        match flooder.peers.publish_transitions(batch(&[&format!("{number}")])) {
            Ok(()) => {}
            Err(NotTaken::Busy) => std::thread::yield_now(),
            Err(NotTaken::Malformed | NotTaken::Ended) => panic!("not taken"),
        }
        if !node.peers.status().bans.is_empty() {
            break;
        }
    }
    let status = node.peers.status();
    assert_eq!(status.bans[0].reason, Misbehaviour::Flood);
    assert!(status.counts.dropped >= 100, "{status:?}");
    let waiting = node.events.try_iter().filter(|e| matches!(e, PeerEvent::Transitions { .. }));
    assert!(waiting.count() <= 16);
    is_well(&node);
}

#[test]
fn bytes_that_wait_to_be_published_are_bounded() {
    let mut small = config(1);
    small.limits.publishing_bytes = 1_000;
    let node = Node::start(small);
    let large = "x".repeat(1_001);
    assert_eq!(node.peers.publish_transitions(batch(&[&large])), Err(NotTaken::Busy));
    for _ in 0..10 {
        let sent = node.peers.publish_transitions(batch(&[&large[..900]]));
        assert!(matches!(sent, Ok(()) | Err(NotTaken::Busy)));
        node.until_status("it is on its way", |status| status.counts.published > 0);
    }
}
