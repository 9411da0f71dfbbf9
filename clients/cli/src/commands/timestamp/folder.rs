//! The folder of stamped checkpoints: `SIZE.checkpoint`, `SIZE.AUTHORITY.tsr` and `SIZE.ots`.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chancery_client::timestamp::{PROOF_BYTES_MAX, Proof, Reached};
use chancery_client::{Error, Hash, files};
use chancery_ledger::note::NOTE_BYTES_MAX;

use crate::failure::Failure;

/// A folder of stamped checkpoints.
pub(super) struct Folder(PathBuf);

/// A checkpoint that is kept, and the files of those who have stamped it.
pub(super) struct Kept {
    /// Entries in the log, as the file's name says.
    pub(super) size: u64,
    /// The signed note.
    pub(super) note: String,
    /// Tokens of authorities.
    pub(super) tokens: Vec<PathBuf>,
    /// The OpenTimestamps proof, if there is one.
    pub(super) proof: Option<PathBuf>,
}

impl Kept {
    /// What is stamped: the SHA-256 of the file.
    pub(super) fn imprint(&self) -> Hash {
        Hash::of(&[self.note.as_bytes()])
    }
}

impl Folder {
    pub(super) fn of(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Where the file of a checkpoint with this ending is.
    pub(super) fn path(&self, size: u64, ending: &str) -> PathBuf {
        self.0.join(format!("{size}.{ending}"))
    }

    /// Keeps a file, durably and whole.
    pub(super) fn keep(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        Ok(files::replace(path, bytes)?)
    }

    /// All checkpoints, the smallest log first. A stamp without its checkpoint is an error: what it is of
    /// cannot be checked.
    pub(super) fn checkpoints(&self) -> Result<Vec<Kept>, Failure> {
        let failed = |error| Failure::file(&self.0, error);
        let (mut sizes, mut stamps) = (Vec::new(), Vec::new());
        for file in fs::read_dir(&self.0).map_err(failed)? {
            let name = file.map_err(failed)?.file_name();
            // What is named otherwise is none of ours.
            let Some((size, ending)) = name.to_str().and_then(|name| name.split_once('.')) else {
                continue;
            };
            let Some(size) = size.parse::<u64>().ok().filter(|it| it.to_string() == size) else {
                continue;
            };
            match ending {
                "checkpoint" => sizes.push(size),
                _ => stamps.push((size, ending.to_owned())),
            }
        }
        sizes.sort_unstable();
        stamps.sort_unstable();
        let is_lost = |(size, ending): &&(u64, String)| {
            (ending == "ots" || ending.ends_with(".tsr")) && sizes.binary_search(size).is_err()
        };
        if let Some((size, _)) = stamps.iter().find(is_lost) {
            let path = self.path(*size, "checkpoint");
            return Err(Failure::file(&path, io::ErrorKind::NotFound.into()));
        }
        sizes.iter().map(|size| self.kept(*size, &stamps)).collect()
    }

    /// A checkpoint, without those who have stamped it.
    pub(super) fn checkpoint(&self, size: u64) -> Result<Kept, Failure> {
        self.kept(size, &[])
    }

    fn kept(&self, size: u64, stamps: &[(u64, String)]) -> Result<Kept, Failure> {
        let path = self.path(size, "checkpoint");
        let bytes = read(&path, NOTE_BYTES_MAX)?;
        let note = String::from_utf8(bytes)
            .map_err(|_| Failure::file(&path, io::ErrorKind::InvalidData.into()))?;
        let begin = stamps.partition_point(|(of, _)| *of < size);
        let ours = stamps[begin..].iter().take_while(|(of, _)| *of == size);
        let (mut tokens, mut proof) = (Vec::new(), None);
        for (_, ending) in ours {
            let path = self.path(size, ending);
            match ending.as_str() {
                "ots" => proof = Some(path),
                ending if ending.ends_with(".tsr") => tokens.push(path),
                _ => {}
            }
        }
        Ok(Kept { size, note, tokens, proof })
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

/// Reads a file of at most so many bytes.
pub(super) fn read(path: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let failed = |error| Failure::file(path, error);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    match bytes.len() > most {
        true => Err(failed(io::Error::other(format!("it has more than {most} bytes")))),
        false => Ok(bytes),
    }
}

/// An OpenTimestamps proof, and what attests that the bytes with this SHA-256 were there.
pub(super) fn proof_at(path: &Path, imprint: &Hash) -> Result<(Proof, Vec<Reached>), Failure> {
    let bytes = read(path, PROOF_BYTES_MAX)?;
    let reached = Proof::read(&bytes).and_then(|proof| {
        let reached = proof.reached(imprint)?;
        Ok((proof, reached))
    });
    reached.map_err(|error| {
        let (what, why) = (path.display().to_string(), error.to_string());
        Failure::Client(Error::Content { what, why })
    })
}

/// A file's name, for people.
pub(super) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
