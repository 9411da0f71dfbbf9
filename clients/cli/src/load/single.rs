//! One transition a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::connection::{Connection, on_threads, read};
use super::figures::Tally;
use super::target::Target;
use super::workload::Workload;
use crate::failure::Failure;

/// Sends each transition with a request of its own; every connection has one under way at a time.
pub(super) fn send(
    target: &Target,
    workload: &Workload,
    connections: usize,
    threads: usize,
    during: Duration,
) -> Result<Tally, Failure> {
    let all = Arc::new(All {
        transitions: workload.transitions.clone(),
        next: AtomicUsize::new(0),
        started: Instant::now(),
        during,
    });
    let mut tally = on_threads(connections, threads, |_| {
        let (target, all) = (target.clone(), all.clone());
        Box::pin(async move { all.send(Connection::open(&target).await?).await })
    })?;
    tally.seconds = all.started.elapsed().as_secs_f64();
    Ok(tally)
}

struct All {
    transitions: Vec<Bytes>,
    next: AtomicUsize,
    started: Instant,
    during: Duration,
}

impl All {
    async fn send(&self, mut connection: Connection) -> Result<Tally, Failure> {
        let mut tally = Tally::default();
        let mut refusal = Vec::new();
        loop {
            let next = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(transition) = self.transitions.get(next) else { return Ok(tally) };
            let sent = Instant::now();
            if sent.duration_since(self.started) >= self.during {
                return Ok(tally);
            }
            let answer = connection
                .post("/v1/transitions", "application/jose+json", transition.clone())
                .await;
            let response = answer?;
            let status = response.status();
            refusal.clear();
            let keep = |part: &[u8]| {
                if !status.is_success() {
                    refusal.extend_from_slice(part);
                }
            };
            read(response, keep).await?;
            if status.is_success() {
                tally.accepted += 1;
                tally.took(sent.elapsed());
            } else {
                tally.refused(status.as_u16(), &refusal);
            }
        }
    }
}
