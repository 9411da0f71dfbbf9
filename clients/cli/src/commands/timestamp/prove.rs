//! `chancery timestamp prove`: that a transition is in the log of a stamped checkpoint.

use std::path::PathBuf;

use chancery_client::{BadCheckpoint, Hash, verify_log_proof};
use chancery_ledger::note::Note;
use clap::Args;
use serde_json::json;

use super::folder::{Folder, Kept};
use crate::commands::evidence::trusted;
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Prove that a transition is in the log of the first stamped checkpoint that has it (needs --anchor).
#[derive(Debug, Args)]
pub(crate) struct Prove {
    /// The transition's id.
    id: Hash,
    /// The folder of the stamped checkpoints.
    folder: PathBuf,
    /// Write the proof to this file (C2SP tlog-proof), to be checked with `chancery timestamp verify --proof`.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Prove {
    /// Does it.
    pub(super) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let anchor = trusted(session)?;
        let client = session.client()?;
        let receipt = client.receipt(&self.id).await?;
        let position = receipt.inclusion.position;
        let folder = Folder::of(&self.folder);
        let is_its =
            |it: &Kept| it.size > position && !(it.tokens.is_empty() && it.proof.is_none());
        let Some(kept) = folder.checkpoints()?.into_iter().find(is_its) else {
            let what =
                format!("{folder} has no stamped checkpoint of a log with position {position}");
            return Err(Failure::Claim(what));
        };
        let note: Note = kept.note.parse().map_err(BadCheckpoint::from)?;
        let proof = client.log_proof_under(receipt, note).await?;
        verify_log_proof(&proof, &session.anchor().unwrap_or(anchor), &[])?;
        std::fs::write(&self.out, proof.to_string())
            .map_err(|error| Failure::file(&self.out, error))?;
        let (file, size) = (self.out.display().to_string(), kept.size);
        let text =
            format!("written to {file}: position {position} in the log of {size}.checkpoint");
        Ok(Report::new(text, json!({"file": file, "position": position, "size": size})))
    }
}
