//! A parcel's day: from its sender to its recipient, hand to hand, with everyone's signature.

#![allow(clippy::unwrap_used, missing_docs)]

use chancery_client::{AsOf, now};
use chancery_tests::town::{Town, handoff, party, record_of, register_parcel, signer};
use serde_json::json;

const BOOK: &str = "RR000100012TW";
const VASE: &str = "RR000100026TW";
const LETTER: &str = "RR000100030TW";

async fn town() -> Town {
    let town = Town::founded();
    town.has_a_carrier().await;
    town.welcomes(&["ana", "bo", "mallory"]).await;
    town
}

#[tokio::test]
async fn a_book_goes_from_ana_to_bo() {
    let mut town = town().await;
    let custodian = |shown: serde_json::Value| shown["custodian"].as_str().unwrap().to_owned();
    let path = format!("parcels/parcel/{BOOK}");
    assert_eq!(town.proves(&path, AsOf::Now).await, None, "before the morning there is no parcel");

    town.did(&["ana", "carrier"], register_parcel(BOOK, "ana", "bo")).await;
    assert_eq!(custodian(town.sees(&path).await), party("ana").to_string());

    // Nobody takes it who is not its carrier's courier, and nobody gives what they do not have.
    let stolen = handoff(BOOK, "collected", "ana", "mallory");
    town.refuses(&["ana", "mallory"], stolen, "not-accredited").await;
    let early = handoff(BOOK, "at-origin", "carla", "north");
    town.refuses(&["carla", "north"], early, "parcel-not-custodian").await;
    // Both must sign, and none but both.
    let collected = || handoff(BOOK, "collected", "ana", "carla");
    town.refuses(&["carla"], collected(), "signer-missing").await;
    town.refuses(&["ana", "carla", "bo"], collected(), "signer-not-required").await;

    let way = [
        ("collected", "ana", "carla"),
        ("at-origin", "carla", "north"),
        ("in-transit", "north", "cem"),
        ("at-terminal", "cem", "south"),
        ("out-for-delivery", "south", "carla"),
        ("delivered", "carla", "bo"),
    ];
    for (step, from, to) in way {
        town.did(&[from, to], handoff(BOOK, step, from, to)).await;
        if step == "in-transit" {
            town.loses_power();
        }
        assert_eq!(custodian(town.sees(&path).await), party(to).to_string());
    }

    // In the evening: one custodian at any moment, and each change signed for and proven.
    let history = town.history(&path).await;
    assert_eq!(history.len(), 1 + way.len());
    for (version, holder) in history.iter().zip(["ana"].into_iter().chain(way.map(|step| step.2))) {
        let height = AsOf::Height(version["height"].as_u64().unwrap());
        let shown = town.sees_as_of(&path, height).await;
        assert_eq!(custodian(shown), party(holder).to_string());
        assert_eq!(town.proves(&path, height).await, version["version"].as_u64());
        let receipt = town.has_receipt(version["transition"].as_str().unwrap()).await;
        assert_eq!(Some(receipt.inclusion.position), version["position"].as_u64());
    }
    town.refuses(&["bo", "carla"], handoff(BOOK, "collected", "bo", "carla"), "parcel-closed")
        .await;
}

#[tokio::test]
async fn a_vase_breaks_on_the_way() {
    let town = town().await;
    let path = format!("parcels/parcel/{VASE}");
    town.did(&["ana", "carrier"], register_parcel(VASE, "ana", "bo")).await;
    town.did(&["ana", "carla"], handoff(VASE, "collected", "ana", "carla")).await;
    town.did(&["carla", "north"], handoff(VASE, "at-origin", "carla", "north")).await;

    let damage = json!({
        "register": "parcels", "action": "report-damage", "parcel": VASE, "by": party("north"),
        "statement": "It rattles", "place": "North", "device_time": now(),
    });
    town.refuses(&["carla"], damage.clone(), "signer-missing").await;
    town.did(&["north"], damage).await;
    assert_eq!(town.sees(&path).await["condition"], "damaged");

    // What is broken cannot be handed on as sound, and the receiver may say what they answer for.
    let sound = handoff(VASE, "in-transit", "north", "cem");
    town.refuses(&["north", "cem"], sound.clone(), "parcel-condition-improved").await;
    let mut reserved = sound;
    reserved["of"]["parcel"] = json!({
        "number": VASE, "record": record_of(VASE), "condition": "damaged",
        "reservation": "Taken in as it is",
    });
    town.did(&["north", "cem"], reserved).await;
    let shown = town.sees(&path).await;
    assert_eq!(
        (&shown["reservations"], &shown["damage"]["by"]),
        (&json!(1), &json!(party("north")))
    );
}

#[tokio::test]
async fn a_letter_is_handed_over_where_there_is_no_network() {
    let town = town().await;
    town.did(&["ana", "carrier"], register_parcel(LETTER, "ana", "bo")).await;

    // Two handoffs, each signed on two devices, and sent in the evening in the wrong order.
    let first = handoff(LETTER, "collected", "ana", "carla");
    let second = handoff(LETTER, "at-origin", "carla", "north");
    let first = town.sign(&[signer("ana"), signer("carla")], first).await;
    let second = town.sign(&[signer("carla"), signer("north")], second).await;
    let too_early = town.hand_in(&second).await.unwrap_err();
    assert_eq!(too_early.code(), Some("parcel-not-custodian"));
    town.hand_in(&first).await.unwrap();
    let receipt = town.hand_in(&second).await.unwrap();

    // Sent again, it takes effect no second time, and the receipt is the same.
    let tip = town.tip().await;
    assert_eq!(town.hand_in(&second).await.unwrap(), receipt);
    assert_eq!(town.tip().await, tip);
    let shown = town.sees(&format!("parcels/parcel/{LETTER}")).await;
    assert_eq!(shown["custodian"], json!(party("north")));
}
