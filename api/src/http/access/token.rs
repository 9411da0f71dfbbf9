//! Access tokens: short-lived JWTs (RFC 7519) that a party signs for itself, for one ledger and one
//! server.
//!
//! The header is read strictly before anything else: it names the one algorithm and the key, and
//! may hold nothing besides, so that no key, certificate or address comes in with a token. The key
//! that it names counts only if the state says that it speaks for its party now, which is not judged
//! here.

use actix_web::http::header::{self, HeaderValue};
use chancery_ledger::code::Rejection;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::{KeyId, PublicKey, Verifier as StrictVerifier};
use chancery_ledger::time::Time;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{Error as SignatureError, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::http::codes::{self, HttpCode};
use crate::http::problem::Problem;

/// The `typ` of an access token (RFC 8725 3.11).
const TYPE: &str = "chancery-access+jwt";
/// Longer than any that is needed.
const TOKEN_BYTES_MAX: usize = 2048;
/// The longest time for which a token may hold.
const LIFE_MAX_S: u64 = 5 * 60;
/// How far the clock of whoever signed may be ahead.
const SKEW_MAX_S: u64 = 60;

/// What a token says, if the state agrees.
pub(super) struct Token {
    /// The key that signed it, and the party for which it says it speaks.
    pub(super) signer: KeyId,
    /// When it runs out.
    pub(super) expires: Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    #[serde(rename = "iss")]
    _issuer: String,
    aud: Vec<String>,
    iat: u64,
    exp: u64,
}

/// Reads and verifies the token in an Authorization header.
pub(super) fn verify(
    authorization: &HeaderValue,
    ledger: &Hash,
    origins: &[String],
    now: Time,
) -> Result<Token, Problem> {
    let text = bearer(authorization)?;
    let signer = read_header(text)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.leeway = 0;
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation.set_issuer(&[signer.party]);
    validation.set_audience(&[ledger]);
    // Set once for the process; the second time it is there already.
    let _ = STRICT.install_default();
    let key = DecodingKey::from_ed_der(signer.key.as_bytes());
    let decoded = jsonwebtoken::decode::<Claims>(text, &key, &validation);
    let claims = decoded.map_err(|error| problem_of(&error))?.claims;
    is_for_this_server(&claims, origins)?;
    holds_now(&claims, now)?;
    Ok(Token { signer, expires: Time::default().plus_ms(claims.exp.saturating_mul(1000)) })
}

/// A problem that says how to ask as a party.
pub(super) fn refused(code: &'static HttpCode, detail: impl Into<String>) -> Problem {
    let challenge = r#"Bearer error="invalid_token""#;
    code.because(detail.into()).with_header(header::WWW_AUTHENTICATE, challenge)
}

/// The key does not speak for the party, for the reason that the state gives.
pub(super) fn not_of_its_party(rejection: Rejection) -> Problem {
    let Rejection { code, detail, .. } = rejection;
    refused(&codes::TOKEN_NOT_BY_ITS_PARTY, format!("{} {detail}", code.title))
}

fn bearer(authorization: &HeaderValue) -> Result<&str, Problem> {
    let malformed = |detail| refused(&codes::TOKEN_MALFORMED, detail);
    let text = authorization.to_str().map_err(|_| malformed("it is not ASCII"))?;
    let (scheme, token) = text.split_once(' ').ok_or_else(|| malformed("it has no token"))?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(malformed("the scheme is not Bearer"));
    }
    if token.len() > TOKEN_BYTES_MAX {
        return Err(malformed("it is longer than 2048 bytes"));
    }
    Ok(token.trim())
}

fn read_header(token: &str) -> Result<KeyId, Problem> {
    let malformed = |detail: String| refused(&codes::TOKEN_MALFORMED, detail);
    let header = token.split('.').next().unwrap_or_default();
    let bytes = BASE64URL_NOPAD
        .decode(header.as_bytes())
        .map_err(|_| malformed("the header is not base64url".into()))?;
    let header: Header = serde_json::from_slice(&bytes)
        .map_err(|error| malformed(format!("the header is not one of an access token: {error}")))?;
    if header.alg != "EdDSA" {
        return Err(malformed(format!("alg is {:?}, and EdDSA alone is taken", header.alg)));
    }
    if header.typ != TYPE {
        return Err(malformed(format!("typ is {:?}, and not {TYPE}", header.typ)));
    }
    header.kid.parse().map_err(|error| malformed(format!("kid: {error}")))
}

/// A server to which a token was shown must not be able to show it to another.
fn is_for_this_server(claims: &Claims, origins: &[String]) -> Result<(), Problem> {
    if claims.aud.iter().any(|audience| origins.contains(audience)) {
        return Ok(());
    }
    let detail = format!("aud names none of this server's origins: {}", origins.join(", "));
    Err(refused(&codes::TOKEN_NOT_FOR_HERE, detail))
}

/// That it has not expired was checked with the signature.
fn holds_now(claims: &Claims, now: Time) -> Result<(), Problem> {
    let now_s = now.as_ms() / 1000;
    let refused = |detail| Err(refused(&codes::TOKEN_NOT_VALID_NOW, detail));
    if claims.iat > now_s + SKEW_MAX_S {
        return refused("iat lies ahead of this server's clock by more than a minute");
    }
    if claims.exp <= claims.iat || claims.exp - claims.iat > LIFE_MAX_S {
        return refused("exp is not within 5 minutes after iat");
    }
    Ok(())
}

fn problem_of(error: &Error) -> Problem {
    match error.kind() {
        ErrorKind::ExpiredSignature => refused(&codes::TOKEN_NOT_VALID_NOW, "exp has passed"),
        ErrorKind::InvalidAudience => {
            refused(&codes::TOKEN_NOT_FOR_HERE, "aud does not name this ledger")
        }
        ErrorKind::InvalidIssuer => {
            refused(&codes::TOKEN_NOT_BY_ITS_PARTY, "iss is not the party of kid")
        }
        ErrorKind::InvalidSignature => {
            refused(&codes::TOKEN_NOT_BY_ITS_PARTY, "the signature does not verify")
        }
        other => refused(&codes::TOKEN_MALFORMED, format!("{other:?}")),
    }
}

/// The one algorithm, verified in the sense of the ledger: strictly.
static STRICT: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: |algorithm, key| match algorithm {
        Algorithm::EdDSA => Ok(Box::new(Strict::of(key)?)),
        _ => Err(ErrorKind::UnsupportedAlgorithm.into()),
    },
    // No JWK is ever read.
    key_utils: KeyUtils::new_unimplemented(),
};

struct Strict(StrictVerifier);

impl Strict {
    fn of(key: &DecodingKey) -> Result<Self, Error> {
        let bytes = <[u8; 32]>::try_from(key.try_get_as_bytes()?);
        let bytes = bytes.map_err(|_| Error::from(ErrorKind::InvalidKeyFormat))?;
        let verifier = PublicKey::from_bytes(bytes).verifier();
        verifier.map(Self).map_err(|_| ErrorKind::InvalidKeyFormat.into())
    }
}

impl Verifier<Vec<u8>> for Strict {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let signature = <&[u8; 64]>::try_from(signature.as_slice());
        let holds = signature.is_ok_and(|signature| self.0.verify(message, signature));
        holds.then_some(()).ok_or_else(SignatureError::new)
    }
}

impl JwtVerifier for Strict {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}
