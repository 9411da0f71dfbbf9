//! Writing: one transition, or many in one request.

use std::time::{Duration, Instant};

use chancery_ledger::code::DUPLICATE;
use chancery_ledger::evidence::Receipt;
use chancery_ledger::hash::Hash;
use chancery_ledger::transition::Signing;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};

use super::Client;
use super::http::Request;
use crate::error::Error;
use crate::wire::{Submitted, Verdict};

/// The longest that a server is asked to wait in one request.
const LONGEST_WAIT_S: u64 = 30;
const TRANSITION: HeaderValue = HeaderValue::from_static("application/jose+json");
const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");
const PREFER: HeaderName = HeaderName::from_static("prefer");

impl Client {
    /// Hands a transition in. What was handed in before is not refused: it is where it was.
    pub async fn submit(&self, signing: &Signing) -> Result<Submitted, Error> {
        match self.http.json(&submission(signing)).await {
            Err(Error::Refused(problem)) if problem.code == DUPLICATE.name => {
                let (id, status) = (signing.id(), DUPLICATE.name.to_owned());
                Ok(Submitted { id, status, position: problem.position, height: None })
            }
            other => other,
        }
    }

    /// Hands a transition in and waits, `wait_s` seconds at most, for its receipt. What was handed
    /// in before gives the receipt that it had, which may be one of refusal: see
    /// [`Receipt::outcome`].
    pub async fn submit_and_wait(&self, signing: &Signing, wait_s: u64) -> Result<Receipt, Error> {
        let until = Instant::now() + Duration::from_secs(wait_s);
        let prefer = HeaderValue::try_from(format!("wait={}", wait_s.min(LONGEST_WAIT_S)))
            .map_err(|error| self.http.misunderstood("", &error.to_string()))?;
        let response = match self.http.send(&submission(signing).header(PREFER, prefer)).await {
            Err(Error::Refused(problem)) if problem.code == DUPLICATE.name => {
                return self.wait_for_receipt(&signing.id(), until, wait_s).await;
            }
            other => other?,
        };
        let status = response.status();
        let body = self.http.read(response).await?;
        if status == StatusCode::ACCEPTED {
            return self.wait_for_receipt(&signing.id(), until, wait_s).await;
        }
        let receipt = self.http.parse("/v1/transitions", &body)?;
        self.checked_receipt(&signing.id(), receipt).await
    }

    /// Hands many in with one request: a verdict each, in order. All are held in memory; send some
    /// thousands at a time.
    pub async fn batch(&self, signings: &[Signing]) -> Result<Vec<Verdict>, Error> {
        let transitions: Vec<Vec<u8>> = signings.iter().map(Signing::to_bytes).collect();
        self.batch_bytes(&transitions).await
    }

    /// The same for transitions that are written down already, on one line each.
    pub async fn batch_bytes(
        &self,
        transitions: &[impl AsRef<[u8]>],
    ) -> Result<Vec<Verdict>, Error> {
        let path = "/v1/transitions/batch";
        let mut body = Vec::new();
        for transition in transitions {
            body.extend_from_slice(transition.as_ref());
            body.push(b'\n');
        }
        let request = Request::post(path, body).header(CONTENT_TYPE, NDJSON);
        let answer = self.http.bytes(&request).await?;
        let lines = answer.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let verdicts: Vec<Verdict> =
            lines.map(|line| self.http.parse(path, line)).collect::<Result<_, _>>()?;
        if verdicts.len() != transitions.len() {
            let (given, sent) = (verdicts.len(), transitions.len());
            let what = format!("{given} verdicts for {sent} transitions");
            return Err(self.http.misunderstood(path, &what));
        }
        Ok(verdicts)
    }

    async fn wait_for_receipt(
        &self,
        id: &Hash,
        until: Instant,
        waited_s: u64,
    ) -> Result<Receipt, Error> {
        let mut pause = Duration::from_millis(20);
        loop {
            match self.receipt(id).await {
                Err(Error::Refused(problem)) if problem.status == 404 => {}
                other => return other,
            }
            if Instant::now() + pause > until {
                return Err(Error::NotYet { id: id.to_string(), waited_s });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }
}

fn submission(signing: &Signing) -> Request {
    Request::post("/v1/transitions", signing.to_bytes()).header(CONTENT_TYPE, TRANSITION)
}
