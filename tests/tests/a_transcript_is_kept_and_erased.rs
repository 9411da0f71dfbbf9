//! A university keeps a transcript, an employer asks for it, the graduate grants, it is read, and it is erased; and the
//! node loses power between all of it.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chancery_client::{Client, Error, now};
use chancery_ledger::record::{Field, Record, Salt, Value};
use chancery_registries::records::RecordId;
use chancery_tests::node::binary;
use chancery_tests::town::{Town, party, signer};
use serde_json::{Value as Json, json};

const NAME: &str = "Ana Lima of Rua da Saudade 41";
const GRADE: &str = "one point seven, with distinction";
const FIELD: &str = "field of an unusual name";

/// A transcript whose salts are told apart by a number.
fn transcript(number: u8) -> Record {
    let field = |name: &str, value: &str, salt: u8| Field {
        name: name.parse().unwrap(),
        salt: salt_of(number, salt),
        value: Value::Text(value.parse().unwrap()),
    };
    let fields = vec![
        field("name", NAME, 1),
        field("degree", "Bachelor of Science", 2),
        field(FIELD, GRADE, 3),
    ];
    Record::new("transcript-1".parse().unwrap(), fields).unwrap()
}

fn salt_of(number: u8, place: u8) -> Salt {
    let mut salt = *b"\x9e-a-salt-no---\xfe\xe7";
    (salt[12], salt[13]) = (number, place);
    Salt(salt)
}

fn id_of(record: &Record) -> RecordId {
    RecordId { keeper: party("university"), commitment: record.commitment() }
}

/// The town as somebody sees it.
fn seen_by(town: &Town, name: &str) -> Client {
    Client::new(town.node().url()).unwrap().reading_as(signer(name))
}

fn anchor(record: &Record) -> Json {
    json!({
        "register": "records", "action": "anchor", "keeper": party("university"),
        "commitment": record.commitment(), "salt": "45c48cce2e2d7fbdea1afc51c7c6ad26",
        "schema": record.schema(), "subjects": [party("ana")],
    })
}

fn erase(record: &Record) -> Json {
    json!({
        "register": "records", "action": "erase", "record": id_of(record),
        "reason": "consent-withdrawn",
    })
}

async fn town() -> Town {
    let town = Town::founded();
    town.opens(&["university", "employer", "court"]).await;
    town.welcomes(&["ana", "bo"]).await;
    town.accredits("root", "court", "court", "records").await;
    town
}

async fn keeps(town: &Town, record: &Record) {
    town.did(&["university"], anchor(record)).await;
    seen_by(town, "university").keep_record(&id_of(record), record).await.unwrap();
}

#[track_caller]
fn code<T: std::fmt::Debug>(refused: Result<T, Error>) -> String {
    refused.unwrap_err().code().unwrap().to_owned()
}

fn soon() -> chancery_client::Time {
    now().plus_ms(3_600_000)
}

#[tokio::test]
async fn it_is_kept_asked_for_granted_read_and_erased_and_the_power_fails_in_between() {
    let mut town = town().await;
    let record = transcript(1);
    let id = id_of(&record);
    // Nothing is kept that is not anchored, nor for anybody else, nor another record.
    let university = seen_by(&town, "university");
    assert_eq!(code(university.keep_record(&id, &record).await), "record-not-anchored");
    town.did(&["university"], anchor(&record)).await;
    assert_eq!(code(university.kept_record(&id).await), "record-not-kept");
    let other = university.keep_record(&id, &transcript(2)).await;
    assert_eq!(code(other), "record-does-not-fit");
    assert_eq!(code(seen_by(&town, "bo").keep_record(&id, &record).await), "register-private");
    for _ in 0..2 {
        seen_by(&town, "university").keep_record(&id, &record).await.unwrap();
        town.loses_power();
    }

    // Keeper, subject and court read all of it; the employer none, and asks.
    for name in ["university", "ana", "court", "root"] {
        let kept = seen_by(&town, name).kept_record(&id).await.unwrap();
        assert_eq!(kept.record.as_ref(), Some(&record), "{name}");
    }
    let employer = seen_by(&town, "employer");
    assert_eq!(code(employer.kept_record(&id).await), "register-private");
    let fields = ["degree".to_owned(), FIELD.to_owned()];
    employer.request(&id, &fields, "an application").await.unwrap();
    town.loses_power();
    let ana = seen_by(&town, "ana");
    let requests = ana.requests(&id).await.unwrap();
    assert_eq!(requests["items"][0]["party"], json!(party("employer")), "{requests:#}");
    assert_eq!(requests["items"][0]["fields"], json!(fields));

    // She grants one field of the two; a name that the record does not have is none.
    let unknown = ana.grant(&id, &party("employer"), &["shoe size".to_owned()], soon()).await;
    assert_eq!(code(unknown), "no-such-field");
    let over = ana.grant(&id, &party("employer"), &fields[..1], now()).await;
    assert_eq!(code(over), "grant-over");
    ana.grant(&id, &party("employer"), &fields[1..], soon()).await.unwrap();
    town.loses_power();
    let employer = seen_by(&town, "employer");
    let shown = employer.kept_record(&id).await.unwrap().disclosure.unwrap();
    assert_eq!(shown.fields.len(), 1);
    assert_eq!(shown.get(FIELD), record.get(FIELD));
    assert_eq!(seen_by(&town, "ana").requests(&id).await.unwrap()["items"], json!([]));

    // Who grants nothing: the court, strangers. Who reads of the readings: those whom it concerns.
    let by_court = seen_by(&town, "court").grant(&id, &party("bo"), &fields, soon()).await;
    assert_eq!(code(by_court), "record-not-yours");
    let by_bo = seen_by(&town, "bo").grant(&id, &party("bo"), &fields, soon()).await;
    assert_eq!(code(by_bo), "register-private");
    assert_eq!(code(employer.readings(&id).await), "register-private");
    let ana = seen_by(&town, "ana");
    let readings = ana.readings(&id).await.unwrap();
    let read_as: Vec<&str> = readings["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["read_as"].as_str().unwrap())
        .collect();
    assert_eq!(read_as, ["grantee", "overseer", "overseer", "subject", "keeper"], "{readings:#}");
    assert_eq!(readings["items"][0]["fields"], json!([FIELD]));

    // She takes it back, and what was given out goes on to hold.
    ana.revoke_grant(&id, &party("employer")).await.unwrap();
    assert_eq!(code(ana.revoke_grant(&id, &party("employer")).await), "no-such-grant");
    assert_eq!(code(employer.kept_record(&id).await), "register-private");
    shown.verify(&id.commitment).unwrap();

    // The university erases, and the power fails at once.
    ana.grant(&id, &party("employer"), &fields, soon()).await.unwrap();
    town.did(&["university"], erase(&record)).await;
    town.loses_power();
    for name in ["university", "ana", "court"] {
        assert_eq!(code(seen_by(&town, name).kept_record(&id).await), "kept-record-erased");
    }
    assert_eq!(code(seen_by(&town, "employer").kept_record(&id).await), "register-private");
    let again = seen_by(&town, "university").keep_record(&id, &record).await;
    assert_eq!(code(again), "kept-record-erased");
    shown.verify(&id.commitment).unwrap();
    // Who has read it is still told, and no longer what.
    let readings = seen_by(&town, "ana").readings(&id).await.unwrap();
    assert_eq!(readings["items"].as_array().unwrap().len(), 5);
    assert_eq!(readings["items"][0].get("fields"), None, "{readings:#}");
}

#[tokio::test]
async fn to_others_nothing_is_different_whether_or_not_it_is_there() {
    let town = town().await;
    let (there, absent, erased) = (transcript(1), transcript(2), transcript(3));
    keeps(&town, &there).await;
    keeps(&town, &erased).await;
    town.did(&["university"], erase(&erased)).await;
    let bo = seen_by(&town, "bo");
    let mut told = Vec::new();
    for record in [&there, &absent, &erased] {
        let id = id_of(record);
        let fields = ["degree".to_owned()];
        bo.request(&id, &fields, "curiosity").await.unwrap();
        let mut own = bo.requests(&id).await.unwrap();
        own["items"][0]["asked"].take();
        let refused = [
            bo.kept_record(&id).await.map(|_| ()),
            bo.keep_record(&id, record).await,
            bo.readings(&id).await.map(|_| ()),
            bo.grants(&id).await.map(|_| ()),
            bo.grant(&id, &party("bo"), &fields, soon()).await,
            bo.revoke_grant(&id, &party("bo")).await,
            bo.refuse_request(&id, &party("ana")).await,
        ];
        let refused = refused.map(|it| it.unwrap_err().to_string());
        told.push(format!("{refused:?} {own}").replace(&id.to_string(), "ID"));
        bo.refuse_request(&id, &party("bo")).await.unwrap();
    }
    assert!(told.iter().all(|it| *it == told[0]), "{told:#?}");
    assert_eq!(told[0].matches("register-private").count(), 7, "{}", told[0]);
}

#[tokio::test]
async fn what_was_erased_is_in_no_file_and_never_stood_there_in_the_clear() {
    let mut town = town().await;
    let (erased, kept) = (transcript(1), transcript(2));
    keeps(&town, &erased).await;
    keeps(&town, &kept).await;
    let ana = seen_by(&town, "ana");
    for record in [&erased, &kept] {
        let id = id_of(record);
        ana.grant(&id, &party("bo"), &[FIELD.to_owned()], soon()).await.unwrap();
        seen_by(&town, "bo").kept_record(&id).await.unwrap();
        ana.kept_record(&id).await.unwrap();
    }
    let (employer, degree) = (seen_by(&town, "employer"), ["degree".to_owned()]);
    employer.request(&id_of(&erased), &degree, "an application").await.unwrap();
    assert_eq!(found(&town, &secrets()), Vec::<PathBuf>::new());
    let before = town.folder().join("before");
    fs::create_dir(&before).unwrap();
    town.dies();
    for file in ["kept.sqlite", "kept.sqlite-wal"] {
        let _ = fs::copy(town.folder().join("data").join(file), before.join(file));
    }
    town.starts();
    town.did(&["university"], erase(&erased)).await;
    let id = id_of(&erased);
    let until = Instant::now() + Duration::from_secs(20);
    while has_key(&town, &id) && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!has_key(&town, &id), "its key is gone");
    assert!(has_key(&town, &id_of(&kept)));
    assert_eq!(found(&town, &secrets()), Vec::<PathBuf>::new());

    // The rows come back from a copy, and are destroyed before anything is served.
    town.dies();
    for file in ["kept.sqlite", "kept.sqlite-wal", "kept.sqlite-shm"] {
        let place = town.folder().join("data").join(file);
        let _ = fs::remove_file(&place);
        let _ = fs::copy(before.join(file), place);
    }
    town.starts();
    assert_eq!(code(seen_by(&town, "ana").kept_record(&id).await), "kept-record-erased");
    assert!(seen_by(&town, "bo").kept_record(&id).await.is_err());
    let other = seen_by(&town, "ana").kept_record(&id_of(&kept)).await.unwrap();
    assert_eq!(other.record, Some(kept));
    assert_eq!(seen_by(&town, "ana").requests(&id).await.unwrap()["items"], json!([]));
}

/// Whether the file of wrapped keys names a record.
fn has_key(town: &Town, id: &RecordId) -> bool {
    let bytes = fs::read(town.folder().join("data/kept-keys.sqlite")).unwrap();
    let id = id.to_string();
    bytes.windows(id.len()).any(|window| window == id.as_bytes())
}

/// Everything of a transcript that nobody may find: values, names of fields, salts as bytes and as text.
fn secrets() -> Vec<Vec<u8>> {
    let mut secrets: Vec<Vec<u8>> =
        [NAME, GRADE, FIELD, "Bachelor of Science"].map(|text| text.as_bytes().to_vec()).into();
    for (number, place) in [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)] {
        let salt = salt_of(number, place);
        secrets.extend([salt.0.to_vec(), salt.to_string().into_bytes()]);
    }
    secrets
}

/// The files of the node, its log included, in which one of these stands.
fn found(town: &Town, secrets: &[Vec<u8>]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    list(&town.folder(), &mut files);
    assert!(files.len() > 8, "{files:?}");
    let holds = |file: &PathBuf| {
        let bytes = fs::read(file).unwrap_or_default();
        secrets.iter().any(|secret| bytes.windows(secret.len()).any(|window| window == secret))
    };
    files.into_iter().filter(holds).collect()
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { list(&path, files) } else { files.push(path) }
    }
}

#[tokio::test]
async fn a_keeping_key_is_rotated_and_killed_in_the_middle_and_everything_is_readable() {
    let mut town = town().await;
    let records: Vec<Record> = (1..=20).map(transcript).collect();
    for record in &records {
        keeps(&town, record).await;
    }
    town.stops();
    let data = town.folder().join("data");
    let rotation = || {
        let mut rotation = Command::new(binary("chanceryd").unwrap());
        rotation.arg("rotate-keeping-key").arg("--data").arg(&data).stdout(Stdio::null());
        rotation.stderr(Stdio::null()).spawn().unwrap()
    };
    for ms in [1, 3, 5, 8, 12, 20, 30] {
        let mut killed = rotation();
        std::thread::sleep(Duration::from_millis(ms));
        killed.kill().unwrap();
        killed.wait().unwrap();
    }
    assert!(rotation().wait().unwrap().success());
    let keys: Vec<_> = fs::read_dir(data.join("keep-keys")).unwrap().collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    town.starts();
    for record in &records {
        let kept = seen_by(&town, "ana").kept_record(&id_of(record)).await.unwrap();
        assert_eq!(kept.record.as_ref(), Some(record));
    }
    // Without it nothing opens, and the node says so instead of serving.
    town.stops();
    for key in fs::read_dir(data.join("keep-keys")).unwrap() {
        fs::remove_file(key.unwrap().path()).unwrap();
    }
    let refused = chancery_tests::node::Node::start(&town.folder()).err().unwrap().to_string();
    assert!(refused.contains("keep-keys"), "{refused}");
}
