//! A witness's folder: what it has cosigned last, each log's in a file of its own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use chancery_client::{Hash, files};
use chancery_ledger::note::{Note, TreeHead};

use crate::failure::Failure;

/// A folder that no other process has.
pub(super) struct WitnessFolder {
    path: PathBuf,
    _lock: File,
}

/// Checkpoints that a log has signed and that do not follow from what it has signed before: so many are kept of
/// each log, as evidence.
const SUSPECTS_MAX: usize = 16;

impl WitnessFolder {
    /// Opens a folder, and keeps other processes out of it. `sign` is what must be in it already.
    ///
    /// A witness that was started on an empty folder by mistake would have forgotten what it has cosigned, and an
    /// empty folder is what is there when a disk is not.
    pub(super) fn open(path: &Path, sign: &str) -> Result<Self, Failure> {
        if !path.join(sign).exists() {
            let what = format!(
                "{}: there is no {sign} in it. Make it for a witness that begins; one that has cosigned before \
                 needs the folder that it had",
                path.display()
            );
            return Err(Failure::usage(what));
        }
        let at = path.join("LOCK");
        let lock = File::create(&at).map_err(|error| Failure::file(&at, error))?;
        if lock.try_lock().is_err() {
            let what = format!("{}: another witness has this folder open", path.display());
            return Err(Failure::usage(what));
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The checkpoint of a log that was cosigned last; `None` if none was.
    pub(super) fn last(&self, origin: &str) -> Result<Option<(Note, TreeHead)>, Failure> {
        let path = self.last_path(origin);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::file(&path, error)),
        };
        let read = || {
            let note: Note = text.parse().ok()?;
            let head: TreeHead = note.text().parse().ok()?;
            (head.origin == origin).then_some((note, head))
        };
        let damaged = || {
            let what = "this is no checkpoint of the log that is cosigned here; without it nobody knows \
                        what was, so put it right before you go on";
            Failure::usage(format!("{}: {what}", path.display()))
        };
        read().map(Some).ok_or_else(damaged)
    }

    /// Puts down what is cosigned. Once this returns, no crash and no power cut forgets it.
    pub(super) fn keep(&self, origin: &str, note: &Note) -> Result<(), chancery_client::Error> {
        files::replace(&self.last_path(origin), note.to_string().as_bytes())
    }

    /// Keeps a checkpoint that its log has signed and that does not follow from the last one. Says where.
    pub(super) fn keep_suspect(&self, head: &TreeHead, note: &Note) -> Option<PathBuf> {
        let folder = self.path.join("suspect").join(name_of(&head.origin));
        let path = folder.join(format!("{}-{}.checkpoint", head.size, head.root));
        let kept = fs::read_dir(&folder).map_or(0, Iterator::count);
        if path.exists() || kept >= SUSPECTS_MAX {
            return path.exists().then_some(path);
        }
        files::replace(&path, note.to_string().as_bytes()).ok().map(|()| path)
    }

    /// Where the last cosigned checkpoint of a log is.
    pub(super) fn last_path(&self, origin: &str) -> PathBuf {
        self.path.join("logs").join(format!("{}.checkpoint", name_of(origin)))
    }
}

/// An origin may be any line of text: files are named by its hash.
fn name_of(origin: &str) -> String {
    Hash::of(&[origin.as_bytes()]).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_folder_is_for_one_and_is_not_empty() {
        let folder = tempfile::tempdir().unwrap();
        let refused =
            |sign| WitnessFolder::open(folder.path(), sign).map(|_| ()).unwrap_err().to_string();
        assert!(refused("logs").contains("there is no logs"));
        fs::create_dir(folder.path().join("logs")).unwrap();
        assert!(refused("witness.json").contains("there is no witness.json"));
        let opened = WitnessFolder::open(folder.path(), "logs").unwrap();
        assert!(refused("logs").contains("another witness"));
        assert!(opened.last("a log").unwrap().is_none());
        fs::write(opened.last_path("a log"), "torn").unwrap();
        assert!(opened.last("a log").is_err());
        drop(opened);
        WitnessFolder::open(folder.path(), "logs").unwrap();
    }
}
