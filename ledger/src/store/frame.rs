//! Frames: how a block stands in `blocks`, so that a torn one is told from a damaged one.
//!
//! `CHB1`, length, CRC-32C of the payload, CRC-32C of these twelve bytes; then the payload.

use std::io;

use crate::disk::DiskFile;

/// The mark that a frame begins with.
const MAGIC: &[u8; 4] = b"CHB1";
/// What stands before the payload.
pub(crate) const HEADER_BYTES: usize = 16;

/// Puts the frame's header before the payload, in the same memory where there is room.
pub(crate) fn encode(mut payload: Vec<u8>) -> Vec<u8> {
    let mut header = [0; HEADER_BYTES];
    header[..4].copy_from_slice(MAGIC);
    header[4..8].copy_from_slice(&(payload.len() as u32).to_be_bytes());
    header[8..12].copy_from_slice(&crc32c::crc32c(&payload).to_be_bytes());
    let crc = crc32c::crc32c(&header[..12]);
    header[12..].copy_from_slice(&crc.to_be_bytes());
    payload.splice(..0, header);
    payload
}

/// A frame's header that was read and fits itself.
struct FrameHeader {
    payload_len: u64,
    payload_crc: u32,
}

impl FrameHeader {
    fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let word = |index: usize| {
            bytes[index * 4..index * 4 + 4]
                .iter()
                .fold(0_u32, |value, byte| value << 8 | u32::from(*byte))
        };
        let fits = bytes.starts_with(MAGIC) && crc32c::crc32c(&bytes[..12]) == word(3);
        fits.then(|| Self { payload_len: u64::from(word(1)), payload_crc: word(2) })
    }

    fn fits(&self, payload: &[u8]) -> bool {
        crc32c::crc32c(payload) == self.payload_crc
    }
}

/// The payload of the frame at an offset, if it is whole and fits its checksums.
pub(crate) fn read(file: &dyn DiskFile, offset: u64) -> io::Result<Option<Vec<u8>>> {
    let left = file.len().saturating_sub(offset);
    if left < HEADER_BYTES as u64 {
        return Ok(None);
    }
    let mut header = [0; HEADER_BYTES];
    file.read_at(offset, &mut header)?;
    let Some(header) = FrameHeader::decode(&header) else { return Ok(None) };
    if left - (HEADER_BYTES as u64) < header.payload_len {
        return Ok(None);
    }
    let mut payload = vec![0; header.payload_len as usize];
    file.read_at(offset + HEADER_BYTES as u64, &mut payload)?;
    Ok(header.fits(&payload).then_some(payload))
}

/// Where the next mark of a frame stands in these bytes.
pub(crate) fn find_mark(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MAGIC.len()).position(|window| window == MAGIC)
}
