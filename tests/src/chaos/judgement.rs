//! The end: the nodes are brought to rest, audited, and compared with each other and with what was
//! promised.

use std::sync::Arc;
use std::time::Duration;

use chancery_ledger::chain::Chain;
use chancery_ledger::disk::Folder;
use chancery_ledger::view::View;
use chancery_registries::Registers;

use super::clerks::{Told, quantile_ms};
use super::cluster::chancery;
use super::{Figures, HarnessError, Looked, Stage};

impl Stage {
    /// Ends the load, brings the nodes to rest and judges what they have.
    pub(super) async fn end(mut self) -> Result<Figures, HarnessError> {
        self.say("the load ends");
        self.figures.refusals = self.clerks.refusals();
        let nodes = self.cluster.running();
        let (told, in_doubt) = self.clerks.stop().await;
        self.injected("left in doubt by clients", in_doubt as u64);
        self.come_to_rest(&nodes).await?;
        for node in &nodes {
            if let Err(error) = self.cluster.stop(*node) {
                self.fault(error.to_string());
            }
        }
        self.figures.peak_kib = self.cluster.peak_kib();
        for node in 0..self.cluster.len() {
            self.audit(node);
        }
        self.compare(&nodes, &told)?;
        self.tell(told);
        Ok(self.figures)
    }

    /// Waits until all nodes are at one height: without load there is a heartbeat now and then.
    async fn come_to_rest(&mut self, nodes: &[usize]) -> Result<(), HarnessError> {
        let at_one = async |stage: &Self| -> Looked<u64> {
            let mut heights = Vec::new();
            for node in nodes {
                let standing = stage.cluster.standing(*node).await?;
                heights.push((standing.height, standing.waiting));
            }
            let rest = heights.iter().all(|here| *here == heights[0] && here.1 == 0);
            Ok(rest.then_some(heights[0].0))
        };
        match self.comes_true(at_one).await? {
            Some(height) => self.figures.height = height,
            None => self.fault("the nodes do not come to one height"),
        }
        // Whoever was a message behind has it now.
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(())
    }

    fn audit(&mut self, node: usize) {
        let data = self.cluster.data(node).display().to_string();
        match chancery(&["audit", &data]) {
            Ok(report) if report["clean"] == true => self.figures.audits += 1,
            Ok(report) => self.fault(format!("{data}: the audit is not clean: {report}")),
            Err(error) => self.fault(format!("{data}: {error}")),
        }
    }

    /// Every node has the same blocks, as far as it has any, and those that ran to the end have every
    /// promise where it was made.
    fn compare(&mut self, running: &[usize], told: &Told) -> Result<(), HarnessError> {
        let mut views = Vec::new();
        for node in 0..self.cluster.len() {
            let folder = Arc::new(Folder::open(self.cluster.data(node))?);
            views.push(Chain::open(folder, Arc::new(Registers))?.chain.view());
        }
        let names: Vec<String> =
            (0..self.cluster.len()).map(|node| self.cluster.name(node).to_owned()).collect();
        for (name, view) in names.iter().zip(&views).skip(1) {
            if let Some(height) = first_difference(&views[0], view)? {
                self.fault(format!("A FORK: {} and {name} differ at height {height}", names[0]));
            }
        }
        for node in running {
            let (name, view) = (&names[*node], &views[*node]);
            let broken = broken_promises(view, told);
            if let Some(first) = broken.first() {
                let count = broken.len();
                self.fault(format!("{name} has not kept {count} promises, the first: {first}"));
            }
        }
        Ok(())
    }

    fn tell(&mut self, mut told: Told) {
        told.latencies_ms.sort_unstable();
        let at = |part| quantile_ms(&told.latencies_ms, part);
        self.figures.latency_ms = (at(0.5), at(0.99));
        self.figures.acknowledged = told.positions.len() as u64;
        self.figures.faults.append(&mut told.odd);
        if told.positions.is_empty() {
            // A run in which nothing was promised has shown nothing.
            self.fault("nothing was acknowledged");
        }
    }
}

/// The first height at which two ledgers differ, as far as both go.
fn first_difference(one: &View, other: &View) -> Result<Option<u64>, HarnessError> {
    let until = one.tip().header.height.min(other.tip().header.height);
    for height in 0..=until {
        let (ours, theirs) = (one.sealed_header(height)?.0, other.sealed_header(height)?.0);
        if ours.hash() != theirs.hash() {
            return Ok(Some(height));
        }
    }
    Ok(None)
}

/// Acknowledged transitions that do not stand where they were said to.
fn broken_promises(view: &View, told: &Told) -> Vec<String> {
    let broken = |(id, position): (&chancery_ledger::hash::Hash, &u64)| match view.place(*position)
    {
        Ok(place) if place.id == *id => None,
        Ok(place) => Some(format!("{id} at {position}, where {} stands", place.id)),
        Err(error) => Some(format!("{id} at {position}: {error}")),
    };
    told.positions.iter().filter_map(broken).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use chancery_ledger::hash::Hash;

    use super::*;
    use crate::small_ledger::SmallLedger;

    /// The driver notices what it is there to notice.
    #[test]
    fn forks_and_broken_promises_are_found() {
        let grown = |blocks| {
            let folder = tempfile::tempdir().unwrap();
            let disk = Arc::new(Folder::open(folder.path()).unwrap());
            let mut ledger = SmallLedger::found(disk).unwrap();
            ledger.grow_to(blocks).unwrap();
            (folder, ledger)
        };
        let (one, longer) = (grown(2), grown(3));
        let (one, longer) = (one.1.view(), longer.1.view());
        assert_eq!(first_difference(&one, &longer).unwrap(), None);
        let id = one.place(1).unwrap().id;
        let told = |id, position| {
            let positions = [(id, position)].into_iter().collect();
            Told { positions, ..Told::default() }
        };
        assert!(broken_promises(&one, &told(id, 1)).is_empty());
        assert_eq!(broken_promises(&one, &told(id, 2)).len(), 1);
        assert_eq!(broken_promises(&one, &told(id, 1_000_000)).len(), 1);
        assert_eq!(broken_promises(&one, &told(Hash::of(&[b"never"]), 1)).len(), 1);
    }
}
