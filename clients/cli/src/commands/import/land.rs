//! `chancery import land`: the titles of a folder as first registrations, each with its land and its
//! parties in one transition.

mod departure;
mod office;
mod outline;
mod plan;
mod source;
mod summary;

use std::path::PathBuf;
use std::time::Duration;

use chancery_client::Verdict;
use chancery_registries::land::geometry::Crs;
use clap::Args;

use crate::failure::Failure;
use crate::report::{Report, pretty, progress};
use crate::session::Session;
use office::{Office, Standing};
use plan::Planned;
use source::Source;
use summary::Summary;

/// How many titles go out in one request.
const ROUND: usize = 64;
/// How often titles that the server was too busy for are sent again.
const ATTEMPTS: u32 = 20;

/// Register every title of a folder for the first time. What is registered already is left as it is,
/// so that an import that was stopped goes on where it was.
#[derive(Debug, Args)]
pub(crate) struct Land {
    /// The folder with titles.jsonl, rrr.jsonl, rrr_share.jsonl, party_for_rrr.jsonl, party.jsonl and
    /// parcels.geojsonl.
    folder: PathBuf,
    /// The accredited land registrar, by key name.
    #[arg(long, default_value = "registrar", value_name = "KEY")]
    registrar: String,
    /// The accredited surveyor, by key name.
    #[arg(long, default_value = "surveyor", value_name = "KEY")]
    surveyor: String,
    /// The key from which those of all imported parties are made; it is made when there is none.
    #[arg(long, default_value = "land-import", value_name = "KEY")]
    family: String,
    /// The reference system of the coordinates, which are in its metres.
    #[arg(long, default_value = "EPSG:2193")]
    crs: Crs,
    /// Write the whole report, title by title, to this file as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl Land {
    /// Does it. Fails when a title could not be taken.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let source = Source::read(&self.folder)?;
        let mut summary = Summary::of(&source, self.crs);
        let office = Office::open(session, self).await?;
        let waiting = still_to_do(&source, &office, &mut summary).await?;
        progress(format!("{} titles to register", waiting.len()));
        register(&office, waiting, &mut summary).await?;
        let json = summary.to_json();
        if let Some(path) = &self.report {
            std::fs::write(path, pretty(&json)).map_err(|error| Failure::file(path, error))?;
        }
        let report = Report::new(summary.to_text(), json);
        match summary.refused_count() {
            0 => Ok(report),
            count => {
                let what = format!("{count} titles were not taken");
                Err(Failure::Missed { what, figures: Box::new(report) })
            }
        }
    }
}

async fn still_to_do(
    source: &Source,
    office: &Office<'_>,
    summary: &mut Summary,
) -> Result<Vec<Planned>, Failure> {
    let mut waiting = Vec::new();
    for line in &source.titles {
        match Planned::of(source, line) {
            Err(why) => summary.refuses(&line.value.title_no, "not-readable", &why),
            Ok(planned) => {
                summary.departs(&planned);
                match office.standing(&planned).await? {
                    Standing::Absent => waiting.push(planned),
                    Standing::Registered => summary.was_there(&planned),
                    Standing::Another => {
                        let why = "another title has this id, or the line was changed since";
                        summary.refuses(&planned.number, "id-taken", why);
                    }
                }
            }
        }
    }
    Ok(waiting)
}

async fn register(
    office: &Office<'_>,
    mut waiting: Vec<Planned>,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let (all, mut attempts) = (waiting.len(), 0);
    while !waiting.is_empty() {
        let (round, mut later) = office::next_round(waiting, ROUND);
        let verdicts = office.register(&round).await?;
        let mut busy = Vec::new();
        for (planned, verdict) in round.into_iter().zip(verdicts) {
            if verdict.status == "unavailable" {
                busy.push(planned);
            } else {
                attempts = 0;
                note(summary, &planned, &verdict);
            }
        }
        if !busy.is_empty() {
            attempts += 1;
            if attempts > ATTEMPTS {
                let what = "the server takes nothing in now; run the command again to go on";
                return Err(Failure::usage(what));
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        busy.append(&mut later);
        waiting = busy;
        progress(format!("{} of {all} titles", all - waiting.len()));
    }
    Ok(())
}

fn note(summary: &mut Summary, planned: &Planned, verdict: &Verdict) {
    if verdict.is_in_the_log() {
        summary.registers(planned);
        return;
    }
    let code = verdict.code.as_deref().unwrap_or(&verdict.status);
    summary.refuses(&planned.number, code, verdict.detail.as_deref().unwrap_or_default());
}
