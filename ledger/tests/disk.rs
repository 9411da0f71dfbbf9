//! The files beneath the store: both disks keep the same contract, and the simulated one loses and
//! fails as told.
#![allow(clippy::unwrap_used)]

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use chancery_ledger::disk::{Disk, DiskFile, Folder, Memory};
use proptest::prelude::*;
use tempfile::tempdir;

fn on_both(check: impl Fn(&dyn Disk)) {
    let folder = tempdir().unwrap();
    check(&Folder::open(folder.path()).unwrap());
    check(&Memory::new());
}

fn content(file: &dyn DiskFile) -> Vec<u8> {
    let mut bytes = vec![0; file.len() as usize];
    file.read_at(0, &mut bytes).unwrap();
    bytes
}

#[test]
fn what_is_appended_is_read() {
    on_both(|disk| {
        let file = disk.open("log/nodes").unwrap();
        assert!(file.is_empty());
        assert_eq!(file.append(b"one").unwrap(), 0);
        assert_eq!(file.append(b"two").unwrap(), 3);
        file.sync().unwrap();
        assert_eq!(content(&*file), b"onetwo");
        assert_eq!(disk.read("log/nodes").unwrap().unwrap(), b"onetwo");
        assert!(file.allocated().unwrap() > 0);
    });
}

#[test]
fn nothing_is_read_past_the_end() {
    on_both(|disk| {
        let file = disk.open("state").unwrap();
        file.append(b"four").unwrap();
        for (offset, length) in [(0, 5), (4, 1), (5, 0), (u64::MAX, 1), (u64::MAX - 1, 4)] {
            let error = file.read_at(offset, &mut vec![0; length]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{length} at {offset}");
        }
        file.read_at(4, &mut []).unwrap();
    });
}

#[test]
fn a_cut_file_grows_again_from_there() {
    on_both(|disk| {
        let file = disk.open("state").unwrap();
        file.append(b"kept, and lost").unwrap();
        assert_eq!(content(&*file), b"kept, and lost");
        file.truncate(4).unwrap();
        assert_eq!(content(&*file), b"kept");
        assert_eq!(file.append(b"!").unwrap(), 4);
        assert_eq!(content(&*file), b"kept!");
        assert_eq!(file.truncate(6).unwrap_err().kind(), ErrorKind::InvalidInput);
    });
}

#[test]
fn opening_twice_gives_one_file() {
    on_both(|disk| {
        let one = disk.open("state").unwrap();
        let other = disk.open("state").unwrap();
        one.append(b"seen by both").unwrap();
        assert_eq!(content(&*other), b"seen by both");
    });
}

#[test]
fn small_files_are_replaced_and_removed_whole() {
    on_both(|disk| {
        assert_eq!(disk.read("meta/tip").unwrap(), None);
        disk.remove("meta/tip").unwrap();
        disk.replace("meta/tip", b"old").unwrap();
        let before = disk.open("meta/tip").unwrap();
        disk.replace("meta/tip", b"newer").unwrap();
        assert_eq!(disk.read("meta/tip").unwrap().unwrap(), b"newer");
        assert_eq!(content(&*before), b"old");
        assert_eq!(content(&*disk.open("meta/tip").unwrap()), b"newer");
        disk.remove("meta/tip").unwrap();
        assert_eq!(disk.read("meta/tip").unwrap(), None);
        assert!(disk.path("meta/tip").contains("meta/tip"));
    });
}

#[test]
fn names_stay_within_the_root() {
    on_both(|disk| {
        for name in
            ["", "/x", "x/", "../x", "a/../x", "a/b/c", ".x", "LOCK", "x.tmp", "a/x.tmp", "a\\b"]
        {
            let kinds = [
                disk.open(name).err().map(|error| error.kind()),
                disk.read(name).err().map(|error| error.kind()),
                disk.replace(name, b"").err().map(|error| error.kind()),
                disk.remove(name).err().map(|error| error.kind()),
            ];
            assert_eq!(kinds, [Some(ErrorKind::InvalidInput); 4], "{name:?}");
        }
    });
}

#[test]
fn a_folder_is_reopened_with_its_content_but_held_once() {
    let path = tempdir().unwrap();
    let first = Folder::open(path.path()).unwrap();
    first.open("blocks/0001").unwrap().append(b"block").unwrap();

    let error = Folder::open(path.path()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::ResourceBusy);
    assert!(error.to_string().contains("another node is using"), "{error}");

    drop(first);
    let second = Folder::open(path.path()).unwrap();
    let file = second.open("blocks/0001").unwrap();
    assert_eq!(content(&*file), b"block");
    assert_eq!(file.append(b"!").unwrap(), 5);
}

#[test]
fn a_folder_reads_beyond_its_first_map() {
    let path = tempdir().unwrap();
    let file = Folder::open(path.path()).unwrap().open("big").unwrap();
    let megabyte: Vec<u8> = (0..1_u32 << 20).map(|byte| byte as u8).collect();
    for count in 1..=70 {
        file.append(&megabyte).unwrap();
        let mut last = [0; 16];
        file.read_at((count << 20) - 16, &mut last).unwrap();
        assert_eq!(last[..], megabyte[megabyte.len() - 16..]);
    }
    let mut across = [0; 8];
    file.read_at((64 << 20) - 4, &mut across).unwrap();
    assert_eq!(across, [252, 253, 254, 255, 0, 1, 2, 3]);
    file.truncate(1 << 20).unwrap();
    file.read_at((1 << 20) - 1, &mut [0]).unwrap();
    file.read_at(1 << 20, &mut [0]).unwrap_err();
}

/// Readers race with the writer, and with cutting: they get what was written or an end of file,
/// never a fault.
#[test]
fn readers_go_on_while_a_folder_file_grows_and_is_cut() {
    let path = tempdir().unwrap();
    let file = Folder::open(path.path()).unwrap().open("state").unwrap();
    file.append(&[7; 4096]).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (file, done) = (file.clone(), done.clone());
            thread::spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let mut bytes = [0; 100];
                    let offset = file.len().saturating_sub(100);
                    match file.read_at(offset, &mut bytes) {
                        Ok(()) => assert_eq!(bytes, [7; 100]),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::UnexpectedEof),
                    }
                }
            })
        })
        .collect();
    for _ in 0..60 {
        for _ in 0..20 {
            file.append(&[7; 5000]).unwrap();
        }
        file.truncate(4096).unwrap();
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.join().unwrap();
    }
}

#[test]
fn a_crash_keeps_what_was_synced() {
    let disk = Memory::new();
    let file = disk.open("state").unwrap();
    file.append(b"durable").unwrap();
    file.sync().unwrap();
    file.append(b", lost").unwrap();
    disk.replace("tip", b"7").unwrap();
    disk.open("new").unwrap().append(b"lost").unwrap();

    let after = disk.crash();
    assert_eq!(after.read("state").unwrap().unwrap(), b"durable");
    assert_eq!(after.read("tip").unwrap().unwrap(), b"7");
    assert_eq!(after.read("new").unwrap().unwrap(), b"");
    assert_eq!(after.names(), ["new", "state", "tip"]);

    let after = disk.crash_keeping(&mut |name, synced, written| {
        assert!(synced <= written, "{name}");
        if name == "state" { synced + 2 } else { u64::MAX }
    });
    assert_eq!(after.read("state").unwrap().unwrap(), b"durable, ");
    assert_eq!(after.read("new").unwrap().unwrap(), b"lost");
    assert_eq!(content(&*file), b"durable, lost", "the disk itself goes on");
}

#[test]
fn a_planned_fault_fails_every_change_after_it() {
    let disk = Memory::new();
    let file = disk.open("state").unwrap();
    disk.fail_after(2);
    file.append(b"a").unwrap();
    file.sync().unwrap();
    file.append(b"b").unwrap_err();
    file.sync().unwrap_err();
    file.truncate(0).unwrap_err();
    disk.replace("tip", b"").unwrap_err();
    disk.remove("state").unwrap_err();
    assert_eq!(content(&*file), b"a");
    disk.heal();
    file.append(b"c").unwrap();
    assert_eq!(content(&*file), b"ac");
}

#[test]
fn a_flipped_byte_stays_flipped() {
    let disk = Memory::new();
    disk.replace("tip", b"AB").unwrap();
    assert!(disk.flip("tip", 1, 0x20));
    assert_eq!(disk.read("tip").unwrap().unwrap(), b"Ab");
    assert!(!disk.flip("tip", 2, 1));
    assert!(!disk.flip("none", 0, 1));
}

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<u8>),
    Truncate(u64),
    Reopen,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..200).prop_map(Step::Append),
        1 => (0..500_u64).prop_map(Step::Truncate),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn both_disks_behave_as_one_vector(steps in prop::collection::vec(any_step(), 1..30)) {
        let path = tempdir().unwrap();
        let memory = Memory::new();
        let mut folder = Folder::open(path.path()).unwrap();
        let mut model = Vec::new();
        for step in steps {
            let files = [folder.open("f").unwrap(), memory.open("f").unwrap()];
            match step {
                Step::Append(bytes) => {
                    for file in &files {
                        prop_assert_eq!(file.append(&bytes).unwrap(), model.len() as u64);
                    }
                    model.extend(bytes);
                }
                Step::Truncate(len) => {
                    for file in &files {
                        prop_assert_eq!(file.truncate(len).is_ok(), len <= model.len() as u64);
                    }
                    model.truncate(len as usize);
                }
                Step::Reopen => {
                    drop(folder);
                    folder = Folder::open(path.path()).unwrap();
                }
            }
            for file in &files {
                prop_assert_eq!(content(&**file), model.clone());
            }
        }
    }
}
