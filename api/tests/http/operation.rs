//! Running the server: starting and stopping in good order, figures, health.

use std::io::Read;
use std::net::TcpStream;
use std::process::Command;

use crate::server::Server;
use crate::town::{Town, set_card};

#[tokio::test]
async fn stopping_loses_nothing() {
    let town = Town::settled().await;
    assert_eq!(town.signs(set_card(&town.ana, "1"), &[&town.ana]).await.status, 202);
    let before = town.server.state().await;
    let path = format!("/v1/identity/{}", town.ana.party());
    let object = town.server.get(&path).await.json();
    // A stream that is open does not keep the server from stopping.
    let _stream = town.server.request("GET", "/v1/events").send().await.unwrap();
    let server = Server::serve(town.server.stop());
    assert_eq!(server.state().await, before);
    assert_eq!(server.get(&path).await.json(), object);
}

#[tokio::test]
async fn figures_and_health() {
    let town = Town::settled().await;
    assert_eq!(town.server.get("/healthz").await.text(), "ok\n");
    assert_eq!(town.server.get("/readyz").await.json()["status"], "ready");
    let figures = town.server.get("/metrics").await.text();
    for line in [
        "chancery_log_entries 4",
        "chancery_halted 0",
        "chancery_verdicts_total{verdict=\"applied\"} 4",
        "chancery_http_requests_total{method=\"POST\",route=\"/v1/transitions\",status=\"202\"} 4",
    ] {
        assert!(figures.lines().any(|figure| figure == line), "{line} is not in\n{figures}");
    }
    assert!(figures.contains("chancery_disk_bytes{file=\"blocks\"}"));
}

#[test]
fn a_ledger_is_founded_only_in_an_empty_folder() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("x"), "").unwrap();
    let key = crate::town::key(1).public().to_string();
    let init = |folder: &std::path::Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chanceryd"));
        command.args(["init", "--name", "T", "--root-key", &key]).env("CHANCERY_DATA", folder);
        command.output().unwrap()
    };
    assert!(!init(data.path()).status.success());
    let folder = data.path().join("new");
    assert!(init(&folder).status.success());
    let key_file = std::fs::metadata(folder.join("node-key.pem")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&key_file.permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn nothing_is_served_where_nothing_is() {
    let data = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_chanceryd"));
    let output = command.env("CHANCERY_DATA", data.path()).output().unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("chanceryd init"));
}

#[tokio::test]
async fn projections_are_made_anew() {
    let town = Town::settled().await;
    let path = "/v1/transitions?register=authorities";
    let before = town.server.get(path).await.json();
    let data = town.server.stop();
    let output = data.chanceryd(["rebuild"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let server = Server::serve(data);
    assert_eq!(server.get(path).await.json(), before);
}

#[tokio::test]
async fn headers_that_never_end_are_cut_off() {
    let town = Town::empty().await;
    let address = town.server.address().to_owned();
    let cut_off = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        std::io::Write::write_all(&mut stream, b"GET / HTTP/1.1\r\nHost: x\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(cut_off.await.unwrap().starts_with("HTTP/1.1 408"));
}
