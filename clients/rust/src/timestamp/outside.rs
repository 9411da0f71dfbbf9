//! Asking others: time-stamping authorities over HTTP (RFC 3161 3.4) and calendars of OpenTimestamps. What they
//! answer is bounded, and checked before it is handed on.

use std::time::Duration;

use chancery_ledger::hash::Hash;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{RequestBuilder, Response, StatusCode};

use super::certificate::Authorities;
use super::proof::{Attestation, CALENDAR_BYTES_MAX, Reached};
use super::steps::Steps;
use super::token::{TOKEN_BYTES_MAX, Token, request};
use crate::client::http::{address, builder, read_within};
use crate::error::Error;
use crate::ids::random_bytes;

/// What calendars give (`calendar.py`).
const STEPS_TYPE: &str = "application/vnd.opentimestamps.v1";

/// Asks authorities and calendars.
#[derive(Debug)]
pub struct Outside {
    client: reqwest::Client,
}

impl Outside {
    /// Each of them has so long for its whole answer.
    pub fn new(timeout: Duration) -> Result<Self, Error> {
        let client = builder().timeout(timeout).build();
        let client = client.map_err(|source| Error::Unreachable { url: String::new(), source })?;
        Ok(Self { client })
    }

    /// Has an authority stamp some bytes, by their SHA-256: its answer, to keep, and what it says.
    ///
    /// # Errors
    /// When it cannot be reached, or its answer does not hold: see [`Token::answers`].
    pub async fn token(
        &self,
        authority: &str,
        imprint: &Hash,
        trusted: Option<&Authorities>,
    ) -> Result<(Vec<u8>, Token), Error> {
        let nonce = random_bytes()?;
        let request = self
            .client
            .post(address(authority)?)
            .header(CONTENT_TYPE, "application/timestamp-query")
            .header(ACCEPT, "application/timestamp-reply")
            .body(request(imprint, &nonce));
        let response = found(authority, send(authority, request).await?)?;
        let answer = read_within(response, TOKEN_BYTES_MAX).await?;
        let token = Token::answers(&answer, imprint, &nonce, trusted);
        let token = token.map_err(|error| refused(authority, &error))?;
        Ok((answer, token))
    }

    /// Hands a SHA-256 to a calendar: the steps from there to what it promises.
    pub async fn promise(&self, calendar: &str, digest: &Hash) -> Result<Steps, Error> {
        let url = format!("{}/digest", calendar.trim_end_matches('/'));
        let body = digest.as_bytes().to_vec();
        let request = self.client.post(address(&url)?).header(ACCEPT, STEPS_TYPE).body(body);
        let response = found(&url, send(&url, request).await?)?;
        let answer = read_within(response, CALENDAR_BYTES_MAX).await?;
        Steps::read(&answer, digest.as_bytes().len()).map_err(|error| refused(&url, &error))
    }

    /// Asks the calendar of a promise for what has come of it; `None` while nothing has.
    pub async fn completion(&self, promise: &Reached) -> Result<Option<Steps>, Error> {
        let Attestation::Pending { calendar } = &promise.attestation else { return Ok(None) };
        let commitment = data_encoding::HEXLOWER.encode(&promise.message);
        let url = format!("{}/timestamp/{commitment}", calendar.trim_end_matches('/'));
        let request = self.client.get(address(&url)?).header(ACCEPT, STEPS_TYPE);
        let response = send(&url, request).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let answer = read_within(found(&url, response)?, CALENDAR_BYTES_MAX).await?;
        let steps = Steps::read(&answer, promise.message.len());
        let steps = steps.map_err(|error| refused(&url, &error))?;
        let mut has_come = false;
        steps.each(&promise.message, &mut |_, attestation| {
            has_come |= !matches!(attestation, Attestation::Pending { .. });
        });
        Ok(has_come.then_some(steps))
    }
}

async fn send(url: &str, request: RequestBuilder) -> Result<Response, Error> {
    request.send().await.map_err(|source| Error::Unreachable { url: url.to_owned(), source })
}

fn found(url: &str, response: Response) -> Result<Response, Error> {
    match response.status() {
        StatusCode::OK => Ok(response),
        status => Err(refused(url, &format!("status {status}"))),
    }
}

fn refused(url: &str, what: &dyn std::fmt::Display) -> Error {
    Error::Answer { url: url.to_owned(), what: what.to_string() }
}
