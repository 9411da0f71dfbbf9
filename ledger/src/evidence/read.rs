//! Reading evidence in whichever of its forms it is handed over: JSON, compact, or codes.

use std::borrow::Cow;

use super::code::{self, NotACode};
use super::compact::{COMPACT_BYTES_MAX, FIRST_BYTES};
use super::{Evidence, NotCompact, cose};
use crate::anchor::Anchor;

/// No evidence is longer in any form: JSON takes four characters for three bytes.
pub const EVIDENCE_BYTES_MAX: usize = 2 * COMPACT_BYTES_MAX;

/// Why bytes are no evidence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is too long to be evidence.
    #[error("form: {0} bytes are too long for evidence")]
    TooLong(usize),
    /// It is neither a code nor compact, and not in JSON as it must be.
    #[error("form: {0}")]
    Json(String),
    /// It begins as a code does, and is none.
    #[error("{0}")]
    Code(#[from] NotACode),
    /// It begins as compact evidence does, and is none for this anchor.
    #[error("{0}")]
    Compact(#[from] NotCompact),
    /// It begins as a receipt in COSE does, which does not hold what it is about.
    #[error(
        "form: a receipt in COSE needs the entry that it is about, and a verifier of RFC 9942; the receipt in \
         JSON or compact holds it, with the seal"
    )]
    Cose,
}

impl Unreadable {
    /// The name of the check that fails.
    pub fn check(&self) -> &'static str {
        match self {
            Self::Compact(error) => error.check(),
            Self::TooLong(_) | Self::Json(_) | Self::Code(_) | Self::Cose => "form",
        }
    }
}

impl Evidence {
    /// Reads evidence in JSON, in its compact form, or as the text of its code. The parts of a code
    /// stand on a line each.
    pub fn read(bytes: &[u8], anchor: &Anchor) -> Result<Self, Unreadable> {
        let bytes = uncoded(bytes)?;
        if bytes.first().is_some_and(|first| FIRST_BYTES.contains(first)) {
            return Ok(Self::from_compact(&bytes, anchor)?);
        }
        if bytes.starts_with(&cose::FIRST_BYTES) {
            return Err(Unreadable::Cose);
        }
        let evidence = serde_json::from_slice(&bytes);
        evidence.map_err(|error| Unreadable::Json(error.to_string()))
    }
}

/// The bytes themselves, or what the codes that they are the text of stand for: compact evidence.
pub(super) fn uncoded(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Unreadable> {
    if bytes.len() > EVIDENCE_BYTES_MAX {
        return Err(Unreadable::TooLong(bytes.len()));
    }
    if !code::is_code(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| NotACode("it is not text"))?;
    let compact = code::from_codes(text.lines())?;
    match compact.first() {
        Some(first) if FIRST_BYTES.contains(first) => Ok(Cow::Owned(compact)),
        _ => Err(NotACode("it holds no compact evidence").into()),
    }
}
