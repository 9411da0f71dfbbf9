//! The short form of a transition in the newer kinds of evidence: its payload as one text, out of which
//! hashes, parties, times and ids are taken, and in which phrases that recur are one character.
//!
//! docs/formats.md has the phrases and the layout. They never change: what is written differently
//! would be another kind of evidence.

use data_encoding::HEXLOWER;

use super::cbor::{Reader, Writer, Wrong};
use super::entry::{self, Signature};
use crate::hash::Hash;
use crate::party::PartyId;
use crate::time::Time;
use crate::transition::{MAX_SIGNATURES, MAX_TRANSITION_BYTES};

/// Stands in the text for the next of what was taken out.
const TAKEN: char = '\u{0}';

/// What the characters from U+0001 on stand for. Where two fit, the earlier does.
pub(super) const PHRASES: [&str; 31] = [
    r#"","actions":[{"register":"diplomas","action":"issue","institution":""#,
    r#"","actions":[{"register":"identity","action":""#,
    r#"","actions":[{"register":"marriages","action":""#,
    r#"","actions":[{"register":"artworks","action":""#,
    r#"","actions":[{"register":"parcels","action":""#,
    r#"","actions":[{"register":"land","action":""#,
    r#"","actions":[{"register":""#,
    r#"","kind":"award","holder":""#,
    r#""},{"register":""#,
    r#"","institution":""#,
    r#"","not_after":""#,
    r#"","programme":""#,
    r#"","statement":""#,
    r#"","awarded":""#,
    r#"","action":""#,
    r#"","holder":""#,
    r#"","object":""#,
    r#"","parcel":""#,
    r#"","reason":""#,
    r#"","record":""#,
    r#"","serial":""#,
    r#"{"ledger":""#,
    r#"","party":""#,
    r#"","title":""#,
    r#"","kind":""#,
    r#"","date":""#,
    r#"","id":""#,
    r#"","to":""#,
    r#"","by":""#,
    r#""}]}"#,
    r#"":""#,
];

/// What stands between two quotation marks and has a shorter form.
#[derive(Debug, PartialEq)]
enum Taken {
    /// 64 lower-case digits.
    Hash([u8; 32]),
    /// 32 of them with hyphens, as UUIDs are written.
    Uuid([u8; 16]),
    /// A party's ID code.
    Party(PartyId),
    /// A time, as our own clients write it.
    Time(Time),
}

/// Writes a transition as four items: text, what was taken out, signers, signatures. One in a form that
/// cannot be taken apart is a byte string and three empty items.
pub(super) fn write(transition: &[u8], ledger: &Hash, into: &mut Writer) {
    let parts = entry::payload_and_signatures(transition);
    let Some((payload, signatures)) = parts.filter(|(payload, _)| is_plain(payload)) else {
        into.bytes(transition);
        into.array(0);
        into.array(0);
        return into.bytes(&[]);
    };
    let (text, taken) = taken_out(&payload);
    into.text(&shortened(&text));
    into.array(taken.len());
    for item in taken {
        match item {
            Taken::Hash(hash) if hash == ledger.0 => into.null(),
            Taken::Hash(hash) => into.bytes(&hash),
            Taken::Uuid(uuid) => into.bytes(&uuid),
            Taken::Party(party) => into.bytes(party.as_bytes()),
            Taken::Time(time) => into.integer(time.as_ms()),
        }
    }
    into.array(signatures.len());
    for Signature { by, .. } in &signatures {
        entry::write_signer(by, into);
    }
    let all: Vec<u8> = signatures.iter().flat_map(|one| one.signature).collect();
    into.bytes(&all);
}

/// Reads what [`write`] writes: the transition's bytes.
pub(super) fn read(from: &mut Reader<'_>, ledger: &Hash) -> Result<Vec<u8>, Wrong> {
    if from.bytes_next() {
        let whole = from.bytes()?.to_vec();
        from.array_with(0)?;
        from.array_with(0)?;
        return from.array_of::<0>().map(|_| whole);
    }
    let text = from.text()?;
    let count = from.array()?;
    if text.len() > MAX_TRANSITION_BYTES || count > text.len() {
        return Err("a payload is longer than that of any transition");
    }
    let mut taken = Vec::with_capacity(count);
    for _ in 0..count {
        taken.push(read_taken(from, ledger)?);
    }
    let payload = put_back(text, taken)?;
    let count = from.array()?;
    if count > MAX_SIGNATURES {
        return Err("there are too many signatures");
    }
    let mut signers = Vec::with_capacity(count);
    for _ in 0..count {
        signers.push(entry::read_signer(from)?);
    }
    let (all, rest) = from.bytes()?.as_chunks::<64>();
    if all.len() != count || !rest.is_empty() {
        return Err("there is not one signature for each signer");
    }
    let signed = signers.into_iter().zip(all);
    let signatures: Vec<_> =
        signed.map(|(by, signature)| Signature { by, signature: *signature }).collect();
    Ok(entry::transition_of(&payload, &signatures))
}

/// JSON has no control character, unless it is set in lines; then its characters have no room here.
fn is_plain(payload: &str) -> bool {
    payload.len() <= MAX_TRANSITION_BYTES && payload.bytes().all(|byte| byte >= 0x20)
}

/// The payload with a mark in each place from which something was taken.
fn taken_out(payload: &str) -> (String, Vec<Taken>) {
    let (mut text, mut taken) = (String::with_capacity(payload.len()), Vec::new());
    let last = payload.matches('"').count();
    for (index, segment) in payload.split('"').enumerate() {
        if index > 0 {
            text.push('"');
        }
        // The first and the last have no quotation mark on one side.
        match taken_of(segment).filter(|_| index > 0 && index < last) {
            Some(item) => {
                text.push(TAKEN);
                taken.push(item);
            }
            None => text += segment,
        }
    }
    (text, taken)
}

fn taken_of(segment: &str) -> Option<Taken> {
    match segment.len() {
        64 => bytes_of(segment).map(Taken::Hash),
        36 => uuid_of(segment).map(Taken::Uuid),
        25 => segment.parse().ok().map(Taken::Party),
        20..=24 => {
            let time = segment.parse::<Time>().ok()?;
            (time.to_string() == segment).then_some(Taken::Time(time))
        }
        _ => None,
    }
}

fn bytes_of<const N: usize>(digits: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()
}

fn uuid_of(segment: &str) -> Option<[u8; 16]> {
    let uuid = bytes_of(&segment.replace('-', ""))?;
    (uuid_text(&uuid) == segment).then_some(uuid)
}

fn uuid_text(uuid: &[u8; 16]) -> String {
    let digits = HEXLOWER.encode(uuid);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// Puts a character in the place of each phrase, from left to right.
fn shortened(text: &str) -> String {
    let (mut short, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let found = PHRASES.iter().zip('\u{1}'..).find(|(phrase, _)| rest.starts_with(**phrase));
        let (character, length) = match found {
            Some((phrase, character)) => (character, phrase.len()),
            None => (first, first.len_utf8()),
        };
        short.push(character);
        rest = &rest[length..];
    }
    short
}

/// The payload of a short text. A phrase may make 68 bytes of one, so its length is bounded.
fn put_back(text: &str, taken: Vec<String>) -> Result<String, Wrong> {
    let mut payload = String::with_capacity(text.len());
    let mut taken = taken.into_iter();
    for character in text.chars() {
        match character {
            TAKEN => payload += &taken.next().ok_or("a text has more marks than was taken out")?,
            '\u{1}'..='\u{1f}' => payload += PHRASES[character as usize - 1],
            other => payload.push(other),
        }
        if payload.len() > MAX_TRANSITION_BYTES {
            return Err("a payload is longer than that of any transition");
        }
    }
    match taken.next() {
        None => Ok(payload),
        Some(_) => Err("more was taken out than a text has marks"),
    }
}

fn read_taken(from: &mut Reader<'_>, ledger: &Hash) -> Result<String, Wrong> {
    if from.null() {
        return Ok(ledger.to_string());
    }
    if !from.bytes_next() {
        let time = Time::from_ms(from.integer()?).ok_or("the time is past the year 9999")?;
        return Ok(time.to_string());
    }
    let bytes = from.bytes()?;
    if let Ok(uuid) = bytes.try_into() {
        return Ok(uuid_text(uuid));
    }
    match bytes.try_into() {
        Ok(party) => Ok(PartyId::from_bytes(party).to_string()),
        Err(_) if bytes.len() == 32 => Ok(HEXLOWER.encode(bytes)),
        Err(_) => Err("what was taken out is no hash, party, id or time"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_can_be_written() {
        for (index, phrase) in PHRASES.iter().enumerate() {
            let earlier = PHRASES[..index].iter().find(|earlier| phrase.starts_with(**earlier));
            assert_eq!(earlier, None, "{phrase}");
            let character = char::from_u32(index as u32 + 1).unwrap_or_default();
            assert_eq!(shortened(phrase), character.to_string());
        }
    }

    #[test]
    fn what_has_a_shorter_form_is_taken_out_between_quotation_marks_alone() {
        let hash = "0f".repeat(32);
        let uuid = "0197c3a1-b2d4-7e58-8abc-0123456789ab";
        let payload = format!(r#"{hash}"{hash}"{uuid}"2026-01-07T00:00:00.12Z"x"{hash}"#);
        let (text, taken) = taken_out(&payload);
        assert_eq!(text, format!("{hash}\"\0\"\0\"\0\"x\"{hash}"));
        assert_eq!(taken.len(), 3);
        for other in ["2026-01-07T00:00:00.120Z", "2026-01-07t00:00:00Z", "0F0f", ""] {
            assert_eq!(taken_of(other), None, "{other}");
        }
        assert_eq!(taken_of(&uuid.to_uppercase()), None);
        assert_eq!(taken_of(&uuid.replace("-7e58", "7e58-")), None);
    }
}
