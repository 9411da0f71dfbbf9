//! The node's keeping keys: one file for each generation in `keep-keys/`, for the owner alone. The latest wraps the keys
//! of records; one before it is there only while a rotation is under way.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::KeepError;
use super::sealing::Key;

/// The folder, in the node's.
const FOLDER: &str = "keep-keys";
const ENDING: &str = ".key";
/// Of a file that is being written.
const UNFINISHED: &str = "unfinished";
/// Of a file that is being overwritten.
const DOOMED: &str = "doomed";

/// The keys of all generations that there are, the latest of which is in use.
pub(super) struct KeepingKeys {
    folder: PathBuf,
    keys: BTreeMap<i64, Key>,
}

impl KeepingKeys {
    /// Reads what is in the folder, which is made where it is missing.
    pub(super) fn open(data: &Path) -> Result<Self, KeepError> {
        let folder = data.join(FOLDER);
        make_folder(&folder).map_err(failed(&folder))?;
        let mut keys = BTreeMap::new();
        for entry in fs::read_dir(&folder).map_err(failed(&folder))? {
            let path = entry.map_err(failed(&folder))?.path();
            if path.extension().is_some_and(|ending| ending == UNFINISHED || ending == DOOMED) {
                overwrite_and_remove(&folder, &path).map_err(failed(&path))?;
                continue;
            }
            let Some(generation) = generation_of(&path) else { continue };
            let text = Zeroizing::new(fs::read(&path).map_err(failed(&path))?);
            let bytes = BASE64URL_NOPAD.decode(text.trim_ascii_end()).map(Zeroizing::new);
            let key = bytes.ok().and_then(|bytes| Key::from_bytes(&bytes));
            let key = key.ok_or_else(|| KeepError::NotAKey(path.display().to_string()))?;
            keys.insert(generation, key);
        }
        Ok(Self { folder, keys })
    }

    /// The key of a generation.
    pub(super) fn get(&self, generation: i64) -> Result<&Key, KeepError> {
        self.keys.get(&generation).ok_or(KeepError::NoKeepingKey { generation })
    }

    /// The latest generation with its key, which is made if there is none.
    pub(super) fn latest(&mut self) -> Result<(i64, &Key), KeepError> {
        if self.keys.is_empty() {
            self.add()?;
        }
        let latest = self.keys.last_key_value().map(|(generation, key)| (*generation, key));
        latest.ok_or(KeepError::NoKeepingKey { generation: 1 })
    }

    /// Makes the next generation. When this returns, it is on the disk.
    pub(super) fn add(&mut self) -> Result<i64, KeepError> {
        let generation = self.keys.last_key_value().map_or(1, |(latest, _)| latest + 1);
        let key = Key::random()?;
        let text = Zeroizing::new(BASE64URL_NOPAD.encode(key.as_bytes()) + "\n");
        let path = self.path(generation);
        put_in_place(&self.folder, &path, text.as_bytes()).map_err(failed(&path))?;
        self.keys.insert(generation, key);
        Ok(generation)
    }

    /// Overwrites and removes every generation before the latest. A crash in between leaves some of them, which wrap
    /// nothing and are removed by the next call; what was begun to be overwritten has another name by then.
    pub(super) fn destroy_all_but_latest(&mut self) -> Result<(), KeepError> {
        let Some(latest) = self.keys.last_key_value().map(|(generation, _)| *generation) else {
            return Ok(());
        };
        let old: Vec<i64> = self.keys.range(..latest).map(|(generation, _)| *generation).collect();
        for generation in old {
            let (path, doomed) =
                (self.path(generation), self.path(generation).with_extension(DOOMED));
            fs::rename(&path, &doomed).map_err(failed(&path))?;
            sync_folder(&self.folder).map_err(failed(&self.folder))?;
            overwrite_and_remove(&self.folder, &doomed).map_err(failed(&doomed))?;
            self.keys.remove(&generation);
        }
        Ok(())
    }

    fn path(&self, generation: i64) -> PathBuf {
        self.folder.join(format!("{generation}{ENDING}"))
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> KeepError + use<> {
    let path = path.display().to_string();
    move |source| KeepError::File { path: path.clone(), source }
}

fn generation_of(path: &Path) -> Option<i64> {
    path.file_name()?.to_str()?.strip_suffix(ENDING)?.parse().ok().filter(|number| *number > 0)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A file that only its owner may read.
pub(super) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Written and synced under another name first: a file of this name is whole.
fn put_in_place(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension(UNFINISHED);
    let mut file = private_file().create(true).truncate(true).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder(folder)
}

/// Some file systems keep what is overwritten elsewhere: docs/operations.md says what that means.
fn overwrite_and_remove(folder: &Path, path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let length = usize::try_from(file.metadata()?.len()).unwrap_or_default();
    file.write_all(&vec![0; length])?;
    file.sync_all()?;
    fs::remove_file(path)?;
    sync_folder(folder)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
