//! CH1: compact evidence as the text of a QR code, or of several that belong together.
//!
//! `CH1:` and base45 of the compact evidence, deflated where that is shorter. Compact evidence
//! begins with `0x86` or `0x87`, with which no deflate stream can begin (its first block would be of
//! the reserved type), so the first byte tells which it is. Evidence that is too long for one code is
//! cut into parts `CH1-2/3:`, which may be read in any order.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};

use super::base45;
use super::compact::FIRST_BYTES;
use crate::hash::Hash;

/// Codes that one piece of evidence may be cut into.
pub const PARTS_MAX: usize = 9;
/// Compact evidence that is longer is no matter for codes: give a link to it.
pub const CODED_BYTES_MAX: usize = 1 << 14;

const PREFIX: &str = "CH1:";
const PART_PREFIX: &str = "CH1-";
/// What each part carries so that parts of different evidence are told apart.
const TAG_BYTES: usize = 4;
/// The largest code has 4,296 characters (version 40-L).
const TEXT_BYTES_MAX: usize = 4296;

/// Why texts are not the codes of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("form: {0}")]
pub struct NotACode(pub &'static str);

/// Whether a text begins as the text of a code does.
pub fn is_code(text: &[u8]) -> bool {
    text.starts_with(PREFIX.as_bytes()) || text.starts_with(PART_PREFIX.as_bytes())
}

/// The text of one code for compact evidence.
pub fn to_code(compact: &[u8]) -> String {
    format!("{PREFIX}{}", base45::encode(&packed(compact)))
}

/// The texts of so many codes for compact evidence, 2 to [`PARTS_MAX`]; one code for 1.
pub fn to_codes(compact: &[u8], parts: usize) -> Vec<String> {
    let packed = packed(compact);
    let parts = parts.clamp(1, PARTS_MAX.min(packed.len().max(1)));
    if parts == 1 {
        return vec![to_code(compact)];
    }
    let tag = tag_of(&packed);
    let part = |index: usize| {
        let bounds = |index: usize| packed.len() * index / parts;
        let slice = &packed[bounds(index)..bounds(index + 1)];
        let text = base45::encode(&[&tag, slice].concat());
        format!("{PART_PREFIX}{}/{parts}:{text}", index + 1)
    };
    (0..parts).map(part).collect()
}

/// The compact evidence of a code, or of all the parts of one in any order.
pub fn from_codes<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<u8>, NotACode> {
    let texts: Vec<&str> = texts.into_iter().take(PARTS_MAX + 1).collect();
    if let [text] = texts[..]
        && let Some(rest) = text.strip_prefix(PREFIX)
    {
        return unpacked(&bytes_of(rest)?);
    }
    unpacked(&joined(&texts)?)
}

/// The parts by their numbers, put together again.
fn joined(texts: &[&str]) -> Result<Vec<u8>, NotACode> {
    let mut parts: Vec<Option<Vec<u8>>> = vec![None; texts.len()];
    for text in texts {
        let (index, bytes) = read_part(text, texts.len())?;
        if parts[index].replace(bytes).is_some() {
            return Err(NotACode("one part stands twice"));
        }
    }
    let (mut whole, mut tag) = (Vec::new(), None);
    for part in parts.into_iter().flatten() {
        let (own, slice) =
            part.split_first_chunk::<TAG_BYTES>().ok_or(NotACode("a part is empty"))?;
        if *tag.get_or_insert(*own) != *own {
            return Err(NotACode("the parts are of different evidence"));
        }
        whole.extend_from_slice(slice);
    }
    if tag != Some(tag_of(&whole)) {
        return Err(NotACode("the parts do not make up what they were cut from"));
    }
    Ok(whole)
}

/// `CH1-`, which part, `/`, of how many, `:`, base45.
fn read_part(text: &str, count: usize) -> Result<(usize, Vec<u8>), NotACode> {
    let wrong = NotACode("it is no code, or not all parts of one are here");
    let rest = text.strip_prefix(PART_PREFIX).ok_or(wrong)?;
    let (numbers, rest) = rest.split_once(':').ok_or(wrong)?;
    let &[index, b'/', parts] = numbers.as_bytes() else { return Err(wrong) };
    let number = |digit: u8| usize::from(digit.wrapping_sub(b'0'));
    if number(parts) != count || count < 2 || !(1..=count).contains(&number(index)) {
        return Err(wrong);
    }
    Ok((number(index) - 1, bytes_of(rest)?))
}

fn bytes_of(base45: &str) -> Result<Vec<u8>, NotACode> {
    if base45.len() > TEXT_BYTES_MAX {
        return Err(NotACode("it is longer than any code"));
    }
    base45::decode(base45).ok_or(NotACode("it is not base45"))
}

fn tag_of(packed: &[u8]) -> [u8; TAG_BYTES] {
    let mut tag = [0; TAG_BYTES];
    tag.copy_from_slice(&Hash::of(&[packed]).as_bytes()[..TAG_BYTES]);
    tag
}

fn packed(compact: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let deflated = encoder.write_all(compact).and_then(|()| encoder.finish());
    match deflated {
        Ok(deflated) if deflated.len() < compact.len() => deflated,
        _ => compact.to_vec(),
    }
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>, NotACode> {
    if packed.first().is_some_and(|first| FIRST_BYTES.contains(first)) {
        return Ok(packed.to_vec());
    }
    // One more than may be, so that what is too long does not look complete.
    let mut compact = Vec::with_capacity(CODED_BYTES_MAX + 1);
    let mut decoder = Decompress::new(false);
    let status = decoder.decompress_vec(packed, &mut compact, FlushDecompress::Finish);
    if !matches!(status, Ok(Status::StreamEnd)) || compact.len() > CODED_BYTES_MAX {
        return Err(NotACode("it does not inflate, or to more than evidence in codes may be"));
    }
    if decoder.total_in() != packed.len() as u64 {
        return Err(NotACode("bytes follow its end"));
    }
    Ok(compact)
}
