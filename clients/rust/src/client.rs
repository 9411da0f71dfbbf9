//! The client: one server, asked over HTTP.

mod following;
pub(crate) mod http;
mod kept;
mod reads;
mod writes;

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use chancery_ledger::anchor::Anchor;
use chancery_ledger::hash::Hash;
use reqwest::header::{AUTHORIZATION, HeaderValue};

use crate::access;
use crate::error::Error;
use crate::signer::Signer;
use crate::transition::Transition;
use http::{Http, Request};

pub use kept::KeptRecord;

/// A server of a ledger.
///
/// With an anchor, what the server sends as evidence is checked before it is handed on, and a
/// server of another ledger is refused.
///
/// ```no_run
/// use chancery_client::{Client, Signer, keys};
/// use serde_json::json;
///
/// # async fn example() -> Result<(), chancery_client::Error> {
/// let client = Client::new("http://127.0.0.1:8080")?;
/// let signer = Signer::first(keys::generate()?);
/// let create = json!({
///     "register": "identity", "action": "create", "kind": "person", "key": signer.id().key,
/// });
/// let signing = client.transition().await?.act(create).sign(&signer)?;
/// let receipt = client.submit_and_wait(&signing, 10).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Client {
    http: Http,
    anchor: Option<Mutex<Anchor>>,
    reader: Option<Signer>,
    ledger: OnceLock<Hash>,
}

impl Client {
    /// A client of the server at this address, believed as far as evidence is concerned.
    pub fn new(url: &str) -> Result<Self, Error> {
        Ok(Self::over(Http::new(url, None)?))
    }

    /// A client of the server at this address, whose certificate must be of one of these authorities (certificates in
    /// PEM) and of no other.
    pub fn with_authorities(url: &str, pem: &[u8]) -> Result<Self, Error> {
        Ok(Self::over(Http::new(url, Some(pem))?))
    }

    fn over(http: Http) -> Self {
        Self { http, anchor: None, reader: None, ledger: OnceLock::new() }
    }

    /// The same client, which reads as this party: with each request goes an access token that the
    /// key signs, for this ledger and this server and for a minute.
    ///
    /// The key is a controller key of the party, or a sub-key for authentication.
    pub fn reading_as(mut self, signer: Signer) -> Self {
        self.reader = Some(signer);
        self
    }

    /// The same client, which trusts nothing but this anchor. When the pool has changed since, it
    /// follows the handovers that the server shows, each of which it checks.
    pub fn trusting(mut self, anchor: impl Into<Anchor>) -> Self {
        let anchor = anchor.into();
        self.ledger = OnceLock::from(anchor.ledger());
        self.anchor = Some(Mutex::new(anchor));
        self
    }

    /// What is trusted, as far as it was followed.
    pub fn anchor(&self) -> Option<Anchor> {
        let anchor = self.anchor.as_ref()?;
        Some(anchor.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// The server's address.
    pub fn url(&self) -> &str {
        self.http.base()
    }

    /// How long one request may take.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.http.set_timeout(timeout);
        self
    }

    /// Begins a transition for this server's ledger.
    pub async fn transition(&self) -> Result<Transition, Error> {
        Ok(Transition::on(self.ledger_id().await?))
    }

    /// A request to read, with the token of whoever reads.
    async fn as_reader(&self, request: Request) -> Result<Request, Error> {
        let Some(signer) = &self.reader else { return Ok(request) };
        let ledger = self.ledger_id().await?;
        let token = access::token(signer, &ledger, self.http.origin());
        let value = HeaderValue::try_from(format!("Bearer {token}"));
        let value = value.map_err(|error| self.http.misunderstood("", &error.to_string()))?;
        Ok(request.header(AUTHORIZATION, value))
    }

    /// The id of the ledger: the anchor's, or what the server says.
    pub async fn ledger_id(&self) -> Result<Hash, Error> {
        if let Some(ledger) = self.ledger.get() {
            return Ok(*ledger);
        }
        let ledger = self.ledger().await?.ledger;
        Ok(*self.ledger.get_or_init(|| ledger))
    }
}
