//! The export keeps to the model of Linked Art 1.0: <https://linked.art/model/>.

use serde_json::{Value, json};

use crate::gallery::{Gallery, act, hash, step};

/// The classes that the export uses, each of the model (<https://linked.art/api/1.0/>).
const CLASSES: &[&str] = &[
    "HumanMadeObject",
    "Activity",
    "Acquisition",
    "TransferOfCustody",
    "Move",
    "Encounter",
    "Production",
    "Destruction",
    "Name",
    "Identifier",
    "LinguisticObject",
    "TimeSpan",
    "Place",
    "Actor",
    "Type",
];

/// The members that a part of a provenance activity must and may have, by its class
/// (<https://linked.art/model/provenance/>: acquisition, custody, move, and encounter).
const PARTS: &[(&str, &str, &[&str])] = &[
    ("Acquisition", "transferred_title_of", &["transferred_title_from", "transferred_title_to"]),
    (
        "TransferOfCustody",
        "transferred_custody_of",
        &["transferred_custody_from", "transferred_custody_to"],
    ),
    ("Move", "moved", &["moved_from", "moved_to"]),
    ("Encounter", "encountered", &["carried_out_by"]),
];

/// A work with a past, out on loan, stolen and recovered.
fn document() -> Value {
    let mut gallery = Gallery::new();
    let (ana, bo, museum) = (gallery.ana, gallery.bo, gallery.museum);
    let mut looted = step("direct", "An officer");
    looted["kind"] = json!("transfer-of-custody");
    looted["method"] = json!("looting");
    looted["from"] = json!("Mr. A");
    let mut seen = step("gap", "Mr. C");
    seen["kind"] = json!("encounter");
    seen["place"] = json!("Paris");
    seen["since"] = json!("[..1950]");
    seen["until"] = json!("1951");
    seen["certainty"] = json!("possible");
    seen.as_object_mut().unwrap().remove("method");
    let mut moved = step("direct", "Mr. C");
    moved["kind"] = json!("move");
    moved["place"] = json!("London");
    let claims = json!([step("start", "Mr. A"), looted, seen, moved]);
    gallery.does(gallery.claims(ana, 1, claims), &[ana]);
    gallery.lends();
    gallery.does(gallery.theft(museum), &[museum]);
    gallery.does(gallery.recovery(museum), &[ana, museum]);
    gallery.does(gallery.sale(ana, bo), &[ana, bo]);
    gallery.answers("linked-art")
}

/// Every node with a type, however deep.
fn nodes<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Array(members) => members.iter().for_each(|member| nodes(member, found)),
        Value::Object(members) => {
            found.push(value);
            members.values().for_each(|member| nodes(member, found));
        }
        _ => {}
    }
}

fn classes_of(node: &Value) -> Vec<&str> {
    let classes = node["classified_as"].as_array().unwrap();
    classes.iter().map(|class| class["id"].as_str().unwrap()).collect()
}

#[test]
fn the_document_names_its_context_and_every_node_its_class() {
    let document = document();
    assert_eq!(document["@context"], "https://linked.art/ns/v1/linked-art.json");
    let mut found = Vec::new();
    nodes(&document["@graph"], &mut found);
    assert!(found.len() > 100);
    for node in found {
        let class = node["type"].as_str().unwrap_or_else(|| panic!("no type: {node:#}"));
        assert!(CLASSES.contains(&class), "{class}");
        if class == "Type" {
            assert!(node["id"].is_string() && node["_label"].is_string(), "{node:#}");
        }
        for (name, value) in node.as_object().unwrap() {
            assert!(!value.is_null(), "{name} is null: {node:#}");
        }
    }
}

#[test]
fn the_object_is_named_classified_produced_and_owned() {
    let document = document();
    let object = &document["@graph"][0];
    assert_eq!(object["type"], "HumanMadeObject");
    // https://linked.art/model/object/identity/: an artwork, with a primary name.
    assert!(classes_of(object).contains(&"http://vocab.getty.edu/aat/300133025"));
    let names = object["identified_by"].as_array().unwrap();
    assert!(classes_of(&names[0]).contains(&"http://vocab.getty.edu/aat/300404670"));
    assert_eq!(names[0]["content"], "The News Boys");
    // https://linked.art/model/object/production/
    assert_eq!(object["produced_by"]["type"], "Production");
    assert_eq!(object["produced_by"]["carried_out_by"][0]["_label"], "A Master");
    // https://linked.art/model/object/ownership/
    assert!(object["current_owner"].is_array() && object["current_custodian"].is_array());
    for statement in object["referred_to_by"].as_array().unwrap() {
        assert_eq!(statement["type"], "LinguisticObject");
        assert!(statement["content"].is_string());
    }
}

#[test]
fn each_link_is_a_provenance_activity_with_parts_of_the_model() {
    let document = document();
    let id = document["@graph"][0]["id"].clone();
    let activities = &document["@graph"].as_array().unwrap()[1..];
    assert_eq!(activities.len(), 4 + 5);
    let mut seen = Vec::new();
    for activity in activities {
        assert_eq!(activity["type"], "Activity");
        assert!(classes_of(activity).contains(&"http://vocab.getty.edu/aat/300055863"));
        let parts = activity["part"].as_array().unwrap();
        assert!(!parts.is_empty(), "{activity:#}");
        for part in parts {
            let class = part["type"].as_str().unwrap();
            seen.push(class.to_owned());
            let (_, of, may) = PARTS.iter().find(|(name, ..)| *name == class).unwrap();
            assert_eq!(part[of][0]["id"], id, "{part:#}");
            for name in part.as_object().unwrap().keys() {
                let known = ["type", "classified_as", of].contains(&name.as_str());
                assert!(known || may.contains(&name.as_str()), "{class} has {name}");
            }
        }
        let timespan = &activity["timespan"];
        if let (Some(begin), Some(end)) =
            (timespan["begin_of_the_begin"].as_str(), timespan["end_of_the_end"].as_str())
        {
            assert!(begin <= end, "{timespan:#}");
            assert!(begin.ends_with('Z') && end.ends_with('Z'));
        }
    }
    for (class, ..) in PARTS {
        assert!(seen.iter().any(|seen| seen == class), "no {class}");
    }
}

#[test]
fn what_is_taken_is_never_acquired() {
    let document = document();
    let taken = |activity: &&Value| {
        let text = activity["part"].to_string();
        text.contains(":looting") || text.contains(":stolen")
    };
    let activities = document["@graph"].as_array().unwrap()[1..].iter().filter(taken);
    let mut count = 0;
    for activity in activities {
        count += 1;
        let parts = activity["part"].as_array().unwrap();
        assert!(parts.iter().all(|part| part["type"] != "Acquisition"), "{activity:#}");
        assert!(parts.iter().any(|part| part["type"] == "TransferOfCustody"));
    }
    assert_eq!(count, 2);
}

#[test]
fn gaps_doubts_and_disputes_are_said() {
    let mut gallery = Gallery::new();
    let claims = json!([step("start", "Mr. A"), step("gap", "Mr. B")]);
    gallery.does(gallery.claims(gallery.ana, 1, claims), &[gallery.ana]);
    let dispute = act(
        "dispute-claim",
        json!({
            "work": "w-1", "number": 2, "by": gallery.expert.id, "reason": "The stamp is another's",
        }),
    );
    gallery.does(dispute, &[gallery.expert]);
    gallery.burns();
    let document = gallery.answers("linked-art");
    let second = document["@graph"][2]["referred_to_by"].to_string();
    assert!(second.contains("Gap: ") && second.contains("The stamp is another's"), "{second}");
    assert_eq!(document["@graph"][0]["destroyed_by"]["type"], "Destruction");
    assert!(document["@graph"][0].get("current_custodian").is_none());
    let _ = hash("");
}
