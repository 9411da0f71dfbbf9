//! Access tokens: the known attacks on JWTs, each refused, and what a good one is.

use std::time::Duration;

use chancery_ledger::hash::Hash;
use chancery_ledger::key::{KeyId, SecretKey};
use chancery_ledger::transition::Signing;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::bad_input::encoded_otherwise;
use crate::server::{Answer, send};
use crate::town::{self, Town, in_seconds, key};

/// A token by which a party reads.
pub(crate) fn reads_as(town: &Town, key: &SecretKey) -> String {
    signed(&header(key), &claims(town, key), key)
}

fn header(key: &SecretKey) -> Value {
    let kid = format!("{}#{}", key.party(), key.public());
    json!({"alg": "EdDSA", "typ": "chancery-access+jwt", "kid": kid})
}

fn claims(town: &Town, key: &SecretKey) -> Value {
    let (now, aud) = (now_s(), json!([town.ledger, town.server.url]));
    json!({"iss": key.party(), "aud": aud, "iat": now, "exp": now + 60})
}

fn now_s() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

fn signed(header: &Value, claims: &Value, key: &SecretKey) -> String {
    signed_text(&header.to_string(), &claims.to_string(), key)
}

fn input(header: &str, claims: &str) -> String {
    [header, claims].map(|part| BASE64URL_NOPAD.encode(part.as_bytes())).join(".")
}

fn signed_text(header: &str, claims: &str, key: &SecretKey) -> String {
    let input = input(header, claims);
    let signature = key.sign(input.as_bytes());
    format!("{input}.{}", BASE64URL_NOPAD.encode(&signature))
}

/// A value with one member set, or taken away by a null.
fn with(mut value: Value, member: &str, is: Value) -> Value {
    match is.is_null() {
        true => drop(value.as_object_mut().unwrap().remove(member)),
        false => value[member] = is,
    }
    value
}

/// HMAC (RFC 2104) with SHA-256: what a verifier would compute that takes the public key for a secret.
fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Hash::of(&[&pad(0x36), message]);
    *Hash::of(&[&pad(0x5c), inner.as_bytes()]).as_bytes()
}

async fn asks(town: &Town, authorization: &str) -> Answer {
    let path = format!("/v1/identity/{}", town.ana.party());
    send(town.server.request("GET", &path).header("authorization", authorization)).await
}

const MALFORMED: &str = "token-malformed";
const NOT_HERE: &str = "token-not-for-here";
const NOT_NOW: &str = "token-not-valid-now";
const NOT_ITS: &str = "token-not-by-its-party";

/// Headers that are no header of an access token, though the signature holds.
fn headers(town: &Town) -> Vec<(&'static str, Value, &'static str)> {
    let (ana, bo) = (&town.ana, &town.bo);
    let good = header(ana);
    let set = |member: &str, is: Value| with(good.clone(), member, is);
    let kid = |kid: String| set("kid", json!(kid));
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": ana.public()});
    vec![
        ("no algorithm", set("alg", Value::Null), MALFORMED),
        ("alg none", set("alg", json!("none")), MALFORMED),
        ("alg None", set("alg", json!("None")), MALFORMED),
        ("another signature's alg", set("alg", json!("ES256")), MALFORMED),
        ("alg is a list", set("alg", json!(["EdDSA"])), MALFORMED),
        ("an embedded key", set("jwk", jwk), MALFORMED),
        ("an address of keys", set("jku", json!("https://attacker.example/keys")), MALFORMED),
        ("a certificate", set("x5c", json!(["MIIB"])), MALFORMED),
        ("an extension that must be known", set("crit", json!(["b64"])), MALFORMED),
        ("no typ", set("typ", Value::Null), MALFORMED),
        ("any JWT", set("typ", json!("JWT")), MALFORMED),
        ("a transition", set("typ", json!("chancery-transition+json")), MALFORMED),
        ("no kid", set("kid", Value::Null), MALFORMED),
        ("a kid that is a path", kid("../../etc/passwd".into()), MALFORMED),
        ("a kid that is SQL", kid(format!("{}' OR 1=1 --", ana.party())), MALFORMED),
        ("a kid with a NUL", kid(format!("{}#{}\0", ana.party(), ana.public())), MALFORMED),
        ("a party alone", kid(ana.party().to_string()), MALFORMED),
        (
            "another's party with one's key",
            kid(format!("{}#{}", bo.party(), ana.public())),
            NOT_ITS,
        ),
        ("another's key", header(bo), NOT_ITS),
    ]
}

/// Claims that are not taken, though the signature holds.
fn claim_sets(town: &Town) -> Vec<(&'static str, Value, &'static str)> {
    let good = claims(town, &town.ana);
    let set = |member: &str, is: Value| with(good.clone(), member, is);
    let times = |iat: u64, exp: u64| with(set("iat", json!(iat)), "exp", json!(exp));
    let (now, url, ledger) = (now_s(), &town.server.url, &town.ledger);
    let other = Hash::of(&[b"another ledger"]);
    vec![
        ("no aud", set("aud", Value::Null), MALFORMED),
        ("one aud as a text", set("aud", json!(ledger)), MALFORMED),
        ("another ledger", set("aud", json!([other, url])), NOT_HERE),
        ("another server", set("aud", json!([ledger, "https://other.example"])), NOT_HERE),
        ("no server", set("aud", json!([ledger])), NOT_HERE),
        ("no ledger", set("aud", json!([url])), NOT_HERE),
        ("no iss", set("iss", Value::Null), MALFORMED),
        ("another iss", set("iss", json!(town.bo.party())), NOT_ITS),
        ("no exp", set("exp", Value::Null), MALFORMED),
        ("no iat", set("iat", Value::Null), MALFORMED),
        ("expired", times(now - 100, now - 1), NOT_NOW),
        ("long expired", times(now - 90_000, now - 89_900), NOT_NOW),
        ("iat far ahead", times(now + 120, now + 180), NOT_NOW),
        ("longer than five minutes", times(now, now + 301), NOT_NOW),
        ("longer than five minutes by an old iat", times(now - 600, now + 60), NOT_NOW),
        ("exp before iat", times(now + 50, now + 40), NOT_NOW),
        ("exp beyond all numbers", set("exp", json!(1e300)), MALFORMED),
        ("exp as a text", set("exp", json!("2999")), MALFORMED),
        ("exp below nought", set("exp", json!(-1)), MALFORMED),
        ("an unknown claim", set("role", json!("registrar")), MALFORMED),
    ]
}

/// Texts that are no token.
fn texts(town: &Town) -> Vec<(&'static str, String, &'static str)> {
    let ana = &town.ana;
    let (good, header, claims) = (reads_as(town, ana), header(ana), claims(town, ana));
    let none = with(header.clone(), "alg", json!("none")).to_string();
    let hs256 =
        input(&with(header.clone(), "alg", json!("HS256")).to_string(), &claims.to_string());
    let tag = hmac_sha256(ana.public().as_bytes(), hs256.as_bytes());
    let twice = header.to_string().replacen('{', r#"{"alg":"none","#, 1);
    let claimed_twice = claims.to_string().replacen('{', r#"{"exp":4102444800,"#, 1);
    let (front, signature) = good.rsplit_once('.').unwrap();
    let changed = with(claims.clone(), "exp", json!(now_s() + 250)).to_string();
    let stripped = input(&header.to_string(), &changed);
    vec![
        ("alg none, unsigned", format!("{}.", input(&none, &claims.to_string())), MALFORMED),
        (
            "HS256 with the public key",
            format!("{hs256}.{}", BASE64URL_NOPAD.encode(&tag)),
            MALFORMED,
        ),
        ("a member twice in the header", signed_text(&twice, &claims.to_string(), ana), MALFORMED),
        ("a claim twice", signed_text(&header.to_string(), &claimed_twice, ana), MALFORMED),
        ("no signature", format!("{front}."), NOT_ITS),
        ("a short signature", format!("{front}.{}", &signature[..40]), NOT_ITS),
        (
            "another encoding of the signature",
            format!("{front}.{}", encoded_otherwise(signature)),
            NOT_ITS,
        ),
        ("changed claims under the old signature", format!("{stripped}.{signature}"), NOT_ITS),
        ("two parts", front.to_owned(), MALFORMED),
        ("four parts", format!("{good}.{signature}"), MALFORMED),
        ("five parts, as encrypted ones have", format!("{good}.a.b"), MALFORMED),
        ("empty", String::new(), MALFORMED),
        ("a header that is no JSON", format!("AAAA.{signature}.{signature}"), MALFORMED),
        ("too long", format!("{}.{good}", "A".repeat(3000)), MALFORMED),
    ]
}

#[tokio::test]
async fn the_known_attacks_are_refused() {
    let town = Town::settled().await;
    let ana = &town.ana;
    let good = format!("Bearer {}", reads_as(&town, ana));
    let of_header = headers(&town)
        .into_iter()
        .map(|(name, header, code)| (name, signed(&header, &claims(&town, ana), ana), code));
    let of_claims = claim_sets(&town)
        .into_iter()
        .map(|(name, claims, code)| (name, signed(&header(ana), &claims, ana), code));
    for (name, token, code) in of_header.chain(of_claims).chain(texts(&town)) {
        let answer = asks(&town, &format!("Bearer {token}")).await;
        assert_eq!((answer.status, &*answer.code()), (401, code), "{name}: {}", answer.text());
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, Some(r#"Bearer error="invalid_token""#), "{name}");
    }
    for authorization in ["Basic YW5hOnNlY3JldA==", "Bearer", "bearer"] {
        assert_eq!(asks(&town, authorization).await.code(), MALFORMED, "{authorization}");
    }
    let path = format!("/v1/identity/{}", ana.party());
    let twice = town.server.request("GET", &path);
    let twice = twice.header("authorization", &good).header("authorization", &good);
    assert_eq!(send(twice).await.code(), MALFORMED);

    let answer = asks(&town, &good).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert!(answer.headers.get_all("vary").iter().any(|vary| vary == "Authorization"));
    assert_eq!(asks(&town, &good.replace("Bearer", "bearer")).await.status, 200);
}

#[tokio::test]
async fn a_token_is_of_no_use_after_its_time() {
    let town = Town::settled().await;
    let now = now_s();
    let short = with(claims(&town, &town.ana), "exp", json!(now + 2));
    let token = format!("Bearer {}", signed(&header(&town.ana), &short, &town.ana));
    assert_eq!(asks(&town, &token).await.status, 200);
    tokio::time::sleep(Duration::from_millis(3100)).await;
    assert_eq!(asks(&town, &token).await.code(), NOT_NOW);
}

#[tokio::test]
async fn the_key_must_speak_for_its_party_when_it_reads() {
    let town = Town::settled().await;
    let ana = &town.ana;
    let sub_keys = [(21, "authentication"), (22, "assertion"), (23, "authentication")];
    let of_ana = |seed: u8| {
        let kid = format!("{}#{}", ana.party(), key(seed).public());
        let token = signed(&with(header(ana), "kid", json!(kid)), &claims(&town, ana), &key(seed));
        format!("Bearer {token}")
    };
    assert_eq!(asks(&town, &of_ana(21)).await.code(), NOT_ITS);
    for (seed, purpose) in sub_keys {
        let mut action = json!({
            "register": "identity", "action": "add-key", "party": ana.party(),
            "key": key(seed).public(), "purposes": [purpose],
        });
        if seed == 23 {
            action["valid_from"] = json!(in_seconds(3600));
        }
        let by_ana = town::signed(&town.payload(action), &[ana]);
        let by_ana: Signing = serde_json::from_slice(&by_ana).unwrap();
        let kid = KeyId { party: ana.party(), key: key(seed).public() };
        let answer = town.server.submit(by_ana.sign_as(&kid, &key(seed)).to_bytes()).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }
    assert_eq!(asks(&town, &of_ana(21)).await.status, 200);
    assert_eq!(asks(&town, &of_ana(22)).await.code(), NOT_ITS, "for assertion alone");
    assert_eq!(asks(&town, &of_ana(23)).await.code(), NOT_ITS, "valid from later on");

    let revoke = json!({
        "register": "identity", "action": "revoke-key", "party": ana.party(),
        "key": key(21).public(), "reason": "the phone was lost on the ferry",
    });
    assert_eq!(town.signs(revoke, &[ana]).await.status, 202);
    assert_eq!(asks(&town, &of_ana(21)).await.code(), NOT_ITS, "revoked");
    let nobody = format!("Bearer {}", reads_as(&town, &key(77)));
    assert_eq!(asks(&town, &nobody).await.code(), NOT_ITS, "no party of the ledger");
}
