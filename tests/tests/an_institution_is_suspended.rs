//! An institution is suspended: from then on it acts for nothing, and what it did before stands.

#![allow(clippy::unwrap_used, missing_docs)]

use chancery_client::{AsOf, now};
use chancery_tests::town::{Town, accreditation, handoff, party, register_parcel};
use serde_json::{Value, json};

const BEFORE: &str = "RR000100012TW";
const AFTER: &str = "RR000100026TW";

fn change(action: &str, institution: &str, by: &str) -> Value {
    json!({
        "register": "authorities", "action": action, "accreditation": accreditation(institution),
        "by": party(by), "reason": "After an inspection",
    })
}

#[tokio::test]
async fn the_carrier_is_suspended_and_comes_back() {
    let mut town = Town::founded();
    town.has_a_carrier().await;
    town.welcomes(&["ana", "bo"]).await;
    let registered = town.did(&["ana", "carrier"], register_parcel(BEFORE, "ana", "bo")).await;

    // Nobody suspends it but root, which accredited it.
    let suspend = change("suspend", "carrier", "north");
    town.refuses(&["north"], suspend, "not-the-grantor").await;
    let suspended = town.did(&["root"], change("suspend", "carrier", "root")).await;

    let register = || register_parcel(AFTER, "ana", "bo");
    town.refuses(&["ana", "carrier"], register(), "not-accredited").await;
    town.refuses(&["root"], change("suspend", "carrier", "root"), "accreditation-suspended").await;

    // What it did before stands, and the receipt of that day verifies as it did.
    let anchor = town.node().genesis().unwrap().into();
    registered.verify(&anchor).unwrap();
    let path = format!("parcels/parcel/{BEFORE}");
    assert_eq!(town.proves(&path, AsOf::Now).await, Some(1));

    // It stays suspended across a crash, and works again once it is reinstated.
    town.loses_power();
    town.refuses(&["ana", "carrier"], register(), "not-accredited").await;
    town.did(&["root"], change("reinstate", "carrier", "root")).await;
    town.did(&["ana", "carrier"], register()).await;

    // As of the day of the suspension the register still says so.
    let height = suspended.verify(&anchor).unwrap().height;
    let accredited = format!("authorities/accreditation/{}", accreditation("carrier"));
    let (then, now) =
        (town.sees_as_of(&accredited, AsOf::Height(height)).await, town.sees(&accredited).await);
    assert_ne!(then, now);
    assert_eq!(town.history(&accredited).await.len(), 3);
}

#[tokio::test]
async fn a_courier_who_is_dismissed_hands_nothing_over() {
    let town = Town::founded();
    town.has_a_carrier().await;
    town.welcomes(&["ana", "bo"]).await;
    town.did(&["ana", "carrier"], register_parcel(BEFORE, "ana", "bo")).await;
    town.did(&["carrier"], change("end", "carla", "carrier")).await;
    let collected = |by: &str| handoff(BEFORE, "collected", "ana", by);
    town.refuses(&["ana", "carla"], collected("carla"), "not-accredited").await;
    town.did(&["ana", "cem"], collected("cem")).await;
    // An end is for good.
    town.refuses(&["carrier"], change("reinstate", "carla", "carrier"), "accreditation-over").await;
}

#[tokio::test]
async fn a_court_freezes_a_parcel_and_lets_it_go() {
    let town = Town::founded();
    town.has_a_carrier().await;
    town.opens(&["court"]).await;
    town.welcomes(&["ana", "bo"]).await;
    town.accredits("root", "court", "court", "parcels").await;
    town.did(&["ana", "carrier"], register_parcel(BEFORE, "ana", "bo")).await;

    let freeze = json!({
        "register": "authorities", "action": "freeze", "order": "case-7", "by": party("court"),
        "target": {"register": "parcels", "kind": "parcel", "id": BEFORE},
        "scope": "Until the hearing", "reference": "7/2026", "until": now().plus_ms(3_600_000),
    });
    town.refuses(&["carrier"], freeze.clone(), "signer-missing").await;
    town.did(&["court"], freeze).await;
    let collected = handoff(BEFORE, "collected", "ana", "carla");
    town.refuses(&["ana", "carla"], collected.clone(), "frozen").await;

    let release = json!({
        "register": "authorities", "action": "release", "order": "case-7", "by": party("court"),
        "reference": "7/2026 settled",
    });
    town.did(&["court"], release).await;
    town.did(&["ana", "carla"], collected).await;
}
