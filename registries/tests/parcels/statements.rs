//! EPCIS events that a carrier states: taken as they are, and nothing moves.

use chancery_ledger::hash::Hash;
use chancery_registries::parcels::{
    Direction, EventKind, EventStatement, MAX_TRAIL, Parcel, ParcelNumber, State, custody_chain,
    statement_id,
};
use serde_json::{Value, json};

use crate::cases::Case;
use crate::common::{Actor, DAY};
use crate::post::{Post, with};

/// What a reader in a hall saw.
pub(crate) fn event(post: &Post, document: &str) -> Value {
    json!({
        "type": "object-event", "action": "observe", "event_time": post.now(), "offset": "+08:00",
        "biz_step": "receiving", "disposition": "in_progress",
        "read_point": "urn:epc:id:sgln:0614141.00777.0", "document": Hash::of(&[document.as_bytes()]),
    })
}

/// The carrier states an event about a parcel.
pub(crate) fn statement(post: &Post, number: &str, document: &str) -> Value {
    let fields = json!({
        "parcel": number, "by": post.carrier.id, "event": event(post, document),
    });
    post.stated("state-event", fields)
}

fn stated_by(post: &mut Post, by: Actor) -> &'static str {
    let number = post.registers();
    let action = with(statement(post, &number, "one"), "/by", json!(by.id));
    post.refuses(action, &[by])
}

fn with_event(pointer: &str, value: Value) -> impl Fn(&mut Post) -> &'static str {
    let pointer = format!("/event/{pointer}");
    move |post| {
        let number = post.registers();
        let action = with(statement(post, &number, "one"), &pointer, value.clone());
        post.refuses(action, &[post.carrier])
    }
}

pub(crate) const CASES: &[Case] = &[
    ("parcel-unknown", "an event of nothing", |post| {
        let number = post.number();
        post.refuses(statement(post, &number, "one"), &[post.carrier])
    }),
    ("parcel-carriers-differ", "another carrier states it", |post| {
        let by = post.rival;
        stated_by(post, by)
    }),
    ("parcel-carriers-differ", "the custodian states it", |post| {
        let by = post.ana;
        stated_by(post, by)
    }),
    ("signer-missing", "the carrier has not signed", |post| {
        let number = post.registers();
        post.refuses(statement(post, &number, "one"), &[post.courier])
    }),
    ("not-accredited", "the carrier is one no longer", |post| {
        let number = post.registers();
        let end = json!({
            "register": "authorities", "action": "end", "accreditation": "carrier-carrier",
            "by": post.town.root().id, "reason": "closed",
        });
        let root = post.town.root_signs();
        post.try_signed(&[end], &root).unwrap();
        post.refuses(statement(post, &number, "one"), &[post.carrier])
    }),
    ("parcel-event-stated-before", "the same event again", |post| {
        let number = post.registers();
        post.does(statement(post, &number, "one"), &[post.carrier]);
        let again = with(statement(post, &number, "one"), "/event/biz_step", json!("loading"));
        post.refuses(again, &[post.carrier])
    }),
    ("parcel-changed-already", "two events of one parcel in one transition", |post| {
        let number = post.registers();
        let events = ["one", "two"].map(|document| statement(post, &number, document));
        post.try_all(&events, &[post.carrier]).unwrap_err().code.name
    }),
    ("parcel-device-time-ahead", "an event of tomorrow", |post| {
        let tomorrow = json!(post.town.in_ms(DAY));
        with_event("event_time", tomorrow)(post)
    }),
];

#[test]
fn what_is_no_event_is_not_read() {
    for (pointer, value) in [
        ("type", json!("transformation-event")),
        ("action", json!("OBSERVE")),
        ("event_time", json!("yesterday")),
        ("offset", json!("Z")),
        ("biz_step", json!("teleporting")),
        ("biz_step", json!("urn:epcglobal:cbv:bizstep:shipping")),
        ("disposition", json!("receiving")),
        ("read_point", json!("the hall")),
        ("biz_location", json!(format!("urn:{}", "x".repeat(200)))),
        ("parent", json!("")),
        ("document", json!("00")),
        ("document", Value::Null),
        ("quantity", json!(3)),
    ] {
        let mut post = Post::new();
        assert_eq!(
            with_event(pointer, value.clone())(&mut post),
            "bad-action",
            "{pointer} {value}"
        );
    }
}

#[test]
pub(crate) fn a_statement_is_seen_and_moves_nothing_in_any_state() {
    for (state, direction) in [
        (State::Registered, Direction::Forward),
        (State::InTransit, Direction::Forward),
        (State::Lost, Direction::Forward),
        (State::Delivered, Direction::Forward),
        (State::Returned, Direction::Return),
    ] {
        let mut post = Post::new();
        let (number, _) = post.parcel_that_is(state, direction);
        let before = post.parcel(&number);
        // An event says what it likes; it is the carrier's word and no more.
        let action = statement(&post, &number, "one");
        let action = with(action, "/event/disposition", json!("destroyed"));
        post.does(action, &[post.carrier]);

        let now = post.parcel(&number);
        assert_eq!((now.last.kind, now.last.by), (EventKind::Stated, post.carrier.id));
        assert_eq!(now.trail.last().unwrap().transition, now.last.transition);
        let said = now.last.stated.clone().unwrap();
        assert_eq!(said.disposition.unwrap().as_str(), "destroyed");
        assert_eq!(now, Parcel { last: now.last.clone(), trail: now.trail.clone(), ..before });
    }
}

#[test]
fn a_statement_stands_by_itself_and_can_be_corrected() {
    let mut post = Post::new();
    let (number, _) = post.parcel_that_is(State::AtOrigin, Direction::Forward);
    let chain = custody_chain(&post.history(&number)).len();
    post.does(statement(&post, &number, "one"), &[post.carrier]);
    let document = Hash::of(&[b"one"]);
    let id = statement_id(&number.parse::<ParcelNumber>().unwrap(), &document);
    let stands: EventStatement = post.town.get(&id).unwrap();
    assert_eq!((stands.by, stands.event.document), (post.carrier.id, document));

    let corrects = post.parcel(&number).last.transition;
    let fields = json!({
        "parcel": number, "by": post.carrier.id, "corrects": corrects, "statement": "wrong hall",
    });
    post.does(post.stated("correct", fields), &[post.carrier]);
    assert_eq!(custody_chain(&post.history(&number)).len(), chain);
}

#[test]
fn statements_do_not_make_a_parcel_grow() {
    let mut post = Post::new();
    let number = post.registers();
    for count in 0..2 * MAX_TRAIL {
        post.does(statement(&post, &number, &count.to_string()), &[post.carrier]);
    }
    let full = serde_json::to_string(&post.parcel(&number)).unwrap().len();
    post.does(statement(&post, &number, "one more"), &[post.carrier]);
    let parcel = post.parcel(&number);
    assert_eq!(
        (parcel.trail.len(), serde_json::to_string(&parcel).unwrap().len()),
        (MAX_TRAIL, full)
    );
}
