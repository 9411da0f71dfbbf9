//! What the address book takes in, forgets and keeps.

use super::*;

fn book(most: usize) -> Book {
    Book::new(most, false, PeerId::random(), Duration::from_secs(1))
}

fn address(text: &str) -> Multiaddr {
    text.parse().expect("an address")
}

fn public(number: usize) -> Multiaddr {
    address(&format!("/ip4/{}.{}.0.1/tcp/27000", 11 + number / 256, number % 256))
}

#[test]
fn nobody_fills_the_book_alone_or_with_one_neighbourhood() {
    let mut book = book(160);
    let teller = PeerId::random();
    for number in 0..100 {
        book.hear(PeerId::random(), public(number), teller);
    }
    assert_eq!(book.len(), 10);
    for _ in 0..100 {
        book.hear(PeerId::random(), address("/ip4/203.0.113.7/tcp/27000"), PeerId::random());
    }
    assert_eq!(book.len(), 20);
    for number in 0..1_000 {
        book.hear(PeerId::random(), public(number), PeerId::random());
    }
    assert_eq!(book.len(), 160);
}

#[test]
fn hearsay_never_takes_the_place_of_what_works() {
    let mut book = book(8);
    let friend = PeerId::random();
    book.works(friend, public(1), 1_000);
    book.hear(friend, public(2), PeerId::random());
    assert_eq!(book.choose(Instant::now(), |_, _| true), Some((friend, public(1))));
    for number in 0..20 {
        book.hear(PeerId::random(), public(10 + number), PeerId::random());
    }
    assert_eq!(book.len(), 8);
    let other = PeerId::random();
    book.works(other, public(3), 2_000);
    assert_eq!(book.len(), 8);
    let known = book.sample(64, |_| false);
    assert!(known.contains(&(friend, public(1))) && known.contains(&(other, public(3))));
}

#[test]
fn what_fails_is_left_alone_longer_and_longer_and_then_forgotten() {
    let mut book = book(8);
    let peer = PeerId::random();
    book.hear(peer, public(1), PeerId::random());
    let now = Instant::now();
    book.fails(&peer, now);
    assert_eq!(book.choose(now + Duration::from_secs(1), |_, _| true), None);
    assert!(book.choose(now + Duration::from_secs(2), |_, _| true).is_some());
    for _ in 1..FAILURES_UNPROVEN {
        book.fails(&peer, now);
    }
    assert_eq!(book.len(), 0);
}

#[test]
fn names_local_addresses_and_the_node_itself_are_not_taken_in() {
    let mut book = book(8);
    let teller = PeerId::random();
    for text in ["/dns4/example.org/tcp/1", "/ip4/127.0.0.1/tcp/1", "/ip4/10.0.0.1/tcp/1"] {
        book.hear(PeerId::random(), address(text), teller);
    }
    book.hear(book.own, public(1), teller);
    assert_eq!(book.len(), 0);
}

#[test]
fn it_is_kept_and_read_back_and_a_damaged_file_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("peers.json");
    let mut first = book(8);
    let friend = PeerId::random();
    first.works(friend, public(1), 1_000);
    first.hear(PeerId::random(), public(2), friend);
    let bytes = first.changes().expect("it has changed");
    assert_eq!(first.changes(), None);
    keep(&path, &bytes).expect("kept");
    keep(&path, &bytes).expect("kept again");

    let mut second = book(8);
    second.load(&path).expect("read");
    assert_eq!(second.len(), 2);
    assert_eq!(second.sample(64, |_| false), [(friend, public(1))]);

    fs::write(&path, &bytes[..bytes.len() / 2]).expect("damaged");
    assert!(book(8).load(&path).is_err());
    assert!(book(8).load(&folder.path().join("absent.json")).is_ok());
}
