//! The crash harness: rounds of load and `kill -9`, and after each the question whether everything
//! that the node had acknowledged is still there.

mod load;
mod promises;
mod work;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use chancery_client::SecretKey;
use chancery_ledger::hash::Hash;

use crate::damage::Random;
use crate::node::{self, Node, NodeError, binary};
use load::Outcomes;
use promises::Promises;
use work::Work;

/// How to go about it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often the node is killed.
    pub rounds: u32,
    /// The seed of every choice.
    pub seed: u64,
    /// How many connections hand in one transition a request, and how many hand in batches.
    pub connections: (usize, usize),
    /// Transitions that are signed for a round; load ends early when they are used up.
    pub per_round: usize,
    /// The node is killed at a random moment within this time.
    pub kill_within: Duration,
    /// After how many rounds the ledger is audited.
    pub audit_every: u32,
    /// How long a restart may take.
    pub restart_limit: Duration,
}

/// What the rounds came to.
#[derive(Debug, Default)]
pub struct Figures {
    /// Rounds that were gone through.
    pub rounds: u32,
    /// Transitions of which the node had said where they stand.
    pub acknowledged: u64,
    /// Those among them that lost a race: in the log, without effect.
    pub rejected: u64,
    /// Answers that never came because the node was killed.
    pub in_doubt: u64,
    /// Those among them that turned out to be in the log when they were sent again.
    pub found_again: u64,
    /// Receipts that were fetched from the restarted node and verified.
    pub receipts_by_http: u64,
    /// Receipts that were made from the folder at the end and verified.
    pub receipts_offline: u64,
    /// Rounds in which a torn block was put behind the last one.
    pub torn_tails: u32,
    /// Audits that were clean.
    pub audits: u32,
    /// How long each restart took, until the node listened.
    pub restarts: Vec<Duration>,
    /// What did not hold.
    pub faults: Vec<String>,
}

/// Why the harness itself could not go on.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// The node does not start.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The system refuses something.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// The ledger does not open.
    #[error(transparent)]
    Ledger(#[from] chancery_ledger::error::Error),
    /// The client could not be made.
    #[error(transparent)]
    Client(#[from] chancery_client::Error),
}

/// Goes through the rounds in an empty folder.
pub async fn run(plan: &Plan, folder: &Path) -> Result<Figures, HarnessError> {
    let root = SecretKey::from_seed(Hash::of(&[b"crash root"]).as_bytes());
    node::found(folder, &root.public())?;
    let mut harness = Harness {
        plan: plan.clone(),
        folder: folder.to_owned(),
        random: Random::from_seed(plan.seed),
        promises: Promises::default(),
        figures: Figures::default(),
    };
    let mut running = Node::start(folder)?;
    // The first client sets up TLS for all that the load makes for itself.
    running.client()?;
    let mut work = Work::new(running.genesis()?.ledger(), plan.seed);
    for round in 1..=plan.rounds {
        running = harness.round(round, running, &mut work).await?;
    }
    running.kill()?;
    harness.audit()?;
    harness.promises.check_offline(&harness.folder.join("data"), &mut harness.figures)?;
    Ok(harness.figures)
}

struct Harness {
    plan: Plan,
    folder: PathBuf,
    random: Random,
    promises: Promises,
    figures: Figures,
}

impl Harness {
    async fn round(
        &mut self,
        round: u32,
        running: Node,
        work: &mut Work,
    ) -> Result<Node, HarnessError> {
        work.sign_up_to(self.plan.per_round);
        let outcomes = self.load_and_kill(running, work).await?;
        self.promises.add(outcomes, work, &mut self.figures);
        if self.random.below(4) == 0 {
            self.leave_torn_block()?;
        }
        if round.is_multiple_of(self.plan.audit_every) {
            // The audit holds the folder, so the node is down meanwhile. It opens nothing: what the
            // crash has left is judged as it is.
            self.audit()?;
        }
        let running = Node::start(&self.folder)?;
        self.figures.restarts.push(running.started_in());
        if running.started_in() > self.plan.restart_limit {
            let took = running.started_in().as_millis();
            self.figures.faults.push(format!("round {round}: the restart took {took} ms"));
        }
        self.promises.check(&running, round, &mut self.random, &mut self.figures).await?;
        self.figures.rounds = round;
        Ok(running)
    }

    async fn load_and_kill(
        &mut self,
        running: Node,
        work: &mut Work,
    ) -> Result<Outcomes, HarnessError> {
        let kill_after = self.plan.kill_within.mul_f64(self.random.below(1000) as f64 / 1000.0);
        let load = load::start(running.url(), self.plan.connections, work.take_all());
        let began = Instant::now();
        tokio::time::sleep(kill_after).await;
        running.kill()?;
        let outcomes = load.end().await;
        say_if_asked(&outcomes, began.elapsed());
        Ok(outcomes)
    }

    /// What a power cut may leave of a block that was being written.
    fn leave_torn_block(&mut self) -> Result<(), HarnessError> {
        let mut torn = b"CHB1".to_vec();
        torn.extend((0..self.random.below(3000)).map(|_| self.random.number() as u8));
        let path = self.folder.join("data").join("blocks");
        std::fs::File::options().append(true).open(path)?.write_all(&torn)?;
        self.figures.torn_tails += 1;
        Ok(())
    }

    fn audit(&mut self) -> Result<(), HarnessError> {
        let audit = Command::new(binary("chancery")?)
            .arg("audit")
            .arg(self.folder.join("data"))
            .output()?;
        if audit.status.success() {
            self.figures.audits += 1;
        } else {
            let said = String::from_utf8_lossy(&audit.stderr).into_owned();
            self.figures.faults.push(format!("the audit is not clean: {said}"));
        }
        Ok(())
    }
}

/// Says how a round went where somebody is watching closely.
fn say_if_asked(outcomes: &Outcomes, took: Duration) {
    if std::env::var_os("CRASH_VERBOSE").is_some() {
        let (told, doubt) = (outcomes.told.len(), outcomes.in_doubt.len());
        eprintln!("killed after {} ms: {told} acknowledged, {doubt} in doubt", took.as_millis());
    }
}
