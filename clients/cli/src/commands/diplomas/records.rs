//! Records of diplomas: made with new salts, and the files in which they are handed to holders.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use chancery_client::Error;
use chancery_ledger::record::{Field, FieldName, Record, Salt, SchemaName, Text, Value};
use chancery_registries::diplomas::{CredentialId, CredentialKind};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// A credential's private record, as its holder gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordFile {
    /// Whose record it is.
    pub(super) credential: CredentialId,
    /// The record with its salts.
    pub(super) record: Record,
}

impl RecordFile {
    /// Reads one.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = fs::read(path).map_err(|error| Failure::file(path, error))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Failure::usage(format!("{}: no record: {error}", path.display())))
    }

    /// Writes a new file that only its owner may read, and comes back when it is on the disk.
    pub(super) fn write_new(&self, path: &Path) -> Result<(), Failure> {
        let mut file = private(OpenOptions::new().write(true).create_new(true))
            .open(path)
            .map_err(|error| Failure::file(path, error))?;
        file.write_all(&self.pretty())
            .and_then(|()| file.sync_all())
            .map_err(|error| Failure::file(path, error))?;
        sync_folder_of(path)
    }

    /// The file's bytes.
    pub(super) fn pretty(&self) -> Vec<u8> {
        // A plain tree of texts: writing it down does not fail.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }
}

/// A file that only its owner may read.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// A new file's name is on the disk once its folder is.
pub(crate) fn sync_folder_of(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Failure::file(folder, error))
}

/// The kind of record that a kind of credential has.
pub(super) fn schema(kind: CredentialKind) -> Result<SchemaName, Failure> {
    format!("diploma-{kind}-1").parse().map_err(|error| Failure::usage(format!("{error}")))
}

/// A new record of these fields, each with a new salt.
pub(super) fn new_record(
    kind: CredentialKind,
    fields: &[(FieldName, Text)],
) -> Result<Record, Failure> {
    let values = fields.iter().map(|(name, text)| (name.clone(), Value::Text(text.clone())));
    salted(schema(kind)?, values)
}

/// A record of these fields, each with a new salt.
pub(crate) fn salted(
    schema: SchemaName,
    fields: impl Iterator<Item = (FieldName, Value)>,
) -> Result<Record, Failure> {
    let field = |(name, value)| Ok::<_, Failure>(Field { name, salt: new_salt()?, value });
    let fields = fields.map(field).collect::<Result<_, _>>()?;
    Record::new(schema, fields).map_err(|error| Failure::usage(error.to_string()))
}

fn new_salt() -> Result<Salt, Failure> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| Error::NoRandomness)?;
    Ok(Salt(salt))
}

/// Whether a record says of these fields what they say, whatever its salts.
pub(super) fn says(record: &Record, kind: CredentialKind, fields: &[(FieldName, Text)]) -> bool {
    let same = |(field, (name, text)): (&Field, &(FieldName, Text))| {
        field.name == *name && matches!(&field.value, Value::Text(value) if value == text)
    };
    schema(kind).is_ok_and(|schema| schema == *record.schema())
        && record.fields().len() == fields.len()
        && record.fields().iter().zip(fields).all(same)
}
