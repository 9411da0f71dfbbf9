//! Every address on a good day, as snapshots; caching, negotiation, methods.

use chancery_ledger::anchor::Anchor;
use chancery_ledger::evidence::{Receipt, StatusProof};
use chancery_ledger::genesis::Genesis;
use serde_json::{Value, json};

use crate::server::{Answer, send};
use crate::town::{Town, create, key, set_card};

/// What differs from run to run is named, not shown.
fn redacted(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(redacted_text(&text)),
        Value::Array(items) => items.into_iter().map(redacted).collect(),
        Value::Object(members) => {
            let member = |(name, value): (String, Value)| match name.as_str() {
                // A key id and a key in base64 with its plus signs.
                "checkpoint_key" => (name, json!("CHECKPOINT KEY")),
                _ => (name, redacted(value)),
            };
            members.into_iter().map(member).collect()
        }
        other => other,
    }
}

fn redacted_text(text: &str) -> String {
    let words = text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c)));
    words.map(redacted_word).collect()
}

fn redacted_word(part: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
    let word = part.trim_end_matches(|c| !is_part(c));
    let rest = &part[word.len()..];
    let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_time = word.len() >= 20 && word.as_bytes()[4] == b'-' && word.ends_with('Z');
    let name = match word.len() {
        64 if is_hex => "HASH",
        _ if is_time => "TIME",
        43 => "KEY",
        44.. => "BYTES",
        _ => word,
    };
    format!("{name}{rest}")
}

fn shown(answer: &Answer) -> Value {
    let is_json = answer.header("content-type").is_some_and(|name| name.contains("json"));
    let headers = ["content-type", "cache-control", "etag", "location", "content-location"];
    let headers: Value = headers
        .into_iter()
        .filter_map(|name| {
            let value = answer.header(name)?;
            // An object's tag is the hash of its text, in which times and keys stand.
            let value = if name == "etag" && value.len() == 34 { "[hash]" } else { value };
            Some((name.to_owned(), json!(value)))
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    let body = if is_json { answer.json() } else { json!(answer.text()) };
    redacted(json!({"status": answer.status, "headers": headers, "body": body}))
}

#[tokio::test]
async fn every_address_on_a_good_day() {
    let town = Town::settled().await;
    assert_eq!(town.signs(set_card(&town.ana, "1"), &[&town.ana]).await.status, 202);
    let found = town.server.get("/v1/transitions?limit=1").await.json();
    let id = found["items"][0]["id"].as_str().unwrap().to_owned();
    let (ana, post) = (town.ana.party(), town.post.party());
    let cases = [
        ("ledger", "/v1/ledger".to_owned()),
        ("genesis", "/v1/ledger/genesis".into()),
        ("inclusion", "/v1/log/proofs/inclusion?position=1&size=4".into()),
        ("consistency", "/v1/log/proofs/consistency?from=2&to=5".into()),
        ("blocks", "/v1/blocks?limit=2".into()),
        ("block", "/v1/blocks/1".into()),
        ("transition", format!("/v1/transitions/{id}")),
        ("receipt", format!("/v1/transitions/{id}/receipt")),
        ("transitions", format!("/v1/transitions?signer={ana}&order=oldest&limit=1")),
        (
            "transitions-of-subject",
            "/v1/transitions?subject=authorities/accreditation/post-1".into(),
        ),
        ("party", format!("/v1/identity/{ana}")),
        ("party-as-of", format!("/v1/identity/{ana}?as_of=2")),
        ("party-history", format!("/v1/identity/{ana}/history")),
        ("party-proof", format!("/v1/identity/{ana}/proof")),
        ("party-absent-proof", format!("/v1/identity/{ana}/proof?as_of=0")),
        ("did", format!("/v1/identity/{ana}/did")),
        ("holdings", format!("/v1/authorities?party={post}&relation=institution")),
        ("parcel-number", "/v1/parcel-numbers?number=RB123456785GB".into()),
        ("problem", "/problems/bad-signature".into()),
        ("readyz", "/readyz".into()),
    ];
    for (name, path) in cases {
        let answer = town.server.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        insta::assert_json_snapshot!(name, shown(&answer));
    }
}

#[tokio::test]
async fn the_pools_and_the_way_from_one_to_the_next_are_told() {
    let town = Town::settled().await;
    let pools = |after: &str| format!("/v1/log/pools{after}");
    let before = town.server.get(&pools("")).await.json();
    assert_eq!((before["items"].as_array().unwrap().len(), &before["next"]), (1, &Value::Null));
    assert_eq!(town.server.get("/v1/log/handovers").await.json()["items"], json!([]));

    // The same key with more power: the node can go on by itself.
    let ledger = town.server.get("/v1/ledger").await.json();
    let (height, validator) = (ledger["tip"]["height"].as_u64().unwrap(), &ledger["pool"][0]);
    let from = height + 3;
    let member = json!({"name": "the same", "key": validator["key"], "power": 7});
    let appoint = json!({
        "register": "validators", "action": "appoint", "validators": [member], "from": from,
    });
    let answer = town.signs(appoint, &[&town.root]).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    for card in ["1", "2", "3"] {
        assert_eq!(town.signs(set_card(&town.ana, card), &[&town.ana]).await.status, 202);
    }

    let all = town.server.get(&pools("")).await.json();
    let froms: Vec<_> = all["items"].as_array().unwrap().iter().map(|it| &it["from"]).collect();
    assert_eq!(froms, [&json!(0), &json!(from)]);
    assert_eq!(all["items"][1]["named_in"], json!(height + 1));
    assert_eq!(all["items"][1]["validators"][0]["power"], json!(7));
    assert_eq!(town.server.get(&pools("?after=0")).await.json()["items"][0], all["items"][1]);
    assert_eq!(town.server.get(&pools(&format!("?after={from}"))).await.json()["items"], json!([]));
    let block = town.server.get(&format!("/v1/blocks/{from}")).await.json();
    assert_eq!(block["pool"], all["items"][1]["pool"]);

    // With the genesis and the handover, and not without it.
    let genesis = Genesis::parse(&town.server.get("/v1/ledger/genesis").await.body).unwrap();
    let mut anchor = Anchor::from(genesis);
    let path = format!("/v1/identity/{}/proof?as_of={from}", town.ana.party());
    let proof: StatusProof = serde_json::from_slice(&town.server.get(&path).await.body).unwrap();
    proof.verify(&anchor).unwrap_err();
    let handovers = town.server.get("/v1/log/handovers?after=0").await.json();
    let handover = serde_json::from_value(handovers["items"][0].clone()).unwrap();
    anchor.follow(&handover).unwrap();
    proof.verify(&anchor).unwrap();
    let bad = town.server.get("/v1/log/handovers?after=soon").await;
    assert_eq!(bad.code(), "bad-query");
}

#[tokio::test]
async fn the_checkpoint_is_a_signed_note() {
    let town = Town::settled().await;
    let note = town.server.get("/v1/log/checkpoint").await;
    assert_eq!(note.header("content-type"), Some("text/plain; charset=utf-8"));
    let text = note.text();
    let origin = format!("chancery/{}", town.ledger);
    assert!(text.starts_with(&format!("{origin}\n4\n")), "{text}");
    assert!(text.contains(&format!("\n\n\u{2014} {origin} ")), "{text}");
}

#[tokio::test]
async fn submitting_is_answered_with_the_place_or_the_receipt() {
    let town = Town::settled().await;
    let transition = town.transition(set_card(&town.ana, "1"), &[&town.ana]);
    insta::assert_json_snapshot!("submitted", shown(&town.server.submit(transition.clone()).await));
    insta::assert_json_snapshot!("submitted-twice", shown(&town.server.submit(transition).await));
    let transition = town.transition(set_card(&town.ana, "2"), &[&town.ana]);
    let request = town.server.request("POST", "/v1/transitions");
    let request = request.header("content-type", "application/json").header("prefer", "wait=5");
    let answer = send(request.body(transition.clone())).await;
    assert_eq!(answer.header("preference-applied"), Some("wait=5"));
    insta::assert_json_snapshot!("submitted-with-wait", shown(&answer));
    // With the genesis and nothing else.
    let genesis = Genesis::parse(&town.server.get("/v1/ledger/genesis").await.body).unwrap();
    let anchor = genesis.into();
    let receipt: Receipt = serde_json::from_slice(&answer.body).unwrap();
    receipt.verify(&anchor).unwrap();
    assert!(receipt.entry.0.ends_with(&transition));
    for as_of in ["", "?as_of=1"] {
        let path = format!("/v1/identity/{}/proof{as_of}", town.ana.party());
        let proof: StatusProof =
            serde_json::from_slice(&town.server.get(&path).await.body).unwrap();
        proof.verify(&anchor).unwrap();
    }
}

#[tokio::test]
async fn who_has_a_version_is_not_sent_it_again() {
    let town = Town::settled().await;
    let path = format!("/v1/identity/{}", town.ana.party());
    let first = town.server.get(&path).await;
    let tag = first.header("etag").unwrap().to_owned();
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    let again = send(town.server.request("GET", &path).header("if-none-match", &tag)).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(town.signs(set_card(&town.ana, "1"), &[&town.ana]).await.status, 202);
    let changed = send(town.server.request("GET", &path).header("if-none-match", &tag)).await;
    assert_eq!(changed.status, 200);
    let then = town.server.get(&format!("{path}?as_of=1")).await;
    assert!(then.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(then.json()["version"], 1);
    let now = town.server.get(&format!("{path}?as_of={}", crate::town::in_seconds(60))).await;
    assert_eq!(now.header("cache-control"), Some("no-cache"));
    assert_eq!(now.json()["version"], 2);
}

#[tokio::test]
async fn lists_go_page_by_page() {
    let town = Town::settled().await;
    for number in 0..7 {
        let set = set_card(&town.ana, &number.to_string());
        assert_eq!(town.signs(set, &[&town.ana]).await.status, 202);
    }
    let ana = town.ana.party();
    for (first, expected) in [
        (format!("/v1/transitions?signer={ana}&limit=3"), 8),
        (format!("/v1/identity/{ana}/history?limit=3"), 8),
        ("/v1/blocks?limit=3".to_owned(), 12),
        (format!("/v1/authorities?party={}&limit=1", town.root.party()), 1),
    ] {
        let (mut next, mut items) = (Some(first.clone()), Vec::new());
        while let Some(path) = next {
            let page = town.server.get(&path).await;
            let body = page.json();
            items.extend(body["items"].as_array().unwrap_or_else(|| panic!("{body}")).clone());
            next = body["next"].as_str().map(str::to_owned);
            let link = next.as_ref().map(|next| format!("<{next}>; rel=\"next\""));
            assert_eq!(page.header("link"), link.as_deref(), "{path}");
        }
        assert_eq!(items.len(), expected, "{first}");
        let mut distinct: Vec<String> = items.iter().map(Value::to_string).collect();
        distinct.dedup();
        assert_eq!(distinct.len(), expected, "{first}");
    }
}

#[tokio::test]
async fn blocks_and_documents_come_in_the_form_asked_for() {
    let town = Town::settled().await;
    let request = town.server.request("GET", "/v1/blocks/1");
    let exact = send(request.header("accept", "application/octet-stream")).await;
    let block = chancery_ledger::block::Block::decode(&exact.body).unwrap();
    let stated = town.server.get("/v1/blocks/1").await.json();
    assert_eq!(stated["hash"], block.header.hash().to_string());
    let path = format!("/v1/identity/{}/did", town.ana.party());
    let did =
        send(town.server.request("GET", &path).header("accept", "application/did+json")).await;
    assert_eq!(did.header("content-type"), Some("application/did+json"));
    assert!(did.json()["id"].as_str().unwrap().starts_with("did:chancery:"));
    let request = town.server.request("GET", "/problems/bad-signature");
    let page = send(request.header("accept", "text/html,application/json;q=0.9")).await;
    assert!(page.text().contains("<h1>bad-signature</h1>"));
}

#[tokio::test]
async fn codes_lead_to_an_object() {
    let town = Town::settled().await;
    let path = format!("/v1/identity/{}", town.ana.party());
    let svg = town.server.get(&format!("{path}/qr.svg")).await;
    assert_eq!(svg.header("content-type"), Some("image/svg+xml"));
    assert!(svg.text().contains("<svg"));
    let png = town.server.get(&format!("{path}/qr.png")).await;
    assert_eq!(png.header("content-type"), Some("image/png"));
    assert!(png.body.starts_with(b"\x89PNG\r\n\x1a\n"));
    let absent = format!("/v1/identity/{}/qr.svg", key(99).party());
    assert_eq!(town.server.get(&absent).await.code(), "no-such-object");
}

#[tokio::test]
async fn pages_load_nothing_from_elsewhere() {
    let town = Town::empty().await;
    let docs = town.server.get("/docs").await;
    assert_eq!((docs.status, docs.header("location")), (308, Some("/docs/")));
    for path in ["/", "/docs/", "/docs/swagger-initializer.js", "/static/front.js", "/problems"] {
        let answer = send(town.server.request("GET", path).header("accept", "text/html")).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.text().contains("https://"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'self'"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    }
    let request = town.server.request("GET", "/openapi.json").header("accept-encoding", "gzip");
    let packed = send(request).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
}

#[tokio::test]
async fn methods_are_those_that_allow_lists() {
    let town = Town::settled().await;
    let path = format!("/v1/identity/{}", town.ana.party());
    let head = send(town.server.request("HEAD", &path)).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert!(head.header("etag").is_some());
    let options = send(town.server.request("OPTIONS", &path)).await;
    assert_eq!((options.status, options.header("allow")), (204, Some("OPTIONS, GET, HEAD")));
    assert_eq!(options.header("access-control-allow-origin"), Some("*"));
    let put = send(town.server.request("PUT", &path)).await;
    assert_eq!((put.status, &*put.code()), (405, "method-not-allowed"));
    assert_eq!(put.header("allow"), Some("OPTIONS, GET, HEAD"));
    let post = send(town.server.request("OPTIONS", "/v1/transitions/batch")).await;
    assert_eq!(post.header("access-control-allow-methods"), None);
}

#[tokio::test]
async fn a_container_is_not_the_history_of_a_parcel() {
    let town = Town::settled().await;
    let answer = town.server.get("/v1/parcels/container/340123450000000018").await;
    assert!(["no-such-object", "bad-id"].contains(&&*answer.code()));
    let answer = town.signs(create(&key(7), "device"), &[&key(7)]).await;
    assert_eq!(answer.status, 202);
}
