//! What waits for a block: bounded, fair among signers, and gone when it has expired.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::sync::Arc;

use chancery_ledger::consensus::Mempool;
use chancery_ledger::consensus::mempool::{Added, MempoolLimits};
use chancery_ledger::transition::{Admitted, KeyCache};
use common::{BoxAction, admission, fill, key, signed, time};

fn admitted(bytes: &[u8]) -> Arc<Admitted<BoxAction>> {
    Arc::new(admission().admit(bytes, time(0), &mut KeyCache::default()).unwrap())
}

fn by(signer: u8, id: &str) -> Arc<Admitted<BoxAction>> {
    admitted(&fill(&key(signer), id, &format!("{signer}-{id}"), 1))
}

fn mempool(transitions: usize, bytes: usize, transitions_each: usize) -> Mempool<BoxAction> {
    Mempool::new(MempoolLimits { transitions, bytes, transitions_each })
}

#[test]
fn each_bound_holds_and_room_comes_back() {
    let one = by(1, "1");
    let len = one.bytes().len();
    for (mut mempool, next) in [
        (mempool(1, 100 * len, 9), by(2, "2")),
        (mempool(9, len, 9), by(2, "2")),
        (mempool(9, 100 * len, 1), by(1, "2")),
    ] {
        assert_eq!(mempool.add(one.clone()), Added::Waits);
        assert_eq!(mempool.add(one.clone()), Added::Known);
        assert_eq!(mempool.add(next.clone()), Added::Full);
        assert_eq!((mempool.len(), mempool.bytes()), (1, len));
        assert!(mempool.remove(&one.id).is_some());
        assert!(mempool.remove(&one.id).is_none());
        assert_eq!((mempool.is_empty(), mempool.bytes()), (true, 0));
        assert_eq!(mempool.add(next), Added::Waits);
    }
}

#[test]
fn one_who_sends_much_delays_only_itself() {
    let mut mempool = mempool(100, 1 << 20, 100);
    let many: Vec<_> = (0..10).map(|number| by(1, &number.to_string())).collect();
    let other = by(2, "late");
    for transition in many.iter().chain([&other]) {
        assert_eq!(mempool.add(transition.clone()), Added::Waits);
    }
    let ids = |count| -> Vec<_> {
        mempool.select(count, 1 << 20).iter().map(|transition| transition.id).collect()
    };
    // Where all fit, they come in the order of arrival; else each signer has a turn.
    let all: Vec<_> = many.iter().chain([&other]).map(|transition| transition.id).collect();
    assert_eq!(ids(11), all);
    assert_eq!(ids(3), [many[0].id, many[1].id, other.id]);
    assert_eq!(ids(0), []);
}

#[test]
fn a_transition_is_known_by_its_exact_bytes_alone() {
    let mut mempool = mempool(9, 1 << 20, 9);
    let bytes = fill(&key(1), "1", "a", 1);
    assert_eq!(mempool.add(admitted(&bytes)), Added::Waits);
    assert!(mempool.with_bytes(&bytes).is_some());
    let mut spaced = bytes.clone();
    spaced.push(b' ');
    assert!(mempool.with_bytes(&spaced).is_none());
}

#[test]
fn what_has_expired_is_taken_out() {
    let mut mempool = mempool(9, 1 << 20, 9);
    let until = |id: &str, ms| {
        let action = BoxAction::Fill { name: id.into(), level: 1 };
        admitted(&signed(&key(1), id, time(ms), vec![action]))
    };
    let (soon, later) = (until("soon", 1_000), until("later", 2_000));
    mempool.add(later.clone());
    mempool.add(soon.clone());
    assert!(mempool.remove_expired(time(1_000)).is_empty());
    let expired = mempool.remove_expired(time(1_001));
    assert_eq!(expired.iter().map(|it| it.id).collect::<Vec<_>>(), [soon.id]);
    assert!(mempool.get(&later.id).is_some());
}
