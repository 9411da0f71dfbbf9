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

/// Looks for a whole frame behind one that is not: then the middle is damaged, not the tail torn.
pub(crate) fn find_whole_behind(file: &dyn DiskFile, broken: u64) -> io::Result<Option<u64>> {
    let mut offset = broken + 1;
    let mut chunk = vec![0; 1 << 20];
    while offset + (HEADER_BYTES as u64) < file.len() {
        let len = (file.len() - offset).min(chunk.len() as u64) as usize;
        file.read_at(offset, &mut chunk[..len])?;
        let mark = chunk[..len].windows(MAGIC.len()).position(|window| window == MAGIC);
        match mark.map(|at| offset + at as u64) {
            Some(at) if read(file, at)?.is_some() => return Ok(Some(at)),
            Some(at) => offset = at + 1,
            // Marks may lie across two chunks.
            None => offset += (len as u64).saturating_sub(3).max(1),
        }
    }
    Ok(None)
}

/// The payloads of the whole frames from the beginning on, and where they end.
pub(crate) fn read_all(file: &dyn DiskFile) -> io::Result<(Vec<Vec<u8>>, u64)> {
    let (mut payloads, mut end) = (Vec::new(), 0);
    while let Some(payload) = read(file, end)? {
        end += (HEADER_BYTES + payload.len()) as u64;
        payloads.push(payload);
    }
    Ok((payloads, end))
}
