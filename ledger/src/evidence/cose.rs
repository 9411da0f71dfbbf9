//! Receipts of the log in COSE (RFC 9942, RFC9162_SHA256): a root that one key has signed, and a proof
//! that leads to it.
//!
//! The signature is over the root of a log and, in the protected header, over which log it is and how
//! many entries it has: a root alone does not commit to its size. The proof stands outside of the
//! signature, as RFC 9942 has it, so one signature serves every proof that leads to its root. It is one
//! key's word: the seal of a block is that of a quorum. docs/formats.md has every byte.

use super::cbor::Writer;
use crate::hash::Hash;
use crate::key::{PublicKey, SecretKey};
use crate::merkle::{ConsistencyProof, InclusionProof};
use crate::note;

/// The media type of a receipt (RFC 9943).
pub const MEDIA_TYPE: &str = "application/scitt-receipt+cose";

/// The tag of COSE_Sign1, and with the array of four behind it the first bytes of a receipt.
const SIGN1: u64 = 18;
pub(super) const FIRST_BYTES: [u8; 2] = [0xd2, 0x84];

/// Labels of header parameters (RFC 9052, 9597, 9942).
const ALG: i64 = 1;
const KID: i64 = 4;
const CWT_CLAIMS: i64 = 15;
const VDS: i64 = 395;
const VDP: i64 = 396;
/// Claims (RFC 8392).
const ISSUER: i64 = 1;
const SUBJECT: i64 = 2;
/// Values.
const EDDSA: i64 = -8;
const RFC9162_SHA256: i64 = 1;
const INCLUSION: i64 = -1;
const CONSISTENCY: i64 = -2;
/// Of a key (RFC 9052, 7; RFC 9053, 7.2).
const KEY_TYPE: i64 = 1;
const KEY_KID: i64 = 2;
const KEY_ALG: i64 = 3;
const KEY_CURVE: i64 = -1;
const KEY_X: i64 = -2;
const OCTET_KEY_PAIR: i64 = 1;
const ED25519: i64 = 6;

/// The root of a log, as one key has signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRoot {
    ledger: Hash,
    log_size: u64,
    root: Hash,
    key: PublicKey,
    signature: [u8; 64],
}

/// Why there is no receipt for a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoReceipt {
    /// The proof leads to the root of another log than the signed one.
    #[error("the proof is for a log of another size than the signed root's")]
    OtherSize,
    /// There is no path (RFC 9942 asks for one hash at least).
    #[error("an empty log, and the log itself, need no proof of consistency")]
    NothingToProve,
}

impl SignedRoot {
    /// Signs the root of a ledger's log of so many entries.
    pub fn sign(ledger: &Hash, log_size: u64, root: &Hash, key: &SecretKey) -> Self {
        let signed =
            Self { ledger: *ledger, log_size, root: *root, key: key.public(), signature: [0; 64] };
        Self { signature: key.sign(&signed.to_be_signed()), ..signed }
    }

    /// Entries in the log.
    pub fn log_size(&self) -> u64 {
        self.log_size
    }

    /// The receipt that an entry is in the log.
    pub fn receipt_of_inclusion(&self, proof: &InclusionProof) -> Result<Vec<u8>, NoReceipt> {
        self.receipt(INCLUSION, [proof.log_size, proof.position], proof.log_size, &proof.path)
    }

    /// The receipt that the log begins with an earlier one.
    pub fn receipt_of_consistency(&self, proof: &ConsistencyProof) -> Result<Vec<u8>, NoReceipt> {
        if proof.path.is_empty() {
            return Err(NoReceipt::NothingToProve);
        }
        self.receipt(CONSISTENCY, [proof.from, proof.to], proof.to, &proof.path)
    }

    /// Whose receipt this is: which of these keys has signed this root, if the receipt is exactly the
    /// one that this proof makes with it. That the proof leads to the root is for
    /// [`InclusionProof::verify`] to say.
    pub fn signer_of(
        receipt: &[u8],
        ledger: &Hash,
        root: &Hash,
        proof: &InclusionProof,
        keys: impl IntoIterator<Item = PublicKey>,
    ) -> Option<PublicKey> {
        let signature = *receipt.last_chunk::<64>()?;
        let (ledger, log_size, root) = (*ledger, proof.log_size, *root);
        keys.into_iter().find(|key| {
            let signed = Self { ledger, log_size, root, key: *key, signature };
            let verifier = key.verifier();
            signed.receipt_of_inclusion(proof).is_ok_and(|made| made == receipt)
                && verifier.is_ok_and(|key| key.verify(&signed.to_be_signed(), &signature))
        })
    }

    /// A COSE_Sign1 whose payload, the root, is detached: whoever checks it computes the root from the
    /// proof.
    fn receipt(
        &self,
        kind: i64,
        of: [u64; 2],
        log_size: u64,
        path: &[Hash],
    ) -> Result<Vec<u8>, NoReceipt> {
        if log_size != self.log_size {
            return Err(NoReceipt::OtherSize);
        }
        let mut into = Writer::default();
        into.tag(SIGN1);
        into.array(4);
        into.bytes(&self.protected());
        into.map(1);
        into.signed(VDP);
        into.map(1);
        into.signed(kind);
        into.array(1);
        into.bytes(&proof_of(of, path));
        into.null();
        into.bytes(&self.signature);
        Ok(into.bytes)
    }

    fn protected(&self) -> Vec<u8> {
        let issuer = note::origin(&self.ledger);
        let mut into = Writer::default();
        into.map(4);
        into.signed(ALG);
        into.signed(EDDSA);
        into.signed(KID);
        into.bytes(thumbprint(&self.key).as_bytes());
        into.signed(CWT_CLAIMS);
        into.map(2);
        into.signed(ISSUER);
        into.text(&issuer);
        into.signed(SUBJECT);
        into.text(&format!("{issuer}/log/{}", self.log_size));
        into.signed(VDS);
        into.signed(RFC9162_SHA256);
        into.bytes
    }

    /// The Sig_structure (RFC 9052, 4.4). It begins with `0x84`, and nothing else that a node's key
    /// signs does: all of that begins with a letter.
    fn to_be_signed(&self) -> Vec<u8> {
        let mut into = Writer::default();
        into.array(4);
        into.text("Signature1");
        into.bytes(&self.protected());
        into.bytes(&[]);
        into.bytes(self.root.as_bytes());
        into.bytes
    }
}

fn proof_of(of: [u64; 2], path: &[Hash]) -> Vec<u8> {
    let mut into = Writer::default();
    into.array(3);
    for number in of {
        into.integer(number);
    }
    into.array(path.len());
    for hash in path {
        into.bytes(hash.as_bytes());
    }
    into.bytes
}

/// The keys as a COSE_KeySet (RFC 9052, 7), each under its thumbprint.
pub fn key_set(keys: &[PublicKey]) -> Vec<u8> {
    let mut into = Writer::default();
    into.array(keys.len());
    for key in keys {
        into.map(5);
        into.signed(KEY_TYPE);
        into.signed(OCTET_KEY_PAIR);
        into.signed(KEY_KID);
        into.bytes(thumbprint(key).as_bytes());
        into.signed(KEY_ALG);
        into.signed(EDDSA);
        write_point(key, &mut into);
    }
    into.bytes
}

/// What a key is called in receipts: SHA-256 over its required members (RFC 9679).
pub fn thumbprint(key: &PublicKey) -> Hash {
    let mut into = Writer::default();
    into.map(3);
    into.signed(KEY_TYPE);
    into.signed(OCTET_KEY_PAIR);
    write_point(key, &mut into);
    Hash::of(&[&into.bytes])
}

fn write_point(key: &PublicKey, into: &mut Writer) {
    into.signed(KEY_CURVE);
    into.signed(ED25519);
    into.signed(KEY_X);
    into.bytes(key.as_bytes());
}
