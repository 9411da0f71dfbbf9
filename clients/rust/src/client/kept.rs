//! Records that a node keeps: handing in, reading, granting, asking. All of it goes as the party that the client
//! [reads as](Client::reading_as).

use chancery_ledger::party::PartyId;
use chancery_ledger::record::{Disclosure, Record};
use chancery_ledger::time::Time;
use chancery_registries::records::RecordId;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Client;
use super::http::Request;
use crate::error::Error;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What a node shows of a record.
#[derive(Clone, Debug, Deserialize)]
pub struct KeptRecord {
    /// Which.
    pub id: RecordId,
    /// All of it.
    pub record: Option<Record>,
    /// Some of it, with the proof.
    pub disclosure: Option<Disclosure>,
}

impl Client {
    /// Hands in a record, which its keeper has anchored.
    pub async fn keep_record(&self, id: &RecordId, record: &Record) -> Result<(), Error> {
        self.tell(Method::PUT, address(id, ""), Some(json!(record))).await
    }

    /// All of a record, or what was granted of it. What comes is checked against the id's commitment.
    pub async fn kept_record(&self, id: &RecordId) -> Result<KeptRecord, Error> {
        let path = address(id, "");
        let kept: KeptRecord = self.http.json(&self.as_reader(Request::get(&path)).await?).await?;
        let is_it = match (&kept.record, &kept.disclosure) {
            (Some(record), None) => record.commitment() == id.commitment,
            (None, Some(disclosure)) => disclosure.verify(&id.commitment).is_ok(),
            _ => false,
        };
        if kept.id != *id || !is_it {
            return Err(self.http.misunderstood(&path, "it is not the record of that commitment"));
        }
        Ok(kept)
    }

    /// Who has read a record, as the server lists them.
    pub async fn readings(&self, id: &RecordId) -> Result<Value, Error> {
        self.http.json(&self.as_reader(Request::get(address(id, "/readings"))).await?).await
    }

    /// What is granted of a record, as the server lists it.
    pub async fn grants(&self, id: &RecordId) -> Result<Value, Error> {
        self.http.json(&self.as_reader(Request::get(address(id, "/grants"))).await?).await
    }

    /// The requests about a record, as the server lists them.
    pub async fn requests(&self, id: &RecordId) -> Result<Value, Error> {
        self.http.json(&self.as_reader(Request::get(address(id, "/requests"))).await?).await
    }

    /// Lets a party read fields of a record until a moment.
    pub async fn grant(
        &self,
        id: &RecordId,
        party: &PartyId,
        fields: &[String],
        until: Time,
    ) -> Result<(), Error> {
        let body = json!({"party": party, "fields": fields, "until": until});
        self.tell(Method::POST, address(id, "/grants"), Some(body)).await
    }

    /// Takes back what was granted to a party.
    pub async fn revoke_grant(&self, id: &RecordId, party: &PartyId) -> Result<(), Error> {
        self.tell(Method::DELETE, address(id, &format!("/grants/{party}")), None).await
    }

    /// Asks to read fields of a record.
    pub async fn request(&self, id: &RecordId, fields: &[String], why: &str) -> Result<(), Error> {
        let body = json!({"fields": fields, "why": why});
        self.tell(Method::POST, address(id, "/requests"), Some(body)).await
    }

    /// Refuses a party's request, or takes one's own back.
    pub async fn refuse_request(&self, id: &RecordId, party: &PartyId) -> Result<(), Error> {
        self.tell(Method::DELETE, address(id, &format!("/requests/{party}")), None).await
    }

    async fn tell(&self, method: Method, path: String, body: Option<Value>) -> Result<(), Error> {
        let body = body.map(|body| body.to_string().into_bytes().into());
        let request = Request { method, body, ..Request::get(path) };
        let request = self.as_reader(request.header(CONTENT_TYPE, JSON)).await?;
        self.http.bytes(&request).await.map(|_| ())
    }
}

fn address(id: &RecordId, end: &str) -> String {
    format!("/v1/kept/{id}{end}")
}
