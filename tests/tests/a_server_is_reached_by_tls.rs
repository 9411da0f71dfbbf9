//! A server is reached by TLS: by those who know its authority, by no old version, and by a new certificate as soon as it
//! is there.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use chancery_client::{Client, Error};
use chancery_tests::node::{Node, NodeError, binary, found};
use chancery_tests::town::key_of;
use tempfile::TempDir;

const SETTINGS: &str = "
[req]
distinguished_name = name
prompt = no
[name]
CN = Chancery tests
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[server]
subjectAltName = IP:127.0.0.1,DNS:localhost
";
const NEW_KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/// A folder in which authorities certify servers, as openssl does it.
struct Office(TempDir);

impl Office {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("settings"), SETTINGS).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn openssl(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        command.args(arguments.split(' ')).current_dir(self.0.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "openssl {arguments}: {output:?}");
    }

    /// An authority, and certificate and key of a server that it certifies: `NAME.pem` and `NAME.key`.
    fn certifies(&self, authority: &str, server: &str) {
        let new_key = NEW_KEY.join(" ");
        self.openssl(&format!(
            "req -x509 -config settings -extensions authority -days 2 {new_key} \
             -keyout {authority}.key -out {authority}.pem"
        ));
        self.openssl(&format!(
            "req -config settings {new_key} -keyout {server}.key -out {server}.csr"
        ));
        self.openssl(&format!(
            "x509 -req -in {server}.csr -CA {authority}.pem -CAkey {authority}.key -set_serial 7 \
             -days 2 -extfile settings -extensions server -out {server}.pem"
        ));
        fs::set_permissions(self.file(&format!("{server}.key")), private()).unwrap();
    }

    fn pem(&self, authority: &str) -> Vec<u8> {
        fs::read(self.file(&format!("{authority}.pem"))).unwrap()
    }

    /// Serves a ledger with the certificate and key of this name.
    fn serves(&self, ledger: &Path, server: &str) -> Result<Node, NodeError> {
        let [certificate, key] =
            ["pem", "key"].map(|end| self.file(&format!("{server}.{end}")).display().to_string());
        Node::start_with(ledger, &["--tls-certificate", &certificate, "--tls-key", &key])
    }
}

fn private() -> fs::Permissions {
    fs::Permissions::from_mode(0o600)
}

fn ledger() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    found(folder.path(), &key_of("root").public()).unwrap();
    folder
}

/// What a stock client makes of the server with one version of TLS.
fn handshake(node: &Node, arguments: &[&str]) -> Output {
    let address = node.url().strip_prefix("https://").unwrap();
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", address]).args(arguments).stdin(Stdio::null());
    command.output().unwrap()
}

#[tokio::test]
async fn who_knows_its_authority_talks_to_it_and_nobody_else() {
    let (office, ledger) = (Office::open(), ledger());
    office.certifies("authority", "server");
    office.certifies("stranger", "other");
    let node = office.serves(ledger.path(), "server").unwrap();
    assert!(node.url().starts_with("https://127.0.0.1:"), "{}", node.url());

    let knows = Client::with_authorities(node.url(), &office.pem("authority")).unwrap();
    let knows = knows.trusting(node.genesis().unwrap());
    assert!(knows.ledger().await.unwrap().rest["tip"]["height"].is_u64());
    let trusts_another = Client::with_authorities(node.url(), &office.pem("stranger")).unwrap();
    let trusts_the_usual = Client::new(node.url()).unwrap();
    let in_the_clear = Client::new(&node.url().replace("https", "http")).unwrap();
    for client in [trusts_another, trusts_the_usual, in_the_clear] {
        assert!(matches!(client.ledger().await, Err(Error::Unreachable { .. })));
    }
    assert!(Client::with_authorities(node.url(), b"no certificate").is_err());

    let authorities = reqwest::Certificate::from_pem_bundle(&office.pem("authority")).unwrap();
    let browser = reqwest::Client::builder().tls_certs_only(authorities).build().unwrap();
    let answer = browser.get(format!("{}/healthz", node.url())).send().await.unwrap();
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");

    let told = Command::new(binary("chancery").unwrap())
        .args(["--url", node.url(), "--ca"])
        .arg(office.file("authority.pem"))
        .args(["genesis", "--out"])
        .arg(office.file("genesis.json"))
        .output()
        .unwrap();
    assert!(told.status.success(), "{told:?}");
    let genesis = fs::read(office.file("genesis.json")).unwrap();
    assert_eq!(genesis, node.genesis().unwrap().bytes());

    for (version, spoken) in [("-tls1_3", true), ("-tls1_2", true), ("-tls1_1", false)] {
        // At this level of security openssl itself would speak the old one.
        let said = handshake(&node, &[version, "-cipher", "DEFAULT@SECLEVEL=0"]);
        assert_eq!(said.status.success(), spoken, "{version}: {said:?}");
    }
}

#[tokio::test]
async fn a_certificate_is_renewed_while_it_serves() {
    let (office, ledger) = (Office::open(), ledger());
    office.certifies("authority", "server");
    office.certifies("successor", "renewed");
    let node = office.serves(ledger.path(), "server").unwrap();
    let put = |from: &str, to: &str| fs::rename(office.file(from), office.file(to)).unwrap();
    // One after the other, as renewals are written: for a moment they do not go together.
    put("renewed.pem", "server.pem");
    let before = Client::with_authorities(node.url(), &office.pem("authority")).unwrap();
    before.ledger().await.unwrap();
    put("renewed.key", "server.key");
    let began = Instant::now();
    loop {
        // Each with a connection of its own.
        let after = Client::with_authorities(node.url(), &office.pem("successor")).unwrap();
        match after.ledger().await {
            Ok(_) => break,
            Err(error) => assert!(began.elapsed() < Duration::from_secs(20), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let late = Client::with_authorities(node.url(), &office.pem("authority")).unwrap();
    assert!(matches!(late.ledger().await, Err(Error::Unreachable { .. })));
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let (office, ledger) = (Office::open(), ledger());
    office.certifies("authority", "server");
    office.certifies("stranger", "other");
    let refused = |server: &str, why: &str| match office.serves(ledger.path(), server) {
        Err(NodeError::Ended(said)) => assert!(said.contains(why), "{said}"),
        Err(other) => assert_eq!(other.to_string(), why),
        Ok(_) => assert_eq!(server, why, "it serves"),
    };
    refused("absent", "absent.key: ");
    let copy = |from: &str, to: &str| fs::copy(office.file(from), office.file(to)).unwrap();
    copy("server.pem", "open.pem");
    copy("server.key", "open.key");
    fs::set_permissions(office.file("open.key"), fs::Permissions::from_mode(0o640)).unwrap();
    refused("open", "open.key: others may read this key; set its permissions to 0600");
    copy("server.pem", "mixed.pem");
    copy("other.key", "mixed.key");
    refused("mixed", "mixed.pem with ");
    copy("server.key", "empty.key");
    fs::write(office.file("empty.pem"), "").unwrap();
    refused("empty", "empty.pem: not certificates in PEM");
    copy("server.pem", "noisy.pem");
    fs::write(office.file("noisy.key"), "no key").unwrap();
    fs::set_permissions(office.file("noisy.key"), private()).unwrap();
    refused("noisy", "noisy.key: not an unencrypted private key in PEM");
    let key = office.file("server.key").display().to_string();
    match Node::start_with(ledger.path(), &["--tls-key", &key]) {
        Err(NodeError::Ended(said)) => assert!(said.contains("go together"), "{said}"),
        _ => assert_eq!(key, "", "a key without a certificate is taken"),
    }
}
