//! `chancery timestamp upgrade`: the Bitcoin proofs that calendars had promised.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chancery_client::timestamp::{Attestation, Outside, Reached, Steps};
use chancery_client::{Error, Hash};
use clap::Args;
use serde_json::json;

use super::folder::{Folder, name, proof_at};
use super::{Asking, goes_on};
use crate::failure::Failure;
use crate::report::{Report, progress};

/// Fetch the Bitcoin proofs that calendars had promised, some hours later.
#[derive(Debug, Args)]
pub(crate) struct Upgrade {
    /// The folder of the stamped checkpoints.
    folder: PathBuf,
    /// A calendar that may be asked though its address is not https, which only the calendar itself has
    /// named; once for each.
    #[arg(long, value_name = "URL")]
    calendar: Vec<String>,
    #[command(flatten)]
    asking: Asking,
}

/// What a round has come to.
#[derive(Default)]
struct Round {
    completed: Vec<String>,
    pending: Vec<String>,
    failed: Vec<String>,
    /// Calendars that do not answer or may not be asked, and are left alone for the rest of the round.
    away: BTreeSet<String>,
}

impl Upgrade {
    /// Does it.
    pub(super) async fn run(&self) -> Result<Report, Failure> {
        let outside = Outside::new(self.asking.timeout)?;
        let Some(every) = self.asking.every else { return self.look(&outside).await };
        loop {
            match self.look(&outside).await {
                Ok(report) => progress(report.text()),
                Err(failure) => goes_on(failure)?,
            }
            tokio::time::sleep(every).await;
        }
    }

    async fn look(&self, outside: &Outside) -> Result<Report, Failure> {
        let mut round = Round::default();
        for kept in Folder::of(&self.folder).checkpoints()? {
            if let Some(path) = &kept.proof {
                self.upgrade(path, &kept.imprint(), outside, &mut round).await?;
            }
        }
        let Round { completed, pending, failed, .. } = round;
        let text = format!("ok  {} completed, {} pending", completed.len(), pending.len());
        let json = json!({"completed": completed, "pending": pending, "failed": failed});
        Report::new(text, json).unless("not all could be asked", &failed)
    }

    /// Asks for what was promised in one proof. One that leads to a block needs no further.
    async fn upgrade(
        &self,
        path: &Path,
        imprint: &Hash,
        outside: &Outside,
        round: &mut Round,
    ) -> Result<(), Failure> {
        let file = name(path);
        let (mut proof, reached) = match proof_at(path, imprint) {
            Ok(read) => read,
            Err(failure) => {
                round.failed.push(failure.to_string());
                return Ok(());
            }
        };
        if !reached.iter().all(|it| matches!(it.attestation, Attestation::Pending { .. })) {
            return Ok(());
        }
        let mut is_completed = false;
        for promise in &reached {
            let Some(steps) = self.ask(promise, outside, round).await else { continue };
            match proof.complete(promise, &steps) {
                Ok(completed) => (proof, is_completed) = (completed, true),
                Err(error) => round.failed.push(format!("{file}: {error}")),
            }
        }
        match is_completed {
            true => {
                Folder::keep(path, &proof.to_bytes())?;
                round.completed.push(file);
            }
            false => round.pending.push(file),
        }
        Ok(())
    }

    /// What has come of a promise, if its calendar may be asked, answers, and has it.
    async fn ask(&self, promise: &Reached, outside: &Outside, round: &mut Round) -> Option<Steps> {
        let Attestation::Pending { calendar } = &promise.attestation else { return None };
        let is_named = self.calendar.iter().any(|it| it.trim_end_matches('/') == calendar);
        if round.away.contains(calendar) {
            return None;
        }
        if !is_named && !calendar.starts_with("https://") {
            round.away.insert(calendar.clone());
            let what = format!("{calendar} is asked only if it is named: --calendar {calendar}");
            round.failed.push(what);
            return None;
        }
        match outside.completion(promise).await {
            Ok(steps) => steps,
            Err(error) => {
                if matches!(error, Error::Unreachable { .. }) {
                    round.away.insert(calendar.clone());
                }
                round.failed.push(error.to_string());
                None
            }
        }
    }
}
