//! A company brings its shares from an Open Cap Format package; the package that goes out again gives
//! the same cap table elsewhere.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chancery_tests::node::binary;
use chancery_tests::town::{Town, party};
use serde_json::{Value, json};

/// A town with a company registrar, whose key is at hand.
async fn town() -> Town {
    let town = Town::founded();
    says(&town, "key new registrar", &[]);
    says(&town, "identity create registrar --kind organisation", &[]);
    let registrar: Value =
        serde_json::from_str(&says(&town, "key show registrar --json", &[])).unwrap();
    let accredit = json!({
        "register": "authorities", "action": "accredit", "accreditation": "registrar-1",
        "by": party("root"), "institution": registrar["party"], "role": "company-registrar",
        "registers": ["equity"], "scope": "companies of the town",
    });
    town.did(&["root"], accredit).await;
    town
}

fn chancery(town: &Town, command: &str, more: &[&str]) -> Output {
    Command::new(binary("chancery").unwrap())
        .args(command.split(' '))
        .args(more)
        .args(["--url", town.node().url(), "--anchor", "data/genesis.json"])
        .current_dir(town.folder())
        .env("CHANCERY_KEYS", town.folder().join("keys"))
        .env("CHANCERY_PASSPHRASE", "correct horse")
        .output()
        .unwrap()
}

#[track_caller]
fn says(town: &Town, command: &str, more: &[&str]) -> String {
    let output = chancery(town, command, more);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command} {more:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn issuance(date: &str, security: &str, holder: &str, class: &str, quantity: &str) -> Value {
    json!({
        "object_type": "TX_STOCK_ISSUANCE", "id": format!("of-{security}"), "date": date,
        "security_id": security, "custom_id": format!("No. {security}"), "stakeholder_id": holder,
        "stock_class_id": class, "quantity": quantity,
        "share_price": {"amount": "1.00", "currency": "EUR"}, "security_law_exemptions": [],
        "stock_legend_ids": [],
    })
}

fn event(kind: &str, date: &str, security: &str, more: Value) -> Value {
    let mut event = json!({
        "object_type": kind, "id": format!("{kind}-{security}"), "date": date,
        "security_id": security,
    });
    for (name, value) in more.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

fn class(id: &str, kind: &str, rights: Value) -> Value {
    json!({
        "object_type": "STOCK_CLASS", "id": id, "name": id, "class_type": kind,
        "default_id_prefix": "X-", "initial_shares_authorized": "10000.00", "votes_per_share": "1",
        "seniority": "1", "conversion_rights": rights,
    })
}

/// Everything that can happen to shares, in an order that holds together.
fn life() -> Vec<Value> {
    vec![
        issuance("2020-01-01", "s1", "ana", "common", "1000.00"),
        issuance("2020-01-01", "s2", "fund", "seed", "500"),
        issuance("2020-01-02", "s9", "bo", "common", "10"),
        event("TX_STOCK_ACCEPTANCE", "2020-01-02", "s1", json!({})),
        event("TX_STOCK_RETRACTION", "2020-01-03", "s9", json!({"reason_text": "never paid for"})),
        event(
            "TX_STOCK_TRANSFER",
            "2020-02-01",
            "s1",
            json!({
                "quantity": "300", "resulting_security_ids": ["s3"], "balance_security_id": "s4",
            }),
        ),
        issuance("2020-02-01", "s3", "bo", "common", "300"),
        issuance("2020-02-01", "s4", "ana", "common", "700"),
        event(
            "TX_STOCK_CANCELLATION",
            "2020-03-01",
            "s4",
            json!({
                "quantity": "200", "balance_security_id": "s5", "reason_text": "given back",
            }),
        ),
        issuance("2020-03-01", "s5", "ana", "common", "500"),
        event(
            "TX_STOCK_REPURCHASE",
            "2020-03-02",
            "s3",
            json!({
                "quantity": "100", "balance_security_id": "s6", "price": {"amount": "2", "currency": "EUR"},
            }),
        ),
        issuance("2020-03-02", "s6", "bo", "common", "200"),
        event(
            "TX_STOCK_CONVERSION",
            "2020-04-01",
            "s2",
            json!({
                "quantity_converted": "200", "resulting_security_ids": ["s7"], "balance_security_id": "s8",
            }),
        ),
        issuance("2020-04-01", "s7", "fund", "common", "400"),
        issuance("2020-04-01", "s8", "fund", "seed", "300"),
        event(
            "TX_STOCK_REISSUANCE",
            "2020-05-01",
            "s5",
            json!({"resulting_security_ids": ["t1", "t2"]}),
        ),
        issuance("2020-05-01", "t1", "ana", "common", "250"),
        issuance("2020-05-01", "t2", "ana", "common", "250"),
        json!({
            "object_type": "TX_STOCK_CONSOLIDATION", "id": "one-again", "date": "2020-06-01",
            "security_ids": ["t1", "t2"], "resulting_security_id": "t3", "reason_text": "fewer papers",
        }),
        issuance("2020-06-01", "t3", "ana", "common", "500"),
        json!({
            "object_type": "TX_STOCK_CLASS_SPLIT", "id": "two-for-one", "date": "2020-07-01",
            "stock_class_id": "common", "split_ratio": {"numerator": "2", "denominator": "1"},
        }),
        event(
            "TX_STOCK_REISSUANCE",
            "2020-07-01",
            "t3",
            json!({
            "resulting_security_ids": ["u1"], "split_transaction_id": "two-for-one"}),
        ),
        event(
            "TX_STOCK_REISSUANCE",
            "2020-07-01",
            "s6",
            json!({
            "resulting_security_ids": ["u2"], "split_transaction_id": "two-for-one"}),
        ),
        event(
            "TX_STOCK_REISSUANCE",
            "2020-07-01",
            "s7",
            json!({
            "resulting_security_ids": ["u3"], "split_transaction_id": "two-for-one"}),
        ),
        issuance("2020-07-01", "u1", "ana", "common", "1000"),
        issuance("2020-07-01", "u2", "bo", "common", "400"),
        issuance("2020-07-01", "u3", "fund", "common", "800"),
        json!({
            "object_type": "TX_STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT", "id": "more",
            "date": "2020-08-01", "stock_class_id": "common", "new_shares_authorized": "30000",
        }),
        event("TX_WARRANT_ACCEPTANCE", "2020-08-02", "w1", json!({})),
    ]
}

fn package(folder: &Path, events: Vec<Value>) {
    fs::create_dir_all(folder).unwrap();
    let right = json!([{
        "converts_to_stock_class_id": "common",
        "conversion_mechanism": {
            "type": "RATIO_CONVERSION", "ratio": {"numerator": "1.00", "denominator": "0.50"},
            "conversion_price": {"amount": "1", "currency": "EUR"}, "rounding_type": "NORMAL",
        },
    }]);
    let stakeholder = |id: &str, kind: &str| json!({"object_type": "STAKEHOLDER", "id": id, "name": {"legal_name": id}, "stakeholder_type": kind});
    let files = [
        (
            "stakeholders",
            "OCF_STAKEHOLDERS_FILE",
            vec![
                stakeholder("ana", "INDIVIDUAL"),
                stakeholder("bo", "INDIVIDUAL"),
                stakeholder("fund", "INSTITUTION"),
            ],
        ),
        (
            "stock_classes",
            "OCF_STOCK_CLASSES_FILE",
            vec![class("common", "COMMON", json!([])), class("seed", "PREFERRED", right)],
        ),
        ("transactions", "OCF_TRANSACTIONS_FILE", events),
    ];
    let mut manifest = json!({
        "ocf_version": "1.2.0", "file_type": "OCF_MANIFEST_FILE", "as_of": "2020-12-31",
        "generated_at": "2020-12-31T00:00:00Z",
        "issuer": {
            "object_type": "ISSUER", "id": "acme", "legal_name": "Acme", "formation_date": "2019-05-05",
            "country_of_formation": "PT",
        },
        "stock_plans_files": [], "stock_legend_templates_files": [], "vesting_terms_files": [],
        "valuations_files": [],
    });
    for (name, kind, items) in files {
        let file = format!("{name}.ocf.json");
        let document = json!({"file_type": kind, "items": items});
        fs::write(folder.join(&file), document.to_string()).unwrap();
        manifest[format!("{name}_files")] =
            json!([{"filepath": format!("./{file}"), "md5": "0".repeat(32)}]);
    }
    fs::write(folder.join("Manifest.ocf.json"), manifest.to_string()).unwrap();
}

/// The format's own schema where it is at hand; else one that asks of each type for an id alone, so that
/// all but the acceptance of details is tried.
fn schema(folder: &Path) -> (PathBuf, bool) {
    let data = std::env::var_os("CHANCERY_SHARED_DATA").map(PathBuf::from);
    if let Some(schema) = data.map(|data| data.join("equity/ocf/schema")).filter(|it| it.is_dir()) {
        return (schema, true);
    }
    println!(
        "the schema of the Open Cap Format is not there: one that asks for ids alone stands in"
    );
    let schema = folder.join("a-schema");
    fs::create_dir_all(schema.join("files")).unwrap();
    let mut types: Vec<String> =
        life().iter().map(|it| it["object_type"].as_str().unwrap().to_owned()).collect();
    types.extend(["ISSUER", "STAKEHOLDER", "STOCK_CLASS"].map(str::to_owned));
    for of in types {
        let document = json!({
            "$schema": "http://json-schema.org/draft-07/schema", "$id": format!("https://example.org/{of}"),
            "type": "object", "required": ["id"], "properties": {"object_type": {"const": of}},
        });
        fs::write(schema.join(format!("{of}.json")), document.to_string()).unwrap();
    }
    (schema, false)
}

/// Who holds how much of each class, by security.
fn cap_table(town: &Town, issuer: &str) -> BTreeMap<String, (String, String)> {
    let asked = says(town, &format!("ask equity/{issuer} cap-table --json"), &[]);
    let answer: Value = serde_json::from_str(&asked).unwrap();
    let mut held = BTreeMap::new();
    for class in answer["answer"]["classes"].as_array().unwrap() {
        for holder in class["holders"].as_array().unwrap() {
            for security in holder["securities"].as_array().unwrap() {
                let of = (class["class"].as_str().unwrap(), holder["quantity"].as_str().unwrap());
                held.insert(
                    security.as_str().unwrap().to_owned(),
                    (of.0.to_owned(), of.1.to_owned()),
                );
            }
        }
    }
    held
}

#[tokio::test]
async fn a_package_comes_in_and_goes_out_to_the_same_cap_table() {
    let town = town().await;
    let folder = town.folder();
    let (schema, _) = schema(&folder);
    let schema = schema.to_str().unwrap();
    package(&folder.join("acme"), life());

    let dry: Value = serde_json::from_str(&says(
        &town,
        "import ocf acme --dry-run --json",
        &["--schema", schema],
    ))
    .unwrap();
    assert_eq!(dry["refused"], json!([]), "{dry:#}");
    let first: Value =
        serde_json::from_str(&says(&town, "import ocf acme --json", &["--schema", schema]))
            .unwrap();
    assert_eq!((&first["refused"], &first["parties"]), (&json!([]), &json!(4)), "{first:#}");
    assert_eq!(first["applied"], dry["applied"]);
    let left: Vec<&str> = first["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["object_type"].as_str().unwrap())
        .collect();
    assert_eq!(left, ["TX_STOCK_ACCEPTANCE", "TX_WARRANT_ACCEPTANCE"]);
    let issuer = first["issuer"].as_str().unwrap();

    let expected = [
        ("u1", "common", "1000"),
        ("u2", "common", "400"),
        ("u3", "common", "800"),
        ("s8", "seed", "300"),
    ];
    let expected =
        expected.map(|(id, class, held)| (id.to_owned(), (class.to_owned(), held.to_owned())));
    assert_eq!(cap_table(&town, issuer), BTreeMap::from(expected));

    // Again, and nothing happens.
    let tip = town.tip().await;
    let again: Value =
        serde_json::from_str(&says(&town, "import ocf acme --json", &["--schema", schema]))
            .unwrap();
    assert_eq!((&again["applied"], &again["there_already"]), (&json!(0), &first["applied"]));
    assert_eq!(town.tip().await, tip);

    // What goes out is what the format asks for, and gives the same elsewhere.
    says(&town, &format!("export ocf {issuer} out"), &["--schema", schema]);
    let elsewhere = self::town().await;
    let out = folder.join("out");
    let import = format!("import ocf {} --json", out.display());
    let there: Value =
        serde_json::from_str(&says(&elsewhere, &import, &["--schema", schema])).unwrap();
    assert_eq!(there["refused"], json!([]), "{there:#}");
    assert_eq!(cap_table(&elsewhere, there["issuer"].as_str().unwrap()), cap_table(&town, issuer));
}

#[tokio::test]
async fn what_does_not_hold_together_is_refused_with_its_reason_and_the_rest_comes_in() {
    let town = town().await;
    let folder = town.folder();
    let (schema, _) = schema(&folder);
    let schema = schema.to_str().unwrap();
    let cancel = |security: &str, quantity: &str| {
        event(
            "TX_STOCK_CANCELLATION",
            "2020-02-01",
            security,
            json!({"quantity": quantity, "reason_text": "-"}),
        )
    };
    package(
        &folder.join("acme"),
        vec![
            issuance("2020-01-01", "s1", "ana", "common", "100"),
            issuance("2020-01-01", "s2", "nobody", "common", "100"),
            issuance("2020-01-01", "s3", "bo", "common", "99999999"),
            cancel("s9", "1"),
            cancel("s1", "40"),
        ],
    );
    let output = chancery(&town, "import ocf acme --json", &["--schema", schema]);
    assert_eq!(output.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let why = |id: &str| -> String {
        let refused = said["refused"].as_array().unwrap().iter();
        let found = refused.into_iter().find(|it| it["id"] == id);
        found.unwrap_or_else(|| panic!("{id}: {said:#}"))["why"].as_str().unwrap().to_owned()
    };
    assert!(why("of-s2").contains("no stakeholder nobody"));
    assert!(why("of-s3").starts_with("equity-above-class-authorised"));
    assert!(why("TX_STOCK_CANCELLATION-s9").contains("s9"));
    assert!(why("TX_STOCK_CANCELLATION-s1").starts_with("equity-balance-wrong"));
    let table = cap_table(&town, said["issuer"].as_str().unwrap());
    assert_eq!(table, BTreeMap::from([("s1".to_owned(), ("common".to_owned(), "100".to_owned()))]));

    // A manifest reaches for nothing outside its folder.
    let manifest = folder.join("acme/Manifest.ocf.json");
    let text = fs::read_to_string(&manifest).unwrap().replace("./stakeholders", "../stakeholders");
    fs::write(&manifest, text).unwrap();
    let output = chancery(&town, "import ocf acme", &["--schema", schema]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("outside the package"));
}

/// The samples of the format itself: a catalogue of objects that do not hold together as one company.
#[tokio::test]
async fn the_formats_own_samples_come_in_or_are_refused_with_a_reason() {
    let town = town().await;
    let (schema, real) = schema(&town.folder());
    if !real {
        println!("skipped: the samples are not there");
        return;
    }
    let samples = schema.with_file_name("samples");
    let output = chancery(&town, "import ocf", &[samples.to_str().unwrap(), "--json"]);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let refused = said["refused"].as_array().unwrap();
    assert!(refused.iter().all(|it| !it["why"].as_str().unwrap().is_empty()));
    // None for its form: the schema accepts each of them.
    assert!(
        refused.iter().all(|it| !it["why"].as_str().unwrap().starts_with("the schema")),
        "{said:#}"
    );
    let left: u64 =
        said["left_out"].as_array().unwrap().iter().map(|it| it["count"].as_u64().unwrap()).sum();
    let taken = said["applied"].as_u64().unwrap() + said["there_already"].as_u64().unwrap();
    println!("{taken} taken, {left} without a place, {} refused", refused.len());
    assert!(taken >= 7 && said["parties"] == 5, "{said:#}");
}
