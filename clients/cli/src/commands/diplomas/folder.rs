//! The folder of an issue: the private records, kept before anything is issued, so that a run that
//! was cut off goes on with the same ones.
//!
//! `records.ndjson` is appended to and synced before the batch is sent whose records it holds:
//! nothing is ever issued whose record is lost. A crash can tear its last line only, of which
//! nothing was sent. `records/SERIAL.json` are copies to hand out; they are made again when missing.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chancery_client::{Hash, PartyId, Time, now};
use chancery_ledger::record::Record;
use serde::{Deserialize, Serialize};

use super::records::{RecordFile, private, sync_folder_of};
use crate::failure::Failure;

/// How long the transitions of one run may be taken in.
const VALID_FOR_MS: u64 = 24 * 60 * 60 * 1000;
/// A run that goes on with less than this left gets a new end.
const LEAST_LEFT_MS: u64 = 60 * 60 * 1000;

/// The folder of an issue.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    run: Run,
    journal: File,
    records: Records,
}

/// The records by serial number. A row that was changed between two runs has several: the old one
/// could still be what was issued.
pub(super) type Records = HashMap<String, Vec<Record>>;

/// What one issue is about: the same transitions come of it when it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    ledger: Hash,
    institution: PartyId,
    not_after: Time,
}

impl Folder {
    /// Opens the folder, or makes it, and reads what an earlier run has put down.
    pub(super) fn open(path: &Path, ledger: Hash, institution: PartyId) -> Result<Self, Failure> {
        make(path)?;
        make(&path.join("records"))?;
        let run = Run::open(&path.join("run.json"), ledger, institution)?;
        let file = path.join("records.ndjson");
        let fails = |error| Failure::file(&file, error);
        let mut journal = private(OpenOptions::new().read(true).append(true).create(true))
            .open(&file)
            .map_err(fails)?;
        journal.try_lock().map_err(|_| {
            Failure::usage(format!("{}: another run is writing there", path.display()))
        })?;
        let mut bytes = Vec::new();
        journal.read_to_end(&mut bytes).map_err(fails)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if whole < bytes.len() {
            journal.set_len(whole as u64).map_err(fails)?;
            journal.seek(SeekFrom::End(0)).map_err(fails)?;
        }
        sync_folder_of(&file)?;
        let records = read(&bytes[..whole], &file)?;
        Ok(Self { path: path.to_owned(), run, journal, records })
    }

    /// The records that are there already, without making anything.
    pub(super) fn peek(path: &Path) -> Result<Records, Failure> {
        let file = path.join("records.ndjson");
        match fs::read(&file) {
            Ok(bytes) => {
                let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                read(&bytes[..whole], &file)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Records::new()),
            Err(error) => Err(Failure::file(&file, error)),
        }
    }

    /// Until when the transitions of this issue may be taken in.
    pub(super) fn not_after(&self) -> Time {
        self.run.not_after
    }

    /// Puts records down. When this comes back they are on the disk.
    pub(super) fn keep(&mut self, records: &[RecordFile]) -> Result<(), Failure> {
        let known = |file: &RecordFile| self.records.get(file.credential.serial.as_str());
        let new = |file: &&RecordFile| known(file).is_none_or(|all| !all.contains(&file.record));
        let mut lines = Vec::new();
        for file in records.iter().filter(new) {
            // A plain tree of texts: writing it down does not fail.
            lines.extend(serde_json::to_vec(file).unwrap_or_default());
            lines.push(b'\n');
        }
        if !lines.is_empty() {
            let path = self.path.join("records.ndjson");
            self.journal
                .write_all(&lines)
                .and_then(|()| self.journal.sync_data())
                .map_err(|error| Failure::file(&path, error))?;
        }
        for file in records {
            let kept = self.records.entry(file.credential.serial.to_string()).or_default();
            if !kept.contains(&file.record) {
                kept.push(file.record.clone());
            }
            self.hand_out(file)?;
        }
        Ok(())
    }

    /// The copy for the holder, unless it is there.
    fn hand_out(&self, file: &RecordFile) -> Result<(), Failure> {
        let path = self.path.join("records").join(format!("{}.json", file.credential.serial));
        let bytes = file.pretty();
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        private(OpenOptions::new().write(true).create(true).truncate(true))
            .open(&path)
            .and_then(|mut copy| copy.write_all(&bytes))
            .map_err(|error| Failure::file(&path, error))
    }
}

impl Run {
    fn open(path: &Path, ledger: Hash, institution: PartyId) -> Result<Self, Failure> {
        let fails = |error| Failure::file(path, error);
        let known: Option<Self> = match fs::read(path) {
            Ok(bytes) => Some(serde_json::from_slice(&bytes).map_err(|error| {
                Failure::usage(format!("{}: not of an issue: {error}", path.display()))
            })?),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(fails(error)),
        };
        if let Some(run) = known
            && (run.ledger, run.institution) != (ledger, institution)
        {
            let how = "of another ledger or institution: name another folder with --out";
            return Err(Failure::usage(format!("{}: {how}", path.display())));
        }
        let left = |run: &Self| run.not_after >= now().plus_ms(LEAST_LEFT_MS);
        if let Some(run) = known.filter(left) {
            return Ok(run);
        }
        let run = Self { ledger, institution, not_after: now().plus_ms(VALID_FOR_MS) };
        let fresh = path.with_extension("new");
        let bytes = serde_json::to_vec(&run).unwrap_or_default();
        fs::write(&fresh, bytes).and_then(|()| fs::rename(&fresh, path)).map_err(fails)?;
        Ok(run)
    }
}

fn read(bytes: &[u8], file: &Path) -> Result<Records, Failure> {
    let mut records = Records::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let kept: RecordFile = serde_json::from_slice(line).map_err(|error| {
            Failure::usage(format!("{}: a line is no record: {error}", file.display()))
        })?;
        records.entry(kept.credential.serial.to_string()).or_default().push(kept.record);
    }
    Ok(records)
}

fn make(folder: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| Failure::file(folder, error))
}
