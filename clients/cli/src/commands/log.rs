//! `chancery log`: the log's checkpoint, and that it only ever grew.

use std::path::{Path, PathBuf};

use chancery_client::{Checkpoint, Genesis};
use clap::Subcommand;
use serde_json::json;

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// The log: its checkpoint, and that it only ever grew.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Get the log's signed checkpoint (C2SP), checked where there is an anchor.
    Checkpoint {
        /// Keep it in this file, to compare later ones with.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Check that the log begins with the one whose checkpoint you kept (needs --anchor).
    Consistency {
        /// The checkpoint that you kept.
        since: PathBuf,
        /// Put the new checkpoint in its place when all holds.
        #[arg(long)]
        update: bool,
    },
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Checkpoint { out } => checkpoint(session, out.as_deref()).await,
            Self::Consistency { since, update } => consistency(session, since, *update).await,
        }
    }
}

async fn checkpoint(session: &Session, out: Option<&Path>) -> Result<Report, Failure> {
    let text = session.client()?.checkpoint_text().await?;
    let checked = match session.anchor() {
        Some(anchor) => Some(Checkpoint::verify(&text, anchor)?),
        None => None,
    };
    if let Some(out) = out {
        std::fs::write(out, &text).map_err(|error| Failure::file(out, error))?;
    }
    let json = json!({"note": text, "checked": checked});
    let shown = match checked {
        Some(_) => format!("{text}\nok  signed by a member of the anchor's pool"),
        None => format!("{text}\nnot checked: name the genesis with --anchor"),
    };
    Ok(Report::new(shown, json))
}

async fn consistency(session: &Session, since: &Path, update: bool) -> Result<Report, Failure> {
    let anchor: &Genesis = session
        .anchor()
        .ok_or_else(|| Failure::usage("name the genesis that you trust: --anchor GENESIS"))?;
    let kept = std::fs::read_to_string(since).map_err(|error| Failure::file(since, error))?;
    let earlier = Checkpoint::verify(&kept, anchor)?;
    let client = session.client()?;
    let text = client.checkpoint_text().await?;
    let later = Checkpoint::verify(&text, anchor)?;
    if later.size < earlier.size {
        let what = format!("the log has shrunk from {} entries to {}", earlier.size, later.size);
        return Err(Failure::Claim(what));
    }
    let proof = client.consistency(earlier.size, later.size).await?;
    later.extends(&earlier, &proof)?;
    if update {
        std::fs::write(since, &text).map_err(|error| Failure::file(since, error))?;
    }
    let shown = format!(
        "ok  the log of {} entries begins with the log of {} entries",
        later.size, earlier.size
    );
    Ok(Report::new(shown, json!({"earlier": earlier, "later": later, "consistent": true})))
}
