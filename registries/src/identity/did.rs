//! Parties as W3C DIDs (Decentralized Identifiers 1.0): `did:chancery:<ledger>:<PARTY>`.

use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::party::PartyId;
use chancery_ledger::time::Time;
use serde_json::{Value, json};

use super::party::{Party, Purpose, Status};

/// The DID of a party of a ledger.
pub fn did(ledger: &Hash, party: &PartyId) -> String {
    format!("did:chancery:{ledger}:{party}")
}

/// What a DID resolves to at a moment: a resolution result with `didDocument`,
/// `didDocumentMetadata` and `didResolutionMetadata` (DID Core 7.1).
///
/// Keys are of the type JsonWebKey2020 (DID Core 5.2.1; its context defines `publicKeyJwk`), which
/// did-jwt, the Universal Resolver's tools and the wallets built on them accept for Ed25519. A
/// method's fragment is the key itself, so that its id ends like the `kid` of a transition.
///
/// A key is listed under a relation only where it suffices by itself: the controllers of a party
/// with a threshold above 1 are listed as methods, with no relation. A party that is not active
/// has no keys here.
pub fn did_document(party: &Party, ledger: &Hash, time: Time) -> Value {
    let party = party.clone().at(time);
    let did = did(ledger, &party.id);
    let document = match party.status {
        Status::Active => active_document(&party, &did, time),
        _ => json!({ "@context": CONTEXT, "id": did }),
    };
    json!({
        "didDocument": document,
        "didDocumentMetadata": {
            "created": party.created,
            "deactivated": party.status.is_final(),
            "status": party.status,
        },
        "didResolutionMetadata": { "contentType": "application/did+ld+json" },
    })
}

const CONTEXT: [&str; 2] =
    ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"];

fn active_document(party: &Party, did: &str, time: Time) -> Value {
    let live = || party.sub_keys.iter().filter(|sub_key| sub_key.is_valid_at(time));
    let keys = party.controllers.keys.iter().chain(live().map(|sub_key| &sub_key.key));
    let methods: Vec<Value> = keys.map(|key| verification_method(did, key)).collect();
    let relation = |purposes: &[Purpose]| -> Vec<String> {
        let alone = party.controllers.threshold == 1;
        let controllers = party.controllers.keys.iter().filter(|_| alone);
        let has_purpose = |purpose: &Purpose| purposes.contains(purpose);
        let sub_keys = live().filter(|sub_key| sub_key.purposes.iter().any(has_purpose));
        let keys = controllers.chain(sub_keys.map(|sub_key| &sub_key.key));
        keys.map(|key| format!("{did}#{key}")).collect()
    };
    json!({
        "@context": CONTEXT,
        "id": did,
        "controller": did,
        "verificationMethod": methods,
        "authentication": relation(&[Purpose::Authentication]),
        "assertionMethod": relation(&[Purpose::Assertion]),
        // DID Core 5.3.4: to invoke a capability is what a custodian or a machine does.
        "capabilityInvocation": relation(&[Purpose::Custody, Purpose::Device]),
    })
}

fn verification_method(did: &str, key: &PublicKey) -> Value {
    json!({
        "id": format!("{did}#{key}"),
        "type": "JsonWebKey2020",
        "controller": did,
        // RFC 8037 2.
        "publicKeyJwk": { "kty": "OKP", "crv": "Ed25519", "x": key.to_string() },
    })
}
