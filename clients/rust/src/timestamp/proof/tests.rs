//! What is read, written, joined and completed, and what is refused.

#![allow(clippy::unwrap_used)]

use super::*;

fn digest() -> Hash {
    Hash::of(&[b"a checkpoint"])
}

/// What a calendar answers: a nonce is appended, hashed, and promised.
fn promise(nonce: &[u8], calendar: &str) -> Vec<u8> {
    let mut bytes = vec![0xf0, nonce.len() as u8];
    bytes.extend_from_slice(nonce);
    bytes.extend_from_slice(&[0x08, 0x00, 0x83, 0xdf, 0xe3, 0x0d, 0x2e, 0xf9, 0x0c, 0x8e]);
    bytes.extend_from_slice(&[calendar.len() as u8 + 1, calendar.len() as u8]);
    bytes.extend_from_slice(calendar.as_bytes());
    bytes
}

/// What it answers later about what it has promised.
fn block(sibling: &[u8; 32], height: u8) -> Vec<u8> {
    let mut bytes = vec![0xf1, 32];
    bytes.extend_from_slice(sibling);
    bytes.extend_from_slice(&[0x08, 0x00, 0x05, 0x88, 0x96, 0x0d, 0x73, 0xd7, 0x19, 0x01]);
    bytes.extend_from_slice(&[1, height]);
    bytes
}

fn two_calendars() -> Proof {
    let answers =
        [promise(b"one", "https://one.example"), promise(b"other", "https://other.example")];
    let answers = answers.map(|answer| Steps::read(&answer, 32).unwrap());
    Proof::new(digest(), answers).unwrap()
}

#[test]
fn a_promise_is_completed_and_the_other_stays() {
    let proof = two_calendars();
    let promises = proof.reached(&digest()).unwrap();
    assert_eq!(promises.len(), 2);
    let commitment = Hash::of(&[digest().as_bytes(), b"one"]);
    assert_eq!(promises[0].message, commitment.as_bytes());

    let answer = Steps::read(&block(&[7; 32], 99), 32).unwrap();
    let completed = proof.complete(&promises[0], &answer).unwrap();
    let reached = completed.reached(&digest()).unwrap();
    let root = Hash::of(&[&[7; 32], commitment.as_bytes()]);
    assert_eq!(reached[0].attestation, Attestation::Bitcoin { height: 99 });
    assert_eq!(reached[0].message, root.as_bytes());
    let reversed: Vec<u8> = root.as_bytes().iter().rev().copied().collect();
    assert_eq!(reached[0].merkle_root(), data_encoding::HEXLOWER.encode(&reversed));
    assert_eq!(reached[1], promises[1]);
    assert_eq!(Proof::read(&completed.to_bytes()), Ok(completed.clone()));
    assert_eq!(completed.complete(&promises[0], &answer), Err(BadProof::NoPromise));
}

#[test]
fn an_operation_stands_once_at_a_message() {
    let answers = ["https://one.example", "https://other.example", "https://one.example"];
    let answers = answers.map(|calendar| Steps::read(&promise(b"same", calendar), 32).unwrap());
    let proof = Proof::new(digest(), answers).unwrap();
    let appended = b"\xf0\x04same";
    assert_eq!(proof.to_bytes().windows(6).filter(|window| window == appended).count(), 1);
    assert_eq!(proof.reached(&digest()).unwrap().len(), 2);
}

#[test]
fn every_changed_byte_is_refused_or_leads_elsewhere() {
    let proof = two_calendars();
    let (bytes, reached) = (proof.to_bytes(), proof.reached(&digest()).unwrap());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            if let Ok(other) = Proof::read(&changed) {
                assert_eq!(other.to_bytes(), changed);
                assert_ne!(other.reached(&digest()).as_ref(), Ok(&reached), "byte {at}, bit {bit}");
            }
        }
        assert!(Proof::read(&bytes[..at]).is_err());
    }
    assert_eq!(proof.reached(&Hash::of(&[b"another"])), Err(BadProof::OtherBytes));
}

#[test]
fn what_is_out_of_bounds_is_refused() {
    let read = |bytes: &[u8]| Steps::read(bytes, 32).map(|_| ());
    let (end, long) = (promise(b"x", "a"), vec![b'a'; 127]);
    let deep = |count: usize| [vec![0x08; count], end.clone()].concat();
    assert_eq!(read(&deep(253)), Ok(()));
    assert_eq!(read(&deep(254)), Err(BadProof::TooDeep));
    assert_eq!(read(&deep(100_000)), Err(BadProof::TooDeep));
    let wide = |count: usize| [&[0xff][..], &end].concat().repeat(count);
    assert_eq!(read(&[wide(600), end.clone()].concat()), Ok(()));
    assert_eq!(read(&[wide(700), end.clone()].concat()), Err(BadProof::TooMany));
    let append = [&[0xf0, 127][..], &long].concat();
    assert_eq!(read(&[append.repeat(31), deep(1)].concat()), Ok(()));
    assert_eq!(read(&[append.repeat(33), deep(1)].concat()), Err(BadProof::LongMessage));
    for (bytes, why) in [
        (vec![], BadProof::Ended),
        (vec![0xff], BadProof::Ended),
        (vec![0x67], BadProof::Operation(0x67)),
        (vec![0xf0, 0], BadProof::Operation(0xf0)),
        (vec![0xf0, 0x81, 0], BadProof::Number),
        (vec![0xf0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], BadProof::Number),
        (vec![0xf0, 0x81, 0x20], BadProof::LongText),
        (promise(b"x", "https://user@a.example"), BadProof::Calendar),
        ([end.as_slice(), &[0]].concat(), BadProof::Trailing),
        (block(&[7; 32], 0x80), BadProof::Ended),
    ] {
        assert_eq!(read(&bytes), Err(why), "{bytes:?}");
    }
    let unhashed = [&[0xf0, 1, 1][..], &block(&[7; 32], 9)[35..]].concat();
    assert_eq!(read(&unhashed), Err(BadProof::NoMerkleRoot));
}
