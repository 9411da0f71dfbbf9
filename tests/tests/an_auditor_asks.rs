//! An auditor asks, from the command line, what was done under an accreditation that is suspended now,
//! what a court has frozen, and who had what when; and believes nothing without its proof.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::process::{Command, Output};

use chancery_client::bundle::Bundle;
use chancery_client::{Path, now};
use chancery_tests::node::binary;
use chancery_tests::town::{Town, accreditation, handoff, party, register_parcel, signer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const BOOK: &str = "RR000100012TW";
const VASE: &str = "RR000100026TW";

/// Two parcels on their way; then the carrier is suspended, and a court freezes one of the two.
async fn town() -> Town {
    let town = Town::founded();
    town.has_a_carrier().await;
    town.welcomes(&["ana", "bo"]).await;
    town.opens(&["court"]).await;
    town.accredits("root", "court", "court", "parcels").await;
    for parcel in [BOOK, VASE] {
        town.did(&["ana", "carrier"], register_parcel(parcel, "ana", "bo")).await;
        town.did(&["ana", "carla"], handoff(parcel, "collected", "ana", "carla")).await;
        town.did(&["carla", "north"], handoff(parcel, "at-origin", "carla", "north")).await;
    }
    let freeze = json!({
        "register": "authorities", "action": "freeze", "order": "O-1", "by": party("court"),
        "target": {"register": "parcels", "kind": "parcel", "id": VASE},
        "scope": "until it is heard", "reference": "HCA 17", "until": now().plus_ms(3_600_000),
    });
    town.did(&["court"], freeze).await;
    let suspend = json!({
        "register": "authorities", "action": "suspend", "accreditation": accreditation("carrier"),
        "by": party("root"), "reason": "as heard",
    });
    town.did(&["root"], suspend).await;
    town
}

fn chancery(town: &Town, url: &str, command: &str, more: &[&str]) -> Output {
    Command::new(binary("chancery").unwrap())
        .args(command.split(' '))
        .args(more)
        .args(["--url", url, "--anchor", "data/genesis.json"])
        .current_dir(town.folder())
        .env("CHANCERY_KEYS", town.folder().join("keys"))
        .env("CHANCERY_PASSPHRASE", "correct horse")
        .output()
        .unwrap()
}

async fn says(town: &Town, command: &str, more: &[&str]) -> String {
    let output = chancery(town, town.node().url(), command, more);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command} {more:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

async fn json_of(town: &Town, command: &str, more: &[&str]) -> Value {
    serde_json::from_str(&says(town, command, &[more, &["--json"]].concat()).await).unwrap()
}

#[tokio::test]
async fn everything_under_a_suspended_accreditation_is_listed_with_its_proofs() {
    let town = town().await;
    let proofs = town.folder().join("proofs");
    let under = format!("records accreditation {}", accreditation("carrier"));
    let csv = says(&town, &under, &["--csv", "--proofs", "proofs"]).await;
    let rows: Vec<&str> = csv.lines().collect();
    assert!(rows[0].starts_with("position,time,id,outcome,direct,actions,signers"), "{csv}");
    // Four were accredited by the carrier; two parcels were registered and handed on twice.
    let of = |action: &str| rows.iter().filter(|row| row.contains(action)).count();
    assert_eq!(
        [of("authorities.accredit"), of("parcels.register"), of("parcels.handoff")],
        [4, 2, 4]
    );
    assert_eq!(rows.len(), 1 + 10, "{csv}");
    // Each row's receipt verifies by itself, without a server.
    let kept: Vec<_> = fs::read_dir(&proofs).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(kept.len() >= 10, "{kept:?}");
    for file in &kept {
        says(&town, "verify", &[file.to_str().unwrap()]).await;
    }

    let stood = says(
        &town,
        &format!("records state authorities/accreditation/{}", accreditation("carrier")),
        &[],
    )
    .await;
    assert!(stood.contains("as heard"), "{stood}");
    let unknown = chancery(&town, town.node().url(), "records accreditation nobody-1", &[]);
    assert_eq!(unknown.status.code(), Some(1));
}

#[tokio::test]
async fn what_is_frozen_and_who_held_what_when() {
    let town = town().await;
    let frozen = says(&town, "records frozen", &["--csv", "--proofs", "frozen"]).await;
    assert!(
        frozen.lines().count() == 2 && frozen.contains(VASE) && frozen.contains("O-1"),
        "{frozen}"
    );
    let before = says(&town, "records frozen", &["--csv", "--as-of", "3"]).await;
    assert_eq!(before.lines().count(), 1, "{before}");

    let north = party("north").to_string();
    let held = says(&town, "records held parcels", &["--party", &north, "--csv"]).await;
    assert!(held.contains(BOOK) && held.contains(VASE), "{held}");
    let history = town.history(&format!("parcels/parcel/{BOOK}")).await;
    let early = history[0]["height"].as_u64().unwrap().to_string();
    let then =
        says(&town, "records held parcels", &["--party", &north, "--csv", "--as-of", &early]).await;
    assert!(!then.contains(BOOK), "{then}");

    let versions = says(
        &town,
        &format!("records history parcels/parcel/{BOOK}"),
        &["--csv", "--proofs", "book"],
    )
    .await;
    assert_eq!(versions.lines().count(), 1 + history.len(), "{versions}");
    let ana = party("ana").to_string();
    let by_ana = says(&town, "records party", &[&ana, "--csv", "--register", "parcels"]).await;
    assert_eq!(by_ana.lines().count(), 1 + 4, "{by_ana}");
    let by_order = says(&town, "records order O-1", &["--csv"]).await;
    assert_eq!(by_order.lines().count(), 1, "nothing was done by it: {by_order}");
}

#[tokio::test]
async fn a_parcels_history_leaves_as_epcis_and_a_carriers_events_come_in() {
    let town = Town::founded();
    let folder = town.folder();
    for (name, kind) in [("haul", "organisation"), ("eve", "person"), ("dan", "person")] {
        says(&town, &format!("key new {name}"), &[]).await;
        says(&town, &format!("identity create {name} --kind {kind}"), &[]).await;
    }
    let haul = json_of(&town, "key show haul", &[]).await["party"].clone();
    let accredit = json!({
        "register": "authorities", "action": "accredit", "accreditation": "haul-1",
        "by": party("root"), "institution": haul, "role": "carrier",
        "registers": ["parcels"], "scope": "all",
    });
    town.did(&["root"], accredit).await;
    fs::write(folder.join("record"), "a book").unwrap();
    let register = format!(
        "parcel register {BOOK} --carrier haul --sender eve --recipient dan --record @record"
    );
    says(&town, &register, &["--place", "Door"]).await;
    let export = format!("export epcis {BOOK} --out book.epcis.json");
    says(&town, &export, &[]).await;
    let document: Value =
        serde_json::from_slice(&fs::read(folder.join("book.epcis.json")).unwrap()).unwrap();
    assert_eq!(document["type"], "EPCISDocument");
    let events = document["epcisBody"]["eventList"].as_array().unwrap().len();
    assert_eq!(events, 1);

    // What the register wrote itself is here already: reading it again states nothing, and says so.
    let tip = town.tip().await;
    let said = json_of(&town, "import epcis book.epcis.json --as haul", &[]).await;
    assert_eq!((&said["own"], &said["stated"]), (&json!(1), &json!(0)), "{said:#}");
    assert_eq!(town.tip().await, tip);

    // A carrier states the events of its own system; stating them again changes nothing. An id that looks like
    // the register's does not make an event the register's.
    let text = document.to_string();
    let id = document["epcisBody"]["eventList"][0]["eventID"].as_str().unwrap();
    let (start, end) = id.split_at("urn:chancery:parcels:evt:".len());
    let like_it = format!("{start}{}{}", "0".repeat(64), &end[64..]);
    fs::write(folder.join("haul.epcis.json"), text.replace(id, &like_it)).unwrap();
    let import = "import epcis haul.epcis.json --as haul";
    says(&town, import, &["--dry-run"]).await;
    assert_eq!(town.history(&format!("parcels/parcel/{BOOK}")).await.len(), 1);
    says(&town, import, &[]).await;
    let tip = town.tip().await;
    says(&town, import, &[]).await;
    assert_eq!(town.tip().await, tip);
    says(&town, &export, &[]).await;
    let document: Value =
        serde_json::from_slice(&fs::read(folder.join("book.epcis.json")).unwrap()).unwrap();
    assert_eq!(document["epcisBody"]["eventList"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_that_changed_twice_in_one_block_leaves_as_epcis() {
    let town = Town::founded();
    town.has_a_carrier().await;
    town.welcomes(&["ana", "bo"]).await;
    town.did(&["ana", "carrier"], register_parcel(BOOK, "ana", "bo")).await;
    let mut both = Vec::new();
    for (step, from, to) in [("collected", "ana", "carla"), ("at-origin", "carla", "north")] {
        both.push(town.sign(&[signer(from), signer(to)], handoff(BOOK, step, from, to)).await);
    }
    let verdicts = town.client().batch(&both).await.unwrap();
    assert!(verdicts.iter().all(|verdict| verdict.status == "applied"), "{verdicts:?}");

    // One request is one chunk, and a chunk is ordered into one block.
    let path: Path = format!("parcels/parcel/{BOOK}").parse().unwrap();
    let versions = town.client().versions(&path, 10).await.unwrap();
    assert_eq!(versions.len(), 3);
    assert_eq!(versions[1]["height"], versions[2]["height"]);
    for (version, custodian) in versions.iter().zip(["ana", "carla", "north"]) {
        assert_eq!(version["object"]["custodian"], json!(party(custodian)), "{version:#}");
    }

    let export = format!("export epcis {BOOK} --out book.jsonld");
    let said = json_of(&town, &export, &[]).await;
    let expected = json!({"file": "book.jsonld", "events": 3, "checked": true, "unproved": 1});
    assert_eq!(said, expected);
    let document: Value =
        serde_json::from_slice(&fs::read(town.folder().join("book.jsonld")).unwrap()).unwrap();
    let events = document["epcisBody"]["eventList"].as_array().unwrap();
    let steps: Vec<_> = events.iter().map(|event| event["chancery:step"].clone()).collect();
    assert_eq!(steps, [Value::Null, json!("collected"), json!("at-origin")]);
    // The server works it out the same, and each of its versions comes with its proofs.
    let answer = town.client().get(&format!("/v1/parcels/{BOOK}/epcis")).await.unwrap();
    assert_eq!(answer["answer"], document);

    // A word changed in what only the server says is told apart where the ledger can tell.
    let id = versions[1]["transition"].as_str().unwrap();
    let other = "0".repeat(64);
    let url = liar(town.node().url(), id, &other).await;
    let output = chancery(&town, &url, &export, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
}

/// A server that passes everything on, and changes one word in what comes back.
async fn liar(url: &str, word: &str, for_it: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (url, word, for_it) = (url.to_owned(), word.to_owned(), for_it.to_owned());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            let request = String::from_utf8(request).unwrap();
            let path = request.split(' ').nth(1).unwrap();
            let answer = reqwest::get(format!("{url}{path}")).await.unwrap();
            let status = answer.status();
            let body = answer.text().await.unwrap().replace(&word, &for_it);
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n\
                 content-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(body.as_bytes()).await.unwrap();
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lies_about_a_row_is_found_out() {
    let town = town().await;
    let under = format!("records accreditation {} --proofs proofs", accreditation("carrier"));
    for (word, lie) in [("parcels.handoff", "parcels.refuse"), ("\"applied\"", "\"expired\"")] {
        let url = liar(town.node().url(), word, lie).await;
        let output = chancery(&town, &url, &under, &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{word}: {said}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains(lie), "{word}");
    }
}

/// One file has all that was done to an object: nothing can be left out of it, put in another order or
/// changed.
#[tokio::test]
async fn a_bundle_has_everything_that_was_done_to_an_object_or_does_not_hold() {
    let town = town().await;
    let object = format!("parcels/parcel/{VASE}");
    let made = json_of(&town, &format!("bundle {object} --out vase.json"), &[]).await;
    assert_eq!((&made["versions"], &made["proofs"]), (&json!(3), &json!(7)));
    let none = chancery(
        &town,
        town.node().url(),
        "bundle parcels/parcel/RR000100105TW",
        &["--out", "none.json"],
    );
    assert!(String::from_utf8_lossy(&none.stderr).contains("there is no"), "{none:?}");

    let verified = json_of(&town, "verify vase.json", &[]).await;
    let actions: Vec<&Value> = verified["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| &version["actions"][0])
        .collect();
    assert_eq!(actions, ["parcels.register", "parcels.handoff", "parcels.handoff"]);
    assert_eq!(verified["versions"][1]["value"]["custodian"], party("carla").to_string());
    assert_eq!(verified["versions"][1]["signers"].as_array().unwrap().len(), 2);

    let anchor = town.client().anchor().unwrap();
    let text = fs::read_to_string(town.folder().join("vase.json")).unwrap();
    let good: Value = serde_json::from_str(&text).unwrap();
    let fails = |change: &dyn Fn(&mut Value), why: &str| {
        let mut bad = good.clone();
        change(&mut bad);
        let bundle = Bundle::read(&serde_json::to_vec(&bad).unwrap()).unwrap();
        let error = bundle.and_then(|bundle| bundle.verify(&anchor)).unwrap_err().to_string();
        assert!(error.contains(why), "{error} has not: {why}");
    };
    let versions = |bad: &mut Value| bad["versions"].as_array_mut().unwrap().clone();
    fails(&|bad| drop(bad["versions"].as_array_mut().unwrap().pop()), "version 3 stands");
    fails(&|bad| drop(bad["versions"].as_array_mut().unwrap().remove(1)), "version 2:");
    fails(&|bad| bad["versions"].as_array_mut().unwrap().swap(0, 1), "version 1:");
    fails(&|bad| bad["versions"][1]["status"] = Value::Null, "is not shown");
    fails(&|bad| bad["versions"][1] = json!({}), "nothing shows it");
    fails(
        &|bad| bad["versions"][1]["receipt"] = versions(bad)[2]["receipt"].clone(),
        "another transition",
    );
    fails(&|bad| bad["latest"] = bad["versions"][1]["status"].clone(), "version 2 stands");
    fails(&|bad| bad["more"] = json!(1), "unknown field");
    // Any byte of it, in steps that meet every part.
    for at in (0..text.len()).step_by(97) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        let holds = match Bundle::read(&bytes) {
            Some(read) => read.and_then(|bundle| bundle.verify(&anchor)).is_ok(),
            None => false,
        };
        assert!(!holds, "byte {at} may be {:?}", char::from(bytes[at]));
    }
}
