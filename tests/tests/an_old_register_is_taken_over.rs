//! An old land register is taken over, and from then on its titles move by the rules of this one.
//!
//! The real register is in `CHANCERY_SHARED_DATA`, or in `../../shared/data` beside the repository;
//! where it is not, that story is not told. A small one, written by hand, always is.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chancery_client::{AsOf, Hash, KeyFile, PartyId, Signer, Signing, Transition, Verdict, keys};
use chancery_registries::land::{Fraction, Interest, Nature, Sheet, SpatialUnit, Title};
use chancery_tests::node::binary;
use chancery_tests::town::{Town, party, signer};
use serde_json::{Value, json};

const PASSPHRASE: &str = "correct horse";

/// A town with a land office whose keys are in a folder, and a buyer.
async fn town() -> Town {
    let town = Town::founded();
    town.opens(&["registrar", "surveyor"]).await;
    town.welcomes(&["bo"]).await;
    town.accredits("root", "registrar", "land-registrar", "land").await;
    town.accredits("root", "surveyor", "surveyor", "land").await;
    fs::create_dir(town.folder().join("keys")).unwrap();
    for name in ["registrar", "surveyor"] {
        let file = KeyFile::seal(&signer(name), PASSPHRASE).unwrap();
        file.write_new(&town.folder().join("keys").join(format!("{name}.pem"))).unwrap();
    }
    town
}

fn import(town: &Town, folder: &Path) -> Output {
    Command::new(binary("chancery").unwrap())
        .args(["import", "land", "--json"])
        .arg(folder)
        .env("CHANCERY_URL", town.node().url())
        .env("CHANCERY_KEYS", town.folder().join("keys"))
        .env("CHANCERY_PASSPHRASE", PASSPHRASE)
        .output()
        .unwrap()
}

/// Imports a folder; gives the report.
fn imports(town: &Town, folder: &Path) -> Value {
    let output = import(town, folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn counts(report: &Value) -> [u64; 3] {
    let titles = &report["titles"];
    let refused = titles["refused"].as_array().unwrap().len() as u64;
    [titles["registered"].as_u64().unwrap(), titles["already_there"].as_u64().unwrap(), refused]
}

/// Everyone whose key the import has kept.
fn imported_parties(town: &Town) -> BTreeMap<PartyId, Signer> {
    let folder = town.folder().join("keys");
    let family = KeyFile::read(&folder.join("land-import.pem")).unwrap().open(PASSPHRASE).unwrap();
    let names = fs::read_dir(folder).unwrap().filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.strip_suffix(".derived").map(str::to_owned)
    });
    names.map(|name| family.derived(&name)).map(|signer| (signer.party(), signer)).collect()
}

/// The first owner gives their share to Bo, with these besides.
fn sale(ledger: Hash, title: &Title, owner: &Signer, others: &[&Signer]) -> Signing {
    let share = title.owners.share_of(&owner.party()).unwrap();
    let action = json!({
        "register": "land", "action": "transfer", "title": title.title, "by": party("registrar"),
        "from": [{"party": owner.party(), "share": share}],
        "to": [{"party": party("bo"), "share": share}], "reference": "Sale",
    });
    let mut signing = Transition::on(ledger).act(action).prepare().unwrap();
    for signer in [&signer("registrar"), owner, &signer("bo")].into_iter().chain(others.to_vec()) {
        signing = signer.sign(signing).unwrap();
    }
    signing
}

async fn title(town: &Town, id: &str) -> Title {
    let found = town.client().stored::<Title>(id, AsOf::Now).await.unwrap();
    found.unwrap_or_else(|| panic!("there is no title {id}"))
}

fn holders(interest: &Interest) -> &[PartyId] {
    interest.nature.holders().1
}

fn codes(verdicts: &[Verdict]) -> BTreeMap<String, usize> {
    let mut codes = BTreeMap::new();
    for verdict in verdicts {
        let code = verdict.code.clone().unwrap_or_else(|| verdict.status.clone());
        *codes.entry(code).or_default() += 1;
    }
    codes
}

/// A register of five titles: two of one parcel, one of them without an ownership, and three that
/// cannot be taken: coordinates too fine, shares of a half, a parcel that stands twice.
fn small_register(folder: &Path) {
    let title = |id: &str, number: &str, parcel: &str| {
        json!({
            "id": id, "title_no": number, "status": "LIVE", "type": "Freehold", "issue_date": null,
            "guarantee_": "Guarantee", "estate_des": "Fee Simple, 1/1, Lot 1", "number_own": "2",
            "parcelid": parcel,
        })
    };
    let right = |id: &str, title: &str, kind: &str| {
        json!({
            "id": id, "ba_unit_id": title, "nr": title, "type_code": kind,
            "status_code": "current", "registration_date": "2004-05-28 00:00:00",
        })
    };
    let share = |right: &str, party: &str, part: &str| json!({"rrr_id": right, "id": party, "nominator": "1", "denominator": part});
    let link =
        |right: &str, party: &str| json!({"rrr_id": right, "party_id": party, "share_id": party});
    let parcel = r#"{"type": "Feature", "properties": {"id": "p1", "appellatio": "Lot 1 DP 1", "titles": "NA1/1", "survey_are": "100"}, "geometry": {"type": "MultiPolygon", "coordinates": [[[[0.5, 0], [10.5, 0], [10.5, 10.001], [0.5, 10.001], [0.5, 0]]]]}}"#;
    let fine = r#"{"type": "Feature", "properties": {"id": "p2", "appellatio": "Lot 2 DP 1"}, "geometry": {"type": "MultiPolygon", "coordinates": [[[[0, 0], [10.12345, 0], [10, 10], [0, 0]]]]}}"#;
    let lines =
        |values: &[Value]| values.iter().map(|value| format!("{value}\n")).collect::<String>();
    let titles = [
        title("1", "NA1/1", "p1"),
        title("2", "NA1/2", "p1"),
        title("3", "NA1/3", "p2"),
        title("4", "NA1/4", "p1"),
        title("5", "NA1/5", "p1,p1"),
    ];
    let rights = [
        right("r1", "1", "ownership"),
        right("r2", "1", "mortgage"),
        right("r3", "4", "ownership"),
    ];
    let shares = [
        share("r1", "a", "3"),
        share("r1", "b", "3"),
        share("r1", "c", "3"),
        share("r3", "d", "2"),
    ];
    let links = [link("r1", "a"), link("r1", "b"), link("r1", "c"), link("r3", "d")];
    let parties = ["a", "b", "c", "d"].map(|id| json!({"id": id, "type_code": "naturalPerson"}));
    for (file, text) in [
        ("titles.jsonl", lines(&titles)),
        ("rrr.jsonl", lines(&rights)),
        ("rrr_share.jsonl", lines(&shares)),
        ("party_for_rrr.jsonl", lines(&links)),
        ("party.jsonl", lines(&parties)),
        ("parcels.geojsonl", format!("{parcel}\n{fine}\n")),
    ] {
        fs::write(folder.join(file), text).unwrap();
    }
}

#[tokio::test]
async fn a_small_register_is_taken_over_and_says_what_it_was_not() {
    let town = town().await;
    let folder = town.folder().join("old");
    fs::create_dir(&folder).unwrap();
    small_register(&folder);

    // Three titles cannot be taken: the command fails, says why, and has taken the others.
    let output = import(&town, &folder);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts(&report), [2, 0, 3], "{report:#}");
    let refused = report["titles"]["refused"].to_string();
    for why in ["10.12345", "together 1/2", "parcels stands twice"] {
        assert!(refused.contains(why), "{refused}");
    }
    let why: Vec<&str> = report["not_taken_as_it_is"]
        .as_array()
        .unwrap()
        .iter()
        .map(|departure| departure["why"].as_str().unwrap())
        .collect();
    let expected =
        ["owner-stand-in", "holder-stand-in", "owners-counted-otherwise", "rank-by-date"];
    assert_eq!(why, expected);

    let first = title(&town, "NA1-1").await;
    assert_eq!(first.owners.len(), 3);
    assert_eq!(title(&town, "NA1-2").await.units, first.units, "two titles to one parcel");
    let unit = town.client().stored::<SpatialUnit>("p1", AsOf::Now).await.unwrap().unwrap();
    assert_eq!((unit.titles.len(), unit.area.to_string().as_str()), (2, "100010000"));

    // Again, it changes nothing.
    let tip = town.tip().await;
    let output = import(&town, &folder);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts(&report), [0, 2, 3]);
    assert_eq!(town.tip().await, tip);

    // A lender who was a stand-in signs for the bank that it stands for.
    let parties = imported_parties(&town);
    let (owner, lender) =
        (&parties[&first.owners[0].party], &parties[&holders(&first.interests[0])[0]]);
    let ledger = town.client().ledger_id().await.unwrap();
    let refused = town.hand_in(&sale(ledger, &first, owner, &[])).await.unwrap_err();
    assert_eq!(refused.code(), Some("land-lender-has-not-signed"));
    town.hand_in(&sale(ledger, &first, owner, &[lender])).await.unwrap();
    assert_eq!(title(&town, "NA1-1").await.owners.share_of(&party("bo")), "1/3".parse().ok());
}

#[tokio::test]
async fn a_key_that_is_made_from_another_signs_by_its_name() {
    let town = town().await;
    let folder = town.folder().join("old");
    fs::create_dir(&folder).unwrap();
    small_register(&folder);
    import(&town, &folder);
    let chancery = |arguments: &[&str]| {
        let output = Command::new(binary("chancery").unwrap())
            .args(arguments)
            .env("CHANCERY_URL", town.node().url())
            .env("CHANCERY_KEYS", town.folder().join("keys"))
            .env("CHANCERY_PASSPHRASE", PASSPHRASE)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), text, output.stdout)
    };
    let (listed, _, keys_at_hand) = chancery(&["key", "list", "--json"]);
    assert!(listed && String::from_utf8(keys_at_hand).unwrap().contains("\"land-r2\""));
    let discharge = json!({
        "register": "land", "action": "discharge", "title": "NA1-1", "interest": "r2",
        "by": imported_party(&town, "land-r2"), "reference": "Paid",
    });
    let discharge = discharge.to_string();
    let act = |name: &str| chancery(&["act", "--json-action", &discharge, "--sign-as", name]);
    let (done, error, _) = act("land-a");
    assert!(!done && error.contains("signer-missing"), "{error}");
    let (done, error, _) = act("land-r2");
    assert!(done, "{error}");
    assert_eq!(title(&town, "NA1-1").await.mortgages().count(), 0);
    // A file that claims another key is found out.
    let file = town.folder().join("keys/land-r2.derived");
    let text = fs::read_to_string(&file).unwrap();
    let other = keys::generate().unwrap().public().to_string();
    let own = text.lines().nth(1).unwrap().strip_prefix("Public-Key: ").unwrap();
    fs::write(&file, text.replace(own, &other)).unwrap();
    let (done, error, _) = act("land-r2");
    assert!(!done && error.contains("not made from"), "{error}");
}

fn imported_party(town: &Town, name: &str) -> PartyId {
    let family = town.folder().join("keys/land-import.pem");
    KeyFile::read(&family).unwrap().open(PASSPHRASE).unwrap().derived(name).party()
}

/// The real register, where it is.
fn real_register() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let data = std::env::var_os("CHANCERY_SHARED_DATA").map_or(beside, PathBuf::from);
    let folder = data.join("land");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there is no {}", folder.display());
    None
}

/// The first titles of a register, in a folder of their own.
fn beginning_of(real: &Path, folder: &Path, count: usize) {
    fs::create_dir(folder).unwrap();
    for entry in fs::read_dir(real).unwrap() {
        let file = entry.unwrap().path();
        let mut text = fs::read_to_string(&file).unwrap();
        if file.ends_with("titles.jsonl") {
            text = text.lines().take(count).map(|line| format!("{line}\n")).collect();
        }
        fs::write(folder.join(file.file_name().unwrap()), text).unwrap();
    }
}

#[tokio::test]
async fn the_titles_of_waiheke_are_taken_over_and_move_as_they_may() {
    let Some(real) = real_register() else { return };
    let mut town = town().await;

    // The import is stopped after a hundred titles, and the node with it; then it goes on.
    let beginning = town.folder().join("beginning");
    beginning_of(&real, &beginning, 100);
    assert_eq!(counts(&imports(&town, &beginning)), [100, 0, 0]);
    town.loses_power();
    let report = imports(&town, &real);
    assert_eq!(counts(&report), [649, 100, 0]);
    let taken = &report["taken"];
    let interests =
        json!({"caveats": 12, "historic preservations": 14, "mortgages": 394, "servitudes": 4});
    assert_eq!((&taken["interests"], &taken["units"]), (&interests, &json!(743)));

    let mut titles = Vec::new();
    for line in fs::read_to_string(real.join("titles.jsonl")).unwrap().lines() {
        let number = serde_json::from_str::<Value>(line).unwrap()["title_no"].take();
        titles.push(title(&town, &number.as_str().unwrap().replace('/', "-")).await);
    }
    assert_eq!(titles.len(), 749);
    for title in &titles {
        let sum = Fraction::sum(title.owners.iter().map(|owner| owner.share));
        assert_eq!(sum, Ok(Fraction::WHOLE), "{}", title.title);
    }
    the_coordinates_are_those_of_the_source(&town, &real).await;
    mortgaged_titles_wait_for_their_lenders(&town, &titles).await;
    caveats_block(&town, &titles).await;

    // Afterwards the register is still the one that was taken over.
    assert_eq!(counts(&imports(&town, &real)), [0, 749, 0]);
}

/// Every number of the source, as it is written there, stands in the outlines.
async fn the_coordinates_are_those_of_the_source(town: &Town, real: &Path) {
    for line in fs::read_to_string(real.join("parcels.geojsonl")).unwrap().lines() {
        let parcel: Value = serde_json::from_str(line).unwrap();
        let id = parcel["properties"]["id"].as_str().unwrap();
        let sheet = town.client().stored::<Sheet>(&format!("{id}.1"), AsOf::Now).await.unwrap();
        let mut written = Vec::new();
        for ring in sheet.unwrap().outline.rings() {
            let points = ring.points();
            for point in points.iter().chain(points.first()) {
                written.extend([point.x, point.y]);
            }
        }
        let (_, numbers) = line.split_once("\"coordinates\":").unwrap();
        let numbers = numbers.split(|c: char| !c.is_ascii_digit() && c != '.' && c != '-');
        let source: Vec<i64> = numbers.filter(|text| !text.is_empty()).map(millimetres).collect();
        assert_eq!(written, source, "{id}");
    }
}

fn millimetres(metres: &str) -> i64 {
    let (whole, decimals) = metres.split_once('.').unwrap_or((metres, ""));
    format!("{whole}{decimals:0<3}").parse().unwrap()
}

async fn mortgaged_titles_wait_for_their_lenders(town: &Town, titles: &[Title]) {
    let ledger = town.client().ledger_id().await.unwrap();
    let parties = imported_parties(town);
    let mut without = Vec::new();
    let mut with = Vec::new();
    let mortgaged = titles.iter().filter(|title| title.mortgages().count() > 0);
    for title in mortgaged.filter(|title| title.caveat().is_none()) {
        let owner = &parties[&title.owners[0].party];
        let lenders = title.mortgages().flat_map(|(_, mortgage)| mortgage.lenders.iter());
        let lenders: Vec<&Signer> = lenders.map(|lender| &parties[lender]).collect();
        without.push(sale(ledger, title, owner, &[]));
        with.push(sale(ledger, title, owner, &lenders));
    }
    assert_eq!(without.len(), 387, "394 less the seven that are caveated as well");
    let tip = town.tip().await;
    let verdicts = town.client().batch(&without).await.unwrap();
    assert_eq!(codes(&verdicts), BTreeMap::from([("land-lender-has-not-signed".into(), 387)]));
    assert_eq!(town.tip().await, tip, "no block was made of refusals");
    let verdicts = town.client().batch(&with).await.unwrap();
    assert_eq!(codes(&verdicts), BTreeMap::from([("applied".into(), 387)]));
}

async fn caveats_block(town: &Town, titles: &[Title]) {
    let ledger = town.client().ledger_id().await.unwrap();
    let parties = imported_parties(town);
    let caveated: Vec<&Title> = titles.iter().filter(|title| title.caveat().is_some()).collect();
    assert_eq!(caveated.len(), 12);
    for title in caveated {
        let owner = &parties[&title.owners[0].party];
        let lenders = title.mortgages().flat_map(|(_, mortgage)| mortgage.lenders.iter());
        let lenders: Vec<&Signer> = lenders.map(|lender| &parties[lender]).collect();
        let refused = town.hand_in(&sale(ledger, title, owner, &lenders)).await.unwrap_err();
        assert_eq!(refused.code(), Some("land-caveated"), "{}", title.title);
        for caveat in title.interests.iter().filter(|it| matches!(it.nature, Nature::Caveat(_))) {
            let removal = json!({
                "register": "land", "action": "remove-caveat", "title": title.title,
                "interest": caveat.interest, "by": holders(caveat)[0], "reference": "Settled",
            });
            let caveators: Vec<Signer> =
                holders(caveat).iter().map(|party| parties[party].clone()).collect();
            town.did_with(&caveators, removal).await;
        }
        if !lenders.is_empty() {
            let refused = town.hand_in(&sale(ledger, title, owner, &[])).await.unwrap_err();
            assert_eq!(refused.code(), Some("land-lender-has-not-signed"), "{}", title.title);
        }
        town.hand_in(&sale(ledger, title, owner, &lenders)).await.unwrap();
    }
}
