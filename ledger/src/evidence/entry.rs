//! The compact form of a log entry: a transition in the form in which our own clients write it is
//! taken apart, so that no byte of it stands in base64url and no hash in hexadecimal digits.
//!
//! A transition in another form, as other JOSE libraries write it, stays as it is. Which of the two
//! it is does not depend on who writes: what can be taken apart is.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};

use super::cbor::{Reader, Writer, Wrong};
use crate::hash::Hash;
use crate::key::{KeyId, PublicKey};
use crate::party::PartyId;
use crate::transition::{MAX_SIGNATURES, Signing, TYPE};

/// How a payload of our own clients begins, with the ledger's id behind it: a null stands for both.
const BEGINNING: &str = r#"{"ledger":""#;

/// A piece of a payload.
enum Piece<'a> {
    Text(&'a str),
    Hash([u8; 32]),
}

/// One signature, with who made it.
pub(super) struct Signature {
    pub(super) by: KeyId,
    pub(super) signature: [u8; 64],
}

pub(super) fn write(entry: &[u8], ledger: &Hash, into: &mut Writer) {
    let parts = take_apart(entry);
    let Some((outcome, payload, signatures)) = parts else { return into.bytes(entry) };
    into.array(3);
    into.text(outcome);
    let pieces = pieces_of(&payload);
    let rest = match &pieces[..] {
        [Piece::Text(BEGINNING), Piece::Hash(hash), rest @ ..] if *hash == ledger.0 => {
            into.array(1 + rest.len());
            into.null();
            rest
        }
        all => {
            into.array(all.len());
            all
        }
    };
    for piece in rest {
        match piece {
            Piece::Text(text) => into.text(text),
            Piece::Hash(hash) if *hash == ledger.0 => into.null(),
            Piece::Hash(hash) => into.bytes(hash),
        }
    }
    into.array(signatures.len() * 2);
    for Signature { by, signature } in signatures {
        write_signer(&by, into);
        into.bytes(&signature);
    }
}

pub(super) fn write_signer(by: &KeyId, into: &mut Writer) {
    // A party that signs with its first key follows from the key.
    match by.party == PartyId::of_first_key(&by.key) {
        true => into.bytes(by.key.as_bytes()),
        false => into.bytes(&[&by.party.as_bytes()[..], by.key.as_bytes()].concat()),
    }
}

pub(super) fn read(from: &mut Reader<'_>, ledger: &Hash) -> Result<Vec<u8>, Wrong> {
    if from.bytes_next() {
        return from.bytes().map(<[u8]>::to_vec);
    }
    from.array_with(3)?;
    let outcome = from.text()?;
    let mut payload = String::new();
    let mut pieces = from.array()?;
    if pieces > 0 && from.null() {
        payload = format!("{BEGINNING}{ledger}");
        pieces -= 1;
    }
    for index in 0..pieces {
        if index % 2 == 0 {
            payload += from.text()?;
        } else if from.null() {
            payload += &ledger.to_string();
        } else {
            payload += &HEXLOWER.encode(&from.array_of::<32>()?);
        }
    }
    let items = from.array()?;
    if items % 2 == 1 || items > 2 * MAX_SIGNATURES {
        return Err("the signatures do not stand in pairs, or are too many");
    }
    let mut signatures = Vec::with_capacity(items / 2);
    for _ in 0..items / 2 {
        let by = read_signer(from)?;
        signatures.push(Signature { by, signature: from.array_of()? });
    }
    Ok(put_together(outcome, &payload, &signatures))
}

pub(super) fn read_signer(from: &mut Reader<'_>) -> Result<KeyId, Wrong> {
    let bytes = from.bytes()?;
    let (party, key) = bytes.split_at_checked(bytes.len().wrapping_sub(32)).unwrap_or_default();
    let key = key.try_into().map_err(|_| "a signer is no key with or without its party")?;
    let key = PublicKey::from_bytes(key);
    if party.is_empty() {
        return Ok(KeyId { party: PartyId::of_first_key(&key), key });
    }
    let party = party.try_into().map_err(|_| "a signer is no key with or without its party")?;
    Ok(KeyId { party: PartyId::from_bytes(party), key })
}

/// The outcome, the payload and the signatures, when together they make exactly this entry.
fn take_apart(entry: &[u8]) -> Option<(&str, String, Vec<Signature>)> {
    let end = entry.iter().position(|byte| *byte == b'\n')?;
    let outcome = std::str::from_utf8(&entry[..end]).ok()?;
    let (payload, signatures) = payload_and_signatures(&entry[end + 1..])?;
    Some((outcome, payload, signatures))
}

/// The payload and the signatures of a transition, when together they make exactly these bytes.
pub(super) fn payload_and_signatures(transition: &[u8]) -> Option<(String, Vec<Signature>)> {
    let signing: Signing = serde_json::from_slice(transition).ok()?;
    let payload = String::from_utf8(signing.payload()).ok()?;
    let signers = signing.signers();
    let signatures = signing.signatures();
    if signers.len() != signatures.len() || signatures.len() > MAX_SIGNATURES {
        return None;
    }
    let pair = |(by, signature): (KeyId, Option<[u8; 64]>)| {
        signature.map(|signature| Signature { by, signature })
    };
    let signatures: Option<Vec<_>> = signers.into_iter().zip(signatures).map(pair).collect();
    let signatures = signatures?;
    (transition_of(&payload, &signatures) == transition).then_some((payload, signatures))
}

fn put_together(outcome: &str, payload: &str, signatures: &[Signature]) -> Vec<u8> {
    let mut entry = format!("{outcome}\n").into_bytes();
    entry.extend_from_slice(&transition_of(payload, signatures));
    entry
}

/// The transition as our own clients write it.
pub(super) fn transition_of(payload: &str, signatures: &[Signature]) -> Vec<u8> {
    let base64url = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let signature = |Signature { by, signature }: &Signature| {
        let protected = base64url(protected_of(by).as_bytes());
        let signature = base64url(signature);
        format!(r#"{{"protected":"{protected}","signature":"{signature}"}}"#)
    };
    let signatures: Vec<String> = signatures.iter().map(signature).collect();
    let (payload, signatures) = (base64url(payload.as_bytes()), signatures.join(","));
    format!("{{\"payload\":\"{payload}\",\"signatures\":[{signatures}]}}").into_bytes()
}

/// The protected header as [`Signing::sign_as`] writes it.
fn protected_of(signer: &KeyId) -> String {
    format!(r#"{{"alg":"EdDSA","typ":"{TYPE}","kid":"{signer}"}}"#)
}

/// A payload cut at every hash in quotation marks, from left to right. Texts and hashes alternate,
/// and it begins and ends with a text.
fn pieces_of(payload: &str) -> Vec<Piece<'_>> {
    let bytes = payload.as_bytes();
    let (mut pieces, mut begin, mut at) = (Vec::new(), 0, 0);
    while let Some(window) = bytes.get(at..at + 66) {
        let quoted = window[0] == b'"' && window[65] == b'"';
        // The digits are ASCII, so the payload may be cut beside them.
        if let Some(hash) = quoted.then(|| hash_of(&window[1..65])).flatten() {
            pieces.push(Piece::Text(&payload[begin..=at]));
            pieces.push(Piece::Hash(hash));
            begin = at + 65;
            at = begin;
        } else {
            at += 1;
        }
    }
    pieces.push(Piece::Text(&payload[begin..]));
    pieces
}

fn hash_of(digits: &[u8]) -> Option<[u8; 32]> {
    HEXLOWER.decode(digits).ok()?.try_into().ok()
}
