//! No secret is ever logged: not a password, a passphrase, a key or a token, however much is logged and whatever fails.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};

use crate::server::{Data, Server, send};
use crate::tokens::reads_as;
use crate::town::{Town, key, set_card};

/// Everything of ours, and of the libraries what an operator may switch on to look for a fault in the network.
const LOGS_ALL: &str =
    "chancery_api=trace,chancery_ledger=trace,chancery_registries=trace,chanceryd=trace,debug";
const PASSPHRASE: &str = "correct-horse-9f1c-battery";
const PASSWORD: &str = "pa55word-d41d8cd98f";

/// Encrypts the node's key with the passphrase, as an operator does it, and gives the seed that was in it.
fn encrypt_key(data: &Path, passphrase_file: &Path) -> Vec<u8> {
    let file = data.join("node-key.pem");
    let pem = fs::read_to_string(&file).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = BASE64.decode(body.as_bytes()).unwrap();
    let encrypted = data.join("encrypted.pem");
    let openssl = Command::new("openssl")
        .args(["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout"])
        .arg(format!("file:{}", passphrase_file.display()))
        .arg("-in")
        .arg(&file)
        .arg("-out")
        .arg(&encrypted)
        .output()
        .unwrap();
    assert!(openssl.status.success(), "{openssl:?}");
    fs::rename(encrypted, file).unwrap();
    // RFC 8410: the seed is the end of the key.
    der[der.len() - 32..].to_vec()
}

/// What a server says that does not start.
fn fails(data: &Data, more: &[(&str, &str)]) -> String {
    let mut command = data.chanceryd(["serve"]);
    command.envs(more.iter().copied()).env("CHANCERY_PORT", "0").env("RUST_LOG", LOGS_ALL);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(!output.status.success(), "{output:?}");
    [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat()
}

/// The server's own address of its database, with a password in it where it has none of its own.
fn with_password(url: String) -> String {
    let and = if url.contains('?') { '&' } else { '?' };
    format!("{url}{and}password={PASSWORD}")
}

#[tokio::test]
async fn nothing_secret_is_logged() {
    let root = key(1);
    let data = Data::founded(&root);
    let outside = tempfile::tempdir().unwrap();
    let [passphrase_file, wrong_file, log] =
        ["passphrase", "wrong", "log"].map(|name| outside.path().join(name));
    fs::write(&passphrase_file, PASSPHRASE).unwrap();
    fs::write(&wrong_file, "another-passphrase-77").unwrap();
    let seed = encrypt_key(data.path(), &passphrase_file);

    let right = ("CHANCERY_KEY_PASSPHRASE_FILE", passphrase_file.to_str().unwrap());
    let wrong = ("CHANCERY_KEY_PASSPHRASE_FILE", wrong_file.to_str().unwrap());
    let nowhere = format!("postgres://ana:{PASSWORD}@127.0.0.1:1/registry");
    let nonsense = format!("mysql://ana:{PASSWORD}@127.0.0.1/registry");
    let mut said = fails(&data, &[]);
    said += &fails(&data, &[wrong]);
    said += &fails(&data, &[right, ("DATABASE_URL", &nowhere)]);
    said += &fails(&data, &[right, ("DATABASE_URL", &nonsense)]);

    let url = crate::postgres::url_of(data.path()).map(with_password);
    let environment = [Some(right), url.as_deref().map(|url| ("DATABASE_URL", url))];
    let server = Server::serve_logging(data, &environment, LOGS_ALL, File::create(&log).unwrap());
    let town = Town::around(server).await;
    let mut secrets = vec![PASSPHRASE.into(), "another-passphrase-77".into(), PASSWORD.into()];
    secrets.extend([BASE64.encode(&seed), BASE64URL_NOPAD.encode(&seed), HEXLOWER.encode(&seed)]);
    secrets.push(format!("{seed:?}"));
    secrets.extend(uses_tokens(&town).await);
    drop(town.server.stop());

    said += &fs::read_to_string(&log).unwrap();
    assert!(said.contains("http.route"), "nothing was logged:\n{said}");
    for secret in secrets {
        assert!(!secret.is_empty());
        let lines: Vec<&str> = said.lines().filter(|line| line.contains(&secret)).collect();
        assert!(lines.is_empty(), "{secret} stands in the log: {lines:#?}");
    }
}

/// Reads and writes with tokens, good ones and bad ones, where they belong and where not; gives all of them.
async fn uses_tokens(town: &Town) -> Vec<String> {
    for (key, kind) in [(&town.ana, "person"), (&town.bo, "person")] {
        let created = crate::town::create(key, kind);
        assert_eq!(town.signs(created, &[key]).await.status, 202);
    }
    assert_eq!(town.signs(set_card(&town.ana, "1"), &[&town.bo]).await.status, 422);
    let good = reads_as(town, &town.ana);
    let mut broken = reads_as(town, &town.bo);
    broken.replace_range(broken.len() - 2.., "AA");
    let stranger = reads_as(town, &key(99));
    let (mut tokens, path) = (Vec::new(), format!("/v1/identity/{}", town.ana.party()));
    for token in [good, broken, stranger, "s3cret-that-is-no-token".into()] {
        let requests = [
            town.server.request("GET", &path).bearer_auth(&token),
            town.server.request("GET", "/v1/marriages/none/history").bearer_auth(&token),
            town.server.request("GET", &path).basic_auth("ana", Some(&token)),
            town.server.request("POST", "/v1/transitions").bearer_auth(&token).body(token.clone()),
        ];
        for request in requests {
            let answer =
                tokio::time::timeout(Duration::from_secs(10), send(request)).await.unwrap();
            assert!(answer.status < 500, "{}", answer.text());
        }
        let basic = BASE64.encode(format!("ana:{token}").as_bytes());
        tokens.extend([token.rsplit('.').next().unwrap().to_owned(), token, basic]);
    }
    tokens
}
