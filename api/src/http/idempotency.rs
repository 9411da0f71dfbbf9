//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): who sends one is answered the second time as the first.
//!
//! Nothing is kept of keys. A transition takes effect once by its id, and what became of it stands in the ledger, so that
//! the first answer can be given again at any time (ADR 0034).

use actix_web::http::header::{HeaderMap, HeaderName};

use super::codes;
use super::problem::Problem;

/// What a client may call an attempt, to try it again by that name.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest key, in characters without its quotes.
const KEY_CHARS_MAX: usize = 255;

/// Whether a request has a key. One that is no string of structured fields (RFC 9651) is refused.
pub(super) fn is_keyed(headers: &HeaderMap) -> Result<bool, Problem> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY);
    let Some(first) = given.next() else { return Ok(false) };
    if given.next().is_some() {
        return Err(codes::BAD_IDEMPOTENCY_KEY.because("it stands twice"));
    }
    match first.to_str().is_ok_and(is_key) {
        true => Ok(true),
        false => {
            let detail = format!("a string in quotes, of 1 to {KEY_CHARS_MAX} characters");
            Err(codes::BAD_IDEMPOTENCY_KEY.because(detail))
        }
    }
}

/// RFC 9651 3.3.3: visible ASCII and spaces in quotes; a quote or backslash in it stands behind a backslash.
fn is_key(text: &str) -> bool {
    let within = text.trim_matches(' ').strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(within) = within else { return false };
    let mut bytes = within.bytes();
    let mut chars = 0;
    while let Some(byte) = bytes.next() {
        let is_good = match byte {
            b'\\' => matches!(bytes.next(), Some(b'\\' | b'"')),
            b'"' => false,
            byte => (b' '..=b'~').contains(&byte),
        };
        if !is_good {
            return false;
        }
        chars += 1;
    }
    (1..=KEY_CHARS_MAX).contains(&chars)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_string_of_structured_fields() {
        let longest = format!("\"{}\"", "k".repeat(KEY_CHARS_MAX));
        for good in ["\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", " \"a b\" ", r#""\"\\""#, &longest]
        {
            assert!(is_key(good), "{good}");
        }
        let too_long = format!("\"{}\"", "k".repeat(KEY_CHARS_MAX + 1));
        let bad =
            ["", "\"", "\"\"", "bare", "\"open", r#""a\""#, r#""\a""#, "\"a\"b\"", "\"a\";q=1"];
        for bad in bad.into_iter().chain(["\"k\u{e9}\"", "\"a\tb\"", &too_long]) {
            assert!(!is_key(bad), "{bad}");
        }
    }
}
