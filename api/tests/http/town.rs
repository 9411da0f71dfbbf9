//! A small town: its people, and what they sign.

use chancery_ledger::hash::Hash;
use chancery_ledger::key::SecretKey;
use chancery_ledger::transition::Signing;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::server::{Answer, Data, Server};

/// A server, and those who use it.
pub(crate) struct Town {
    pub(crate) server: Server,
    pub(crate) ledger: String,
    pub(crate) root: SecretKey,
    pub(crate) ana: SecretKey,
    pub(crate) bo: SecretKey,
    pub(crate) post: SecretKey,
    serial: std::cell::Cell<u32>,
}

/// The key of this number.
pub(crate) fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

impl Town {
    /// A ledger in which there is nobody yet but the root authority.
    pub(crate) async fn empty() -> Self {
        Self::served_with(&[]).await
    }

    /// The same, whose server is started with further arguments.
    pub(crate) async fn served_with(arguments: &[&str]) -> Self {
        Self::around(Server::serve_with(Data::founded(&key(1)), arguments)).await
    }

    /// The same around a server of a new ledger.
    pub(crate) async fn around(server: Server) -> Self {
        let root = key(1);
        let ledger = server.get("/v1/ledger").await.json()["ledger"].as_str().unwrap().to_owned();
        let [ana, bo, post] = [2, 3, 4].map(key);
        Self { server, ledger, root, ana, bo, post, serial: 0.into() }
    }

    /// Ana, Bo and the post are there, and the post is an accredited carrier.
    pub(crate) async fn settled() -> Self {
        let town = Self::empty().await;
        for (key, kind) in
            [(&town.ana, "person"), (&town.bo, "person"), (&town.post, "organisation")]
        {
            let answer = town.signs(create(key, kind), &[key]).await;
            assert_eq!(answer.status, 202, "{}", answer.text());
        }
        let answer = town.signs(town.accredits_the_post(), &[&town.root]).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        town
    }

    pub(crate) fn accredits_the_post(&self) -> Value {
        json!({
            "register": "authorities", "action": "accredit", "accreditation": "post-1",
            "by": self.root.party(), "institution": self.post.party(), "role": "carrier",
            "registers": ["parcels"], "scope": "All parcels of the town.",
        })
    }

    /// A payload that is right but for what a test makes of it.
    pub(crate) fn payload(&self, action: Value) -> Value {
        self.serial.set(self.serial.get() + 1);
        json!({
            "ledger": self.ledger, "id": format!("t{}", self.serial.get()),
            "not_after": in_seconds(3600), "actions": [action],
        })
    }

    /// A transition with one action, signed.
    pub(crate) fn transition(&self, action: Value, signers: &[&SecretKey]) -> Vec<u8> {
        signed(&self.payload(action), signers)
    }

    /// Signs and submits.
    pub(crate) async fn signs(&self, action: Value, signers: &[&SecretKey]) -> Answer {
        self.server.submit(self.transition(action, signers)).await
    }
}

/// The creation of a party.
pub(crate) fn create(key: &SecretKey, kind: &str) -> Value {
    json!({"register": "identity", "action": "create", "kind": kind, "key": key.public()})
}

/// Anchors a card.
pub(crate) fn set_card(key: &SecretKey, card: &str) -> Value {
    let card = Hash::of(&[card.as_bytes()]);
    json!({"register": "identity", "action": "set-card", "party": key.party(), "card": card})
}

/// A payload, signed by the first keys of parties.
pub(crate) fn signed(payload: &Value, signers: &[&SecretKey]) -> Vec<u8> {
    signers.iter().fold(Signing::of_value(payload), |signing, key| signing.sign(key)).to_bytes()
}

trait OfValue {
    fn of_value(payload: &Value) -> Self;
}

impl OfValue for Signing {
    fn of_value(payload: &Value) -> Self {
        let payload = BASE64URL_NOPAD.encode(&serde_json::to_vec(payload).unwrap());
        serde_json::from_value(json!({"payload": payload, "signatures": []})).unwrap()
    }
}

/// A JWS made by hand: any payload, any protected header, signed all the same.
pub(crate) fn by_hand(payload: &[u8], protected: &str, key: &SecretKey) -> Value {
    let payload = BASE64URL_NOPAD.encode(payload);
    let protected = BASE64URL_NOPAD.encode(protected.as_bytes());
    let signature = key.sign(format!("{protected}.{payload}").as_bytes());
    let signature = BASE64URL_NOPAD.encode(&signature);
    json!({"payload": payload, "signatures": [{"protected": protected, "signature": signature}]})
}

/// A protected header as it should be.
pub(crate) fn protected(key: &SecretKey) -> String {
    let kid = format!("{}#{}", key.party(), key.public());
    json!({"alg": "EdDSA", "typ": "chancery-transition+json", "kid": kid}).to_string()
}

/// The time so many seconds from now, RFC 3339.
pub(crate) fn in_seconds(seconds: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let ms = now.as_millis() as i64 + seconds * 1000;
    chancery_ledger::time::Time::from_ms(ms as u64).unwrap().to_string()
}
