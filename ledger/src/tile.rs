//! Tiles of the log (C2SP tlog-tiles): runs of 256 hashes of a level, or of 256 entries, each a file
//! that never changes once it is full.

use std::fmt;
use std::str::FromStr;

/// Hashes or entries in a full tile.
pub const TILE_WIDTH: u64 = 256;
/// How many levels of the tree one level of tiles spans: 256 is two to the eighth.
pub const TILE_HEIGHT: u32 = 8;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileOf {
    /// Log entries, each behind its length in two bytes, the most significant first.
    Entries,
    /// The roots of complete subtrees of `256^level` entries; level 0 are the leaf hashes.
    Hashes(u8),
}

/// One tile: its place, and how many hashes or entries it has by now.
///
/// Its text is its path below the log's address: `tile/0/x001/x234/067` when it is full, and
/// `tile/0/x001/x234/067.p/5` with five. Entries stand under `tile/entries/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    of: TileOf,
    index: u64,
    width: u16,
}

/// A text that is no tile's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tile is tile/LEVEL/INDEX or tile/entries/INDEX, as in tile/0/x001/234.p/5")]
pub struct NotATile;

/// The highest level of tiles that a path may name (C2SP tlog-tiles).
const LEVEL_MAX: u8 = 63;
/// No index is longer: 2^53 entries have fewer tiles than this many groups of three digits can number.
const GROUPS_MAX: usize = 6;

impl Tile {
    /// The tile at a place in a log of this size, as wide as it is by then; `None` if it has nothing.
    pub fn of(of: TileOf, index: u64, log_size: u64) -> Option<Self> {
        let there = match of {
            TileOf::Entries => log_size,
            TileOf::Hashes(level) => {
                log_size.checked_shr(TILE_HEIGHT * u32::from(level)).unwrap_or(0)
            }
        };
        let width = there.checked_sub(index.checked_mul(TILE_WIDTH)?)?.min(TILE_WIDTH);
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(Self { of, index, width })
    }

    /// Every tile of a log of this size: the hashes level by level, then the entries.
    pub fn all(log_size: u64) -> impl Iterator<Item = Self> {
        let levels = (0..=LEVEL_MAX).map(TileOf::Hashes).chain([TileOf::Entries]);
        levels.flat_map(move |of| (0..).map_while(move |index| Self::of(of, index, log_size)))
    }

    /// What it holds.
    pub fn holds(&self) -> TileOf {
        self.of
    }

    /// Its place among the tiles of its level.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it has: 1 to 256.
    pub fn width(&self) -> u64 {
        u64::from(self.width)
    }

    /// Whether nothing will be added to it.
    pub fn is_full(&self) -> bool {
        self.width() == TILE_WIDTH
    }

    /// The indices, on its level of the tree or among the entries, of what it holds.
    pub fn range(&self) -> std::ops::Range<u64> {
        let first = self.index * TILE_WIDTH;
        first..first + self.width()
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.of {
            TileOf::Entries => f.write_str("tile/entries/")?,
            TileOf::Hashes(level) => write!(f, "tile/{level}/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups[1..].iter().rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        if !self.is_full() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for Tile {
    type Err = NotATile;

    fn from_str(text: &str) -> Result<Self, NotATile> {
        let text = text.strip_prefix("tile/").ok_or(NotATile)?;
        let (of, text) = text.split_once('/').ok_or(NotATile)?;
        let of = match of {
            "entries" => TileOf::Entries,
            level => TileOf::Hashes(
                number(level, 2).and_then(|level| u8::try_from(level).ok()).ok_or(NotATile)?,
            ),
        };
        let (text, width) = match text.split_once(".p/") {
            Some((text, width)) => {
                let width = number(width, 3).filter(|width| (1..TILE_WIDTH).contains(width));
                (text, width.ok_or(NotATile)?)
            }
            None => (text, TILE_WIDTH),
        };
        let groups: Vec<&str> = text.split('/').take(GROUPS_MAX + 1).collect();
        if groups.len() > GROUPS_MAX || (groups.len() > 1 && groups[0] == "x000") {
            return Err(NotATile);
        }
        let mut index = 0;
        for (place, group) in groups.iter().enumerate() {
            let last = place + 1 == groups.len();
            let digits = if last { group } else { group.strip_prefix('x').ok_or(NotATile)? };
            if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(NotATile);
            }
            index = index * 1000 + digits.parse::<u64>().map_err(|_| NotATile)?;
        }
        if matches!(of, TileOf::Hashes(level) if level > LEVEL_MAX) {
            return Err(NotATile);
        }
        let width = u16::try_from(width).map_err(|_| NotATile)?;
        Ok(Self { of, index, width })
    }
}

/// A number without a sign or leading zeros, of so many digits at most.
fn number(text: &str, digits_max: usize) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'))
        && text.len() <= digits_max;
    plain.then(|| text.parse().ok())?
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let tile = |of, index, width| Tile { of, index, width };
        for (text, expected) in [
            ("tile/0/x001/x234/067", tile(TileOf::Hashes(0), 1_234_067, 256)),
            ("tile/0/x001/x234/067.p/5", tile(TileOf::Hashes(0), 1_234_067, 5)),
            ("tile/63/000.p/1", tile(TileOf::Hashes(63), 0, 1)),
            ("tile/entries/x123/456", tile(TileOf::Entries, 123_456, 256)),
        ] {
            assert_eq!(text.parse(), Ok(expected));
            assert_eq!(expected.to_string(), text);
        }
    }

    #[test]
    fn each_tile_has_one_path() {
        for text in [
            "",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/x000/001",
            "tile/0/001/002",
            "tile/0/x001",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/257",
            "tile/0/000.p/05",
            "tile/0/000.p/",
            "tile/0/000.p/1/",
            "tile/entries/x1/000",
            "tile/data/000",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
            "tile/0/٠٠٠",
        ] {
            assert_eq!(text.parse::<Tile>(), Err(NotATile), "{text}");
        }
    }

    #[test]
    fn a_log_has_the_tiles_that_its_size_gives() {
        let texts = |size| Tile::all(size).map(|tile| tile.to_string()).collect::<Vec<_>>();
        assert!(texts(0).is_empty());
        assert_eq!(texts(1), ["tile/0/000.p/1", "tile/entries/000.p/1"]);
        assert_eq!(
            texts(257),
            [
                "tile/0/000",
                "tile/0/001.p/1",
                "tile/1/000.p/1",
                "tile/entries/000",
                "tile/entries/001.p/1",
            ]
        );
        let all: Vec<Tile> = Tile::all(70_000).collect();
        let hashes = |level| {
            let of = |tile: &&Tile| tile.holds() == TileOf::Hashes(level);
            all.iter().filter(of).map(Tile::width).sum::<u64>()
        };
        assert_eq!([0, 1, 2, 3].map(hashes), [70_000, 273, 1, 0]);
        assert!(all.iter().all(|tile| tile.to_string().parse() == Ok(*tile)));
    }
}
