//! Access tokens: what a party signs for itself to read what is not public.

use chancery_ledger::hash::Hash;
use data_encoding::BASE64URL_NOPAD;

use crate::clock::now;
use crate::signer::Signer;

/// The token's media type.
const TYPE: &str = "chancery-access+jwt";
/// How long a token holds: long enough for clocks that differ, short enough to be of no use later.
const LIFE_S: u64 = 60;

/// A token for one ledger and the server of one origin.
pub(crate) fn token(signer: &Signer, ledger: &Hash, origin: &str) -> String {
    let (kid, issued_s) = (signer.id(), now().as_ms() / 1000);
    let expires_s = issued_s + LIFE_S;
    // Nothing here has a character that JSON would escape.
    let header = format!(r#"{{"alg":"EdDSA","typ":"{TYPE}","kid":"{kid}"}}"#);
    let claims = format!(
        r#"{{"iss":"{}","aud":["{ledger}","{origin}"],"iat":{issued_s},"exp":{expires_s}}}"#,
        kid.party
    );
    let signed = [header, claims].map(|part| BASE64URL_NOPAD.encode(part.as_bytes())).join(".");
    let signature = signer.key().sign(signed.as_bytes());
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
}
