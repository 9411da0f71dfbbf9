//! Events, as they happen and from where a reader left off.

use std::time::Duration;

use serde_json::Value;

use crate::server::Server;
use crate::town::{Town, set_card};

/// Reads from a stream until it has so many events: name, id and data of each.
async fn events(
    server: &Server,
    path: &str,
    last_event_id: Option<&str>,
    count: usize,
) -> Vec<(String, Option<String>, Value)> {
    let mut request = server.request("GET", path);
    if let Some(id) = last_event_id {
        request = request.header("last-event-id", id);
    }
    let mut response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    loop {
        let found: Vec<_> = text.split("\n\n").filter_map(event).collect();
        if found.len() >= count && text.ends_with("\n\n") {
            return found;
        }
        let chunk = tokio::time::timeout(Duration::from_secs(10), response.chunk()).await;
        text += std::str::from_utf8(&chunk.unwrap().unwrap().unwrap()).unwrap();
    }
}

fn event(block: &str) -> Option<(String, Option<String>, Value)> {
    let field =
        |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
    let data = serde_json::from_str(&field("data: ")?).unwrap();
    Some((field("event: ")?, field("id: "), data))
}

#[tokio::test]
async fn a_stream_tells_what_happens_from_now_on() {
    let town = Town::settled().await;
    let path = "/v1/events?register=identity";
    let (told, ()) = tokio::join!(events(&town.server, path, None, 1), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(town.signs(set_card(&town.ana, "1"), &[&town.ana]).await.status, 202);
    });
    let (name, id, data) = &told[0];
    assert_eq!(name, "identity.set-card");
    assert_eq!(id.as_deref(), Some("4"));
    assert_eq!(data["object"], format!("identity/party/{}", town.ana.party()));
    assert_eq!(data["version"], 2);
}

#[tokio::test]
async fn a_stream_goes_on_from_where_a_reader_left_off() {
    let town = Town::settled().await;
    let names = |told: Vec<(String, Option<String>, Value)>| -> Vec<String> {
        let mut names: Vec<String> = told.into_iter().map(|(name, ..)| name).collect();
        // An accreditation changes more than one object.
        names.dedup();
        names
    };
    let all = events(&town.server, "/v1/events", Some("0"), 3).await;
    assert_eq!(names(all), ["identity.create", "authorities.accredit"]);
    let of_post = format!("/v1/events?party={}", town.post.party());
    let told = events(&town.server, &of_post, Some("0"), 2).await;
    assert_eq!(names(told), ["identity.create", "authorities.accredit"]);
    let of_one = "/v1/events?subject=authorities/accreditation/post-1&after=0";
    assert_eq!(names(events(&town.server, of_one, None, 1).await), ["authorities.accredit"]);
}

/// Where blocks are final at once there is nothing to wait for; who has seen that is told not to come again.
#[tokio::test]
async fn the_standing_of_what_is_final_is_one_event() {
    let town = Town::settled().await;
    let found = town.server.get("/v1/transitions?limit=1").await.json();
    let path = format!("/v1/transitions/{}/events", found["items"][0]["id"].as_str().unwrap());
    let answer = town.server.get(&path).await;
    let told: Vec<_> = answer.text().split("\n\n").filter_map(event).collect();
    let [(name, id, data)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((name.as_str(), id.as_deref()), ("final", Some("settled")));
    assert_eq!(data["position"], found["items"][0]["position"]);
    let again = town.server.request("GET", &path).header("last-event-id", "settled");
    assert_eq!(again.send().await.unwrap().status(), 204);
    let unknown = town.server.get(&format!("/v1/transitions/{}/events", "0".repeat(64))).await;
    assert_eq!(unknown.json()["code"], "no-such-transition");
    let no_work = town.server.get("/v1/network/events").await;
    assert_eq!((no_work.status, &no_work.json()["code"]), (404, &"no-proof-of-work".into()));
}
