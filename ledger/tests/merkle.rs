//! The log's tree against the published vectors of Certificate Transparency and against RFC 6962's
//! own recursive definitions.
#![allow(clippy::unwrap_used)]

#[path = "merkle/vectors.rs"]
mod vectors;

use std::convert::Infallible;

use chancery_ledger::hash::Hash;
use chancery_ledger::merkle::{
    BadProof, ConsistencyProof, Frontier, InclusionProof, Nodes, ProveError, body_root, leaf_hash,
    node_hash, node_place, nodes_in, prove_consistency, prove_inclusion,
};
use data_encoding::HEXLOWER;
use proptest::prelude::*;

use vectors::{CONSISTENCY, ENTRIES, INCLUSION, ROOTS};

/// A log whose node file is a vector, as the store keeps it.
#[derive(Default)]
struct Log {
    leaves: Vec<Hash>,
    frontier: Frontier,
    nodes: Vec<Hash>,
}

impl Log {
    fn of(entries: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut log = Self::default();
        for entry in entries {
            let leaf = leaf_hash(&entry);
            log.leaves.push(leaf);
            log.frontier.push(leaf, &mut |hash| log.nodes.push(hash));
        }
        log
    }

    fn numbered(size: u64) -> Self {
        Self::of((0..size).map(|number| number.to_le_bytes().to_vec()))
    }

    fn root_at(&self, size: u64) -> Hash {
        mth(&self.leaves[..size as usize])
    }
}

impl Nodes for Log {
    type Error = Infallible;

    fn node(&self, level: u32, index: u64) -> Result<Hash, Infallible> {
        Ok(self.nodes[node_place(level, index) as usize])
    }
}

/// RFC 6962 2.1, over leaf hashes.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&mth(left), &mth(right))
        }
    }
}

/// RFC 6962 2.1.1.
fn path(position: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut path, sibling) = match position < middle {
        true => (path(position, left), mth(right)),
        false => (path(position - middle, right), mth(left)),
    };
    path.push(sibling);
    path
}

/// RFC 6962 2.1.2.
fn subproof(from: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if from == leaves.len() {
        return if whole { vec![] } else { vec![mth(leaves)] };
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut proof, sibling) = match from <= middle {
        true => (subproof(from, left, whole), mth(right)),
        false => (subproof(from - middle, right, false), mth(left)),
    };
    proof.push(sibling);
    proof
}

fn split(length: usize) -> usize {
    let mut middle = 1;
    while middle * 2 < length {
        middle *= 2;
    }
    middle
}

fn reference_log(size: usize) -> Log {
    Log::of(ENTRIES[..size].iter().map(|entry| HEXLOWER.decode(entry.as_bytes()).unwrap()))
}

fn hash(text: &str) -> Hash {
    text.parse().unwrap()
}

fn hashes(texts: &[&str]) -> Vec<Hash> {
    texts.iter().map(|text| hash(text)).collect()
}

#[test]
fn gives_the_published_roots() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Frontier::default().root(), hash(empty));
    assert_eq!(body_root(&[]), hash(empty));
    for (index, root) in ROOTS.iter().enumerate() {
        let log = reference_log(index + 1);
        assert_eq!(log.frontier.root(), hash(root), "{} entries", index + 1);
        assert_eq!(body_root(&log.leaves), hash(root));
    }
}

#[test]
fn gives_the_published_inclusion_proofs() {
    let log = reference_log(8);
    for (position, log_size, path) in INCLUSION {
        let proof = prove_inclusion(&log, position, log_size).unwrap();
        assert_eq!(proof.path, hashes(path), "{position} of {log_size}");
        let root = hash(ROOTS[log_size as usize - 1]);
        proof.verify(&log.leaves[position as usize], &root).unwrap();
    }
}

#[test]
fn gives_the_published_consistency_proofs() {
    let log = reference_log(8);
    for (from, to, path) in CONSISTENCY {
        let proof = prove_consistency(&log, from, to).unwrap();
        assert_eq!(proof.path, hashes(path), "{from} to {to}");
        let root = |size: u64| hash(ROOTS[size as usize - 1]);
        proof.verify(&root(from), &root(to)).unwrap();
    }
}

#[test]
fn every_proof_of_small_logs_is_as_the_standard_defines() {
    let log = Log::numbered(40);
    for to in 0..=40_u64 {
        let leaves = &log.leaves[..to as usize];
        for position in 0..to {
            let proof = prove_inclusion(&log, position, to).unwrap();
            assert_eq!(proof.path, path(position as usize, leaves));
            proof.verify(&leaves[position as usize], &mth(leaves)).unwrap();
        }
        for from in 0..=to {
            let proof = prove_consistency(&log, from, to).unwrap();
            if from > 0 {
                assert_eq!(proof.path, subproof(from as usize, leaves, true));
            }
            proof.verify(&log.root_at(from), &mth(leaves)).unwrap();
        }
    }
}

#[test]
fn refuses_to_prove_what_is_outside() {
    let log = Log::numbered(5);
    let (place, log_size) = (5, 5);
    let outside = ProveError::OutOfRange { place, log_size };
    assert_eq!(prove_inclusion(&log, 5, 5), Err(outside.clone()));
    let (place, log_size) = (6, 5);
    let outside = ProveError::OutOfRange { place, log_size };
    assert_eq!(prove_consistency(&log, 6, 5), Err(outside));
}

#[test]
fn any_changed_bit_of_an_inclusion_proof_is_refused() {
    for size in 1..=9 {
        let log = Log::numbered(size);
        let root = log.frontier.root();
        for position in 0..size {
            let leaf = log.leaves[position as usize];
            let proof = prove_inclusion(&log, position, size).unwrap();
            for bad in changed_paths(&proof.path) {
                let bad = InclusionProof { path: bad, ..proof.clone() };
                bad.verify(&leaf, &root).unwrap_err();
            }
            for bit in 0..64 {
                let mut bad = proof.clone();
                bad.position ^= 1 << bit;
                bad.verify(&leaf, &root).unwrap_err();
            }
            for bad in changed_hashes(&leaf) {
                proof.verify(&bad, &root).unwrap_err();
            }
            for bad in changed_hashes(&root) {
                proof.verify(&leaf, &bad).unwrap_err();
            }
        }
    }
}

#[test]
fn any_changed_bit_of_a_consistency_proof_is_refused() {
    let log = Log::numbered(9);
    for to in 2..=9 {
        for from in 1..to {
            let (from_root, to_root) = (log.root_at(from), log.root_at(to));
            let proof = prove_consistency(&log, from, to).unwrap();
            for bad in changed_paths(&proof.path) {
                let bad = ConsistencyProof { path: bad, ..proof.clone() };
                bad.verify(&from_root, &to_root).unwrap_err();
            }
            for bad in changed_hashes(&from_root) {
                proof.verify(&bad, &to_root).unwrap_err();
            }
            for bad in changed_hashes(&to_root) {
                proof.verify(&from_root, &bad).unwrap_err();
            }
        }
    }
}

/// Every flipped bit, a hash less at either end, a hash more.
fn changed_paths(path: &[Hash]) -> Vec<Vec<Hash>> {
    let mut changed = Vec::new();
    for (index, hash) in path.iter().enumerate() {
        for other in changed_hashes(hash) {
            let mut path = path.to_vec();
            path[index] = other;
            changed.push(path);
        }
    }
    if let [_, rest @ ..] = path {
        changed.push(rest.to_vec());
        changed.push(path[..path.len() - 1].to_vec());
    }
    let more = path.last().copied().unwrap_or_default();
    changed.push([path, &[more]].concat());
    changed
}

fn changed_hashes(hash: &Hash) -> impl Iterator<Item = Hash> {
    let hash = *hash;
    (0..256).map(move |bit| {
        let mut bytes = hash.0;
        bytes[bit / 8] ^= 1 << (bit % 8);
        Hash(bytes)
    })
}

#[test]
fn an_empty_log_is_the_beginning_of_every_log() {
    let log = Log::numbered(3);
    let proof = prove_consistency(&log, 0, 3).unwrap();
    proof.verify(&Hash::empty(), &log.frontier.root()).unwrap();
    let wrong = proof.verify(&log.root_at(1), &log.frontier.root());
    assert_eq!(wrong, Err(BadProof::Root));
    let none = ConsistencyProof { from: 0, to: 0, path: vec![] };
    assert_eq!(none.verify(&Hash::empty(), &log.root_at(1)), Err(BadProof::Root));
}

#[test]
fn places_are_where_push_emits() {
    let log = Log::numbered(300);
    let mut seen = vec![false; log.nodes.len()];
    for level in 0..9 {
        for index in 0..(300_u64 >> level) {
            let place = node_place(level, index) as usize;
            let (begin, end) = (index << level, (index + 1) << level);
            assert_eq!(log.nodes[place], mth(&log.leaves[begin as usize..end as usize]));
            assert!(!std::mem::replace(&mut seen[place], true));
        }
    }
    assert!(seen.into_iter().all(|seen| seen));
    assert_eq!(nodes_in(300), log.nodes.len() as u64);
    assert_eq!(nodes_in(0), 0);
}

#[test]
fn a_frontier_survives_its_encoding_and_no_other_is_taken() {
    let frontier = Log::numbered(11).frontier;
    let bytes = serde_ipld_dagcbor::to_vec(&frontier).unwrap();
    assert_eq!(serde_ipld_dagcbor::from_slice::<Frontier>(&bytes).unwrap(), frontier);
    for bad in [
        r#"{"size":1,"peaks":[]}"#,
        r#"{"size":0,"peaks":["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"]}"#,
        r#"{"size":18446744073709551615,"peaks":[]}"#,
        r#"{"size":0,"peaks":[],"more":1}"#,
    ] {
        serde_json::from_str::<Frontier>(bad).unwrap_err();
    }
}

fn any_hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash)
}

fn any_size() -> impl Strategy<Value = u64> {
    prop_oneof![0..20_u64, any::<u64>(), Just(u64::MAX), Just(1 << 63)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn larger_logs_agree_with_the_definitions(size in 1..1_500_u64, one in 0..1_500_u64, two in 0..1_500_u64) {
        let log = Log::numbered(size);
        let (one, two) = (one % size, two % size);
        let (from, to) = (one.min(two), one.max(two) + 1);
        prop_assert_eq!(log.frontier.root(), mth(&log.leaves));
        prop_assert_eq!(body_root(&log.leaves), mth(&log.leaves));
        prop_assert_eq!(&Frontier::from_nodes(size, &log).unwrap(), &log.frontier);

        let leaves = &log.leaves[..to as usize];
        let inclusion = prove_inclusion(&log, from, to).unwrap();
        prop_assert_eq!(&inclusion.path, &path(from as usize, leaves));
        prop_assert_eq!(inclusion.verify(&leaves[from as usize], &mth(leaves)), Ok(()));

        let consistency = prove_consistency(&log, from, to).unwrap();
        prop_assert_eq!(consistency.verify(&log.root_at(from), &mth(leaves)), Ok(()));
    }

    #[test]
    fn rubbish_is_refused_without_a_panic(
        one in any_size(),
        two in any_size(),
        path in prop::collection::vec(any_hash(), 0..70),
        root in any_hash(),
    ) {
        let other = leaf_hash(b"other");
        let inclusion = InclusionProof { position: one, log_size: two, path: path.clone() };
        prop_assert!(inclusion.verify(&other, &root).is_err());
        let consistency = ConsistencyProof { from: one, to: two, path };
        prop_assert!(one == 0 || consistency.verify(&other, &root).is_err());
        node_place((one % 70) as u32, two);
        nodes_in(one);
    }
}
