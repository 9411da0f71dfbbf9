//! What the node has promised, and whether it is so.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use chancery_client::{Client, Hash, Receipt};
use chancery_ledger::chain::Chain;
use chancery_ledger::disk::Folder;
use chancery_registries::Registers;
use futures_util::{StreamExt, stream};

use super::load::{Outcomes, Told};
use super::work::Work;
use super::{Figures, HarnessError};
use crate::damage::Random;
use crate::node::Node;

/// One promise: this transition stands there.
#[derive(Clone, Debug)]
struct Promise {
    id: Hash,
    position: u64,
    outcome: Option<String>,
}

/// All that were ever made, and which are of the last round.
#[derive(Default)]
pub(super) struct Promises {
    all: Vec<Promise>,
    by_position: HashMap<u64, Hash>,
    last_round: usize,
}

/// Promises of earlier rounds that are looked at again in each round.
const EARLIER: usize = 40;
/// Receipts that are fetched at a time.
const AT_A_TIME: usize = 8;

impl Promises {
    /// Writes down what a round's load was told.
    pub(super) fn add(&mut self, outcomes: Outcomes, work: &mut Work, figures: &mut Figures) {
        figures.faults.extend(outcomes.odd);
        self.last_round = self.all.len();
        let ends = outcomes.sequences.iter().skip(1).copied().chain([outcomes.told.len()]);
        for (begin, end) in outcomes.sequences.iter().copied().zip(ends) {
            let mut last = None;
            for told in &outcomes.told[begin..end] {
                let found_again = work.settle(&told.id) && told.outcome.is_none();
                figures.found_again += u64::from(found_again);
                let Some(position) = told.position else { continue };
                // What was found again was ordered before the crash, in no order with the others.
                if told.outcome.is_some() && last.replace(position).is_some_and(|it| it >= position)
                {
                    figures.faults.push(format!("{}: told out of order: {position}", told.id));
                }
                self.promise(told, position, figures);
            }
        }
        figures.in_doubt += outcomes.in_doubt.len() as u64;
        work.give_back(outcomes.unsent);
        for prepared in outcomes.in_doubt {
            work.doubt(prepared);
        }
    }

    fn promise(&mut self, told: &Told, position: u64, figures: &mut Figures) {
        let before = self.by_position.insert(position, told.id);
        if before.is_some_and(|before| before != told.id) {
            figures.faults.push(format!("position {position} was promised to two transitions"));
        }
        figures.acknowledged += u64::from(before.is_none());
        let lost_race = told.outcome.as_ref().is_some_and(|outcome| outcome != "applied");
        figures.rejected += u64::from(lost_race);
        self.all.push(Promise { id: told.id, position, outcome: told.outcome.clone() });
    }

    /// Fetches the receipt of every promise of the last round, and of some earlier ones, from the
    /// node that was started again.
    pub(super) async fn check(
        &self,
        node: &Node,
        round: u32,
        random: &mut Random,
        figures: &mut Figures,
    ) -> Result<(), HarnessError> {
        let client = node.client()?;
        let earlier = (0..EARLIER.min(self.last_round)).map(|_| random.below(self.last_round));
        let asked: Vec<&Promise> =
            earlier.map(|index| &self.all[index]).chain(&self.all[self.last_round..]).collect();
        let checks = asked.into_iter().map(|promise| by_http(&client, promise));
        let mut checks = stream::iter(checks).buffer_unordered(AT_A_TIME);
        while let Some(checked) = checks.next().await {
            figures.receipts_by_http += 1;
            if let Err(fault) = checked {
                figures.faults.push(format!("round {round}: {fault}"));
            }
        }
        Ok(())
    }

    /// Opens the folder and makes the receipt of every promise that was ever made.
    pub(super) fn check_offline(
        &self,
        data: &Path,
        figures: &mut Figures,
    ) -> Result<(), HarnessError> {
        let chain = Chain::open(Arc::new(Folder::open(data)?), Arc::new(Registers))?.chain;
        let view = chain.view();
        for promise in &self.all {
            let id = view.place(promise.position).map(|place| place.id);
            let receipt = view.receipt(promise.position);
            let held = receipt.map_err(|error| error.to_string()).and_then(|receipt| {
                receipt.verify(&view.genesis().into()).map_err(|error| error.to_string())?;
                promise.is_kept_by(&receipt)
            });
            figures.receipts_offline += 1;
            match (id, held) {
                (Ok(id), Ok(())) if id == promise.id => {}
                (id, held) => {
                    let what = format!("{}: {id:?} stands there; {held:?}", promise.id);
                    figures.faults.push(format!("at position {}: {what}", promise.position));
                }
            }
        }
        Ok(())
    }
}

async fn by_http(client: &Client, promise: &Promise) -> Result<(), String> {
    // The client checks that the receipt is this transition's, and verifies it.
    let receipt = client.receipt(&promise.id).await;
    let receipt = receipt.map_err(|error| format!("{}: {error}", promise.id))?;
    promise.is_kept_by(&receipt)
}

impl Promise {
    fn is_kept_by(&self, receipt: &Receipt) -> Result<(), String> {
        let position = receipt.inclusion.position;
        let outcome = receipt.outcome().map(|outcome| outcome.to_string());
        let same_outcome = self.outcome.is_none() || self.outcome == outcome;
        match position == self.position && same_outcome {
            true => Ok(()),
            false => Err(format!("promised {self:?}, and it is {outcome:?} at {position}")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::small_ledger::{PARTIES, SmallLedger};

    /// The harness notices what it is there to notice.
    #[test]
    fn a_promise_that_is_not_kept_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Arc::new(Folder::open(folder.path()).unwrap());
        let mut ledger = SmallLedger::found(disk).unwrap();
        ledger.grow_to(2).unwrap();
        let id = |position| ledger.view().place(position).unwrap().id;
        let promise = |id, position, outcome: &str| {
            let outcome = Some(outcome.to_owned());
            Promises { all: vec![Promise { id, position, outcome }], ..Promises::default() }
        };
        let cases = [
            (promise(id(3), 3, "applied"), 0),
            (promise(id(3), 4, "applied"), 1),
            (promise(id(3), 3, "key-unknown"), 1),
            (promise(id(3), 2 * PARTIES, "applied"), 1),
            (promise(Hash::of(&[b"never"]), 3, "applied"), 1),
        ];
        drop(ledger);
        for (index, (promises, expected)) in cases.into_iter().enumerate() {
            let mut figures = Figures::default();
            promises.check_offline(folder.path(), &mut figures).unwrap();
            assert_eq!(figures.faults.len(), expected, "case {index}: {:?}", figures.faults);
        }
    }

    #[test]
    fn two_promises_of_one_position_are_a_fault() {
        let (mut promises, mut figures) = (Promises::default(), Figures::default());
        for name in [b"one", b"two"] {
            let told = Told { id: Hash::of(&[name]), position: Some(7), outcome: None };
            promises.promise(&told, 7, &mut figures);
        }
        assert_eq!(figures.faults.len(), 1);
    }
}
