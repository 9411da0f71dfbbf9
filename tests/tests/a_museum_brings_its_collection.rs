//! A museum brings its collection into the register: with the command line, its own keys, and the
//! provenance texts that its curators wrote.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::PathBuf;
use std::process::Command;

use chancery_client::{AsOf, KeyFile};
use chancery_tests::node::binary;
use chancery_tests::town::{Town, party, signer};
use serde_json::{Value, json};

const PASSPHRASE: &str = "open sesame";

/// A museum and an expert, each with its key in a file.
async fn town() -> Town {
    let town = Town::founded();
    town.opens(&["museum", "expert"]).await;
    town.accredits("root", "expert", "art-expert", "artworks").await;
    std::fs::create_dir(keys(&town)).unwrap();
    for name in ["museum", "expert"] {
        let file = KeyFile::seal(&signer(name), PASSPHRASE).unwrap();
        file.write_new(&keys(&town).join(format!("{name}.pem"))).unwrap();
    }
    town
}

fn keys(town: &Town) -> PathBuf {
    town.folder().join("keys")
}

/// What the command line says, and whether it was content.
fn chancery(town: &Town, arguments: &[&str]) -> (bool, Value) {
    let output = Command::new(binary("chancery").unwrap())
        .args(["--json", "--url", town.client().url()])
        .args(arguments)
        .arg("--anchor")
        .arg(town.folder().join("data/genesis.json"))
        .env("CHANCERY_KEYS", keys(town))
        .env("CHANCERY_PASSPHRASE", PASSPHRASE)
        .output()
        .unwrap();
    let said = serde_json::from_slice(&output.stdout);
    let said =
        said.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.success(), said)
}

fn object(number: &str, provenance: &str) -> String {
    let object = json!({
        "id": format!("museum:things/{number}"), "accession_number": number, "title": "A Garden",
        "creator": [{"full_name": "A. Painter"}], "creation_date": "c. 1900", "medium": "oil on canvas",
        "classification": "paintings", "item_height": 53.5, "item_width": 61.0, "item_depth": 0.0,
        "physical_location": "Gallery 2", "provenance_text": provenance,
    });
    object.to_string()
}

#[tokio::test]
async fn a_collection_comes_in_with_its_past() {
    let town = town().await;
    let file = town.folder().join("collection.jsonl");
    let looted = "A. Painter, until 1905; purchased by Mr. A, Paris, France, 1905 [1]; looted by an \
                  officer from Mr. A, 1941. Possibly (K. & Co., Basel), by 1950; gift to Museum, 1960.\
                  \n\nNotes:\n[1]. For 300 francs.";
    let lines = [object("1.1", looted), object("1.2", "The artist; gift to Museum, May 3, 1910")];
    std::fs::write(&file, lines.join("\n")).unwrap();
    let import = ["import", "artworks", file.to_str().unwrap()];

    // Read without the server first.
    let (content, read) = chancery(&town, &[import.as_slice(), &["--dry-run"]].concat());
    assert!(content && read["read"]["takings"] == 1, "{read:#}");
    let (content, done) = chancery(&town, &import);
    assert!(content, "{done:#}");
    assert_eq!((&done["imported"], &done["refused"]), (&json!(2), &json!(0)));

    // The museum owns what it has brought, and nobody else anything.
    let work = town.sees("artworks/museum-1.1").await;
    assert_eq!(work["owner"], json!(party("museum")));
    assert_eq!((&work["claims"], &work["place"]), (&json!(5), &json!("Gallery 2")));
    let claim = async |number: u32| {
        town.sees(&format!("artworks/claim/museum-1.1:{number}")).await["claim"].clone()
    };
    let bought = claim(2).await;
    assert_eq!((&bought["kind"], &bought["to"]), (&json!("acquisition"), &json!("Mr. A")));
    assert_eq!((&bought["place"], &bought["since"]), (&json!("Paris, France"), &json!("1905")));
    assert_eq!(bought["note"], "[1] For 300 francs.");
    let taken = claim(3).await;
    assert_eq!(
        (&taken["kind"], &taken["method"]),
        (&json!("transfer-of-custody"), &json!("looting"))
    );
    assert_eq!((&taken["from"], &taken["to"]), (&json!("Mr. A"), &json!("an officer")));
    let dealer = claim(4).await;
    assert_eq!((&dealer["follows"], &dealer["since"]), (&json!("gap"), &json!("[..1950]")));
    assert_eq!(dealer["certainty"], "possible");

    // Brought again, with a line that is none: the rest is left as it is.
    let tip = town.tip().await;
    std::fs::write(&file, [lines.join("\n").as_str(), "\n{}"].concat()).unwrap();
    let (content, again) = chancery(&town, &import);
    assert!(!content);
    assert_eq!((&again["there_already"], &again["refused"]), (&json!(2), &json!(1)));
    assert_eq!(town.tip().await, tip);

    // As Linked Art: one purchase and one gift are claimed, and no more.
    let (content, document) = chancery(&town, &["export", "artworks", "museum-1.1"]);
    assert!(content);
    let text = document.to_string();
    assert_eq!(text.matches("\"Acquisition\"").count(), 2, "{document:#}");
    let (content, _) = chancery(&town, &["export", "artworks", "museum-9"]);
    assert!(!content, "there is no such work");
}

#[tokio::test]
async fn every_object_of_a_real_museum_comes_in() {
    let folder = std::env::var("CHANCERY_SHARED_DATA")
        .unwrap_or_else(|_| format!("{}/../../shared/data", env!("CARGO_MANIFEST_DIR")));
    let file = format!("{folder}/artworks/cmoa_provenance.jsonl");
    let Ok(lines) = std::fs::read_to_string(&file) else {
        eprintln!("skipped: there is no {file}");
        return;
    };
    let town = town().await;
    let (content, done) = chancery(&town, &["import", "artworks", &file]);
    assert!(content, "{done:#}");
    assert_eq!(done["imported"], json!(lines.lines().count()));
    assert_eq!(done["claims"]["texts_cut"], 0);
    let (client, museum) = (town.client(), party("museum"));
    let held = client.held("artworks", &museum, Some("owner"), AsOf::Now, 1000);
    assert_eq!(held.await.unwrap().len(), lines.lines().count());
}
