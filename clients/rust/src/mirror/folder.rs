//! The files of a mirror: each replaced whole, so that a reader sees the old one or the new one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chancery_ledger::hash::Hash;
use chancery_ledger::merkle::{Nodes, node_hash};
use chancery_ledger::tile::{TILE_HEIGHT, TILE_WIDTH, Tile, TileOf};

use crate::error::Error;
use crate::files;

/// A folder of files.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let folder = Self(path.to_owned());
        fs::create_dir_all(path).map_err(|source| folder.failed("", source))?;
        Ok(folder)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        match fs::read(self.path(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(name, error)),
        }
    }

    /// Puts a file in place of the one that was there, durably.
    pub(super) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        files::replace(&self.path(name), bytes)
    }

    /// Removes a file, and the folder around it if it is empty then.
    pub(super) fn remove(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(self.failed(name, error));
            }
            _ => {}
        }
        // Others may be in it: then it stays.
        let _ = path.parent().map(fs::remove_dir);
        Ok(())
    }

    /// The hashes of a tile, which the mirror has.
    pub(super) fn hashes(&self, tile: &Tile) -> Result<Vec<Hash>, Error> {
        let name = tile.to_string();
        let absent = || self.failed(&name, io::ErrorKind::NotFound.into());
        let bytes = self.read(&name)?.ok_or_else(absent)?;
        let (hashes, rest) = bytes.as_chunks::<32>();
        if hashes.len() as u64 != tile.width() || !rest.is_empty() {
            let what = self.path(&name).display().to_string();
            let why = format!("{} bytes are not {} hashes", bytes.len(), tile.width());
            return Err(Error::Content { what, why });
        }
        Ok(hashes.iter().map(|hash| Hash(*hash)).collect())
    }

    fn failed(&self, name: &str, source: io::Error) -> Error {
        Error::File { file: self.path(name).display().to_string(), source }
    }
}

/// The log of a size whose tiles are in a folder.
pub(super) struct Kept<'a> {
    pub(super) folder: &'a Folder,
    pub(super) size: u64,
}

impl Nodes for Kept<'_> {
    type Error = Error;

    /// A subtree's root from the tile that holds it, or the hashes that it is made of.
    fn node(&self, level: u32, index: u64) -> Result<Hash, Error> {
        let above = level % TILE_HEIGHT;
        let first = index << above;
        // No log has more levels than a byte can number.
        let of = TileOf::Hashes((level / TILE_HEIGHT) as u8);
        let tile = Tile::of(of, first / TILE_WIDTH, self.size);
        let hashes = tile.map(|tile| self.folder.hashes(&tile)).transpose()?.unwrap_or_default();
        let begin = (first % TILE_WIDTH) as usize;
        let mut row = hashes.get(begin..begin + (1 << above)).unwrap_or_default().to_vec();
        while row.len() > 1 {
            row = row.chunks(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
        }
        row.pop().ok_or_else(|| self.folder.failed("tile", io::ErrorKind::UnexpectedEof.into()))
    }
}
