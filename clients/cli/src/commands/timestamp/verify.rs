//! `chancery timestamp verify`: what others have stated about checkpoints, checked offline.

use std::path::{Path, PathBuf};

use chancery_client::timestamp::{Attestation, Authorities, Reached, TOKEN_BYTES_MAX, Token};
use chancery_client::{Anchor, Checkpoint, Time, verify_log_proof};
use chancery_ledger::note::LogProof;
use clap::Args;
use serde_json::{Value, json};

use super::Trusted;
use super::folder::{Folder, Kept, name, proof_at, read};
use crate::commands::evidence::trusted;
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// The longest proof for log tools: an entry and a note, in base64.
const LOG_PROOF_BYTES_MAX: usize = 256 * 1024;
const NO_CA: &str =
    "whether the certificates lead to authorities that you trust: name those with --tsa-ca";
const REVOCATION: &str = "whether a certificate was revoked";
const BLOCKS: &str = "that the Bitcoin blocks have these merkle roots, and when they were made: compare them with the \
                      blocks";

/// Check a folder of stamped checkpoints against the anchor (--anchor), offline.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The folder.
    folder: PathBuf,
    /// A proof for log tools, of `chancery timestamp prove`: says by when its transition was in the log.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    #[command(flatten)]
    trusted: Trusted,
}

/// What was found, checkpoint by checkpoint.
#[derive(Default)]
struct Findings {
    text: String,
    checkpoints: Vec<Value>,
    wrong: Vec<String>,
    existed: Vec<Existed>,
    has_tokens: bool,
    has_blocks: bool,
}

/// A checkpoint that holds, and by when it was there: a time, and a Bitcoin block.
struct Existed {
    checkpoint: Checkpoint,
    by: Option<Time>,
    by_block: Option<u64>,
}

impl Verify {
    /// Does it. Opens no connection.
    pub(super) fn run(&self, session: &Session) -> Result<Report, Failure> {
        let anchor = trusted(session)?;
        let authorities = self.trusted.read()?;
        let mut findings = Findings::default();
        for kept in Folder::of(&self.folder).checkpoints()? {
            findings.checkpoint(&kept, &anchor, authorities.as_ref());
        }
        if findings.checkpoints.is_empty() && findings.wrong.is_empty() {
            let what = format!("NOT VERIFIED: there is no checkpoint in {}", self.folder.display());
            return Err(Failure::Claim(what));
        }
        let transition = match &self.proof {
            Some(proof) => Some(findings.transition(proof, &anchor)?),
            None => None,
        };
        findings.report(authorities.is_some(), transition)
    }
}

impl Findings {
    fn checkpoint(&mut self, kept: &Kept, anchor: &Anchor, authorities: Option<&Authorities>) {
        let file = format!("{}.checkpoint", kept.size);
        let checkpoint = match Checkpoint::kept(&kept.note, anchor) {
            Ok(checkpoint) if checkpoint.size == kept.size => checkpoint,
            Ok(other) => {
                return self.wrong.push(format!("{file} is of a log of {} entries", other.size));
            }
            Err(error) => return self.wrong.push(format!("{file}: {error}")),
        };
        let (size, root) = (checkpoint.size, checkpoint.root);
        self.text += &format!("\nok  {file}: the log of {size} entries with root {root}");
        let (mut tokens, mut times) = (Vec::new(), Vec::new());
        for path in &kept.tokens {
            if let Some(token) = self.token(path, kept, authorities) {
                let by = token.existed_by();
                times.push(by);
                tokens.push(json!({"file": name(path), "existed_by": by, "token": token}));
            }
        }
        let bitcoin = kept.proof.as_ref().map(|path| self.proof(path, kept)).unwrap_or_default();
        let by_block = bitcoin.iter().filter_map(|it| it["height"].as_u64()).min();
        if kept.tokens.is_empty() && kept.proof.is_none() {
            self.text += "\n    nobody has stamped it";
        }
        self.existed.push(Existed { checkpoint, by: times.into_iter().min(), by_block });
        self.checkpoints.push(json!({
            "size": size, "root": root, "tokens": tokens, "bitcoin": bitcoin,
        }));
    }

    fn token(
        &mut self,
        path: &Path,
        kept: &Kept,
        authorities: Option<&Authorities>,
    ) -> Option<Token> {
        let file = name(path);
        let bytes = read(path, TOKEN_BYTES_MAX).map_err(|error| self.wrong.push(error.to_string()));
        let token = Token::verify(&bytes.ok()?, &kept.imprint(), authorities)
            .map_err(|error| self.wrong.push(format!("{file}: {error}")))
            .ok()?;
        self.has_tokens = true;
        let (by, whose) = (token.existed_by(), &token.authority);
        self.text += &format!("\n    ok  {file}: existed by {by}, says {whose}");
        Some(token)
    }

    /// What attests it in Bitcoin: blocks, and calendars that promise one.
    fn proof(&mut self, path: &Path, kept: &Kept) -> Vec<Value> {
        let reached = match proof_at(path, &kept.imprint()) {
            Ok((_, reached)) => reached,
            Err(failure) => {
                self.wrong.push(failure.to_string());
                return Vec::new();
            }
        };
        reached.iter().map(|reached| self.attested(&name(path), reached)).collect()
    }

    fn attested(&mut self, file: &str, reached: &Reached) -> Value {
        let root = reached.merkle_root();
        let (text, json) = match &reached.attestation {
            Attestation::Pending { calendar } => (
                format!("pending: {calendar} has promised it, which proves no time"),
                json!({"pending": calendar}),
            ),
            Attestation::Bitcoin { height } => {
                self.has_blocks = true;
                let text = format!("leads to the merkle root {root} of Bitcoin block {height}");
                (text, json!({"height": height, "merkle_root": root}))
            }
            Attestation::Other { kind, .. } => {
                let kind = data_encoding::HEXLOWER.encode(kind);
                (format!("not checked: an attestation of kind {kind}"), json!({"unknown": kind}))
            }
        };
        self.text += &format!("\n    {file}: {text}");
        json
    }

    /// By when a transition was in the log: its proof is under one of these checkpoints.
    fn transition(&mut self, path: &Path, anchor: &Anchor) -> Result<Value, Failure> {
        let proof: LogProof = String::from_utf8_lossy(&read(path, LOG_PROOF_BYTES_MAX)?)
            .parse()
            .map_err(chancery_client::verify::NotVerified::from)?;
        let shown = verify_log_proof(&proof, anchor, &[])?;
        let is_its = |it: &&Existed| {
            (it.checkpoint.size, it.checkpoint.root) == (shown.log_size, shown.log_root)
        };
        let by = self.existed.iter().find(is_its).map(|it| (it.by, it.by_block));
        let words = match by {
            Some((Some(time), _)) => format!("by {time}"),
            Some((None, Some(height))) => format!("when Bitcoin block {height} was made"),
            _ => {
                return Err(Failure::Claim(format!(
                    "NOT VERIFIED: nothing here says when its checkpoint, of the log of {} entries, was there",
                    shown.log_size
                )));
            }
        };
        let (position, outcome) = (shown.position, shown.outcome);
        self.text += &format!(
            "\nok  {}: the transition at position {position} ({outcome}) was in the log {words}",
            name(path)
        );
        let (by, by_block) = by.unwrap_or_default();
        Ok(json!({
            "position": position, "outcome": outcome, "existed_by": by, "existed_by_block": by_block,
        }))
    }

    fn report(self, has_ca: bool, transition: Option<Value>) -> Result<Report, Failure> {
        let mut not_checked = Vec::new();
        if self.has_tokens {
            not_checked.extend((!has_ca).then_some(NO_CA).into_iter().chain([REVOCATION]));
        }
        if self.has_blocks {
            not_checked.push(BLOCKS);
        }
        let mut text = self.text.trim_start().to_owned();
        for what in &not_checked {
            text += &format!("\nnot checked: {what}");
        }
        let mut json = json!({
            "verified": self.wrong.is_empty(), "checkpoints": self.checkpoints,
            "not_checked": not_checked, "wrong": self.wrong,
        });
        if let Some(transition) = transition {
            json["transition"] = transition;
        }
        Report::new(text, json).unless("NOT VERIFIED", &self.wrong)
    }
}
