//! A company brings its shares and all that may become shares from an Open Cap Format package; the package
//! that goes out again gives the same cap table elsewhere, with the records that were kept and without.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chancery_tests::ocf::{
    answers, cap_table, chancery, class, event, holdings, instrument, issuance, package, right,
    schema, stakeholder, town_with_registrar, with,
};
use md5::{Digest, Md5};
use serde_json::{Value, json};

/// Acme and its people, its classes and its plan, and what it keeps beside them.
fn company() -> Vec<Value> {
    vec![
        stakeholder("ana", "INDIVIDUAL"),
        stakeholder("bo", "INDIVIDUAL"),
        stakeholder("fund", "INSTITUTION"),
        class("common", "COMMON", json!([])),
        class("seed", "PREFERRED", json!([right("common", "1.00", "0.50")])),
        json!({
            "object_type": "STOCK_PLAN", "id": "The 2020 plan", "plan_name": "2020 plan",
            "initial_shares_reserved": "+1000.00", "stock_class_ids": ["common"],
            "default_cancellation_behavior": "RETURN_TO_POOL",
        }),
        json!({
            "object_type": "VESTING_TERMS", "id": "at-once", "name": "At once",
            "description": "All of it", "allocation_type": "CUMULATIVE_ROUND_DOWN",
            "vesting_conditions": [{
                "id": "start", "portion": {"numerator": "1", "denominator": "1"},
                "trigger": {"type": "VESTING_START_DATE"}, "next_condition_ids": [],
            }],
        }),
    ]
}

fn acme() -> Value {
    json!({
        "object_type": "ISSUER", "id": "acme", "legal_name": "Acme", "formation_date": "2019-05-05",
        "country_of_formation": "PT",
    })
}

/// What happens to a convertible, a warrant and grants, after all that happens to shares.
fn instruments() -> Vec<Value> {
    let eur = |amount: &str| json!({"amount": amount, "currency": "EUR"});
    let plan = json!({"stock_plan_id": "The 2020 plan", "quantity": "400"});
    let rsu = |security: &str, date: &str, holder: &str, quantity: &str| {
        let more = with(plan.clone(), json!({"quantity": quantity, "vesting_terms_id": "at-once"}));
        instrument("EQUITY_COMPENSATION", date, security, holder, more)
    };
    let day = "2021-02-01";
    vec![
        instrument(
            "CONVERTIBLE",
            "2021-01-01",
            "n1",
            "fund",
            json!({"investment_amount": eur("5000.00")}),
        ),
        instrument("WARRANT", "2021-01-01", "w1", "fund", json!({"quantity": "60"})),
        instrument("WARRANT", "2021-01-01", "w2", "bo", json!({})),
        rsu("r1", "2021-01-01", "ana", "400"),
        rsu("r2", "2021-01-02", "bo", "100"),
        event("TX_EQUITY_COMPENSATION_ACCEPTANCE", "2021-01-01", "r1", json!({})),
        event("TX_VESTING_START", "2021-01-03", "r1", json!({"vesting_condition_id": "start"})),
        event(
            "TX_EQUITY_COMPENSATION_RELEASE",
            day,
            "r1",
            json!({
                "id": "first-release", "settlement_date": day, "release_price": eur("9.00"),
                "quantity": "150", "resulting_security_ids": ["v1"],
            }),
        ),
        issuance(day, "v1", "ana", "common", "150"),
        event(
            "TX_EQUITY_COMPENSATION_RETRACTION",
            day,
            "r2",
            json!({"reason_text": "private reasons"}),
        ),
        event(
            "TX_EQUITY_COMPENSATION_CANCELLATION",
            "2021-03-01",
            "r1",
            json!({
                "quantity": "100", "balance_security_id": "r3", "reason_text": "left the company",
            }),
        ),
        rsu("r3", "2021-03-01", "ana", "150"),
        event(
            "TX_VESTING_ACCELERATION",
            "2021-03-05",
            "r3",
            json!({"quantity": "30", "reason_text": "well done"}),
        ),
        instrument(
            "WARRANT",
            "2021-03-06",
            "w5",
            "bo",
            json!({"quantity": "25", "vestings": [{"date": "2021-06-01", "amount": "25.00"}]}),
        ),
        event(
            "TX_WARRANT_TRANSFER",
            "2021-03-02",
            "w1",
            json!({
                "quantity": "40", "resulting_security_ids": ["w3"], "balance_security_id": "w4",
            }),
        ),
        instrument("WARRANT", "2021-03-02", "w3", "bo", json!({"quantity": "40"})),
        instrument("WARRANT", "2021-03-02", "w4", "fund", json!({"quantity": "20"})),
        event(
            "TX_WARRANT_EXERCISE",
            "2021-03-03",
            "w3",
            json!({
                "trigger_id": "t", "resulting_security_ids": ["v2"],
            }),
        ),
        issuance("2021-03-03", "v2", "bo", "common", "40"),
        event(
            "TX_CONVERTIBLE_CONVERSION",
            "2021-04-01",
            "n1",
            json!({
                "reason_text": "the next round", "trigger_id": "t", "balance_security_id": "n2",
                "resulting_security_ids": ["v3"],
            }),
        ),
        instrument(
            "CONVERTIBLE",
            "2021-04-01",
            "n2",
            "fund",
            json!({"investment_amount": eur("2000")}),
        ),
        issuance("2021-04-01", "v3", "fund", "common", "700"),
        json!({
            "object_type": "TX_STOCK_PLAN_POOL_ADJUSTMENT", "id": "a-larger-pool", "date": "2021-05-01",
            "stock_plan_id": "The 2020 plan", "shares_reserved": "1500",
        }),
    ]
}

fn life() -> Vec<Value> {
    company().into_iter().chain(shares()).chain(instruments()).collect()
}

/// Everything that can happen to shares, in an order that holds together.
fn shares() -> Vec<Value> {
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
    ]
}

/// A cap table with nothing in it that differs from ledger to ledger.
fn table_of(town: &chancery_tests::town::Town, issuer: &str) -> Value {
    fn without_parties(value: &mut Value) {
        match value {
            Value::Array(list) => list.iter_mut().for_each(without_parties),
            Value::Object(members) => {
                members.remove("holder");
                members.remove("issuer");
                members.values_mut().for_each(without_parties);
            }
            _ => {}
        }
    }
    let mut table = cap_table(town, issuer);
    without_parties(&mut table);
    for list in ["classes", "instruments"] {
        for one in table[list].as_array_mut().unwrap() {
            one["holders"].as_array_mut().unwrap().sort_by_key(ToString::to_string);
        }
    }
    table
}

#[tokio::test]
async fn a_package_comes_in_and_goes_out_to_the_same_cap_table() {
    let town = town_with_registrar().await;
    let folder = town.folder();
    let (schema, _) = schema(&folder, &life());
    let schema = ["--schema", schema.to_str().unwrap()];
    package(&folder.join("acme"), &acme(), &life());

    let dry = answers(&town, "import ocf acme --dry-run --json", &schema);
    assert_eq!(dry["refused"], json!([]), "{dry:#}");
    assert!(!folder.join("ocf-records").exists());
    let first = answers(&town, "import ocf acme --json", &schema);
    assert_eq!((&first["refused"], &first["parties"]), (&json!([]), &json!(4)), "{first:#}");
    assert_eq!(first["applied"], dry["applied"]);
    let issuer = first["issuer"].as_str().unwrap();

    let expected = [
        ("u1", "common", "1150"),
        ("u2", "common", "440"),
        ("u3", "common", "1500"),
        ("v1", "common", "1150"),
        ("v2", "common", "440"),
        ("v3", "common", "1500"),
        ("s8", "seed", "300"),
    ];
    let expected =
        expected.map(|(id, class, held)| (id.to_owned(), (class.to_owned(), held.to_owned())));
    let table = cap_table(&town, issuer);
    assert_eq!(holdings(&table), BTreeMap::from(expected));
    // 3,090 common and 300 seed; 150 share units, warrants for 20 and 25; a pool of 1,500 less 400, and 100 back.
    assert_eq!((&table["issued"], &table["fully_diluted"]), (&json!("3390"), &json!("4785")));
    assert_eq!(table["plans"][0]["available"], "1200");
    // The note and the warrant without a number.
    assert_eq!(table["undetermined"], 2);

    // The units vested when vesting started; of the balance it has not, and the rest has an end.
    let of = |town: &chancery_tests::town::Town, issuer: &str, security: &str| {
        let ask = format!("ask equity/instrument/{issuer}.{security} vested --json");
        let answer = answers(town, &ask, &[])["answer"].clone();
        json!([answer["state"], answer["vested"], answer["awaited"], answer["schedule"]])
    };
    let on = |date: &str, condition: Value, quantity: &str, vested: &str, accelerated: bool| {
        json!({
            "date": date, "condition": condition, "quantity": quantity, "vested": vested,
            "accelerated": accelerated,
        })
    };
    let all = on("2021-01-03", json!("start"), "400", "400", false);
    assert_eq!(of(&town, issuer, "r1"), json!(["by-terms", "400", [], [all]]));
    let sooner = on("2021-03-05", Value::Null, "30", "30", true);
    assert_eq!(of(&town, issuer, "r3"), json!(["by-terms", "30", ["start"], [sooner]]));
    let listed = on("2021-06-01", Value::Null, "25", "25", false);
    assert_eq!(of(&town, issuer, "w5"), json!(["by-dates", "25", [], [listed]]));

    // Again, and nothing happens.
    let tip = town.tip().await;
    let again = answers(&town, "import ocf acme --json", &schema);
    assert_eq!((&again["applied"], &again["there_already"]), (&json!(0), &first["applied"]));
    assert_eq!(town.tip().await, tip);

    // Nothing that was said in private is in the log.
    for entry in fs::read_dir(folder.join("data")).unwrap().flatten() {
        let Ok(bytes) = fs::read(entry.path()) else { continue };
        for private in ["private reasons", "left the company", "ana by name"] {
            let found = bytes.windows(private.len()).any(|part| part == private.as_bytes());
            assert!(!found, "{}: {private}", entry.path().display());
        }
    }

    // What goes out with the records is the package that came, object by object.
    let out = answers(&town, &format!("export ocf {issuer} out --json"), &schema);
    assert_eq!((&out["filled_in"], &out["not_given_back"]), (&json!(0), &json!({})), "{out:#}");
    assert_eq!(objects_in(&folder.join("out")), objects_in(&folder.join("acme")));
    // Without them it says what it cannot give back, and fills what the format asks for.
    let bare = answers(&town, &format!("export ocf {issuer} bare --records none --json"), &schema);
    assert_eq!(
        (&bare["given_back"], &bare["not_given_back"]),
        (
            &json!(0),
            &json!({
                "TX_EQUITY_COMPENSATION_ACCEPTANCE": 1, "TX_STOCK_ACCEPTANCE": 1,
            })
        ),
        "{bare:#}"
    );

    // Either gives the same elsewhere.
    for package in ["out", "bare"] {
        let elsewhere = town_with_registrar().await;
        let import = format!("import ocf {} --json", folder.join(package).display());
        let there = answers(&elsewhere, &import, &schema);
        assert_eq!(there["refused"], json!([]), "{package}: {there:#}");
        let there_issuer = there["issuer"].as_str().unwrap();
        for security in ["r1", "r3", "w5"] {
            let there = of(&elsewhere, there_issuer, security);
            assert_eq!(of(&town, issuer, security), there, "{package}: {security}");
        }
        let there = table_of(&elsewhere, there_issuer);
        assert_eq!(table_of(&town, issuer), there, "{package}");
    }
}

/// The objects of a package by type and id.
fn objects_in(folder: &Path) -> BTreeMap<(String, String), Value> {
    let mut objects = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let document: Value = serde_json::from_slice(&fs::read(entry.path()).unwrap()).unwrap();
        let issuer = document.get("issuer").into_iter();
        for object in document["items"].as_array().into_iter().flatten().chain(issuer) {
            let text = |name: &str| object[name].as_str().unwrap().to_owned();
            objects.insert((text("object_type"), text("id")), object.clone());
        }
    }
    objects
}

#[tokio::test]
async fn what_does_not_hold_together_is_refused_with_its_reason_and_the_rest_comes_in() {
    let town = town_with_registrar().await;
    let folder = town.folder();
    let (schema, _) = schema(&folder, &life());
    let schema = schema.to_str().unwrap();
    let cancel = |security: &str, quantity: &str| {
        event(
            "TX_STOCK_CANCELLATION",
            "2020-02-01",
            security,
            json!({"quantity": quantity, "reason_text": "-"}),
        )
    };
    let events = [
        issuance("2020-01-01", "s1", "ana", "common", "100"),
        issuance("2020-01-01", "s2", "nobody", "common", "100"),
        issuance("2020-01-01", "s3", "bo", "common", "9999999999"),
        cancel("s9", "1"),
        cancel("s1", "40"),
        event("TX_VESTING_START", "2020-03-01", "s9", json!({"vesting_condition_id": "start"})),
        instrument(
            "EQUITY_COMPENSATION",
            "2020-03-01",
            "r1",
            "ana",
            json!({"quantity": "1", "stock_plan_id": "none"}),
        ),
    ];
    let objects: Vec<Value> = company().into_iter().chain(events).collect();
    package(&folder.join("acme"), &acme(), &objects);
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
    assert!(why("TX_STOCK_CANCELLATION-s9").contains("no issuance of security s9"));
    assert!(why("TX_VESTING_START-s9").contains("no issuance of security s9"));
    assert!(why("of-r1").contains("no stock plan none"));
    assert!(why("TX_STOCK_CANCELLATION-s1").starts_with("equity-balance-wrong"));
    let table = cap_table(&town, said["issuer"].as_str().unwrap());
    assert_eq!(
        holdings(&table),
        BTreeMap::from([("s1".to_owned(), ("common".to_owned(), "100".to_owned()))])
    );

    // A manifest reaches for nothing outside its folder.
    let manifest = folder.join("acme/Manifest.ocf.json");
    let text = fs::read_to_string(&manifest).unwrap().replace("./stakeholders", "../stakeholders");
    fs::write(&manifest, text).unwrap();
    let output = chancery(&town, "import ocf acme", &["--schema", schema]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("outside the package"));

    // Nor is a file taken that is not the one its manifest was made for.
    package(&folder.join("acme"), &acme(), &objects);
    let file = folder.join("acme/transactions.ocf.json");
    let found = fs::read_to_string(&file).unwrap().replace("\"100\"", "\"900\"");
    fs::write(&file, &found).unwrap();
    let tip = town.tip().await;
    let output = chancery(&town, "import ocf acme", &["--schema", schema]);
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let [expected, sum] = [md5_in(&manifest), sum_of(&found)];
    assert!(error.contains("transactions.ocf.json"), "{error}");
    assert!(
        error.contains(&format!("expects the MD5 sum {expected}, and the file has {sum}")),
        "{error}"
    );
    assert_eq!(town.tip().await, tip);
}

fn sum_of(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The sum that a manifest states of the transactions.
fn md5_in(manifest: &Path) -> String {
    let manifest: Value = serde_json::from_str(&fs::read_to_string(manifest).unwrap()).unwrap();
    manifest["transactions_files"][0]["md5"].as_str().unwrap().to_owned()
}
