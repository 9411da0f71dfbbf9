//! What an authority signs: CMS SignedData (RFC 5652) with one signer, whose certificate it names by its hash
//! (RFC 2634, RFC 5035).

use der::Tag;
use der::asn1::ObjectIdentifier;
use ring::digest;
use rustls::pki_types::SignatureVerificationAlgorithm;
use webpki::ring as algorithms;

use super::certificate::Certificate;
use super::fields::{Field, Fields, context};
use super::token::BadToken;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

/// `id-signedData` (RFC 5652 5.1).
const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
/// The attributes that are signed (RFC 5652 11.1 and 11.2, RFC 2634 5.4, RFC 5035 3).
const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
/// Hashes (RFC 5754 2).
pub(super) const SHA_256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
/// Signatures (RFC 5754 3), of which some authorities name the first for RSA with any hash.
const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const RSA_SHA_256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
const RSA_SHA_384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
const RSA_SHA_512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
const ECDSA_SHA_256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
const ECDSA_SHA_384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
/// More certificates than lead from any authority to its root.
const CERTIFICATES_MAX: usize = 16;

/// A signed content, its signer and the certificates that came along.
#[derive(Debug)]
pub(super) struct SignedData<'a> {
    content_type: ObjectIdentifier,
    content: &'a [u8],
    certificates: Vec<&'a [u8]>,
    signer: SignerInfo<'a>,
}

#[derive(Debug)]
struct SignerInfo<'a> {
    identifier: Field<'a>,
    hash: ObjectIdentifier,
    attributes: Field<'a>,
    algorithm: ObjectIdentifier,
    signature: &'a [u8],
}

impl<'a> SignedData<'a> {
    /// Reads it; nothing is believed yet.
    pub(super) fn read(token: &'a [u8], of: &ObjectIdentifier) -> Result<Self, BadToken> {
        let mut info = Fields::of_sequence(token)?;
        if info.oid()? != SIGNED_DATA {
            return Err(BadToken::Form("it is no signed data (RFC 5652)"));
        }
        let mut explicit = info.inside(context(0))?;
        info.end()?;
        let mut fields = explicit.inside(Tag::Sequence)?;
        explicit.end()?;
        // RFC 5652 5.1: the content is no data of any kind, so the version is 3; nothing of 4 or 5 is read.
        if fields.number()? != 3 {
            return Err(BadToken::Form("signed data of another version than 3"));
        }
        let mut hashes = fields.inside(Tag::Set)?;
        let hash = hashes.algorithm()?;
        hashes.end()?;
        let (content_type, content) = content(fields.inside(Tag::Sequence)?)?;
        if content_type != *of {
            return Err(BadToken::Form("what is signed is no timestamp (TSTInfo)"));
        }
        let certificates = certificates(fields.take_if(context(0))?)?;
        fields.take_if(context(1))?;
        let mut signers = fields.inside(Tag::Set)?;
        fields.end()?;
        let signer = SignerInfo::read(signers.inside(Tag::Sequence)?)?;
        // RFC 3161 2.4.2: no other signature than the authority's.
        signers.end()?;
        if signer.hash != hash {
            return Err(BadToken::Form("the signer has another hash than the signed data"));
        }
        Ok(Self { content_type, content, certificates, signer })
    }

    /// What is signed.
    pub(super) fn content(&self) -> &'a [u8] {
        self.content
    }

    /// All certificates that came along.
    pub(super) fn certificates(&self) -> &[&'a [u8]] {
        &self.certificates
    }

    /// Checks the signature, and gives the certificate that it verifies with.
    pub(super) fn verify(&self) -> Result<Certificate<'a>, BadToken> {
        let attributes = Attributes::read(self.signer.attributes.value)?;
        if attributes.content_type != self.content_type {
            return Err(BadToken::Form("what is signed is of another type than the signer says"));
        }
        let hash = hash_of(&self.signer.hash)?;
        if digest::digest(hash, self.content).as_ref() != attributes.digest {
            return Err(BadToken::Signature);
        }
        let named = |der: &&&'a [u8]| attributes.certificates.iter().all(|name| name.is_of(der));
        let der = self.certificates.iter().find(named).copied().ok_or(BadToken::NoCertificate)?;
        let certificate = Certificate::read(der)?;
        if !certificate.is(&self.signer.identifier) {
            return Err(BadToken::Form("the signer's name and number are of another certificate"));
        }
        // RFC 5652 5.4: what is signed is the SET, whatever tag it has in its place.
        let message = [&[0x31][..], &self.signer.attributes.whole[1..]].concat();
        let candidates = self.signer.algorithms()?;
        match certificate.verifies(&candidates, &message, self.signer.signature)? {
            true => Ok(certificate),
            false => Err(BadToken::Signature),
        }
    }
}

/// `EncapsulatedContentInfo`: the type and the content.
fn content(mut fields: Fields<'_>) -> Result<(ObjectIdentifier, &[u8]), BadToken> {
    let content_type = fields.oid()?;
    let mut explicit = fields.inside(context(0))?;
    fields.end()?;
    let content = explicit.take(Tag::OctetString)?.value;
    explicit.end()?;
    Ok((content_type, content))
}

fn certificates(field: Option<Field<'_>>) -> Result<Vec<&[u8]>, BadToken> {
    let mut all = Vec::new();
    let Some(field) = field else { return Ok(all) };
    let mut fields = Fields::of(field.value)?;
    while !fields.is_empty() {
        if all.len() == CERTIFICATES_MAX {
            return Err(BadToken::Form("more than 16 certificates"));
        }
        all.push(fields.take(Tag::Sequence)?.whole);
    }
    Ok(all)
}

impl<'a> SignerInfo<'a> {
    fn read(mut fields: Fields<'a>) -> Result<Self, BadToken> {
        // RFC 5652 5.3: version 1 names the certificate by its issuer and its number.
        if fields.number()? != 1 {
            return Err(BadToken::Form("a signer of another version than 1"));
        }
        let identifier = fields.take(Tag::Sequence)?;
        let hash = fields.algorithm()?;
        let attributes = fields.take(context(0))?;
        let algorithm = fields.algorithm()?;
        let signature = fields.take(Tag::OctetString)?.value;
        fields.take_if(context(1))?;
        fields.end()?;
        Ok(Self { identifier, hash, attributes, algorithm, signature })
    }

    /// What the signature may be checked with: the key of the certificate says which of them it is.
    fn algorithms(&self) -> Result<Vec<&'static dyn SignatureVerificationAlgorithm>, BadToken> {
        let ecdsa_256 = || vec![algorithms::ECDSA_P256_SHA256, algorithms::ECDSA_P384_SHA256];
        let ecdsa_384 = || vec![algorithms::ECDSA_P256_SHA384, algorithms::ECDSA_P384_SHA384];
        match (self.algorithm, self.hash) {
            (RSA | RSA_SHA_256, SHA_256) => Ok(vec![algorithms::RSA_PKCS1_2048_8192_SHA256]),
            (RSA | RSA_SHA_384, SHA_384) => Ok(vec![algorithms::RSA_PKCS1_2048_8192_SHA384]),
            (RSA | RSA_SHA_512, SHA_512) => Ok(vec![algorithms::RSA_PKCS1_2048_8192_SHA512]),
            (ECDSA_SHA_256, SHA_256) => Ok(ecdsa_256()),
            (ECDSA_SHA_384, SHA_384) => Ok(ecdsa_384()),
            (other, _) => Err(BadToken::Algorithm(other)),
        }
    }
}

/// The signed attributes that count; each is there once.
struct Attributes<'a> {
    content_type: ObjectIdentifier,
    digest: &'a [u8],
    certificates: Vec<CertificateName<'a>>,
}

impl<'a> Attributes<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, BadToken> {
        let (mut content_type, mut digest, mut v1, mut v2) = (None, None, None, None);
        let mut fields = Fields::of(bytes)?;
        while !fields.is_empty() {
            let mut attribute = fields.inside(Tag::Sequence)?;
            let kind = attribute.oid()?;
            let mut values = attribute.inside(Tag::Set)?;
            attribute.end()?;
            let is_again = match kind {
                CONTENT_TYPE => content_type.replace(values.oid()?).is_some(),
                MESSAGE_DIGEST => digest.replace(values.take(Tag::OctetString)?.value).is_some(),
                SIGNING_CERTIFICATE => v1.replace(CertificateName::read(&mut values, 1)?).is_some(),
                SIGNING_CERTIFICATE_V2 => {
                    v2.replace(CertificateName::read(&mut values, 2)?).is_some()
                }
                _ => continue,
            };
            values.end()?;
            if is_again {
                return Err(BadToken::Form("a signed attribute is there twice"));
            }
        }
        let certificates: Vec<_> = v1.into_iter().chain(v2).collect();
        match (content_type, digest) {
            (Some(content_type), Some(digest)) if !certificates.is_empty() => {
                Ok(Self { content_type, digest, certificates })
            }
            _ => Err(BadToken::Form("its type, digest or certificate is not among what is signed")),
        }
    }
}

/// `ESSCertID` or `ESSCertIDv2`: a certificate by its hash.
struct CertificateName<'a> {
    hash: &'static digest::Algorithm,
    value: &'a [u8],
}

impl<'a> CertificateName<'a> {
    fn read(values: &mut Fields<'a>, version: u8) -> Result<Self, BadToken> {
        let mut attribute = values.inside(Tag::Sequence)?;
        // The first is the signer's; the others, and policies, say nothing of who has signed.
        let mut first = attribute.inside(Tag::Sequence)?.inside(Tag::Sequence)?;
        let hash = match version {
            1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            _ if first.is_next(Tag::Sequence) => hash_of(&first.algorithm()?)?,
            _ => &digest::SHA256,
        };
        Ok(Self { hash, value: first.take(Tag::OctetString)?.value })
    }

    fn is_of(&self, certificate: &[u8]) -> bool {
        digest::digest(self.hash, certificate).as_ref() == self.value
    }
}

fn hash_of(oid: &ObjectIdentifier) -> Result<&'static digest::Algorithm, BadToken> {
    match *oid {
        SHA_256 => Ok(&digest::SHA256),
        SHA_384 => Ok(&digest::SHA384),
        SHA_512 => Ok(&digest::SHA512),
        other => Err(BadToken::Algorithm(other)),
    }
}
