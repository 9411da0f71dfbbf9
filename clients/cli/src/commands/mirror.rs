//! `chancery mirror`: follows a log into a folder of static files, and shouts when it forks.

use std::path::PathBuf;
use std::time::Duration;

use chancery_client::{Checkpoint, Client, Error, Followed, Mirror, MirrorError};
use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::report::{Report, progress};
use crate::session::Session;
use crate::words::duration;

/// Follow a log: keep its tiles, checked, and prove that it only ever grew.
#[derive(Debug, Args)]
pub(crate) struct Follow {
    /// The server of the log.
    server: String,
    /// The folder: genesis.json, checkpoint and tile/, which any web server can serve.
    folder: PathBuf,
    /// Look again after so long, until it is stopped or the log forks.
    #[arg(long, value_parser = duration, value_name = "DURATION")]
    every: Option<Duration>,
}

impl Follow {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let client = session.client_of(&self.server)?;
        // What is trusted: the anchor, else what the folder began with, else the server, this once.
        let anchor = match session.anchor() {
            Some(anchor) => Some(anchor.genesis().clone()),
            None => Mirror::genesis_in(&self.folder)?,
        };
        let first = anchor.is_none();
        let anchor = match anchor {
            Some(anchor) => anchor,
            None => client.genesis().await?,
        };
        if first {
            progress(format!("trusting the server's genesis this once: {}", anchor.ledger()));
        }
        let client = match session.anchor() {
            Some(followed) => client.trusting(followed),
            None => client.trusting(anchor.clone()),
        };
        let mirror = Mirror::open(&self.folder, anchor)?;
        let Some(every) = self.every else {
            let (followed, cosigned) = look(&mirror, &client).await?;
            let mut json = serde_json::to_value(followed).unwrap_or_default();
            json["cosigned"] = json!(cosigned);
            return Ok(Report::new(sentence(&followed, cosigned), json));
        };
        loop {
            match look(&mirror, &client).await {
                Ok((followed, cosigned)) => progress(sentence(&followed, cosigned)),
                Err(MirrorError::Client(error)) if passes(&error) => progress(error.to_string()),
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(every).await;
        }
    }
}

/// One look: what is new, and whether the witnesses are shown the same history.
async fn look(
    mirror: &Mirror,
    client: &Client,
) -> Result<(Followed, Option<Checkpoint>), MirrorError> {
    Ok((mirror.follow(client).await?, mirror.follow_cosigned(client).await?))
}

/// A server that is away or busy for a while is no news; a log that does not fit is.
pub(super) fn passes(error: &Error) -> bool {
    match error {
        Error::Unreachable { .. } => true,
        Error::Refused(problem) => problem.status >= 500 || problem.status == 429,
        _ => false,
    }
}

fn sentence(followed: &Followed, cosigned: Option<Checkpoint>) -> String {
    let Followed { from, checkpoint, withheld } = followed;
    let withheld = match withheld {
        0 => String::new(),
        some => format!(
            "\n    {some} entries stand in bundles that are not shown; their hashes are here"
        ),
    };
    let cosigned = cosigned.map_or_else(String::new, |cosigned| {
        format!("\n    what its witnesses were shown, {} entries, is of it", cosigned.size)
    });
    format!(
        "ok  the log of {} entries begins with the {from} that were here\n    root {}{withheld}{cosigned}",
        checkpoint.size, checkpoint.root
    )
}
