//! The worked examples of the pages on the registers, run as they are written against a server: every shell
//! block of a page, one after the other, in one shell that stops at the first line which fails.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::Path;
use std::process::{Command, Output};

use chancery_client::PublicKey;
use chancery_tests::node::{Node, binary, found};
use serde_json::Value;

/// The address that the pages give the server.
const ADDRESS: &str = "http://127.0.0.1:8080";
/// A request that is answered with an error is a line that fails.
const PRELUDE: &str = "set -euo pipefail\ncurl() { command curl -sS --fail-with-body \"$@\"; }\n";

/// The shell blocks of the worked example on a page below `docs/registers`.
fn example(register: &str) -> String {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/registers");
    let page = std::fs::read_to_string(pages.join(register).with_extension("md")).unwrap();
    let (_, example) = page.split_once("## A worked example").unwrap();
    let example = example.split("\n## ").next().unwrap();
    let blocks: Vec<&str> =
        example.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert!(!blocks.is_empty(), "the page on {register} has no example");
    blocks.join("")
}

fn in_folder(folder: &Path, program: &Path, arguments: &[&str]) -> Output {
    let commands = program_folder();
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", commands.display()))
        .env("CHANCERY_KEYS", folder.join("keys"))
        .env("CHANCERY_PASSPHRASE", "correct horse")
        .output()
        .unwrap()
}

fn program_folder() -> std::path::PathBuf {
    binary("chancery").unwrap().parent().unwrap().to_owned()
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn key(folder: &Path, name: &str) -> Value {
    let chancery = binary("chancery").unwrap();
    let made = in_folder(folder, &chancery, &["key", "new", name]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let shown = in_folder(folder, &chancery, &["key", "show", name, "--json"]);
    serde_json::from_slice(&shown.stdout).unwrap()
}

/// Founds a ledger whose root is the key `root`, has these keys made, and runs a page's example.
fn runs(register: &str, keys: &[&str]) {
    if !["bash", "curl", "jq"].into_iter().all(has) {
        println!("skipped: bash, curl and jq are needed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let root = key(folder.path(), "root");
    let root: PublicKey = root["key"].as_str().unwrap().parse().unwrap();
    found(folder.path(), &root).unwrap();
    let node = Node::start(folder.path()).unwrap();
    for name in keys {
        key(folder.path(), name);
    }
    let script = PRELUDE.to_owned() + &example(register).replace(ADDRESS, node.url());
    let output = in_folder(folder.path(), Path::new("bash"), &["-c", &script]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{register}\n{said}\n{error}");
}

#[test]
fn of_artworks() {
    runs("artworks", &["museum", "expert", "ana"]);
}

#[test]
fn of_authorities() {
    runs("authorities", &["carrier", "station", "court", "ana", "bo"]);
}

#[test]
fn of_what_auditors_ask() {
    runs("../auditing", &["carrier", "court", "ana", "bo"]);
}

#[test]
fn of_diplomas() {
    runs("diplomas", &["university", "ana"]);
}

#[test]
fn of_equity() {
    runs("equity", &["acme", "ana", "bo"]);
}

#[test]
fn of_identity() {
    runs("identity", &["agency", "office", "authority", "ana", "bo", "cy"]);
}

#[test]
fn of_land() {
    runs("land", &["registrar", "surveyor", "ana", "bo", "chen", "bank"]);
}

#[test]
fn of_records() {
    runs("records", &["university", "employer", "court", "ana"]);
}

#[test]
fn of_marriages() {
    runs("marriages", &["office", "court", "ana", "bo", "cy", "wu", "xi"]);
}

#[test]
fn of_parcels() {
    runs("parcels", &["carrier", "north", "south", "carla", "cem", "ana", "bo"]);
}

#[test]
fn of_validators() {
    runs("validators", &["harbour", "land"]);
}
