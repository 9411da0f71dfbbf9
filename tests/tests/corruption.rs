//! Damaged files: a ledger opens at its last complete block, with a note, or is refused by file and
//! offset. It never panics, and nothing that was final is lost without a word.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chancery_ledger::chain::Chain;
use chancery_ledger::disk::Folder;
use chancery_ledger::error::Error;
use chancery_ledger::view::View;
use chancery_registries::Registers;
use chancery_tests::damage::{Damage, FILES, Random, copy_folder};
use chancery_tests::small_ledger::{PARTIES, SmallLedger, party, set_card, signed};

/// How the folder was left.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Left {
    /// Stopped in good order: the checkpoint is of the last block.
    Stopped,
    /// Killed some blocks after the checkpoint.
    Killed,
    /// Killed between the sync of the last block and what follows from it: nobody was told of it.
    KilledBeforeFollowing,
    /// Killed before there was a checkpoint.
    KilledYoung,
}

const CHECKPOINT_HEIGHT: u64 = 6;
const LAST_HEIGHT: u64 = 11;

/// A folder with all that was ever in it.
struct Truth {
    folder: PathBuf,
    /// Up to which height somebody was told.
    acknowledged: u64,
    /// Every answer that the ledger can give, by question.
    answers: BTreeMap<String, String>,
}

fn leave(root: &Path, left: Left) -> Truth {
    let (folder, before) = (root.join("truth"), root.join("before"));
    let mut ledger = SmallLedger::found(Arc::new(Folder::open(&folder).unwrap())).unwrap();
    if left != Left::KilledYoung {
        ledger.grow_to(CHECKPOINT_HEIGHT).unwrap();
        ledger.chain.checkpoint().unwrap().write().unwrap();
    }
    ledger.grow_to(LAST_HEIGHT - 1).unwrap();
    copy_folder(&folder, &before).unwrap();
    ledger.grow_to(LAST_HEIGHT).unwrap();
    if left == Left::Stopped {
        ledger.chain.checkpoint().unwrap().write().unwrap();
    }
    let answers = answers(&ledger.view()).into_iter().map(|(question, answer)| {
        let answer = answer.unwrap_or_else(|error| panic!("{question}: {error}"));
        (question, answer)
    });
    let answers = answers.collect();
    drop(ledger);
    let mut acknowledged = LAST_HEIGHT;
    if left == Left::KilledBeforeFollowing {
        acknowledged -= 1;
        for name in ["log", "positions", "state", "heights"] {
            fs::copy(before.join(name), folder.join(name)).unwrap();
        }
    }
    Truth { folder, acknowledged, answers }
}

/// Everything that can be asked, with what is answered.
fn answers(view: &View) -> Vec<(String, Result<String, Error>)> {
    let tip = view.tip().header.clone();
    let mut all = Vec::new();
    for height in 0..=tip.height {
        let block = view.block(height).map(|block| format!("{block:?}"));
        all.push((format!("block {height}"), block));
        for number in 0..PARTIES + 1 {
            let id = party(number).to_string();
            let status = view.status("identity", "party", &id, height);
            all.push((format!("party {number} at {height}"), status.map(|it| json(&it))));
        }
    }
    for position in 0..tip.log_size {
        let receipt = view.receipt(position).map(|receipt| json(&receipt));
        all.push((format!("receipt {position}"), receipt));
        let place = view.place(position).map(|place| format!("{place:?}"));
        all.push((format!("place {position}"), place));
    }
    all
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// What became of a damaged folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Became {
    /// All is there.
    Whole,
    /// All is there but for blocks of which nobody was told, and a note says so.
    WithoutTheUntold,
    /// It opened, and some questions are refused by file and offset.
    PartlyRefused,
    /// It was refused by file and offset.
    Refused,
}

fn judge(truth: &Truth, folder: &Path) -> Result<Became, String> {
    let disk = Arc::new(Folder::open(folder).unwrap());
    let opened = match Chain::open(disk, Arc::new(Registers)) {
        Ok(opened) => opened,
        Err(error) => return names_file_and_offset(&error).map(|()| Became::Refused),
    };
    let view = opened.chain.view();
    let height = view.tip().header.height;
    if height < truth.acknowledged {
        return Err(format!("opened at height {height}: acknowledged blocks are gone"));
    }
    if height < LAST_HEIGHT && opened.notes.is_empty() {
        return Err("a block is gone without a note".to_owned());
    }
    let mut refused = 0;
    for (question, answer) in answers(&view) {
        match answer {
            Ok(answer) if truth.answers.get(&question) == Some(&answer) => {}
            Ok(answer) => return Err(format!("{question}: a wrong answer: {answer}")),
            Err(error) => {
                names_file_and_offset(&error).map_err(|what| format!("{question}: {what}"))?;
                refused += 1;
            }
        }
    }
    let goes_on = SmallLedger::of(opened).block(&[signed(&[0], "after", vec![set_card(0, 99)])]);
    // The folder's lock lasts as long as anyone can read.
    drop(view);
    match goes_on {
        Err(error) => names_file_and_offset(&error).map(|()| Became::PartlyRefused),
        Ok(_) if refused > 0 => Ok(Became::PartlyRefused),
        Ok(_) if height < LAST_HEIGHT => Ok(Became::WithoutTheUntold),
        Ok(_) => opens_again(folder, height + 1).map(|()| Became::Whole),
    }
}

fn names_file_and_offset(error: &Error) -> Result<(), String> {
    let text = error.to_string();
    let names_file = FILES.iter().any(|file| text.contains(file));
    match names_file && text.contains("at offset") {
        true => Ok(()),
        false => Err(format!("refused without file or offset: {text}")),
    }
}

fn opens_again(folder: &Path, height: u64) -> Result<(), String> {
    let disk = Arc::new(Folder::open(folder).unwrap());
    let opened = Chain::open(disk, Arc::new(Registers)).map_err(|error| error.to_string())?;
    match opened.chain.view().tip().header.height {
        same if same == height => Ok(()),
        other => Err(format!("the next block was {height}, and it opened again at {other}")),
    }
}

/// Damages each file in turn, and counts what became of it.
fn damage_all(left: Left) -> BTreeMap<(&'static str, Became), u64> {
    let root = tempfile::tempdir().unwrap();
    let truth = leave(root.path(), left);
    let mut random = Random::from_seed(left as u64 + 1);
    let (mut counts, mut faults) = (BTreeMap::new(), Vec::new());
    for file in FILES {
        if !truth.folder.join(file).exists() {
            continue;
        }
        let len = fs::metadata(truth.folder.join(file)).unwrap().len() as usize;
        for damage in Damage::spread(len, &mut random) {
            let copy = root.path().join("copy");
            copy_folder(&truth.folder, &copy).unwrap();
            damage.apply_to(&copy.join(file)).unwrap();
            let became = catch_unwind(AssertUnwindSafe(|| judge(&truth, &copy)));
            match became.unwrap_or_else(|_| Err("a panic".to_owned())) {
                Ok(became) => *counts.entry((file, became)).or_default() += 1,
                Err(fault) => faults.push(format!("{left:?}: {file} {damage}: {fault}")),
            }
            fs::remove_dir_all(copy).unwrap();
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    for ((file, became), count) in &counts {
        println!("{left:?}: {file} {became:?}: {count}");
    }
    counts
}

/// How often a file's damage came to this.
fn count(counts: &BTreeMap<(&'static str, Became), u64>, file: &str, became: Became) -> u64 {
    counts.iter().filter(|((name, what), _)| *name == file && *what == became).map(|(_, n)| n).sum()
}

#[test]
fn a_ledger_that_was_stopped() {
    let counts = damage_all(Left::Stopped);
    assert!(count(&counts, "blocks", Became::Refused) > 20);
    // What follows from the blocks is made again whenever it does not fit.
    for file in ["log", "positions", "state", "heights", "checkpoint"] {
        assert!(count(&counts, file, Became::Whole) > 20, "{file}");
    }
}

#[test]
fn a_ledger_that_was_killed() {
    let counts = damage_all(Left::Killed);
    assert!(count(&counts, "blocks", Became::Refused) > 20);
}

#[test]
fn a_ledger_that_was_killed_within_a_block() {
    let counts = damage_all(Left::KilledBeforeFollowing);
    assert!(count(&counts, "blocks", Became::WithoutTheUntold) > 10);
}

#[test]
fn a_ledger_that_was_killed_young() {
    damage_all(Left::KilledYoung);
}
