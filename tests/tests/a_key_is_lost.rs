//! A key is lost: friends recover the person, whoever still has the key can object, and what the
//! old key signed stays signed.

#![allow(clippy::unwrap_used, missing_docs)]

use chancery_client::Hash;
use chancery_tests::town::{Town, another_key_of, party, signer, signer_with};
use serde_json::{Value, json};

const DELAY_MS: u64 = 1_500;

fn set_card(card: &str) -> Value {
    let card = Hash::of(&[card.as_bytes()]);
    json!({"register": "identity", "action": "set-card", "party": party("dora"), "card": card})
}

fn recover(key: u8) -> Value {
    json!({
        "register": "identity", "action": "recover", "party": party("dora"), "threshold": 1,
        "keys": [another_key_of("dora", key).public()],
    })
}

async fn town() -> Town {
    let town = Town::founded();
    town.welcomes(&["dora", "ana", "bo", "chen", "mallory"]).await;
    let plan = json!({
        "register": "identity", "action": "set-recovery", "party": party("dora"),
        "guardians": [party("ana"), party("bo"), party("chen")], "threshold": 2,
        "delay_ms": DELAY_MS,
    });
    town.did(&["dora"], plan).await;
    town
}

#[tokio::test]
async fn doras_friends_recover_her() {
    let mut town = town().await;
    let before = town.did(&["dora"], set_card("with the first key")).await;
    let new = signer_with("dora", 1);

    // One friend is not enough, and a stranger is none.
    let alone = [signer("ana"), new.clone()];
    town.refuses_with(&alone, recover(1), "signer-missing").await;
    let with_stranger = [signer("ana"), signer("mallory"), new.clone()];
    town.refuses_with(&with_stranger, recover(1), "signer-missing").await;

    town.did_with(&[signer("ana"), signer("chen"), new.clone()], recover(1)).await;
    // Until the delay is over the new key does not count yet, and the old one still does.
    town.refuses_with(std::slice::from_ref(&new), set_card("too early"), "key-unknown").await;
    town.did(&["dora"], set_card("still with the first key")).await;

    town.loses_power();
    town.waits(DELAY_MS + 200).await;
    town.refuses(&["dora"], set_card("with the lost key"), "key-revoked").await;
    town.did_with(&[new], set_card("with the new key")).await;

    // Her ID code is the one she always had, and what she signed before stays hers.
    let shown = town.sees(&format!("identity/party/{}", party("dora"))).await;
    assert_eq!(shown["controllers"]["keys"], json!([another_key_of("dora", 1).public()]));
    before.verify(&town.node().genesis().unwrap().into()).unwrap();
}

#[tokio::test]
async fn dora_objects_when_her_friends_turn_on_her() {
    let town = town().await;
    let new = signer_with("dora", 1);
    town.did_with(&[signer("ana"), signer("bo"), new.clone()], recover(1)).await;
    let object = json!({"register": "identity", "action": "object", "party": party("dora")});
    town.refuses(&["mallory"], object.clone(), "signer-missing").await;
    town.did(&["dora"], object.clone()).await;
    town.waits(DELAY_MS + 200).await;
    town.did(&["dora"], set_card("with the first key, still")).await;
    town.refuses_with(&[new], set_card("with the key of the others"), "key-unknown").await;
    town.refuses(&["dora"], object, "no-recovery-pending").await;
}

#[tokio::test]
async fn dora_revokes_a_key_that_was_stolen() {
    let town = town().await;
    let phone = another_key_of("dora", 2).public();
    let add = json!({
        "register": "identity", "action": "add-key", "party": party("dora"), "key": phone,
        "purposes": ["custody"], "register_": null,
    });
    // A member that nobody knows is refused before anything else is looked at.
    let both = [signer("dora"), signer_with("dora", 2)];
    town.refuses_with(&both, add.clone(), "bad-action").await;
    let mut add = add;
    add.as_object_mut().unwrap().remove("register_");
    town.refuses(&["dora"], add.clone(), "signer-missing").await;
    town.did_with(&both, add).await;

    // A sub-key acts within its purpose and never for the controllers.
    let with_phone = [signer_with("dora", 2)];
    town.refuses_with(&with_phone, set_card("from the phone"), "key-not-for-this").await;
    let revoke = json!({
        "register": "identity", "action": "revoke-key", "party": party("dora"), "key": phone,
        "reason": "The phone was stolen",
    });
    town.refuses_with(&with_phone, revoke.clone(), "key-not-for-this").await;
    town.did(&["dora"], revoke.clone()).await;
    town.refuses_with(&with_phone, set_card("from the stolen phone"), "key-revoked").await;
    town.refuses(&["dora"], revoke, "key-revoked").await;
}
