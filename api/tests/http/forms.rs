//! Evidence in the forms that there are besides JSON: compact, and as receipts in COSE.

use chancery_ledger::anchor::Anchor;
use chancery_ledger::evidence::cose::{SignedRoot, key_set};
use chancery_ledger::evidence::{Evidence, Receipt};
use chancery_ledger::genesis::Genesis;
use chancery_ledger::key::PublicKey;
use chancery_ledger::merkle::{ConsistencyProof, InclusionProof};
use serde_json::Value;

use crate::server::{Answer, send};
use crate::town::{Town, key, set_card};

const COMPACT: &str = "application/chancery-evidence+cbor";
const CBOR: &str = "application/cbor";
const RECEIPT: &str = "application/scitt-receipt+cose";
const COSE: &str = "application/cose";

async fn asked(town: &Town, path: &str, accept: &str) -> Answer {
    send(town.server.request("GET", path).header("accept", accept)).await
}

async fn anchor(town: &Town) -> Anchor {
    Genesis::parse(&town.server.get("/v1/ledger/genesis").await.body).unwrap().into()
}

async fn validator(town: &Town) -> PublicKey {
    let ledger = town.server.get("/v1/ledger").await.json();
    ledger["pool"][0]["key"].as_str().unwrap().parse().unwrap()
}

/// The address of the receipt of somebody's first transition.
async fn receipt_of(town: &Town, signer: &str) -> String {
    let found = format!("/v1/transitions?signer={signer}&order=oldest&limit=1");
    let found = town.server.get(&found).await.json();
    format!("/v1/transitions/{}/receipt", found["items"][0]["id"].as_str().unwrap())
}

fn varies_by_form(answer: &Answer) {
    let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
    assert!(vary.iter().any(|value| *value == "Accept"), "{vary:?}");
}

#[tokio::test]
async fn receipts_and_statuses_are_given_compact() {
    let town = Town::settled().await;
    assert_eq!(town.signs(set_card(&town.ana, "1"), &[&town.ana]).await.status, 202);
    let (anchor, ana) = (anchor(&town).await, town.ana.party());
    for (path, cached) in [
        (receipt_of(&town, &ana.to_string()).await, "immutable"),
        (receipt_of(&town, &ana.to_string()).await + "?by=log", "immutable"),
        (receipt_of(&town, &ana.to_string()).await + "?by=block", "immutable"),
        (format!("/v1/identity/{ana}/proof"), "no-cache"),
        (format!("/v1/identity/{ana}/proof?as_of=1"), "immutable"),
        // Of what is not there, and of what was not there yet.
        (format!("/v1/identity/{}/proof", key(99).party()), "no-cache"),
        (format!("/v1/identity/{ana}/proof?as_of=0"), "immutable"),
        ("/v1/authorities/post-1/proof?as_of=4".to_owned(), "immutable"),
    ] {
        let json = town.server.get(&path).await;
        varies_by_form(&json);
        let evidence: Evidence = serde_json::from_slice(&json.body).unwrap();
        for accept in [CBOR, COMPACT] {
            let answer = asked(&town, &path, accept).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            assert_eq!(answer.header("content-type"), Some(accept), "{path}");
            assert!(answer.header("cache-control").unwrap().contains(cached), "{path}");
            varies_by_form(&answer);
            assert_eq!(answer.body, evidence.to_compact(&anchor).unwrap(), "{path}");
            let read = Evidence::from_compact(&answer.body, &anchor).unwrap();
            assert_eq!(matches!(read, Evidence::InBlock(_)), path.ends_with("by=block"), "{path}");
            assert_eq!(read, evidence, "{path}");
            // Block 0 carries no seal: its evidence is for who has replayed the genesis.
            assert_eq!(read.verify(&anchor).is_ok(), !path.ends_with("as_of=0"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_receipt_in_cose_is_signed_by_the_validator_over_the_sealed_root() {
    let town = Town::settled().await;
    let path = receipt_of(&town, &town.bo.party().to_string()).await;
    let receipt: Receipt = serde_json::from_slice(&town.server.get(&path).await.body).unwrap();
    let shown = receipt.verify(&anchor(&town).await).unwrap();
    let (key, proof) = (validator(&town).await, &receipt.inclusion);
    let mut seen = Vec::new();
    for (accept, content_type) in
        [(RECEIPT, RECEIPT), (COSE, "application/cose; cose-type=\"cose-sign1\"")]
    {
        let answer = asked(&town, &path, accept).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(content_type)));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        varies_by_form(&answer);
        let signer =
            SignedRoot::signer_of(&answer.body, &shown.ledger, &shown.log_root, proof, [key]);
        assert_eq!(signer, Some(key));
        seen.push(answer.body);
    }
    let of_log =
        format!("/v1/log/proofs/inclusion?position={}&size={}", proof.position, proof.log_size);
    seen.push(asked(&town, &of_log, RECEIPT).await.body);
    assert!(seen.iter().all(|bytes| *bytes == seen[0]), "the same root, proof and signature");
    let keys = town.server.get("/.well-known/scitt-keys").await;
    assert_eq!(keys.header("content-type"), Some(CBOR));
    assert_eq!(keys.body, key_set(&[key]));
}

#[tokio::test]
async fn log_proofs_in_cose_are_for_any_size() {
    let town = Town::settled().await;
    let (key, ledger) = (validator(&town).await, anchor(&town).await.ledger());
    let mut leaves = Vec::new();
    for height in 1..=4 {
        let block = asked(&town, &format!("/v1/blocks/{height}"), "application/octet-stream").await;
        let block = chancery_ledger::block::Block::decode(&block.body).unwrap();
        let entries = block.entries.iter();
        leaves.extend(entries.map(|entry| chancery_ledger::merkle::leaf_hash(entry)));
    }
    let root = |size: u64| chancery_ledger::merkle::body_root(&leaves[..size as usize]);
    for size in 1..=4 {
        for position in 0..size {
            let path = format!("/v1/log/proofs/inclusion?position={position}&size={size}");
            let proof: InclusionProof =
                serde_json::from_slice(&town.server.get(&path).await.body).unwrap();
            let receipt = asked(&town, &path, COSE).await.body;
            let signer = SignedRoot::signer_of(&receipt, &ledger, &root(size), &proof, [key]);
            assert_eq!(signer, Some(key), "{path}");
        }
        for from in 1..size {
            let path = format!("/v1/log/proofs/consistency?from={from}&to={size}");
            let proof: ConsistencyProof =
                serde_json::from_slice(&town.server.get(&path).await.body).unwrap();
            proof.verify(&root(from), &root(size)).unwrap();
            let receipt = asked(&town, &path, COSE).await;
            assert_eq!(receipt.status, 200, "{path}: {}", receipt.text());
            // The signature is the one of every receipt of that size.
            let inclusion = format!("/v1/log/proofs/inclusion?position=0&size={size}");
            let inclusion = asked(&town, &inclusion, COSE).await.body;
            assert_eq!(receipt.body.last_chunk::<64>(), inclusion.last_chunk::<64>(), "{path}");
        }
    }
}

#[tokio::test]
async fn a_form_that_is_not_there_is_refused_by_name() {
    let town = Town::settled().await;
    let ana = town.ana.party();
    let receipt = receipt_of(&town, &ana.to_string()).await;
    let proof = format!("/v1/identity/{ana}/proof");
    let inclusion = "/v1/log/proofs/inclusion?position=0".to_owned();
    let consistency = |query: &str| format!("/v1/log/proofs/consistency?{query}");
    for (path, accept, status, code) in [
        (receipt.clone(), "text/html", 406, "not-acceptable"),
        (receipt.clone() + "?by=block", COSE, 406, "no-such-form"),
        (receipt + "?by=hand", "application/json", 400, "bad-query"),
        (proof.clone(), RECEIPT, 406, "not-acceptable"),
        (proof, "application/json;q=0", 406, "not-acceptable"),
        (inclusion, CBOR, 406, "not-acceptable"),
        (consistency("from=0&to=3"), COSE, 406, "no-such-form"),
        (consistency("from=3&to=3"), COSE, 406, "no-such-form"),
        (consistency("from=0&to=3"), "application/json", 200, ""),
        (consistency("from=3&to=9"), COSE, 404, "beyond-tip"),
        ("/v1/transitions/xyz/receipt".to_owned(), COSE, 400, "bad-id"),
        (format!("/v1/identity/{ana}/proof?as_of=99"), CBOR, 404, "beyond-tip"),
    ] {
        let answer = asked(&town, &path, accept).await;
        assert_eq!(answer.status, status, "{path} {accept}: {}", answer.text());
        if status != 200 {
            assert_eq!(answer.code(), code, "{path} {accept}");
        }
    }
    let problem: Value = town.server.get("/problems/no-such-form").await.json();
    assert_eq!(problem["status"], 406);
}
