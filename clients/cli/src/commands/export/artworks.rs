//! `chancery export artworks`: a work with its claims and events as one document of Linked Art.

use std::path::PathBuf;

use chancery_client::{AsOf, Client};
use chancery_ledger::execution::Object;
use chancery_registries::artworks::{Claim, Event, LinkedArt, MAX_EVENTS_SHOWN, Work, linked_art};
use chancery_registries::text::LocalId;
use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::report::{Report, pretty};
use crate::session::Session;

/// A work and its provenance as Linked Art.
#[derive(Debug, Args)]
pub(crate) struct ExportArtwork {
    /// The work's id.
    work: LocalId,
    /// As of a height or a time; now when left out.
    #[arg(long, value_name = "HEIGHT|TIME")]
    as_of: Option<AsOf>,
    /// Write it to this file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl ExportArtwork {
    /// Does it. Each part is read from a proof, which is checked where there is an anchor.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let client = session.client()?;
        let as_of = self.moment(client).await?;
        let work: Option<Work> = client.stored(self.work.as_str(), as_of).await?;
        let work =
            work.ok_or_else(|| Failure::Claim(format!("{}: no work has this id then", self.work)))?;
        let claims = numbered(client, 1..=work.claims, |n| Claim::id_of(&work.work, n), as_of);
        let claims = claims.await?;
        let first = work.events.saturating_sub(MAX_EVENTS_SHOWN) + 1;
        let events = numbered(client, first..=work.events, |n| Event::id_of(&work.work, n), as_of);
        let document = linked_art(&work, claims, events.await?);
        self.report(&document)
    }

    /// One block for all that is read, so that its parts fit together.
    async fn moment(&self, client: &Client) -> Result<AsOf, Failure> {
        match self.as_of {
            Some(as_of) => Ok(as_of),
            None => {
                let height = client.ledger().await?.rest["tip"]["height"].as_u64();
                Ok(height.map_or(AsOf::Now, AsOf::Height))
            }
        }
    }

    fn report(&self, document: &LinkedArt) -> Result<Report, Failure> {
        let Some(path) = &self.out else { return Ok(Report::document(document)) };
        let text = pretty(&json!(document)) + "\n";
        std::fs::write(path, text).map_err(|error| Failure::file(path, error))?;
        let file = path.display().to_string();
        Ok(Report::new(format!("written to {file}"), json!({"work": self.work, "file": file})))
    }
}

/// The numbered parts of a work, all of which are there.
async fn numbered<T: Object>(
    client: &Client,
    numbers: std::ops::RangeInclusive<u32>,
    id_of: impl Fn(u32) -> String,
    as_of: AsOf,
) -> Result<Vec<T>, Failure> {
    let mut parts = Vec::new();
    for id in numbers.map(id_of) {
        let part: Option<T> = client.stored(&id, as_of).await?;
        parts.push(part.ok_or_else(|| Failure::Claim(format!("{id} is not there")))?);
    }
    Ok(parts)
}
