//! A mirror follows a log, believes nothing, and notices when the log tells two histories.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;

use chancery_client::{Client, Genesis, Mirror, MirrorError, Transition};
use chancery_ledger::merkle::{Frontier, leaf_hash};
use chancery_ledger::tile::Tile;
use chancery_tests::node::Node;
use chancery_tests::town::{Town, create, key_of, signer};

/// So many newcomers that the log has tiles of two levels.
async fn settles(client: &Client, wave: &str, newcomers: usize) {
    let ledger = client.ledger_id().await.unwrap();
    let arrives = |number: usize| {
        let name = format!("{wave}-{number}");
        let create = create("person", &key_of(&name).public());
        Transition::on(ledger).act(create).sign(&signer(&name)).unwrap()
    };
    let signings: Vec<_> = (0..newcomers).map(arrives).collect();
    let verdicts = client.batch(&signings).await.unwrap();
    assert!(verdicts.iter().all(|verdict| verdict.status == "applied"));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let to = to.join(file.file_name());
        if file.path().is_dir() {
            copy(&file.path(), &to);
        } else {
            fs::copy(file.path(), to).unwrap();
        }
    }
}

/// The root that the entries of a mirror give, read as a stranger would: bundle by bundle.
fn root_of_entries(folder: &Path, size: u64) -> String {
    let mut frontier = Frontier::default();
    for tile in Tile::all(size).filter(|tile| tile.to_string().starts_with("tile/entries")) {
        let bytes = fs::read(folder.join(tile.to_string())).unwrap();
        let mut rest = &bytes[..];
        while let Some((length, after)) = rest.split_first_chunk::<2>() {
            let (entry, after) = after.split_at(u16::from_be_bytes(*length).into());
            frontier.push(leaf_hash(entry), &mut |_| {});
            rest = after;
        }
    }
    frontier.root().to_string()
}

#[tokio::test]
async fn a_mirror_has_every_tile_and_every_entry_of_its_log() {
    let town = Town::founded();
    let (client, anchor) = (town.client(), town.node().genesis().unwrap());
    let folder = town.folder().join("mirror");
    let mirror = Mirror::open(&folder, anchor.clone()).unwrap();

    let mut before = 0;
    for newcomers in [0, 3, 250, 3, 600, 0] {
        if newcomers > 0 {
            settles(client, &format!("wave-{before}"), newcomers).await;
        }
        let followed = mirror.follow(client).await.unwrap();
        let size = followed.checkpoint.size;
        assert_eq!(
            (followed.from, size, followed.withheld),
            (before, before + newcomers as u64, 0)
        );
        for tile in Tile::all(size) {
            let kept = fs::read(folder.join(tile.to_string())).unwrap();
            assert_eq!(kept, client.tile(&tile).await.unwrap(), "{tile}");
        }
        assert_eq!(root_of_entries(&folder, size), followed.checkpoint.root.to_string());
        before = size;
    }
    // What partial tiles there were has become part of wider ones.
    assert!(!folder.join("tile/0/000.p").exists() && !folder.join("tile/entries/000.p").exists());

    // It goes on where it was, trusts the genesis that it began with, and no other.
    assert_eq!(Mirror::genesis_in(&folder).unwrap().unwrap().ledger(), anchor.ledger());
    let other = Town::founded().node().genesis().unwrap();
    assert!(matches!(Mirror::open(&folder, other), Err(MirrorError::Tile { .. })));
    assert_eq!(Mirror::open(&folder, anchor).unwrap().follow(client).await.unwrap().from, before);
}

#[tokio::test]
async fn a_byte_that_was_changed_in_a_mirror_is_found() {
    let town = Town::founded();
    let client = town.client();
    let folder = town.folder().join("mirror");
    settles(client, "first", 300).await;
    let mirror = Mirror::open(&folder, town.node().genesis().unwrap()).unwrap();
    mirror.follow(client).await.unwrap();
    settles(client, "second", 10).await;

    let partial = folder.join("tile/0/001.p/44");
    let mut bytes = fs::read(&partial).unwrap();
    bytes[40] ^= 1;
    fs::write(&partial, &bytes).unwrap();
    assert!(matches!(mirror.follow(client).await, Err(MirrorError::Tile { .. })));
    bytes[40] ^= 1;
    fs::write(&partial, &bytes).unwrap();

    // A root above is wrong: the leaves are right, and do not lead to what the log has signed.
    let upper = folder.join("tile/1/000.p/1");
    let right = fs::read(&upper).unwrap();
    fs::write(&upper, [7; 32]).unwrap();
    assert!(matches!(mirror.follow(client).await, Err(MirrorError::Tile { .. })));
    fs::write(&upper, right).unwrap();
    assert_eq!(mirror.follow(client).await.unwrap().checkpoint.size, 310);
}

#[tokio::test]
async fn a_log_that_tells_two_histories_has_signed_the_proof() {
    let mut town = Town::founded();
    settles(town.client(), "first", 20).await;
    town.stops();
    let twin = town.folder().join("twin");
    copy(&town.folder().join("data"), &twin.join("data"));
    town.starts();
    let anchor: Genesis = town.node().genesis().unwrap();

    let folder = town.folder().join("mirror");
    let mirror = Mirror::open(&folder, anchor.clone()).unwrap();
    settles(town.client(), "told-to-one", 5).await;
    mirror.follow(town.client()).await.unwrap();

    let twin = Node::start(&twin).unwrap();
    let client = twin.client().unwrap();
    // An older log with the same history is no fork, only behind.
    assert_eq!(mirror.follow(&client).await.unwrap().checkpoint.size, 25);
    for (newcomers, theirs) in [(3, 23), (2, 25), (9, 34)] {
        settles(&client, &format!("told-to-the-other-{theirs}"), newcomers).await;
        match mirror.follow(&client).await {
            Err(MirrorError::Fork { ours: 25, theirs: size, .. }) => assert_eq!(size, theirs),
            other => panic!("{other:?}"),
        }
    }
    // Both are kept, and each is signed by the log: whoever holds the genesis can check that.
    let kept: Vec<_> =
        fs::read_dir(folder.join("fork")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(kept.len(), 4);
    for note in kept {
        let note = fs::read_to_string(note).unwrap();
        chancery_client::Checkpoint::verify(&note, &(&anchor).into()).unwrap();
    }
    // The mirror itself stays with the history that it had.
    assert_eq!(mirror.follow(town.client()).await.unwrap().checkpoint.size, 25);
}
