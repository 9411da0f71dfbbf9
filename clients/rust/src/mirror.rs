//! A mirror of a log: its tiles (C2SP tlog-tiles) in a folder that any web server can serve, each
//! checked, and proof that the log only ever grew.
//!
//! The folder holds `genesis.json`, `checkpoint` and `tile/`. Tiles are written first and the checkpoint
//! last: a crash before it leaves files that the next run writes again, and the checkpoint always
//! speaks of tiles that are there.

mod checking;
mod folder;

use std::collections::BTreeMap;
use std::path::Path;

use chancery_ledger::anchor::Anchor;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::merkle::{Frontier, leaf_hash};
use chancery_ledger::tile::{TILE_HEIGHT, TILE_WIDTH, Tile, TileOf};

use crate::client::Client;
use crate::error::Error;
use crate::log::{BadCheckpoint, Checkpoint};
pub use checking::MirrorChecked;
use folder::{Folder, Kept};

/// A folder that follows a log.
#[derive(Debug)]
pub struct Mirror {
    folder: Folder,
    genesis: Genesis,
}

/// How far a run has followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Followed {
    /// Entries that were there before.
    pub from: u64,
    /// What is there now.
    pub checkpoint: Checkpoint,
    /// Entries that the server does not show, because a private register is concerned. Their hashes are
    /// there and checked.
    pub withheld: u64,
}

/// Why a mirror does not follow.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The server, or the folder.
    #[error(transparent)]
    Client(#[from] Error),
    /// The log has signed two histories. Both signed checkpoints are kept: they prove it.
    #[error(
        "THE LOG HAS FORKED: it signed {ours} entries with one history, and {theirs} with another that \
         does not begin with it; both signed checkpoints are in {kept}"
    )]
    Fork {
        /// The size of the log that was mirrored.
        ours: u64,
        /// The size of the other.
        theirs: u64,
        /// The folder of the two.
        kept: String,
    },
    /// A tile is not what the checkpoint says.
    #[error("{path}: {what}")]
    Tile {
        /// Which.
        path: String,
        /// What is wrong.
        what: String,
    },
}

impl Mirror {
    /// Opens a mirror, or begins one that trusts this genesis.
    pub fn open(folder: &Path, genesis: Genesis) -> Result<Self, MirrorError> {
        let folder = Folder::open(folder)?;
        let mirror = Self { folder, genesis };
        match mirror.folder.read("genesis.json")? {
            Some(bytes) if bytes != mirror.genesis.bytes() => {
                let what = "it is of another ledger than the anchor's".to_owned();
                return Err(MirrorError::Tile { path: "genesis.json".to_owned(), what });
            }
            Some(_) => {}
            None => mirror.folder.replace("genesis.json", mirror.genesis.bytes())?,
        }
        Ok(mirror)
    }

    /// The genesis of the mirror in a folder, if one was begun there.
    pub fn genesis_in(folder: &Path) -> Result<Option<Genesis>, Error> {
        let path = folder.join("genesis.json");
        path.exists().then(|| crate::files::read_genesis(&path)).transpose()
    }

    /// Fetches what is new, and checks that the log begins with what was there.
    pub async fn follow(&self, client: &Client) -> Result<Followed, MirrorError> {
        let note = client.checkpoint_text().await?;
        let (anchor, theirs) = self.verified(client, &note).await?;
        let Some((kept_note, ours)) = self.kept(&anchor)? else {
            return self.fetch(client, 0, theirs, &note).await;
        };
        if !self.is_one_history(client, &ours, &theirs).await? {
            return Err(self.fork(&kept_note, &ours, &note, &theirs)?);
        }
        // An older checkpoint, from a cache perhaps, says nothing new.
        if theirs.size <= ours.size {
            return Ok(Followed { from: ours.size, checkpoint: ours, withheld: 0 });
        }
        self.fetch(client, ours.size, theirs, &note).await
    }

    /// Checks that what the log shows to its witnesses is what it shows here. It may lag, and there may be
    /// none; `None` then.
    pub async fn follow_cosigned(
        &self,
        client: &Client,
    ) -> Result<Option<Checkpoint>, MirrorError> {
        let Some(note) = client.cosigned_text().await? else { return Ok(None) };
        let (anchor, theirs) = self.verified(client, &note).await?;
        let Some((kept_note, ours)) = self.kept(&anchor)? else { return Ok(Some(theirs)) };
        match self.is_one_history(client, &ours, &theirs).await? {
            true => Ok(Some(theirs)),
            false => Err(self.fork(&kept_note, &ours, &note, &theirs)?),
        }
    }

    /// What a note states, once a validator is seen to have signed it, and the anchor that knows that one.
    async fn verified(
        &self,
        client: &Client,
        note: &str,
    ) -> Result<(Anchor, Checkpoint), MirrorError> {
        let mut anchor = client.anchor().unwrap_or_else(|| Anchor::from(&self.genesis));
        if Checkpoint::verify(note, &anchor) == Err(BadCheckpoint::Unsigned) {
            client.lead(&mut anchor).await?;
        }
        let checkpoint = Checkpoint::verify(note, &anchor).map_err(Error::from)?;
        Ok((anchor, checkpoint))
    }

    fn log(&self, size: u64) -> Kept<'_> {
        Kept { folder: &self.folder, size }
    }

    fn kept(&self, anchor: &Anchor) -> Result<Option<(String, Checkpoint)>, MirrorError> {
        let Some(bytes) = self.folder.read("checkpoint")? else { return Ok(None) };
        let note = String::from_utf8(bytes).map_err(|_| {
            let what = "the checkpoint that is kept here is no text".to_owned();
            MirrorError::Tile { path: "checkpoint".to_owned(), what }
        })?;
        let checkpoint = Checkpoint::kept(&note, anchor).map_err(Error::from)?;
        Ok(Some((note, checkpoint)))
    }

    /// Whether the longer of two logs begins with the shorter one.
    async fn is_one_history(
        &self,
        client: &Client,
        ours: &Checkpoint,
        theirs: &Checkpoint,
    ) -> Result<bool, MirrorError> {
        if ours.size == theirs.size {
            return Ok(ours.root == theirs.root);
        }
        if theirs.size < ours.size {
            // What is here is the longer one: no server is needed, or believed.
            let then = Frontier::from_nodes(theirs.size, &self.log(ours.size))?;
            return Ok(then.root() == theirs.root);
        }
        let proof = client.consistency(ours.size, theirs.size).await?;
        if theirs.extends(ours, &proof).is_ok() {
            return Ok(true);
        }
        // A bad proof is not yet a fork: anybody can make one. Hashes that lead to what was signed are.
        let mut frontier = Frontier::default();
        let mut then = None;
        for index in 0.. {
            let Some(tile) = Tile::of(TileOf::Hashes(0), index, theirs.size) else { break };
            for leaf in leaves_of(&tile, &client.tile(&tile).await?)? {
                frontier.push(leaf, &mut |_| {});
                if frontier.size() == ours.size {
                    then = Some(frontier.root());
                }
            }
        }
        leads_to(&frontier, theirs)?;
        Ok(then == Some(ours.root))
    }

    fn fork(
        &self,
        kept_note: &str,
        ours: &Checkpoint,
        note: &str,
        theirs: &Checkpoint,
    ) -> Result<MirrorError, Error> {
        let name = |checkpoint: &Checkpoint| {
            format!("fork/{}-{}.checkpoint", checkpoint.size, checkpoint.root)
        };
        self.folder.replace(&name(ours), kept_note.as_bytes())?;
        self.folder.replace(&name(theirs), note.as_bytes())?;
        let kept = self.folder.path("fork").display().to_string();
        Ok(MirrorError::Fork { ours: ours.size, theirs: theirs.size, kept })
    }

    async fn fetch(
        &self,
        client: &Client,
        from: u64,
        to: Checkpoint,
        note: &str,
    ) -> Result<Followed, MirrorError> {
        let mut growing = Growing::from(&self.folder, from)?;
        let mut withheld = 0;
        for index in from / TILE_WIDTH.. {
            let Some(hashes) = Tile::of(TileOf::Hashes(0), index, to.size) else { break };
            let leaves = leaves_of(&hashes, &client.tile(&hashes).await?)?;
            withheld += self.fetch_entries(client, index, to.size, &leaves).await?;
            let known = usize::try_from(from.saturating_sub(hashes.range().start)).unwrap_or(0);
            growing.begins_with(&hashes, &leaves, known)?;
            for leaf in leaves.iter().skip(known) {
                growing.push(*leaf)?;
            }
        }
        leads_to(&growing.frontier, &to)?;
        growing.flush()?;
        self.folder.replace("checkpoint", note.as_bytes())?;
        self.remove_partial(from, to.size)?;
        Ok(Followed { from, checkpoint: to, withheld })
    }

    /// Fetches a bundle of entries and checks each by its hash. Gives how many are withheld.
    async fn fetch_entries(
        &self,
        client: &Client,
        index: u64,
        log_size: u64,
        leaves: &[Hash],
    ) -> Result<u64, MirrorError> {
        let Some(bundle) = Tile::of(TileOf::Entries, index, log_size) else { return Ok(0) };
        let bytes = match client.tile(&bundle).await {
            Err(Error::Refused(problem)) if problem.status == 403 => return Ok(bundle.width()),
            other => other?,
        };
        let entries = entries_of(&bytes).map(leaf_hash);
        if !entries.eq(leaves.iter().copied()) {
            let what = "its entries do not have the hashes that the log states".to_owned();
            return Err(MirrorError::Tile { path: bundle.to_string(), what });
        }
        self.folder.replace(&bundle.to_string(), &bytes)?;
        Ok(0)
    }

    /// Partial tiles of the size before are of no use once wider ones are there.
    fn remove_partial(&self, from: u64, to: u64) -> Result<(), Error> {
        let last = |size: u64, of| {
            let there = size.checked_shr(TILE_HEIGHT * level_of(of)).unwrap_or(0);
            Tile::of(of, there / TILE_WIDTH, size).filter(|tile| !tile.is_full())
        };
        for of in (0..64).map(TileOf::Hashes).chain([TileOf::Entries]) {
            if let Some(tile) = last(from, of).filter(|tile| last(to, of) != Some(*tile)) {
                self.folder.remove(&tile.to_string())?;
            }
        }
        Ok(())
    }
}

fn leads_to(frontier: &Frontier, checkpoint: &Checkpoint) -> Result<(), MirrorError> {
    if frontier.root() == checkpoint.root {
        return Ok(());
    }
    let what = "its tiles do not give the root that the checkpoint states".to_owned();
    Err(MirrorError::Tile { path: "tile/".to_owned(), what })
}

fn level_of(of: TileOf) -> u32 {
    match of {
        TileOf::Hashes(level) => u32::from(level),
        TileOf::Entries => 0,
    }
}

fn leaves_of(tile: &Tile, bytes: &[u8]) -> Result<Vec<Hash>, MirrorError> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if hashes.len() as u64 != tile.width() || !rest.is_empty() {
        let what = format!("{} bytes are not {} hashes", bytes.len(), tile.width());
        return Err(MirrorError::Tile { path: tile.to_string(), what });
    }
    Ok(hashes.iter().map(|hash| Hash(*hash)).collect())
}

/// The entries of a bundle. What is cut off at the end, or stands behind it, is an entry that no hash fits.
fn entries_of(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = match bytes.split_first_chunk::<2>() {
            Some((length, rest)) => (usize::from(u16::from_be_bytes(*length)), rest),
            None if bytes.is_empty() => return None,
            None => (bytes.len(), bytes),
        };
        let (entry, rest) = rest.split_at(length.min(rest.len()));
        bytes = rest;
        Some(entry)
    })
}

/// A log that grows, and the tiles of its hashes that are not yet written.
struct Growing<'a> {
    folder: &'a Folder,
    frontier: Frontier,
    /// For each level of tiles the last one, as far as it has hashes.
    last: BTreeMap<u8, Vec<Hash>>,
}

impl<'a> Growing<'a> {
    /// The log of this size, whose tiles are in the folder.
    fn from(folder: &'a Folder, size: u64) -> Result<Self, Error> {
        let frontier = Frontier::from_nodes(size, &Kept { folder, size })?;
        let mut last = BTreeMap::new();
        for level in 0..64 {
            let of = TileOf::Hashes(level);
            let there = size.checked_shr(TILE_HEIGHT * u32::from(level)).unwrap_or(0);
            if let Some(tile) = Tile::of(of, there / TILE_WIDTH, size) {
                last.insert(level, folder.hashes(&tile)?);
            }
        }
        Ok(Self { folder, frontier, last })
    }

    /// What was there before is the beginning of what the server shows now.
    fn begins_with(&self, tile: &Tile, leaves: &[Hash], known: usize) -> Result<(), MirrorError> {
        let ours = self.last.get(&0).map_or(&[][..], Vec::as_slice);
        if known > 0 && leaves.get(..known) != ours.get(..known) {
            let what = "it does not begin with what was mirrored before".to_owned();
            return Err(MirrorError::Tile { path: tile.to_string(), what });
        }
        Ok(())
    }

    fn push(&mut self, leaf: Hash) -> Result<(), Error> {
        let mut completed = Vec::new();
        let mut height = 0;
        self.frontier.push(leaf, &mut |hash| {
            if height % TILE_HEIGHT == 0 {
                completed.push(hash);
            }
            height += 1;
        });
        for (level, hash) in (0..).zip(completed) {
            let last = self.last.entry(level).or_default();
            last.push(hash);
            if last.len() as u64 == TILE_WIDTH {
                self.write(level)?;
                self.last.remove(&level);
            }
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), Error> {
        self.last.keys().try_for_each(|level| self.write(*level))
    }

    fn write(&self, level: u8) -> Result<(), Error> {
        let there = self.frontier.size().checked_shr(TILE_HEIGHT * u32::from(level)).unwrap_or(0);
        let index = there.saturating_sub(1) / TILE_WIDTH;
        let tile = Tile::of(TileOf::Hashes(level), index, self.frontier.size());
        let (Some(tile), Some(hashes)) = (tile, self.last.get(&level)) else { return Ok(()) };
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
        self.folder.replace(&tile.to_string(), &bytes)
    }
}
