//! `chancery sign`, `submit` and `status`: transitions that travel as files.

use std::path::PathBuf;
use std::time::Duration;

use chancery_client::{Hash, files};
use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::report::{Report, pretty};
use crate::sending::{payload, submit};
use crate::session::Session;
use crate::words::duration;

/// Add a signature to a transition in a file.
#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// The transition.
    file: PathBuf,
    /// Sign with the key of this name; once for each signer at hand.
    #[arg(long = "as", value_name = "NAME", required = true)]
    names: Vec<String>,
    /// Write to another file and leave this one as it is.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Sign {
    /// Does it, after showing what is signed.
    pub(crate) fn run(&self, session: &Session) -> Result<Report, Failure> {
        let mut signing = files::read_signing(&self.file)?;
        crate::report::progress(format!("you sign:\n{}", pretty(&payload(&signing))));
        for name in &self.names {
            signing = session.keys().open(name)?.sign(signing)?;
        }
        let out = self.out.as_ref().unwrap_or(&self.file);
        files::write_signing(out, &signing)?;
        let signers: Vec<String> = signing.signers().iter().map(ToString::to_string).collect();
        let text = format!("{}: signed by {}", out.display(), signers.join(", "));
        Ok(Report::new(
            text,
            json!({"file": out, "signers": signers, "payload": payload(&signing)}),
        ))
    }
}

/// Submit a transition from a file.
#[derive(Debug, Args)]
pub(crate) struct Submit {
    /// The transition, signed by all whom it concerns.
    file: PathBuf,
    /// Wait for the receipt, for this long; 30s where no time is given.
    #[arg(long, num_args = 0..=1, default_missing_value = "30s", value_parser = duration)]
    wait: Option<Duration>,
    /// Write the receipt to this file.
    #[arg(long, value_name = "FILE", requires = "wait")]
    receipt: Option<PathBuf>,
}

impl Submit {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let signing = files::read_signing(&self.file)?;
        let wait = self.wait.unwrap_or(Duration::ZERO);
        submit(session, &signing, wait, self.receipt.as_deref()).await
    }
}

/// What has become of a transition.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The transition's id.
    id: Hash,
}

impl Status {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let status = session.client()?.get(&format!("/v1/transitions/{}", self.id)).await?;
        Ok(Report::document(status))
    }
}
