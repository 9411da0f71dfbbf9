//! That a transition is in the log, in the form that transparency-log tools share (C2SP tlog-proof v1): made
//! from what a server gives, and checked with what is trusted.

use chancery_ledger::anchor::Anchor;
use chancery_ledger::evidence::{BadEvidence, Receipt};
use chancery_ledger::hash::Hash;
use chancery_ledger::note::{LogProof, Note, TreeHead, VerifierKey};
use chancery_ledger::transition::Entry;
use serde::Serialize;

use crate::client::Client;
use crate::error::Error;
use crate::log::{BadCheckpoint, Checkpoint};
use crate::verify::{NotVerified, signatures_hold};

/// What a checked proof shows.
#[derive(Clone, Debug, Serialize)]
pub struct LogProofVerified {
    /// The ledger.
    pub ledger: Hash,
    /// The transition's position in the log.
    pub position: u64,
    /// What became of it.
    pub outcome: String,
    /// The kids whose signatures the transition carries.
    pub signers: Vec<String>,
    /// Entries in the log of the checkpoint.
    pub log_size: u64,
    /// The root of that log.
    pub log_root: Hash,
    /// Of the witnesses that were named, those that have cosigned it.
    pub cosigned: Vec<Cosigned>,
}

/// Who has cosigned a checkpoint, and when by their own clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cosigned {
    /// The witness's name.
    pub by: String,
    /// The time, in seconds since 1970.
    pub time_s: u64,
}

impl Client {
    /// The proof that a transition is in the log, with its entry as the extra data: under the latest
    /// cosigned checkpoint that has it, or the server's own while there is none.
    pub async fn log_proof(&self, id: &Hash) -> Result<LogProof, Error> {
        let receipt = self.receipt(id).await?;
        let position = receipt.inclusion.position;
        let cosigned = self.cosigned_text().await?;
        let cosigned = cosigned.map(|text| read(&text)).transpose()?;
        let note = match cosigned.filter(|(_, size)| *size > position) {
            Some((note, _)) => note,
            None => read(&self.checkpoint_text().await?)?.0,
        };
        self.log_proof_under(receipt, note).await
    }

    /// The proof that a transition is in the log of a checkpoint, which may be an older one that was kept.
    pub async fn log_proof_under(&self, receipt: Receipt, note: Note) -> Result<LogProof, Error> {
        let TreeHead { size, .. } = note.text().parse().map_err(BadCheckpoint::from)?;
        let position = receipt.inclusion.position;
        let inclusion = self.inclusion(position, size).await?;
        if (inclusion.position, inclusion.log_size) != (position, size) {
            return Err(Error::OtherEvidence("the proof is of another place or log".to_owned()));
        }
        Ok(LogProof { extra: Some(receipt.entry.0), index: position, path: inclusion.path, note })
    }
}

/// A checkpoint and the size that it states.
fn read(text: &str) -> Result<(Note, u64), BadCheckpoint> {
    let note: Note = text.parse()?;
    let head: TreeHead = note.text().parse()?;
    Ok((note, head.size))
}

/// Checks a proof: that its entry is in the log of its checkpoint, that a validator of the anchor's pool has
/// signed that, that the entry is a transition for this ledger whose signatures verify, and who of these
/// witnesses has cosigned. How many must have is for the reader to say.
///
/// It says less than a receipt: one validator answers for the checkpoint where a seal has more than two
/// thirds of the pool.
pub fn verify_log_proof(
    proof: &LogProof,
    anchor: &Anchor,
    witnesses: &[VerifierKey],
) -> Result<LogProofVerified, NotVerified> {
    let entry = proof.extra.as_deref().ok_or(NotVerified::NoEntry)?;
    let head = proof.contains(entry)?;
    let checkpoint = Checkpoint::verify(&proof.note.to_string(), anchor)?;
    let signers = signatures_hold(entry, anchor)?;
    let entry = Entry::decode(entry).map_err(BadEvidence::from)?;
    let outcome = entry.outcome.to_string();
    let mut cosigned = Vec::new();
    for key in witnesses {
        let signed = proof.note.signed_by(key).map_err(BadCheckpoint::from)?;
        if let Some(time_s) = signed.and_then(|signed| signed.time_s) {
            cosigned.push(Cosigned { by: key.name().to_string(), time_s });
        }
    }
    let (ledger, position) = (checkpoint.ledger, proof.index);
    let (log_size, log_root) = (head.size, head.root);
    Ok(LogProofVerified { ledger, position, outcome, signers, log_size, log_root, cosigned })
}
