//! Every answer of a witness, what it keeps, and that of many at once one gets through.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use chancery_ledger::merkle::{Frontier, leaf_hash, prove_consistency};
use chancery_ledger::note::{KeyName, Note, SignatureType};

use super::*;
use crate::commands::witness::config::Config;
use crate::commands::witness::folder::WitnessFolder;

const ORIGIN: &str = "example.com/log";

/// A log of numbered entries in memory, and another one from an entry on.
struct Entries {
    fork_from: u64,
}

impl chancery_ledger::merkle::Nodes for Entries {
    type Error = std::convert::Infallible;

    fn node(&self, level: u32, index: u64) -> Result<Hash, Self::Error> {
        let mut frontier = Frontier::default();
        for number in index << level..(index + 1) << level {
            frontier.push(self.leaf(number), &mut |_| {});
        }
        Ok(frontier.root())
    }
}

impl Entries {
    fn leaf(&self, number: u64) -> Hash {
        let side: &[u8] = if number < self.fork_from { b"one" } else { b"other" };
        leaf_hash(&[side, &number.to_be_bytes()].concat())
    }

    fn submission(&self, old: u64, size: u64, key: &SecretKey) -> Submission {
        let root = Frontier::from_nodes(size, self).unwrap().root();
        let head = TreeHead { origin: ORIGIN.to_owned(), size, root };
        let note = Note::unsigned(head.to_string()).unwrap();
        let line = note.signature(&name(ORIGIN), key);
        let proof = prove_consistency(self, old.min(size), size).unwrap();
        Submission { old, path: proof.path, note: note.with(line) }
    }
}

const ONE: Entries = Entries { fork_from: u64::MAX };

fn name(text: &str) -> KeyName {
    text.parse().unwrap()
}

fn log_key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn cosigner() -> Cosigner {
    let key = SecretKey::from_seed(&[2; 32]);
    let kind = SignatureType::Cosignature;
    Cosigner::new(VerifierKey::new(name("w.example/1"), kind, key.public()), key)
}

fn open_with(folder: &Path, cosigner: Cosigner) -> Result<Witness, Failure> {
    let key = VerifierKey::new(name(ORIGIN), SignatureType::Note, log_key().public());
    let log = format!(r#"{{"origin": "{ORIGIN}", "keys": ["{key}"]}}"#);
    let text = format!(r#"{{"name": "w.example/1", "logs": [{log}]}}"#);
    fs::write(folder.join("witness.json"), text).unwrap();
    let config = Config::read(&folder.join("witness.json"))?;
    Witness::open(WitnessFolder::open(folder, "witness.json")?, cosigner, config.logs)
}

fn open(folder: &Path) -> Witness {
    open_with(folder, cosigner()).unwrap()
}

/// What a submission is answered with, in a word.
fn answer(witness: &Witness, submission: &Submission, now_s: u64) -> String {
    match witness.add(submission.to_string().as_bytes(), now_s) {
        Answer::Cosigned(line) => {
            let note = submission.note.clone().with(line);
            let signed = note.signed_by(&cosigner().public).unwrap().unwrap();
            format!("cosigned at {}", signed.time_s.unwrap())
        }
        Answer::Malformed(_) => "malformed".to_owned(),
        Answer::UnknownLog => "unknown".to_owned(),
        Answer::Unsigned => "unsigned".to_owned(),
        Answer::Conflict(size) => format!("conflict {size}"),
        Answer::NotConsistent(_) => "not consistent".to_owned(),
        Answer::NotKept => "not kept".to_owned(),
    }
}

#[test]
fn every_answer_is_the_one_of_the_specification() {
    let folder = tempfile::tempdir().unwrap();
    let witness = open(folder.path());
    let of = |old, size| ONE.submission(old, size, &log_key());
    let mut unknown = of(0, 3);
    let text = unknown.note.text().replace(ORIGIN, "example.com/another");
    unknown.note = Note::unsigned(text).unwrap();
    unknown.note = unknown.note.clone().with(unknown.note.signature(&name(ORIGIN), &log_key()));
    let stranger = ONE.submission(0, 3, &SecretKey::from_seed(&[7; 32]));
    let mut no_proof = of(3, 7);
    no_proof.path.clear();
    let mut with_proof = of(0, 3);
    with_proof.path.push(Hash::empty());
    let fork = Entries { fork_from: 2 };
    let another = |old, size| fork.submission(old, size, &log_key());
    for (submission, now_s, expected) in [
        (unknown, 10, "unknown"),
        (stranger, 10, "unsigned"),
        (of(4, 3), 10, "malformed"),
        (of(2, 3), 10, "conflict 0"),
        (with_proof, 10, "not consistent"),
        (of(0, 3), 10, "cosigned at 10"),
        (of(0, 3), 11, "conflict 3"),
        (of(0, 7), 11, "conflict 3"),
        // The same once more, for a fresh time; a clock that was set back does not go back.
        (of(3, 3), 12, "cosigned at 12"),
        (of(3, 3), 5, "cosigned at 12"),
        (another(3, 3), 13, "conflict 3"),
        (another(3, 7), 13, "not consistent"),
        (no_proof, 13, "not consistent"),
        (of(3, 7), 14, "cosigned at 14"),
        (of(3, 8), 14, "conflict 7"),
        (of(2, 2), 14, "conflict 7"),
        (of(7, 3), 14, "malformed"),
    ] {
        assert_eq!(answer(&witness, &submission, now_s), expected, "{submission}");
    }
    assert!(matches!(witness.add(b"old 0\n", 0), Answer::Malformed(_)));
    assert!(matches!(witness.add(&[0xff], 0), Answer::Malformed(_)));
    // What the log had signed beside its history is kept; what strangers sent is not.
    let suspects = folder.path().join("suspect").join(Hash::of(&[ORIGIN.as_bytes()]).to_string());
    let kept: Vec<String> = fs::read_dir(suspects)
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert!(kept.contains(&another(3, 3).note.to_string()));
    assert_eq!(kept.len(), 4);
    let figures = witness.metrics().text().unwrap();
    for line in [
        r#"chancery_witness_submissions_total{answer="cosigned",log="example.com/log"} 4"#,
        r#"chancery_witness_submissions_total{answer="unknown-log",log=""} 1"#,
        r#"chancery_witness_submissions_total{answer="malformed",log=""} 2"#,
        r#"chancery_witness_submissions_total{answer="unsigned",log="example.com/log"} 1"#,
        r#"chancery_witness_suspects_total{log="example.com/log"} 4"#,
        r#"chancery_witness_cosigned_size{log="example.com/log"} 7"#,
        r#"chancery_witness_cosigned_timestamp_seconds{log="example.com/log"} 14"#,
    ] {
        assert!(figures.lines().any(|it| it == line), "{line}:\n{figures}");
    }
}

#[test]
fn the_empty_log_is_cosigned_if_it_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let witness = open(folder.path());
    let empty = ONE.submission(0, 0, &log_key());
    assert_eq!(answer(&witness, &empty, 1), "cosigned at 1");
    let head = TreeHead { origin: ORIGIN.to_owned(), size: 0, root: Hash::of(&[b"full"]) };
    let note = Note::unsigned(head.to_string()).unwrap();
    let line = note.signature(&name(ORIGIN), &log_key());
    let full = Submission { note: note.with(line), ..empty };
    assert_eq!(answer(&witness, &full, 1), "conflict 0");
}

#[test]
fn what_was_cosigned_is_known_after_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let first = ONE.submission(0, 5, &log_key());
    assert_eq!(answer(&open(folder.path()), &first, 100), "cosigned at 100");
    // A file that a crash has left half written is not the one that counts.
    let file = fs::read_dir(folder.path().join("logs")).unwrap().next().unwrap().unwrap().path();
    fs::write(file.with_extension("new"), "half").unwrap();
    let witness = open(folder.path());
    assert_eq!(answer(&witness, &first, 101), "conflict 5");
    let fork = Entries { fork_from: 4 }.submission(5, 9, &log_key());
    assert_eq!(answer(&witness, &fork, 101), "not consistent");
    assert_eq!(answer(&witness, &ONE.submission(5, 9, &log_key()), 50), "cosigned at 100");
    drop(witness);

    // A changed byte of it is found, and so is another's folder.
    let right = fs::read_to_string(&file).unwrap();
    for wrong in [right.replace("\n9\n", "\n8\n"), right.replace("log\n9", "log\n09")] {
        fs::write(&file, wrong).unwrap();
        assert!(open_with(folder.path(), cosigner()).is_err());
    }
    fs::write(&file, right).unwrap();
    let key = SecretKey::from_seed(&[3; 32]);
    let kind = SignatureType::Cosignature;
    let other = Cosigner::new(VerifierKey::new(name("w.example/1"), kind, key.public()), key);
    assert!(open_with(folder.path(), other).is_err());
    open(folder.path());
}

#[test]
fn what_cannot_be_kept_is_not_cosigned() {
    let folder = tempfile::tempdir().unwrap();
    let witness = open(folder.path());
    // Where the folder of logs should be, a file is.
    fs::write(folder.path().join("logs"), "").unwrap();
    let first = ONE.submission(0, 5, &log_key());
    assert_eq!(answer(&witness, &first, 1), "not kept");
    fs::remove_file(folder.path().join("logs")).unwrap();
    // The same old size is still the right one: nothing was given out.
    assert_eq!(answer(&witness, &first, 2), "cosigned at 2");
}

#[test]
fn of_many_at_once_on_one_old_size_one_is_cosigned() {
    let folder = tempfile::tempdir().unwrap();
    let witness = open(folder.path());
    assert_eq!(answer(&witness, &ONE.submission(0, 4, &log_key()), 1), "cosigned at 1");
    let submissions: Vec<_> = (5..21).map(|size| ONE.submission(4, size, &log_key())).collect();
    let witness = &witness;
    let answers: Vec<String> = std::thread::scope(|scope| {
        let ask = |submission| scope.spawn(move || answer(witness, submission, 2));
        let threads: Vec<_> = submissions.iter().map(ask).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let cosigned: Vec<usize> =
        (0..answers.len()).filter(|index| answers[*index].starts_with("cosigned")).collect();
    let [one] = cosigned[..] else { panic!("{answers:?}") };
    let size = one + 5;
    let mut rest = answers.iter().enumerate().filter(|(index, _)| *index != one);
    assert!(rest.all(|(_, answer)| *answer == format!("conflict {size}")), "{answers:?}");
}
