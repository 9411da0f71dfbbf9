//! Every byte of every file of a small ledger, changed: opening refuses it by file and offset or puts it right to
//! the last byte, and an audit names the byte. Of a larger ledger a sample.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::sync::Arc;

use chancery_ledger::audit::{AuditReport, Finding, audit, scratch_in_memory};
use chancery_ledger::chain::{Chain, Opened};
use chancery_ledger::disk::{Disk, Memory};
use chancery_ledger::error::Error;
use chancery_ledger::transition::{Payload, Signing};
use chancery_registries::Registers;
use chancery_tests::damage::{FILES, Frame, Random, framed, frames};
use chancery_tests::small_ledger::{
    PARTIES, SmallLedger, create_party, genesis, key, set_card, signed, time,
};
use serde_json::Value;
use serde_json::value::RawValue;

/// The files that follow from the blocks, and are compared by an audit.
const FOLLOWING: [&str; 4] = ["log", "positions", "state", "heights"];

/// How the disk was left.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Left {
    /// In good order: the checkpoint is of the last block.
    Stopped,
    /// Killed a block after the checkpoint.
    Killed,
    /// Killed before there was a checkpoint.
    Young,
    /// Killed when the last block was synced, and nothing followed from it: nobody was told of it.
    WithinABlock,
}

/// A disk with two blocks behind the first, and what stands on it before the last and with it.
struct Small {
    disk: Memory,
    before: BTreeMap<String, Vec<u8>>,
    whole: BTreeMap<String, Vec<u8>>,
}

fn contents(disk: &Memory) -> BTreeMap<String, Vec<u8>> {
    let read = |name: String| (name.clone(), disk.read(&name).unwrap().unwrap());
    disk.names().into_iter().map(read).collect()
}

/// The same disk with everything on it.
fn copied(disk: &Memory) -> Memory {
    disk.crash_keeping(&mut |_, _, written| written)
}

fn open(disk: &Memory) -> Result<Opened<Registers>, Error> {
    Chain::open(Arc::new(disk.clone()), Arc::new(Registers))
}

fn left(left: Left) -> Small {
    let disk = Memory::new();
    let mut ledger = SmallLedger::found(Arc::new(disk.clone())).unwrap();
    ledger.block(&[signed(&[0], "create", vec![create_party(0)])]).unwrap();
    if left == Left::Killed {
        ledger.chain.checkpoint().unwrap().write().unwrap();
    }
    let before = contents(&disk);
    ledger.block(&[signed(&[0], "card", vec![set_card(0, 1)])]).unwrap();
    if left == Left::Stopped {
        ledger.chain.checkpoint().unwrap().write().unwrap();
    }
    let whole = contents(&disk);
    drop(ledger);
    if left == Left::WithinABlock {
        for name in FOLLOWING {
            disk.replace(name, &before[name]).unwrap();
        }
    }
    Small { disk, before, whole }
}

/// Where the frame of a byte begins, and whether it is the last.
fn frame_of(blocks: &[u8], offset: usize) -> (usize, bool) {
    let all = frames(blocks);
    let place = all.iter().position(|frame| offset < frame.end).unwrap();
    (all[place].begin, place + 1 == all.len())
}

/// What must hold of every file that is not of a moment: the checkpoint is written anew when it likes.
fn holds(disk: &Memory, expected: &BTreeMap<String, Vec<u8>>, what: &str) {
    let found = contents(disk);
    for name in ["genesis.json", "blocks"].iter().chain(&FOLLOWING) {
        assert!(found.get(*name) == expected.get(*name), "{what}: {name} is not as it was");
    }
}

fn every_byte_at_opening(state: Left) {
    let small = left(state);
    let (mut refused, mut put_right) = (0, 0);
    for name in FILES {
        let Some(bytes) = contents(&small.disk).remove(name) else { continue };
        for offset in 0..bytes.len() {
            for mask in [1 << (offset % 8), 0xFF] {
                let damaged = copied(&small.disk);
                assert!(damaged.flip(name, offset as u64, mask));
                let what = format!("{state:?}: {name} at {offset}, {mask:#04x}");
                match open(&damaged) {
                    Ok(opened) => {
                        is_put_right(&small, state, name, offset, &damaged, &opened, &what);
                        put_right += 1;
                    }
                    Err(error) => {
                        let begin = match name {
                            "blocks" => frame_of(&bytes, offset).0,
                            "genesis.json" => 0,
                            _ => panic!("{what}: what follows can be made again: {error}"),
                        };
                        let named = format!("{name}: damaged at offset {begin}:");
                        assert!(error.to_string().contains(&named), "{what}: {error}");
                        refused += 1;
                    }
                }
            }
        }
    }
    println!("{state:?}: {refused} refused, {put_right} put right");
    assert!(refused > 1_000 && (put_right > 1_000 || state == Left::WithinABlock));
}

/// It opened: then nothing that is final is different, and if a block is gone it is one that nobody was told of.
fn is_put_right(
    small: &Small,
    state: Left,
    name: &str,
    offset: usize,
    damaged: &Memory,
    opened: &Opened<Registers>,
    what: &str,
) {
    if name != "blocks" {
        holds(damaged, &small.whole, what);
        // What is behind the checkpoint is made again anyhow; what is before it is told of.
        assert!(state != Left::Stopped || !opened.notes.is_empty(), "{what}: silent");
        return;
    }
    let (begin, is_last) = frame_of(&small.whole["blocks"], offset);
    assert!(state == Left::WithinABlock && is_last, "{what}: believed");
    holds(damaged, &small.before, what);
    assert!(opened.notes[0].contains(&format!("from offset {begin} on")), "{what}");
    let aside = damaged.read(&format!("blocks.cut-{begin}")).unwrap().unwrap();
    assert_eq!(aside.len(), small.whole["blocks"].len() - begin, "{what}");
}

#[test]
fn opening_a_ledger_that_was_stopped() {
    every_byte_at_opening(Left::Stopped);
}

#[test]
fn opening_a_ledger_that_was_killed() {
    every_byte_at_opening(Left::Killed);
}

#[test]
fn opening_a_ledger_that_was_killed_young() {
    every_byte_at_opening(Left::Young);
}

#[test]
fn opening_a_ledger_that_was_killed_within_a_block() {
    every_byte_at_opening(Left::WithinABlock);
}

fn audit_of(disk: &Memory, is_anchored: bool) -> Result<AuditReport, Finding> {
    let (genesis, registers) = (genesis(), Arc::new(Registers));
    let anchor = is_anchored.then_some(&genesis);
    audit(Arc::new(disk.clone()), anchor, registers, scratch_in_memory(), 1, &mut |_| {})
}

/// An audit says of a byte that follows from the blocks where it is, and of one of a block where the block is.
fn is_found(disk: &Memory, name: &str, bytes: &[u8], offset: usize, mask: u8) {
    let damaged = copied(disk);
    assert!(damaged.flip(name, offset as u64, mask));
    let finding = audit_of(&damaged, true).map(|_| ()).unwrap_err();
    let what = format!("{name} at {offset}, {mask:#04x}: {finding}");
    match (&finding, name) {
        (Finding::Genesis(_), "genesis.json") => {
            assert!(audit_of(&damaged, false).is_err(), "{what}; and without an anchor");
        }
        (Finding::File { file, offset: found, .. }, _) if name != "blocks" => {
            assert!(file.ends_with(name) && *found == offset as u64, "{what}");
        }
        (Finding::File { file, offset: found, .. }, "blocks")
        | (Finding::World(Error::Damaged { file, offset: found, .. }), "blocks") => {
            let begin = frame_of(bytes, offset).0 as u64;
            assert!(file.ends_with("blocks") && *found == begin, "{what}");
        }
        _ => panic!("{what}"),
    }
}

fn an_audit_finds_every_byte_of(names: &[&str]) {
    let small = left(Left::Stopped);
    for name in names {
        let bytes = &small.whole[*name];
        for offset in 0..bytes.len() {
            for mask in [1 << (offset % 8), 0xFF] {
                is_found(&small.disk, name, bytes, offset, mask);
            }
        }
    }
}

#[test]
fn an_audit_finds_every_byte_of_the_blocks_and_the_genesis() {
    an_audit_finds_every_byte_of(&["blocks", "genesis.json"]);
}

#[test]
fn an_audit_finds_every_byte_of_the_state() {
    an_audit_finds_every_byte_of(&["state"]);
}

#[test]
fn an_audit_finds_every_byte_of_what_else_follows() {
    an_audit_finds_every_byte_of(&["log", "positions", "heights"]);
}

/// The checkpoint says how far opening need not look again, and nothing of what is so: an audit has no use for it.
#[test]
fn an_audit_does_not_rely_on_the_checkpoint() {
    let small = left(Left::Stopped);
    let whole = format!("{:?}", audit_of(&small.disk, true).unwrap());
    for offset in 0..small.whole["checkpoint"].len() {
        let damaged = copied(&small.disk);
        assert!(damaged.flip("checkpoint", offset as u64, 0xFF));
        assert_eq!(format!("{:?}", audit_of(&damaged, true).unwrap()), whole, "{offset}");
    }
}

/// Whoever changes a block on purpose makes its checksums fit as well: the audit finds it by what it says.
#[test]
fn an_audit_finds_every_byte_of_a_block_whose_checksums_fit() {
    let small = left(Left::Stopped);
    let blocks = &small.whole["blocks"];
    for (height, frame) in frames(blocks).into_iter().enumerate() {
        for place in 0..frame.payload(blocks).len() {
            for mask in [1 << (place % 8), 0xFF] {
                let mut payload = frame.payload(blocks).to_vec();
                payload[place] ^= mask;
                let Frame { begin, end } = frame;
                let changed = [&blocks[..begin], &framed(&payload), &blocks[end..]].concat();
                let damaged = copied(&small.disk);
                damaged.replace("blocks", &changed).unwrap();
                let finding = audit_of(&damaged, true).map(|_| ()).unwrap_err();
                let named = format!("block {height}: ");
                assert!(finding.to_string().starts_with(&named), "byte {place}: {finding}");
            }
        }
    }
}

/// A transition that is long, and says no more than a short one.
fn long(by: u64, id: &str, action: &Value) -> Signing {
    let action = action.to_string().replacen('{', &format!("{{{}", " ".repeat(20_000)), 1);
    let actions = vec![RawValue::from_string(action).unwrap()];
    let (ledger, id, not_after) = (genesis().ledger(), id.to_owned(), time(5 * 24 * 3_600_000));
    Signing::of(&Payload { ledger, id, not_after, actions }).unwrap().sign(&key(by))
}

/// More than what opening reads again of the blocks, and more state than a checkpoint has a checksum of.
fn large() -> Memory {
    let disk = Memory::new();
    let mut ledger = SmallLedger::found(Arc::new(disk.clone())).unwrap();
    ledger.grow_to(1).unwrap();
    for height in 2..=90 {
        let mut all = vec![long(0, &format!("{height}-0"), &set_card(0, height))];
        for number in 1..PARTIES {
            all.push(signed(
                &[number],
                &format!("{height}-{number}"),
                vec![set_card(number, height)],
            ));
        }
        for newcomer in (1_000 + height * 4..).take(4) {
            all.push(signed(&[newcomer], "create", vec![create_party(newcomer)]));
        }
        ledger.block(&all).unwrap();
    }
    ledger.chain.checkpoint().unwrap().write().unwrap();
    drop(ledger);
    disk
}

/// Of a large ledger opening reads only the end again, as far as a crash may have reached. What it takes for good
/// is what it was, or the audit finds it: never is there another ledger.
#[test]
fn bytes_of_a_large_ledger_are_refused_put_right_or_found() {
    let disk = large();
    let whole = contents(&disk);
    let sizes = ["blocks", "state"].map(|name| whole[name].len());
    assert!(sizes[0] > (1 << 20) + (1 << 19) && sizes[1] > (1 << 18) + (1 << 15), "{sizes:?}");
    let mut random = Random::from_seed(1);
    let (mut refused, mut put_right, mut found) = (0, 0, 0);
    for name in ["blocks"].iter().chain(&FOLLOWING) {
        for sample in 0..24 {
            let len = whole[*name].len();
            // In every part of the file, and more at its begin, where opening does not look.
            let offset = if sample % 3 == 0 { random.below(len / 4) } else { random.below(len) };
            let mask = 1 << random.below(8);
            let damaged = copied(&disk);
            assert!(damaged.flip(name, offset as u64, mask));
            let what = format!("{name} at {offset}, {mask:#04x}");
            match open(&damaged) {
                Err(error) => {
                    assert!(error.to_string().contains("damaged at offset"), "{what}: {error}");
                    refused += 1;
                }
                Ok(opened) => {
                    drop(opened);
                    let is_whole = contents(&damaged)[*name] == whole[*name];
                    if is_whole {
                        holds(&damaged, &whole, &what);
                        put_right += 1;
                    } else {
                        is_found(&disk, name, &whole[*name], offset, mask);
                        found += 1;
                    }
                }
            }
        }
    }
    println!("{refused} refused, {put_right} put right, {found} found by an audit");
    assert!(refused > 5 && put_right > 20 && found > 5);
}
