//! The certificate of a time-stamping authority: for what it is, and to whom it leads (RFC 5280).

use std::time::Duration;

use chancery_ledger::time::Time;
use der::Tag;
use der::asn1::ObjectIdentifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage};

use super::fields::{Field, Fields, context, context_value};
use super::token::BadToken;

/// `id-ce-extKeyUsage` (RFC 5280 4.2.1.12).
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
/// `id-kp-timeStamping` (RFC 3161 2.3).
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
/// The same as the value of its DER, which is how it is compared on the way to an authority.
const TIME_STAMPING_VALUE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];
/// More than anyone names.
const AUTHORITIES_MAX: usize = 1024;

/// Authorities that are trusted: their own certificates, and those on the way to them.
#[derive(Clone, Debug)]
pub struct Authorities(Vec<CertificateDer<'static>>);

/// Why a file names no authorities.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one to {AUTHORITIES_MAX} certificates in PEM: {0}")]
pub struct BadAuthorities(String);

impl Authorities {
    /// Reads certificates in PEM, as `openssl ts -verify -CAfile` takes them.
    pub fn from_pem(pem: &[u8]) -> Result<Self, BadAuthorities> {
        let bad = |what: &dyn std::fmt::Display| BadAuthorities(what.to_string());
        let mut all = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem).take(AUTHORITIES_MAX + 1) {
            let certificate = certificate.map_err(|error| bad(&error))?;
            webpki::anchor_from_trusted_cert(&certificate).map_err(|error| bad(&error))?;
            all.push(certificate);
        }
        match all.len() {
            0 => Err(bad(&"there is none")),
            1..=AUTHORITIES_MAX => Ok(Self(all)),
            _ => Err(bad(&"there are more")),
        }
    }

    /// Checks that a certificate led to one of them at a time, over some of those that came along with it.
    pub(super) fn lead_to(
        &self,
        certificate: &Certificate<'_>,
        along: &[&[u8]],
        at: Time,
    ) -> Result<(), BadToken> {
        let trusted = self.0.iter().map(webpki::anchor_from_trusted_cert);
        let trusted: Vec<TrustAnchor<'_>> = trusted.collect::<Result<_, _>>().map_err(refused)?;
        let along: Vec<_> = along.iter().map(|der| CertificateDer::from(*der)).collect();
        let at = UnixTime::since_unix_epoch(Duration::from_millis(at.as_ms()));
        // What leads there may be for more; the certificate itself may not.
        let usage = KeyUsage::required_if_present(TIME_STAMPING_VALUE);
        let der = CertificateDer::from(certificate.der);
        let certificate = EndEntityCert::try_from(&der).map_err(refused)?;
        let algorithms = webpki::ALL_VERIFICATION_ALGS;
        let path =
            certificate.verify_for_usage(algorithms, &trusted, &along, at, usage, None, None);
        path.map(|_| ()).map_err(refused)
    }
}

fn refused(error: webpki::Error) -> BadToken {
    let what = match error {
        // Of the name of one that is trusted, and not signed by it, is no better than a stranger.
        webpki::Error::UnknownIssuer | webpki::Error::InvalidSignatureForPublicKey => {
            "it leads to no authority that is trusted".to_owned()
        }
        webpki::Error::CertExpired { .. } => "it had expired when the token was made".to_owned(),
        webpki::Error::CertNotValidYet { .. } => {
            "it was not in force yet when the token was made".to_owned()
        }
        other => format!("it is refused: {other}"),
    };
    BadToken::Certificate(what)
}

/// A certificate, as far as it is looked into here.
#[derive(Debug)]
pub(super) struct Certificate<'a> {
    der: &'a [u8],
    serial: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
    extensions: &'a [u8],
}

impl<'a> Certificate<'a> {
    /// Reads it; what is passed over is read again by whoever checks the way to an authority.
    pub(super) fn read(der: &'a [u8]) -> Result<Self, BadToken> {
        let mut fields = Fields::of_sequence(der)?.inside(Tag::Sequence)?;
        fields.take(context(0))?;
        let serial = fields.take(Tag::Integer)?.whole;
        // How it is signed.
        fields.take(Tag::Sequence)?;
        let issuer = fields.take(Tag::Sequence)?.whole;
        // From when and until when it counts.
        fields.take(Tag::Sequence)?;
        let subject = fields.take(Tag::Sequence)?.value;
        // Its key, and two fields that nobody uses any more.
        fields.take(Tag::Sequence)?;
        fields.take_if(context_value(1))?;
        fields.take_if(context_value(2))?;
        let extensions = fields.take_if(context(3))?.map_or(&[][..], |field| field.value);
        Ok(Self { der, serial, issuer, subject, extensions })
    }

    pub(super) fn der(&self) -> &'a [u8] {
        self.der
    }

    /// Whether a signer's `IssuerAndSerialNumber` names it.
    pub(super) fn is(&self, issuer_and_serial: &Field<'_>) -> bool {
        issuer_and_serial.value == [self.issuer, self.serial].concat()
    }

    /// What it names, for people: the parts of the subject, without what could deceive on a screen.
    pub(super) fn subject(&self) -> String {
        let parts = parts_of_name(self.subject).unwrap_or_default();
        let is_plain = |it: char| it.is_alphanumeric() || " .,:-_'()&/@".contains(it);
        parts.join(", ").chars().map(|it| if is_plain(it) { it } else { '?' }).collect()
    }

    /// Checks a signature with its key.
    pub(super) fn verifies(
        &self,
        candidates: &[&dyn SignatureVerificationAlgorithm],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, BadToken> {
        let der = CertificateDer::from(self.der);
        let certificate = EndEntityCert::try_from(&der).map_err(refused)?;
        let verifies = |algorithm: &&dyn SignatureVerificationAlgorithm| {
            certificate.verify_signature(*algorithm, message, signature).is_ok()
        };
        Ok(candidates.iter().any(verifies))
    }

    /// RFC 3161 2.3: it has this one purpose, and whoever does not know the field must not pass over it.
    pub(super) fn is_for_timestamps_alone(&self) -> Result<(), BadToken> {
        let wrong = || {
            BadToken::Certificate("its critical and only purpose is not timeStamping".to_owned())
        };
        let (is_critical, purposes) = self.usage()?.ok_or_else(wrong)?;
        let mut purposes = Fields::of_sequence(purposes)?;
        let is_alone = purposes.oid()? == TIME_STAMPING && purposes.is_empty();
        if is_critical && is_alone { Ok(()) } else { Err(wrong()) }
    }

    /// The extended key usage, and whether it is critical.
    fn usage(&self) -> Result<Option<(bool, &'a [u8])>, BadToken> {
        if self.extensions.is_empty() {
            return Ok(None);
        }
        let mut extensions = Fields::of_sequence(self.extensions)?;
        while !extensions.is_empty() {
            let mut extension = extensions.inside(Tag::Sequence)?;
            let kind = extension.oid()?;
            let is_critical = extension.take_if(Tag::Boolean)?.is_some_and(|it| it.value == [0xff]);
            if kind == EXTENDED_KEY_USAGE {
                return Ok(Some((is_critical, extension.take(Tag::OctetString)?.value)));
            }
        }
        Ok(None)
    }
}

fn parts_of_name(name: &[u8]) -> Result<Vec<String>, BadToken> {
    let (mut parts, mut fields) = (Vec::new(), Fields::of(name)?);
    while !fields.is_empty() {
        let mut part = fields.inside(Tag::Set)?.inside(Tag::Sequence)?;
        part.oid()?;
        parts.push(String::from_utf8_lossy(part.take_any()?.value).into_owned());
    }
    Ok(parts)
}
