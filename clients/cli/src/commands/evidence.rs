//! `chancery receipt`, `proof`, `genesis` and `verify`: what a person holds, and checks.

mod credential;
mod log_proof;

use std::io::{self, Read};
use std::path::{Path as FilePath, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chancery_client::bundle::{BUNDLE_BYTES_MAX, Bundle};
use chancery_client::verify::NotVerified;
use chancery_client::{Anchor, AsOf, Credential, Evidence, Hash, Path, files, verify};
use chancery_ledger::evidence::{ShownWork, Statement};
use chancery_ledger::note::{LOG_PROOF_HEAD, VerifierKey};
use chancery_ledger::time::Time;
use clap::Args;
use serde_json::json;

use super::audit::SignedReport;
use super::bundle;
use crate::failure::{Failure, code_of};
use crate::report::{Report, pretty};
use crate::session::Session;
use crate::words::duration;

/// Get the receipt of a transition.
#[derive(Debug, Args)]
pub(crate) struct GetReceipt {
    /// The transition's id.
    id: Hash,
    /// Write it to this file: in JSON, or compact when its name ends in .cbor.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write it in its compact form, whatever the file's name.
    #[arg(long, requires = "out")]
    cbor: bool,
    /// Write it as a receipt in COSE (RFC 9942), for the verifiers of others: it is about the log's entry and
    /// signed by the server.
    #[arg(long, requires = "out", conflicts_with = "cbor")]
    cose: bool,
    /// Get the receipt by its block: shorter, and without the place in the log.
    #[arg(long, conflicts_with_all = ["cose", "tlog_proof"])]
    in_block: bool,
    /// Instead of the receipt, get the proof that transparency-log tools read (C2SP tlog-proof), under
    /// the latest cosigned checkpoint.
    #[arg(long, requires = "out", conflicts_with_all = ["cbor", "cose"])]
    tlog_proof: bool,
}

impl GetReceipt {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        if let (true, Some(out)) = (self.cose, &self.out) {
            return self.keep_cose(session, out).await;
        }
        if let (true, Some(out)) = (self.tlog_proof, &self.out) {
            return log_proof::write(session, &self.id, out).await;
        }
        let client = session.client()?;
        let receipt = match self.in_block {
            true => Evidence::InBlock(client.block_receipt(&self.id).await?),
            false => Evidence::Receipt(client.receipt(&self.id).await?),
        };
        keep(session, receipt, self.out.as_deref(), self.cbor).await
    }

    async fn keep_cose(&self, session: &Session, out: &FilePath) -> Result<Report, Failure> {
        let (receipt, signer) = session.client()?.receipt_in_cose(&self.id).await?;
        files::write_cose(out, &receipt)?;
        let file = out.display();
        let text = match signer {
            Some(key) => format!(
                "written to {file}; the validator {key} has signed it, over the root that the block's seal is for"
            ),
            None => format!("written to {file}; whose signature it has was not checked"),
        };
        let signer = signer.map(|key| key.to_string());
        Ok(Report::new(text, json!({"file": file.to_string(), "signer": signer})))
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
    /// Write it to this file: in JSON, or compact when its name ends in .cbor.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write it in its compact form, whatever the file's name.
    #[arg(long, requires = "out")]
    cbor: bool,
}

impl GetProof {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        let as_of = self.as_of.unwrap_or_default();
        let proof = session.client()?.proof(&self.object, as_of).await?;
        keep(session, Evidence::Status(proof), self.out.as_deref(), self.cbor).await
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

/// Check a receipt, a proof or a bundle with nothing but the genesis (--anchor), offline.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The receipt or the proof: in JSON, compact, or the text of its code, with each part of a code
    /// on a line; a bundle; the signed report of an audit, in JSON or on its sheets (PDF); a proof for log tools
    /// (--tlog-proof of `chancery receipt`); or a credential alone. - for standard input.
    file: PathBuf,
    /// Take a credential alone for good, of which nothing shows that the ledger has taken it in. Without
    /// this it is told what it is, and the exit code is 4.
    #[arg(long)]
    signed_only: bool,
    /// How old a receipt or a proof may be, by this computer's clock, as in 90m or 7d.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    max_age: Option<Duration>,
    /// A witness, as NAME+KEYID+BASE64, whose cosignature a proof for log tools must have; once for each.
    #[arg(long, value_name = "KEY", value_parser = log_proof::witness_key)]
    witness: Vec<VerifierKey>,
}

impl Verify {
    /// Does it. Opens no connection.
    pub(crate) fn run(&self, session: &Session) -> Result<Report, Failure> {
        let bytes = read(&self.file)?;
        if let Some(bundle) = Bundle::read(&bytes) {
            self.has_no_limit_of_age("a bundle")?;
            return bundle::verified(&bundle?, session);
        }
        if let Some(report) = SignedReport::read(&bytes) {
            self.has_no_limit_of_age("a report")?;
            return report.verified();
        }
        if bytes.starts_with(LOG_PROOF_HEAD.as_bytes()) {
            self.has_no_limit_of_age("a proof for log tools")?;
            return log_proof::verify(&bytes, &trusted(session)?, &self.witness);
        }
        if !self.witness.is_empty() {
            return Err(Failure::usage(
                "--witness is for proofs for log tools: others have a seal",
            ));
        }
        let anchor = trusted(session)?;
        if let Some(credential) = Credential::read(&bytes, &anchor) {
            let credential = credential.map_err(NotVerified::from)?;
            self.has_no_limit_of_age("a credential alone")?;
            return credential::checked(&credential, &anchor, self.signed_only);
        }
        let (evidence, mut verified) = verify::read_and_verify(&bytes, &anchor)?;
        if let Some(max_age) = self.max_age {
            verified = verified.no_older_than(max_age, chancery_client::now())?;
        }
        let text = describe(&evidence, &verified);
        let mut json = serde_json::to_value(&verified).unwrap_or_default();
        json["verified"] = true.into();
        Ok(Report::new(text, json))
    }

    /// A limit that is not looked at must not seem to hold.
    fn has_no_limit_of_age(&self, what: &str) -> Result<(), Failure> {
        match self.max_age {
            None => Ok(()),
            Some(_) => Err(Failure::usage(format!(
                "--max-age is for receipts and status proofs: the age of {what} is not checked"
            ))),
        }
    }
}

fn describe(evidence: &Evidence, verified: &verify::Verified) -> String {
    let shown = &verified.shown;
    let mut text = match &shown.shown {
        Statement::Ordered { position, outcome, .. } => {
            let mut text = format!(
                "VERIFIED: the transition stands at position {position} of the log: {outcome}"
            );
            text += &changed_nothing(outcome);
            text
        }
        Statement::InBlock { outcome, .. } => {
            let mut text =
                format!("VERIFIED: the transition stands in block {}: {outcome}", shown.height);
            text += &changed_nothing(outcome);
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
    if let Some(work) = &shown.work {
        text += &format!("\n{}", behind(work));
    }
    text += &format!("\nledger {}\nchecks:", shown.ledger);
    for check in &shown.checks {
        text += &format!("\n  ok  {check}");
    }
    for what in &verified.not_checked {
        text += &format!("\n  not checked: {what}");
    }
    text += &format!("\nby this computer's clock that block is {}", age_of(shown.as_of));
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

fn changed_nothing(outcome: &str) -> String {
    let code = code_of(outcome);
    code.map(|code| format!("\n  it changed nothing: {}", code.title)).unwrap_or_default()
}

/// What work stands behind a block, and what that says of its being final.
fn behind(work: &ShownWork) -> String {
    let ShownWork { confirmations, final_depth, work } = work;
    let following = match confirmations {
        0 => "no block follows it".to_owned(),
        1 => "1 block follows it".to_owned(),
        count => format!("{count} blocks follow it"),
    };
    let meaning = match *confirmations >= u64::from(*final_depth) {
        true => "as many as make it final".to_owned(),
        false => {
            format!("nodes call it final when {final_depth} do: until then it may be replaced")
        }
    };
    format!(
        "{following}, {meaning}\nthey and it stand for about {work} hashes; whether another branch has more \
         cannot be seen from here"
    )
}

/// How long ago a time was by the clock of this computer, which may be wrong.
pub(super) fn age_of(time: Time) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    match since.as_millis().checked_sub(u128::from(time.as_ms())) {
        None => "in the future".to_owned(),
        Some(ms) => {
            let minutes = ms / 60_000;
            format!("{} d {} h {} min old", minutes / 1440, minutes / 60 % 24, minutes % 60)
        }
    }
}

/// What is trusted, without which nothing can be checked.
pub(super) fn trusted(session: &Session) -> Result<Anchor, Failure> {
    session.anchor().ok_or_else(|| {
        Failure::usage("name the genesis that you trust: --anchor GENESIS, or CHANCERY_ANCHOR")
    })
}

/// The anchor as the server says it, for whoever names none.
async fn believed(session: &Session) -> Result<Anchor, Failure> {
    let client = session.client()?;
    let mut anchor = Anchor::from(client.genesis().await?);
    client.lead(&mut anchor).await?;
    Ok(anchor)
}

/// Evidence in whichever form, or a bundle, from a file or from standard input.
pub(super) fn read(file: &FilePath) -> Result<Vec<u8>, Failure> {
    if file != FilePath::new("-") {
        return Ok(files::read_evidence(file)?);
    }
    let mut bytes = Vec::new();
    let most = BUNDLE_BYTES_MAX as u64 + 1;
    let taken = io::stdin().lock().take(most).read_to_end(&mut bytes);
    taken.map_err(|error| Failure::file(file, error))?;
    Ok(bytes)
}

/// Writes evidence to a file, or shows it; says whether it was checked.
async fn keep(
    session: &Session,
    evidence: Evidence,
    out: Option<&FilePath>,
    compact: bool,
) -> Result<Report, Failure> {
    let Some(out) = out else { return Ok(Report::document(evidence)) };
    if compact || out.extension().is_some_and(|extension| extension == "cbor") {
        // The anchor's ledger and pool are left out of the compact form.
        match session.anchor() {
            Some(anchor) => files::write_compact(out, &evidence, &anchor)?,
            None => files::write_compact(out, &evidence, &believed(session).await?)?,
        }
    } else {
        files::write_evidence(out, &evidence)?;
    }
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
