//! One checkpoint on its way around those who sign it.

use std::time::{Duration, Instant};

use chancery_ledger::block::Header;
use chancery_ledger::note::{Note, SignatureLine};

/// A checkpoint, and who has signed it so far.
pub(super) struct Round {
    header: Header,
    note: Note,
    began: Instant,
    witnesses: Vec<Option<SignatureLine>>,
    validators: Vec<Option<SignatureLine>>,
}

impl Round {
    /// A checkpoint that this node alone has signed.
    pub(super) fn new(header: Header, note: Note, witnesses: usize, validators: usize) -> Self {
        let (witnesses, validators) = (vec![None; witnesses], vec![None; validators]);
        Self { header, note, began: Instant::now(), witnesses, validators }
    }

    /// The block that the checkpoint is of.
    pub(super) fn head(&self) -> &Header {
        &self.header
    }

    /// Entries in its log.
    pub(super) fn log_size(&self) -> u64 {
        self.header.log_size
    }

    /// Its height.
    pub(super) fn height(&self) -> u64 {
        self.header.height
    }

    /// How long it is under way.
    pub(super) fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// How many witnesses have cosigned it.
    pub(super) fn witnesses(&self) -> usize {
        self.witnesses.iter().flatten().count()
    }

    /// How many have signed it beside this node.
    pub(super) fn signatures(&self) -> usize {
        self.witnesses() + self.validators.iter().flatten().count()
    }

    /// Witnesses that have not, by their place.
    pub(super) fn witnesses_left(&self) -> impl Iterator<Item = usize> {
        left(&self.witnesses)
    }

    /// Validators that have not, by their place.
    pub(super) fn validators_left(&self) -> impl Iterator<Item = usize> {
        left(&self.validators)
    }

    /// A witness has.
    pub(super) fn witness_signed(&mut self, index: usize, line: SignatureLine) {
        self.witnesses[index] = Some(line);
    }

    /// A validator has.
    pub(super) fn validator_signed(&mut self, index: usize, line: SignatureLine) {
        self.validators[index] = Some(line);
    }

    /// The checkpoint with all signatures: this node's, the validators', the witnesses'.
    pub(super) fn note(&self) -> Note {
        let lines = self.validators.iter().chain(&self.witnesses).flatten().cloned();
        lines.fold(self.note.clone(), Note::with)
    }
}

fn left(lines: &[Option<SignatureLine>]) -> impl Iterator<Item = usize> {
    lines.iter().enumerate().filter(|(_, line)| line.is_none()).map(|(index, _)| index)
}
