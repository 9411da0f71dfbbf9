//! Servers that lie to a mirror, to an auditor and to those who kept a checkpoint, with the validator's own key or
//! without: two histories, a log cut short, another size, exchanged leaves, another ledger, signatures of nobody or
//! of too few. None is believed, and what was kept before stays.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use chancery_client::verify::verify;
use chancery_client::{BadCheckpoint, Checkpoint, Evidence, Mirror, MirrorError, SecretKey};
use chancery_ledger::block::Block;
use chancery_ledger::disk::Memory;
use chancery_ledger::merkle::{ConsistencyProof, leaf_hash};
use chancery_ledger::note::{self, KeyName, Note, TreeHead};
use chancery_ledger::seal::{Certificate, Seal};
use chancery_ledger::tile::{Tile, TileOf};
use chancery_ledger::view::View;
use chancery_tests::impostor::{CHECKPOINT, Impostor};
use chancery_tests::node::binary;
use chancery_tests::small_ledger::{
    NODE_KEY, SmallLedger, create_party, genesis, key, party, set_card, signed, signed_for,
};

/// More than a tile of entries, so that there are two levels of tiles.
const NEWCOMERS: u64 = 300;
/// The entries of every ledger here.
const SIZE: u64 = NEWCOMERS + 5;

/// A ledger of two blocks; those with another card for the first party have another history.
fn history(card: u64) -> View {
    let mut ledger = SmallLedger::found(Arc::new(Memory::new())).unwrap();
    let create =
        |number: u64| signed(&[number], &format!("create-{number}"), vec![create_party(number)]);
    ledger.block(&(0..NEWCOMERS).map(create).collect::<Vec<_>>()).unwrap();
    let set =
        |number: u64| signed(&[number], &format!("card-{number}"), vec![set_card(number, card)]);
    ledger.block(&(0..5).map(set).collect::<Vec<_>>()).unwrap();
    ledger.view()
}

/// The same parties on a ledger of another genesis, sealed by the same key.
fn another_ledger() -> View {
    let statement = chancery_ledger::genesis::Statement {
        name: "Another small ledger".into(),
        ..genesis().statement().clone()
    };
    let founded = chancery_ledger::genesis::Genesis::found(&statement).unwrap();
    let mut ledger = SmallLedger::found_by(&founded, Arc::new(Memory::new())).unwrap();
    let create = |number: u64| {
        let actions = vec![create_party(number)];
        signed_for(&founded, &[number], &format!("create-{number}"), actions)
    };
    ledger.block(&(0..SIZE).map(create).collect::<Vec<_>>()).unwrap();
    ledger.view()
}

fn node_key() -> SecretKey {
    key(NODE_KEY)
}

/// A checkpoint of this size and root, signed by a key under the log's name.
fn signed_as(size: u64, view: &View, key: &SecretKey) -> String {
    let ledger = view.genesis().ledger();
    let (origin, root) = (note::origin(&ledger), view.tip().header.log_root);
    let note = Note::unsigned(TreeHead { origin, size, root }.to_string()).unwrap();
    let line = note.signature(&KeyName::of_log(&ledger), key);
    note.with(line).to_string()
}

fn tile(of: TileOf, index: u64) -> Tile {
    Tile::of(of, index, SIZE).unwrap()
}

fn address(of: TileOf, index: u64) -> String {
    format!("/v1/log/{}", tile(of, index))
}

/// What each lie is called, and how it is told.
type Lies = Vec<(&'static str, Lie)>;
type Lie = Box<dyn Fn(&Impostor)>;

fn lie(tell: impl Fn(&Impostor) + 'static) -> Lie {
    Box::new(tell)
}

fn says(address: impl Into<String>, body: impl Into<Vec<u8>>) -> Lie {
    let (address, body) = (address.into(), body.into());
    lie(move |impostor| impostor.says(&address, &body))
}

/// A log of another size with the same root, signed by the validator, with tiles as long as it must have.
fn sized(truth: &View, size: u64) -> Lie {
    let note = signed_as(size, truth, &node_key());
    let mut bodies = Vec::new();
    for of in [TileOf::Hashes(0), TileOf::Entries] {
        let theirs = Tile::of(of, 1, size).unwrap();
        let known = Tile::of(of, 1, size.min(SIZE)).unwrap();
        let mut bytes = truth.tile(&known).unwrap().unwrap();
        match of {
            _ if size <= SIZE => {}
            TileOf::Hashes(_) => bytes.extend(leaf_hash(b"x").0),
            TileOf::Entries => bytes.extend([0, 1, b'x']),
        }
        bodies.push((format!("/v1/log/{theirs}"), bytes));
    }
    lie(move |impostor| {
        impostor.says(CHECKPOINT, &note);
        bodies.iter().for_each(|(address, body)| impostor.says(address, body));
    })
}

/// What a mirror may be told.
fn lies_about_a_log(truth: &View) -> Lies {
    let (other, another) = (history(2), another_ledger());
    let leaves = truth.tile(&tile(TileOf::Hashes(0), 0)).unwrap().unwrap();
    let exchanged = [&leaves[32..64], &leaves[..32], &leaves[64..]].concat();
    let others = other.tile(&tile(TileOf::Hashes(0), 1)).unwrap().unwrap();
    let entries = truth.tile(&tile(TileOf::Entries, 0)).unwrap().unwrap();
    let mut changed = entries.clone();
    changed[100] ^= 1;
    let note_of = |view: &View| note::signed_checkpoint(&view.tip().header, &node_key());
    let unsigned = note::checkpoint_text(&truth.tip().header) + "\n";
    let (hashes, bundle) = (address(TileOf::Hashes(0), 0), address(TileOf::Entries, 0));
    vec![
        ("a larger size", sized(truth, SIZE + 1)),
        ("a smaller size", sized(truth, SIZE - 1)),
        ("another history's checkpoint", says(CHECKPOINT, note_of(&other))),
        ("another ledger's checkpoint", says(CHECKPOINT, note_of(&another))),
        ("a checkpoint of a stranger", says(CHECKPOINT, signed_as(SIZE, truth, &key(42)))),
        ("a checkpoint of nobody", says(CHECKPOINT, unsigned)),
        ("exchanged leaves", says(&hashes, exchanged)),
        ("a leaf less", says(&hashes, &leaves[32..])),
        ("a byte more of a tile", says(&hashes, [&leaves[..], &[0]].concat())),
        ("another history's leaves", says(address(TileOf::Hashes(0), 1), others)),
        ("a bundle cut short", says(&bundle, &entries[..entries.len() - 1])),
        ("a bundle with a byte more", says(&bundle, [&entries[..], &[0]].concat())),
        ("an entry more", says(&bundle, [&entries[..], &[0, 1, 7]].concat())),
        ("another entry", says(&bundle, changed)),
        ("no tile", lie(move |impostor| assert!(impostor.conceals(&hashes)))),
    ]
}

#[tokio::test]
async fn a_mirror_believes_no_lie_about_the_log() {
    let truth = history(1);
    for (lie, tell) in lies_about_a_log(&truth) {
        let folder = tempfile::tempdir().unwrap();
        let impostor = Impostor::of(&truth, &node_key()).await.unwrap();
        let mirror = Mirror::open(folder.path(), genesis()).unwrap();
        let client = impostor.client(&truth);
        tell(&impostor);
        assert!(mirror.follow(&client).await.is_err(), "{lie}");
        assert!(!folder.path().join("checkpoint").exists(), "{lie}: kept");
        // Once it says the truth, the mirror follows as if nothing had been.
        let honest = Impostor::of(&truth, &node_key()).await.unwrap();
        let followed = mirror.follow(&honest.client(&truth)).await.unwrap();
        assert_eq!((followed.checkpoint.size, followed.withheld), (SIZE, 0), "{lie}");
        let checked = mirror.check(&genesis().into()).unwrap();
        assert_eq!((checked.files, checked.transitions), (5, SIZE), "{lie}");
    }
}

/// A log that has signed less is behind, one that has signed something else has forked, and in both cases the
/// mirror stays with what it has.
#[tokio::test]
async fn a_mirror_that_has_followed_is_told_of_less_and_of_something_else() {
    let (truth, other) = (history(1), history(2));
    let folder = tempfile::tempdir().unwrap();
    let mirror = Mirror::open(folder.path(), genesis()).unwrap();
    let impostor = Impostor::of(&truth, &node_key()).await.unwrap();
    let client = impostor.client(&truth);
    let kept = mirror.follow(&client).await.unwrap().checkpoint;

    let earlier = truth.sealed_header(1).unwrap().0;
    impostor.says(CHECKPOINT, note::signed_checkpoint(&earlier, &node_key()));
    assert_eq!(mirror.follow(&client).await.unwrap().checkpoint, kept);

    impostor.says(CHECKPOINT, note::signed_checkpoint(&other.tip().header, &node_key()));
    match mirror.follow(&client).await {
        Err(MirrorError::Fork { ours, theirs, .. }) => assert_eq!((ours, theirs), (SIZE, SIZE)),
        other => panic!("{other:?}"),
    }
    // The signer's own word that a smaller log had this root: a fork as well, found without a server.
    impostor.says(CHECKPOINT, signed_as(SIZE - 1, &truth, &node_key()));
    assert!(matches!(mirror.follow(&client).await, Err(MirrorError::Fork { .. })));
    assert_eq!(mirror.check(&genesis().into()).unwrap().checkpoint, kept);
}

/// Every byte of every file of a mirror, when it is checked as a whole.
#[tokio::test]
async fn a_check_of_a_mirror_finds_every_changed_byte() {
    let truth = history(1);
    let folder = tempfile::tempdir().unwrap();
    let mirror = Mirror::open(folder.path(), genesis()).unwrap();
    let impostor = Impostor::of(&truth, &node_key()).await.unwrap();
    mirror.follow(&impostor.client(&truth)).await.unwrap();
    mirror.check(&genesis().into()).unwrap();
    let mut names: Vec<String> = Tile::all(SIZE).map(|tile| tile.to_string()).collect();
    names.push("checkpoint".to_owned());
    for name in names {
        let path = folder.path().join(&name);
        let bytes = fs::read(&path).unwrap();
        // All of the small files; of the large ones a byte in every entry or hash, and the ends.
        let step = (bytes.len() / 150).max(1);
        for place in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << (place % 8);
            fs::write(&path, &changed).unwrap();
            assert!(mirror.check(&genesis().into()).is_err(), "{name} at {place}");
        }
        fs::write(&path, &bytes).unwrap();
    }
    // A bundle that is not there is one that was withheld, and is said to be.
    fs::remove_file(folder.path().join(tile(TileOf::Entries, 1).to_string())).unwrap();
    let checked = mirror.check(&genesis().into()).unwrap();
    assert_eq!((checked.transitions, checked.withheld), (256, SIZE - 256));
    let audited = chancery(folder.path(), &["audit", "."]);
    let said = String::from_utf8_lossy(&audited.stdout).into_owned();
    assert!(audited.status.success() && said.contains("THE MIRROR HOLDS"), "{said}");
    fs::write(folder.path().join(tile(TileOf::Hashes(1), 0).to_string()), [7; 32]).unwrap();
    assert_eq!(chancery(folder.path(), &["audit", "."]).status.code(), Some(1));
}

/// Whoever kept a checkpoint and asks for the next one.
#[test]
fn a_later_checkpoint_begins_with_the_kept_one_or_is_refused() {
    let (truth, other) = (history(1), history(2));
    let anchor = genesis().into();
    let checkpoint = |view: &View, height| {
        let header = view.sealed_header(height).unwrap().0;
        Checkpoint::verify(&note::signed_checkpoint(&header, &node_key()), &anchor).unwrap()
    };
    let (earlier, later) = (checkpoint(&truth, 1), checkpoint(&truth, 2));
    let proof = truth.prove_consistency(NEWCOMERS, SIZE).unwrap();
    later.extends(&earlier, &proof).unwrap();

    let refused =
        |earlier: &Checkpoint, later: &Checkpoint, proof: &ConsistencyProof, why: &str| {
            assert!(later.extends(earlier, proof).is_err(), "{why}");
        };
    refused(&earlier, &checkpoint(&other, 2), &proof, "two histories");
    let theirs = other.prove_consistency(NEWCOMERS, SIZE).unwrap();
    refused(&later, &checkpoint(&other, 2), &ConsistencyProof { from: SIZE, ..theirs }, "a fork");
    refused(&later, &earlier, &proof, "a log cut short");
    // A root does not tell its size: that of a signed checkpoint is its signer's word until somebody has the tiles.
    refused(&earlier, &Checkpoint { size: SIZE + 1, ..later }, &proof, "another size");
    let mut swapped = proof.clone();
    swapped.path.swap(0, 1);
    refused(&earlier, &later, &swapped, "exchanged hashes");
    for index in 0..proof.path.len() {
        let mut shorter = proof.clone();
        shorter.path.remove(index);
        refused(&earlier, &later, &shorter, "a hash less");
    }
    // Of another ledger, of a stranger, of nobody: no checkpoint at all.
    let others = note::signed_checkpoint(&another_ledger().tip().header, &node_key());
    let is_other = matches!(Checkpoint::verify(&others, &anchor), Err(BadCheckpoint::OtherLog(_)));
    assert!(is_other);
    let strangers = signed_as(SIZE, &truth, &key(42));
    assert_eq!(Checkpoint::verify(&strangers, &anchor), Err(BadCheckpoint::Unsigned));
}

fn chancery(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(binary("chancery").unwrap())
        .args(arguments)
        .args(["--anchor", "genesis.json"])
        .current_dir(folder)
        .env("CHANCERY_KEYS", folder.join("keys"))
        .output()
        .unwrap()
}

/// `chancery` in a folder with the genesis, on another thread than the server's.
async fn told(impostor: &Impostor, arguments: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("genesis.json"), genesis().bytes()).unwrap();
    fs::write(
        folder.path().join("kept"),
        note::signed_checkpoint(&history(1).tip().header, &node_key()),
    )
    .unwrap();
    let url = impostor.url().to_owned();
    let arguments: Vec<String> = arguments.iter().map(|it| it.replace("URL", &url)).collect();
    let output = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        chancery(folder.path(), &arguments)
    });
    let output = output.await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn a_kept_checkpoint_is_held_against_a_log_that_shrinks_or_forks() {
    let (truth, other) = (history(1), history(2));
    let impostor = Impostor::of(&truth, &node_key()).await.unwrap();
    let consistency = ["log", "consistency", "kept", "--url", "URL"];
    let same = truth.prove_consistency(SIZE, SIZE).unwrap();
    let address = format!("/v1/log/proofs/consistency?from={SIZE}&to={SIZE}");
    impostor.says(&address, serde_json::to_vec(&same).unwrap());
    assert_eq!(told(&impostor, &consistency).await.0, Some(0));

    let earlier = truth.sealed_header(1).unwrap().0;
    impostor.says(CHECKPOINT, note::signed_checkpoint(&earlier, &node_key()));
    let (code, said) = told(&impostor, &consistency).await;
    assert!(code == Some(1) && said.contains("the log has shrunk"), "{said}");
    impostor.says(CHECKPOINT, note::signed_checkpoint(&other.tip().header, &node_key()));
    let (code, said) = told(&impostor, &consistency).await;
    assert!(code == Some(1) && said.contains("consistency"), "{said}");
}

/// A block with something else about it.
fn block(view: &View, height: u64, change: &dyn Fn(&mut Block)) -> Vec<u8> {
    let mut block = view.block(height).unwrap();
    change(&mut block);
    block.encode()
}

/// What an auditor may be told by the server that is audited.
fn lies_about_blocks(truth: &View) -> Lies {
    let (other, another) = (history(2), another_ledger());
    let says = |height: u64, body: Vec<u8>| says(format!("/v1/blocks/{height}"), body);
    let votes = |count: usize| {
        let seal = truth.block(2).unwrap().seal;
        move |block: &mut Block| {
            let Seal::Pool(Certificate { round, signatures }) = seal.clone() else { panic!() };
            let signatures = signatures.into_iter().cycle().take(count).collect();
            block.seal = Seal::Pool(Certificate { round, signatures });
        }
    };
    let by_stranger = |block: &mut Block| {
        let vote = chancery_ledger::seal::Vote::cast(&key(42), &block.header, 0);
        block.seal = Seal::Pool(Certificate { round: 0, signatures: vec![vote] });
    };
    vec![
        ("a log cut short", lie(|impostor| assert!(impostor.conceals("/v1/blocks/2")))),
        ("another history's last block", says(2, other.block_bytes(2).unwrap())),
        ("another ledger's block", says(1, another.block_bytes(1).unwrap())),
        ("another ledger's genesis block", says(0, another.block_bytes(0).unwrap())),
        ("exchanged entries", says(2, block(truth, 2, &|block| block.entries.swap(0, 1)))),
        ("an entry less", says(2, block(truth, 2, &|block| drop(block.entries.pop())))),
        (
            "an entry twice",
            says(2, block(truth, 2, &|block| block.entries.push(block.entries[0].clone()))),
        ),
        ("another size", says(2, block(truth, 2, &|block| block.header.log_size += 1))),
        (
            "another root",
            says(2, block(truth, 2, &|block| block.header.log_root = block.header.state_root)),
        ),
        ("a seal of nobody", says(2, block(truth, 2, &votes(0)))),
        ("one signer twice", says(2, block(truth, 2, &votes(2)))),
        ("a seal of a stranger", says(2, block(truth, 2, &by_stranger))),
        ("the seal of block 0", says(2, block(truth, 2, &|block| block.seal = Seal::Genesis))),
        ("a block twice", says(2, truth.block_bytes(1).unwrap())),
        ("the blocks without the first", says(0, truth.block_bytes(1).unwrap())),
    ]
}

#[tokio::test]
async fn an_audit_by_address_believes_no_lie() {
    let truth = history(1);
    let audit = ["audit", "URL"];
    let honest = Impostor::of(&truth, &node_key()).await.unwrap();
    let (code, said) = told(&honest, &audit).await;
    assert!(code == Some(0) && said.contains("CLEAN"), "{said}");
    for (lie, tell) in lies_about_blocks(&truth) {
        let impostor = Impostor::of(&truth, &node_key()).await.unwrap();
        tell(&impostor);
        let (code, said) = told(&impostor, &audit).await;
        assert!(code == Some(1) && !said.contains("CLEAN"), "{lie}: {said}");
    }
    // The blocks are whole, and the log that was signed is another.
    for (lie, note) in [
        ("two histories", note::signed_checkpoint(&history(2).tip().header, &node_key())),
        ("a larger size", signed_as(SIZE + 1, &truth, &node_key())),
        ("a smaller size", signed_as(SIZE - 1, &truth, &node_key())),
        ("a checkpoint of a stranger", signed_as(SIZE, &truth, &key(42))),
        ("another ledger", note::signed_checkpoint(&another_ledger().tip().header, &node_key())),
    ] {
        honest.says(CHECKPOINT, note);
        let (code, said) = told(&honest, &audit).await;
        assert!(code == Some(1) && !said.contains("CLEAN"), "{lie}: {said}");
    }
}

/// An old status holds for ever, as of its block, and says so: nobody who reads the report takes it for fresh.
#[test]
fn an_old_status_is_as_of_its_block_and_no_later() {
    let mut ledger = SmallLedger::found(Arc::new(Memory::new())).unwrap();
    ledger.grow_to(2).unwrap();
    let id = party(0).to_string();
    let old = ledger.view().status("identity", "party", &id, 2).unwrap();
    ledger.grow_to(6).unwrap();
    let fresh = ledger.view().status("identity", "party", &id, 6).unwrap();
    let shown = |status| verify(&Evidence::Status(status), &genesis().into()).unwrap();
    let (old, fresh) = (shown(old), shown(fresh));
    assert_eq!((old.shown.height, fresh.shown.height), (2, 6));
    assert_eq!(fresh.shown.as_of.as_ms() - old.shown.as_of.as_ms(), 4_000);
    for verified in [old, fresh] {
        let said = verified.not_checked.iter().any(|what| what.starts_with("age: how old it is"));
        assert!(said, "{:?}", verified.not_checked);
    }
}
