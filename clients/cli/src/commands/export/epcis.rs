//! `chancery export epcis`: the document is worked out here, from the proof of every version.

use std::path::PathBuf;

use chancery_client::{AsOf, Path};
use chancery_ledger::block::Header;
use chancery_registries::parcels::epcis::EpcisDocument;
use chancery_registries::parcels::number::ParcelNumber;
use chancery_registries::shape::{AskedOfHistory, Version};
use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::report::{Report, pretty};
use crate::session::Session;

/// The most versions of one parcel that are read.
const VERSIONS_MAX: usize = 10_000;

/// A parcel's history as a GS1 EPCIS 2.0 document.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The parcel's number.
    parcel: ParcelNumber,
    /// Write it to this file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Export {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let versions = versions(session, &self.parcel).await?;
        let document = EpcisDocument::answer(&versions)
            .ok_or_else(|| Failure::Claim(format!("{} has no history", self.parcel)))?;
        let Some(out) = &self.out else { return Ok(Report::document(document)) };
        let document = serde_json::to_value(document).unwrap_or_default();
        std::fs::write(out, pretty(&document)).map_err(|error| Failure::file(out, error))?;
        let events = document["epcisBody"]["eventList"].as_array().map_or(0, Vec::len);
        let (file, checked) = (out.display().to_string(), session.anchor().is_some());
        let how = match checked {
            true => "every version checked against the anchor",
            false => "not checked: --anchor GENESIS does",
        };
        let text = format!("{file}: {events} events of {}, {how}", self.parcel);
        Ok(Report::new(text, json!({"file": file, "events": events, "checked": checked})))
    }
}

/// The versions of a parcel, each from its proof at the height of its block.
async fn versions(session: &Session, parcel: &ParcelNumber) -> Result<Vec<Version>, Failure> {
    let client = session.client()?;
    let path = Path::new("parcels", "parcel", &parcel.to_string())?;
    let rows = client.history(&path, VERSIONS_MAX + 1).await?;
    if rows.len() > VERSIONS_MAX {
        return Err(Failure::Claim(format!("{parcel} has more than {VERSIONS_MAX} versions")));
    }
    let mut versions = Vec::new();
    for row in &rows {
        let unlike = || Failure::Claim(format!("the server's history is not as described: {row}"));
        let number = |name: &str| row[name].as_u64().ok_or_else(unlike);
        let (position, height) = (number("position")?, number("height")?);
        let proof = client.proof(&path, AsOf::Height(height)).await?;
        // The time is the header's, which the proof rests on, and not the server's word.
        let header = Header::decode(&proof.header.0).map_err(|_| unlike())?;
        if header.height != height {
            return Err(Failure::Claim(format!("the proof is not of block {height}")));
        }
        let version = Version {
            transition: row["transition"].as_str().and_then(|id| id.parse().ok()),
            position,
            height,
            time: header.time,
            stored: proof.value.map(|value| value.0).ok_or_else(unlike)?,
        };
        is_complete(&version, versions.len() as u64 + 1)?;
        versions.push(version);
    }
    Ok(versions)
}

/// Versions are counted from 1 without a gap, so a history cannot leave one out unseen.
fn is_complete(version: &Version, number: u64) -> Result<(), Failure> {
    let stored = version.decode::<chancery_registries::parcels::Parcel>();
    let found = stored.map(|stored| (stored.version, stored.position));
    if found == Some((number, version.position)) {
        return Ok(());
    }
    let (height, position) = (version.height, version.position);
    Err(Failure::Claim(format!(
        "version {number} cannot be shown: the proof at block {height} is not of the transition at \
         position {position}. Where one block changed the parcel twice, the state proves the last only."
    )))
}
