//! `chancery log`: the log's checkpoint, and that it only ever grew.

use std::path::{Path, PathBuf};

use chancery_client::{Anchor, BadCheckpoint, Checkpoint, Client, files};
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
    /// Get the proofs that lead from the genesis's pool to the one that seals now, to verify offline
    /// with --handover.
    Handovers {
        /// Write them to this file.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Checkpoint { out } => checkpoint(session, out.as_deref()).await,
            Self::Consistency { since, update } => consistency(session, since, *update).await,
            Self::Handovers { out } => handovers(session, out).await,
        }
    }
}

async fn checkpoint(session: &Session, out: Option<&Path>) -> Result<Report, Failure> {
    let text = session.client()?.checkpoint_text().await?;
    let checked = match session.anchor() {
        Some(mut anchor) => Some(verified(session.client()?, &text, &mut anchor).await?),
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
    let mut anchor = session
        .anchor()
        .ok_or_else(|| Failure::usage("name the genesis that you trust: --anchor GENESIS"))?;
    let kept = std::fs::read_to_string(since).map_err(|error| Failure::file(since, error))?;
    let client = session.client()?;
    let text = client.checkpoint_text().await?;
    let later = verified(client, &text, &mut anchor).await?;
    let earlier = Checkpoint::kept(&kept, &anchor)?;
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

/// A checkpoint, checked after following the handovers where its signer is not known yet.
pub(super) async fn verified(
    client: &Client,
    text: &str,
    anchor: &mut Anchor,
) -> Result<Checkpoint, Failure> {
    match Checkpoint::verify(text, anchor) {
        Err(BadCheckpoint::Unsigned) => {
            client.lead(anchor).await?;
            Ok(Checkpoint::verify(text, anchor)?)
        }
        other => Ok(other?),
    }
}

async fn handovers(session: &Session, out: &Path) -> Result<Report, Failure> {
    let client = session.client()?;
    let mut anchor = match session.anchor() {
        Some(anchor) => anchor.genesis().into(),
        None => Anchor::from(client.genesis().await?),
    };
    let mut all = Vec::new();
    loop {
        let known = anchor.last_from();
        for handover in client.handovers(known).await? {
            anchor.follow(&handover).map_err(chancery_client::Error::from)?;
            all.push(handover);
        }
        if anchor.last_from() == known {
            break;
        }
    }
    files::write_evidence(out, &all)?;
    let file = out.display();
    let from = anchor.last_from();
    let shown = match all.len() {
        0 => format!("written to {file}: none, the genesis's pool still seals"),
        count => format!("written to {file}: {count}, to the pool that seals from block {from} on"),
    };
    Ok(Report::new(shown, json!({"file": file.to_string(), "handovers": all.len(), "from": from})))
}
