//! A damaged state file gives an error that names the place, or the right answer; never a wrong
//! one, and never a panic.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;

use chancery_ledger::disk::{Disk, DiskFile, Memory};
use chancery_ledger::hash::Hash;
use chancery_ledger::trie::{Key, Subtree, Trie, TrieError};
use proptest::prelude::*;

fn numbered(number: u64) -> Key {
    Hash::of(&[&number.to_le_bytes()])
}

fn value(number: u64) -> Vec<u8> {
    vec![number as u8; number as usize * 9]
}

/// Twelve keys in two blocks, and a neighbour far down, so that every kind of record is there.
fn small_state() -> (Memory, Arc<dyn DiskFile>, Subtree) {
    let disk = Memory::new();
    let file = disk.open("state").unwrap();
    let trie = Trie::new(&*file);
    let mut root = Subtree::empty();
    for numbers in [0..8, 4..12] {
        let changes = numbers.map(|n| (numbered(n), Some(value(n)))).collect();
        root = trie.update(&root, &changes).unwrap();
        let mut out = Vec::new();
        root = trie.write(&root, file.len(), &mut out);
        file.append(&out).unwrap();
    }
    (disk, file, root)
}

fn damage_is_named(error: &TrieError, file: &dyn DiskFile) {
    let offset = error.offset().unwrap();
    assert!(offset < file.len(), "{error}");
    assert!(error.to_string().starts_with("state file damaged at offset"), "{error}");
}

/// Whatever is asked, the answer is right or an error. Returns whether there was an error.
fn answers_hold(file: &dyn DiskFile, root: &Subtree, updated_root: &Hash) -> bool {
    let trie = Trie::new(file);
    let mut damaged = false;
    let mut noticed = |error: TrieError| {
        damage_is_named(&error, file);
        damaged = true;
    };
    for number in 0..16 {
        let key = numbered(number);
        let right = (number < 12).then(|| value(number));
        match trie.get(root, &key) {
            Ok(answer) => assert_eq!(answer, right),
            Err(error) => noticed(error),
        }
        match trie.prove(root, &key) {
            Ok(proof) => proof.verify(&root.hash(), &key, right.as_deref()).unwrap(),
            Err(error) => noticed(error),
        }
    }
    match trie.update(root, &one_update()) {
        Ok(root) => assert_eq!(root.hash(), *updated_root),
        Err(error) => noticed(error),
    }
    let walked = trie.walk(root, &mut |_: &Key, _: &[u8]| Ok::<_, TrieError>(()));
    if let Err(error) = walked {
        noticed(error);
    }
    damaged
}

fn one_update() -> BTreeMap<Key, Option<Vec<u8>>> {
    let put = |number| (numbered(number), Some(vec![1]));
    BTreeMap::from([put(2), put(20), (numbered(5), None), (numbered(11), None)])
}

#[test]
fn every_damaged_byte_is_noticed_or_harmless() {
    let (disk, file, root) = small_state();
    let updated = Trie::new(&*file).update(&root, &one_update()).unwrap().hash();
    assert!(!answers_hold(&*file, &root, &updated));
    let mut noticed = 0;
    for offset in 0..file.len() {
        for mask in [0x01, 0xff] {
            assert!(disk.flip("state", offset, mask));
            noticed += u64::from(answers_hold(&*file, &root, &updated));
            disk.flip("state", offset, mask);
        }
    }
    // The nodes of the first block that the second replaced are the only ones nobody reads.
    assert!(noticed > file.len(), "{noticed} of {}", file.len() * 2);
}

#[test]
fn a_file_cut_anywhere_is_noticed() {
    let (_, file, root) = small_state();
    let updated = Trie::new(&*file).update(&root, &one_update()).unwrap().hash();
    for len in (1..file.len()).rev() {
        file.truncate(len).unwrap();
        let trie = Trie::new(&*file);
        let error = trie.get(&root, &numbered(3)).unwrap_err();
        assert_eq!(error.offset(), root.place());
        trie.update(&root, &one_update()).unwrap_err();
    }
    assert_ne!(updated, root.hash());
}

#[test]
fn a_root_that_names_the_wrong_place_is_noticed() {
    let (_, file, root) = small_state();
    let trie = Trie::new(&*file);
    for place in (0..file.len() + 200).chain([u64::MAX, u64::MAX - 76, 1 << 47]) {
        if Some(place) != root.place() {
            let wrong = Subtree::on_disk(root.hash(), place);
            let error = trie.get(&wrong, &numbered(3)).unwrap_err();
            assert_eq!(error.offset(), Some(place));
            trie.prove(&wrong, &numbered(3)).unwrap_err();
        }
    }
}

/// Changes a byte of a node and makes its checksum fit again, as someone who means harm would.
fn forge(disk: &Memory, hash: &Hash, place: u64, byte: u64) {
    assert!(disk.flip("state", place + byte, 1));
    let bytes = disk.read("state").unwrap().unwrap();
    let (sum, body) = bytes[place as usize..].split_at(4);
    let new = crc32c::crc32c_append(crc32c::crc32c(&hash.0), body).to_le_bytes();
    for (index, (old, new)) in sum.iter().zip(new).enumerate() {
        disk.flip("state", place + index as u64, old ^ new);
    }
}

#[test]
fn a_node_with_a_forged_checksum_goes_into_no_answer() {
    // In a leaf: its key and its value; in an inner node above two leaves: a child's hash.
    for (keys, byte) in [(1, 5), (1, 41), (2, 5), (2, 43)] {
        let disk = Memory::new();
        let file = disk.open("state").unwrap();
        let trie = Trie::new(&*file);
        let changes = (0..keys).map(|n| (numbered(n), Some(vec![7]))).collect();
        let root = trie.update(&Subtree::empty(), &changes).unwrap();
        let mut out = Vec::new();
        let root = trie.write(&root, 0, &mut out);
        file.append(&out).unwrap();
        forge(&disk, &root.hash(), root.place().unwrap(), byte);

        let new = BTreeMap::from([(numbered(0), Some(vec![8]))]);
        for error in
            [trie.prove(&root, &numbered(0)).unwrap_err(), trie.update(&root, &new).unwrap_err()]
        {
            assert!(error.to_string().ends_with("the node's hash does not fit"), "{error}");
        }
        for number in 0..keys {
            let answer = trie.get(&root, &numbered(number));
            assert_ne!(answer.ok().flatten(), Some(vec![6]), "a forged value");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_file_of_rubbish_is_no_trie(
        mut bytes in prop::collection::vec(any::<u8>(), 0..400),
        tag in prop_oneof![Just(0x10), Just(0x11), any::<u8>()],
        place in 0..400_u64,
    ) {
        if let Some(byte) = bytes.get_mut(place as usize + 4) {
            *byte = tag;
        }
        let file = Memory::new().open("state").unwrap();
        file.append(&bytes).unwrap();
        let root = Subtree::on_disk(numbered(1), place);
        prop_assert!(Trie::new(&*file).get(&root, &numbered(2)).is_err());
    }
}
