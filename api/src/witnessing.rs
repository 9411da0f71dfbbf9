//! The log's side of witnessing: the newest checkpoint is handed to every witness (C2SP tlog-witness), and what
//! they have cosigned is kept and served.
//!
//! It runs beside the node, reads from its view alone, and nothing waits for it: a witness that is away, slow or
//! hostile delays no block. What is kept may be lost; it is had again by asking.

mod asking;
mod round;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use chancery_ledger::note::{self, Note, TreeHead};
use chancery_node_files::witnesses::WitnessesConfig;
use futures_util::future::join_all;
use tokio::sync::watch;

use crate::node::{Node, header_with};
use asking::{Asking, NotSigned};
use round::Round;

/// Where the latest cosigned checkpoint is kept, in the node's folder.
const FILE: &str = "cosigned-checkpoint";
/// A checkpoint that all have cosigned is handed in again after this time, so that its times stay fresh.
const REFRESH: Duration = Duration::from_secs(3600);
/// The longest time that one who does not answer is left alone.
const LEFT_ALONE_MAX: Duration = Duration::from_secs(600);

/// The latest cosigned checkpoint.
#[derive(Debug, Default)]
pub(crate) struct Cosigned(ArcSwapOption<String>);

impl Cosigned {
    /// The note, once there is one.
    pub(crate) fn note(&self) -> Option<Arc<String>> {
        self.0.load_full()
    }
}

/// Hands checkpoints to witnesses.
pub(crate) struct Witnessing {
    node: Node,
    config: WitnessesConfig,
    asking: Asking,
    cosigned: Arc<Cosigned>,
    file: PathBuf,
    round: Option<Round>,
    patience: Vec<Patience>,
}

/// When one may be asked again: witnesses first, then validators.
#[derive(Clone, Copy, Debug, Default)]
struct Patience {
    failures: u32,
    not_before: Option<Instant>,
}

impl Patience {
    fn may_ask(&self, now: Instant) -> bool {
        self.not_before.is_none_or(|not_before| not_before <= now)
    }

    fn failed(&mut self, now: Instant, every: Duration) {
        let wait = every.saturating_mul(1 << self.failures.min(16)).min(LEFT_ALONE_MAX);
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(now + wait);
    }
}

impl Witnessing {
    /// Takes up what was kept, if it still holds.
    pub(crate) fn new(
        node: Node,
        config: WitnessesConfig,
        data: &Path,
        cosigned: Arc<Cosigned>,
    ) -> Result<Self, String> {
        if !config.validators.is_empty() && node.view().genesis().work().is_some() {
            return Err("witnesses.json: validators: a ledger of work has none".to_owned());
        }
        let asking = Asking::new(&config)?;
        let patience = vec![Patience::default(); config.witnesses.len() + config.validators.len()];
        let (file, round) = (data.join(FILE), None);
        let this = Self { node, config, asking, cosigned, file, round, patience };
        if let Some(note) = this.kept() {
            this.cosigned.0.store(Some(Arc::new(note)));
        }
        Ok(this)
    }

    /// Goes on until the server stops.
    pub(crate) async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        let mut due = tokio::time::interval(self.config.every);
        due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let step = async {
                due.tick().await;
                self.step().await;
            };
            tokio::select! {
                () = step => {}
                _ = stopping.wait_for(|stopping| *stopping) => return,
            }
        }
    }

    /// Asks all who have not yet signed the newest checkpoint and may be asked.
    async fn step(&mut self) {
        let Some(mut round) = self.current() else { return };
        let before = round.signatures();
        self.ask_validators(&mut round).await;
        self.ask_witnesses(&mut round).await;
        if round.signatures() > before && round.witnesses() >= self.config.quorum {
            self.publish(&round.note());
        }
        self.round = Some(round);
    }

    /// The round of the newest checkpoint: the one under way, or a new one.
    fn current(&mut self) -> Option<Round> {
        let header = self.node.view().tip().header.clone();
        let under_way = self.round.take().filter(|round| {
            let complete = round.signatures() == self.patience.len();
            round.log_size() == header.log_size && !(complete && round.age() >= REFRESH)
        });
        match under_way {
            Some(round) => Some(round),
            None if header.log_size == 0 => None,
            None => {
                // A note of our own making is one.
                let note = self.node.checkpoint_note_at(header.log_size).ok()??.parse().ok()?;
                let (witnesses, validators) =
                    (self.config.witnesses.len(), self.config.validators.len());
                Some(Round::new(header, note, witnesses, validators))
            }
        }
    }

    async fn ask_validators(&mut self, round: &mut Round) {
        if self.config.validators.is_empty() {
            return;
        }
        let (began, first) = (Instant::now(), self.config.witnesses.len());
        let keys = match self.node.view().pool_at(round.height()) {
            Ok(pool) => pool.validators,
            Err(error) => return tracing::error!(%error, "the pool cannot be read"),
        };
        let due = |index: &usize| self.patience[first + index].may_ask(began);
        let asked: Vec<usize> = round.validators_left().filter(due).collect();
        let asks = asked.iter().map(|index| self.asking.validator(*index, round.head(), &keys));
        let answers = join_all(asks).await;
        for (index, answer) in asked.into_iter().zip(answers) {
            let url = &self.config.validators[index];
            match answer {
                Ok(line) => {
                    self.patience[first + index] = Patience::default();
                    round.validator_signed(index, line);
                }
                Err(why) => {
                    report(url, &why);
                    self.patience[first + index].failed(began, self.config.every);
                }
            }
        }
    }

    async fn ask_witnesses(&mut self, round: &mut Round) {
        let (began, note) = (Instant::now(), round.note());
        let due = |index: &usize| self.patience[*index].may_ask(began);
        let asked: Vec<usize> = round.witnesses_left().filter(due).collect();
        let view = self.node.view();
        let asks = asked.iter().map(|index| self.asking.witness(*index, view, round.head(), &note));
        let answers = join_all(asks).await;
        for (index, answer) in asked.into_iter().zip(answers) {
            match answer {
                Ok(line) => {
                    self.patience[index] = Patience::default();
                    round.witness_signed(index, line);
                }
                Err(why) => {
                    report(self.config.witnesses[index].key.name().as_str(), &why);
                    self.patience[index].failed(began, self.config.every);
                }
            }
        }
    }

    /// Serves it, and keeps it for the next start. A crash in between leaves the one before, which is as good.
    fn publish(&self, note: &Note) {
        let text = note.to_string();
        let new = self.file.with_extension("new");
        let written = fs::write(&new, &text).and_then(|()| fs::rename(&new, &self.file));
        if let Err(error) = written {
            tracing::warn!(%error, file = %self.file.display(), "the cosigned checkpoint is not kept");
        }
        self.cosigned.0.store(Some(Arc::new(text)));
    }

    /// What was kept, if it is of this log and enough of the witnesses of now have cosigned it.
    fn kept(&self) -> Option<String> {
        let text = match fs::read_to_string(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(%error, file = %self.file.display(), "the cosigned checkpoint that was kept");
                return None;
            }
        };
        let note: Note = text.parse().ok()?;
        let head: TreeHead = note.text().parse().ok()?;
        let header = header_with(self.node.view(), head.size).ok()??;
        let ours = note::checkpoint_text(&header) == note.text();
        let keys = self.config.witnesses.iter().map(|witness| &witness.key);
        let signed = keys.filter(|key| matches!(note.signed_by(key), Ok(Some(_)))).count();
        (ours && signed >= self.config.quorum).then_some(text)
    }
}

/// Says in the node's log why somebody has not signed.
fn report(who: &str, why: &NotSigned) {
    match why.is_fork() {
        true => tracing::error!(signer = who, %why, "TWO HISTORIES OF THE LOG HAVE BEEN SEEN"),
        false => tracing::warn!(signer = who, %why, "the checkpoint lacks a signature"),
    }
}
