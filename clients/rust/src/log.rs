//! Checkpoints of the log (C2SP tlog-checkpoint in a signed note), checked against what is trusted.

use chancery_ledger::anchor::Anchor;
use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::merkle::{BadProof, ConsistencyProof};
use chancery_ledger::note;
use chancery_ledger::seal::Pool;
use data_encoding::BASE64;

/// A log of some size with its root, as its checkpoint states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Checkpoint {
    /// The ledger.
    pub ledger: Hash,
    /// Entries in the log.
    pub size: u64,
    /// The RFC 6962 root.
    pub root: Hash,
}

/// Why a checkpoint proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    /// The text is not a checkpoint.
    #[error("checkpoint: {0}")]
    Format(&'static str),
    /// It is of another log.
    #[error("checkpoint: it is of {0:?}, which is not the anchor's log")]
    OtherLog(String),
    /// No member of the anchor's pool has signed it.
    #[error("checkpoint: no member of the anchor's pool has signed it")]
    Unsigned,
    /// The ledger has no pool.
    #[error(
        "checkpoint: on a ledger of proof of work nobody's signature makes one worth anything; evidence with \
         its confirmations does, and so does an audit"
    )]
    NoPool,
    /// The later log does not begin with the earlier one.
    #[error("consistency: {0}")]
    Consistency(#[from] BadProof),
    /// The proof is for other sizes than the checkpoints have.
    #[error("consistency: the proof is not for the sizes of the two checkpoints")]
    Sizes,
}

const DASH: &str = "\u{2014} ";

impl Checkpoint {
    /// Reads a signed checkpoint that a member of the last pool that the anchor knows has signed, or of
    /// the one before, as the last may not be in force yet.
    pub fn verify(text: &str, anchor: &Anchor) -> Result<Self, BadCheckpoint> {
        Self::signed_by(text, anchor, anchor.last_pools())
    }

    /// The same for a checkpoint that was verified and kept: its signer may have left the pool since.
    pub fn kept(text: &str, anchor: &Anchor) -> Result<Self, BadCheckpoint> {
        Self::signed_by(text, anchor, anchor.pools())
    }

    /// What a server states, whoever has signed it: for one who goes on to check the blocks themselves.
    pub fn stated(text: &str, anchor: &Anchor) -> Result<Self, BadCheckpoint> {
        let body = text.split_once("\n\n").map_or(text, |(body, _)| body);
        Self::read(body, anchor)
    }

    fn signed_by(
        text: &str,
        anchor: &Anchor,
        pools: &[(u64, Pool)],
    ) -> Result<Self, BadCheckpoint> {
        if anchor.genesis().work().is_some() {
            return Err(BadCheckpoint::NoPool);
        }
        let (body, signatures) =
            text.split_once("\n\n").ok_or(BadCheckpoint::Format("it carries no signature"))?;
        let checkpoint = Self::read(body, anchor)?;
        let signed = format!("{body}\n");
        let mut lines = signatures.lines().filter_map(|line| line.strip_prefix(DASH));
        let ledger = anchor.ledger();
        let known = lines.any(|line| is_of_pool(&signed, line, &ledger, pools));
        if known { Ok(checkpoint) } else { Err(BadCheckpoint::Unsigned) }
    }

    /// Checks that this log begins with the earlier one.
    pub fn extends(&self, earlier: &Self, proof: &ConsistencyProof) -> Result<(), BadCheckpoint> {
        if (proof.from, proof.to) != (earlier.size, self.size) {
            return Err(BadCheckpoint::Sizes);
        }
        Ok(proof.verify(&earlier.root, &self.root)?)
    }

    fn read(body: &str, anchor: &Anchor) -> Result<Self, BadCheckpoint> {
        let format = BadCheckpoint::Format;
        let mut lines = body.lines();
        let mut line = |missing| lines.next().ok_or(format(missing));
        let origin = line("it names no log")?;
        let size = line("it states no size")?;
        let root = line("it states no root")?;
        if origin != note::origin(&anchor.ledger()) {
            return Err(BadCheckpoint::OtherLog(origin.to_owned()));
        }
        let root = BASE64.decode(root.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        Ok(Self {
            ledger: anchor.ledger(),
            size: size.parse().map_err(|_| format("its size is not a number"))?,
            root: Hash(root.ok_or(format("its root is not a hash in base64"))?),
        })
    }
}

/// Whether a signature line is of a validator of one of these pools. Others are passed over, as C2SP
/// asks: witnesses may have cosigned.
fn is_of_pool(signed: &str, line: &str, ledger: &Hash, pools: &[(u64, Pool)]) -> bool {
    let Some((name, signature)) = line.rsplit_once(' ') else { return false };
    let Ok(bytes) = BASE64.decode(signature.as_bytes()) else { return false };
    let Some((key_id, signature)) = bytes.split_at_checked(4) else { return false };
    let Ok(signature) = <&[u8; 64]>::try_from(signature) else { return false };
    let by = |key: &PublicKey| {
        note::verifier_key(ledger, key)
            .strip_prefix(&format!("{name}+{}+", data_encoding::HEXLOWER.encode(key_id)))
            .is_some()
            && key.verifier().is_ok_and(|key| key.verify(signed.as_bytes(), signature))
    };
    let mut validators = pools.iter().flat_map(|(_, pool)| &pool.validators);
    validators.any(|validator| by(&validator.key))
}
