//! Load over several connections, one transition a request and in batches, until the node dies.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chancery_client::{Hash, Problem};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use tokio::task::JoinSet;

use super::work::Prepared;

/// What the node said of one transition.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) id: Hash,
    /// Where it stands; nowhere when it was refused.
    pub(super) position: Option<u64>,
    /// `applied`, a code, or nothing when only the position was told.
    pub(super) outcome: Option<String>,
}

/// What came of a round's load.
#[derive(Default)]
pub(super) struct Outcomes {
    /// In the order in which each connection was told, one connection after the other.
    pub(super) told: Vec<Told>,
    /// Where a new connection or batch begins in `told`.
    pub(super) sequences: Vec<usize>,
    /// Sent, and never answered.
    pub(super) in_doubt: Vec<Arc<Prepared>>,
    /// Never sent.
    pub(super) unsent: VecDeque<Arc<Prepared>>,
    /// Answers that no interface should give.
    pub(super) odd: Vec<String>,
}

/// Connections at work.
pub(super) struct Load {
    queue: Arc<Queue>,
    connections: JoinSet<Outcomes>,
}

type Queue = Mutex<VecDeque<Arc<Prepared>>>;

/// Transitions in a batch.
const BATCH: usize = 150;
/// How long to wait when the node is full.
const FULL_PAUSE: Duration = Duration::from_millis(20);
/// How long an answer may take before the connection is given up.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// Begins; each connection goes on until the node is gone or the work is done.
pub(super) fn start(
    url: &str,
    (singles, batches): (usize, usize),
    work: VecDeque<Arc<Prepared>>,
) -> Load {
    let queue = Arc::new(Mutex::new(work));
    let mut connections = JoinSet::new();
    for index in 0..singles + batches {
        let (url, queue) = (url.to_owned(), queue.clone());
        if index < singles {
            connections.spawn(async move { one_by_one(&url, &queue).await });
        } else {
            connections.spawn(async move { in_batches(&url, &queue).await });
        }
    }
    Load { queue, connections }
}

impl Load {
    /// Waits for the connections to notice that the node is gone.
    pub(super) async fn end(mut self) -> Outcomes {
        let mut all = Outcomes::default();
        while let Some(joined) = self.connections.join_next().await {
            match joined {
                Ok(outcomes) => all.append(outcomes),
                Err(error) => all.odd.push(format!("a connection's task failed: {error}")),
            }
        }
        all.unsent = std::mem::take(&mut *lock(&self.queue));
        all
    }
}

impl Outcomes {
    fn append(&mut self, other: Self) {
        let offset = self.told.len();
        self.sequences.extend(other.sequences.iter().map(|begin| begin + offset));
        self.told.extend(other.told);
        self.in_doubt.extend(other.in_doubt);
        self.odd.extend(other.odd);
    }

    fn begin_sequence(&mut self) {
        self.sequences.push(self.told.len());
    }
}

fn lock(queue: &Queue) -> MutexGuard<'_, VecDeque<Arc<Prepared>>> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

fn client() -> reqwest::Result<Client> {
    Client::builder().pool_max_idle_per_host(1).timeout(ANSWER_MAX).no_proxy().build()
}

async fn one_by_one(url: &str, queue: &Queue) -> Outcomes {
    let mut outcomes = Outcomes::default();
    let Ok(client) = client() else { return outcomes };
    outcomes.begin_sequence();
    loop {
        let Some(next) = lock(queue).pop_front() else { return outcomes };
        let request = client
            .post(format!("{url}/v1/transitions"))
            .header("content-type", "application/jose+json")
            .body(next.bytes.clone());
        let answer = match request.send().await {
            Ok(response) => (response.status(), response.bytes().await),
            Err(_) => {
                outcomes.in_doubt.push(next);
                return outcomes;
            }
        };
        // A status without its body is no acknowledgement yet: the position is in the body.
        let (status, Ok(body)) = answer else {
            outcomes.in_doubt.push(next);
            return outcomes;
        };
        match judged(status, &body, &next.id) {
            Ok(Some(told)) => outcomes.told.push(told),
            Ok(None) => {
                lock(queue).push_front(next);
                tokio::time::sleep(FULL_PAUSE).await;
            }
            Err(odd) => outcomes.odd.push(odd),
        }
    }
}

/// What an answer to one transition says; nothing when it is to be sent again.
fn judged(status: StatusCode, body: &[u8], id: &Hash) -> Result<Option<Told>, String> {
    let odd = || format!("{id}: answered {status}: {}", String::from_utf8_lossy(body));
    let told = match status {
        StatusCode::OK | StatusCode::ACCEPTED => {
            let taken: Line = serde_json::from_slice(body).map_err(|_| odd())?;
            let position = Some(taken.position.ok_or_else(odd)?);
            Told { id: *id, position, outcome: Some("applied".to_owned()) }
        }
        StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
            let problem: Problem = serde_json::from_slice(body).map_err(|_| odd())?;
            let outcome = (status != StatusCode::CONFLICT).then_some(problem.code);
            Told { id: *id, position: problem.position, outcome }
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => return Ok(None),
        _ => return Err(odd()),
    };
    Ok(Some(told))
}

/// A line of a batch's answer, and the answer to one transition that was taken in.
#[derive(Deserialize)]
struct Line {
    status: String,
    #[serde(default)]
    position: Option<u64>,
    #[serde(default)]
    code: Option<String>,
}

async fn in_batches(url: &str, queue: &Queue) -> Outcomes {
    let mut outcomes = Outcomes::default();
    let Ok(client) = client() else { return outcomes };
    loop {
        let batch: Vec<_> = {
            let mut queue = lock(queue);
            let count = BATCH.min(queue.len());
            queue.drain(..count).collect()
        };
        if batch.is_empty() {
            return outcomes;
        }
        outcomes.begin_sequence();
        let mut waiting: VecDeque<_> = batch.into_iter().collect();
        let whole = one_batch(&client, url, &mut waiting, &mut outcomes).await;
        if whole.is_none() || !waiting.is_empty() {
            outcomes.in_doubt.extend(waiting);
            return outcomes;
        }
    }
}

/// Hands a batch in and takes verdicts off `waiting` as they come; nothing if the connection broke.
async fn one_batch(
    client: &Client,
    url: &str,
    waiting: &mut VecDeque<Arc<Prepared>>,
    outcomes: &mut Outcomes,
) -> Option<()> {
    let body: Vec<u8> =
        waiting.iter().flat_map(|it| it.bytes.iter().copied().chain([b'\n'])).collect();
    let request = client
        .post(format!("{url}/v1/transitions/batch"))
        .header("content-type", "application/x-ndjson")
        .body(body);
    let mut response = request.send().await.ok()?;
    let mut unread = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        unread.extend_from_slice(&chunk);
        while let Some(end) = unread.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = unread.drain(..=end).collect();
            let next = waiting.pop_front()?;
            match serde_json::from_slice::<Line>(&line) {
                Ok(line) if line.status == "unavailable" => outcomes.in_doubt.push(next),
                Ok(line) => outcomes.told.push(told(line, next.id)),
                Err(_) => {
                    let line = String::from_utf8_lossy(&line).into_owned();
                    outcomes.odd.push(format!("{}: a batch answered {line}", next.id));
                }
            }
        }
    }
    Some(())
}

fn told(line: Line, id: Hash) -> Told {
    let outcome = match line.status.as_str() {
        "applied" => Some(line.status),
        "duplicate" => None,
        _ => line.code,
    };
    Told { id, position: line.position, outcome }
}
