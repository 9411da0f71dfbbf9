//! Damage, attempts, refusal, return, loss, holds, takeover and correction: every rule broken once.

use chancery_registries::parcels::{DEFAULT_LOST_AFTER_MS, Direction, State};
use serde_json::{Value, json};

use crate::cases::Case;
use crate::common::{Actor, DAY};
use crate::post::{Post, with};

const FORWARD: Direction = Direction::Forward;

/// A statement by somebody with a device, about a parcel in a state, signed by them.
fn seen(
    post: &mut Post,
    action: &str,
    (state, direction): (State, Direction),
    by: Option<Actor>,
    fields: Value,
) -> &'static str {
    let (number, holder) = post.parcel_that_is(state, direction);
    let by = by.unwrap_or(holder);
    let mut action = post.seen(action, fields);
    action["parcel"] = json!(number);
    action["by"] = json!(by.id);
    post.refuses(action, &[by])
}

/// The same at a desk.
fn stated(
    post: &mut Post,
    action: &str,
    (state, direction): (State, Direction),
    by: Option<Actor>,
    fields: Value,
) -> &'static str {
    let (number, holder) = post.parcel_that_is(state, direction);
    let by = by.unwrap_or(holder);
    let mut action = post.stated(action, fields);
    action["parcel"] = json!(number);
    action["by"] = json!(by.id);
    post.refuses(action, &[by])
}

fn damage() -> Value {
    json!({ "statement": "wet" })
}

fn reason() -> Value {
    json!({ "reason": "because" })
}

fn hold(post: &Post, number: &str, reference: &str) -> Value {
    let fields = json!({
        "parcel": number, "by": post.customs.id, "kind": "customs", "reference": reference,
        "until": post.town.in_ms(DAY),
    });
    post.stated("hold", fields)
}

fn release(post: &Post, number: &str, by: Actor, reference: &str) -> Value {
    post.stated("release-hold", json!({ "parcel": number, "by": by.id, "reference": reference }))
}

fn finding(post: &Post, number: &str, finder: Actor) -> Value {
    post.seen("find", json!({ "parcel": number, "finder": finder.id, "condition": "sound" }))
}

fn take_over(post: &Post, number: &str) -> Value {
    let fields = json!({
        "carrier": post.carrier.id, "station": post.terminal.id,
        "of": { "parcels": [number] }, "reason": "the roof fell in",
    });
    post.stated("take-over", fields)
}

fn correction(post: &mut Post, by: Actor, corrects: Option<Value>) -> &'static str {
    let (number, _) = post.parcel_that_is(State::Delivered, FORWARD);
    let corrects = corrects.unwrap_or(json!(post.parcel(&number).last.transition));
    let fields = json!({
        "parcel": number, "by": by.id, "corrects": corrects, "statement": "the place was wrong",
    });
    post.refuses(post.stated("correct", fields), &[by])
}

pub(crate) const CASES: &[Case] = &[
    ("parcel-not-custodian", "damage stated by a bystander", |post| {
        let by = post.bo;
        seen(post, "report-damage", (State::Collected, FORWARD), Some(by), damage())
    }),
    ("parcel-state-forbids", "damage to what is lost", |post| {
        seen(post, "report-damage", (State::Lost, FORWARD), None, damage())
    }),
    ("parcel-closed", "damage after delivery", |post| {
        seen(post, "report-damage", (State::Delivered, FORWARD), None, damage())
    }),
    ("parcel-device-time-ahead", "damage tomorrow", |post| {
        let fields = with(damage(), "/device_time", json!(post.town.in_ms(DAY)));
        seen(post, "report-damage", (State::Collected, FORWARD), None, fields)
    }),
    ("parcel-unknown", "damage to nothing", |post| {
        let number = post.number();
        let fields = json!({ "parcel": number, "by": post.bo.id, "statement": "wet" });
        post.refuses(post.seen("report-damage", fields), &[post.bo])
    }),
    ("parcel-state-forbids", "an attempt before going out", |post| {
        seen(post, "attempt-failed", (State::AtTerminal, FORWARD), None, reason())
    }),
    ("parcel-not-custodian", "an attempt by somebody else", |post| {
        let by = post.hauler;
        seen(post, "attempt-failed", (State::OutForDelivery, FORWARD), Some(by), reason())
    }),
    ("parcel-state-forbids", "refused at the station", |post| {
        seen(post, "refuse", (State::AtTerminal, FORWARD), None, reason())
    }),
    ("parcel-state-forbids", "refused by its sender", |post| {
        seen(post, "refuse", (State::OutForDelivery, Direction::Return), None, reason())
    }),
    ("signer-missing", "the recipient was to sign the refusal", |post| {
        let fields = with(reason(), "/recipient_signs", json!(true));
        seen(post, "refuse", (State::OutForDelivery, FORWARD), None, fields)
    }),
    ("signer-not-required", "the recipient signs unasked", |post| {
        let (number, courier) = post.parcel_that_is(State::OutForDelivery, FORWARD);
        let fields = json!({ "parcel": number, "by": courier.id, "reason": "not mine" });
        post.refuses(post.seen("refuse", fields), &[courier, post.bo])
    }),
    ("parcel-state-forbids", "returned before it left", |post| {
        stated(post, "return", (State::Registered, FORWARD), None, reason())
    }),
    ("parcel-state-forbids", "returned on the doorstep", |post| {
        stated(post, "return", (State::OutForDelivery, FORWARD), None, reason())
    }),
    ("parcel-already-returning", "turned twice", |post| {
        stated(post, "return", (State::AtOrigin, Direction::Return), None, reason())
    }),
    ("parcel-neither-custodian-nor-carrier", "turned by the sender", |post| {
        let by = post.ana;
        stated(post, "return", (State::AtOrigin, FORWARD), Some(by), reason())
    }),
    ("parcel-closed", "turned after delivery", |post| {
        stated(post, "return", (State::Delivered, FORWARD), None, reason())
    }),
    ("parcel-not-overdue", "lost the same day", |post| {
        stated(post, "declare-lost", (State::InTransit, FORWARD), None, reason())
    }),
    ("parcel-not-overdue", "lost a moment too early", |post| {
        let (number, holder) = post.parcel_that_is(State::InTransit, FORWARD);
        // One second passed when the last step was applied.
        post.town.passes(DEFAULT_LOST_AFTER_MS - 1001);
        let fields = json!({ "parcel": number, "by": holder.id, "reason": "gone" });
        post.refuses(post.stated("declare-lost", fields), &[holder])
    }),
    ("not-accredited", "lost, says the sender", |post| {
        let by = post.ana;
        stated(post, "declare-lost", (State::InTransit, FORWARD), Some(by), reason())
    }),
    ("parcel-state-forbids", "lost twice", |post| {
        let by = post.regulator;
        stated(post, "declare-lost", (State::Lost, FORWARD), Some(by), reason())
    }),
    ("parcel-closed", "lost after delivery", |post| {
        let by = post.regulator;
        stated(post, "declare-lost", (State::Delivered, FORWARD), Some(by), reason())
    }),
    ("parcel-not-lost", "found though not lost", |post| {
        let (number, _) = post.parcel_that_is(State::InTransit, FORWARD);
        post.refuses(finding(post, &number, post.hub), &[post.hub])
    }),
    ("not-accredited", "found by a passer-by", |post| {
        let (number, _) = post.parcel_that_is(State::Lost, FORWARD);
        post.refuses(finding(post, &number, post.bo), &[post.bo])
    }),
    ("parcel-condition-unexplained", "found damaged without a word", |post| {
        let (number, _) = post.parcel_that_is(State::Lost, FORWARD);
        let action = with(finding(post, &number, post.hub), "/condition", json!("damaged"));
        post.refuses(action, &[post.hub])
    }),
    ("parcel-held", "found while it is held", |post| {
        let (number, _) = post.parcel_that_is(State::Lost, FORWARD);
        post.does(hold(post, &number, "C 1"), &[post.customs]);
        post.refuses(finding(post, &number, post.hub), &[post.hub])
    }),
    ("not-accredited", "a hold by nobody", |post| {
        let number = post.registers();
        let action = with(hold(post, &number, "C 1"), "/by", json!(post.bo.id));
        post.refuses(action, &[post.bo])
    }),
    ("not-accredited", "a court's hold by customs", |post| {
        let number = post.registers();
        let action = with(hold(post, &number, "C 1"), "/kind", json!("court"));
        post.refuses(action, &[post.customs])
    }),
    ("period-empty", "a hold that is over", |post| {
        let number = post.registers();
        let action = with(hold(post, &number, "C 1"), "/until", json!(post.now()));
        post.refuses(action, &[post.customs])
    }),
    ("parcel-hold-repeated", "the same hold again", |post| {
        let number = post.registers();
        post.does(hold(post, &number, "C 1"), &[post.customs]);
        post.refuses(hold(post, &number, "C 1"), &[post.customs])
    }),
    ("parcel-too-many-holds", "a ninth hold", |post| {
        let number = post.registers();
        for count in 0..8 {
            post.does(hold(post, &number, &format!("C {count}")), &[post.customs]);
        }
        post.refuses(hold(post, &number, "C 9"), &[post.customs])
    }),
    ("parcel-closed", "a hold after delivery", |post| {
        let (number, _) = post.parcel_that_is(State::Delivered, FORWARD);
        post.refuses(hold(post, &number, "C 1"), &[post.customs])
    }),
    ("parcel-hold-unknown", "the court releases the customs' hold", |post| {
        let number = post.registers();
        post.does(hold(post, &number, "C 1"), &[post.customs]);
        post.refuses(release(post, &number, post.court, "C 1"), &[post.court])
    }),
    ("parcel-hold-unknown", "a hold that has run out", |post| {
        let number = post.registers();
        post.does(hold(post, &number, "C 1"), &[post.customs]);
        post.town.passes(DAY);
        post.refuses(release(post, &number, post.customs, "C 1"), &[post.customs])
    }),
    ("parcel-held", "turned while it is held", |post| {
        let (number, holder) = post.parcel_that_is(State::AtTerminal, FORWARD);
        post.does(hold(post, &number, "C 1"), &[post.customs]);
        let fields = json!({ "parcel": number, "by": holder.id, "reason": "because" });
        post.refuses(post.stated("return", fields), &[holder])
    }),
    ("parcel-station-in-service", "the station is open", |post| {
        let (number, _) = post.parcel_that_is(State::AtTerminal, FORWARD);
        post.refuses(take_over(post, &number), &[post.carrier])
    }),
    ("not-accredited", "the station never was one", |post| {
        let number = post.registers();
        let action = with(take_over(post, &number), "/station", json!(post.ana.id));
        post.refuses(action, &[post.carrier])
    }),
    ("order-unknown", "an order that nobody made", |post| {
        let (number, _) = post.parcel_that_is(State::AtTerminal, FORWARD);
        let action = with(take_over(post, &number), "/order", json!("O-1"));
        post.refuses(action, &[post.carrier])
    }),
    ("parcel-not-custodian", "the closed station has it no more", |post| {
        let (number, _) = post.parcel_that_is(State::OutForDelivery, FORWARD);
        post.closes_terminal();
        post.refuses(take_over(post, &number), &[post.carrier])
    }),
    ("parcel-carriers-differ", "the rival takes over", |post| {
        let (number, _) = post.parcel_that_is(State::AtTerminal, FORWARD);
        let (rival, terminal) = (post.rival, post.terminal);
        post.carrier_accredits("rival-terminal", rival, terminal, "station");
        post.closes("rival-terminal", rival);
        let action = with(take_over(post, &number), "/carrier", json!(rival.id));
        post.refuses(action, &[rival])
    }),
    ("parcel-handoff-to-self", "the carrier takes over from itself", |post| {
        let (number, _) = post.parcel_that_is(State::AtTerminal, FORWARD);
        let action = with(take_over(post, &number), "/station", json!(post.carrier.id));
        post.refuses(action, &[post.carrier])
    }),
    ("parcel-state-forbids", "what a former station sends is no station's", |post| {
        let number = post.number();
        let action = with(post.registration(&number), "/sender", json!(post.terminal.id));
        post.does(action, &[post.terminal, post.carrier]);
        post.closes_terminal();
        post.refuses(take_over(post, &number), &[post.carrier])
    }),
    ("parcel-corrects-nothing", "no such event", |post| {
        let carrier = post.carrier;
        correction(post, carrier, Some(json!(Post::record("nothing"))))
    }),
    ("parcel-may-not-correct", "a former custodian corrects what came later", |post| {
        let by = post.origin;
        correction(post, by, None)
    }),
];
