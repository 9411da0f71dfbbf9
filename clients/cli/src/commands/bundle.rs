//! `chancery bundle`: an object with everything that was done to it and all the proofs, as one file.

use std::path::{Path as FilePath, PathBuf};

use chancery_client::Path;
use chancery_client::bundle::{BUNDLE_BYTES_MAX, BadBundle, Bundle, BundleVerified, VersionShown};
use chancery_ledger::record::Disclosure;
use clap::Args;
use serde::Deserialize;
use serde_json::json;

use super::evidence::{age_of, trusted};
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Get an object with everything that was done to it and all the proofs, as one file that
/// `chancery verify` checks offline.
#[derive(Debug, Args)]
pub(crate) struct Make {
    /// The object, as in parcels/parcel/RR123456785TW.
    object: Path,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What is shown of a record to which the object commits, as `chancery diplomas disclose` writes it;
    /// once for each.
    #[arg(long = "disclosure", value_name = "FILE")]
    disclosures: Vec<PathBuf>,
}

/// A disclosure by itself, or with the name of what it is of.
#[derive(Deserialize)]
#[serde(untagged)]
enum Disclosed {
    Bare(Disclosure),
    Named { disclosure: Disclosure },
}

impl Make {
    /// Does it: fetches, checks against the anchor as whoever gets the file will, and writes.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        trusted(session)?;
        let mut bundle = session.client()?.bundle(&self.object).await?;
        for path in &self.disclosures {
            bundle.records.push(read_disclosure(path)?);
        }
        let verified = bundle.verify(&trusted(session)?)?;
        let bytes = serde_json::to_vec(&bundle).unwrap_or_default();
        if bytes.len() > BUNDLE_BYTES_MAX {
            let what = format!("it would have more than {BUNDLE_BYTES_MAX} bytes");
            return Err(BadBundle::Form(what).into());
        }
        std::fs::write(&self.out, &bytes).map_err(|error| Failure::file(&self.out, error))?;
        let BundleVerified { versions, proofs, .. } = &verified;
        let (file, versions) = (self.out.display().to_string(), versions.len());
        let text = format!(
            "written to {file}: {versions} versions, {proofs} proofs, {} bytes, checked against the anchor",
            bytes.len()
        );
        Ok(Report::new(text, json!({"file": file, "versions": versions, "proofs": proofs})))
    }
}

/// Reads what is shown of a record.
pub(super) fn read_disclosure(path: &FilePath) -> Result<Disclosure, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
    let disclosed = serde_json::from_slice(&bytes)
        .map_err(|error| Failure::usage(format!("{}: no disclosure: {error}", path.display())))?;
    match disclosed {
        Disclosed::Bare(disclosure) | Disclosed::Named { disclosure } => Ok(disclosure),
    }
}

/// What a bundle shows, for `chancery verify`.
pub(super) fn verified(bundle: &Bundle, session: &Session) -> Result<Report, Failure> {
    let verified = bundle.verify(&trusted(session)?)?;
    let mut json = serde_json::to_value(&verified).unwrap_or_default();
    json["verified"] = true.into();
    Ok(Report::new(describe(&verified), json))
}

fn describe(verified: &BundleVerified) -> String {
    let BundleVerified { object, height, as_of, versions, records, proofs, .. } = verified;
    let count = versions.len();
    let mut text = format!(
        "VERIFIED: {object} and its {count} versions, none left out; {proofs} proofs hold\n\
         as of block {height}, {as_of}; it says nothing of later\nledger {}\nversions:",
        verified.ledger
    );
    for shown in versions {
        text += &format!("\n{}", line(shown));
        for signer in &shown.signers {
            text += &format!("\n       signed by {signer}");
        }
    }
    for record in records {
        text += &format!("\nshown of the record to which version {} commits:", record.version);
        for field in &record.fields {
            text += &format!("\n  {}: {}", field.name, field.value);
        }
    }
    for what in &verified.not_checked {
        text += &format!("\nnot checked: {what}");
    }
    text + &format!("\nby this computer's clock that block is {}", age_of(*as_of))
}

fn line(shown: &VersionShown) -> String {
    let VersionShown { version, position, .. } = shown;
    match (&shown.time, shown.height) {
        (Some(time), Some(height)) => {
            let actions = shown.actions.join(", ");
            format!("  {version:>3}  {time}  {actions}; position {position}, block {height}")
        }
        _ => format!("  {version:>3}  what made it is not shown; position {position}"),
    }
}
