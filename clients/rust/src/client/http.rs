//! Requests: retried when the server is full, bounded in time and size, refusals read as such.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::problem::Problem;
use crate::wire::AsOf;

/// How often a request is sent at most.
const ATTEMPTS: u32 = 6;
/// How long a Retry-After is waited for at most.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The longest answer that is read into memory.
const LONGEST_ANSWER_BYTES: usize = 256 << 20;
/// How long one request may take unless said otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);

/// One server over HTTP.
#[derive(Debug)]
pub(super) struct Http {
    base: String,
    origin: String,
    client: reqwest::Client,
    timeout: Duration,
}

/// What to send.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<bytes::Bytes>,
}

impl Request {
    pub(super) fn get(path: impl Into<String>) -> Self {
        let (query, headers) = (Vec::new(), HeaderMap::new());
        Self { method: Method::GET, path: path.into(), query, headers, body: None }
    }

    pub(super) fn post(path: impl Into<String>, body: Vec<u8>) -> Self {
        Self { method: Method::POST, body: Some(body.into()), ..Self::get(path) }
    }

    pub(super) fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    pub(super) fn at(self, as_of: AsOf) -> Self {
        match as_of {
            AsOf::Now => self,
            AsOf::Height(height) => self.query("as_of", height),
            AsOf::Time(time) => self.query("as_of", time),
        }
    }

    pub(super) fn header(
        mut self,
        name: reqwest::header::HeaderName,
        value: reqwest::header::HeaderValue,
    ) -> Self {
        self.headers.insert(name, value);
        self
    }
}

impl Http {
    pub(super) fn new(url: &str, authorities: Option<&[u8]>) -> Result<Self, Error> {
        let base = url.trim_end_matches('/').to_owned();
        let origin = address(&base)?.origin().ascii_serialization();
        let mut client = builder();
        if let Some(pem) = authorities {
            client = client.tls_certs_only(certificates(pem)?);
        }
        let client =
            client.build().map_err(|source| Error::Unreachable { url: base.clone(), source })?;
        Ok(Self { base, origin, client, timeout: TIMEOUT })
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// The server's origin (RFC 6454).
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Sends until the server takes it or refuses it for good.
    pub(super) async fn send(&self, request: &Request) -> Result<Response, Error> {
        let mut attempt = 1;
        loop {
            let response = self.send_once(request).await?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            match wait_before_retry(&response, attempt) {
                Some(wait) if attempt < ATTEMPTS => {
                    drop(response);
                    tokio::time::sleep(wait).await;
                    attempt += 1;
                }
                _ => return Err(self.refusal(response).await),
            }
        }
    }

    /// Sends and reads the answer's bytes.
    pub(super) async fn bytes(&self, request: &Request) -> Result<Vec<u8>, Error> {
        let response = self.send(request).await?;
        self.read(response).await
    }

    /// Sends and reads the answer's JSON.
    pub(super) async fn json<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Error> {
        let bytes = self.bytes(request).await?;
        self.parse(&request.path, &bytes)
    }

    pub(super) fn parse<T: DeserializeOwned>(&self, path: &str, bytes: &[u8]) -> Result<T, Error> {
        serde_json::from_slice(bytes).map_err(|error| self.misunderstood(path, &error.to_string()))
    }

    pub(super) fn misunderstood(&self, path: &str, what: &str) -> Error {
        Error::Answer { url: format!("{}{path}", self.base), what: what.to_owned() }
    }

    /// Reads an answer within the bound.
    pub(super) async fn read(&self, response: Response) -> Result<Vec<u8>, Error> {
        read_within(response, LONGEST_ANSWER_BYTES).await
    }

    /// Sends once, and gives the answer whatever it is.
    pub(super) async fn send_once(&self, request: &Request) -> Result<Response, Error> {
        let url = format!("{}{}", self.base, request.path);
        let mut builder: RequestBuilder = self
            .client
            .request(request.method.clone(), &url)
            .timeout(self.timeout)
            .query(&request.query)
            .headers(request.headers.clone());
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        builder.send().await.map_err(|source| Error::Unreachable { url, source })
    }

    async fn refusal(&self, response: Response) -> Error {
        let status = response.status().as_u16();
        match self.read(response).await {
            Ok(body) => Error::Refused(Box::new(Problem::read(status, &body))),
            Err(error) => error,
        }
    }
}

/// How everyone is asked: by the name of this software, and nowhere else than at the address that was named.
pub(crate) fn builder() -> reqwest::ClientBuilder {
    // A second call finds it installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("chancery-client/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
}

/// An address that can be asked over HTTP.
pub(crate) fn address(url: &str) -> Result<reqwest::Url, Error> {
    let parsed = reqwest::Url::parse(url).map_err(|_| Error::Url(url.to_owned()))?;
    match matches!(parsed.scheme(), "http" | "https") && parsed.host().is_some() {
        true => Ok(parsed),
        false => Err(Error::Url(url.to_owned())),
    }
}

/// Reads an answer of at most so many bytes.
pub(crate) async fn read_within(mut response: Response, most: usize) -> Result<Vec<u8>, Error> {
    let url = response.url().to_string();
    let mut bytes = Vec::new();
    loop {
        let chunk = response.chunk().await;
        match chunk.map_err(|source| Error::Unreachable { url: url.clone(), source })? {
            None => return Ok(bytes),
            Some(chunk) if bytes.len() + chunk.len() > most => {
                return Err(Error::Answer { url, what: format!("more than {most} bytes") });
            }
            Some(chunk) => bytes.extend_from_slice(&chunk),
        }
    }
}

/// Certificates in PEM; at least one, or nothing would be trusted.
fn certificates(pem: &[u8]) -> Result<Vec<reqwest::Certificate>, Error> {
    let read = reqwest::Certificate::from_pem_bundle(pem).ok();
    read.filter(|certificates| !certificates.is_empty()).ok_or_else(|| Error::Content {
        what: "the certificates of authorities".to_owned(),
        why: "not certificates in PEM".to_owned(),
    })
}

/// How long to wait when the server is full or not ready: what it asks for, else longer each time.
fn wait_before_retry(response: &Response, attempt: u32) -> Option<Duration> {
    let status = response.status();
    if status != StatusCode::TOO_MANY_REQUESTS && status != StatusCode::SERVICE_UNAVAILABLE {
        return None;
    }
    let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let asked = asked.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    let growing = Duration::from_millis(100 << attempt.min(8));
    Some(asked.unwrap_or(growing).min(LONGEST_WAIT))
}
