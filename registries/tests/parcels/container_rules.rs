//! Packing and unpacking: every rule broken once.

use chancery_registries::parcels::{Direction, State};
use serde_json::json;

use crate::cases::Case;
use crate::common::{Actor, DAY};
use crate::post::{BAG, Post, with};

/// Two parcels at the origin station.
fn two_at_origin(post: &mut Post) -> ([String; 2], Actor) {
    let (first, _) = post.parcel_that_is(State::AtOrigin, Direction::Forward);
    let (second, station) = post.parcel_that_is(State::AtOrigin, Direction::Forward);
    ([first, second], station)
}

/// The same in a bag.
fn bagged(post: &mut Post) -> ([String; 2], Actor) {
    let (numbers, station) = two_at_origin(post);
    post.does(post.packing(BAG, station, &numbers), &[station]);
    (numbers, station)
}

fn unpacking(post: &Post, by: Actor) -> serde_json::Value {
    post.seen("unpack", json!({ "container": BAG, "by": by.id }))
}

fn hold(post: &Post, number: &str) -> serde_json::Value {
    let fields = json!({
        "parcel": number, "by": post.customs.id, "kind": "customs", "reference": "C 1",
        "until": post.town.in_ms(DAY),
    });
    post.stated("hold", fields)
}

pub(crate) const CASES: &[Case] = &[
    ("parcel-number-taken", "a bag's number twice", |post| {
        let (_, station) = bagged(post);
        let (number, _) = post.parcel_that_is(State::AtOrigin, Direction::Forward);
        post.does(unpacking(post, station), &[station]);
        post.refuses(post.packing(BAG, station, &[number]), &[station])
    }),
    ("parcel-number-of-other-carrier", "a bag with the rival's number", |post| {
        let (numbers, station) = two_at_origin(post);
        let bag = format!("{}-BAG1", post.rival.id);
        post.refuses(post.packing(&bag, station, &numbers), &[station])
    }),
    ("bad-action", "an S10 for a bag", |post| {
        let (numbers, station) = two_at_origin(post);
        let number = post.number();
        post.refuses(post.packing(&number, station, &numbers), &[station])
    }),
    ("bad-action", "a parcel twice in a bag", |post| {
        let ([number, _], station) = two_at_origin(post);
        post.refuses(post.packing(BAG, station, &[number.clone(), number]), &[station])
    }),
    ("signer-missing", "nobody signs the packing", |post| {
        let (numbers, station) = two_at_origin(post);
        post.refuses(post.packing(BAG, station, &numbers), &[])
    }),
    ("parcel-unknown", "no such parcel to pack", |post| {
        let number = post.number();
        post.refuses(post.packing(BAG, post.origin, &[number]), &[post.origin])
    }),
    ("parcel-not-custodian", "packed by who has it not", |post| {
        let (numbers, _) = two_at_origin(post);
        post.refuses(post.packing(BAG, post.hub, &numbers), &[post.hub])
    }),
    ("parcel-in-container", "packed twice", |post| {
        let ([number, _], station) = bagged(post);
        let bag = format!("{}-BAG2", post.carrier.id);
        post.refuses(post.packing(&bag, station, &[number]), &[station])
    }),
    ("parcel-carriers-differ", "parcels of two carriers in a bag", |post| {
        let first = post.registers();
        let second = post.number();
        let action = with(post.registration(&second), "/carrier", json!(post.rival.id));
        post.does(action, &[post.ana, post.rival]);
        post.refuses(post.packing(BAG, post.ana, &[first, second]), &[post.ana])
    }),
    ("parcel-state-forbids", "what is lost is packed", |post| {
        let (number, holder) = post.parcel_that_is(State::Lost, Direction::Forward);
        post.refuses(post.packing(BAG, holder, &[number]), &[holder])
    }),
    ("parcel-closed", "what is delivered is packed", |post| {
        let (number, bo) = post.parcel_that_is(State::Delivered, Direction::Forward);
        post.refuses(post.packing(BAG, bo, &[number]), &[bo])
    }),
    ("parcel-held", "what is held is packed", |post| {
        let (numbers, station) = two_at_origin(post);
        post.does(hold(post, &numbers[1]), &[post.customs]);
        post.refuses(post.packing(BAG, station, &numbers), &[station])
    }),
    ("parcel-device-time-ahead", "packed tomorrow", |post| {
        let (numbers, station) = two_at_origin(post);
        let tomorrow = json!(post.town.in_ms(DAY));
        let action = with(post.packing(BAG, station, &numbers), "/device_time", tomorrow);
        post.refuses(action, &[station])
    }),
    ("parcel-in-container", "handed over without its bag", |post| {
        let ([number, _], station) = bagged(post);
        let action = post.handoff(&number, "in-transit", station, post.hauler);
        post.refuses(action, &[station, post.hauler])
    }),
    ("parcel-in-container", "taken over without its bag", |post| {
        let ([number, _], station) = bagged(post);
        post.closes("origin", post.carrier);
        let fields = json!({
            "carrier": post.carrier.id, "station": station.id, "of": { "parcels": [number] },
            "reason": "closed",
        });
        post.refuses(post.stated("take-over", fields), &[post.carrier])
    }),
    ("parcel-container-unknown", "no such bag", |post| {
        post.refuses(unpacking(post, post.origin), &[post.origin])
    }),
    ("parcel-not-custodian", "unpacked by who has it not", |post| {
        bagged(post);
        post.refuses(unpacking(post, post.hub), &[post.hub])
    }),
    ("parcel-container-unpacked", "unpacked twice", |post| {
        let (_, station) = bagged(post);
        post.does(unpacking(post, station), &[station]);
        post.refuses(unpacking(post, station), &[station])
    }),
    ("parcel-container-unpacked", "an empty bag handed over", |post| {
        let (_, station) = bagged(post);
        post.does(unpacking(post, station), &[station]);
        let action = post.bag_handoff(BAG, "in-transit", station, post.hauler);
        post.refuses(action, &[station, post.hauler])
    }),
    ("parcel-container-not-deliverable", "a whole bag delivered", |post| {
        bagged(post);
        let action = post.bag_handoff(BAG, "delivered", post.origin, post.bo);
        post.refuses(action, &[post.origin, post.bo])
    }),
    ("parcel-not-custodian", "a bag released by who has it not", |post| {
        bagged(post);
        let action = post.bag_handoff(BAG, "in-transit", post.hub, post.hauler);
        post.refuses(action, &[post.hub, post.hauler])
    }),
    ("parcel-record-differs", "another manifest", |post| {
        let (_, station) = bagged(post);
        let action = post.bag_handoff(BAG, "in-transit", station, post.hauler);
        let other = json!(Post::record("another"));
        post.refuses(with(action, "/of/container/record", other), &[station, post.hauler])
    }),
    ("parcel-condition-unexplained", "a torn bag without a reservation", |post| {
        let (_, station) = bagged(post);
        let action = post.bag_handoff(BAG, "in-transit", station, post.hauler);
        let action = with(action, "/of/container/condition", json!("damaged"));
        post.refuses(action, &[station, post.hauler])
    }),
    ("parcel-step-out-of-order", "one of the parcels cannot take the step", |post| {
        bagged(post);
        let action = post.bag_handoff(BAG, "out-for-delivery", post.origin, post.courier);
        post.refuses(action, &[post.origin, post.courier])
    }),
    ("parcel-held", "one of the parcels in it is held", |post| {
        let ([_, second], station) = bagged(post);
        post.does(hold(post, &second), &[post.customs]);
        let action = post.bag_handoff(BAG, "in-transit", station, post.hauler);
        post.refuses(action, &[station, post.hauler])
    }),
    ("frozen", "the bag is frozen", |post| {
        let (_, station) = bagged(post);
        let freeze = json!({
            "register": "authorities", "action": "freeze", "order": "F1", "by": post.court.id,
            "target": { "register": "parcels", "kind": "container", "id": BAG },
            "scope": "all of it", "reference": "HCA 1", "until": post.town.in_ms(DAY),
        });
        post.does(freeze, &[post.court]);
        post.refuses(unpacking(post, station), &[station])
    }),
    ("parcel-changed-already", "packed and unpacked in one transition", |post| {
        let (numbers, station) = two_at_origin(post);
        let actions = [post.packing(BAG, station, &numbers), unpacking(post, station)];
        post.try_all(&actions, &[station]).unwrap_err().code.name
    }),
];
