//! `chancery qr`: evidence as QR codes, to print and to show.

use std::fs;
use std::path::{Path, PathBuf};

use chancery_client::verify::{self, credential_signed};
use chancery_client::{Anchor, Credential, Evidence, Hash, Signing};
use chancery_ledger::evidence::code::{PARTS_MAX, to_codes};
use clap::Args;
use qrcode::types::QrError;
use qrcode::{EcLevel, QrCode, Version};
use serde_json::{Value, json};

use super::evidence::{read, trusted};
use super::wait_for;
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

mod image;

/// Make the QR code of a receipt or a proof, once it is checked (--anchor).
#[derive(Debug, Args)]
pub(crate) struct Qr {
    /// The receipt or the proof, in any form; - for standard input. Or a transition's id: of the receipts
    /// that the server gives, by the log and by the block, the one with the smaller code is taken.
    #[arg(value_name = "FILE|ID")]
    file: PathBuf,
    /// Of a receipt, or of a signed transition in a file, the credential alone: what was signed, and
    /// nothing that shows that the ledger has taken it in.
    #[arg(long)]
    signed_only: bool,
    /// Write it as a drawing.
    #[arg(long, value_name = "FILE", conflicts_with = "png")]
    svg: Option<PathBuf>,
    /// Write it as an image.
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// The largest version a code may have, 1 to 40; longer evidence is cut into several codes.
    #[arg(long, value_name = "VERSION", default_value_t = 26,
        value_parser = clap::value_parser!(i16).range(1..=40))]
    max_version: i16,
}

impl Qr {
    /// Does it. Opens no connection, but for a transition's id. A code that shows nothing is not made.
    pub(crate) fn run(&self, session: &Session) -> Result<Report, Failure> {
        let anchor = trusted(session)?;
        let compact = match self.signed_only {
            true => self.credential(session, &anchor)?,
            false => self.evidence(session, &anchor)?,
        };
        let codes = fitting(&compact, self.max_version)?;
        let mut text = format!("{} bytes of compact evidence", compact.len());
        let mut documents = Vec::new();
        for (index, (code, drawn)) in codes.iter().enumerate() {
            let file = self.write(index, codes.len(), drawn)?;
            text += &format!("\n{code}");
            text += &format!("\n  {}", size_of(drawn, code));
            if let Some(file) = &file {
                text += &format!(", written to {file}");
            }
            documents.push(document_of(drawn, code, file));
        }
        Ok(Report::new(text, json!({"compact_bytes": compact.len(), "codes": documents})))
    }

    /// The transition that is named, if it is one and no file is called so.
    fn transition(&self) -> Option<Hash> {
        self.file.to_str().filter(|_| !self.file.exists())?.parse().ok()
    }

    fn evidence(&self, session: &Session, anchor: &Anchor) -> Result<Vec<u8>, Failure> {
        let Some(id) = self.transition() else {
            let (evidence, _) = verify::read_and_verify(&read(&self.file)?, anchor)?;
            return compact(evidence, anchor);
        };
        let client = session.client()?;
        let (by_log, by_block) = wait_for(async {
            Ok::<_, Failure>((client.receipt(&id).await?, client.block_receipt(&id).await?))
        })??;
        let by_log = compact(Evidence::Receipt(by_log), anchor)?;
        let by_block = compact(Evidence::InBlock(by_block), anchor)?;
        let length = |compact: &[u8]| to_codes(compact, 1)[0].len();
        Ok(if length(&by_block) < length(&by_log) { by_block } else { by_log })
    }

    fn credential(&self, session: &Session, anchor: &Anchor) -> Result<Vec<u8>, Failure> {
        let credential = match self.transition() {
            Some(id) => {
                let receipt = wait_for(session.client()?.receipt(&id))??;
                Credential::of_evidence(&Evidence::Receipt(receipt))
            }
            None => credential_in(&read(&self.file)?, anchor)?,
        };
        let credential = credential.ok_or_else(|| {
            Failure::usage("a status proof holds no signed transition: name a receipt")
        })?;
        credential_signed(&credential, anchor)?;
        let compact = credential.to_compact(anchor);
        compact.map_err(|error| Failure::Claim(error.to_string()))
    }

    /// Writes one of the codes; the name of its file.
    fn write(&self, index: usize, of: usize, drawn: &QrCode) -> Result<Option<String>, Failure> {
        let (path, bytes) = match (&self.svg, &self.png) {
            (Some(path), _) => (path, image::svg_of(drawn).into_bytes()),
            (None, Some(path)) => {
                let image = image::png_of(drawn);
                (path, image.map_err(|error| Failure::file(path, error))?)
            }
            (None, None) => return Ok(None),
        };
        let path = numbered(path, index, of);
        fs::write(&path, bytes).map_err(|error| Failure::file(&path, error))?;
        Ok(Some(path.display().to_string()))
    }
}

/// The compact form, with no more signatures of the pool than it takes.
fn compact(evidence: Evidence, anchor: &Anchor) -> Result<Vec<u8>, Failure> {
    let compact = evidence.without_surplus(anchor).to_compact(anchor);
    compact.map_err(|error| Failure::Claim(error.to_string()))
}

/// The credential of a file: one by itself, a signed transition, or what a receipt holds of it.
fn credential_in(bytes: &[u8], anchor: &Anchor) -> Result<Option<Credential>, Failure> {
    if let Some(credential) = Credential::read(bytes, anchor) {
        return Ok(Some(credential.map_err(verify::NotVerified::from)?));
    }
    if let Ok(signing) = serde_json::from_slice::<Signing>(bytes) {
        return Ok(Some(Credential::of(signing.to_bytes())));
    }
    let (evidence, _) = verify::read_and_verify(bytes, anchor)?;
    Ok(Credential::of_evidence(&evidence))
}

/// The fewest codes into which the evidence goes, each with its text.
pub(super) fn fitting(compact: &[u8], max_version: i16) -> Result<Vec<(String, QrCode)>, Failure> {
    for parts in 1..=PARTS_MAX {
        let drawn: Result<Vec<_>, QrError> =
            to_codes(compact, parts).into_iter().map(|text| Ok((draw(&text)?, text))).collect();
        match drawn {
            Ok(codes) if codes.iter().all(|(code, _)| version_of(code) <= max_version) => {
                return Ok(codes.into_iter().map(|(code, text)| (text, code)).collect());
            }
            Ok(_) | Err(QrError::DataTooLong) => {}
            Err(error) => return Err(Failure::Claim(error.to_string())),
        }
    }
    Err(Failure::Claim(format!(
        "{} bytes do not go into {PARTS_MAX} codes of version {max_version}: hand over the file, or a link to it",
        compact.len()
    )))
}

fn draw(text: &str) -> Result<QrCode, QrError> {
    QrCode::with_error_correction_level(text, EcLevel::M)
}

fn version_of(code: &QrCode) -> i16 {
    match code.version() {
        Version::Normal(version) | Version::Micro(version) => version,
    }
}

/// What a printer needs to know: a module of 0.4 mm is read by any phone.
fn size_of(code: &QrCode, text: &str) -> String {
    let (version, modules) = (version_of(code), code.width());
    let side_mm = (modules + 2 * image::QUIET_MODULES) as f64 * 0.4;
    format!(
        "version {version}-M, {modules} by {modules} modules, {} characters; {side_mm:.0} mm wide with its margin at 0.4 mm a module",
        text.len()
    )
}

fn document_of(code: &QrCode, text: &str, file: Option<String>) -> Value {
    json!({
        "text": text, "version": version_of(code), "level": "M", "modules": code.width(), "file": file,
    })
}

/// `card.svg` for a single code; `card-1.svg`, `card-2.svg` for parts.
fn numbered(path: &Path, index: usize, of: usize) -> PathBuf {
    if of == 1 {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{}", index + 1));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}
