//! What a disk may do to a file: cut it off, flip bits, leave zeros, leave rubbish.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// The files of a ledger's folder.
pub const FILES: [&str; 7] =
    ["blocks", "log", "positions", "state", "heights", "checkpoint", "genesis.json"];

/// One thing that happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Nothing is left beyond this length.
    Cut {
        /// What is left.
        len: usize,
    },
    /// One bit is another.
    Flip {
        /// In which byte.
        offset: usize,
        /// Which one, from the lowest.
        bit: u8,
    },
    /// The tail is all zeros, as some file systems leave it.
    Zeros {
        /// From where on.
        from: usize,
    },
    /// Something stands behind the end.
    Extra {
        /// How many bytes.
        len: usize,
        /// Each of them.
        byte: u8,
    },
}

impl Damage {
    /// Does it to some bytes.
    pub fn apply(self, bytes: &mut Vec<u8>) {
        match self {
            Self::Cut { len } => bytes.truncate(len),
            Self::Flip { offset, bit } => bytes[offset] ^= 1 << bit,
            Self::Zeros { from } => bytes[from..].fill(0),
            Self::Extra { len, byte } => bytes.resize(bytes.len() + len, byte),
        }
    }

    /// Does it to a file. False if the file is as it was, because there were zeros already.
    pub fn apply_to(self, file: &Path) -> io::Result<bool> {
        let before = fs::read(file)?;
        let mut after = before.clone();
        self.apply(&mut after);
        fs::write(file, &after)?;
        Ok(after != before)
    }

    /// A spread of damage to a file of some length, most of it near the end.
    pub fn spread(len: usize, random: &mut Random) -> Vec<Self> {
        let mut all = Vec::new();
        let near_the_end = [1, 2, 7, 8, 16, 33, 48, 64, 100, 220, 400, 1000, 4096];
        let tails = near_the_end.into_iter().filter(|tail| *tail < len);
        let tails: Vec<usize> = tails.chain([len / 4, len / 2, len]).collect();
        for tail in &tails {
            all.extend([Self::Cut { len: len - tail }, Self::Zeros { from: len - tail }]);
        }
        for _ in 0..len.min(12) {
            let offset = random.below(len);
            let late = len - 1 - random.below(len.min(500));
            for offset in [offset, late] {
                all.push(Self::Flip { offset, bit: random.below(8) as u8 });
            }
        }
        all.extend([
            Self::Extra { len: 1, byte: 0 },
            Self::Extra { len: 48, byte: 0 },
            Self::Extra { len: 4096, byte: 0 },
            Self::Extra { len: 64, byte: 0xA5 },
            Self::Extra { len: 5000, byte: b'C' },
        ]);
        all
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { len } => write!(f, "cut to {len} bytes"),
            Self::Flip { offset, bit } => write!(f, "bit {bit} of byte {offset} flipped"),
            Self::Zeros { from } => write!(f, "zeros from {from} on"),
            Self::Extra { len, byte } => write!(f, "{len} bytes of {byte:#04x} behind the end"),
        }
    }
}

/// Copies the files of a folder, but for its lock.
pub fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name() != "LOCK" && entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Numbers from a seed: the same seed, the same run (SplitMix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Numbers from this seed.
    pub fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 for a bound of 0. Near enough to even for tests.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound.max(1) as u64) as usize
    }
}

/// Where a block stands in the file `blocks`, with its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The first byte of the frame.
    pub begin: usize,
    /// Behind its last byte.
    pub end: usize,
}

/// What stands before the payload: mark, length, checksum of the payload, checksum of these.
const FRAME_HEADER_BYTES: usize = 16;

impl Frame {
    /// The block.
    pub fn payload(self, blocks: &[u8]) -> &[u8] {
        &blocks[self.begin + FRAME_HEADER_BYTES..self.end]
    }
}

/// The frames of a whole file `blocks`.
pub fn frames(blocks: &[u8]) -> Vec<Frame> {
    let (mut all, mut begin) = (Vec::new(), 0);
    while let Some(length) = blocks.get(begin + 4..begin + 8) {
        let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        let end = begin + FRAME_HEADER_BYTES + length;
        all.push(Frame { begin, end });
        begin = end;
    }
    all
}

/// A block in a frame whose checksums fit.
pub fn framed(payload: &[u8]) -> Vec<u8> {
    let mut bytes = b"CHB1".to_vec();
    bytes.extend_from_slice(&(payload.len() as u32).to_be_bytes());
    bytes.extend_from_slice(&crc32c(payload).to_be_bytes());
    bytes.extend_from_slice(&crc32c(&bytes).to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// CRC-32C (Castagnoli), bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    let byte = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| match crc & 1 {
            1 => crc >> 1 ^ 0x82F6_3B78,
            _ => crc >> 1,
        })
    };
    !bytes.iter().fold(u32::MAX, byte)
}
