//! Evidence as it is at a million entries and a million objects: how long it is, and in which codes it
//! goes.

use chancery_ledger::evidence::Evidence;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::transition::{Entry, Outcome, Payload, Signing};
use serde::Serialize;

use super::credentials::award;
use super::sealed::LOG_DEPTH;
use super::{HEIGHT, NOBODY, Sealed, ledger};
use crate::small_ledger::{create_party, key, party, set_card, time};

/// A block of up to 1,024 entries has paths of ten hashes.
const BLOCK_DEPTH: usize = 10;

/// A transition for this ledger, applied.
pub(super) fn applied(sealed: &Sealed, by: &[u64], actions: Vec<impl Serialize>) -> Vec<u8> {
    Entry::encode(&Outcome::Applied, &signing(sealed, by, actions).to_bytes())
}

/// A transition for this ledger.
///
/// # Panics
/// Never: JSON values can be written down.
#[allow(clippy::expect_used)]
pub(super) fn signing(sealed: &Sealed, by: &[u64], actions: Vec<impl Serialize>) -> Signing {
    let (ledger, id) = (sealed.genesis.ledger(), "0197c3a1b2d47e58".to_owned());
    let payload = Payload { ledger, id, not_after: time(6 * 24 * 60 * 60 * 1000), actions };
    let signing = Signing::of(&payload).expect("JSON can be written down");
    by.iter().fold(signing, |signing, number| signing.sign(&key(*number)))
}

/// A party as the state holds it.
#[allow(clippy::expect_used)]
pub(super) fn stored_party(number: u64) -> Vec<u8> {
    let view = ledger().expect("a disk in memory does not fail");
    let id = party(number).to_string();
    let object = view.object("identity", "party", &id, HEIGHT);
    object.expect("a disk in memory does not fail").expect("the party is there")
}

/// Receipts and statuses at depth 20, and receipts by blocks of depth 10, sealed by one, three and four validators.
pub fn big() -> Vec<(String, Genesis, Evidence)> {
    let value = stored_party(0);
    let [there, nobody] = [0, NOBODY[0]].map(|number| party(number).to_string());
    let mut all = Vec::new();
    for validators in [1, 3, 4] {
        let sealed = Sealed::by(validators);
        let of = |what: &str| format!("{what} at a million, sealed by {validators}");
        let one = applied(&sealed, &[0], vec![set_card(0, 7)]);
        let created = applied(&sealed, &[0], vec![create_party(0)]);
        let two = applied(&sealed, &[0, 1], vec![set_card(0, 7)]);
        let status = |id, value| sealed.status(["identity", "party", id], value, LOG_DEPTH);
        let evidence = [
            (of("a receipt"), sealed.receipt(&one)),
            (of("a receipt of a creation"), sealed.receipt(&created)),
            (of("a receipt with two signers"), sealed.receipt(&two)),
            (of("a status"), status(&there, Some(&value))),
            (of("an absence"), status(&nobody, None)),
        ];
        let of = |what: &str| format!("{what} in a block of a thousand, sealed by {validators}");
        let award = applied(&sealed, &[0], vec![award()]);
        let in_block = [
            (of("a receipt"), sealed.block_receipt(&one, BLOCK_DEPTH)),
            (of("a receipt of a creation"), sealed.block_receipt(&created, BLOCK_DEPTH)),
            (of("a receipt of a diploma"), sealed.block_receipt(&award, BLOCK_DEPTH)),
            (of("a receipt with two signers"), sealed.block_receipt(&two, BLOCK_DEPTH)),
        ];
        let all_of_it = evidence.into_iter().chain(in_block);
        all.extend(all_of_it.map(|(name, evidence)| (name, sealed.genesis.clone(), evidence)));
    }
    all
}
