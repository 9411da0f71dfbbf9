//! A university awards its diplomas from a table, loses power in the middle, goes on, revokes one; and an
//! employer checks what a graduate shows.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use chancery_client::now;
use chancery_tests::node::binary;
use chancery_tests::town::{Town, party};
use serde_json::{Value, json};

/// How many graduate at once; `CHANCERY_GRADUATES` says otherwise.
const GRADUATES: usize = 1_500;

/// A town with an accredited university, whose key is at hand.
async fn town() -> (Town, String) {
    let town = Town::founded();
    town.welcomes(&["ana"]).await;
    does(&town, "key new university", &[]);
    does(&town, "identity create university --kind organisation", &[]);
    let university = does(&town, "key show university", &[])["party"].as_str().unwrap().to_owned();
    let accredit = json!({
        "register": "authorities", "action": "accredit", "accreditation": "university-1",
        "by": party("root"), "institution": university, "role": "university",
        "registers": ["diplomas"], "scope": "all degrees",
    });
    town.did(&["root"], accredit).await;
    (town, university)
}

fn command(town: &Town, words: &str, more: &[&str]) -> Command {
    let mut command = Command::new(binary("chancery").unwrap());
    command
        .args(words.split(' '))
        .args(more)
        .args(["--json", "--url", town.node().url(), "--anchor", "data/genesis.json"])
        .current_dir(town.folder())
        .env("CHANCERY_KEYS", town.folder().join("keys"))
        .env("CHANCERY_PASSPHRASE", "correct horse");
    command
}

fn run(town: &Town, words: &str, more: &[&str]) -> (Output, Value) {
    let output = command(town, words, more).output().unwrap();
    let said = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output, said)
}

#[track_caller]
fn does(town: &Town, words: &str, more: &[&str]) -> Value {
    let (output, said) = run(town, words, more);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words} {more:?}: {error}");
    said
}

#[track_caller]
fn fails(town: &Town, words: &str, more: &[&str]) -> Value {
    let (output, said) = run(town, words, more);
    assert_eq!(output.status.code(), Some(1), "{words}: it should have failed");
    said
}

fn today() -> String {
    now().to_string()[..10].to_owned()
}

/// A row for each graduate.
fn table(town: &Town, file: &str, rows: usize) {
    let (holder, day) = (party("ana"), today());
    let mut table = "serial,holder,awarded,name,degree,grade\n".to_owned();
    for number in 1..=rows {
        writeln!(table, "B-{number},{holder},{day},Graduate {number},Bachelor of Arts,1.7")
            .unwrap();
    }
    fs::write(town.folder().join(file), table).unwrap();
}

#[tokio::test]
async fn a_table_with_mistakes_issues_nothing_and_says_where_they_are() {
    let (town, _) = town().await;
    let (holder, day) = (party("ana"), today());
    let rows = [
        "serial,holder,awarded,name".to_owned(),
        format!("B-1,{holder},{day},Ana"),
        format!("B-2,nobody,{day},Bo"),
        format!("B-3,{holder},2026-02-30,Cy"),
        format!("B-1,{holder},{day},Ana again"),
    ];
    fs::write(town.folder().join("wrong.csv"), rows.join("\n")).unwrap();
    let tip = town.tip().await;
    for dry_run in [&["--dry-run"][..], &[]] {
        let said = fails(&town, "diplomas issue wrong.csv --as university", dry_run);
        let mistakes = said["mistakes"].as_array().unwrap().iter();
        let mut places: Vec<(u64, &str)> = mistakes
            .map(|it| (it["row"].as_u64().unwrap(), it["column"].as_str().unwrap()))
            .collect();
        places.sort_unstable();
        assert_eq!(places, [(3, "holder"), (4, "awarded"), (5, "serial")], "{said:#}");
        assert_eq!(town.tip().await, tip);
    }
}

#[tokio::test]
async fn an_issue_that_was_killed_in_the_middle_is_run_again_and_issues_each_once() {
    let (town, university) = town().await;
    let graduates = std::env::var("CHANCERY_GRADUATES").ok().and_then(|text| text.parse().ok());
    let graduates: usize = graduates.unwrap_or(GRADUATES);
    table(&town, "graduates.csv", graduates);
    let issue = "diplomas issue graduates.csv --as university";
    let mut first = command(&town, issue, &[]);
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // As soon as the first have been issued, the command is killed.
    let path = format!("diplomas/{university}.B-1").parse().unwrap();
    while town.client().object(&path, chancery_client::AsOf::Now).await.is_err() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    first.kill().unwrap();
    first.wait().unwrap();

    let second = does(&town, issue, &[]);
    let (issued, before) = (&second["issued"], &second["already_issued"]);
    assert_eq!(issued.as_u64().unwrap() + before.as_u64().unwrap(), graduates as u64, "{second:#}");
    assert!(before.as_u64().unwrap() > 0, "{second:#}");
    let third = does(&town, issue, &[]);
    assert_eq!((&third["issued"], &third["already_issued"]), (&json!(0), &json!(graduates)));
    for number in [1, graduates / 2, graduates] {
        assert_eq!(town.history(&format!("diplomas/{university}.B-{number}")).await.len(), 1);
    }
    let kept = fs::read_dir(town.folder().join("graduates.issued/records")).unwrap().count();
    assert_eq!(kept, graduates, "the private record of each is there");
}

#[tokio::test]
async fn an_employer_checks_what_a_graduate_shows_until_it_is_revoked() {
    let (town, university) = town().await;
    table(&town, "graduates.csv", 3);
    does(&town, "diplomas issue graduates.csv --as university", &[]);

    // Ana shows her name and her degree, and not her grade.
    let record = "graduates.issued/records/B-2.json";
    let disclose =
        format!("diplomas disclose {record} --field name --field degree --out shown.json");
    does(&town, &disclose, &[]);
    let shown = fs::read_to_string(town.folder().join("shown.json")).unwrap();
    assert!(shown.contains("Graduate 2") && !shown.contains("1.7"), "{shown}");
    does(&town, "diplomas check --disclosure shown.json", &[]);
    fs::write(town.folder().join("forged.json"), shown.replace("Bachelor", "Doctor")).unwrap();
    fails(&town, "diplomas check --disclosure forged.json", &[]);

    // All that the ledger has of it, and what she shows, go into one file.
    let credential = format!("{university}.B-2");
    let bundle = format!("bundle diplomas/credential/{credential} --out bundle.json");
    fails(&town, &bundle, &["--disclosure", "forged.json"]);
    does(&town, &bundle, &["--disclosure", "shown.json"]);
    let bundled = does(&town, "verify bundle.json", &[]);
    assert_eq!(bundled["records"][0]["fields"][0]["value"], "Graduate 2", "{bundled:#}");
    assert_eq!(bundled["versions"][0]["actions"], serde_json::json!(["diplomas.issue"]));
    let print = format!("certificate diplomas/credential/{credential} --out diploma.pdf");
    fails(&town, &print, &["--disclosure", "forged.json"]);
    let printed = does(&town, &print, &["--disclosure", "shown.json"]);
    assert!(printed["codes"][0].as_str().unwrap().starts_with("CH1:"), "{printed:#}");
    let pdf = fs::read(town.folder().join("diploma.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-1.") && pdf.len() > 10_000, "{} bytes", pdf.len());

    // It turns out to be another's work.
    let revoke = format!("diplomas revoke {credential} --by university");
    does(&town, &revoke, &["--reason", "obtained-by-deceit"]);
    fails(&town, "diplomas check --disclosure shown.json", &[]);
    let standing = does(&town, &format!("ask diplomas/{credential} standing"), &[]);
    assert!(standing["answer"].to_string().contains("obtained-by-deceit"), "{standing:#}");
    does(&town, &format!("diplomas check {university}.B-1"), &[]);
}

/// The number of a record's commitment is all that these stories need of it.
fn commitment(digit: char) -> String {
    digit.to_string().repeat(64)
}

/// A town with a university that has awarded Ana the degree `B-1`, all over HTTP.
async fn town_with_a_degree() -> (Town, String) {
    let town = Town::founded();
    town.welcomes(&["ana"]).await;
    town.opens(&["university"]).await;
    town.accredits("root", "university", "university", "diplomas").await;
    let university = party("university").to_string();
    let issue = json!({
        "register": "diplomas", "action": "issue", "institution": university, "serial": "B-1",
        "kind": "award", "holder": party("ana"), "awarded": today(), "record": commitment('1'),
    });
    town.did(&["university"], issue).await;
    (town, university)
}

#[tokio::test]
async fn a_graduate_takes_a_new_name_and_neither_credential_leads_to_the_other() {
    let (town, university) = town_with_a_degree().await;
    let (old, new) = (format!("{university}.B-1"), format!("{university}.N-7719"));
    let reissue = json!({
        "register": "diplomas", "action": "reissue", "credential": old, "serial": "N-7719",
        "record": commitment('2'),
    });
    town.refuses(&["ana"], reissue.clone(), "signer-missing").await;
    town.did(&["university"], reissue.clone()).await;

    // Whoever checks the old copy learns that it stands no longer, and not what took its place.
    let was = town.sees(&format!("diplomas/{old}")).await;
    let is = town.sees(&format!("diplomas/{new}")).await;
    assert!(!was.to_string().contains("N-7719"), "{was:#}");
    assert!(!is.to_string().contains("B-1"), "{is:#}");
    let standing = does(&town, &format!("ask diplomas/{old} standing"), &[])["answer"].clone();
    assert_eq!((&standing["stands"], &standing["superseded_by"]), (&json!(false), &Value::Null));
    assert!(!standing.to_string().contains("N-7719"), "{standing:#}");
    // The new one stands as the old one did: of the same holder and day.
    let standing = does(&town, &format!("ask diplomas/{new} standing"), &[])["answer"].clone();
    assert_eq!((&standing["stands"], &standing["awarded"]), (&json!(true), &json!(today())));
    assert_eq!(standing["holder"], json!(party("ana")));
    assert!(!standing.to_string().contains("B-1"), "{standing:#}");
    // What is superseded stays so.
    let again = json!({
        "register": "diplomas", "action": "reissue", "credential": old, "serial": "N-7720",
        "record": commitment('3'),
    });
    town.refuses(&["university"], again, "diploma-not-current").await;
}

#[tokio::test]
async fn a_mistake_is_corrected_twice_and_every_copy_leads_to_what_is_right() {
    let (town, university) = town_with_a_degree().await;
    let correct = |of: &str, serial: &str, record: char| {
        json!({
            "register": "diplomas", "action": "correct", "credential": format!("{university}.{of}"),
            "serial": serial, "awarded": today(), "record": commitment(record),
        })
    };
    town.refuses(&["university"], correct("B-1", "B-1-B", '1'), "diploma-record-unchanged").await;
    town.did(&["university"], correct("B-1", "B-1-B", '2')).await;
    town.did(&["university"], correct("B-1-B", "B-1-C", '3')).await;

    for (serial, next, stands) in
        [("B-1", Some("B-1-B"), false), ("B-1-B", Some("B-1-C"), false), ("B-1-C", None, true)]
    {
        let ask = format!("ask diplomas/{university}.{serial} standing");
        let standing = does(&town, &ask, &[])["answer"].clone();
        let next = next.map(|next| format!("{university}.{next}"));
        assert_eq!(
            (&standing["stands"], &standing["superseded_by"]),
            (&json!(stands), &json!(next))
        );
        assert_eq!(standing["latest"]["credential"], json!(format!("{university}.B-1-C")));
    }
    // Corrections make a chain, not a tree.
    town.refuses(&["university"], correct("B-1", "B-1-D", '4'), "diploma-not-current").await;
}
