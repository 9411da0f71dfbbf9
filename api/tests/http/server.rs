//! A server of its own for each test: the built binary, a new folder, a free port; a new database where the tests run
//! on PostgreSQL.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use chancery_ledger::key::SecretKey;
use reqwest::header::HeaderMap;
use serde_json::Value;
use tempfile::TempDir;

use crate::postgres;

/// A running server.
pub(crate) struct Server {
    pub(crate) url: String,
    child: Child,
    client: reqwest::Client,
    data: Option<Data>,
}

/// A node's folder. It and the database that goes with it are gone when this is dropped.
pub(crate) struct Data(TempDir);

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Server {
    /// Serves the ledger in a folder.
    pub(crate) fn serve(data: Data) -> Self {
        Self::serve_with(data, &[])
    }

    /// The same with further arguments.
    pub(crate) fn serve_with(data: Data, arguments: &[&str]) -> Self {
        let mut command = data.chanceryd(["serve"]);
        command.args(arguments).env("RUST_LOG", "warn");
        Self::run(command, data)
    }

    /// The same with more in its environment, and with its log in a file.
    pub(crate) fn serve_logging(
        data: Data,
        environment: &[Option<(&str, &str)>],
        level: &str,
        log: File,
    ) -> Self {
        let mut command = data.chanceryd(["serve"]);
        command.envs(environment.iter().copied().flatten()).env("RUST_LOG", level).stderr(log);
        Self::run(command, data)
    }

    fn run(mut command: Command, data: Data) -> Self {
        command.env("CHANCERY_PORT", "0").stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.strip_prefix("listening on ").unwrap().trim().to_owned();
        // The client is built with TLS, which wants to know how even where there is none.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self { url, child, client: client.build().unwrap(), data: Some(data) }
    }

    /// Tells the server to stop, and waits; the folder stays.
    pub(crate) fn stop(mut self) -> Data {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        self.data.take().unwrap()
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

impl Data {
    /// A ledger is founded in it, with this root.
    pub(crate) fn founded(root: &SecretKey) -> Self {
        let data = Self(tempfile::tempdir().unwrap());
        let root = root.public().to_string();
        let init = data.chanceryd(["init", "--name", "Town", "--root-key", &root]).output();
        let init = init.unwrap();
        assert!(init.status.success(), "{init:?}");
        data
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The server's command for this folder.
    pub(crate) fn chanceryd<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chanceryd"));
        command.args(arguments).env("CHANCERY_DATA", self.path()).env_remove("DATABASE_URL");
        command.envs(postgres::url_of(self.path()).map(|url| ("DATABASE_URL", url)));
        command
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        postgres::forget(self.path());
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
