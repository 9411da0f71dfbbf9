//! Load on all nodes at once: clerks who hand transitions in wherever they find an open door, and write
//! down what they are told.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chancery_client::{Genesis, Hash, Problem, SecretKey, Signing, now};
use chancery_ledger::transition::Payload;
use parking_lot::Mutex;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::cluster::Addresses;

/// What the nodes have promised: which transition stands where.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// Where each acknowledged transition stands.
    pub(super) positions: HashMap<Hash, u64>,
    /// How long each took from being handed in for the first time until it was acknowledged, in ms.
    pub(super) latencies_ms: Vec<u32>,
    /// Answers that contradict each other, or that no interface should give.
    pub(super) odd: Vec<String>,
}

/// Clerks at work.
pub(super) struct Clerks {
    desk: Arc<Desk>,
    clerks: JoinSet<()>,
}

/// What all clerks share.
struct Desk {
    addresses: Arc<Addresses>,
    ledger: Hash,
    next: AtomicU64,
    stop: AtomicBool,
    /// How long a clerk waits between two transitions.
    pause: Duration,
    told: Mutex<Told>,
    /// Handed in, and never answered for good: to be handed in again first.
    doubtful: Mutex<VecDeque<Arc<Prepared>>>,
    refusals: AtomicU64,
}

struct Prepared {
    id: Hash,
    bytes: Vec<u8>,
    began: Instant,
}

/// Parties that change their cards again and again.
const PARTIES: u64 = 32;
/// How long an answer may take before another door is tried.
const ANSWER_MAX: Duration = Duration::from_secs(8);
/// How long to wait when a door is shut.
const SHUT: Duration = Duration::from_millis(50);

impl Clerks {
    /// So many clerks, who together hand in about so many transitions a second.
    pub(super) fn start(
        genesis: &Genesis,
        addresses: Arc<Addresses>,
        clerks: usize,
        rate_per_s: u64,
    ) -> Self {
        let pause = Duration::from_micros(1_000_000 * clerks as u64 / rate_per_s.max(1));
        let desk = Arc::new(Desk {
            addresses,
            ledger: genesis.ledger(),
            next: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            pause,
            told: Mutex::default(),
            doubtful: Mutex::default(),
            refusals: AtomicU64::new(0),
        });
        let mut all = JoinSet::new();
        for number in 0..clerks {
            let desk = desk.clone();
            all.spawn(async move { desk.work(number).await });
        }
        Self { desk, clerks: all }
    }

    /// How many transitions were acknowledged so far.
    pub(super) fn acknowledged(&self) -> usize {
        self.desk.told.lock().positions.len()
    }

    /// How many were refused by the rules, or for want of a quorum.
    pub(super) fn refusals(&self) -> u64 {
        self.desk.refusals.load(Ordering::Relaxed)
    }

    /// Lets each clerk finish what it is at, and gives what they were told. What is left in doubt was
    /// promised to nobody.
    pub(super) async fn stop(&mut self) -> (Told, usize) {
        self.desk.stop.store(true, Ordering::Relaxed);
        while self.clerks.join_next().await.is_some() {}
        let told = std::mem::take(&mut *self.desk.told.lock());
        (told, self.desk.doubtful.lock().len())
    }
}

impl Desk {
    async fn work(&self, clerk: usize) {
        let client = reqwest::Client::builder().timeout(ANSWER_MAX).no_proxy().build();
        let Ok(client) = client else { return };
        let mut door = clerk;
        let mut due = Instant::now();
        while !self.stop.load(Ordering::Relaxed) {
            due = (due + self.pause).max(Instant::now());
            tokio::time::sleep_until(due.into()).await;
            let doubtful = self.doubtful.lock().pop_front();
            let Some(prepared) = doubtful.or_else(|| self.prepare().map(Arc::new)) else { return };
            self.hand_in(&client, &prepared, &mut door).await;
        }
    }

    /// Tries one door after the other until one says what has become of it, or the work ends.
    async fn hand_in(&self, client: &reqwest::Client, prepared: &Arc<Prepared>, door: &mut usize) {
        while !self.stop.load(Ordering::Relaxed) {
            *door += 1;
            let Some(url) = self.open_door(*door) else {
                tokio::time::sleep(SHUT).await;
                continue;
            };
            let request = client
                .post(format!("{url}/v1/transitions"))
                .header("content-type", "application/jose+json")
                .body(prepared.bytes.clone());
            let Ok(response) = request.send().await else {
                tokio::time::sleep(SHUT).await;
                continue;
            };
            let status = response.status();
            let Ok(body) = response.bytes().await else { continue };
            if self.is_settled(prepared, &url, status, &body) {
                return;
            }
            tokio::time::sleep(SHUT).await;
        }
        self.doubtful.lock().push_back(prepared.clone());
    }

    fn open_door(&self, number: usize) -> Option<String> {
        let addresses = self.addresses.read();
        let open: Vec<&String> = addresses.iter().flatten().collect();
        (!open.is_empty()).then(|| open[number % open.len()].clone())
    }

    /// Writes down what a node said; false when it is to be handed in again.
    fn is_settled(&self, prepared: &Prepared, url: &str, status: StatusCode, body: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Taken {
            position: u64,
        }
        let id = prepared.id;
        let position = match status {
            StatusCode::OK | StatusCode::ACCEPTED => {
                serde_json::from_slice(body).ok().map(|Taken { position }| position)
            }
            StatusCode::CONFLICT => {
                serde_json::from_slice::<Problem>(body).ok().and_then(|problem| problem.position)
            }
            StatusCode::UNPROCESSABLE_ENTITY => {
                // Refused on one node's tip; or ordered without effect, which is a promise too.
                let problem = serde_json::from_slice::<Problem>(body).ok();
                self.refusals.fetch_add(1, Ordering::Relaxed);
                match problem.and_then(|problem| problem.position) {
                    None => return true,
                    position => position,
                }
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                self.refusals.fetch_add(1, Ordering::Relaxed);
                return false;
            }
            _ => None,
        };
        let mut told = self.told.lock();
        let Some(position) = position else {
            let text = String::from_utf8_lossy(body).into_owned();
            told.odd.push(format!("{url} answered {status} for {id}: {text}"));
            return true;
        };
        match told.positions.insert(id, position) {
            Some(before) if before != position => {
                told.odd
                    .push(format!("{id} was promised at {before} and, by {url}, at {position}"));
            }
            _ => {}
        }
        let latency = prepared.began.elapsed().as_millis();
        told.latencies_ms.push(u32::try_from(latency).unwrap_or(u32::MAX));
        true
    }

    fn prepare(&self) -> Option<Prepared> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let key = party(number % PARTIES);
        let action = match number {
            0..PARTIES => json!({
                "register": "identity", "action": "create", "kind": "device", "key": key.public(),
            }),
            _ => {
                let card = Hash::of(&[&number.to_be_bytes()]);
                json!({
                    "register": "identity", "action": "set-card", "party": key.party(), "card": card,
                })
            }
        };
        let signing = signed(self.ledger, &format!("chaos-{number}"), action, &[&key])?;
        Some(Prepared { id: signing.id(), bytes: signing.to_bytes(), began: Instant::now() })
    }
}

fn party(number: u64) -> SecretKey {
    SecretKey::from_seed(Hash::of(&[b"chaos", &number.to_be_bytes()]).as_bytes())
}

/// A transition with one action, signed.
pub(super) fn signed(
    ledger: Hash,
    id: &str,
    action: Value,
    keys: &[&SecretKey],
) -> Option<Signing> {
    let payload = Payload {
        ledger,
        id: id.to_owned(),
        not_after: now().plus_ms(24 * 60 * 60 * 1000),
        actions: vec![action],
    };
    let signing = Signing::of(&payload).ok()?;
    Some(keys.iter().fold(signing, |signing, key| signing.sign(key)))
}

/// The latency within which this part of the requests was answered (nearest rank), in ms.
pub(super) fn quantile_ms(sorted: &[u32], part: f64) -> u32 {
    let rank = (part * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}
