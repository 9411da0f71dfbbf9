//! Verified batches in the order of their arrival, which several threads may have mixed up.

use std::collections::BTreeMap;
use std::time::Instant;

use crossbeam_channel::Receiver;

use super::verifiers::{Batch, Verified};

/// The batches, one after the other.
pub(super) struct InOrder {
    batches: Receiver<Batch>,
    /// Those that arrived before an earlier one.
    early: BTreeMap<u64, Vec<Verified>>,
    next: u64,
}

impl InOrder {
    pub(super) fn new(batches: Receiver<Batch>) -> Self {
        Self { batches, early: BTreeMap::new(), next: 0 }
    }

    /// Where they come from, to wait for it beside others.
    pub(super) fn source(&self) -> &Receiver<Batch> {
        &self.batches
    }

    /// Takes one in that was received from the source; those whose turn has come.
    pub(super) fn take(&mut self, (number, batch): Batch) -> Vec<Verified> {
        self.early.insert(number, batch);
        std::iter::from_fn(|| self.take_early()).flatten().collect()
    }

    /// The next batch in order, waiting for it; `None` when no more will come.
    pub(super) fn receive(&mut self) -> Option<Vec<Verified>> {
        loop {
            if let Some(batch) = self.take_early() {
                return Some(batch);
            }
            let (number, batch) = self.batches.recv().ok()?;
            self.early.insert(number, batch);
        }
    }

    /// The next batch in order, waiting for it until then; `None` when it is not there by then.
    pub(super) fn receive_before(&mut self, deadline: Instant) -> Option<Vec<Verified>> {
        loop {
            if let Some(batch) = self.take_early() {
                return Some(batch);
            }
            let (number, batch) = self.batches.recv_deadline(deadline).ok()?;
            self.early.insert(number, batch);
        }
    }

    /// The next batch in order, if it is there.
    pub(super) fn receive_ready(&mut self) -> Option<Vec<Verified>> {
        loop {
            if let Some(batch) = self.take_early() {
                return Some(batch);
            }
            let (number, batch) = self.batches.try_recv().ok()?;
            self.early.insert(number, batch);
        }
    }

    fn take_early(&mut self) -> Option<Vec<Verified>> {
        let batch = self.early.remove(&self.next)?;
        self.next += 1;
        Some(batch)
    }
}
