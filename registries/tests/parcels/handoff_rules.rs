//! Registration and handoff: every rule broken once.

use chancery_registries::parcels::{Direction, State};
use serde_json::{Value, json};

use crate::cases::Case;
use crate::common::{DAY, actor};
use crate::post::{Post, with};

/// A registration with one value changed, signed by sender and carrier.
fn registration(post: &mut Post, pointer: &str, value: Value) -> &'static str {
    let number = post.number();
    let action = with(post.registration(&number), pointer, value);
    post.refuses(action, &[post.ana, post.carrier])
}

/// The first handoff of a new parcel with one value changed, signed by Ana and the courier.
fn collection(post: &mut Post, pointer: &str, value: Value) -> &'static str {
    let number = post.registers();
    let action = with(post.handoff(&number, "collected", post.ana, post.courier), pointer, value);
    post.refuses(action, &[post.ana, post.courier])
}

fn own(post: &Post, local: &str) -> Value {
    json!(format!("{}-{local}", post.carrier.id))
}

pub(crate) const CASES: &[Case] = &[
    ("parcel-number-taken", "a parcel has the number", |post| {
        let number = post.registers();
        post.refuses(post.registration(&number), &[post.ana, post.carrier])
    }),
    ("parcel-number-taken", "a container has the number", |post| {
        let number = post.registers();
        let bag = own(post, "BAG1");
        let bag = bag.as_str().unwrap();
        post.does(post.packing(bag, post.ana, &[number]), &[post.ana]);
        post.refuses(post.registration(bag), &[post.ana, post.carrier])
    }),
    ("signer-missing", "the carrier has not signed", |post| {
        let number = post.number();
        post.refuses(post.registration(&number), &[post.ana])
    }),
    ("signer-missing", "the sender has not signed", |post| {
        let number = post.number();
        post.refuses(post.registration(&number), &[post.carrier])
    }),
    ("signer-not-required", "the recipient signs a registration", |post| {
        let number = post.number();
        post.refuses(post.registration(&number), &[post.ana, post.carrier, post.bo])
    }),
    ("not-accredited", "the carrier is none", |post| {
        let number = post.number();
        let action = with(post.registration(&number), "/carrier", json!(post.bo.id));
        post.refuses(action, &[post.ana, post.bo])
    }),
    ("parcel-number-of-other-carrier", "the rival's own number", |post| {
        let number = format!("{}-A1", post.rival.id);
        registration(post, "/parcel", json!(number))
    }),
    ("parcel-format-without-own-number", "a format for an S10", |post| {
        registration(post, "/format", json!("ups"))
    }),
    ("parcel-number-not-in-format", "the check digit is wrong", |post| {
        let number = post.number();
        let action = with(post.registration(&number), "/parcel", own(post, "1Z5R89390357567128"));
        post.refuses(with(action, "/format", json!("ups")), &[post.ana, post.carrier])
    }),
    ("parcel-number-not-in-format", "another shape", |post| {
        let number = post.number();
        let action = with(post.registration(&number), "/parcel", own(post, "1Z"));
        post.refuses(with(action, "/format", json!("ups")), &[post.ana, post.carrier])
    }),
    ("party-unknown", "nobody knows the recipient", |post| {
        registration(post, "/recipient", json!(actor("nobody").id))
    }),
    ("party-unknown", "nobody knows a proxy", |post| {
        registration(post, "/proxies", json!([actor("nobody").id]))
    }),
    ("parcel-condition-unexplained", "registered as damaged without a word", |post| {
        registration(post, "/condition", json!("damaged"))
    }),
    ("parcel-device-time-ahead", "registered tomorrow", |post| {
        let tomorrow = post.town.in_ms(DAY);
        registration(post, "/device_time", json!(tomorrow))
    }),
    ("bad-action", "a wrong check digit", |post| {
        registration(post, "/parcel", json!("RB123456786US"))
    }),
    ("bad-action", "an unknown member", |post| registration(post, "/colour", json!("red"))),
    ("bad-action", "no such format", |post| registration(post, "/format", json!("owl"))),
    ("parcel-handoff-to-self", "Ana gives it to Ana", |post| {
        let number = post.registers();
        let action = post.handoff(&number, "collected", post.ana, post.ana);
        post.refuses(action, &[post.ana])
    }),
    ("signer-missing", "the releaser has not signed", |post| {
        let number = post.registers();
        let action = post.handoff(&number, "collected", post.ana, post.courier);
        post.refuses(action, &[post.courier])
    }),
    ("signer-missing", "the receiver has not signed", |post| {
        let number = post.registers();
        let action = post.handoff(&number, "collected", post.ana, post.courier);
        post.refuses(action, &[post.ana])
    }),
    ("signer-not-required", "a third party signs", |post| {
        let number = post.registers();
        let action = post.handoff(&number, "collected", post.ana, post.courier);
        post.refuses(action, &[post.ana, post.courier, post.carrier])
    }),
    ("parcel-unknown", "no such parcel", |post| {
        let number = post.number();
        let action = post.handoff(&number, "collected", post.ana, post.courier);
        post.refuses(action, &[post.ana, post.courier])
    }),
    ("parcel-not-custodian", "Bo releases what Ana has", |post| {
        let number = post.registers();
        let action = post.handoff(&number, "collected", post.bo, post.courier);
        post.refuses(action, &[post.bo, post.courier])
    }),
    ("parcel-step-out-of-order", "delivered before it was collected", |post| {
        let number = post.registers();
        let action = post.handoff(&number, "delivered", post.ana, post.bo);
        post.refuses(action, &[post.ana, post.bo])
    }),
    ("not-accredited", "a courier who is none", |post| {
        let number = post.registers();
        let action = post.handoff(&number, "collected", post.ana, post.proxy);
        post.refuses(action, &[post.ana, post.proxy])
    }),
    ("not-accredited", "a courier of the rival's", |post| {
        let (rival, proxy) = (post.rival, post.proxy);
        post.carrier_accredits("rival-courier", rival, proxy, "courier");
        let number = post.registers();
        let action = post.handoff(&number, "collected", post.ana, proxy);
        post.refuses(action, &[post.ana, proxy])
    }),
    ("not-accredited", "a courier whose accreditation was ended", |post| {
        let end = json!({
            "register": "authorities", "action": "end", "accreditation": "courier",
            "by": post.carrier.id, "reason": "left",
        });
        post.does(end, &[post.carrier]);
        let number = post.registers();
        let action = post.handoff(&number, "collected", post.ana, post.courier);
        post.refuses(action, &[post.ana, post.courier])
    }),
    ("parcel-receiver-not-addressee", "delivered to a stranger", |post| {
        let (number, courier) = post.parcel_that_is(State::OutForDelivery, Direction::Forward);
        let action = post.handoff(&number, "delivered", courier, post.court);
        post.refuses(action, &[courier, post.court])
    }),
    ("parcel-receiver-not-addressee", "returned to the recipient", |post| {
        let (number, courier) = post.parcel_that_is(State::Refused, Direction::Return);
        let action = post.handoff(&number, "returned", courier, post.bo);
        post.refuses(action, &[courier, post.bo])
    }),
    ("parcel-record-differs", "another record", |post| {
        collection(post, "/of/parcel/record", json!(Post::record("another")))
    }),
    ("parcel-condition-unexplained", "damaged without a reservation", |post| {
        collection(post, "/of/parcel/condition", json!("damaged"))
    }),
    ("parcel-condition-improved", "sound again", |post| {
        let number = post.registers();
        let damaged = json!({
            "number": number, "record": Post::record(&number), "condition": "damaged",
            "reservation": "a corner is crushed",
        });
        let action = post.handoff(&number, "collected", post.ana, post.courier);
        post.does(with(action, "/of/parcel", damaged), &[post.ana, post.courier]);
        let action = post.handoff(&number, "at-origin", post.courier, post.origin);
        post.refuses(action, &[post.courier, post.origin])
    }),
    ("parcel-device-time-ahead", "the courier's clock runs ahead", |post| {
        let later = post.town.in_ms(11 * 60 * 1000);
        collection(post, "/device_time", json!(later))
    }),
    ("parcel-device-time-early", "handed over before it was registered", |post| {
        post.town.passes(DAY);
        collection(post, "/device_time", json!("2026-01-01T00:00:00Z"))
    }),
    ("parcel-closed", "handed on after delivery", |post| {
        let (number, bo) = post.parcel_that_is(State::Delivered, Direction::Forward);
        let action = post.handoff(&number, "in-transit", bo, post.courier);
        post.refuses(action, &[bo, post.courier])
    }),
    ("parcel-changed-already", "two handoffs in one transition", |post| {
        let number = post.registers();
        let first = post.handoff(&number, "collected", post.ana, post.courier);
        let second = post.handoff(&number, "at-origin", post.courier, post.origin);
        let signers = [post.ana, post.courier, post.origin];
        post.try_all(&[first, second], &signers).unwrap_err().code.name
    }),
    ("bad-action", "the same parcel twice in a round", |post| {
        let number = post.registers();
        let line =
            json!({ "number": number, "record": Post::record(&number), "condition": "sound" });
        collection(post, "/of", json!({ "parcels": [line, line] }))
    }),
    ("parcel-held", "customs hold it", |post| {
        let number = post.registers();
        let until = post.town.in_ms(DAY);
        let hold = json!({
            "parcel": number, "by": post.customs.id, "kind": "customs", "reference": "C 1",
            "until": until,
        });
        post.does(post.stated("hold", hold), &[post.customs]);
        let action = post.handoff(&number, "collected", post.ana, post.courier);
        post.refuses(action, &[post.ana, post.courier])
    }),
    ("frozen", "a court has frozen it", |post| {
        let number = post.registers();
        let freeze = json!({
            "register": "authorities", "action": "freeze", "order": "F1", "by": post.court.id,
            "target": { "register": "parcels", "kind": "parcel", "id": number },
            "scope": "all of it", "reference": "HCA 1", "until": post.town.in_ms(DAY),
        });
        post.does(freeze, &[post.court]);
        let action = post.handoff(&number, "collected", post.ana, post.courier);
        post.refuses(action, &[post.ana, post.courier])
    }),
];
