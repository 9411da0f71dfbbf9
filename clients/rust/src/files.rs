//! Files that people hand to each other: transitions on their way around their signers, evidence,
//! and the genesis.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use chancery_ledger::anchor::Anchor;
use chancery_ledger::evidence::{Evidence, StatusProof};
use chancery_ledger::genesis::Genesis;
use chancery_ledger::transition::Signing;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;

/// Reads a transition that some have signed, or none.
pub fn read_signing(path: &Path) -> Result<Signing, Error> {
    read_json(path)
}

/// Writes a transition down for the next signer, exactly as it would be submitted.
pub fn write_signing(path: &Path, signing: &Signing) -> Result<(), Error> {
    write(path, &signing.to_bytes())
}

/// Reads what [`crate::verify::read_and_verify`] takes, in whichever form.
pub fn read_evidence(path: &Path) -> Result<Vec<u8>, Error> {
    read(path)
}

/// Reads certificates in PEM, as [`crate::Client::with_authorities`] takes them.
pub fn read_certificates(path: &Path) -> Result<Vec<u8>, Error> {
    read(path)
}

/// Writes a receipt or a status proof down in its compact form.
pub fn write_compact(path: &Path, evidence: &Evidence, anchor: &Anchor) -> Result<(), Error> {
    let compact = evidence.to_compact(anchor).map_err(|error| content(path, &error))?;
    write(path, &compact)
}

/// Writes a receipt in COSE down, as it was received.
pub fn write_cose(path: &Path, receipt: &[u8]) -> Result<(), Error> {
    write(path, receipt)
}

/// Writes a receipt or a status proof down in JSON.
pub fn write_evidence(path: &Path, evidence: &impl Serialize) -> Result<(), Error> {
    let bytes = serde_json::to_vec_pretty(evidence).map_err(|error| content(path, &error))?;
    write(path, &bytes)
}

/// Reads a genesis: the anchor of everything that is verified.
pub fn read_genesis(path: &Path) -> Result<Genesis, Error> {
    Genesis::parse(&read(path)?).map_err(|error| content(path, &error))
}

/// Reads an anchor: the genesis, and the handovers from it in their order.
pub fn read_anchor(genesis: &Path, handovers: &[impl AsRef<Path>]) -> Result<Anchor, Error> {
    let mut anchor = Anchor::from(read_genesis(genesis)?);
    for path in handovers {
        let path = path.as_ref();
        let all = match read_json(path)? {
            Handovers::One(handover) => vec![*handover],
            Handovers::Many(all) => all,
        };
        for handover in &all {
            anchor.follow(handover).map_err(|error| content(path, &error))?;
        }
    }
    Ok(anchor)
}

/// Puts a file in place of the one that was there, durably: once this returns, a power cut leaves the new
/// one, and before that the old one or the new one, whole. The folder is made where there is none.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || -> io::Result<()> {
        let parent = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(parent)?;
        let new = path.with_extension("new");
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        File::open(parent)?.sync_all()
    };
    write().map_err(|source| Error::File { file: path.display().to_string(), source })
}

/// A file of handovers has one, or a list.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Handovers {
    One(Box<StatusProof>),
    Many(Vec<StatusProof>),
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    serde_json::from_slice(&read(path)?).map_err(|error| content(path, &error))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::File { file: path.display().to_string(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes)
        .map_err(|source| Error::File { file: path.display().to_string(), source })
}

fn content(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::Content { what: path.display().to_string(), why: why.to_string() }
}
