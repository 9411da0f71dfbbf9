//! Clients whose transitions wait for a block.

use std::collections::HashMap;

use chancery_ledger::hash::Hash;
use tokio::sync::oneshot;

use super::Verdict;
use super::queue::Room;

/// Submissions of which some transitions have no verdict yet. Looked up by id, never walked for what is
/// ordered.
#[derive(Default)]
pub(super) struct Pending {
    submissions: HashMap<u64, Submitted>,
    places: HashMap<Hash, Vec<Place>>,
    next: u64,
}

struct Submitted {
    verdicts: Vec<Option<Verdict>>,
    missing: usize,
    answer: oneshot::Sender<Vec<Verdict>>,
    _room: Room,
}

/// A transition's place in a submission.
#[derive(Clone, Copy)]
struct Place {
    submission: u64,
    index: usize,
}

/// What is known of a transition when its submission is taken in.
pub(super) enum First {
    /// Its verdict.
    Known(Verdict),
    /// It waits for a block.
    Waits(Hash),
}

impl Pending {
    /// Takes a submission in; its verdicts, if all are known already.
    pub(super) fn add(
        &mut self,
        all: Vec<First>,
        answer: oneshot::Sender<Vec<Verdict>>,
        room: Room,
    ) -> Option<Vec<Verdict>> {
        let submission = self.next;
        self.next += 1;
        let mut verdicts = Vec::with_capacity(all.len());
        let mut missing = 0;
        for (index, first) in all.into_iter().enumerate() {
            verdicts.push(match first {
                First::Known(verdict) => Some(verdict),
                First::Waits(id) => {
                    missing += 1;
                    self.places.entry(id).or_default().push(Place { submission, index });
                    None
                }
            });
        }
        let submitted = Submitted { verdicts, missing, answer, _room: room };
        if missing == 0 {
            return submitted.finish();
        }
        self.submissions.insert(submission, submitted);
        None
    }

    /// A transition's verdict, for all who wait for it; the verdicts of the submissions that it was the
    /// last of.
    pub(super) fn judged(&mut self, id: &Hash, verdict: &Verdict) -> Vec<Vec<Verdict>> {
        let mut finished = Vec::new();
        for place in self.places.remove(id).unwrap_or_default() {
            let Some(submitted) = self.submissions.get_mut(&place.submission) else { continue };
            submitted.verdicts[place.index] = Some(verdict.clone());
            submitted.missing -= 1;
            if submitted.missing == 0
                && let Some(submitted) = self.submissions.remove(&place.submission)
            {
                finished.extend(submitted.finish());
            }
        }
        finished
    }

    /// Whether somebody waits for a transition.
    pub(super) fn awaits(&self, id: &Hash) -> bool {
        self.places.contains_key(id)
    }

    /// The transitions that somebody waits for, in no order.
    pub(super) fn ids(&self) -> impl Iterator<Item = &Hash> {
        self.places.keys()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.submissions.is_empty()
    }
}

impl Submitted {
    fn finish(self) -> Option<Vec<Verdict>> {
        let verdicts: Vec<Verdict> = self.verdicts.into_iter().flatten().collect();
        // Who no longer waits can ask by id.
        let _ = self.answer.send(verdicts.clone());
        Some(verdicts)
    }
}
