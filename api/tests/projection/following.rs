//! Following the ledger: in order, through stops and failures, and never another ledger.

use std::time::Duration;

use chancery_api::projection::{DatabaseUrl, ProjectionError, Projections, SqlError, rebuild};
use chancery_ledger::chain;

use crate::database::{Databases, meddle};
use crate::depot::{Depot, Ledger, grant, hand, make};

/// A few blocks in which relations begin and end.
fn ledger() -> Ledger {
    let mut ledger = Ledger::found();
    ledger.block(&[(vec![1], vec![make("a")]), (vec![2], vec![make("b")])]);
    ledger.block(&[(vec![1], vec![hand("a", 2)])]);
    ledger.block(&[(vec![2], vec![hand("a", 3), hand("b", 3)]), (vec![4], vec![grant("p", 1)])]);
    ledger.block(&[(vec![3], vec![hand("a", 1)])]);
    ledger
}

/// The rows of a database that has followed the ledger without any trouble.
fn as_it_should_be(ledger: &Ledger, databases: &dyn Databases) -> Vec<String> {
    let (projections, mut projector) =
        Projections::open(&databases.fresh(), ledger.view()).unwrap();
    for block in &ledger.blocks {
        projector.apply(std::slice::from_ref(block)).unwrap();
    }
    projections.dump().unwrap()
}

fn rows_of(url: &DatabaseUrl, ledger: &Ledger) -> Vec<String> {
    Projections::open(url, ledger.view()).unwrap().0.dump().unwrap()
}

pub fn a_gap_is_refused(databases: &dyn Databases) {
    let ledger = ledger();
    let (projections, mut projector) =
        Projections::open(&databases.fresh(), ledger.view()).unwrap();
    assert_eq!(projections.applied_height(), None);
    let gap = |result, expected, found| match result {
        Err(ProjectionError::Gap { expected: e, found: f }) => {
            assert_eq!((e, f), (expected, found))
        }
        other => panic!("{other:?}"),
    };
    gap(projector.apply(&ledger.blocks[1..]), 0, 1);
    projector.apply(&ledger.blocks[..2]).unwrap();
    gap(projector.apply(&ledger.blocks[3..]), 2, 3);
    gap(projector.apply(&ledger.blocks[1..]), 2, 1);
    gap(projector.apply(&[ledger.blocks[2].clone(), ledger.blocks[4].clone()]), 3, 4);
    let mut other = Ledger::found();
    other.block(&[(vec![1], vec![make("another")])]);
    let block = other.block(&[(vec![1], vec![make("c")])]);
    gap(projector.apply(&[block]), 2, 2);
    assert_eq!(projections.applied_height(), Some(1));
    projector.apply::<Depot>(&[]).unwrap();
    projector.apply(&ledger.blocks[2..]).unwrap();
    assert_eq!(projections.dump().unwrap(), as_it_should_be(&ledger, databases));
}

pub fn another_ledger_is_refused(databases: &dyn Databases) {
    let (ledger, other, url) = (ledger(), Ledger::named("another"), databases.fresh());
    Projections::open(&url, ledger.view()).unwrap().1.catch_up(&Depot).unwrap();
    let refused = Projections::open(&url, other.view());
    assert!(matches!(refused.err(), Some(ProjectionError::OtherLedger { .. })));
    assert!(rebuild(&url, other.view(), &Depot).is_err());
    assert_eq!(rows_of(&url, &ledger), as_it_should_be(&ledger, databases));
}

/// The folder of the ledger was put back from a copy, and went another way from there.
pub fn another_chain_is_projected_anew(databases: &dyn Databases) {
    let (ledger, url) = (ledger(), databases.fresh());
    Projections::open(&url, ledger.view()).unwrap().1.catch_up(&Depot).unwrap();
    let mut shorter = Ledger::found();
    shorter.block(&[(vec![1], vec![make("a")])]);
    let mut longer = Ledger::found();
    for number in 0..9 {
        longer.block(&[(vec![5], vec![make(&number.to_string())])]);
    }
    for other in [shorter, longer] {
        let (projections, mut projector) = Projections::open(&url, other.view()).unwrap();
        assert_eq!(projections.applied_height(), None);
        projector.catch_up(&Depot).unwrap();
        assert_eq!(projections.dump().unwrap(), as_it_should_be(&other, databases));
    }
}

pub fn a_later_database_is_refused(databases: &dyn Databases) {
    let (ledger, url) = (ledger(), databases.fresh());
    drop(Projections::open(&url, ledger.view()).unwrap());
    meddle(&url, "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')");
    let refused = Projections::open(&url, ledger.view());
    assert!(
        matches!(refused.err(), Some(ProjectionError::Sql(SqlError::Newer(version))) if version.starts_with("2099"))
    );
}

pub fn two_writers_notice_each_other(databases: &dyn Databases) {
    let (ledger, url) = (ledger(), databases.fresh());
    let (_one, mut one) = Projections::open(&url, ledger.view()).unwrap();
    let (_two, mut two) = Projections::open(&url, ledger.view()).unwrap();
    one.apply(&ledger.blocks[..1]).unwrap();
    assert!(matches!(two.apply(&ledger.blocks[..2]), Err(ProjectionError::OtherWriter)));
    // It has looked again since, and knows where the rows are.
    two.catch_up(&Depot).unwrap();
    assert!(matches!(one.apply(&ledger.blocks[1..]), Err(ProjectionError::OtherWriter)));
    assert_eq!(rows_of(&url, &ledger), as_it_should_be(&ledger, databases));
}

pub fn dropped_in_the_middle_it_goes_on(databases: &dyn Databases) {
    let ledger = ledger();
    let expected = as_it_should_be(&ledger, databases);
    for applied in 0..=ledger.blocks.len() {
        let url = databases.fresh();
        let (_, mut projector) = Projections::open(&url, ledger.view()).unwrap();
        projector.apply(&ledger.blocks[..applied]).unwrap();
        drop(projector);
        let (projections, mut projector) = Projections::open(&url, ledger.view()).unwrap();
        assert_eq!(projections.applied_height(), (applied as u64).checked_sub(1));
        projector.catch_up(&Depot).unwrap();
        assert_eq!(projections.dump().unwrap(), expected);
        assert_eq!(projections.applied_height(), Some(ledger.height()));
    }
}

pub fn a_failure_leaves_whole_blocks(databases: &dyn Databases) {
    let (ledger, url) = (ledger(), databases.fresh());
    let (projections, mut projector) = Projections::open(&url, ledger.view()).unwrap();
    projector.apply(&ledger.blocks[..2]).unwrap();
    let before = projections.dump().unwrap();
    // The last table to be written is gone: everything before it was written, and must not stay.
    meddle(&url, "ALTER TABLE past_relation RENAME TO away");
    assert!(matches!(
        projector.apply(&ledger.blocks[2..]),
        Err(ProjectionError::Sql(SqlError::Query(_)))
    ));
    assert_eq!(projections.applied_height(), Some(1));
    meddle(&url, "ALTER TABLE away RENAME TO past_relation");
    assert_eq!(projections.dump().unwrap(), before);
    projector.apply(&ledger.blocks[2..]).unwrap();
    assert_eq!(projections.dump().unwrap(), as_it_should_be(&ledger, databases));
}

pub fn the_thread_fills_what_was_dropped(databases: &dyn Databases) {
    let mut ledger = ledger();
    let (projections, projector) = Projections::open(&databases.fresh(), ledger.view()).unwrap();
    let (sender, receiver) = crossbeam_channel::bounded(2);
    let thread = std::thread::spawn(move || projector.run(receiver));
    for number in 0..60 {
        let block = ledger.block(&[(vec![1], vec![make(&format!("crate {number}"))])]);
        // The last ones are dropped for certain, and nothing follows that would show it.
        if number % 3 == 0 && number < 50 {
            let _ = sender.try_send(block);
        }
    }
    wait_for(&projections, ledger.height());
    let last = ledger.block(&[(vec![1], vec![hand("crate 1", 2)])]);
    sender.send(last).unwrap();
    drop(sender);
    thread.join().unwrap();
    assert_eq!(projections.applied_height(), Some(ledger.height()));
    assert_eq!(projections.dump().unwrap(), as_it_should_be(&ledger, databases));
}

pub fn the_thread_outlives_a_failing_database(databases: &dyn Databases) {
    let (mut ledger, url) = (ledger(), databases.fresh());
    let (projections, mut projector) = Projections::open(&url, ledger.view()).unwrap();
    projector.catch_up(&Depot).unwrap();
    let (sender, receiver) = crossbeam_channel::bounded(1);
    let thread = std::thread::spawn(move || projector.run(receiver));
    meddle(&url, "ALTER TABLE change RENAME TO away");
    // Sending waits for nothing, however long the database is away.
    for number in 0..30 {
        let block = ledger.block(&[(vec![2], vec![make(&format!("crate {number}"))])]);
        sender.send_timeout(block, Duration::from_secs(5)).unwrap();
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(projections.progress().fault.is_some());
    meddle(&url, "ALTER TABLE away RENAME TO change");
    wait_for(&projections, ledger.height());
    assert!(projections.progress().fault.is_none());
    drop(sender);
    thread.join().unwrap();
    assert_eq!(projections.dump().unwrap(), as_it_should_be(&ledger, databases));
}

pub fn readers_wait_for_a_height(databases: &dyn Databases) {
    let ledger = ledger();
    let (projections, mut projector) =
        Projections::open(&databases.fresh(), ledger.view()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let waits = tokio::spawn({
            let projections = projections.clone();
            async move { projections.reached(3).await }
        });
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        projector.apply(&ledger.blocks[..3]).unwrap();
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        projector.apply(&ledger.blocks[3..4]).unwrap();
        assert!(waits.await.unwrap());
        drop(projector);
        assert!(projections.reached(3).await);
        assert!(!projections.reached(4).await);
    });
}

fn wait_for(projections: &Projections, height: u64) {
    for _ in 0..400 {
        if projections.applied_height() == Some(height) {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("the projections are at {:?}, not at {height}", projections.progress());
}

/// A crash while rebuilding leaves what catching up goes on with.
#[test]
fn a_rebuild_broken_off_goes_on() {
    let (ledger, databases) = (ledger(), crate::Files::new());
    let url = databases.fresh();
    assert_eq!(rebuild(&url, ledger.view(), &Depot).unwrap(), Some(ledger.height()));
    let expected = as_it_should_be(&ledger, &databases);
    assert_eq!(rows_of(&url, &ledger), expected);
    // As it stands after emptying and one batch.
    let again = databases.fresh();
    let (_, mut projector) = Projections::open(&again, ledger.view()).unwrap();
    let block = chain::replay(&ledger.view(), &std::sync::Arc::new(Depot), 0).unwrap();
    projector.apply(&[std::sync::Arc::new(block)]).unwrap();
    drop(projector);
    Projections::open(&again, ledger.view()).unwrap().1.catch_up(&Depot).unwrap();
    assert_eq!(rows_of(&again, &ledger), expected);
}
