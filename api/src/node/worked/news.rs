//! What has happened to blocks and transitions, told to those who follow.

use std::sync::Arc;

use chancery_ledger::chain::Executed;
use chancery_ledger::consensus::work::WorkEvent;
use chancery_ledger::error::Error;
use chancery_ledger::hash::Hash;
use chancery_registries::Registers;

use super::super::Counters;
use super::super::standing::WorkNews;
use super::WorkedSequencer;

impl WorkedSequencer {
    /// Tells what has happened since the last time.
    pub(super) fn follow_up(&mut self) -> Result<(), Error> {
        let events = self.host.take_events();
        if events.is_empty() {
            return Ok(());
        }
        for event in events {
            self.tell(event);
        }
        self.show();
        Ok(())
    }

    fn tell(&mut self, event: WorkEvent<Registers>) {
        let news = match event {
            WorkEvent::NewTip { hash, height } => {
                self.mined.is_stale = true;
                WorkNews::Tip { hash, height }
            }
            WorkEvent::Reorganised { depth, abandoned, returned } => {
                tracing::info!(depth, returned = returned.len(), "another branch has more work");
                let work = &mut self.picture.work;
                work.reorganisations += 1;
                work.deepest_reorganisation = work.deepest_reorganisation.max(depth);
                WorkNews::Reorganised { depth, abandoned, returned }
            }
            WorkEvent::Finalised { executed, checkpoint } => {
                self.is_final(&executed);
                let (hash, height) = (executed.tip.hash, executed.tip.header.height);
                self.followers.publish(&self.shared, executed, checkpoint);
                WorkNews::Final { hash, height }
            }
            WorkEvent::Dropped { id, rejection } => {
                self.own.remove(&id);
                self.dropped.add(id, rejection);
                WorkNews::Dropped { id }
            }
            WorkEvent::ForkBelowFinal { hash, height } => {
                tracing::error!(
                    block.hash = %hash, block.height = height,
                    "others work on a branch that leaves this one below the last final block: see docs/operations.md"
                );
                self.picture.work.fork_below_final = Some(height);
                WorkNews::ForkBelowFinal { hash, height }
            }
        };
        // Nobody may be listening.
        let _ = self.shared.working.get().map(|working| working.news.send(Arc::new(news)));
    }

    fn is_final(&mut self, executed: &Executed<Registers>) {
        let counters = &self.shared.counters;
        for ordered in &executed.ordered {
            Counters::add(&counters.ordered, 1);
            if ordered.rejection.is_some() {
                Counters::add(&counters.rejected, 1);
            }
            let id: &Hash = &ordered.transition.id;
            if let Some(since) = self.own.remove(id) {
                self.shared.finality.lock().took(since.elapsed());
            }
        }
    }

    /// Shows how the work stands.
    pub(super) fn show(&mut self) {
        let best = &self.host.best().header;
        self.picture.height = best.height;
        self.picture.time = best.time;
        self.picture.best_peer_height = self.sync.best_height();
        self.picture.waiting = self.host.waiting() as u64;
        let mining = self.mining();
        let work = &mut self.picture.work;
        work.target = self.host.next_target().to_string();
        work.work_above_final = self.host.work_above_final().to_string();
        work.branches = self.host.branches() as u64;
        work.miner_threads = self.miner.threads() as u64;
        work.mining = mining;
        work.hashes = self.miner.hashes();
        work.final_depth = u64::from(self.host.rules().final_depth);
        if let Some(working) = self.shared.working.get() {
            working.picture.store(Arc::new(self.picture.clone()));
        }
    }
}
