//! The state's trie against a plain map: roots, values, proofs, forks and old roots.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;

use chancery_ledger::disk::{Disk, DiskFile, Memory};
use chancery_ledger::hash::Hash;
use chancery_ledger::trie::{
    BadProof, Key, OtherLeaf, Subtree, Trie, TrieError, TrieProof, VALUE_BYTES_MAX,
};
use proptest::prelude::*;

type Map = BTreeMap<Key, Vec<u8>>;
type Changes = BTreeMap<Key, Option<Vec<u8>>>;

fn state_file() -> Arc<dyn DiskFile> {
    Memory::new().open("state").unwrap()
}

fn written(file: &dyn DiskFile, root: &Subtree) -> Subtree {
    let mut out = Vec::new();
    let on_disk = Trie::new(file).write(root, file.len(), &mut out);
    file.append(&out).unwrap();
    on_disk
}

fn apply(map: &mut Map, changes: &Changes) {
    for (key, value) in changes {
        match value {
            Some(value) => map.insert(*key, value.clone()),
            None => map.remove(key),
        };
    }
}

fn changes_of(map: &Map) -> Changes {
    let put = |(key, value): (&Key, &Vec<u8>)| (*key, Some(value.clone()));
    map.iter().map(put).collect()
}

/// The definition of the root, with nothing shared and nothing stored.
fn naive_root(leaves: &[(&Key, &Vec<u8>)], depth: usize) -> Hash {
    match leaves {
        [] => Hash([0; 32]),
        [(key, value)] => Hash::of(&[&[0x10], &key.0, &Hash::of(&[value.as_slice()]).0]),
        _ => {
            let side = |wanted: bool| {
                let of_side = leaves.iter().filter(|(key, _)| bit(key, depth) == wanted);
                naive_root(&of_side.copied().collect::<Vec<_>>(), depth + 1)
            };
            Hash::of(&[&[0x11], &side(false).0, &side(true).0])
        }
    }
}

fn root_of(map: &Map) -> Hash {
    naive_root(&map.iter().collect::<Vec<_>>(), 0)
}

fn bit(key: &Key, depth: usize) -> bool {
    key.0[depth / 8] >> (7 - depth % 8) & 1 == 1
}

fn flipped(key: &Key, bit: usize) -> Key {
    let mut key = *key;
    key.0[bit / 8] ^= 0x80 >> (bit % 8);
    key
}

fn numbered(number: u64) -> Key {
    Hash::of(&[&number.to_le_bytes()])
}

fn check_all(trie: &Trie<'_>, root: &Subtree, map: &Map) {
    assert_eq!(root.hash(), root_of(map));
    for (key, value) in map {
        assert_eq!(trie.get(root, key).unwrap().as_ref(), Some(value));
        let proof = trie.prove(root, key).unwrap();
        proof.verify(&root.hash(), key, Some(value)).unwrap();
        proof.verify(&root.hash(), key, None).unwrap_err();
        for bit in [0, 7, 100, 255] {
            check_one(trie, root, map, &flipped(key, bit));
        }
    }
    let mut seen = Map::new();
    let mut last = None;
    trie.walk(root, &mut |key: &Key, value: &[u8]| {
        assert!(last < Some(*key), "in order");
        last = Some(*key);
        seen.insert(*key, value.to_vec());
        Ok::<_, TrieError>(())
    })
    .unwrap();
    assert_eq!(&seen, map);
}

fn check_one(trie: &Trie<'_>, root: &Subtree, map: &Map, key: &Key) {
    let value = map.get(key);
    assert_eq!(trie.get(root, key).unwrap().as_ref(), value);
    let proof = trie.prove(root, key).unwrap();
    let value = value.map(Vec::as_slice);
    proof.verify(&root.hash(), key, value).unwrap();
    proof.verify(&root.hash(), key, Some(b"another value")).unwrap_err();
}

#[test]
fn an_empty_trie_has_a_zero_root_and_proves_absence() {
    let file = state_file();
    let trie = Trie::new(&*file);
    let empty = trie.update(&Subtree::empty(), &Changes::new()).unwrap();
    assert!(empty.is_empty() && empty.place().is_none());
    assert_eq!(empty.hash(), Hash([0; 32]));
    check_one(&trie, &empty, &Map::new(), &numbered(1));
    let removed = Changes::from([(numbered(1), None)]);
    assert!(trie.update(&empty, &removed).unwrap().is_empty());
    assert!(Subtree::on_disk(Hash([0; 32]), 9).is_empty());
}

#[test]
fn one_leaf_is_the_root() {
    let file = state_file();
    let trie = Trie::new(&*file);
    let map = Map::from([(numbered(1), b"one".to_vec())]);
    let root = trie.update(&Subtree::empty(), &changes_of(&map)).unwrap();
    check_all(&trie, &root, &map);
    check_all(&trie, &written(&*file, &root), &map);
    let removed = Changes::from([(numbered(1), None)]);
    assert!(trie.update(&root, &removed).unwrap().is_empty());
}

#[test]
fn keys_may_differ_in_their_last_bit_only() {
    let file = state_file();
    let trie = Trie::new(&*file);
    let (one, other) = (numbered(1), flipped(&numbered(1), 255));
    let map = Map::from([(one, b"one".to_vec()), (other, vec![])]);
    let root = trie.update(&Subtree::empty(), &changes_of(&map)).unwrap();
    let root = written(&*file, &root);
    check_all(&trie, &root, &map);
    assert_eq!(trie.prove(&root, &one).unwrap().siblings.len(), 256);

    let alone = trie.update(&root, &Changes::from([(other, None)])).unwrap();
    let map = Map::from([(one, b"one".to_vec())]);
    check_all(&trie, &alone, &map);
}

#[test]
fn values_reach_their_bound_and_not_beyond() {
    let file = state_file();
    let trie = Trie::new(&*file);
    let map = Map::from([(numbered(1), vec![7; VALUE_BYTES_MAX]), (numbered(2), vec![8; 200])]);
    let root = trie.update(&Subtree::empty(), &changes_of(&map)).unwrap();
    check_all(&trie, &written(&*file, &root), &map);

    let long = Changes::from([(numbered(3), Some(vec![0; VALUE_BYTES_MAX + 1]))]);
    let error = trie.update(&root, &long).unwrap_err();
    assert!(matches!(error, TrieError::ValueTooLong { .. }), "{error}");
}

#[test]
fn putting_what_is_there_changes_and_writes_nothing() {
    let file = state_file();
    let trie = Trie::new(&*file);
    let map: Map = (0..50).map(|n| (numbered(n), vec![n as u8])).collect();
    let root = trie.update(&Subtree::empty(), &changes_of(&map)).unwrap();
    let root = written(&*file, &root);
    let again = trie.update(&root, &changes_of(&map)).unwrap();
    assert_eq!(again.place(), root.place());
    let gone = Changes::from([(numbered(99), None)]);
    assert_eq!(trie.update(&root, &gone).unwrap().place(), root.place());
    let mut out = Vec::new();
    trie.write(&again, file.len(), &mut out);
    assert!(out.is_empty());
}

#[test]
fn forks_share_a_root_in_memory_and_each_node_is_written_once() {
    let file = state_file();
    let trie = Trie::new(&*file);
    let mut map: Map = (0..100).map(|n| (numbered(n), vec![1])).collect();
    let base = trie.update(&Subtree::empty(), &changes_of(&map)).unwrap();

    let left_changes = Changes::from([(numbered(3), Some(vec![2])), (numbered(500), Some(vec![]))]);
    let right_changes = Changes::from([(numbered(3), None), (numbered(4), None)]);
    let left = trie.update(&base, &left_changes).unwrap();
    let right = trie.update(&base, &right_changes).unwrap();
    let (mut left_map, mut right_map) = (map.clone(), map.clone());
    apply(&mut left_map, &left_changes);
    apply(&mut right_map, &right_changes);

    let base = written(&*file, &base);
    let base_bytes = file.len();
    let left = written(&*file, &left);
    assert!(file.len() - base_bytes < base_bytes / 4, "the fork is small");
    let right_written = written(&*file, &right);
    for root in [&right, &right_written] {
        check_all(&trie, root, &right_map);
    }
    check_all(&trie, &base, &map);
    check_all(&trie, &left, &left_map);

    // A fork made in memory goes on from nodes that were written in the meantime.
    let more = Changes::from([(numbered(7), Some(b"more".to_vec()))]);
    apply(&mut map, &right_changes);
    apply(&mut map, &more);
    let next = trie.update(&right, &more).unwrap();
    check_all(&trie, &next, &map);
    check_all(&trie, &written(&*file, &next), &map);
}

#[test]
fn any_changed_bit_of_a_proof_is_refused() {
    let file = state_file();
    let trie = Trie::new(&*file);
    let map: Map = (0..30).map(|n| (numbered(n), vec![n as u8])).collect();
    let root = trie.update(&Subtree::empty(), &changes_of(&map)).unwrap();
    for number in 25..60 {
        let key = numbered(number);
        let value = map.get(&key).map(Vec::as_slice);
        let proof = trie.prove(&root, &key).unwrap();
        for bad in changed(&proof) {
            bad.verify(&root.hash(), &key, value).unwrap_err();
        }
        for bit in 0..256 {
            let other = flipped(&root.hash(), bit);
            assert_eq!(proof.verify(&other, &key, value), Err(BadProof::Root));
            if value.is_some() {
                proof.verify(&root.hash(), &flipped(&key, bit), value).unwrap_err();
            }
        }
    }
}

fn changed(proof: &TrieProof) -> Vec<TrieProof> {
    let mut all = Vec::new();
    for index in 0..proof.siblings.len() {
        for bit in 0..256 {
            let mut bad = proof.clone();
            bad.siblings[index] = flipped(&bad.siblings[index], bit);
            all.push(bad);
        }
        let mut bad = proof.clone();
        bad.siblings.remove(index);
        all.push(bad);
    }
    let mut bad = proof.clone();
    bad.siblings.push(Hash([0; 32]));
    all.push(bad);
    if let Some(leaf) = proof.leaf {
        for bit in 0..256 {
            let (key, value_hash) = (flipped(&leaf.key, bit), flipped(&leaf.value_hash, bit));
            let others = [OtherLeaf { key, ..leaf }, OtherLeaf { value_hash, ..leaf }];
            all.extend(others.map(|leaf| TrieProof { leaf: Some(leaf), ..proof.clone() }));
        }
        all.push(TrieProof { leaf: None, ..proof.clone() });
    }
    all
}

#[test]
fn a_leaf_does_not_prove_its_own_absence() {
    let file = state_file();
    let trie = Trie::new(&*file);
    let map: Map = (0..9).map(|n| (numbered(n), vec![n as u8])).collect();
    let root = trie.update(&Subtree::empty(), &changes_of(&map)).unwrap();
    let key = numbered(4);
    let mut proof = trie.prove(&root, &key).unwrap();
    let value_hash = Hash::of(&[&[4]]);
    proof.leaf = Some(OtherLeaf { key, value_hash });
    assert_eq!(proof.verify(&root.hash(), &key, None), Err(BadProof::OtherKey));

    // Nor the absence of a key on another way.
    let elsewhere = flipped(&key, 0);
    assert_eq!(proof.verify(&root.hash(), &elsewhere, None), Err(BadProof::OtherKey));
}

#[test]
fn a_proof_survives_json_and_cbor_and_is_bounded() {
    let file = state_file();
    let trie = Trie::new(&*file);
    let map: Map = (0..9).map(|n| (numbered(n), vec![n as u8])).collect();
    let root = trie.update(&Subtree::empty(), &changes_of(&map)).unwrap();
    let proof = trie.prove(&root, &numbered(77)).unwrap();
    let json = serde_json::to_string(&proof).unwrap();
    assert_eq!(serde_json::from_str::<TrieProof>(&json).unwrap(), proof);
    let cbor = serde_ipld_dagcbor::to_vec(&proof).unwrap();
    assert_eq!(serde_ipld_dagcbor::from_slice::<TrieProof>(&cbor).unwrap(), proof);
    serde_json::from_str::<TrieProof>(r#"{"siblings":[],"leaf":null,"more":0}"#).unwrap_err();

    let long = TrieProof { siblings: vec![Hash([1; 32]); 257], leaf: None };
    let bad = long.verify(&root.hash(), &numbered(1), None);
    assert_eq!(bad, Err(BadProof::TooDeep));
    let cbor = serde_ipld_dagcbor::to_vec(&long).unwrap();
    serde_ipld_dagcbor::from_slice::<TrieProof>(&cbor).unwrap_err();
}

/// Few distinct keys, in clusters that part at early and at late bits.
fn any_key() -> impl Strategy<Value = Key> {
    (0..12_u64, prop_oneof![3 => Just(None), 1 => (200..256_usize).prop_map(Some), 1 => (0..256_usize).prop_map(Some)])
        .prop_map(|(number, bit)| bit.map_or(numbered(number), |bit| flipped(&numbered(number), bit)))
}

fn any_changes() -> impl Strategy<Value = Changes> {
    let value = prop::option::weighted(0.6, prop::collection::vec(any::<u8>(), 0..80));
    prop::collection::btree_map(any_key(), value, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn it_behaves_as_a_map_whose_every_version_stays(
        batches in prop::collection::vec((any_changes(), any::<bool>()), 1..8),
    ) {
        let file = state_file();
        let trie = Trie::new(&*file);
        let (mut map, mut root) = (Map::new(), Subtree::empty());
        let mut versions = Vec::new();
        for (changes, write) in batches {
            apply(&mut map, &changes);
            root = trie.update(&root, &changes).unwrap();
            if write {
                root = written(&*file, &root);
            }
            prop_assert_eq!(root.hash(), root_of(&map));
            let at_once = trie.update(&Subtree::empty(), &changes_of(&map)).unwrap();
            prop_assert_eq!(at_once.hash(), root.hash());
            versions.push((root.clone(), map.clone()));
        }
        for (root, map) in &versions {
            check_all(&trie, root, map);
        }
    }

    #[test]
    fn rubbish_is_refused_without_a_panic(
        siblings in prop::collection::vec(any::<[u8; 32]>().prop_map(Hash), 0..300),
        leaf in prop::option::of((any_key(), any_key())),
        key in any_key(),
        present: bool,
    ) {
        let leaf = leaf.map(|(key, value_hash)| OtherLeaf { key, value_hash });
        let proof = TrieProof { siblings, leaf };
        prop_assert!(proof.verify(&numbered(1), &key, present.then_some(&b"value"[..])).is_err());
    }
}
