//! Bodies: read within bounds and within a time, so that no client can hold or flood the server.

use std::time::Duration;

use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;

use super::codes;
use super::problem::Problem;

/// The longest pause between two parts of a body.
pub(super) const PAUSE_MAX: Duration = Duration::from_secs(10);
/// The longest time that a single body may take.
const BODY_MAX: Duration = Duration::from_secs(30);
/// What is read and dropped of a body that is too large, so that its sender hears why.
pub(super) const DROPPED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The body was larger than the limit.
pub(super) struct TooLarge;

/// Reads a whole body of at most `limit_bytes`.
pub(super) async fn read(
    payload: Payload,
    limit_bytes: usize,
) -> Result<Result<Bytes, TooLarge>, Problem> {
    let read = tokio::time::timeout(BODY_MAX, collect(payload, limit_bytes));
    let late = |_| codes::REQUEST_TIMEOUT.because(format!("no whole body in {BODY_MAX:?}"));
    read.await.map_err(late)?
}

async fn collect(
    mut payload: Payload,
    limit_bytes: usize,
) -> Result<Result<Bytes, TooLarge>, Problem> {
    let Some(first) = next_part(&mut payload).await? else { return Ok(Ok(Bytes::new())) };
    let mut body = BytesMut::from(first);
    let mut dropped_bytes = 0;
    while let Some(part) = next_part(&mut payload).await? {
        if dropped_bytes > 0 || body.len() + part.len() > limit_bytes {
            dropped_bytes += part.len();
        } else {
            body.extend_from_slice(&part);
        }
        if dropped_bytes > DROPPED_BYTES_MAX {
            return Ok(Err(TooLarge));
        }
    }
    let fits = dropped_bytes == 0 && body.len() <= limit_bytes;
    Ok(if fits { Ok(body.freeze()) } else { Err(TooLarge) })
}

/// The next part of a body; `None` at its end.
pub(super) async fn next_part(payload: &mut Payload) -> Result<Option<Bytes>, Problem> {
    let next = tokio::time::timeout(PAUSE_MAX, payload.next()).await;
    match next {
        Err(_) => Err(codes::REQUEST_TIMEOUT.because(format!("nothing came for {PAUSE_MAX:?}"))),
        Ok(None) => Ok(None),
        Ok(Some(Ok(part))) => Ok(Some(part)),
        Ok(Some(Err(error))) => Err(codes::BODY_INCOMPLETE.because(error.to_string())),
    }
}

/// The body is of one of these types and not encoded.
pub(super) fn is_of_type(headers: &HeaderMap, accepted: &[&str]) -> Result<(), Problem> {
    if let Some(encoding) = headers.get(header::CONTENT_ENCODING)
        && encoding.as_bytes() != b"identity"
    {
        return Err(codes::ENCODING_NOT_ACCEPTED.because("only identity is taken"));
    }
    let stated = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = stated.and_then(|value| value.split(';').next()).map(str::trim);
    if essence.is_some_and(|essence| accepted.iter().any(|name| name.eq_ignore_ascii_case(essence)))
    {
        return Ok(());
    }
    let detail =
        format!("Content-Type is {}; taken: {}", stated.unwrap_or("absent"), accepted.join(", "));
    Err(codes::MEDIA_TYPE_NOT_ACCEPTED.because(detail))
}
