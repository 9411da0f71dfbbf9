//! Packages of the Open Cap Format, and a town with a company registrar who brings them in.

#![allow(clippy::panic, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use md5::{Digest, Md5};
use serde_json::{Value, json};

use crate::node::binary;
use crate::town::{Town, party};

/// A town with a company registrar, whose key is at hand.
pub async fn town_with_registrar() -> Town {
    let town = Town::founded();
    says(&town, "key new registrar", &[]);
    says(&town, "identity create registrar --kind organisation", &[]);
    let registrar = answers(&town, "key show registrar --json", &[]);
    let accredit = json!({
        "register": "authorities", "action": "accredit", "accreditation": "registrar-1",
        "by": party("root"), "institution": registrar["party"], "role": "company-registrar",
        "registers": ["equity"], "scope": "companies of the town",
    });
    town.did(&["root"], accredit).await;
    town
}

/// What the command does in a town.
pub fn chancery(town: &Town, command: &str, more: &[&str]) -> Output {
    Command::new(binary("chancery").expect("the command is built"))
        .args(command.split(' '))
        .args(more)
        .args(["--url", town.node().url(), "--anchor", "data/genesis.json"])
        .current_dir(town.folder())
        .env("CHANCERY_KEYS", town.folder().join("keys"))
        .env("CHANCERY_PASSPHRASE", "correct horse")
        .output()
        .expect("the command runs")
}

/// What a command that succeeds says.
#[track_caller]
pub fn says(town: &Town, command: &str, more: &[&str]) -> String {
    let output = chancery(town, command, more);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command} {more:?}: {error}");
    String::from_utf8(output.stdout).expect("a text")
}

/// The same, as JSON.
#[track_caller]
pub fn answers(town: &Town, command: &str, more: &[&str]) -> Value {
    serde_json::from_str(&says(town, command, more)).expect("JSON")
}

/// The issuance of shares.
pub fn issuance(date: &str, security: &str, holder: &str, class: &str, quantity: &str) -> Value {
    json!({
        "object_type": "TX_STOCK_ISSUANCE", "id": format!("of-{security}"), "date": date,
        "security_id": security, "custom_id": format!("No. {security}"), "stakeholder_id": holder,
        "stock_class_id": class, "quantity": quantity,
        "share_price": {"amount": "1.00", "currency": "EUR"}, "security_law_exemptions": [],
        "stock_legend_ids": [],
    })
}

/// The issuance of an instrument: `CONVERTIBLE`, `WARRANT` or `EQUITY_COMPENSATION`.
pub fn instrument(of: &str, date: &str, security: &str, holder: &str, more: Value) -> Value {
    let mut issuance = json!({
        "object_type": format!("TX_{of}_ISSUANCE"), "id": format!("of-{security}"), "date": date,
        "security_id": security, "custom_id": format!("No. {security}"), "stakeholder_id": holder,
        "security_law_exemptions": [],
    });
    match of {
        "CONVERTIBLE" => {
            issuance["convertible_type"] = json!("NOTE");
            issuance["conversion_triggers"] = json!([{
                "trigger_id": "t", "type": "UNSPECIFIED",
                "conversion_right": {
                    "type": "CONVERTIBLE_CONVERSION_RIGHT",
                    "conversion_mechanism": {
                        "type": "CUSTOM_CONVERSION", "custom_conversion_description": "By its terms",
                    },
                },
            }]);
            issuance["seniority"] = json!(1);
        }
        "WARRANT" => {
            issuance["exercise_triggers"] = json!([]);
            issuance["purchase_price"] = json!({"amount": "1", "currency": "EUR"});
        }
        _ => {
            issuance["compensation_type"] = json!("RSU");
            issuance["expiration_date"] = Value::Null;
            issuance["termination_exercise_windows"] = json!([]);
        }
    }
    with(issuance, more)
}

/// An event about a security.
pub fn event(kind: &str, date: &str, security: &str, more: Value) -> Value {
    let event = json!({
        "object_type": kind, "id": format!("{kind}-{security}"), "date": date,
        "security_id": security,
    });
    with(event, more)
}

/// An object with more members.
pub fn with(mut object: Value, more: Value) -> Value {
    for (name, value) in more.as_object().into_iter().flatten() {
        object[name] = value.clone();
    }
    object
}

/// A class of shares.
pub fn class(id: &str, kind: &str, rights: Value) -> Value {
    json!({
        "object_type": "STOCK_CLASS", "id": id, "name": id, "class_type": kind,
        "default_id_prefix": "X-", "initial_shares_authorized": "1000000000.00",
        "votes_per_share": "1", "seniority": "1", "conversion_rights": rights,
    })
}

/// A right to convert into another class by a ratio.
pub fn right(into: &str, numerator: &str, denominator: &str) -> Value {
    json!({
        "converts_to_stock_class_id": into,
        "conversion_mechanism": {
            "type": "RATIO_CONVERSION",
            "ratio": {"numerator": numerator, "denominator": denominator},
            "conversion_price": {"amount": "1", "currency": "EUR"}, "rounding_type": "NORMAL",
        },
    })
}

/// A stakeholder.
pub fn stakeholder(id: &str, kind: &str) -> Value {
    json!({
        "object_type": "STAKEHOLDER", "id": id, "name": {"legal_name": format!("{id} by name")},
        "stakeholder_type": kind,
    })
}

/// Writes a package of objects, each into the file of its type, under a manifest with their sums.
pub fn package(folder: &Path, issuer: &Value, objects: &[Value]) {
    const LISTS: [(&str, &str); 9] = [
        ("stakeholders", "STAKEHOLDER"),
        ("stock_classes", "STOCK_CLASS"),
        ("stock_plans", "STOCK_PLAN"),
        ("stock_legend_templates", "STOCK_LEGEND_TEMPLATE"),
        ("vesting_terms", "VESTING_TERMS"),
        ("valuations", "VALUATION"),
        ("financings", "FINANCING"),
        ("documents", "DOCUMENT"),
        ("transactions", ""),
    ];
    let list_of = |object: &Value| {
        let of = LISTS.iter().find(|(_, of)| object["object_type"] == *of);
        of.map_or("transactions", |(list, _)| *list)
    };
    fs::create_dir_all(folder).expect("a folder");
    let mut manifest = json!({
        "ocf_version": "1.2.1-alpha+main", "file_type": "OCF_MANIFEST_FILE",
        "as_of": "2020-12-31", "generated_at": "2020-12-31T00:00:00Z", "issuer": issuer,
    });
    for (list, _) in LISTS {
        let items: Vec<&Value> = objects.iter().filter(|it| list_of(it) == list).collect();
        let kind = format!("OCF_{}_FILE", list.to_uppercase());
        let text = json!({"file_type": kind, "items": items}).to_string();
        let file = format!("{list}.ocf.json");
        fs::write(folder.join(&file), &text).expect("a file");
        let md5: String = Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        manifest[format!("{list}_files")] = json!([{"filepath": format!("./{file}"), "md5": md5}]);
    }
    fs::write(folder.join("Manifest.ocf.json"), manifest.to_string()).expect("a file");
}

/// The format's own schema where it is at hand; else one that asks of each type for an id alone, so that
/// all but the acceptance of details is tried.
pub fn schema(folder: &Path, objects: &[Value]) -> (PathBuf, bool) {
    let data = std::env::var_os("CHANCERY_SHARED_DATA").map(PathBuf::from);
    if let Some(schema) = data.map(|data| data.join("equity/ocf/schema")).filter(|it| it.is_dir()) {
        return (schema, true);
    }
    println!(
        "the schema of the Open Cap Format is not there: one that asks for ids alone stands in"
    );
    let schema = folder.join("a-schema");
    fs::create_dir_all(schema.join("files")).expect("a folder");
    let of = |object: &Value| object["object_type"].as_str().map(str::to_owned);
    let mut types: BTreeSet<String> = objects.iter().filter_map(of).collect();
    types.insert("ISSUER".to_owned());
    for of in types {
        let document = json!({
            "$schema": "http://json-schema.org/draft-07/schema",
            "$id": format!("https://example.org/{of}"), "type": "object", "required": ["id"],
            "properties": {"object_type": {"const": of}},
        });
        fs::write(schema.join(format!("{of}.json")), document.to_string()).expect("a file");
    }
    for list in [
        "MANIFEST",
        "STAKEHOLDERS",
        "STOCK_CLASSES",
        "STOCK_PLANS",
        "VESTING_TERMS",
        "TRANSACTIONS",
    ] {
        let document = json!({
            "$schema": "http://json-schema.org/draft-07/schema",
            "$id": format!("https://example.org/files/{list}"), "type": "object",
            "properties": {"file_type": {"const": format!("OCF_{list}_FILE")}},
        });
        fs::write(schema.join(format!("files/{list}.json")), document.to_string()).expect("a file");
    }
    (schema, false)
}

/// A cap table without the block that it is of.
pub fn cap_table(town: &Town, issuer: &str) -> Value {
    answers(town, &format!("ask equity/{issuer} cap-table --json"), &[])["answer"].clone()
}

/// Who holds how much of each class, by security.
pub fn holdings(table: &Value) -> BTreeMap<String, (String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut held = BTreeMap::new();
    for class in table["classes"].as_array().expect("classes") {
        for holder in class["holders"].as_array().expect("holders") {
            for security in holder["securities"].as_array().expect("securities") {
                let of = (text(&class["class"]), text(&holder["quantity"]));
                held.insert(text(security), of);
            }
        }
    }
    held
}
