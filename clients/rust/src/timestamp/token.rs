//! Tokens of a time-stamping authority (RFC 3161): what is asked, and what the answer says.

use chancery_ledger::hash::Hash;
use chancery_ledger::time::Time;
use der::asn1::ObjectIdentifier;
use der::{DateTime, Tag};
use serde::Serialize;

use super::certificate::Authorities;
use super::fields::{Fields, context, context_value};
use super::signed::{SHA_256, SignedData};

/// The longest answer of an authority that is read.
pub const TOKEN_BYTES_MAX: usize = 64 * 1024;
/// `id-ct-TSTInfo` (RFC 3161 2.4.2).
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// What an authority has stated, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Token {
    /// When the bytes were there, by the authority's clock.
    pub time: Time,
    /// By how much that clock may be wrong, in milliseconds, if the authority says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy_ms: Option<u64>,
    /// The authority's number of the token, in hexadecimal.
    pub serial: String,
    /// The policy that the authority names.
    pub policy: String,
    /// Whom the certificate names.
    pub authority: String,
    /// The SHA-256 of that certificate.
    pub certificate: Hash,
    /// Whether the certificate leads to an authority that is trusted; false when none was named.
    pub is_trusted: bool,
}

/// Why an answer is no timestamp of what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// It is too long.
    #[error("a token has at most {TOKEN_BYTES_MAX} bytes")]
    TooLong,
    /// It is not DER.
    #[error("it is not in DER, or not as RFC 3161 has it: {0}")]
    Der(#[from] der::Error),
    /// A field is missing, or another is in its place.
    #[error("it is not as RFC 3161 has it: {0} should follow")]
    Field(Tag),
    /// The authority has not granted it, or not as it was asked.
    #[error("the authority answers with status {0} (RFC 3161 2.4.2), and not with 0, granted")]
    NotGranted(u64),
    /// It is something else, or of a version that is not known.
    #[error("{0}")]
    Form(&'static str),
    /// It is about something else.
    #[error("it is about other bytes: its hash is not their SHA-256")]
    OtherBytes,
    /// It answers another question.
    #[error("its nonce is not the one that was sent: it answers another question")]
    OtherNonce,
    /// The algorithm is none that is known here.
    #[error(
        "algorithm {0} is not known here: RSA (PKCS #1) and ECDSA on P-256 and P-384, with SHA-2, are"
    )]
    Algorithm(ObjectIdentifier),
    /// The certificate that the token was signed under is not there.
    #[error("the certificate that it names is not in it")]
    NoCertificate,
    /// The certificate cannot be used.
    #[error("its certificate: {0}")]
    Certificate(String),
    /// The signature does not verify.
    #[error("its signature does not verify with its certificate")]
    Signature,
}

/// What to ask an authority (RFC 3161 2.4.1): a token over the SHA-256 of some bytes, with its certificate.
pub fn request(imprint: &Hash, nonce: &[u8; 8]) -> Vec<u8> {
    // SEQUENCE { version 1, SEQUENCE { SEQUENCE { SHA-256, NULL }, OCTET STRING }, INTEGER, certReq TRUE }
    let head = [0x30, 0x43, 2, 1, 1, 0x30, 0x31, 0x30, 0x0d, 6, 9];
    let sha_256 = SHA_256.as_bytes();
    let nonce = integer(nonce);
    let (hash, sign) = ([5, 0, 4, 32], [1, 1, 0xff]);
    [&head[..], sha_256, &hash, imprint.as_bytes(), &[2, 8], &nonce, &sign].concat()
}

/// A nonce as a positive number of eight bytes in DER, whatever the chance gave.
fn integer(nonce: &[u8; 8]) -> [u8; 8] {
    let mut number = *nonce;
    number[0] = number[0] & 0x3f | 0x40;
    number
}

impl Token {
    /// Checks an authority's answer, as it is kept in a `.tsr` file: that it is about the bytes with this
    /// SHA-256, signed under a certificate for nothing but timestamps, and, where there are authorities that
    /// are trusted, that the certificate led to one of them at that time.
    ///
    /// Whether a certificate was revoked is not looked into.
    pub fn verify(
        response: &[u8],
        imprint: &Hash,
        trusted: Option<&Authorities>,
    ) -> Result<Self, BadToken> {
        Ok(verify(response, imprint, trusted)?.0)
    }

    /// The same of an answer that has just come in: it answers the request with this nonce.
    pub fn answers(
        response: &[u8],
        imprint: &Hash,
        nonce: &[u8; 8],
        trusted: Option<&Authorities>,
    ) -> Result<Self, BadToken> {
        let (token, theirs) = verify(response, imprint, trusted)?;
        match theirs == Some(integer(nonce).as_slice()) {
            true => Ok(token),
            false => Err(BadToken::OtherNonce),
        }
    }

    /// By when the bytes were there, if the authority's clock is no further from the time than it says.
    pub fn existed_by(&self) -> Time {
        self.time.plus_ms(self.accuracy_ms.unwrap_or(0))
    }
}

fn verify<'a>(
    response: &'a [u8],
    imprint: &Hash,
    trusted: Option<&Authorities>,
) -> Result<(Token, Option<&'a [u8]>), BadToken> {
    if response.len() > TOKEN_BYTES_MAX {
        return Err(BadToken::TooLong);
    }
    let signed = SignedData::read(granted(response)?, &TST_INFO)?;
    let stated = Stated::read(signed.content())?;
    if stated.imprint != imprint.as_bytes() {
        return Err(BadToken::OtherBytes);
    }
    let certificate = signed.verify()?;
    certificate.is_for_timestamps_alone()?;
    if let Some(trusted) = trusted {
        trusted.lead_to(&certificate, signed.certificates(), stated.time)?;
    }
    let token = Token {
        time: stated.time,
        accuracy_ms: stated.accuracy_ms,
        serial: data_encoding::HEXLOWER.encode(stated.serial),
        policy: stated.policy.to_string(),
        authority: certificate.subject(),
        certificate: Hash::of(&[certificate.der()]),
        is_trusted: trusted.is_some(),
    };
    Ok((token, stated.nonce))
}

/// The token of an answer that grants it.
fn granted(response: &[u8]) -> Result<&[u8], BadToken> {
    let mut fields = Fields::of_sequence(response)?;
    // Behind the number are words for people.
    let status = fields.inside(Tag::Sequence)?.number()?;
    if status != 0 {
        return Err(BadToken::NotGranted(status));
    }
    let token = fields.take(Tag::Sequence)?;
    fields.end()?;
    Ok(token.whole)
}

/// `TSTInfo` (RFC 3161 2.4.2).
struct Stated<'a> {
    policy: ObjectIdentifier,
    imprint: &'a [u8],
    serial: &'a [u8],
    time: Time,
    accuracy_ms: Option<u64>,
    nonce: Option<&'a [u8]>,
}

impl<'a> Stated<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, BadToken> {
        let mut fields = Fields::of_sequence(bytes)?;
        if fields.number()? != 1 {
            return Err(BadToken::Form("a TSTInfo of another version than 1"));
        }
        let policy = fields.oid()?;
        let mut message = fields.inside(Tag::Sequence)?;
        if message.algorithm()? != SHA_256 {
            return Err(BadToken::OtherBytes);
        }
        let imprint = message.take(Tag::OctetString)?.value;
        message.end()?;
        let serial = fields.take(Tag::Integer)?.value;
        let time = moment(fields.take(Tag::GeneralizedTime)?.value)
            .ok_or(BadToken::Form("the time is not as in 20260131093000.5Z"))?;
        let accuracy = fields.take_if(Tag::Sequence)?;
        let accuracy_ms = accuracy.map(|field| accuracy_ms(field.value)).transpose()?;
        fields.take_if(Tag::Boolean)?;
        let nonce = fields.take_if(Tag::Integer)?.map(|field| field.value);
        fields.take_if(context(0))?;
        if let Some(extensions) = fields.take_if(context(1))? {
            nothing_unknown_counts(extensions.value)?;
        }
        fields.end()?;
        Ok(Self { policy, imprint, serial, time, accuracy_ms, nonce })
    }
}

/// `Accuracy`, rounded up to milliseconds.
fn accuracy_ms(bytes: &[u8]) -> Result<u64, BadToken> {
    let mut fields = Fields::of(bytes)?;
    let mut part = |tag: Tag, most: u64| -> Result<u64, BadToken> {
        let Some(field) = fields.take_if(tag)? else { return Ok(0) };
        let number = unsigned(field.value).filter(|number| *number <= most);
        number.ok_or(BadToken::Form("an accuracy is up to 2^32 s, 999 ms and 999 µs"))
    };
    let seconds = part(Tag::Integer, u64::from(u32::MAX))?;
    let (millis, micros) = (part(context_value(0), 999)?, part(context_value(1), 999)?);
    fields.end()?;
    Ok(seconds * 1000 + millis + micros.div_ceil(1000))
}

fn unsigned(value: &[u8]) -> Option<u64> {
    let is_negative = value.first().is_none_or(|first| first & 0x80 != 0);
    let fits = value.len() <= 8 && !is_negative;
    fits.then(|| value.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// An extension that whoever does not know it must not pass over is refused.
fn nothing_unknown_counts(bytes: &[u8]) -> Result<(), BadToken> {
    let mut extensions = Fields::of(bytes)?;
    while !extensions.is_empty() {
        let mut extension = extensions.inside(Tag::Sequence)?;
        extension.oid()?;
        if extension.take_if(Tag::Boolean)?.is_some() {
            return Err(BadToken::Form("a critical extension that is not known here"));
        }
    }
    Ok(())
}

/// `YYYYMMDDhhmmss[.f]Z`, to the millisecond.
fn moment(text: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (text, "0"),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    if whole.len() != 14 || fraction.len() > 9 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let two = |at: usize| whole[at..at + 2].parse::<u8>().ok();
    let year = whole[..4].parse().ok()?;
    let date = DateTime::new(year, two(4)?, two(6)?, two(8)?, two(10)?, two(12)?).ok()?;
    let fraction_ms: u64 = format!("{fraction:0<3}")[..3].parse().ok()?;
    let whole_ms = u64::try_from(date.unix_duration().as_millis()).ok()?;
    Time::from_ms(whole_ms + fraction_ms)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_to_the_millisecond() {
        for (text, time) in [
            ("20260131093000Z", "2026-01-31T09:30:00Z"),
            ("20260131093000.5Z", "2026-01-31T09:30:00.5Z"),
            ("20280229235959.123456Z", "2028-02-29T23:59:59.123Z"),
        ] {
            assert_eq!(moment(text.as_bytes()), Some(time.parse().unwrap()), "{text}");
        }
        for text in [
            "",
            "Z",
            "2026013109300Z",
            "20260131093000",
            "20260131093000.Z",
            "20260229093000Z",
            "20261331093000Z",
            "19690131093000Z",
            "+0260131093000Z",
            "20260131093000.1234567890Z",
            "20260131093000é.5Z",
            "20260131093060Z",
        ] {
            assert_eq!(moment(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn an_accuracy_is_rounded_up_and_bounded() {
        assert_eq!(accuracy_ms(&[2, 1, 1, 0x80, 2, 1, 0xf4, 0x81, 1, 1]), Ok(1501));
        assert_eq!(accuracy_ms(&[]), Ok(0));
        for wrong in [&[2, 1, 0xff][..], &[0x80, 2, 3, 0xe8], &[2, 5, 1, 0, 0, 0, 0], &[0x82, 1, 1]]
        {
            assert!(accuracy_ms(wrong).is_err(), "{wrong:?}");
        }
    }
}
