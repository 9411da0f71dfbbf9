//! Proofs for log tools (C2SP tlog-proof): written, and checked with the genesis and the keys of witnesses.

use std::path::Path;

use chancery_client::verify::NotVerified;
use chancery_client::{Anchor, Hash, LogProofVerified, verify_log_proof};
use chancery_ledger::note::{LogProof, NotALogProof, NotAVerifierKey, SignatureType, VerifierKey};
use chancery_ledger::time::Time;
use serde_json::json;

use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;

/// Reads a witness's key.
pub(super) fn witness_key(text: &str) -> Result<VerifierKey, String> {
    let key: VerifierKey = text.parse().map_err(|error: NotAVerifierKey| error.to_string())?;
    match key.kind() {
        SignatureType::Cosignature => Ok(key),
        SignatureType::Note => {
            Err("this is the key of a log (type 01), not of a witness".to_owned())
        }
    }
}

/// Gets a proof and writes it to a file.
pub(super) async fn write(session: &Session, id: &Hash, out: &Path) -> Result<Report, Failure> {
    let proof = session.client()?.log_proof(id).await?;
    let checked = match session.anchor() {
        Some(anchor) => Some(verify_log_proof(&proof, &anchor, &[])?),
        None => None,
    };
    std::fs::write(out, proof.to_string()).map_err(|error| Failure::file(out, error))?;
    let (file, signatures) = (out.display(), proof.note.signatures().len());
    let how = match checked {
        Some(_) => "checked against the anchor",
        None => "not checked",
    };
    let text = format!("written to {file}, {how}; its checkpoint has {signatures} signatures");
    let json = json!({
        "file": file.to_string(), "checked": checked.is_some(), "signatures": signatures,
    });
    Ok(Report::new(text, json))
}

/// Checks a proof. Each witness that was named must have cosigned it.
pub(super) fn verify(
    bytes: &[u8],
    anchor: &Anchor,
    witnesses: &[VerifierKey],
) -> Result<Report, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|_| NotVerified::from(NotALogProof::Head))?;
    let proof: LogProof = text.parse().map_err(NotVerified::from)?;
    let verified = verify_log_proof(&proof, anchor, witnesses)?;
    let is_missing = |key: &&VerifierKey| {
        !verified.cosigned.iter().any(|cosigned| cosigned.by == key.name().as_str())
    };
    if let Some(missing) = witnesses.iter().find(is_missing) {
        return Err(Failure::Claim(format!("NOT VERIFIED: {} has not cosigned", missing.name())));
    }
    let mut json = serde_json::to_value(&verified).unwrap_or_default();
    json["verified"] = true.into();
    Ok(Report::new(describe(&verified), json))
}

fn describe(verified: &LogProofVerified) -> String {
    let LogProofVerified { position, outcome, log_size, log_root, ledger, .. } = verified;
    let mut text = format!(
        "VERIFIED: the transition stands at position {position} of the log: {outcome}\n\
         in the log of {log_size} entries with root {log_root}\n\
         ledger {ledger}\nchecks:\n  \
         ok  the entry is in the log of the checkpoint\n  \
         ok  a validator of the anchor's pool has signed the checkpoint\n  \
         ok  each signature on the transition verifies with the key that it names (Ed25519, strict)"
    );
    for cosigned in &verified.cosigned {
        let time = Time::default().plus_ms(cosigned.time_s.saturating_mul(1000));
        text += &format!("\n  ok  {} has cosigned it, at {time} by its clock", cosigned.by);
    }
    text += "\n  not checked: that more than two thirds of the pool have sealed it: a receipt shows that";
    text + &format!("\nsigned by:\n  {}", verified.signers.join("\n  "))
}
