//! What evidence costs: making it at a million transitions, checking it, and auditing all of them, beside the
//! rate of bare signature verification in the same run. Ends with an error when a claim does not hold.
//!
//! `CHANCERY_BENCH_TRANSITIONS` sets how many transitions; a million unless it is set.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod figures;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use chancery_client::verify::read_and_verify;
use chancery_client::{Anchor, Evidence, Genesis, Hash, SecretKey, Signing, Time};
use chancery_ledger::audit::{audit, scratch_in_memory};
use chancery_ledger::chain::{Chain, Offer};
use chancery_ledger::consensus::Solo;
use chancery_ledger::disk::Folder;
use chancery_ledger::genesis::{Consensus, RootAuthority, Statement};
use chancery_ledger::seal::{Pool, Validator};
use chancery_ledger::transition::{Admission, Payload};
use chancery_ledger::view::View;
use chancery_registries::Registers;
use data_encoding::BASE64URL_NOPAD;
use figures::{Claims, bare_rate, cores, in_parallel, key, percentiles_ms, transitions};
use serde_json::{Value, json};

/// How often each piece of evidence is checked, and before that without being timed.
const CHECKS: u64 = 2_000;
const WARM_UP: u64 = 200;
/// How often evidence is made.
const MADE: u64 = 20_000;
const PARTIES: u64 = 10_000;
/// Transitions in a block, as blocks are under load.
const BLOCK: u64 = 4_096;
/// The most bytes of evidence about one signer, in CBOR.
const BYTES_MAX: f64 = 1_300.0;
const FOUNDED_MS: u64 = 1_767_225_600_000;

fn main() -> ExitCode {
    let mut claims = Claims::default();
    checked(&mut claims);
    let folder = tempfile::tempdir().unwrap();
    let parties: Vec<SecretKey> = (0..PARTIES).map(key).collect();
    let genesis = founded();
    let view = grown(folder.path(), &genesis, &parties, transitions());
    made(&view, &parties, &mut claims);
    // The folder's lock lasts as long as anyone can read.
    drop(view);
    audited(folder.path(), &genesis, &mut claims);
    claims.end()
}

/// The vectors of evidence at a million entries and objects: each by its name, with what it is checked with.
fn at_a_million() -> Vec<(String, Anchor, Vec<u8>)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/evidence/good.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let case = |case: &Value| {
        let genesis = text(&vectors["anchors"][text(&case["anchor"])]);
        let anchor = Genesis::parse(genesis.as_bytes()).unwrap().into();
        let compact = BASE64URL_NOPAD.decode(text(&case["cbor"]).as_bytes()).unwrap();
        (text(&case["name"]), anchor, compact)
    };
    let all = vectors["cases"].as_array().unwrap().iter().map(case);
    let all: Vec<_> = all.filter(|(name, ..)| name.contains("at a million")).collect();
    assert_eq!(all.len(), 15);
    all
}

fn checked(claims: &mut Claims) {
    let (mut slowest, mut longest) = (0.0_f64, 0);
    for (name, anchor, compact) in at_a_million() {
        let check = |_| drop(read_and_verify(std::hint::black_box(&compact), &anchor).unwrap());
        (0..WARM_UP).for_each(check);
        let [median, p99] = percentiles_ms(CHECKS, check);
        let (evidence, _) = read_and_verify(&compact, &anchor).unwrap();
        let bytes = evidence.without_surplus(&anchor).to_compact(&anchor).unwrap().len();
        println!("{name}: {bytes} bytes, checked in {median:.3} ms, p99 {p99:.3} ms");
        slowest = slowest.max(p99);
        if !name.contains("two signers") {
            longest = longest.max(bytes);
        }
    }
    claims.at_most("checking evidence p99 ms, the slowest kind", slowest, 1.0);
    claims.at_most(
        "evidence in CBOR bytes, the longest about one signer",
        longest as f64,
        BYTES_MAX,
    );
}

fn founded() -> Genesis {
    let key = key(u64::MAX).public();
    Genesis::found(&Statement {
        version: 1,
        name: "bench".into(),
        created: Time::default().plus_ms(FOUNDED_MS),
        root: RootAuthority { threshold: 1, keys: vec![key] },
        consensus: Consensus::Pool(Pool {
            validators: vec![Validator { name: "bench".into(), key, power: 1 }],
        }),
        transition_window_ms: 7 * 24 * 60 * 60 * 1000,
    })
    .unwrap()
}

fn signed(genesis: &Genesis, by: &SecretKey, id: String, action: Value) -> Vec<u8> {
    let not_after = Time::default().plus_ms(FOUNDED_MS + 6 * 24 * 60 * 60 * 1000);
    let payload = Payload { ledger: genesis.ledger(), id, not_after, actions: vec![action] };
    Signing::of(&payload).unwrap().sign(by).to_bytes()
}

/// A ledger on the disk: all parties, then so many transitions of theirs, in full blocks.
fn grown(folder: &Path, genesis: &Genesis, parties: &[SecretKey], count: u64) -> View {
    let started = Instant::now();
    let disk = Arc::new(Folder::open(folder).unwrap());
    let mut chain = Chain::found(disk, genesis, Arc::new(Registers)).unwrap().chain;
    let create = |number: u64| {
        let key = &parties[number as usize];
        let action = json!({
            "register": "identity", "action": "create", "kind": "person", "key": key.public(),
        });
        signed(genesis, key, format!("create-{number}"), action)
    };
    let set_card = |number: u64| {
        let key = &parties[(number % PARTIES) as usize];
        let action = json!({
            "register": "identity", "action": "set-card", "party": key.party(),
            "card": Hash::of(&[&number.to_be_bytes()]),
        });
        signed(genesis, key, number.to_string(), action)
    };
    append(&mut chain, PARTIES, create);
    append(&mut chain, count, set_card);
    chain.checkpoint().unwrap().write().unwrap();
    let view = chain.view();
    let (log_size, blocks) = (view.tip().header.log_size, view.tip().header.height);
    let seconds = started.elapsed().as_secs_f64();
    println!("made a ledger of {log_size} transitions in {blocks} blocks in {seconds:.0} s");
    assert_eq!(log_size, PARTIES + count);
    view
}

/// Orders what `make` gives for each number, in full blocks.
fn append(chain: &mut Chain<Registers>, count: u64, make: impl Fn(u64) -> Vec<u8> + Sync) {
    let admission = Admission::new(Arc::new(Registers), chain.view().genesis());
    let engine = Solo::new(key(u64::MAX));
    for first in (0..count).step_by(BLOCK as usize) {
        let tip = chain.view().tip();
        let mut block = chain.begin(&tip.hash, tip.header.time.plus_ms(1_000)).unwrap();
        for bytes in in_parallel(first, BLOCK.min(count - first), &make) {
            // Its signature is a moment old.
            let offer = chain.offer(&mut block, admission.readmit(&bytes).unwrap()).unwrap();
            assert!(matches!(offer, Offer::Ordered { rejection: None, .. }), "{offer:?}");
        }
        if let Some(checkpoint) = engine.decide(chain, block).unwrap().checkpoint {
            checkpoint.write().unwrap();
        }
    }
}

/// Receipts and status proofs of anything at any height, made and written in CBOR.
fn made(view: &View, parties: &[SecretKey], claims: &mut Claims) {
    let (anchor, tip) = (Anchor::from(view.genesis()), view.tip().header.clone());
    let anywhere = |number: u64, below: u64| {
        let hash = Hash::of(&[b"anywhere", &number.to_be_bytes()]);
        hash.0.iter().take(8).fold(0, |value, byte| value << 8 | u64::from(*byte)) % below
    };
    let mut longest = 0;
    let mut write = |evidence: Evidence| {
        longest = longest.max(evidence.to_compact(&anchor).unwrap().len());
    };
    let [median, receipt] = percentiles_ms(MADE, |number| {
        write(Evidence::Receipt(view.receipt(anywhere(number, tip.log_size)).unwrap()));
    });
    println!("a receipt is made and written in {median:.3} ms, p99 {receipt:.3} ms");
    let [median, status] = percentiles_ms(MADE, |number| {
        let party = parties[(number % PARTIES) as usize].party().to_string();
        // Not block 0: it has no seal to be checked by.
        let height = 1 + anywhere(number, tip.height);
        write(Evidence::Status(view.status("identity", "party", &party, height).unwrap()));
    });
    println!("a status proof is made and written in {median:.3} ms, p99 {status:.3} ms");
    claims.at_most("making a receipt p99 ms", receipt, 1.0);
    claims.at_most("making a status proof p99 ms", status, 1.0);
    claims.at_most("what was made, in CBOR bytes, the longest", longest as f64, BYTES_MAX);
}

/// All of it from its genesis, as `chancery audit` does it.
fn audited(folder: &Path, genesis: &Genesis, claims: &mut Claims) {
    let before = bare_rate();
    let disk = Arc::new(Folder::open(folder).unwrap());
    let (registers, scratch) = (Arc::new(Registers), scratch_in_memory());
    let started = Instant::now();
    let report = audit(disk, Some(genesis), registers, scratch, cores(), &mut |_| {}).unwrap();
    let rate = report.transitions as f64 / started.elapsed().as_secs_f64();
    let bare = (before + bare_rate()) / 2.0;
    assert_eq!(report.signatures, report.transitions);
    println!(
        "audit {rate:.0}/s, {} bytes of files compared; bare verify_strict {bare:.0}/s on {} cores, ratio {:.3}",
        report.compared_bytes,
        cores(),
        rate / bare
    );
    claims.at_least("audit / bare verify_strict", rate / bare, 0.70);
}
