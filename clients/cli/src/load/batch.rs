//! Many transitions a request, a line each.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::connection::{Connection, on_threads, read};
use super::figures::Tally;
use super::target::Target;
use super::workload::Workload;
use crate::failure::Failure;

/// How batches are made and sent.
pub(super) struct Shape {
    /// Transitions in a batch.
    pub(super) size: usize,
    /// Connections, each with one batch under way at a time.
    pub(super) connections: usize,
    /// Threads that send.
    pub(super) threads: usize,
}

/// Sends batches; the bodies are made before the clock starts.
pub(super) fn send(
    target: &Target,
    workload: &Workload,
    shape: &Shape,
    during: Duration,
) -> Result<Tally, Failure> {
    let lines = |chunk: &[Bytes]| {
        let mut body = Vec::with_capacity(chunk.iter().map(|line| line.len() + 1).sum());
        for line in chunk {
            body.extend_from_slice(line);
            body.push(b'\n');
        }
        Bytes::from(body)
    };
    let batches = workload.transitions.chunks(shape.size).map(lines).collect();
    let all = Arc::new(All { batches, next: AtomicUsize::new(0), started: Instant::now(), during });
    let mut tally = on_threads(shape.connections, shape.threads, |_| {
        let (target, all) = (target.clone(), all.clone());
        Box::pin(async move { all.send(Connection::open(&target).await?).await })
    })?;
    tally.seconds = all.started.elapsed().as_secs_f64();
    Ok(tally)
}

struct All {
    batches: Vec<Bytes>,
    next: AtomicUsize,
    started: Instant,
    during: Duration,
}

impl All {
    async fn send(&self, mut connection: Connection) -> Result<Tally, Failure> {
        let mut tally = Tally::default();
        let mut rest = Vec::new();
        loop {
            let next = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(batch) = self.batches.get(next) else { return Ok(tally) };
            let sent = Instant::now();
            if sent.duration_since(self.started) >= self.during {
                return Ok(tally);
            }
            let answer = connection
                .post("/v1/transitions/batch", "application/x-ndjson", batch.clone())
                .await;
            let response = answer?;
            let status = response.status();
            rest.clear();
            let verdicts = |part: &[u8]| {
                if status.is_success() {
                    count(part, &mut rest, &mut tally);
                } else {
                    rest.extend_from_slice(part);
                }
            };
            read(response, verdicts).await?;
            if status.is_success() {
                tally.took(sent.elapsed());
            } else {
                tally.refused(status.as_u16(), &rest);
            }
        }
    }
}

/// Counts whole lines; what comes after the last line feed waits in `rest`.
fn count(part: &[u8], rest: &mut Vec<u8>, tally: &mut Tally) {
    let mut lines = part.split_inclusive(|byte| *byte == b'\n');
    for line in &mut lines {
        match line.strip_suffix(b"\n") {
            None => rest.extend_from_slice(line),
            Some(line) if rest.is_empty() => tally.judged(line),
            Some(line) => {
                rest.extend_from_slice(line);
                tally.judged(rest);
                rest.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_counted_however_they_are_cut() {
        let text = b"{\"line\":1,\"status\":\"applied\"}\n{\"line\":2,\"status\":\"refused\",\"code\":\"expired\"}\n";
        for cut in 0..text.len() {
            let (mut rest, mut tally) = (Vec::new(), Tally::default());
            count(&text[..cut], &mut rest, &mut tally);
            count(&text[cut..], &mut rest, &mut tally);
            assert_eq!((tally.accepted, tally.errors.get("expired")), (1, Some(&1)), "{cut}");
        }
    }
}
