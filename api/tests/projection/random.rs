//! Random blocks: rebuilt equals live, however the blocks were put together, and both equal the ledger.

use chancery_api::projection::{HoldingsQuery, Projections, rebuild};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::answers::{check_holdings, check_searches};
use crate::database::Databases;
use crate::depot::{
    Act, Ask, Depot, FOUNDED, Ledger, ROOT, end, grant, hand, make, party, pick, put_down,
};

const PEOPLE: [u8; 5] = [1, 2, 3, 4, ROOT];

fn act() -> impl Strategy<Value = Act> {
    let id = prop::sample::select(vec!["a", "b", "c", "d", "é|'\"", FOUNDED]);
    let who = prop::sample::select(PEOPLE.to_vec());
    (0..8_u8, id, who).prop_map(|(what, id, who)| match what {
        0 => make(id),
        1 => Act::Make { id: id.into(), owner: Some(party(who)) },
        2..=4 => hand(id, who),
        5 => put_down(id),
        6 => pick(id),
        _ if id < "b" => grant(id, who),
        _ => end("a"),
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    let signers = prop::sample::subsequence(PEOPLE.to_vec(), 1..3).prop_shuffle();
    (signers, prop::collection::vec(act(), 1..4))
}

/// Blocks, and after which of them the projector is stopped and opened again, or goes on with the
/// next in another transaction.
fn life() -> impl Strategy<Value = Vec<(Vec<Ask>, u8)>> {
    prop::collection::vec((prop::collection::vec(ask(), 0..12), 0..4_u8), 1..12)
}

pub fn rebuilt_equals_live(databases: &dyn Databases) {
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let check = |life: Vec<_>| {
        check(databases, &life);
        Ok(())
    };
    TestRunner::new(config).run(&life(), check).unwrap();
}

fn check(databases: &dyn Databases, life: &[(Vec<Ask>, u8)]) {
    let (mut ledger, live) = (Ledger::found(), databases.fresh());
    let (mut projections, mut projector) = Projections::open(&live, ledger.view()).unwrap();
    let mut waiting = ledger.blocks.clone();
    for (asks, then) in life {
        waiting.push(ledger.block(asks));
        if *then > 0 {
            projector.apply(&std::mem::take(&mut waiting)).unwrap();
        }
        if *then == 2 {
            (projections, projector) = Projections::open(&live, ledger.view()).unwrap();
        }
    }
    projector.apply(&waiting).unwrap();
    let rows = projections.dump().unwrap();

    let fresh = databases.fresh();
    assert_eq!(rebuild(&fresh, ledger.view(), &Depot).unwrap(), Some(ledger.height()));
    let (rebuilt, _) = Projections::open(&fresh, ledger.view()).unwrap();
    assert_eq!(rebuilt.dump().unwrap(), rows);
    // Cursors carry numbers of the tables: those are the same too.
    for number in PEOPLE {
        let query = HoldingsQuery {
            party: party(number),
            relation: None,
            register: None,
            as_of_height: Some(ledger.height() / 2),
            after: None,
            limit: 100,
        };
        assert_eq!(rebuilt.holdings(&query).unwrap(), projections.holdings(&query).unwrap());
    }
    drop(projector);
    assert_eq!(rebuild(&live, ledger.view(), &Depot).unwrap(), Some(ledger.height()));
    assert_eq!(projections.dump().unwrap(), rows);
    check_holdings(&ledger, &rebuilt, &PEOPLE);
    if life.len() < 4 {
        check_searches(&ledger, &rebuilt, &PEOPLE);
    }
}
