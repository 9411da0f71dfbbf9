//! A server of its own for each test: the built binary, a new folder, a free port.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use chancery_ledger::key::SecretKey;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// A running server.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) data: tempfile::TempDir,
    child: Child,
    client: reqwest::Client,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Server {
    /// Founds a ledger with this root and serves it.
    pub(crate) fn found(root: &SecretKey) -> Self {
        let data = tempfile::tempdir().unwrap();
        let init = Command::new(env!("CARGO_BIN_EXE_chanceryd"))
            .args(["init", "--name", "Town", "--root-key", &root.public().to_string()])
            .env("CHANCERY_DATA", data.path())
            .output()
            .unwrap();
        assert!(init.status.success(), "{init:?}");
        Self::serve(data)
    }

    /// Serves the ledger in a folder.
    pub(crate) fn serve(data: tempfile::TempDir) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_chanceryd"))
            .env("CHANCERY_DATA", data.path())
            .env("CHANCERY_PORT", "0")
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.strip_prefix("listening on ").unwrap().trim().to_owned();
        // The client is built with TLS, which wants to know how even where there is none.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self { url, data, child, client: client.build().unwrap() }
    }

    /// Tells the server to stop, and waits; the folder stays.
    pub(crate) fn stop(mut self) -> tempfile::TempDir {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        std::mem::replace(&mut self.data, tempfile::tempdir().unwrap())
    }

    /// A request to an address.
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method.parse().unwrap(), format!("{}{path}", self.url))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request("GET", path)).await
    }

    pub(crate) async fn submit(&self, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request("POST", "/v1/transitions");
        send(request.header("content-type", "application/jose+json").body(body)).await
    }

    /// What every refusal must leave as it is.
    pub(crate) async fn state(&self) -> (Value, Value) {
        let ledger = self.get("/v1/ledger").await.json();
        (ledger["tip"]["state_root"].clone(), ledger["tip"]["log_size"].clone())
    }

    /// Where to connect without an HTTP client.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends, and reads the whole answer.
pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The code of a problem, which has everything that a problem has.
    pub(crate) fn code(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}",
            self.text()
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        for member in ["title", "detail", "remedy"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        let code = problem["code"].as_str().unwrap().to_owned();
        assert_eq!(problem["type"], format!("/problems/{code}"));
        code
    }
}
