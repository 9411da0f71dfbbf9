//! Questions and their answers, held against the ledger itself.

use std::collections::BTreeSet;

use chancery_api::projection::{
    HoldingCursor, HoldingsQuery, Order, Projected, ProjectionError, Projections, SearchQuery,
    Subject,
};
use chancery_ledger::execution::GENESIS_POSITION;
use chancery_ledger::hash::Hash;
use chancery_ledger::party::PartyId;

use crate::database::{Databases, meddle};
use crate::depot::{
    Act, Ask, Depot, FOUNDED, Ledger, ROOT, end, grant, hand, make, party, pick, put_down,
};

/// A ledger in which everything happens that can, and its projections.
fn day(databases: &dyn Databases) -> (Ledger, Projections) {
    let mut ledger = Ledger::found();
    let owned = Act::Make { id: "owned".into(), owner: Some(party(9)) };
    let life: [&[Ask]; 6] = [
        &[(vec![1], vec![make("a")]), (vec![1, 2], vec![make("b"), owned])],
        // The second loses the race for "c".
        &[(vec![1], vec![make("c")]), (vec![2], vec![make("c")]), (vec![3], vec![grant("p", 4)])],
        &[(vec![1], vec![hand("a", 2)]), (vec![2], vec![hand("a", 3)])],
        &[],
        &[(vec![3], vec![put_down("a"), end("p")]), (vec![5], vec![pick("a"), grant("p", 5)])],
        &[(vec![1, 6], vec![hand("b", 6), hand("c", 6)]), (vec![ROOT], vec![hand(FOUNDED, 1)])],
    ];
    for asks in life {
        ledger.block(asks);
    }
    let projections = project(&ledger, databases);
    (ledger, projections)
}

fn project(ledger: &Ledger, databases: &dyn Databases) -> Projections {
    let (projections, mut projector) =
        Projections::open(&databases.fresh(), ledger.view()).unwrap();
    projector.apply(&ledger.blocks).unwrap();
    projections
}

fn holdings(party: PartyId, as_of_height: Option<u64>) -> HoldingsQuery {
    let (relation, register, after) = (None, None, None);
    HoldingsQuery { party, relation, register, as_of_height, after, limit: 100 }
}

pub fn a_transition_is_found_by_its_id(databases: &dyn Databases) {
    let (ledger, projections) = day(databases);
    let mut seen = 0;
    for block in &ledger.blocks {
        for (position, ordered) in (block.first_position()..).zip(&block.ordered) {
            assert_eq!(projections.position_of(&ordered.transition.id).unwrap(), Some(position));
            seen += 1;
        }
    }
    assert_eq!(seen, ledger.view().tip().header.log_size);
    assert_eq!(projections.position_of(&Hash::of(&[b"another"])).unwrap(), None);
}

pub fn an_id_with_the_same_beginning_is_another(databases: &dyn Databases) {
    let (ledger, url) = (&mut Ledger::found(), databases.fresh());
    ledger.block(&[(vec![1], vec![make("a")]), (vec![1], vec![make("b")])]);
    let block = ledger.block(&[(vec![1], vec![make("c")])]);
    let (projections, mut projector) = Projections::open(&url, ledger.view()).unwrap();
    projector.apply(&ledger.blocks).unwrap();

    // Ids with 8 bytes in common cannot be made here: rows are, as if others had them too.
    let id = block.ordered[0].transition.id;
    let prefix = i64::from_be_bytes(id.as_bytes()[..8].try_into().unwrap());
    for other in [0, 1] {
        meddle(&url, &format!("INSERT INTO transition VALUES (0, {prefix}, {other})"));
    }
    assert_eq!(projections.position_of(&id).unwrap(), Some(2));
    let mut similar = id;
    similar.0[31] ^= 1;
    assert_eq!(projections.position_of(&similar).unwrap(), None);
}

pub fn the_history_of_an_object_is_complete(databases: &dyn Databases) {
    let (_ledger, projections) = day(databases);
    let history = |id, after, limit| {
        let rows = projections.history("depot", "crate", id, after, limit).unwrap().unwrap();
        let row = |row: chancery_api::projection::HistoryRow| {
            assert_eq!(row.register, "depot");
            (row.position, row.height, row.version, row.action)
        };
        rows.into_iter().map(row).collect::<Vec<_>>()
    };
    let of_a = [
        (0, 1, 1, "make".to_owned()),
        (5, 3, 2, "hand".to_owned()),
        (6, 3, 3, "hand".to_owned()),
        (7, 5, 4, "drop".to_owned()),
        (8, 5, 5, "pick".to_owned()),
    ];
    assert_eq!(history("a", None, 100), of_a);
    assert_eq!(history("a", None, 2), of_a[..2]);
    assert_eq!(history("a", Some(5), 2), of_a[2..4]);
    assert_eq!(history("a", Some(8), 2), []);
    let of_founded = [(GENESIS_POSITION, 0, 1, "found".to_owned()), (10, 6, 2, "hand".to_owned())];
    assert_eq!(history(FOUNDED, None, 100), of_founded);
    assert_eq!(history(FOUNDED, Some(GENESIS_POSITION), 100), of_founded[1..]);
    assert_eq!(projections.history("depot", "permit", "a", None, 9).unwrap(), None);
    assert_eq!(projections.history("nowhere", "crate", "a", None, 9).unwrap(), None);
    let permit = projections.history("permits", "permit", "p", None, 9).unwrap().unwrap();
    let made_by: Vec<_> = permit
        .iter()
        .map(|row| (row.position, row.register.as_str(), row.action.as_str()))
        .collect();
    assert_eq!(made_by, [(4, "permits", "grant"), (7, "permits", "end"), (8, "permits", "grant")]);
}

/// What the state says at a height: relation and id of everything that a party stands in a relation to.
fn held_in_state(ledger: &Ledger, party: PartyId, height: u64) -> BTreeSet<(String, String)> {
    let mut ids = BTreeSet::new();
    for block in &ledger.blocks {
        let changes = block.ordered.iter().flat_map(|ordered| &ordered.changes);
        for change in changes.chain(&block.founded) {
            ids.insert((change.register, change.kind, change.id.clone()));
        }
    }
    let mut held = BTreeSet::new();
    for (register, kind, id) in ids {
        let stored = ledger.view().object(register, kind, &id, height).unwrap();
        for (relation, holder) in stored.iter().flat_map(|it| Depot::relations(register, kind, it))
        {
            if holder == party.to_string() {
                held.insert((relation.to_owned(), id.clone()));
            }
        }
    }
    held
}

fn pairs(rows: &[chancery_api::projection::Holding]) -> BTreeSet<(String, String)> {
    rows.iter().map(|row| (row.relation.clone(), row.id.clone())).collect()
}

pub fn check_holdings(ledger: &Ledger, projections: &Projections, people: &[u8]) {
    for party in people.iter().map(|number| party(*number)) {
        for height in 0..=ledger.height() {
            let rows = projections.holdings(&holdings(party, Some(height))).unwrap();
            assert_eq!(pairs(&rows), held_in_state(ledger, party, height), "{party} at {height}");
            assert_eq!(rows.len(), pairs(&rows).len());
            for row in rows {
                assert!(row.from_height <= height);
                assert!(row.until_height.is_none_or(|until| until > height));
            }
        }
        let rows = projections.holdings(&holdings(party, None)).unwrap();
        assert_eq!(pairs(&rows), held_in_state(ledger, party, ledger.height()));
    }
}

pub fn holdings_are_those_of_the_state_at_every_height(databases: &dyn Databases) {
    let (ledger, projections) = day(databases);
    check_holdings(&ledger, &projections, &[1, 2, 3, 4, 5, 6, 9, ROOT]);
    let keeps = HoldingsQuery { relation: Some("keeper".into()), ..holdings(party(6), None) };
    let rows = projections.holdings(&keeps).unwrap();
    assert_eq!(rows.iter().map(|row| &row.id).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!((rows[0].from_position, rows[0].from_height), (9, 6));
    let permits = HoldingsQuery { register: Some("permits".into()), ..holdings(party(5), None) };
    let rows = projections.holdings(&permits).unwrap();
    assert_eq!((rows.len(), rows[0].kind.as_str(), rows[0].id.as_str()), (1, "permit", "p"));
    let founded = projections.holdings(&holdings(party(ROOT), Some(0))).unwrap();
    assert_eq!((founded[0].from_position, founded[0].until_height), (GENESIS_POSITION, Some(6)));
    let ahead = projections.holdings(&holdings(party(1), Some(7)));
    assert!(matches!(ahead, Err(ProjectionError::NotYetApplied { asked: 7 })));
}

pub fn what_begins_and_ends_in_one_block_leaves_its_trace(databases: &dyn Databases) {
    let mut ledger = Ledger::found();
    ledger.block(&[(vec![1], vec![make("a")])]);
    // From 1 to 2 and back, twice, in one block; and 3 holds it for no block at all.
    ledger.block(&[
        (vec![1], vec![hand("a", 2)]),
        (vec![2], vec![hand("a", 1)]),
        (vec![1], vec![hand("a", 3)]),
        (vec![3], vec![hand("a", 2)]),
        (vec![2], vec![hand("a", 1)]),
    ]);
    let projections = project(&ledger, databases);
    check_holdings(&ledger, &projections, &[1, 2, 3]);
    let lines = projections.dump().unwrap();
    let past = lines.iter().filter(|line| line.starts_with("past")).count();
    assert_eq!(past, 5, "{lines:#?}");
    let of_3 = SearchQuery { party: Some(party(3)), limit: 9, ..SearchQuery::default() };
    let found = projections.search(&of_3).unwrap().rows;
    assert_eq!(found.iter().map(|row| row.position).collect::<Vec<_>>(), [4, 3]);
}

/// Every transition of the log that a query asks for, judged one by one.
fn found_in_log(ledger: &Ledger, query: &SearchQuery) -> Vec<u64> {
    let mut found = Vec::new();
    for block in &ledger.blocks {
        for (position, ordered) in (block.first_position()..).zip(&block.ordered) {
            let signers = &ordered.transition.signers;
            let has_signed = |party: &PartyId| signers.iter().any(|signer| signer.party == *party);
            let concerns = |party: &PartyId| {
                ordered.changes.iter().any(|change| {
                    let of = |it: &[u8]| {
                        let relations = Depot::relations(change.register, change.kind, it);
                        let own = |(_, holder): &(&str, String)| *holder == party.to_string();
                        relations.into_iter().filter(own).collect::<BTreeSet<_>>()
                    };
                    change.before.as_deref().map(of).unwrap_or_default() != of(&change.after)
                })
            };
            let changed = |subject: &Subject| {
                let same = |change: &chancery_ledger::execution::Change| {
                    (change.register, change.kind, &change.id)
                        == (subject.register.as_str(), subject.kind.as_str(), &subject.id)
                };
                ordered.changes.iter().any(same)
            };
            let acts = &ordered.transition.actions;
            let of =
                |register: &String| acts.iter().any(|act| Depot::action_name(act).0 == register);
            if query.subject.as_ref().is_none_or(changed)
                && query.register.as_ref().is_none_or(of)
                && query.signer.as_ref().is_none_or(has_signed)
                && query.party.as_ref().is_none_or(|party| has_signed(party) || concerns(party))
                && (query.from.unwrap_or(0)..query.until.unwrap_or(u64::MAX)).contains(&position)
            {
                found.push(position);
            }
        }
    }
    if query.order == Order::Newest {
        found.reverse();
    }
    found
}

/// Walks all pages of a query.
fn found_in_pages(projections: &Projections, query: &SearchQuery) -> Vec<u64> {
    let mut query = query.clone();
    let mut found = Vec::new();
    loop {
        let page = projections.search(&query).unwrap();
        assert!(page.rows.len() <= query.limit);
        found.extend(page.rows.iter().map(|row| row.position));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return found,
        }
    }
}

pub fn check_searches(ledger: &Ledger, projections: &Projections, people: &[u8]) {
    let some = |list: &[&str]| -> Vec<Option<String>> {
        list.iter().map(|text| Some((*text).to_owned())).chain([None]).collect()
    };
    let people: Vec<Option<PartyId>> =
        people.iter().map(|number| Some(party(*number))).chain([None]).collect();
    for subject in some(&["a", "b", FOUNDED]) {
        let crates = |id| Subject { register: "depot".into(), kind: "crate".into(), id };
        let subject = subject.map(crates);
        for register in some(&["depot", "permits"]) {
            for (index, party) in people.iter().enumerate() {
                let signer = people[(index * 3 + 1) % people.len()];
                for (from, until) in [(None, None), (Some(2), Some(8)), (Some(8), Some(2))] {
                    for order in [Order::Oldest, Order::Newest] {
                        for signer in [None, signer] {
                            let query = SearchQuery {
                                subject: subject.clone(),
                                register: register.clone(),
                                signer,
                                party: *party,
                                from,
                                until,
                                order,
                                after: None,
                                hidden: Vec::new(),
                                under: None,
                                limit: 2,
                            };
                            let expected = found_in_log(ledger, &query);
                            assert_eq!(found_in_pages(projections, &query), expected, "{query:?}");
                        }
                    }
                }
            }
        }
    }
}

pub fn searches_find_what_the_log_says(databases: &dyn Databases) {
    let (ledger, projections) = day(databases);
    check_searches(&ledger, &projections, &[1, 2, 3, 5, 6]);
    let all = SearchQuery { limit: 100, ..SearchQuery::default() };
    for row in projections.search(&all).unwrap().rows {
        let place = ledger.view().place(row.position).unwrap();
        assert_eq!((row.id, row.height), (place.id, place.height));
    }
}

pub fn pages_are_complete_while_the_ledger_grows(databases: &dyn Databases) {
    let mut ledger = Ledger::found();
    let ids: Vec<String> = (0..10).map(|number| format!("crate {number}")).collect();
    ledger.block(&ids.iter().map(|id| (vec![1], vec![make(id)])).collect::<Vec<_>>());
    let height = ledger.height();
    let (projections, mut projector) =
        Projections::open(&databases.fresh(), ledger.view()).unwrap();
    projector.apply(&ledger.blocks).unwrap();

    let mut query = HoldingsQuery { limit: 3, ..holdings(party(1), Some(height)) };
    let mut search = SearchQuery { signer: Some(party(1)), limit: 3, ..SearchQuery::default() };
    let (mut held, mut found) = (Vec::new(), Vec::new());
    for round in 0..4 {
        let page = projections.holdings(&query).unwrap();
        let text = page.last().unwrap().cursor.to_string();
        query.after = Some(text.parse::<HoldingCursor>().unwrap());
        held.extend(page.into_iter().map(|row| row.id));
        let page = projections.search(&search).unwrap();
        found.extend(page.rows.iter().map(|row| row.position));
        search.after = page.next;
        // Between two pages everything changes hands, and what is on later pages goes and comes.
        let asks: Vec<Ask> = ids
            .iter()
            .map(|id| match round % 2 {
                0 => (vec![1], vec![hand(id, 2)]),
                _ => (vec![2], vec![hand(id, 1)]),
            })
            .chain([(vec![1], vec![make(&format!("later {round}"))])])
            .collect();
        projector.apply(&[ledger.block(&asks)]).unwrap();
    }
    assert_eq!(held, ids);
    assert_eq!(found, (0..10).rev().collect::<Vec<_>>());
    assert_eq!(projections.holdings(&query).unwrap(), []);
    for text in ["", "1", "1.2", "1.2.x", "1.2.3.4", "99999.1.1", "1.2.3 "] {
        assert!(text.parse::<HoldingCursor>().is_err(), "{text:?}");
    }
}

pub fn strangers_are_found_nowhere(databases: &dyn Databases) {
    let (_ledger, projections) = day(databases);
    let empty = |query: SearchQuery| {
        let page = projections.search(&SearchQuery { limit: 9, ..query }).unwrap();
        assert_eq!((page.rows.len(), page.next), (0, None));
    };
    empty(SearchQuery { signer: Some(party(77)), ..SearchQuery::default() });
    empty(SearchQuery { party: Some(party(77)), ..SearchQuery::default() });
    empty(SearchQuery { register: Some("nowhere".into()), ..SearchQuery::default() });
    empty(SearchQuery { from: Some(u64::MAX), ..SearchQuery::default() });
    empty(SearchQuery { after: Some(0), ..SearchQuery::default() });
    empty(SearchQuery { after: Some(u64::MAX), order: Order::Oldest, ..SearchQuery::default() });
    let odd = "'; DROP TABLE change; --\u{0}";
    let subject = Subject { register: "depot".into(), kind: "crate".into(), id: odd.into() };
    empty(SearchQuery { subject: Some(subject), ..SearchQuery::default() });
    let none = projections.search(&SearchQuery::default()).unwrap();
    assert_eq!((none.rows.len(), none.next), (0, None));
    assert_eq!(projections.holdings(&holdings(party(77), None)).unwrap(), []);
    let relation = HoldingsQuery { relation: Some(odd.into()), ..holdings(party(1), None) };
    assert_eq!(projections.holdings(&relation).unwrap(), []);
}
