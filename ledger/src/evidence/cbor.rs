//! The part of CBOR that evidence is written in, in its one encoding (RFC 8949, 4.2.1).
//!
//! Compact evidence is unsigned integers below 2^53, byte strings, texts, arrays and null, every length
//! as short as it goes. A length is compared with what is left before anything is taken, so that a
//! short input cannot ask for much memory. COSE has negative integers, maps and a tag besides: they are
//! only written, with the keys of a map in the order of their bytes.

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const NULL: u8 = 0xf6;

/// Integers stay exact in every language.
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// What is wrong with bytes that should be CBOR of this kind.
pub(super) type Wrong = &'static str;

/// Reads one item after the other.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], Wrong> {
        let len = usize::try_from(len).map_err(|_| "it ends too early")?;
        let (part, rest) = self.rest.split_at_checked(len).ok_or("it ends too early")?;
        self.rest = rest;
        Ok(part)
    }

    /// The argument of the next item, which must be of this major type.
    fn head(&mut self, major: u8, wrong: Wrong) -> Result<u64, Wrong> {
        let first = self.take(1)?[0];
        if first >> 5 != major {
            return Err(wrong);
        }
        let (value, least) = match first & 0x1f {
            short @ 0..=23 => (u64::from(short), 0),
            size @ 24..=27 => {
                let digits = self.take(1 << (size - 24))?;
                let value = digits.iter().fold(0, |value, digit| value << 8 | u64::from(*digit));
                (value, [24, 1 << 8, 1 << 16, 1 << 32][usize::from(size - 24)])
            }
            _ => return Err("a length is left open or reserved"),
        };
        if value < least {
            return Err("a number is written longer than it need be");
        }
        Ok(value)
    }

    pub(super) fn integer(&mut self) -> Result<u64, Wrong> {
        let value =
            self.head(UNSIGNED, "an unsigned integer should stand where another item does")?;
        if value > INTEGER_MAX {
            return Err("an integer is not below 2^53");
        }
        Ok(value)
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Wrong> {
        let len = self.head(BYTES, "a byte string should stand where another item does")?;
        self.take(len)
    }

    pub(super) fn array_of<const N: usize>(&mut self) -> Result<[u8; N], Wrong> {
        self.bytes()?.try_into().map_err(|_| "a byte string has another length than it must have")
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Wrong> {
        let len = self.head(TEXT, "a text should stand where another item does")?;
        std::str::from_utf8(self.take(len)?).map_err(|_| "a text is not UTF-8")
    }

    /// How many items the next array has. Each takes a byte at least.
    pub(super) fn array(&mut self) -> Result<usize, Wrong> {
        let len = self.head(ARRAY, "an array should stand where another item does")?;
        let left = usize::try_from(len).ok().filter(|len| *len <= self.rest.len());
        left.ok_or("an array is longer than what follows")
    }

    pub(super) fn array_with(&mut self, len: usize) -> Result<(), Wrong> {
        match self.array()? == len {
            true => Ok(()),
            false => Err("an array has another length than it must have"),
        }
    }

    /// Takes a null if one is next.
    pub(super) fn null(&mut self) -> bool {
        let next = self.rest.first() == Some(&NULL);
        if next {
            self.rest = &self.rest[1..];
        }
        next
    }

    pub(super) fn bytes_next(&self) -> bool {
        self.rest.first().is_some_and(|first| first >> 5 == BYTES)
    }

    pub(super) fn end(&self) -> Result<(), Wrong> {
        if self.rest.is_empty() { Ok(()) } else { Err("bytes follow its end") }
    }
}

/// Writes one item after the other.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    fn head(&mut self, major: u8, value: u64) {
        let major = major << 5;
        let digits = value.to_be_bytes();
        let (size, digits) = match value {
            0..24 => return self.bytes.push(major | value as u8),
            24..=0xff => (24, &digits[7..]),
            0x100..=0xffff => (25, &digits[6..]),
            0x1_0000..=0xffff_ffff => (26, &digits[4..]),
            _ => (27, &digits[..]),
        };
        self.bytes.push(major | size);
        self.bytes.extend_from_slice(digits);
    }

    pub(super) fn integer(&mut self, value: u64) {
        self.head(UNSIGNED, value);
    }

    /// An integer of either sign: -1 is written as 0 below zero.
    pub(super) fn signed(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.integer(value),
            Err(_) => self.head(NEGATIVE, !value as u64),
        }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.head(BYTES, bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.head(TEXT, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(super) fn array(&mut self, len: usize) {
        self.head(ARRAY, len as u64);
    }

    pub(super) fn map(&mut self, entries: usize) {
        self.head(MAP, entries as u64);
    }

    pub(super) fn tag(&mut self, number: u64) {
        self.head(TAG, number);
    }

    pub(super) fn null(&mut self) {
        self.bytes.push(NULL);
    }
}
