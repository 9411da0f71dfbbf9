//! Sending what was made beforehand: each connection has one request under way at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::connection::{Connection, on_threads, read};
use super::figures::Tally;
use super::target::Target;
use crate::failure::Failure;

/// When requests are sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How long after the one before each is due; at once when left out.
    pub(super) every: Option<Duration>,
    /// How long after the first no more are sent.
    pub(super) until: Duration,
}

/// Requests of one kind, made before the clock starts.
pub(super) struct Requests {
    path: &'static str,
    content_type: &'static str,
    bodies: Vec<Bytes>,
    /// Whether the server is asked to wait until there is a receipt.
    receipts: bool,
    /// Whether an answer is a verdict for each line, or one for the whole.
    by_line: bool,
}

impl Requests {
    /// Each transition with a request of its own.
    pub(super) fn single(transitions: &[Bytes], receipts: bool) -> Self {
        Self {
            path: "/v1/transitions",
            content_type: "application/jose+json",
            bodies: transitions.to_vec(),
            receipts,
            by_line: false,
        }
    }

    /// So many transitions a request, a line each.
    pub(super) fn batches(transitions: &[Bytes], size: usize) -> Self {
        let lines = |chunk: &[Bytes]| {
            let mut body = Vec::with_capacity(chunk.iter().map(|line| line.len() + 1).sum());
            for line in chunk {
                body.extend_from_slice(line);
                body.push(b'\n');
            }
            Bytes::from(body)
        };
        Self {
            path: "/v1/transitions/batch",
            content_type: "application/x-ndjson",
            bodies: transitions.chunks(size).map(lines).collect(),
            receipts: false,
            by_line: true,
        }
    }

    /// Sends them all, or as many as there is time for; the connections go to the targets by turns.
    pub(super) fn send(
        self,
        targets: &[Target],
        connections: usize,
        threads: usize,
        pace: Pace,
    ) -> Result<Tally, Failure> {
        let all = Arc::new(Sending {
            requests: self,
            next: AtomicUsize::new(0),
            started: Instant::now(),
            pace,
        });
        let mut tally = on_threads(connections, threads, |connection| {
            let target = &targets[connection % targets.len()];
            let (target, all) = (target.clone(), all.clone());
            Box::pin(async move { all.send(Connection::open(&target).await?).await })
        })?;
        tally.seconds = all.started.elapsed().as_secs_f64();
        Ok(tally)
    }
}

/// How a receipt is asked for (RFC 7240).
const WAIT: &str = "wait=30";

struct Sending {
    requests: Requests,
    next: AtomicUsize,
    started: Instant,
    pace: Pace,
}

impl Sending {
    /// Waits until this request is due, and says when that was: a request that had to wait for a
    /// connection has waited already.
    async fn due(&self, number: usize) -> Instant {
        let Some(every) = self.pace.every else { return Instant::now() };
        let due = self.started + every.saturating_mul(u32::try_from(number).unwrap_or(u32::MAX));
        tokio::time::sleep_until(due.into()).await;
        due
    }

    async fn send(&self, mut connection: Connection) -> Result<Tally, Failure> {
        let Requests { path, content_type, bodies, by_line, receipts } = &self.requests;
        let mut tally = Tally::default();
        let mut rest = Vec::new();
        loop {
            let next = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(body) = bodies.get(next) else { return Ok(tally) };
            let sent = self.due(next).await;
            if sent.duration_since(self.started) >= self.pace.until {
                return Ok(tally);
            }
            let response =
                connection.post(path, content_type, body.clone(), receipts.then_some(WAIT)).await?;
            let status = response.status();
            rest.clear();
            let part = |part: &[u8]| match (status.is_success(), by_line) {
                (true, true) => count(part, &mut rest, &mut tally),
                (true, false) => {}
                (false, _) => rest.extend_from_slice(part),
            };
            read(response, part).await?;
            if !status.is_success() {
                tally.refused(status.as_u16(), &rest);
                continue;
            }
            tally.accepted += u64::from(!by_line);
            tally.took(sent.elapsed());
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
