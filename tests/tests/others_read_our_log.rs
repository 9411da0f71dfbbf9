//! Crates that others wrote for transparency logs read our log: the checkpoint by C2SP signed-note, the
//! tiles by C2SP tlog-tiles, and proofs that they make from the tiles alone.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::PathBuf;

use chancery_client::{Mirror, Transition};
use chancery_ledger::note;
use chancery_tests::town::{Town, create, key_of, signer};
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Error, Hash, HashReader, Tile, TileHashReader, TileReader, check_record,
    check_tree, prove_record, prove_tree, record_hash, stored_hash_index, tree_hash,
};

/// A mirror's folder, read with their paths.
struct Served(PathBuf);

impl TileReader for Served {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        // Their paths name the height, which tlog-tiles has fixed and left out.
        let path = |tile: &Tile| self.0.join(tile.path().replacen("tile/8/", "tile/", 1));
        Ok(tiles.iter().map(|tile| fs::read(path(tile)).unwrap()).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// The entry at a position, from its bundle.
fn entry(served: &Served, position: u64, size: u64) -> Vec<u8> {
    let width = (size - position / 256 * 256).min(256);
    let partial = if width < 256 { format!(".p/{width}") } else { String::new() };
    let path = format!("tile/entries/{:03}{partial}", position / 256);
    let bytes = fs::read(served.0.join(path)).unwrap();
    let mut rest = &bytes[..];
    for _ in 0..position % 256 {
        let length = u16::from_be_bytes([rest[0], rest[1]]);
        rest = &rest[2 + usize::from(length)..];
    }
    let length = u16::from_be_bytes([rest[0], rest[1]]);
    rest[2..2 + usize::from(length)].to_vec()
}

async fn settle(town: &Town, newcomers: std::ops::Range<usize>) {
    let ledger = town.client().ledger_id().await.unwrap();
    let arrives = |number: usize| {
        let name = format!("newcomer-{number}");
        let create = create("person", &key_of(&name).public());
        Transition::on(ledger).act(create).sign(&signer(&name)).unwrap()
    };
    let signings: Vec<_> = newcomers.map(arrives).collect();
    let verdicts = town.client().batch(&signings).await.unwrap();
    assert!(verdicts.iter().all(|verdict| verdict.status == "applied"));
}

#[tokio::test]
async fn crates_of_others_check_the_checkpoint_and_make_proofs_from_the_tiles() {
    let town = Town::founded();
    let anchor = town.node().genesis().unwrap();
    let folder = town.folder().join("mirror");
    let mirror = Mirror::open(&folder, anchor.clone()).unwrap();
    let served = Served(folder.clone());
    let key = note::verifier_key(&anchor.ledger(), &anchor.pool().unwrap().validators[0].key);

    let mut before: Option<(u64, Hash)> = None;
    for newcomers in [0..300, 300..700] {
        settle(&town, newcomers).await;
        mirror.follow(town.client()).await.unwrap();

        let signed = Note::from_bytes(&fs::read(folder.join("checkpoint")).unwrap()).unwrap();
        let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&key).unwrap())]);
        let (verified, unknown) = signed.verify(&known).unwrap();
        assert_eq!((verified.len(), unknown.len()), (1, 0));
        let checkpoint = Checkpoint::from_bytes(signed.text()).unwrap();
        assert_eq!(checkpoint.origin(), note::origin(&anchor.ledger()));

        let (size, root) = (checkpoint.size(), *checkpoint.hash());
        let reader = TileHashReader::new(size, root, &served);
        assert_eq!(tree_hash(size, &reader).unwrap(), root);
        for position in [0, 1, 255, 256, 299, size - 1] {
            let leaf = record_hash(&entry(&served, position, size));
            let index = stored_hash_index(0, position);
            assert_eq!(reader.read_hashes(&[index]).unwrap(), [leaf], "{position}");
            let proof = prove_record(size, position, &reader).unwrap();
            check_record(&proof, size, root, position, leaf).unwrap();
        }
        if let Some((earlier, its_root)) = before {
            let proof = prove_tree(size, earlier, &reader).unwrap();
            check_tree(&proof, size, root, earlier, its_root).unwrap();
        }
        before = Some((size, root));
    }

    // A changed tile on the way to the root is refused by them too.
    let upper = folder.join("tile/1/000.p/2");
    let mut bytes = fs::read(&upper).unwrap();
    bytes[40] ^= 1;
    fs::write(&upper, bytes).unwrap();
    let (size, root) = before.unwrap();
    let reader = TileHashReader::new(size, root, &served);
    assert!(reader.read_hashes(&[stored_hash_index(0, 3)]).is_err());
}
