//! In-process ingest, durable and final, beside the rate of bare signature verification in the same
//! run; then proofs, size and opening at that scale. Ends with an error when a claim does not hold.
//!
//! `CHANCERY_BENCH_TRANSITIONS` sets how many transitions; a million unless it is set.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "../../clients/rust/benches/figures/mod.rs"]
mod figures;

use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use actix_web::web::Bytes;
use chancery_api::node::{CHUNK_TRANSITIONS, Node, NodeConfig, Running, Verdict};
use chancery_api::projection::DatabaseUrl;
use chancery_ledger::genesis::{
    Consensus, DEFAULT_TRANSITION_WINDOW_MS, Genesis, RootAuthority, Statement,
};
use chancery_ledger::hash::Hash;
use chancery_ledger::key::SecretKey;
use chancery_ledger::seal::{Pool, Validator};
use chancery_ledger::time::Time;
use chancery_ledger::transition::{Payload, Signing};
use figures::{Claims, bare_rate, cores, in_parallel, key, percentiles_ms, transitions};
use serde_json::{Value, json};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PARTIES: u64 = 10_000;
/// Tasks that each have a chunk under way.
const SENDERS: usize = 256;
const PROOFS: u64 = 20_000;

fn main() -> ExitCode {
    let count = transitions();
    let genesis = found();
    let parties = in_parallel(0, PARTIES, |number| create(&genesis, number));
    println!("signing {count} transitions");
    let signed = in_parallel(0, count, |number| set_card(&genesis, number));
    let mut claims = Claims::default();
    for projects in [true, false] {
        ingest(&genesis, projects, &parties, &signed, &mut claims);
    }
    claims.end()
}

/// Ingests everything into a new ledger; with projections it also looks at what came of it.
fn ingest(
    genesis: &Genesis,
    projects: bool,
    parties: &[Bytes],
    transitions: &[Bytes],
    claims: &mut Claims,
) {
    let folder = tempfile::tempdir().unwrap();
    let config = || NodeConfig {
        data: folder.path().to_owned(),
        genesis: Some(genesis.clone()),
        key: key(u64::MAX),
        database: DatabaseUrl::Sqlite(folder.path().join("registry.sqlite")),
        verifiers: cores(),
        projects,
        pool: None,
        work: Default::default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (node, running) = Node::start(config()).unwrap();
    runtime.block_on(submit_all(&node, parties));

    let before = bare_rate();
    let started = Instant::now();
    runtime.block_on(submit_all(&node, transitions));
    let rate = transitions.len() as f64 / started.elapsed().as_secs_f64();
    let bare = (before + bare_rate()) / 2.0;
    let how = if projects { "with projections" } else { "the ledger alone" };
    println!(
        "{how}: ingest {rate:.0}/s final on disk, bare verify_strict {bare:.0}/s on {} cores, ratio {:.3}",
        cores(),
        rate / bare
    );
    let blocks = node.counters().blocks.load(Ordering::Relaxed);
    println!("{blocks} blocks, {} transitions a block", transitions.len() as u64 / blocks);
    if projects {
        proofs(&node, transitions.len() as u64, claims);
        size(&node);
        reopen(node, running, config(), claims);
    } else {
        claims.at_least("ingest / bare verify_strict", rate / bare, 0.55);
        drop(node);
        running.stop();
    }
}

fn now() -> Time {
    let ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    Time::from_ms(ms as u64).unwrap()
}

fn found() -> Genesis {
    let key = key(u64::MAX).public();
    Genesis::found(&Statement {
        version: 1,
        name: "bench".into(),
        created: now(),
        root: RootAuthority { threshold: 1, keys: vec![key] },
        consensus: Consensus::Pool(Pool {
            validators: vec![Validator { name: "bench".into(), key, power: 1 }],
        }),
        transition_window_ms: DEFAULT_TRANSITION_WINDOW_MS,
    })
    .unwrap()
}

fn signed(genesis: &Genesis, by: &SecretKey, id: String, action: Value) -> Bytes {
    let not_after = now().plus_ms(3_600_000);
    let payload = Payload { ledger: genesis.ledger(), id, not_after, actions: vec![action] };
    Signing::of(&payload).unwrap().sign(by).to_bytes().into()
}

fn create(genesis: &Genesis, number: u64) -> Bytes {
    let key = key(number);
    let action = json!({
        "register": "identity", "action": "create", "kind": "person", "key": key.public(),
    });
    signed(genesis, &key, format!("create-{number}"), action)
}

fn set_card(genesis: &Genesis, number: u64) -> Bytes {
    let key = key(number % PARTIES);
    let action = json!({
        "register": "identity", "action": "set-card", "party": key.party(),
        "card": Hash::of(&[&number.to_be_bytes()]),
    });
    signed(genesis, &key, number.to_string(), action)
}

/// Submits in chunks, many under way, and waits until all are final. Every one must be applied.
async fn submit_all(node: &Node, transitions: &[Bytes]) {
    let mut senders = tokio::task::JoinSet::new();
    for chunk in transitions.chunks(CHUNK_TRANSITIONS) {
        if senders.len() >= SENDERS {
            senders.join_next().await.unwrap().unwrap();
        }
        let (node, chunk) = (node.clone(), chunk.to_vec());
        senders.spawn(async move {
            for verdict in node.submit_chunk(chunk).await.unwrap() {
                match verdict {
                    Verdict::Ordered { rejection: None, .. } => {}
                    other => panic!("{other:?}"),
                }
            }
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent.unwrap();
    }
}

fn proofs(node: &Node, count: u64, claims: &mut Claims) {
    let view = node.view();
    let height = view.tip().header.height;
    let anywhere = |number: u64, below: u64| {
        let hash = Hash::of(&[b"anywhere", &number.to_be_bytes()]);
        hash.0.iter().take(8).fold(0, |value, byte| value << 8 | u64::from(*byte)) % below
    };
    let [_, receipt] = percentiles_ms(PROOFS, |number| {
        view.receipt(anywhere(number, count)).unwrap();
    });
    claims.at_most("receipt p99 ms", receipt, 1.0);
    let [_, status] = percentiles_ms(PROOFS, |number| {
        let party = key(number % PARTIES).party().to_string();
        view.status("identity", "party", &party, height - anywhere(number, height)).unwrap();
    });
    claims.at_most("status proof p99 ms", status, 1.0);
}

fn size(node: &Node) {
    let entries = node.view().tip().header.log_size as f64;
    let files = node.view().bytes_on_disk().unwrap();
    for (file, bytes) in &files {
        println!("{file}: {:.0} bytes a transition", *bytes as f64 / entries);
    }
    let all: u64 = files.iter().map(|(_, bytes)| bytes).sum();
    println!("ledger: {:.0} bytes a transition on disk", all as f64 / entries);
}

fn reopen(node: Node, running: Running, config: NodeConfig, claims: &mut Claims) {
    let tip = node.view().tip().hash;
    let started = Instant::now();
    drop(node);
    running.stop();
    println!("stopped in {:.2} s, projections included", started.elapsed().as_secs_f64());
    let started = Instant::now();
    let (node, running) = Node::start(config).unwrap();
    claims.at_most("opening s", started.elapsed().as_secs_f64(), 2.0);
    assert_eq!(node.view().tip().hash, tip);
    drop(node);
    running.stop();
}
