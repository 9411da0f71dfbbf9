//! What the parts of the ledger cost, beside the bare signature verification that binds them.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;
use std::sync::Arc;

use chancery_ledger::chain::{Chain, Offer};
use chancery_ledger::disk::Folder;
use chancery_ledger::transition::KeyCache;
use common::*;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const BLOCK: u64 = 4096;

fn transitions(first: u64, count: u64) -> Vec<Vec<u8>> {
    (first..first + count)
        .map(|number| fill(&key((number % 200) as u8), &number.to_string(), &number.to_string(), 1))
        .collect()
}

fn admission_and_its_signature(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one transition");
    group.throughput(Throughput::Elements(1));
    let key = key(1);
    let (message, verifier) = ([7; 500], key.public().verifier().unwrap());
    let signature = key.sign(&message);
    group.bench_function("bare verify_strict", |bencher| {
        bencher.iter(|| assert!(verifier.verify(black_box(&message), &signature)));
    });
    let transition = fill(&key, "1", "a", 5);
    let (admission, mut keys) = (admission(), KeyCache::default());
    group.bench_function("admit", |bencher| {
        bencher.iter(|| admission.admit(black_box(&transition), time(0), &mut keys).unwrap());
    });
    group.bench_function("read without its signature", |bencher| {
        bencher.iter(|| admission.readmit(black_box(&transition)).unwrap());
    });
    group.finish();
}

fn a_block_made_final(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("block of 4096 on disk");
    group.throughput(Throughput::Elements(BLOCK)).sample_size(10);
    let folder = tempfile::tempdir().unwrap();
    let disk = Arc::new(Folder::open(folder.path()).unwrap());
    let mut chain = Chain::found(disk, &genesis(), Arc::new(Boxes)).unwrap().chain;
    let admission = admission();
    let mut number = 0;
    group.bench_function("order, execute, seal, sync", |bencher| {
        bencher.iter_batched(
            || {
                let admit = |bytes: &Vec<u8>| admission.readmit(bytes).unwrap();
                let batch = transitions(number, BLOCK);
                number += BLOCK;
                (number, batch.iter().map(admit).collect::<Vec<_>>())
            },
            |(number, admitted)| {
                let parent = chain.view().tip().hash;
                let mut block = chain.begin(&parent, time(number)).unwrap();
                for transition in admitted {
                    let offer = chain.offer(&mut block, transition).unwrap();
                    assert!(matches!(offer, Offer::Ordered { rejection: None, .. }));
                }
                engine().decide(&mut chain, block).unwrap().checkpoint
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, admission_and_its_signature, a_block_made_final);
criterion_main!(benches);
