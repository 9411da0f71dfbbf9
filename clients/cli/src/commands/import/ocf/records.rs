//! The objects of a package as they are kept: salted records beside the ledger, which has their commitments.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use chancery_client::Hash;
use chancery_ledger::record::{FieldName, Record, Value};
use serde_json::Value as Json;

use super::package::Object;
use crate::commands::diplomas::records::{private, salted, sync_folder_of};
use crate::failure::Failure;

/// The kind of record that these are.
const SCHEMA: &str = "ocf-object-1";
/// What marks a field whose text is a member in JSON rather than a text.
const JSON: &str = "(JSON)";
/// A field's text is at most so long, in bytes; a longer one goes on in the next field.
const PART_MAX: usize = 8000;

/// The kept records of one issuer, each in a file that is named by its commitment.
pub(crate) struct Records {
    folder: PathBuf,
    /// What each commitment is to.
    objects: BTreeMap<Hash, Json>,
    /// The commitment to each object, by its text.
    commitments: BTreeMap<String, Hash>,
    new: Vec<Record>,
}

impl Records {
    /// Reads a folder; an absent one has none.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        let mut records = Self {
            folder: folder.to_owned(),
            objects: BTreeMap::new(),
            commitments: BTreeMap::new(),
            new: Vec::new(),
        };
        if !folder.is_dir() {
            return Ok(records);
        }
        let entries = fs::read_dir(folder).map_err(|error| Failure::file(folder, error))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.extension().is_none_or(|it| it != "json") {
                continue;
            }
            let bytes = fs::read(&path).map_err(|error| Failure::file(&path, error))?;
            let wrong = |why: String| Failure::usage(format!("{}: {why}", path.display()));
            let record: Record =
                serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
            let object = object_of(&record).map_err(wrong)?;
            records.enter(&record, object);
        }
        Ok(records)
    }

    fn enter(&mut self, record: &Record, object: Json) -> Hash {
        let commitment = record.commitment();
        self.commitments.insert(object.to_string(), commitment);
        self.objects.insert(commitment, object);
        commitment
    }

    /// The commitment to an object: that of the record which says the same, or of a new one.
    pub(crate) fn commit(&mut self, object: &Object) -> Result<Hash, Failure> {
        if let Some(commitment) = self.commitments.get(&object.value.to_string()) {
            return Ok(*commitment);
        }
        let schema = SCHEMA.parse().map_err(|error| Failure::usage(format!("{error}")))?;
        let record = salted(schema, fields_of(object)?.into_iter())?;
        let commitment = self.enter(&record, object.value.clone());
        self.new.push(record);
        Ok(commitment)
    }

    /// Puts the new records on the disk, before anything is sent that commits to them.
    pub(crate) fn save(&mut self) -> Result<(), Failure> {
        if self.new.is_empty() {
            return Ok(());
        }
        fs::create_dir_all(&self.folder).map_err(|error| Failure::file(&self.folder, error))?;
        let mut last = None;
        for record in self.new.drain(..) {
            let path = self.folder.join(format!("{}.json", record.commitment()));
            // A plain tree of texts: writing it down does not fail.
            let bytes = serde_json::to_vec_pretty(&record).unwrap_or_default();
            private(OpenOptions::new().write(true).create_new(true))
                .open(&path)
                .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()))
                .map_err(|error| Failure::file(&path, error))?;
            last = Some(path);
        }
        last.map_or(Ok(()), |path| sync_folder_of(&path))
    }

    /// What a commitment is to, where its record is kept.
    pub(crate) fn object(&self, commitment: &Hash) -> Option<&Json> {
        self.objects.get(commitment)
    }
}

/// An object's members as the fields of a record, in the order of their names.
fn fields_of(object: &Object) -> Result<Vec<(FieldName, Value)>, Failure> {
    let mut fields = Vec::new();
    for (member, value) in object.value.as_object().into_iter().flatten() {
        let (name, text) = match value {
            Json::String(text) => (member.clone(), text.clone()),
            other => (format!("{member} {JSON}"), other.to_string()),
        };
        for (index, part) in parts_of(&text).into_iter().enumerate() {
            let name = if index == 0 { name.clone() } else { format!("{name} {}", index + 1) };
            let wrong = |error: String| Failure::usage(format!("{}: {name}: {error}", object.id()));
            let field = name.parse().map_err(|error| wrong(format!("{error}")))?;
            let text = part.parse().map_err(|error| wrong(format!("{error}")))?;
            fields.push((field, Value::Text(text)));
        }
    }
    Ok(fields)
}

/// A text in parts that fit into fields.
fn parts_of(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > PART_MAX {
        let (part, after) = rest.split_at(rest.floor_char_boundary(PART_MAX));
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// The object that a record is of.
fn object_of(record: &Record) -> Result<Json, String> {
    let mut texts: BTreeMap<(String, bool), String> = BTreeMap::new();
    for field in record.fields() {
        let mut words = field.name.as_str().split(' ');
        let member = words.next().unwrap_or_default().to_owned();
        let is_json = words.next() == Some(JSON);
        let Value::Text(text) = &field.value else {
            return Err(format!("{}: no text", field.name));
        };
        texts.entry((member, is_json)).or_default().push_str(text.as_str());
    }
    let member = |((member, is_json), text): ((String, bool), String)| {
        let value = match is_json {
            true => serde_json::from_str(&text).map_err(|error| format!("{member}: {error}"))?,
            false => Json::String(text),
        };
        Ok::<_, String>((member, value))
    };
    texts.into_iter().map(member).collect::<Result<serde_json::Map<_, _>, _>>().map(Json::Object)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_comes_back_as_it_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let long = "ä".repeat(9000);
        let value = json!({
            "id": "x", "text": long, "empty": "", "number": 3, "none": null, "list": [{"a": "1"}],
        });
        let object = Object { file: "f".to_owned(), value: value.clone() };
        let mut records = Records::read(folder.path()).unwrap();
        let commitment = records.commit(&object).unwrap();
        records.save().unwrap();

        let mut read = Records::read(folder.path()).unwrap();
        assert_eq!(read.object(&commitment), Some(&value));
        // The same object has the same commitment, another has another.
        assert_eq!(read.commit(&object).unwrap(), commitment);
        let other = Object { file: "f".to_owned(), value: json!({"id": "y"}) };
        assert_ne!(read.commit(&other).unwrap(), commitment);
    }
}
