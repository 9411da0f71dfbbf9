//! Checking a mirror that is there: every file of it read again, and no server asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use chancery_ledger::anchor::Anchor;
use chancery_ledger::hash::Hash;
use chancery_ledger::merkle::{Frontier, leaf_hash};
use chancery_ledger::tile::{TILE_HEIGHT, Tile, TileOf};
use chancery_ledger::transition::{Admission, Entry, KeyCache};
use chancery_registries::Registers;
use serde::Serialize;

use super::{Mirror, MirrorError, entries_of, leads_to};
use crate::log::Checkpoint;

/// What a check of a mirror has gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MirrorChecked {
    /// The log that is here.
    pub checkpoint: Checkpoint,
    /// How many tiles and bundles of entries were read.
    pub files: u64,
    /// How many transitions were read, each with a signature that verifies from everyone whom it names.
    pub transitions: u64,
    /// How many entries are in no bundle here, because a private register is concerned.
    pub withheld: u64,
}

/// What is known of the log while its tiles are read one after the other.
struct Reading<'a> {
    mirror: &'a Mirror,
    admission: Admission<Registers>,
    keys: KeyCache,
    frontier: Frontier,
    /// For each level of tiles above the leaves, the hashes that must stand there.
    above: BTreeMap<u8, Vec<Hash>>,
    checked: MirrorChecked,
}

impl Mirror {
    /// Checks every file: that a member of a pool that the anchor knows has signed the checkpoint, that the
    /// tiles of every level are those of the log that it states, and that each entry has the hash under which
    /// it stands and is a transition for this ledger whose signatures verify. What the transitions brought
    /// about is in no mirror.
    pub fn check(&self, anchor: &Anchor) -> Result<MirrorChecked, MirrorError> {
        let (_, checkpoint) = self.kept(anchor)?.ok_or_else(|| {
            let what = "there is none: nothing was mirrored yet".to_owned();
            MirrorError::Tile { path: "checkpoint".to_owned(), what }
        })?;
        let mut reading = Reading {
            mirror: self,
            admission: Admission::new(Arc::new(Registers), &self.genesis),
            keys: KeyCache::default(),
            frontier: Frontier::default(),
            above: BTreeMap::new(),
            checked: MirrorChecked { checkpoint, files: 0, transitions: 0, withheld: 0 },
        };
        for index in 0.. {
            let tile = |of| Tile::of(of, index, checkpoint.size);
            let (Some(hashes), Some(entries)) = (tile(TileOf::Hashes(0)), tile(TileOf::Entries))
            else {
                break;
            };
            reading.leaves(&hashes, &entries)?;
        }
        leads_to(&reading.frontier, &checkpoint)?;
        for tile in Tile::all(checkpoint.size) {
            if let TileOf::Hashes(level @ 1..) = tile.holds() {
                reading.hashes_above(level, &tile)?;
            }
        }
        Ok(reading.checked)
    }
}

impl Reading<'_> {
    fn leaves(&mut self, hashes: &Tile, entries: &Tile) -> Result<(), MirrorError> {
        let leaves = self.mirror.folder.hashes(hashes)?;
        self.checked.files += 1;
        for leaf in &leaves {
            let (mut height, above) = (0, &mut self.above);
            self.frontier.push(*leaf, &mut |hash| {
                if height > 0 && height % TILE_HEIGHT == 0 {
                    // No log has more levels than a byte can number.
                    above.entry((height / TILE_HEIGHT) as u8).or_default().push(hash);
                }
                height += 1;
            });
        }
        self.entries(entries, &leaves)
    }

    fn entries(&mut self, bundle: &Tile, leaves: &[Hash]) -> Result<(), MirrorError> {
        let Some(bytes) = self.mirror.folder.read(&bundle.to_string())? else {
            self.checked.withheld += bundle.width();
            return Ok(());
        };
        let wrong = |what: String| MirrorError::Tile { path: bundle.to_string(), what };
        if !entries_of(&bytes).map(leaf_hash).eq(leaves.iter().copied()) {
            return Err(wrong("its entries do not have the hashes that the log states".to_owned()));
        }
        for (position, entry) in (bundle.range().start..).zip(entries_of(&bytes)) {
            let entry = Entry::decode(entry)
                .map_err(|error| wrong(format!("entry {position}: {error}")))?;
            self.admission
                .admit_ordered(entry.transition, &mut self.keys)
                .map_err(|rejection| wrong(format!("entry {position}: {rejection}")))?;
        }
        self.checked.files += 1;
        self.checked.transitions += bundle.width();
        Ok(())
    }

    fn hashes_above(&mut self, level: u8, tile: &Tile) -> Result<(), MirrorError> {
        let found = self.mirror.folder.hashes(tile)?;
        let range = tile.range();
        let expected = self.above.get(&level).map(Vec::as_slice).unwrap_or_default();
        let expected = expected.get(range.start as usize..range.end as usize);
        if expected != Some(found.as_slice()) {
            let what = "its hashes are not those of the tiles below".to_owned();
            return Err(MirrorError::Tile { path: tile.to_string(), what });
        }
        self.checked.files += 1;
        Ok(())
    }
}
