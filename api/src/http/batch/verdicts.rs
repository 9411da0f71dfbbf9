//! Verdicts as lines of JSON.

use std::str;

use actix_web::web::{Bytes, BytesMut};
use chancery_ledger::code::{self, Rejection};
use chancery_ledger::hash::Hash;
use serde::Serialize;
use utoipa::ToSchema;

use super::lines::Line;
use super::{Problem, Unavailable, Verdict};
use crate::http::metrics::{Metrics, verdict_name};

/// What became of one line of a batch.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineVerdict<'a> {
    /// The line, counted from 1, blank ones included.
    line: u64,
    /// The transition's id, when it is well-formed enough to have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    /// `applied`, `rejected` (in the log, without effect), `waiting` (proof of work: not final yet),
    /// `duplicate`, `refused` (not in the log), or `unavailable`: not judged, send it again.
    #[schema(
        pattern = "^(applied|rejected|waiting|duplicate|refused|unavailable)$",
        example = "applied"
    )]
    status: &'a str,
    /// Its position in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    /// Why it did not take effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    /// What was wrong in this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// Where: a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
}

/// Writes verdicts down, chunk by chunk, into memory that is used again.
#[derive(Default)]
pub(super) struct Verdicts {
    text: BytesMut,
}

/// About as many bytes as a verdict takes.
const VERDICT_BYTES: usize = 128;

impl Verdicts {
    /// The verdicts of a chunk's lines, in their order.
    pub(super) fn write(
        &mut self,
        metrics: &Metrics,
        chunk: Vec<Line>,
        answer: Result<Vec<Verdict>, Unavailable>,
    ) -> Bytes {
        self.text.reserve(chunk.len() * VERDICT_BYTES);
        let unavailable = answer.as_ref().err().cloned();
        let mut verdicts = answer.unwrap_or_default().into_iter();
        for line in chunk {
            match line {
                Line::TooLong(number) => self.too_long(number),
                Line::BrokenOff(number, problem) => self.not_judged(number, &problem),
                Line::Transition(number, _) => match verdicts.next() {
                    Some(verdict) => {
                        metrics.judged(&verdict);
                        self.verdict(number, &verdict);
                    }
                    None => {
                        let why = unavailable.clone().unwrap_or(Unavailable::Stopping);
                        self.not_judged(number, &why.into());
                    }
                },
            }
        }
        self.text.split().freeze()
    }

    fn verdict(&mut self, line: u64, verdict: &Verdict) {
        let (id, position, rejection) = match verdict {
            Verdict::Ordered { id, position, rejection, .. } => {
                (Some(id), Some(*position), rejection.as_ref())
            }
            Verdict::Waits { id } => (Some(id), None, None),
            Verdict::Duplicate { id, position } => (Some(id), Some(*position), None),
            Verdict::Refused { id, rejection } => (id.as_ref(), None, Some(rejection)),
        };
        let mut digits = [0; 64];
        let id = id.map(|id| hexadecimal(id, &mut digits));
        let duplicate = matches!(verdict, Verdict::Duplicate { .. });
        let code = rejection.map(|rejection| rejection.code);
        let code = code.or(duplicate.then_some(&code::DUPLICATE)).map(|code| code.name);
        let detail = rejection.map(|rejection| &*rejection.detail);
        let pointer = rejection.map(|rejection| rejection.pointer.as_str());
        let pointer = pointer.filter(|pointer| !pointer.is_empty());
        let status = verdict_name(verdict);
        self.line(&LineVerdict { line, id, status, position, code, detail, pointer });
    }

    fn too_long(&mut self, line: u64) {
        let rejection: Rejection = code::TOO_LARGE.because("the line is longer than a transition");
        self.verdict(line, &Verdict::Refused { id: None, rejection });
    }

    fn not_judged(&mut self, line: u64, problem: &Problem) {
        let (code, detail) = (Some(problem.code()), Some(problem.detail()));
        let (id, position, pointer) = (None, None, None);
        let status = "unavailable";
        self.line(&LineVerdict { line, id, status, position, code, detail, pointer });
    }

    fn line(&mut self, verdict: &LineVerdict<'_>) {
        // Texts and numbers into memory: writing them down does not fail.
        let written = serde_json::to_writer(BytesWriter(&mut self.text), verdict);
        debug_assert!(written.is_ok());
        self.text.extend_from_slice(b"\n");
    }
}

struct BytesWriter<'a>(&'a mut BytesMut);

impl std::io::Write for BytesWriter<'_> {
    fn write(&mut self, part: &[u8]) -> std::io::Result<usize> {
        self.0.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The hash in hexadecimal, without asking for memory.
fn hexadecimal<'a>(hash: &Hash, digits: &'a mut [u8; 64]) -> &'a str {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in digits.chunks_exact_mut(2).zip(hash.as_bytes()) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    str::from_utf8(digits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_what_a_hash_shows() {
        let hash = Hash::of(&[b"x"]);
        assert_eq!(hexadecimal(&hash, &mut [0; 64]), hash.to_string());
    }
}
