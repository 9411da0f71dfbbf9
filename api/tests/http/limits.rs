//! One client cannot have all of a server: what it asks for beyond its share is refused with a time, and others are
//! answered meanwhile.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::server::{Answer, send};
use crate::tokens::reads_as;
use crate::town::{Town, create, set_card};

/// Few enough to run into, and so many that what comes back meanwhile does not matter.
const NARROW: [&str; 6] =
    ["--limit-reads", "2", "--limit-searches", "1", "--trusted-proxy", "127.0.0.1"];

async fn asks_from(town: &Town, address: &str, path: &str) -> Answer {
    send(town.server.request("GET", path).header("x-forwarded-for", address)).await
}

/// How many times in a row an address is answered, up to a number.
async fn times(town: &Town, address: &str, path: &str, most: usize) -> (usize, Option<Answer>) {
    for asked in 0..most {
        let answer = asks_from(town, address, path).await;
        if answer.status == 429 {
            return (asked, Some(answer));
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    (most, None)
}

#[tokio::test]
async fn each_address_has_its_share() {
    let town = Town::served_with(&NARROW).await;
    let (answered, refused) = times(&town, "192.0.2.1", "/v1/blocks", 1000).await;
    assert!((20..1000).contains(&answered), "{answered}");
    let refused = refused.unwrap();
    assert_eq!(refused.code(), "too-many-requests");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(refused.header("content-security-policy").is_some());
    // Others are not concerned, and neither is who watches.
    assert_eq!(asks_from(&town, "192.0.2.2", "/v1/blocks").await.status, 200);
    assert!(times(&town, "192.0.2.1", "/healthz", 200).await.1.is_none());
    // An attacker that has a network of addresses has one share.
    let mut answered = 0;
    for host in 0..1000 {
        let answer = asks_from(&town, &format!("2001:db8::{host:x}"), "/v1/blocks").await;
        if answer.status == 429 {
            break;
        }
        answered += 1;
    }
    assert!((20..1000).contains(&answered), "{answered}");
}

#[tokio::test]
async fn what_costs_more_is_shared_out_apart() {
    let town = Town::served_with(&NARROW).await;
    let search = "/v1/transitions?register=identity";
    let (answered, refused) = times(&town, "192.0.2.1", search, 1000).await;
    assert!((10..20).contains(&answered), "{answered}");
    assert_eq!(refused.unwrap().code(), "too-many-requests");
    // Reading goes on, as far as the searches have left of it.
    assert_eq!(asks_from(&town, "192.0.2.1", "/v1/blocks").await.status, 200);
    assert_eq!(asks_from(&town, "192.0.2.2", search).await.status, 200);
}

#[tokio::test]
async fn a_party_has_one_share_wherever_it_asks_from() {
    let town = Town::served_with(&["--limit-reads", "3", "--trusted-proxy", "127.0.0.1"]).await;
    for (key, kind) in [(&town.ana, "person"), (&town.bo, "person")] {
        assert_eq!(town.signs(create(key, kind), &[key]).await.status, 202);
    }
    let path = format!("/v1/identity/{}", town.ana.party());
    let asks = async |host: u32, token: &str| {
        let request = town.server.request("GET", &path).bearer_auth(token);
        send(request.header("x-forwarded-for", format!("198.51.100.{host}"))).await
    };
    let (ana, bo) = (reads_as(&town, &town.ana), reads_as(&town, &town.bo));
    let mut answered = 0;
    let refused = loop {
        let answer = asks(answered % 250, &ana).await;
        if answer.status == 429 || answered > 1000 {
            break answer;
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        answered += 1;
    };
    assert!((30..1000).contains(&answered), "{answered}");
    assert_eq!(refused.code(), "too-many-requests");
    assert!(refused.json()["detail"].as_str().unwrap().contains("party"));
    assert_eq!(asks(7, &bo).await.status, 200);
}

#[tokio::test]
async fn a_batch_is_slowed_down_and_not_refused() {
    let town = Town::served_with(&["--limit-loopback", "--limit-writes", "20"]).await;
    assert_eq!(town.signs(create(&town.ana, "person"), &[&town.ana]).await.status, 202);
    let mut body = Vec::new();
    for card in 0..230 {
        body.extend(town.transition(set_card(&town.ana, &card.to_string()), &[&town.ana]));
        body.push(b'\n');
    }
    let began = Instant::now();
    let request = town.server.request("POST", "/v1/transitions/batch");
    let answer = send(request.header("content-type", "application/x-ndjson").body(body)).await;
    let verdicts: Vec<Value> =
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts.len(), 230);
    assert!(verdicts.iter().all(|verdict| verdict["status"] == "applied"), "{verdicts:?}");
    // 200 at once; 30 more, 20 each second.
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test]
async fn transitions_beyond_the_share_are_refused_and_change_nothing() {
    let town = Town::served_with(&["--limit-loopback", "--limit-writes", "1"]).await;
    let mut refused = None;
    for number in 0..200 {
        let answer = town.server.submit(format!("nonsense {number}")).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!(refused.code(), "too-many-requests");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(town.server.get("/v1/ledger").await.status, 200);
}

#[tokio::test]
async fn streams_are_counted_while_they_are_open() {
    let town = Town::served_with(&["--limit-streams", "2", "--trusted-proxy", "127.0.0.1"]).await;
    assert_eq!(town.signs(create(&town.ana, "person"), &[&town.ana]).await.status, 202);
    let open = async |address: &str| {
        let request = town.server.request("GET", "/v1/events");
        request.header("x-forwarded-for", address).send().await.unwrap()
    };
    let first = open("192.0.2.1").await;
    let second = open("192.0.2.1").await;
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (200, 200));
    let third = open("192.0.2.1").await;
    assert_eq!(
        (third.status().as_u16(), third.headers()["retry-after"].as_bytes()),
        (429, &b"30"[..])
    );
    assert_eq!(open("192.0.2.2").await.status(), 200);
    drop(first);
    // That a reader has gone the server notices when there is something to tell it.
    let mut cards = 0..300;
    while open("192.0.2.1").await.status() != 200 {
        let card = set_card(&town.ana, &cards.next().unwrap().to_string());
        assert_eq!(town.signs(card, &[&town.ana]).await.status, 202);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(second.status(), 200);
}

#[tokio::test]
async fn on_this_machine_there_is_no_limit_unless_it_is_asked_for() {
    let town = Town::served_with(&["--limit-reads", "1", "--limit-writes", "1"]).await;
    for _ in 0..100 {
        assert_eq!(town.server.get("/v1/blocks").await.status, 200);
    }
    // What a stranger writes of itself is not believed.
    assert!(times(&town, "192.0.2.1", "/v1/blocks", 100).await.1.is_none());
}
