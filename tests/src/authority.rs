//! A time-stamping authority and a calendar of our own for tests: a small server over HTTP, and `openssl ts` behind it.

#![allow(clippy::panic, clippy::expect_used)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;

/// What is answered to a request.
pub enum Answer {
    /// A status and a body.
    Body(u16, Vec<u8>),
    /// A body that goes on for as long as somebody reads.
    Endless,
    /// The beginning of a body, and then nothing for as long as somebody waits.
    Stalled,
}

/// A request: its path and its body.
pub struct Request<'a> {
    /// The server's own address, as in `http://127.0.0.1:80`.
    pub server: &'a str,
    /// What is asked for, as in `/digest`.
    pub path: &'a str,
    /// What was sent along.
    pub body: Vec<u8>,
}

/// Serves on a free port until the test ends; gives the address.
pub fn serve(answer: impl Fn(Request<'_>) -> Answer + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let server = format!("http://{}", listener.local_addr().expect("its address"));
    let (address, answer) = (server.clone(), Arc::new(answer));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (server, answer) = (server.clone(), answer.clone());
            // Whoever goes away in between has gone away.
            thread::spawn(move || stream.and_then(|stream| serve_one(stream, &server, &*answer)));
        }
    });
    address
}

fn serve_one(
    mut stream: TcpStream,
    server: &str,
    answer: &dyn Fn(Request<'_>) -> Answer,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut path, mut length) = (String::new(), None, 0);
    while reader.read_line(&mut line)? > 2 {
        let lower = line.to_ascii_lowercase();
        if path.is_none() {
            path = line.split(' ').nth(1).map(str::to_owned);
        } else if let Some(text) = lower.strip_prefix("content-length:") {
            length = text.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let path = path.unwrap_or_default();
    match answer(Request { server, path: &path, body }) {
        Answer::Body(status, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} -\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(&[head.as_bytes(), &body].concat())
        }
        Answer::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[0x30; 4096])?;
            }
        }
        Answer::Stalled => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n0")?;
            reader.read_to_end(&mut Vec::new()).map(|_| ())
        }
    }
}

/// Who issues certificates to authorities, in a folder of its own.
pub struct Issuer(PathBuf);

/// What a certificate of an authority says that it is for (RFC 3161 2.3).
pub const TIME_STAMPING: &str = "extendedKeyUsage=critical,timeStamping";

const CONFIGURATION: &str = "
[req]
distinguished_name = name
prompt = no
[name]
CN = none
[authority]
serial = serial
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.1
other_policies = 1.3.6.1.4.1.32473.2
digests = sha256
accuracy = secs:1, millisecs:500
ordering = yes
[strict]
serial = serial
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.1
other_policies = 1.3.6.1.4.1.32473.2
digests = sha512
";

impl Issuer {
    /// One whose own certificate is `ca.pem`.
    pub fn founded(folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("openssl.cnf"), CONFIGURATION).expect("a configuration");
        fs::write(folder.join("serial"), "01\n").expect("the first number");
        let issuer = Self(folder);
        issuer.openssl(&[
            "req",
            "-config",
            "openssl.cnf",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-subj",
            "/CN=Root",
            "-addext",
            "basicConstraints=critical,CA:TRUE",
        ]);
        issuer
    }

    /// Its own certificate.
    pub fn certificate(&self) -> PathBuf {
        self.0.join("ca.pem")
    }

    /// Gives an authority of this name a key and a certificate with one more extension.
    pub fn issues(&self, name: &str, key: &[&str], extension: &str) {
        let file = |ending: &str| format!("{name}.{ending}");
        let subject = format!("/O=Town/CN={name}");
        let mut request = vec!["req", "-config", "openssl.cnf", "-new", "-nodes", "-newkey"];
        request.extend(key);
        let (key, csr, pem, ext) = (file("key"), file("csr"), file("pem"), file("ext"));
        request.extend(["-keyout", key.as_str(), "-out", &csr, "-subj", &subject]);
        self.openssl(&request);
        let extensions = format!("basicConstraints=critical,CA:FALSE\n{extension}\n");
        fs::write(self.0.join(&ext), extensions).expect("its extensions");
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            &csr,
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-extfile",
            &ext,
            "-out",
            &pem,
        ]);
    }

    /// What an authority answers to a query, in one of the configuration's sections.
    pub fn answers(&self, name: &str, section: &str, query: &[u8]) -> Vec<u8> {
        let (query_file, answer_file) = (format!("{name}.tsq"), format!("{name}.tsr"));
        fs::write(self.0.join(&query_file), query).expect("the query");
        self.openssl(&[
            "ts",
            "-reply",
            "-config",
            "openssl.cnf",
            "-section",
            section,
            "-queryfile",
            &query_file,
            "-signer",
            &format!("{name}.pem"),
            "-inkey",
            &format!("{name}.key"),
            "-out",
            &answer_file,
        ]);
        fs::read(self.0.join(answer_file)).expect("the answer")
    }

    /// The same answer, signed by somebody whom `openssl ts` would not let sign it.
    pub fn signs_again(&self, name: &str, answer: &[u8]) -> Vec<u8> {
        fs::write(self.0.join("answer"), answer).expect("the answer");
        self.openssl(&["ts", "-reply", "-in", "answer", "-token_out", "-out", "token"]);
        self.openssl(&[
            "cms",
            "-verify",
            "-inform",
            "DER",
            "-in",
            "token",
            "-noverify",
            "-binary",
            "-out",
            "stated",
        ]);
        self.openssl(&[
            "cms",
            "-sign",
            "-binary",
            "-nodetach",
            "-nosmimecap",
            "-cades",
            "-md",
            "sha256",
            "-econtent_type",
            "1.2.840.113549.1.9.16.1.4",
            "-signer",
            &format!("{name}.pem"),
            "-inkey",
            &format!("{name}.key"),
            "-in",
            "stated",
            "-outform",
            "DER",
            "-out",
            "token",
        ]);
        let token = fs::read(self.0.join("token")).expect("the token");
        let granted = [&[0x30, 3, 2, 1, 0][..], &token].concat();
        let length = u16::try_from(granted.len()).expect("a short token").to_be_bytes();
        [&[0x30, 0x82][..], &length, &granted].concat()
    }

    /// Whether `openssl ts -verify` takes a token for one of a file.
    pub fn verifies(&self, data: &Path, token: &Path) -> bool {
        let arguments = ["ts", "-verify", "-CAfile", "ca.pem", "-data"];
        let mut command = self.command(&arguments);
        command.arg(data).arg("-in").arg(token);
        command.output().expect("openssl runs").status.success()
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = self.command(arguments).output().expect("openssl runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments:?}: {error}");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(&self.0);
        command
    }
}
