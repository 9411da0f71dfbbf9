//! Roots of the log that this node has signed for receipts in COSE: each once, as long as it is
//! remembered.

use std::collections::BTreeMap;

use chancery_ledger::error::Error;
use chancery_ledger::evidence::cose::SignedRoot;
use chancery_ledger::key::SecretKey;
use chancery_ledger::view::View;
use parking_lot::Mutex;

/// How many are remembered. Another costs one signature and a few dozen reads.
const REMEMBERED: usize = 1024;

/// Those of the longest logs, by their size. A final log has one root of each size, and Ed25519 one
/// signature for it, so what is forgotten is made again as it was.
#[derive(Default)]
pub(super) struct SignedRoots(Mutex<BTreeMap<u64, SignedRoot>>);

impl SignedRoots {
    /// The root of the log of its first `log_size` entries, signed.
    pub(super) fn of(
        &self,
        view: &View,
        log_size: u64,
        key: &SecretKey,
    ) -> Result<SignedRoot, Error> {
        if let Some(known) = self.0.lock().get(&log_size) {
            return Ok(known.clone());
        }
        let root = view.log_root(log_size)?;
        let signed = SignedRoot::sign(&view.genesis().ledger(), log_size, &root, key);
        let mut remembered = self.0.lock();
        remembered.insert(log_size, signed.clone());
        if remembered.len() > REMEMBERED {
            remembered.pop_first();
        }
        Ok(signed)
    }
}
