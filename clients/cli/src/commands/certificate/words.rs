//! What a certificate says of an object, in words.

use chancery_client::{Hash, Path};
use chancery_ledger::record::DisclosedField;
use serde_json::Value;

use super::setting::grouped;

/// Facts that go onto a certificate; what is beyond is in the code and in the register.
const FACTS_MAX: usize = 48;
/// How deep facts within facts are followed.
const DEPTH_MAX: usize = 6;

/// The words of a certificate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// What it is a certificate of.
    pub(super) heading: String,
    /// What is certified, in a sentence.
    pub(super) sentence: String,
    /// What the register states, by name. Hashes are for machines, which have them in the code.
    pub(super) facts: Vec<(String, String)>,
    /// How many facts are left out.
    pub(super) left_out: usize,
}

/// The words for an object, with what its holder shows of its record.
pub(super) fn of(object: &Path, value: &Value, shown: &[DisclosedField]) -> Words {
    let (register, kind, id) = object.parts();
    let field = |name: &str| text(&value[name]);
    let shown_as = |name: &str| {
        shown.iter().find(|field| field.name.as_str() == name).map(|field| field.value.to_text())
    };
    let (heading, sentence) = match (register, kind) {
        ("diplomas", "credential") => {
            let holder = shown_as("name").unwrap_or_else(|| field("holder"));
            let what = shown_as("degree").unwrap_or_else(|| words(&field("kind")));
            let heading = match field("kind").as_str() {
                "transcript" => "Transcript",
                "micro-credential" => "Micro-credential",
                _ => "Diploma",
            };
            let sentence = format!(
                "{holder} was awarded {what} on {} by {}. In the register this credential is {}.",
                field("awarded"),
                field("institution"),
                words(&field("status"))
            );
            (heading.to_owned(), sentence)
        }
        ("land", "title") => {
            let owners: Vec<String> = value["owners"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|owner| format!("{} to {}", text(&owner["party"]), text(&owner["share"])))
                .collect();
            let sentence = format!(
                "The title {id} is registered as belonging to {}, with the interests of others that stand below.",
                owners.join(", ")
            );
            ("Title".to_owned(), sentence)
        }
        ("marriages", "marriage") => {
            let spouses: Vec<String> =
                value["spouses"].as_array().into_iter().flatten().map(text).collect();
            let sentence = format!(
                "{} were married on {} at {}. In the register this marriage is {}.",
                spouses.join(" and "),
                field("celebrated"),
                field("place"),
                words(&field("state"))
            );
            ("Certificate of marriage".to_owned(), sentence)
        }
        ("artworks", "work") => {
            let title = text(&value["description"]["title"]);
            let sentence = format!(
                "The work {} is registered as owned by {}. In the register it is {}.",
                if title.is_empty() { id } else { &title },
                field("owner"),
                words(&field("status"))
            );
            ("Certificate of a work of art".to_owned(), sentence)
        }
        ("parcels", "parcel") => {
            let number = id.parse().map_or_else(|_| id.to_owned(), |number| grouped(&number));
            let sentence = format!(
                "The parcel {number} goes from {} to {} and is carried by {}. In the register it is {}.",
                field("sender"),
                field("recipient"),
                field("carrier"),
                words(&field("state"))
            );
            ("Parcel".to_owned(), sentence)
        }
        ("identity", "party") => {
            let of = field("kind");
            let sentence = format!(
                "{} is registered as a party of the kind {} since {}. In the register it is {}.",
                shown_as("name")
                    .unwrap_or_else(|| "The holder of the key behind this ID".to_owned()),
                words(&of),
                field("created"),
                words(&field("status"))
            );
            (capitalised(&words(&of)), sentence)
        }
        _ => {
            let heading = capitalised(&words(kind));
            (heading, format!("The register of {register} has {id} as it stands below."))
        }
    };
    let mut facts: Vec<(String, String)> = shown
        .iter()
        .map(|field| (capitalised(&words(field.name.as_str())), field.value.to_text()))
        .collect();
    put_facts(&mut facts, "", value, 0);
    let all = facts.len();
    facts.retain(|(_, value)| value.parse::<Hash>().is_err());
    facts.truncate(FACTS_MAX);
    let left_out = all - facts.len();
    Words { heading, sentence, facts, left_out }
}

/// Names and values, those within others by both names.
fn put_facts(facts: &mut Vec<(String, String)>, name: &str, value: &Value, depth: usize) {
    match value {
        Value::Null => {}
        Value::Object(fields) if depth < DEPTH_MAX => {
            for (inner, value) in fields {
                let inner = words(inner);
                let name = match name {
                    "" => capitalised(&inner),
                    _ => format!("{name}, {inner}"),
                };
                put_facts(facts, &name, value, depth + 1);
            }
        }
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            if !items.is_empty() {
                let items: Vec<String> = items.iter().map(text).collect();
                facts.push((name.to_owned(), items.join(", ")));
            }
        }
        Value::Array(items) if depth < DEPTH_MAX => {
            for (number, item) in (1..).zip(items) {
                put_facts(facts, &format!("{name} {number}"), item, depth + 1);
            }
        }
        _ => facts.push((name.to_owned(), text(value))),
    }
}

/// A value as it is read out.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

/// A name of the interface as words.
fn words(name: &str) -> String {
    name.replace(['_', '-'], " ")
}

fn capitalised(text: &str) -> String {
    let mut signs = text.chars();
    let first = signs.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + signs.as_str()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_title_says_whose_it_is_and_what_burdens_it() {
        let object: Path = "land/title/NA1".parse().unwrap();
        let value = json!({
            "title": "NA1", "owners": [{"party": "ANA", "share": "1/3"}, {"party": "BO", "share": "2/3"}],
            "interests": [{"rank": 1, "nature": {"mortgage": {"lender": "BANK"}}}], "units": ["A", "B"], "caveat": null,
            "record": "00".repeat(32),
        });
        let Words { heading, sentence, facts, left_out } = of(&object, &value, &[]);
        assert_eq!((heading.as_str(), left_out), ("Title", 1));
        assert!(sentence.contains("ANA to 1/3, BO to 2/3"), "{sentence}");
        let has = |name: &str, value: &str| facts.contains(&(name.to_owned(), value.to_owned()));
        assert!(has("Interests 1, nature, mortgage, lender", "BANK"), "{facts:?}");
        assert!(has("Units", "A, B") && !facts.iter().any(|(name, _)| name == "Caveat"));
    }

    #[test]
    fn what_is_too_much_for_a_sheet_is_counted() {
        let object: Path = "parcels/parcel/X".parse().unwrap();
        let value = json!({"seen": (0..60).map(|n| json!({"n": n})).collect::<Vec<_>>()});
        let words = of(&object, &value, &[]);
        assert_eq!((words.facts.len(), words.left_out), (FACTS_MAX, 60 - FACTS_MAX));
        assert_eq!(words.heading, "Parcel");
    }
}
