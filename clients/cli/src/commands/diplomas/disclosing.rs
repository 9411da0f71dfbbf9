//! `chancery diplomas disclose`: some fields of a record, with their proof.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use chancery_ledger::record::{DisclosedField, Disclosure};
use chancery_registries::diplomas::CredentialId;
use clap::Args;
use serde::{Deserialize, Serialize};

use super::records::{RecordFile, private};
use crate::failure::Failure;
use crate::report::Report;

/// What a holder shows of a credential: degree without grades.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DisclosureFile {
    /// Whose record it is of.
    pub(super) credential: CredentialId,
    /// The fields and their proof.
    pub(super) disclosure: Disclosure,
}

impl DisclosureFile {
    /// Reads one.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Failure::usage(format!("{}: no disclosure: {error}", path.display())))
    }
}

/// The fields that are shown, a line each.
pub(super) fn lines(fields: &[DisclosedField]) -> String {
    fields.iter().map(|field| format!("  {}: {}\n", field.name, field.value)).collect()
}

/// Write some fields of a record to a file that proves them and shows nothing of the others.
#[derive(Debug, Args)]
pub(crate) struct Disclose {
    /// The record, as the institution handed it out.
    record: PathBuf,
    /// A field to show; once for each.
    #[arg(long = "field", value_name = "NAME", required = true)]
    fields: Vec<String>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Disclose {
    /// Does it.
    pub(crate) fn run(&self) -> Result<Report, Failure> {
        let RecordFile { credential, record } = RecordFile::read(&self.record)?;
        let names: Vec<&str> = record.fields().iter().map(|field| field.name.as_str()).collect();
        let disclosure = record
            .disclose(&self.fields)
            .map_err(|error| Failure::usage(format!("{error}; it has: {}", names.join(", "))))?;
        let file = DisclosureFile { credential, disclosure };
        let bytes = serde_json::to_vec_pretty(&file).unwrap_or_default();
        private(OpenOptions::new().write(true).create(true).truncate(true))
            .open(&self.out)
            .and_then(|mut out| out.write_all(&bytes))
            .map_err(|error| Failure::file(&self.out, error))?;
        let hidden = names.len() - file.disclosure.fields.len();
        let shown = lines(&file.disclosure.fields);
        let text = format!(
            "{} shows of {}, and not its other {hidden} fields:\n{shown}",
            self.out.display(),
            file.credential
        );
        Ok(Report::new(text, &file))
    }
}
