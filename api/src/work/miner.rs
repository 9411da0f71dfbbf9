//! Threads that look for a nonce: bounded in number, all on the same block, told at once when it changes.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use chancery_ledger::hash::Hash;
use chancery_ledger::work::{Target, work_hash};
use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::{Condvar, Mutex};

/// A block that lacks nothing but its nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// The hash of its header.
    pub hash: Hash,
    /// What the work hash must not exceed.
    pub target: Target,
}

/// A nonce that meets its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce {
    /// The hash of the header it is for.
    pub hash: Hash,
    /// The nonce.
    pub nonce: u64,
}

/// Nonces that are tried before a thread looks whether its block is still wanted: about a millisecond.
const TRIED_AT_ONCE: u64 = 4_096;
/// Nonces that may wait for the node. More come only from blocks that have changed since.
const FOUND_MAX: usize = 16;

/// The threads.
pub struct Miner {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// Without threads nothing comes, which is not the same as an end.
    _found: Sender<Nonce>,
}

#[derive(Default)]
struct Shared {
    job: Mutex<Option<Job>>,
    changed: Condvar,
    /// Counts the changes of the job.
    generation: AtomicU64,
    hashes: AtomicU64,
    stop: AtomicBool,
}

impl Miner {
    /// Starts so many threads, which have nothing to do yet. What they find comes out of the receiver. They
    /// count from the first nonce on: miners that try the same ones on the same block work in vain.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(threads: usize, first: u64) -> io::Result<(Self, Receiver<Nonce>)> {
        let shared = Arc::new(Shared::default());
        let (found, nonces) = bounded(FOUND_MAX);
        let mut miner = Self { shared: shared.clone(), threads: Vec::new(), _found: found.clone() };
        for number in 0..threads as u64 {
            let (shared, found) = (shared.clone(), found.clone());
            // Each has a part of all nonces to itself.
            let first = first.wrapping_add((u64::MAX / threads as u64).wrapping_mul(number));
            let named = std::thread::Builder::new().name("miner".to_owned());
            miner.threads.push(named.spawn(move || shared.mine(first, &found))?);
        }
        Ok((miner, nonces))
    }

    /// Looks for a nonce for this block from now on, or for none.
    pub fn look_for(&self, job: Option<Job>) {
        let mut current = self.shared.job.lock();
        if *current != job {
            *current = job;
            self.shared.generation.fetch_add(1, Ordering::Release);
            self.shared.changed.notify_all();
        }
    }

    /// How many threads there are.
    pub fn threads(&self) -> usize {
        self.threads.len()
    }

    /// How many nonces were tried since the start.
    pub fn hashes(&self) -> u64 {
        self.shared.hashes.load(Ordering::Relaxed)
    }
}

impl Drop for Miner {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.look_for(None);
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a miner's thread panicked");
            }
        }
    }
}

impl Shared {
    fn mine(&self, first: u64, found: &Sender<Nonce>) {
        let mut done = None;
        while let Some((generation, job)) = self.next_job(done) {
            if let Some(nonce) = self.search(generation, &job, first) {
                // When the node is that far behind, it has other blocks than this one by now.
                let _ = found.try_send(Nonce { hash: job.hash, nonce });
            }
            done = Some(generation);
        }
    }

    /// The job of another generation than this one, when there is one; `None` at the end.
    fn next_job(&self, done: Option<u64>) -> Option<(u64, Job)> {
        let mut job = self.job.lock();
        loop {
            if self.stop.load(Ordering::Acquire) {
                return None;
            }
            let generation = self.generation.load(Ordering::Acquire);
            match *job {
                Some(job) if done != Some(generation) => return Some((generation, job)),
                Some(_) | None => self.changed.wait(&mut job),
            }
        }
    }

    /// Tries nonces until one meets the target or the job is another.
    fn search(&self, generation: u64, job: &Job, first: u64) -> Option<u64> {
        let mut nonce = first;
        while self.generation.load(Ordering::Acquire) == generation {
            let end = nonce.wrapping_add(TRIED_AT_ONCE);
            while nonce != end {
                if job.target.is_met_by(&work_hash(&job.hash, nonce)) {
                    return Some(nonce);
                }
                nonce = nonce.wrapping_add(1);
            }
            self.hashes.fetch_add(TRIED_AT_ONCE, Ordering::Relaxed);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::*;

    fn job(name: &[u8], target: &str) -> Job {
        Job { hash: Hash::of(&[name]), target: format!("{target:0<64}").parse().unwrap() }
    }

    #[test]
    fn what_is_found_meets_the_target_and_is_of_the_job() {
        let (miner, nonces) = Miner::start(2, 7).unwrap();
        for name in [b"one", b"two"] {
            let job = job(name, "00ff");
            miner.look_for(Some(job));
            // A late one of the job before may come first.
            let found = nonces.iter().find(|nonce| nonce.hash == job.hash).unwrap();
            assert!(job.target.is_met_by(&work_hash(&job.hash, found.nonce)));
        }
    }

    #[test]
    fn a_job_that_cannot_be_done_is_left_for_another() {
        let (miner, nonces) = Miner::start(1, 7).unwrap();
        miner.look_for(Some(job(b"hard", "0000000000000000000000000000000001")));
        while miner.hashes() == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        let easy = job(b"easy", "ffff");
        miner.look_for(Some(easy));
        assert_eq!(nonces.recv().unwrap().hash, easy.hash);
    }

    #[test]
    fn without_threads_nothing_is_looked_for_and_it_ends() {
        let (miner, nonces) = Miner::start(0, 7).unwrap();
        miner.look_for(Some(job(b"easy", "ffff")));
        assert_eq!(nonces.try_recv(), Err(crossbeam_channel::TryRecvError::Empty));
    }
}
