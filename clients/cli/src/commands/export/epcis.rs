//! `chancery export epcis`: the document is worked out here, from the proof of every version.

use std::cmp::Ordering;
use std::path::PathBuf;

use chancery_client::{AsOf, Client, Hash, Path};
use chancery_ledger::block::Header;
use chancery_ledger::evidence::Bytes;
use chancery_ledger::execution::Stored;
use chancery_ledger::transition::Outcome;
use chancery_registries::parcels::Parcel;
use chancery_registries::parcels::epcis::EpcisDocument;
use chancery_registries::parcels::number::ParcelNumber;
use chancery_registries::shape::{AskedOfHistory, Version};
use clap::Args;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::report::{Report, pretty, progress};
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
        let History { versions, unproved } = history(session, &self.parcel).await?;
        let document = EpcisDocument::answer(&versions)
            .ok_or_else(|| Failure::Claim(format!("{} has no history", self.parcel)))?;
        let checked = session.anchor().is_some();
        let how = match (checked, unproved) {
            (false, _) => "not checked: --anchor GENESIS does".to_owned(),
            (true, 0) => "every version checked against the anchor".to_owned(),
            (true, count) => format!(
                "checked against the anchor; what {count} left that another transition of the same \
                 block replaced is the server's word, and their receipts hold"
            ),
        };
        let Some(out) = &self.out else {
            if unproved > 0 {
                progress(how);
            }
            return Ok(Report::document(document));
        };
        let document = serde_json::to_value(document).unwrap_or_default();
        std::fs::write(out, pretty(&document)).map_err(|error| Failure::file(out, error))?;
        let events = document["epcisBody"]["eventList"].as_array().map_or(0, Vec::len);
        let file = out.display().to_string();
        let text = format!("{file}: {events} events of {}, {how}", self.parcel);
        let unproved = checked.then_some(unproved);
        let told =
            json!({"file": file, "events": events, "checked": checked, "unproved": unproved});
        Ok(Report::new(text, told))
    }
}

/// The versions of a parcel.
struct History {
    versions: Vec<Version>,
    /// How many of them no state proves, since a later transition of their block replaced them.
    unproved: usize,
}

/// The versions of a parcel, each from its proof at the height of its block; one that was replaced in
/// its own block from what the server says, by the receipt of its transition.
async fn history(session: &Session, parcel: &ParcelNumber) -> Result<History, Failure> {
    let client = session.client()?;
    let path = Path::new("parcels", "parcel", &parcel.to_string())?;
    let rows = client.versions(&path, VERSIONS_MAX + 1).await?;
    if rows.len() > VERSIONS_MAX {
        return Err(Failure::Claim(format!("{parcel} has more than {VERSIONS_MAX} versions")));
    }
    let mut history = History { versions: Vec::new(), unproved: 0 };
    for row in &rows {
        let row = Row::read(row)?;
        let proof = client.proof(&path, AsOf::Height(row.height)).await?;
        // The time is the header's, which the proof rests on, and not the server's word.
        let header = Header::decode(&proof.header.0).map_err(|_| row.unlike())?;
        let proved = proof.value.map(|value| value.0).ok_or_else(|| row.unlike())?;
        let number = history.versions.len() as u64 + 1;
        let stored = match stands_in(&proved, row.position)? {
            Ordering::Equal => proved,
            Ordering::Greater => {
                by_its_receipt(client, &row).await?;
                history.unproved += 1;
                row.stored.clone()
            }
            Ordering::Less => return Err(row.unlike()),
        };
        if header.height != row.height || !is_version(&stored, number, &row) {
            return Err(row.unlike());
        }
        history.versions.push(Version {
            transition: Some(row.transition),
            position: row.position,
            height: row.height,
            time: header.time,
            stored,
        });
    }
    Ok(history)
}

/// A version as the server tells of it.
struct Row<'a> {
    said: &'a Value,
    transition: Hash,
    position: u64,
    height: u64,
    stored: Vec<u8>,
}

impl<'a> Row<'a> {
    fn read(said: &'a Value) -> Result<Self, Failure> {
        let unlike = || not_as_described(said);
        let number = |name: &str| said[name].as_u64().ok_or_else(unlike);
        let stored = serde_json::from_value::<Bytes>(said["stored"].clone());
        let transition = said["transition"].as_str().and_then(|id| id.parse().ok());
        Ok(Self {
            said,
            transition: transition.ok_or_else(unlike)?,
            position: number("position")?,
            height: number("height")?,
            stored: stored.map_err(|_| unlike())?.0,
        })
    }

    fn unlike(&self) -> Failure {
        not_as_described(self.said)
    }
}

fn not_as_described(said: &Value) -> Failure {
    let (version, height) = (&said["version"], &said["height"]);
    Failure::Claim(format!(
        "version {version} is not the one of which the server has the proof at block {height}"
    ))
}

/// Whether the parcel that a state proves is of the transition at this position, or of a later one.
fn stands_in(proved: &[u8], position: u64) -> Result<Ordering, Failure> {
    let stored = Stored::<Parcel>::decode(proved);
    let stored =
        stored.map_err(|error| Failure::Claim(format!("an unreadable parcel: {error}")))?;
    Ok(stored.position.cmp(&position))
}

/// The transition stands in the log where the row says, applied, in a block of that height.
async fn by_its_receipt(client: &Client, row: &Row<'_>) -> Result<(), Failure> {
    let receipt = client.receipt(&row.transition).await?;
    let header = Header::decode(&receipt.header.0).map_err(|_| row.unlike())?;
    let is_applied = receipt.outcome() == Some(Outcome::Applied);
    match (header.height, receipt.inclusion.position, is_applied)
        == (row.height, row.position, true)
    {
        true => Ok(()),
        false => Err(row.unlike()),
    }
}

/// Versions are counted from 1 without a gap, so a history cannot leave one out unseen; and each names
/// the transition that made it.
fn is_version(stored: &[u8], number: u64, row: &Row<'_>) -> bool {
    Stored::<Parcel>::decode(stored).is_ok_and(|stored| {
        (stored.version, stored.position) == (number, row.position)
            && stored.value.last.transition == row.transition
    })
}
