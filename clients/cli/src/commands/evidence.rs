//! `chancery receipt`, `proof`, `genesis` and `verify`: what a person holds, and checks.

use std::path::{Path as FilePath, PathBuf};

use chancery_client::{AsOf, Evidence, Hash, Path, files, verify};
use chancery_ledger::evidence::Statement;
use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::failure::{Failure, code_of};
use crate::report::{Report, pretty};
use crate::session::Session;

/// Get the receipt of a transition.
#[derive(Debug, Args)]
pub(crate) struct GetReceipt {
    /// The transition's id.
    id: Hash,
    /// Write it to this file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl GetReceipt {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let receipt = session.client()?.receipt(&self.id).await?;
        keep(session, &receipt, self.out.as_deref())
    }
}

/// Get the proof that an object is, or is not, in a register.
#[derive(Debug, Args)]
pub(crate) struct GetProof {
    /// The object, as in parcels/parcel/RR123456785TW.
    object: Path,
    /// As of a height or a time; now when left out.
    #[arg(long, value_name = "HEIGHT|TIME")]
    as_of: Option<AsOf>,
    /// Write it to this file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl GetProof {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let as_of = self.as_of.unwrap_or_default();
        let proof = session.client()?.proof(&self.object, as_of).await?;
        keep(session, &proof, self.out.as_deref())
    }
}

/// Get the genesis, to keep as the anchor.
#[derive(Debug, Args)]
pub(crate) struct GetGenesis {
    /// Write it to this file, in its exact bytes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl GetGenesis {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let genesis = session.client()?.genesis().await?;
        std::fs::write(&self.out, genesis.bytes())
            .map_err(|error| Failure::file(&self.out, error))?;
        let file = self.out.display();
        let text = format!(
            "{file}: the genesis of ledger {}\nCompare this id with one from another source before you trust it.",
            genesis.ledger()
        );
        Ok(Report::new(text, json!({"file": file.to_string(), "ledger": genesis.ledger()})))
    }
}

/// Check a receipt or a proof with nothing but the genesis (--anchor), offline.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The receipt or the proof.
    file: PathBuf,
}

impl Verify {
    /// Does it. Opens no connection.
    pub(crate) fn run(&self, session: &Session) -> Result<Report, Failure> {
        let anchor = session.anchor().ok_or_else(|| {
            Failure::usage("name the genesis that you trust: --anchor GENESIS, or CHANCERY_ANCHOR")
        })?;
        let evidence = files::read_evidence(&self.file)?;
        let verified = verify::verify(&evidence, anchor)?;
        let text = describe(&evidence, &verified);
        let mut json = serde_json::to_value(&verified).unwrap_or_default();
        json["verified"] = true.into();
        Ok(Report::new(text, json))
    }
}

fn describe(evidence: &Evidence, verified: &verify::Verified) -> String {
    let shown = &verified.shown;
    let mut text = match &shown.shown {
        Statement::Ordered { position, outcome, .. } => {
            let mut text = format!(
                "VERIFIED: the transition stands at position {position} of the log: {outcome}"
            );
            if let Some(code) = code_of(outcome) {
                text += &format!("\n  it changed nothing: {}", code.title);
            }
            text
        }
        Statement::Stands { object, version, position } => {
            format!(
                "VERIFIED: {object} stands in version {version}, made by the transition at position {position}"
            )
        }
        Statement::Absent { object } => format!("VERIFIED: there is no {object}"),
    };
    text += &format!("\nas of block {}, {}; it says nothing of later", shown.height, shown.as_of);
    text += &format!("\nledger {}\nchecks:", shown.ledger);
    for check in &shown.checks {
        text += &format!("\n  ok  {check}");
    }
    if !verified.signers.is_empty() {
        text += &format!("\nsigned by:\n  {}", verified.signers.join("\n  "));
    }
    if let Evidence::Status(_) = evidence
        && let Some(value) = &verified.value
    {
        text += &format!("\nwhat it states:\n{}", pretty(value));
    }
    text
}

/// Writes evidence to a file, or shows it; says whether it was checked.
fn keep(
    session: &Session,
    evidence: &impl Serialize,
    out: Option<&FilePath>,
) -> Result<Report, Failure> {
    let Some(out) = out else { return Ok(Report::document(evidence)) };
    files::write_evidence(out, evidence)?;
    let file = out.display();
    let checked = session.anchor().is_some();
    let text = match checked {
        true => format!("written to {file}, checked against the anchor"),
        false => format!(
            "written to {file}, not checked: `chancery verify {file} --anchor GENESIS` does"
        ),
    };
    Ok(Report::new(text, json!({"file": file.to_string(), "checked": checked})))
}
