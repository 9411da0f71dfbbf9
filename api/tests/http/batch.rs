//! Batches: a verdict a line, in order, whatever the lines are.

use serde_json::{Value, json};

use crate::server::{Answer, send};
use crate::town::{Town, create, key, set_card};

async fn batch(town: &Town, body: Vec<u8>) -> Answer {
    let request = town.server.request("POST", "/v1/transitions/batch");
    send(request.header("content-type", "application/x-ndjson").body(body)).await
}

fn verdicts(answer: &Answer) -> Vec<Value> {
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn each_line_has_its_verdict() {
    let town = Town::settled().await;
    let carol = key(9);
    let good = town.transition(create(&carol, "person"), &[&carol]);
    let too_long = vec![b'x'; 70_000];
    let lines: [&[u8]; 9] = [
        &good,
        b"",
        b"{\"payload\":",
        &good,
        &too_long,
        b"  \r",
        &town.transition(set_card(&town.ana, "1"), &[&town.bo]),
        &town.transition(set_card(&town.ana, "1"), &[&town.ana]),
        b"null",
    ];
    let answer = batch(&town, lines.join(&b'\n')).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    let told: Vec<(u64, String, Option<String>)> = verdicts(&answer)
        .iter()
        .map(|verdict| {
            let text = |name: &str| verdict[name].as_str().map(str::to_owned);
            (verdict["line"].as_u64().unwrap(), text("status").unwrap(), text("code"))
        })
        .collect();
    let expected = [
        (1, "applied", None),
        (3, "refused", Some("not-json")),
        (4, "duplicate", Some("duplicate")),
        (5, "refused", Some("transition-too-large")),
        (7, "refused", Some("signer-missing")),
        (8, "applied", None),
        (9, "refused", Some("bad-jws")),
    ];
    let expected =
        expected.map(|(line, status, code)| (line, status.into(), code.map(String::from)));
    assert_eq!(told, expected);
}

#[tokio::test]
async fn many_lines_keep_their_order() {
    let town = Town::settled().await;
    let count = 1000;
    let line =
        |number: u32| town.transition(set_card(&town.ana, &number.to_string()), &[&town.ana]);
    let lines: Vec<Vec<u8>> = (0..count).map(line).collect();
    let answer = batch(&town, lines.join(&b'\n')).await;
    let positions: Vec<u64> =
        verdicts(&answer).iter().map(|verdict| verdict["position"].as_u64().unwrap()).collect();
    assert_eq!(positions.len(), count as usize);
    assert!(positions.windows(2).all(|pair| pair[0] < pair[1]));
    let party = town.server.get(&format!("/v1/identity/{}", town.ana.party())).await.json();
    assert_eq!(party["version"], 1 + count);
}

#[tokio::test]
async fn a_line_that_goes_on_and_on_ends_the_batch() {
    let town = Town::settled().await;
    let mut body = town.transition(set_card(&town.ana, "1"), &[&town.ana]);
    body.push(b'\n');
    body.resize(body.len() + 17_000_000, b' ');
    let verdicts = verdicts(&batch(&town, body).await);
    let told: Vec<_> =
        verdicts.iter().map(|it| (&it["line"], &it["status"], &it["code"])).collect();
    let expected = json!([
        [1, "applied", null],
        [2, "refused", "transition-too-large"],
        [3, "unavailable", "body-too-large"],
    ]);
    assert_eq!(json!(told), expected);
}

#[tokio::test]
async fn a_batch_is_of_its_own_type() {
    let town = Town::empty().await;
    let request = town.server.request("POST", "/v1/transitions/batch");
    let answer = send(request.header("content-type", "application/json").body("{}")).await;
    assert_eq!((answer.status, &*answer.code()), (415, "media-type-not-accepted"));
}
