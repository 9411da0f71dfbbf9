//! The way of a transition out of a command: signed by the keys at hand, then submitted, or written
//! to a file for others to sign.

use std::path::PathBuf;
use std::time::Duration;

use chancery_client::{Action, Hash, Receipt, Signing, files, verify};
use chancery_ledger::transition::Outcome;
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use crate::words::{PartyWord, duration};

/// Who signs, and what then.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Signing and sending")]
pub(crate) struct Sending {
    /// Sign with the key of this name; once for each signer at hand. Without it, the acting party
    /// signs, where it was given by the name of a key.
    #[arg(long = "sign-as", value_name = "NAME")]
    pub(crate) sign_as: Vec<String>,
    /// Write the transition to this file for others to sign, and do not submit it.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write the receipt to this file.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    pub(crate) receipt: Option<PathBuf>,
    /// How long to wait for the receipt; 0s not at all.
    #[arg(long, default_value = "30s", value_parser = duration, value_name = "DURATION")]
    pub(crate) wait: Duration,
    /// How long the transition may be taken in.
    #[arg(long, default_value = "1h", value_parser = duration, value_name = "DURATION")]
    pub(crate) valid_for: Duration,
    /// The ledger's id, to prepare a transition without a server; the anchor gives it as well.
    #[arg(long, value_name = "HASH")]
    pub(crate) ledger: Option<Hash>,
    /// The transition's own id, where a repetition must not count twice.
    #[arg(long = "transition-id", value_name = "TEXT")]
    pub(crate) transition_id: Option<String>,
}

impl Sending {
    /// Signs and sends one action of a register.
    pub(crate) async fn action(
        &self,
        session: &Session,
        action: Action,
        acting: &[&PartyWord],
    ) -> Result<Report, Failure> {
        self.actions(session, &[action], acting).await
    }

    /// Signs and sends actions that take effect together or not at all.
    pub(crate) async fn actions(
        &self,
        session: &Session,
        actions: &[impl Serialize],
        acting: &[&PartyWord],
    ) -> Result<Report, Failure> {
        self.send(session, &self.signed(session, actions, acting).await?).await
    }

    /// Signs actions that take effect together or not at all, for one more to sign or to be sent.
    pub(crate) async fn signed(
        &self,
        session: &Session,
        actions: &[impl Serialize],
        acting: &[&PartyWord],
    ) -> Result<Signing, Failure> {
        let mut transition = session.transition(self.ledger).await?.valid_for(self.valid_for);
        if let Some(id) = &self.transition_id {
            transition = transition.with_id(id);
        }
        for action in actions {
            transition = transition.act(action);
        }
        let mut signing = transition.prepare()?;
        for name in self.signers(session, acting) {
            signing = session.keys().open(&name)?.sign(signing)?;
        }
        Ok(signing)
    }

    /// Submits a signed transition, or writes it to a file.
    pub(crate) async fn send(
        &self,
        session: &Session,
        signing: &Signing,
    ) -> Result<Report, Failure> {
        if let Some(path) = &self.out {
            files::write_signing(path, signing)?;
            return Ok(written(path, signing));
        }
        if signing.signers().is_empty() {
            let how = "nobody has signed: add --sign-as NAME, or --out FILE for others to sign";
            return Err(Failure::usage(how));
        }
        submit(session, signing, self.wait, self.receipt.as_deref()).await
    }

    fn signers(&self, session: &Session, acting: &[&PartyWord]) -> Vec<String> {
        if !self.sign_as.is_empty() {
            return self.sign_as.clone();
        }
        let mut names: Vec<String> = Vec::new();
        for name in acting.iter().filter_map(|word| word.key_name(session.keys())) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }
}

/// Submits a transition and reports what became of it.
pub(crate) async fn submit(
    session: &Session,
    signing: &Signing,
    wait: Duration,
    receipt_file: Option<&std::path::Path>,
) -> Result<Report, Failure> {
    let client = session.client()?;
    if wait.is_zero() {
        let taken = client.submit(signing).await?;
        let text =
            format!("taken in: {}\n`chancery receipt {}` gets the receipt", taken.id, taken.id);
        return Ok(Report::new(text, taken));
    }
    let receipt = client.submit_and_wait(signing, wait.as_secs().max(1)).await?;
    if let Some(path) = receipt_file {
        files::write_evidence(path, &receipt)?;
    }
    applied(signing, &receipt)
}

/// Reports a receipt, as a failure when it is one of refusal.
pub(crate) fn applied(signing: &Signing, receipt: &Receipt) -> Result<Report, Failure> {
    let id = signing.id();
    if let Some(Outcome::Rejected(code)) = receipt.outcome() {
        return Err(Failure::Rejected { code: code.name().to_owned(), id: id.to_string() });
    }
    let place = verify::place(receipt);
    let position = receipt.inclusion.position;
    let height = place.as_ref().map(|place| place.height);
    let as_of = place.as_ref().map(|place| place.as_of);
    let mut text = format!("applied: {id}\nposition {position} of the log");
    if let Some(place) = &place {
        text += &format!(", block {}, {}", place.height, place.as_of);
    }
    let json = json!({
        "id": id, "outcome": "applied", "position": position, "height": height, "as_of": as_of,
        "receipt": receipt,
    });
    Ok(Report::new(text, json))
}

fn written(path: &std::path::Path, signing: &Signing) -> Report {
    let signers: Vec<String> = signing.signers().iter().map(ToString::to_string).collect();
    let file = path.display();
    let by = if signers.is_empty() { "nobody yet".to_owned() } else { signers.join(", ") };
    let text = format!(
        "written to {file}, signed by {by}\n`chancery sign {file} --as NAME` adds a signature, \
         `chancery submit {file}` submits it"
    );
    Report::new(
        text,
        json!({"file": file.to_string(), "signers": signers, "payload": payload(signing)}),
    )
}

/// The payload in JSON.
pub(crate) fn payload(signing: &Signing) -> Value {
    serde_json::from_slice(&signing.payload()).unwrap_or_default()
}
