//! Bad input: each case has its own code, says what would be right, and changes nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::server::{Server, send};
use crate::town::{Town, by_hand, create, in_seconds, key, protected, set_card, signed};

/// Makes a case's body wrong.
fn with(mut value: Value, pointer: &str, wrong: Value) -> Value {
    *value.pointer_mut(pointer).unwrap() = wrong;
    value
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

/// An Ed25519 point of small order: the identity.
const SMALL_ORDER: [u8; 32] = {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
};

/// The group's order: added to s, it gives another encoding of the same signature.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn other_encoding(transition: &[u8]) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(transition).unwrap();
    let text = value["signatures"][0]["signature"].as_str().unwrap();
    value["signatures"][0]["signature"] = encoded_otherwise(text).into();
    bytes(&value)
}

/// The same signature with another s, as base64url.
pub(crate) fn encoded_otherwise(text: &str) -> String {
    let mut signature = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    BASE64URL_NOPAD.encode(&signature)
}

/// Bodies that are no transition, whoever signs: name, body, status and code.
fn shapeless(town: &Town) -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let good: Value =
        serde_json::from_slice(&town.transition(set_card(&town.ana, "1"), &[&town.ana])).unwrap();
    let text = String::from_utf8(bytes(&good)).unwrap();
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let deep_inside = text.replacen("\"signatures\":[", &format!("\"signatures\":[{deep},"), 1);
    vec![
        ("empty", b"".into(), 400, "not-json"),
        ("cut off", text.as_bytes()[..text.len() / 2].into(), 400, "not-json"),
        ("not UTF-8", [b"{\"payload\":\"", &[0xff, 0xfe][..], b"\"}"].concat(), 400, "not-json"),
        ("a raw NUL", b"{\"payload\":\"\0\"}".into(), 400, "not-json"),
        ("deep nesting", deep.into(), 400, "bad-jws"),
        ("deep nesting inside", deep_inside.into(), 400, "bad-jws"),
        ("a number", b"42".into(), 400, "bad-jws"),
        ("bytes behind", format!("{text} x").into(), 400, "not-json"),
        ("compact JWS", b"\"a.b.c\"".into(), 400, "bad-jws"),
        (
            "an unknown member",
            bytes(&{
                let mut v = good.clone();
                v["x"] = 1.into();
                v
            }),
            400,
            "bad-jws",
        ),
        (
            "an unknown member of a signature",
            bytes(&{
                let mut v = good.clone();
                v["signatures"][0]["header"] = json!({});
                v
            }),
            400,
            "bad-jws",
        ),
        ("a member twice", text.replacen('{', "{\"payload\":\"\",", 1).into(), 400, "bad-jws"),
        (
            "no signature",
            bytes(&with(good.clone(), "/signatures", json!([]))),
            400,
            "signature-count",
        ),
        (
            "65 signatures",
            bytes(&with(
                good.clone(),
                "/signatures",
                vec![good["signatures"][0].clone(); 65].into(),
            )),
            400,
            "signature-count",
        ),
        ("padding", bytes(&with(good.clone(), "/payload", "YQ==".into())), 400, "bad-base64url"),
        (
            "odd Unicode in base64url",
            bytes(&with(good.clone(), "/payload", "\u{202e}\u{0}\u{1f600}".into())),
            400,
            "bad-base64url",
        ),
        (
            "a signature too short",
            bytes(&with(good.clone(), "/signatures/0/signature", "YQ".into())),
            422,
            "bad-signature",
        ),
        (
            "another signature",
            bytes(&with(
                good.clone(),
                "/signatures/0/signature",
                BASE64URL_NOPAD.encode(&[0; 64]).into(),
            )),
            422,
            "bad-signature",
        ),
        ("another encoding of s", other_encoding(&bytes(&good)), 422, "bad-signature"),
        (
            "61,441 bytes",
            format!("{text}{}", " ".repeat(61_441 - text.len())).into(),
            413,
            "transition-too-large",
        ),
        ("10 MB", vec![b'x'; 10_000_000], 413, "transition-too-large"),
    ]
}

/// Protected headers that are wrong.
fn headers(town: &Town) -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let payload = bytes(&town.payload(set_card(&town.ana, "1")));
    let right = protected(&town.ana);
    let hand = |header: String| bytes(&by_hand(&payload, &header, &town.ana));
    let kid = |kid: String| {
        hand(json!({"alg": "EdDSA", "typ": "chancery-transition+json", "kid": kid}).to_string())
    };
    let small = BASE64URL_NOPAD.encode(&SMALL_ORDER);
    // p + 1 in 255 bits: another encoding of the identity's y.
    let mut p_plus_1 = [0xff; 32];
    (p_plus_1[0], p_plus_1[31]) = (0xee, 0x7f);
    let party = town.ana.party();
    vec![
        ("alg none", hand(right.replace("EdDSA", "none")), 400, "algorithm-not-accepted"),
        ("alg HS256", hand(right.replace("EdDSA", "HS256")), 400, "algorithm-not-accepted"),
        (
            "another typ",
            hand(right.replace("chancery-transition+json", "JWT")),
            400,
            "type-not-accepted",
        ),
        (
            "an unknown header",
            hand(right.replacen('{', "{\"crit\":[],", 1)),
            400,
            "bad-protected-header",
        ),
        (
            "a header twice",
            hand(right.replacen('{', "{\"alg\":\"EdDSA\",", 1)),
            400,
            "bad-protected-header",
        ),
        ("a kid without a key", kid(party.to_string()), 400, "bad-key-id"),
        (
            "a kid with a wrong check character",
            kid(format!("{}0#{}", &party.to_string()[..24], town.ana.public())),
            400,
            "bad-key-id",
        ),
        ("a key of small order", kid(format!("{party}#{small}")), 422, "key-not-accepted"),
        (
            "a key that is not canonical",
            kid(format!("{party}#{}", BASE64URL_NOPAD.encode(&p_plus_1))),
            422,
            "key-not-accepted",
        ),
        (
            "another's key",
            bytes(&by_hand(&payload, &protected(&town.ana), &town.bo)),
            422,
            "bad-signature",
        ),
        (
            "a key that is not the party's",
            {
                let header =
                    protected(&town.bo).replace(&town.bo.party().to_string(), &party.to_string());
                bytes(&by_hand(&payload, &header, &town.bo))
            },
            422,
            "key-unknown",
        ),
    ]
}

/// Payloads that are wrong, rightly signed.
fn payloads(town: &Town) -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let good = town.payload(set_card(&town.ana, "1"));
    let sign = |payload: Value| signed(&payload, &[&town.ana]);
    let set = |pointer: &str, value: Value| sign(with(good.clone(), pointer, value));
    let raw = |text: String| bytes(&by_hand(text.as_bytes(), &protected(&town.ana), &town.ana));
    let text = good.to_string();
    let other_ledger = "0".repeat(64);
    let action = &good["actions"][0];
    let small = BASE64URL_NOPAD.encode(&SMALL_ORDER);
    vec![
        ("another ledger", set("/ledger", other_ledger.into()), 400, "wrong-ledger"),
        ("expired", set("/not_after", in_seconds(-60).into()), 400, "expired"),
        (
            "expires in a year",
            set("/not_after", in_seconds(31_536_000).into()),
            400,
            "expires-too-late",
        ),
        ("a time that is none", set("/not_after", "tomorrow".into()), 400, "bad-payload"),
        ("an id with a NUL", set("/id", "a\0".into()), 400, "bad-payload"),
        ("an id in odd Unicode", set("/id", "\u{202e}x".into()), 400, "bad-payload"),
        ("no action", set("/actions", json!([])), 400, "action-count"),
        ("65 actions", set("/actions", vec![action.clone(); 65].into()), 400, "action-count"),
        (
            "an unknown member",
            sign({
                let mut v = good.clone();
                v["x"] = 1.into();
                v
            }),
            400,
            "bad-payload",
        ),
        ("a member twice", raw(text.replacen('{', "{\"id\":\"y\",", 1)), 400, "bad-payload"),
        ("a payload that is no JSON", raw("not json".into()), 400, "bad-payload"),
        ("an unknown register", set("/actions/0/register", "castles".into()), 400, "bad-action"),
        ("an unknown action", set("/actions/0/action", "fly".into()), 400, "bad-action"),
        (
            "an unknown member of an action",
            sign({
                let mut v = good.clone();
                v["actions"][0]["x"] = 1.into();
                v
            }),
            400,
            "bad-action",
        ),
        (
            "a member of an action twice",
            raw(text.replacen("\"card\":", "\"card\":null,\"card\":", 1)),
            400,
            "bad-action",
        ),
        (
            "a key of small order",
            sign(town.payload(
                json!({"register": "identity", "action": "create", "kind": "person", "key": small}),
            )),
            400,
            "bad-action",
        ),
    ]
}

/// Well-formed, and against the rules.
async fn against_the_rules(town: &Town) -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let card = || set_card(&town.ana, "1");
    let stranger = key(50);
    let once = town.transition(card(), &[&town.ana]);
    assert_eq!(town.server.submit(once.clone()).await.status, 202);
    let twice = {
        let mut value: Value =
            serde_json::from_slice(&town.transition(card(), &[&town.ana])).unwrap();
        let signature = value["signatures"][0].clone();
        value["signatures"].as_array_mut().unwrap().push(signature);
        bytes(&value)
    };
    vec![
        ("sent before", once, 409, "duplicate"),
        ("a signer missing", town.transition(card(), &[&town.bo]), 422, "signer-missing"),
        ("a signer too many", town.transition(card(), &[&town.ana, &town.bo]), 422, "signer-not-required"),
        ("a signer twice", twice, 400, "signature-repeated"),
        ("a party that is not there", town.transition(set_card(&stranger, "1"), &[&stranger]), 422, "party-unknown"),
        ("an id that is taken", town.transition(create(&town.ana, "person"), &[&town.ana]), 422, "party-exists"),
        ("not root", town.transition(json!({
            "register": "authorities", "action": "accredit", "accreditation": "mine", "by": town.ana.party(),
            "institution": town.ana.party(), "role": "carrier", "registers": ["parcels"], "scope": "All.",
        }), &[&town.ana]), 422, "not-accredited"),
    ]
}

#[tokio::test]
async fn bad_transitions_are_told_apart_and_change_nothing() {
    let town = Town::settled().await;
    let rules = against_the_rules(&town).await;
    let before = town.server.state().await;
    let cases = [shapeless(&town), headers(&town), payloads(&town), rules].concat();
    let mut wrong = Vec::new();
    for (name, body, status, code) in cases {
        let answer = town.server.submit(body).await;
        let told = (answer.status, answer.code());
        if told != (status, code.to_owned()) {
            wrong.push(format!("{name}: {told:?} instead of {status} {code}: {}", answer.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(town.server.state().await, before);
    assert_eq!(town.server.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_revoked_key_signs_no_more() {
    let town = Town::settled().await;
    let new = key(20);
    let change = json!({"register": "identity", "action": "set-controllers", "party": town.ana.party(),
        "threshold": 1, "keys": [new.public()]});
    let signing: chancery_ledger::transition::Signing =
        serde_json::from_slice(&town.transition(change, &[&town.ana])).unwrap();
    let as_ana = chancery_ledger::key::KeyId { party: town.ana.party(), key: new.public() };
    let answer = town.server.submit(signing.sign_as(&as_ana, &new).to_bytes()).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let before = town.server.state().await;
    let answer = town.signs(set_card(&town.ana, "1"), &[&town.ana]).await;
    assert_eq!((answer.status, &*answer.code()), (422, "key-revoked"));
    assert_eq!(town.server.state().await, before);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_apart() {
    let town = Town::settled().await;
    let before = town.server.state().await;
    let post = |content_type: &str| {
        let request = town.server.request("POST", "/v1/transitions");
        request.header("content-type", content_type).body("{}")
    };
    let get = |path: &str| town.server.request("GET", path);
    let (ana, nobody) = (town.ana.party(), key(99).party());
    let hash = "0".repeat(64);
    let cases = [
        (post("text/plain"), 415, "media-type-not-accepted"),
        (
            post("application/jose+json").header("content-encoding", "gzip"),
            415,
            "content-encoding-not-accepted",
        ),
        (town.server.request("POST", "/v1/transitions").body("{}"), 415, "media-type-not-accepted"),
        (town.server.request("DELETE", "/v1/transitions"), 405, "method-not-allowed"),
        (get("/v1/castles/1"), 404, "no-such-route"),
        (get("/v1/transitions/"), 404, "no-such-route"),
        (get("/../../etc/passwd"), 404, "no-such-route"),
        (get("/static/%2e%2e%2fsecret"), 404, "no-such-route"),
        (get("/v1/transitions/xyz"), 400, "bad-id"),
        (get(&format!("/v1/transitions/{hash}")), 404, "no-such-transition"),
        (get(&format!("/v1/transitions/{hash}/receipt")), 404, "no-such-transition"),
        (get("/v1/identity/ANA"), 400, "bad-id"),
        (get("/v1/identity/%00"), 400, "bad-id"),
        (get("/v1/identity/%ff%fe"), 400, "bad-id"),
        (get("/v1/identity/%F0%9F%92%A9"), 400, "bad-id"),
        (get(&format!("/v1/identity/{nobody}")), 404, "no-such-object"),
        (get(&format!("/v1/identity/{nobody}/history")), 404, "no-such-object"),
        (get(&format!("/v1/identity/{nobody}/did")), 404, "no-such-object"),
        (get(&format!("/v1/identity/{ana}?as_of=yesterday")), 400, "bad-query"),
        (get(&format!("/v1/identity/{ana}?as_of=99")), 404, "beyond-tip"),
        (get(&format!("/v1/identity/{ana}?as_of=1999-01-01T00:00:00Z")), 404, "before-genesis"),
        (get(&format!("/v1/identity/{ana}?as_of=1&as_of=2")), 400, "bad-query"),
        (get(&format!("/v1/identity/{ana}?asof=1")), 400, "bad-query"),
        (get(&format!("/v1/identity/{ana}/history?cursor=zz")), 400, "bad-cursor"),
        (get("/v1/identity?party=x"), 400, "bad-query"),
        (get("/v1/identity"), 400, "bad-query"),
        (get(&format!("/v1/identity?party={ana}&cursor=zz")), 400, "bad-cursor"),
        (get("/v1/transitions?limit=0"), 400, "bad-query"),
        (get("/v1/transitions?limit=501"), 400, "bad-query"),
        (get("/v1/transitions?subject=parcels"), 400, "bad-query"),
        (get("/v1/transitions?register=castles"), 400, "bad-query"),
        (get("/v1/transitions?signer=%00"), 400, "bad-query"),
        (get("/v1/transitions?q=%27%20OR%201=1--"), 400, "bad-query"),
        (get("/v1/blocks/99"), 404, "beyond-tip"),
        (get("/v1/blocks/-1"), 400, "bad-id"),
        (get("/v1/blocks?cursor=99"), 400, "bad-cursor"),
        (get("/v1/log/proofs/inclusion"), 400, "bad-query"),
        (get("/v1/log/proofs/inclusion?position=4"), 404, "beyond-tip"),
        (get("/v1/log/proofs/inclusion?position=0&size=18446744073709551615"), 404, "beyond-tip"),
        (get("/v1/log/proofs/consistency?from=5&to=4"), 404, "beyond-tip"),
        (get("/v1/ledger?x=1"), 400, "bad-query"),
        (get("/v1/events?subject=x"), 400, "bad-query"),
        (get("/v1/events").header("last-event-id", "x"), 400, "bad-last-event-id"),
        (get("/problems/no-problem"), 404, "no-such-code"),
        (get("/openapi.json").header("accept-encoding", "identity;q=0"), 406, "not-acceptable"),
    ];
    let mut wrong = Vec::new();
    for (request, status, code) in cases {
        let address = format!("{:?}", request.try_clone().unwrap().build().unwrap().url().path());
        let answer = send(request).await;
        let told = (answer.status, answer.code());
        if told != (status, code.to_owned()) {
            wrong
                .push(format!("{address}: {told:?} instead of {status} {code}: {}", answer.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(town.server.state().await, before);
}

/// What the server answers to bytes that an HTTP client would not send.
fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let town = Town::empty().await;
    for request in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /v1/transitions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ] {
        let answer = raw(&town.server, request);
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(200_000));
    assert!(raw(&town.server, long.as_bytes()).starts_with("HTTP/1.1 4"));
    assert_eq!(town.server.get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_are_cut_off_and_told() {
    let town = Town::settled().await;
    let before = town.server.state().await;
    let head = "POST /v1/transitions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
        Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    let answer = tokio::task::block_in_place(|| raw(&town.server, head.as_bytes()));
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"code\":\"request-timeout\""), "{answer}");
    assert_eq!(town.server.state().await, before);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_nothing() {
    let town = Town::settled().await;
    let before = town.server.state().await;
    let mut stream = TcpStream::connect(town.server.address()).unwrap();
    let head = "POST /v1/transitions HTTP/1.1\r\nHost: x\r\n\
        Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(town.server.state().await, before);
}
