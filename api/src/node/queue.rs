//! The one bounded way in: first come, first ordered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::web::Bytes;
use crossbeam_channel::{Receiver, Sender};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{CHUNK_TRANSITIONS, Unavailable, Verdict};
use crate::peers::Judge;

/// Transitions that may wait or be under way.
pub(super) const CAPACITY: usize = 32_768;
/// Bytes of transitions that may wait or be under way, in units of 1 KiB.
const CAPACITY_KIB: usize = 128 * 1024;
/// When to try again if there was no room: about the time that a full queue takes.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Some transitions of one sender, to be ordered one after the other.
pub(super) struct Submission {
    pub(super) transitions: Vec<Bytes>,
    pub(super) origin: Origin,
    pub(super) answer: oneshot::Sender<Vec<Verdict>>,
    /// Given back when the submission is answered or dropped.
    pub(super) room: Room,
}

/// Who hands transitions in.
pub(super) enum Origin {
    /// A client, who waits for an answer.
    Client,
    /// Another node of the pool, which only passes them on.
    #[cfg(feature = "pool")]
    Node,
    /// Another node of an open network: whether they go on is judged.
    Peer(Judge),
}

impl Origin {
    /// Whether another node of the pool has passed them on.
    pub(super) fn is_node(&self) -> bool {
        #[cfg(feature = "pool")]
        return matches!(self, Self::Node);
        #[cfg(not(feature = "pool"))]
        false
    }
}

pub(super) struct Room {
    _count: OwnedSemaphorePermit,
    _kib: OwnedSemaphorePermit,
    waiting: Arc<AtomicUsize>,
    transitions: usize,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.transitions, Ordering::Relaxed);
    }
}

/// The verdicts, when they are there.
pub(super) type Answer = oneshot::Receiver<Vec<Verdict>>;

pub(super) struct Queue {
    sender: Mutex<Option<Sender<Submission>>>,
    count: Arc<Semaphore>,
    kib: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

/// The receiving end, shared by the verifiers.
#[derive(Clone)]
pub(super) struct Submissions(Arc<Mutex<Numbered>>);

struct Numbered {
    receiver: Receiver<Submission>,
    next: u64,
}

pub(super) fn new() -> (Queue, Submissions) {
    // Room is what bounds the channel: each submission holds at least one permit.
    let (sender, receiver) = crossbeam_channel::unbounded();
    let queue = Queue {
        sender: Mutex::new(Some(sender)),
        count: Arc::new(Semaphore::new(CAPACITY)),
        kib: Arc::new(Semaphore::new(CAPACITY_KIB)),
        waiting: Arc::default(),
    };
    (queue, Submissions(Arc::new(Mutex::new(Numbered { receiver, next: 0 }))))
}

fn kib_of(transitions: &[Bytes]) -> u32 {
    let bytes: usize = transitions.iter().map(Bytes::len).sum();
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX).min(CAPACITY_KIB as u32)
}

impl Queue {
    /// Enters if there is room now.
    pub(super) fn try_enter(
        &self,
        transitions: Vec<Bytes>,
        origin: Origin,
    ) -> Result<Answer, Unavailable> {
        let full = |_| Unavailable::Full { retry_after: RETRY_AFTER };
        let count = transitions.len() as u32;
        let count = self.count.clone().try_acquire_many_owned(count).map_err(full)?;
        let kib = self.kib.clone().try_acquire_many_owned(kib_of(&transitions)).map_err(full)?;
        self.send(transitions, origin, count, kib)
    }

    /// Enters when there is room.
    pub(super) async fn enter(&self, transitions: Vec<Bytes>) -> Result<Answer, Unavailable> {
        debug_assert!(transitions.len() <= CHUNK_TRANSITIONS);
        let stopping = |_| Unavailable::Stopping;
        let count = transitions.len() as u32;
        let count = self.count.clone().acquire_many_owned(count).await.map_err(stopping)?;
        let kib = self.kib.clone().acquire_many_owned(kib_of(&transitions)).await;
        self.send(transitions, Origin::Client, count, kib.map_err(stopping)?)
    }

    fn send(
        &self,
        transitions: Vec<Bytes>,
        origin: Origin,
        count: OwnedSemaphorePermit,
        kib: OwnedSemaphorePermit,
    ) -> Result<Answer, Unavailable> {
        self.waiting.fetch_add(transitions.len(), Ordering::Relaxed);
        let (waiting, len) = (self.waiting.clone(), transitions.len());
        let room = Room { _count: count, _kib: kib, waiting, transitions: len };
        let (answer, receiver) = oneshot::channel();
        let sender = self.sender.lock();
        let sender = sender.as_ref().ok_or(Unavailable::Stopping)?;
        let submission = Submission { transitions, origin, answer, room };
        sender.send(submission).map_err(|_| Unavailable::Stopping)?;
        Ok(receiver)
    }

    /// How many transitions wait or are under way.
    pub(super) fn len(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Lets nothing more in. What is in is carried through.
    pub(super) fn close(&self) {
        self.sender.lock().take();
        self.count.close();
        self.kib.close();
    }
}

impl Submissions {
    /// What waits, up to about a chunk, and its number in the order of arrival; `None` when the
    /// queue is closed and empty.
    pub(super) fn take(&self) -> Option<(u64, Vec<Submission>)> {
        let mut numbered = self.0.lock();
        let first = numbered.receiver.recv().ok()?;
        let mut transitions = first.transitions.len();
        let mut taken = vec![first];
        while transitions < CHUNK_TRANSITIONS / 2
            && let Ok(next) = numbered.receiver.try_recv()
        {
            transitions += next.transitions.len();
            taken.push(next);
        }
        let number = numbered.next;
        numbered.next += 1;
        Some((number, taken))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// What cannot wait is told when to come back, and room comes back with the answer.
    #[test]
    fn a_full_queue_refuses_at_once_and_has_room_again_after_an_answer() {
        let (queue, submissions) = new();
        let chunk = || vec![Bytes::from_static(b"{}"); CHUNK_TRANSITIONS];
        let mut answers = Vec::new();
        for _ in 0..CAPACITY / CHUNK_TRANSITIONS {
            answers.push(queue.try_enter(chunk(), Origin::Client).unwrap());
        }
        assert_eq!(queue.len(), CAPACITY);
        let full = Unavailable::Full { retry_after: RETRY_AFTER };
        assert_eq!(queue.try_enter(chunk(), Origin::Client).err(), Some(full));
        let (number, taken) = submissions.take().unwrap();
        assert_eq!(number, 0);
        drop(taken);
        queue.try_enter(chunk(), Origin::Client).unwrap();
    }
}
