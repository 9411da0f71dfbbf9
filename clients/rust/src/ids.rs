//! Ids for payloads: the time and chance, so that no two statements are the same by accident.

use crate::clock::now;
use crate::error::Error;

/// A new id: a UUID of version 7 (RFC 9562 5.7), of this device's time and 74 random bits.
pub fn new_id() -> Result<String, Error> {
    let mut bytes: [u8; 16] = random_bytes()?;
    bytes[..6].copy_from_slice(&now().as_ms().to_be_bytes()[2..]);
    bytes[6] = bytes[6] & 0x0f | 0x70;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

/// Bytes that nobody can guess, from the operating system.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_have_the_form_of_a_uuid_7() {
        let (one, other) = (new_id().unwrap(), new_id().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), 36);
        assert_eq!(&one[14..15], "7");
        assert!("89ab".contains(&one[19..20]), "{one}");
    }
}
