//! Checkpoints of the log as C2SP signed notes, which any transparency-log tool reads.

use data_encoding::BASE64;

use crate::block::Header;
use crate::hash::Hash;
use crate::key::{PublicKey, SecretKey};

/// The type of an Ed25519 signature in a key id (C2SP signed-note).
const ED25519: u8 = 0x01;

/// The log's name on its checkpoints: `chancery/` and the ledger's id.
pub fn origin(ledger: &Hash) -> String {
    format!("chancery/{ledger}")
}

/// The text of a checkpoint (C2SP tlog-checkpoint): origin, size, root, a line each.
pub fn checkpoint_text(header: &Header) -> String {
    let root = BASE64.encode(header.log_root.as_bytes());
    format!("{}\n{}\n{root}\n", origin(&header.ledger), header.log_size)
}

/// A checkpoint signed by a key that is known under the log's own name.
pub fn signed_checkpoint(header: &Header, key: &SecretKey) -> String {
    let text = checkpoint_text(header);
    let name = origin(&header.ledger);
    let mut signature = key_id(&name, &key.public()).to_vec();
    signature.extend_from_slice(&key.sign(text.as_bytes()));
    format!("{text}\n\u{2014} {name} {}\n", BASE64.encode(&signature))
}

/// The key as C2SP tools take it: name, key id in hexadecimal, type and key in base64.
pub fn verifier_key(ledger: &Hash, key: &PublicKey) -> String {
    let name = origin(ledger);
    let id: String = key_id(&name, key).iter().map(|byte| format!("{byte:02x}")).collect();
    let typed = [&[ED25519], key.as_bytes().as_slice()].concat();
    format!("{name}+{id}+{}", BASE64.encode(&typed))
}

/// The first four bytes of SHA-256 over name, line feed, type and key.
fn key_id(name: &str, key: &PublicKey) -> [u8; 4] {
    let hash = Hash::of(&[name.as_bytes(), b"\n", &[ED25519], key.as_bytes()]);
    let mut id = [0; 4];
    id.copy_from_slice(&hash.as_bytes()[..4]);
    id
}
