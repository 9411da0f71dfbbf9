//! The engine's own write-ahead log on a simulated disk: a file that is written in place, and of which
//! a crash keeps any number of the writes that were not synced, the last one torn.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chancery_api::pool::codec::Wire;
use chancery_api::pool::context::PoolContext;
use chancery_ledger::disk::Memory;
use malachitebft_app::consensus::Input;
use malachitebft_app::wal::Storage;
use malachitebft_app::wal::log::Log;
use malachitebft_engine::wal::{decode_entry, encode_entry};

use crate::damage::Random;

/// Version and height, before the first entry.
const HEAD_BYTES: usize = 12;

/// The file; clones share it.
#[derive(Clone, Default)]
pub(super) struct LogFile(Arc<Mutex<Content>>);

#[derive(Default)]
struct Content {
    bytes: Vec<u8>,
    synced: Vec<u8>,
    since: Vec<Unsynced>,
}

/// A change that was not synced.
enum Unsynced {
    At(usize, Vec<u8>),
    Cut(usize),
}

impl LogFile {
    /// The file as a power cut at this moment leaves it.
    pub(super) fn crash(&self, random: &mut Random) -> Self {
        let content = self.content();
        let mut bytes = content.synced.clone();
        let kept = random.below(content.since.len() + 1);
        for (number, write) in content.since.iter().take(kept).enumerate() {
            let torn = number + 1 == kept && random.below(2) == 0;
            match write {
                Unsynced::At(offset, data) if torn => {
                    put(&mut bytes, *offset, &data[..random.below(data.len() + 1)]);
                }
                Unsynced::At(offset, data) => put(&mut bytes, *offset, data),
                Unsynced::Cut(len) => bytes.resize(*len, 0),
            }
        }
        let content = Content { synced: bytes.clone(), bytes, since: Vec::new() };
        Self(Arc::new(Mutex::new(content)))
    }

    /// Whether a power cut has left a part of the head that the file begins with: the log was being made
    /// and holds nothing. The engine does not open such a file; whoever runs the node removes it.
    pub(super) fn is_torn_at_birth(&self) -> bool {
        (1..HEAD_BYTES).contains(&self.content().bytes.len())
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    let end = offset + data.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[offset..end].copy_from_slice(data);
}

/// The open file, on a disk whose faults it shares.
pub(super) struct OpenLogFile {
    file: LogFile,
    disk: Memory,
    position: usize,
}

impl Read for OpenLogFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let content = self.file.content();
        let left = content.bytes.get(self.position..).unwrap_or_default();
        let len = left.len().min(into.len());
        into[..len].copy_from_slice(&left[..len]);
        self.position += len;
        Ok(len)
    }
}

impl Write for OpenLogFile {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.disk.change()?;
        let mut content = self.file.content();
        put(&mut content.bytes, self.position, data);
        content.since.push(Unsynced::At(self.position, data.to_vec()));
        self.position += data.len();
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for OpenLogFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, offset) = match to {
            SeekFrom::Start(offset) => (0, offset as i64),
            SeekFrom::Current(offset) => (self.position as i64, offset),
            SeekFrom::End(offset) => (self.file.content().bytes.len() as i64, offset),
        };
        let position = base.checked_add(offset).and_then(|position| usize::try_from(position).ok());
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position as u64)
    }
}

impl Storage for OpenLogFile {
    type OpenOptions = (LogFile, Memory);

    fn open_with(_: impl AsRef<Path>, (file, disk): (LogFile, Memory)) -> io::Result<Self> {
        Ok(Self { file, disk, position: 0 })
    }

    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.file.content().bytes.len() as u64)
    }

    fn truncate_to(&mut self, size: u64) -> io::Result<()> {
        self.disk.change()?;
        let mut content = self.file.content();
        content.bytes.resize(size as usize, 0);
        content.since.push(Unsynced::Cut(size as usize));
        Ok(())
    }

    fn sync_all(&mut self) -> io::Result<()> {
        self.disk.change()?;
        let mut content = self.file.content();
        content.synced = content.bytes.clone();
        content.since.clear();
        Ok(())
    }
}

/// The write-ahead log as the engine's own actor drives it.
pub(super) struct WriteAheadLog {
    log: Log<OpenLogFile>,
    /// The height it was begun for in this run.
    height: u64,
}

impl WriteAheadLog {
    pub(super) fn open(file: &LogFile, disk: &Memory) -> io::Result<Self> {
        let log = Log::open_with("consensus.wal", (file.clone(), disk.clone()))?;
        Ok(Self { log, height: 0 })
    }

    /// Begins a height; what the log holds of it from before a stop.
    pub(super) fn begin(&mut self, height: u64) -> io::Result<Vec<Input<PoolContext>>> {
        self.height = height;
        if self.log.sequence() != height {
            self.log.reset(height)?;
            return Ok(Vec::new());
        }
        if self.log.is_empty() {
            return Ok(Vec::new());
        }
        let entries = self.log.iter()?;
        entries.map(|entry| decode_entry(&Wire, io::Cursor::new(entry?))).collect()
    }

    /// Begins a height in which nothing is voted.
    pub(super) fn reset(&mut self, height: u64) -> io::Result<()> {
        self.height = height;
        self.log.reset(height)
    }

    pub(super) fn append(&mut self, height: u64, entry: Input<PoolContext>) -> io::Result<()> {
        if height != self.height {
            return Ok(());
        }
        let mut bytes = Vec::new();
        encode_entry(entry, &Wire, &mut bytes)?;
        self.log.append(bytes)
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.log.flush()
    }
}
