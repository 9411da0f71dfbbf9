//! A server that says whatever a test has it say, about a ledger that it may hold the keys of.

#![allow(clippy::expect_used)]

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use chancery_client::Client;
use chancery_ledger::key::SecretKey;
use chancery_ledger::note;
use chancery_ledger::tile::Tile;
use chancery_ledger::view::View;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Where a log's checkpoint is.
pub const CHECKPOINT: &str = "/v1/log/checkpoint";
/// The longest head of a request.
const HEAD_BYTES_MAX: usize = 16 * 1024;

type Answers = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// The server. What it has no answer to, it has never heard of (404). It ends with the test's runtime.
pub struct Impostor {
    url: String,
    answers: Answers,
}

impl Impostor {
    /// One that knows nothing yet.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn listens() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let answers = Answers::default();
        let served = answers.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Who goes away in the middle hears nothing: that is theirs.
                tokio::spawn(serve(stream, served.clone()));
            }
        });
        Ok(Self { url, answers })
    }

    /// One that begins with the truth about a ledger: its genesis, its blocks, its tiles, no handovers, and its
    /// checkpoint, signed by this key.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn of(view: &View, key: &SecretKey) -> io::Result<Self> {
        let impostor = Self::listens().await?;
        let header = view.tip().header.clone();
        impostor.says("/v1/ledger/genesis", view.genesis().bytes());
        impostor.says(CHECKPOINT, note::signed_checkpoint(&header, key));
        impostor.says("/v1/log/handovers?after=0", r#"{"items": []}"#);
        for height in 0..=header.height {
            let block = view.block_bytes(height).expect("memory does not fail");
            impostor.says(&format!("/v1/blocks/{height}"), block);
        }
        for tile in Tile::all(header.log_size) {
            let bytes = view.tile(&tile).expect("memory does not fail");
            impostor.says(&format!("/v1/log/{tile}"), bytes.expect("the log reaches so far"));
        }
        Ok(impostor)
    }

    /// Answers with this from now on.
    pub fn says(&self, address: &str, body: impl AsRef<[u8]>) {
        self.answers.lock().insert(address.to_owned(), body.as_ref().to_vec());
    }

    /// Has never heard of this from now on. Whether it had.
    pub fn conceals(&self, address: &str) -> bool {
        self.answers.lock().remove(address).is_some()
    }

    /// What it says at an address.
    pub fn said(&self, address: &str) -> Option<Vec<u8>> {
        self.answers.lock().get(address).cloned()
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A client that trusts the genesis of the ledger, and nothing else.
    pub fn client(&self, view: &View) -> Client {
        let client = Client::new(&self.url).expect("the address is one");
        client.trusting(view.genesis().clone())
    }
}

async fn serve(mut stream: TcpStream, answers: Answers) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_BYTES_MAX {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let address = head.split(' ').nth(1).unwrap_or_default();
    let answer = answers.lock().get(address).cloned();
    let (status, body) = match answer {
        Some(body) => ("200 OK", body),
        None => ("404 Not Found", br#"{"code": "unknown", "status": 404}"#.to_vec()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/octet-stream\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    stream.shutdown().await
}
