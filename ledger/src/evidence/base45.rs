//! Base45 (RFC 9285): bytes in the characters that a QR code packs most densely.
//!
//! Written here because the crate `base45` (3.2) takes a last pair beyond 255, which RFC 9285,
//! section 6, tells to refuse: two texts would be read as the same bytes.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(2) * 3);
    for chunk in bytes.chunks(2) {
        let mut value = chunk.iter().fold(0, |value, byte| value << 8 | usize::from(*byte));
        for _ in 0..=chunk.len() {
            text.push(char::from(ALPHABET[value % 45]));
            value /= 45;
        }
    }
    text
}

/// The bytes, if the text is base45 of any.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len().div_ceil(3) * 2);
    for chunk in text.as_bytes().chunks(3) {
        let mut value = 0;
        for character in chunk.iter().rev() {
            value = value * 45 + ALPHABET.iter().position(|other| other == character)?;
        }
        match chunk.len() {
            3 => bytes.extend_from_slice(&u16::try_from(value).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(value).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_9285_hold() {
        for (bytes, text) in [
            ("AB", "BB8"),
            ("Hello!!", "%69 VD92EX0"),
            ("base-45", "UJCLQE7W581"),
            ("ietf!", "QED8WEX0"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(decode("FGW"), Some(vec![0xff, 0xff]));
        for wrong in ["GGW", "ZZ", "U5", "A", "ABCD", "bb8", "BB=", "\u{e9}1"] {
            let known = wrong == "U5";
            assert_eq!(decode(wrong).is_some(), known, "{wrong}");
        }
    }

    #[test]
    fn every_text_of_two_or_three_characters_is_the_only_one_of_its_bytes() {
        let texts = |len: u32| {
            (0..45_usize.pow(len)).map(move |number| {
                let character = |place| char::from(ALPHABET[number / 45_usize.pow(place) % 45]);
                (0..len).map(character).collect::<String>()
            })
        };
        for text in texts(2).chain(texts(3)) {
            if let Some(bytes) = decode(&text) {
                assert_eq!(encode(&bytes), text);
            }
        }
    }
}
