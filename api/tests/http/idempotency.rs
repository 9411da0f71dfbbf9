//! A transition that is sent again takes effect once, and who says that it may be a second attempt is answered as at the
//! first.

use crate::server::{Answer, send};
use crate::town::{Town, create, set_card};

async fn attempts(town: &Town, transition: &[u8], key: &str, prefer: Option<&str>) -> Answer {
    let request = town.server.request("POST", "/v1/transitions");
    let request = request.header("content-type", "application/json");
    let request = request.header("idempotency-key", key);
    let request = prefer.into_iter().fold(request, |request, it| request.header("prefer", it));
    send(request.body(transition.to_vec())).await
}

const KEY: &str = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"";

#[tokio::test]
async fn a_second_attempt_is_answered_as_the_first() {
    let town = Town::settled().await;
    let transition = town.transition(set_card(&town.ana, "1"), &[&town.ana]);
    let first = attempts(&town, &transition, KEY, None).await;
    assert_eq!(first.status, 202, "{}", first.text());
    let state = town.server.state().await;
    let second = attempts(&town, &transition, KEY, None).await;
    assert_eq!((second.status, second.json()), (202, first.json()));
    assert_eq!(second.header("location"), first.header("location"));
    let receipt = attempts(&town, &transition, "\"another\"", Some("wait=5")).await;
    assert_eq!(receipt.status, 200, "{}", receipt.text());
    assert_eq!(receipt.json()["inclusion"]["position"], first.json()["position"]);
    assert_eq!(town.server.state().await, state);
    // Without a key it is told that it was there before.
    let told = town.server.submit(transition).await;
    assert_eq!((told.status, &*told.code()), (409, "duplicate"));
}

#[tokio::test]
async fn a_key_is_no_name_of_what_is_sent() {
    let town = Town::settled().await;
    // Each transition is what it is, whatever it is called.
    for card in ["1", "2"] {
        let transition = town.transition(set_card(&town.ana, card), &[&town.ana]);
        let answer = attempts(&town, &transition, KEY, None).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }
    let again = town.transition(create(&town.ana, "person"), &[&town.ana]);
    let refused = attempts(&town, &again, KEY, None).await;
    let code = refused.code();
    assert_eq!(refused.status, 422, "{code}");
    assert_eq!(attempts(&town, &again, KEY, None).await.code(), code);
}

#[tokio::test]
async fn a_key_that_is_no_string_of_structured_fields_is_refused() {
    let town = Town::settled().await;
    let transition = town.transition(set_card(&town.ana, "1"), &[&town.ana]);
    let state = town.server.state().await;
    for key in ["bare", "\"open", "\"\"", "\"a\", \"b\"", "17"] {
        let refused = attempts(&town, &transition, key, None).await;
        assert_eq!((refused.status, &*refused.code()), (400, "bad-idempotency-key"), "{key}");
    }
    let places = [
        ("/v1/transitions", "application/json"),
        ("/v1/transitions/batch", "application/x-ndjson"),
    ];
    for (path, content_type) in places {
        let request = town.server.request("POST", path).header("content-type", content_type);
        let twice = request.header("idempotency-key", KEY).header("idempotency-key", KEY);
        let refused = send(twice.body(transition.clone())).await;
        assert_eq!((refused.status, &*refused.code()), (400, "bad-idempotency-key"), "{path}");
    }
    assert_eq!(town.server.state().await, state);
}
