//! What happens to the nodes, one scene after the other. After each the network is whole again.

use std::time::{Duration, Instant};

use super::{HarnessError, Looked, Stage, strangers};
use crate::damage::Damage;

/// Something that happens to a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// One node is killed and started again, three times.
    Killed,
    /// One node is cut off from the others for a while.
    CutOff,
    /// One node loses everything but its key.
    Wiped,
    /// All nodes are stopped and started in good order, one after the other.
    Rolling,
    /// Half of the nodes are gone: nothing may be decided until they are back.
    NoQuorum,
    /// Strangers do their worst at every port.
    Strangers,
    /// The log of votes of one node is damaged while it is down.
    DamagedVotes,
    /// A validator is added, votes, and is removed.
    Membership,
}

/// All scenes, in the order in which they are played unless another is asked for.
pub const ALL: [Scene; 8] = [
    Scene::Killed,
    Scene::CutOff,
    Scene::Wiped,
    Scene::Rolling,
    Scene::NoQuorum,
    Scene::Strangers,
    Scene::DamagedVotes,
    Scene::Membership,
];

/// How long a node may take to catch up, and a network to go on.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a node is looked at while something is waited for.
const LOOK: Duration = Duration::from_millis(50);
/// The log of votes in a node's folder.
const VOTES: &str = "agreement/consensus.wal";
/// The most that a node may have in memory while strangers are at it: what it has without them is well
/// below a half of it.
const MEMORY_MAX_KIB: u64 = 1024 * 1024;

impl Scene {
    /// What it is called in figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::CutOff => "cut off",
            Self::Wiped => "wiped",
            Self::Rolling => "rolling restart",
            Self::NoQuorum => "no quorum",
            Self::Strangers => "strangers",
            Self::DamagedVotes => "damaged votes",
            Self::Membership => "membership",
        }
    }
}

impl Stage {
    /// Three of four begin; the fourth comes late and catches up.
    pub(super) async fn open(&mut self) -> Result<(), HarnessError> {
        let late = self.cluster.len() - 1;
        for node in 0..late {
            self.cluster.start(node)?;
        }
        self.goes_on("three of four").await?;
        self.say("three of four nodes have begun");
        tokio::time::sleep(Duration::from_secs(2)).await;
        self.cluster.start(late)?;
        self.injected("joined late", 1);
        self.catches_up(late).await?;
        self.say("the fourth has come late and caught up");
        Ok(())
    }

    /// Plays a scene to its end.
    pub(super) async fn play(&mut self, scene: Scene) -> Result<(), HarnessError> {
        self.say(format!("scene: {}", scene.name()));
        let node = self.random.below(self.cluster.running().len());
        match scene {
            Scene::Killed => self.killed(node).await?,
            Scene::CutOff => self.cut_off(node).await?,
            Scene::Wiped => self.wiped(node).await?,
            Scene::Rolling => self.rolling().await?,
            Scene::NoQuorum => self.no_quorum().await?,
            Scene::Strangers => self.strangers().await?,
            Scene::DamagedVotes => self.damaged_votes(node).await?,
            Scene::Membership => self.membership().await?,
        }
        *self.figures.scenes.entry(scene.name()).or_default() += 1;
        self.cluster.look_at_memory();
        self.goes_on(scene.name()).await
    }

    async fn killed(&mut self, node: usize) -> Result<(), HarnessError> {
        for _ in 0..3 {
            self.pause(800).await;
            self.cluster.kill(node)?;
            self.injected("kill -9", 1);
            self.pause(1500).await;
            self.cluster.start(node)?;
        }
        self.catches_up(node).await
    }

    async fn cut_off(&mut self, node: usize) -> Result<(), HarnessError> {
        self.cluster.cut_off(node, true)?;
        self.injected("cut off", 1);
        let alone = async |stage: &Self| -> Looked<u64> {
            let standing = stage.cluster.standing(node).await?;
            let connected = standing.pool.map_or(0, |pool| pool.connected_power);
            // Of a wire that is pulled nobody is told: that nothing is decided is noticed first.
            let is_alone = connected <= 1 || standing.halted.is_some();
            Ok(is_alone.then_some(standing.height))
        };
        let Some(before) = self.comes_true(alone).await? else {
            self.fault(format!("{} does not notice that it is cut off", self.cluster.name(node)));
            self.cluster.cut_off(node, false)?;
            return Ok(());
        };
        tokio::time::sleep(Duration::from_secs(4)).await;
        // How soon the others go on depends on the machine; that they do does not.
        self.others_move_on(node).await?;
        let after = self.cluster.standing(node).await?.height;
        if after != before {
            let name = self.cluster.name(node).to_owned();
            self.fault(format!("{name} went from height {before} to {after} by itself"));
        }
        self.cluster.cut_off(node, false)?;
        self.catches_up(node).await
    }

    async fn wiped(&mut self, node: usize) -> Result<(), HarnessError> {
        self.cluster.kill(node)?;
        self.cluster.wipe(node)?;
        self.injected("wiped", 1);
        // What the node may have voted for is decided before it votes again: docs/operations.md.
        self.others_move_on(node).await?;
        self.cluster.start(node)?;
        self.catches_up(node).await
    }

    async fn rolling(&mut self) -> Result<(), HarnessError> {
        for node in self.cluster.running() {
            if let Err(error) = self.cluster.stop(node) {
                self.fault(error.to_string());
            }
            self.injected("stopped in good order", 1);
            self.cluster.start(node)?;
            self.catches_up(node).await?;
        }
        Ok(())
    }

    async fn no_quorum(&mut self) -> Result<(), HarnessError> {
        let running = self.cluster.running();
        let (gone, left) = running.split_at(running.len() / 2);
        for node in gone {
            self.cluster.kill(*node)?;
            self.injected("kill -9", 1);
        }
        let watched = left[0];
        let halts = async |stage: &Self| -> Looked<String> {
            Ok(stage.cluster.standing(watched).await?.halted)
        };
        match self.comes_true(halts).await? {
            Some(reason) => self.say(format!("halted: {reason}")),
            None => self
                .fault("half of the validators are gone, and the others do not say that they halt"),
        }
        let before = self.cluster.standing(watched).await?.height;
        let client = self.cluster.client(watched)?;
        if let Err(error) = client.ledger().await {
            self.fault(format!("a halted node does not answer reads: {error}"));
        }
        if client.is_ready().await? {
            self.fault("a halted node says that it is ready");
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        let after = self.cluster.standing(watched).await?.height;
        if after != before {
            self.fault(format!("half of the validators went from height {before} to {after}"));
        }
        for node in gone {
            self.cluster.start(*node)?;
        }
        self.injected("halts", 1);
        self.goes_on("a halt").await
    }

    async fn strangers(&mut self) -> Result<(), HarnessError> {
        let running = self.cluster.running();
        let ports: Vec<_> = running.iter().flat_map(|node| self.cluster.listens(*node)).collect();
        let before = self.height_of_others(usize::MAX).await?;
        let visits = strangers::visit(&ports, Duration::from_secs(6), self.random.number()).await;
        self.injected("connections of strangers", visits.connections);
        self.injected("bytes of rubbish", visits.bytes);
        if self.height_of_others(usize::MAX).await? <= before {
            self.fault("no block was made while strangers were at the ports");
        }
        self.cluster.look_at_memory();
        let peak = self.cluster.peak_kib();
        if peak > MEMORY_MAX_KIB {
            self.fault(format!("a node had {peak} KiB in memory"));
        }
        Ok(())
    }

    async fn damaged_votes(&mut self, node: usize) -> Result<(), HarnessError> {
        self.cluster.kill(node)?;
        let file = self.cluster.data(node).join(VOTES);
        let len = std::fs::metadata(&file)?.len() as usize;
        if len > 0 {
            Damage::Flip { offset: self.random.below(len), bit: 3 }.apply_to(&file)?;
            self.injected("bits of logs of votes flipped", 1);
        }
        let started = self.cluster.start(node);
        let said = match started {
            Ok(()) => self.how_it_takes_damage(node).await?,
            Err(error) => Some(error.to_string()),
        };
        let Some(reason) = said else { return self.catches_up(node).await };
        self.say(format!("the damage was found: {reason}"));
        // The operator's way out, as docs/operations.md has it.
        self.cluster.kill(node)?;
        self.others_move_on(node).await?;
        std::fs::remove_file(&file)?;
        self.cluster.start(node)?;
        self.catches_up(node).await
    }

    /// Why it has stopped; nothing when it goes on, because the damage was in what is not needed.
    async fn how_it_takes_damage(&mut self, node: usize) -> Result<Option<String>, HarnessError> {
        let target = self.height_of_others(node).await? + 2;
        let answers = async |stage: &Self| -> Looked<Option<String>> {
            let standing = stage.cluster.standing(node).await?;
            let stopped = standing.halted.map(Some);
            Ok(stopped.or_else(|| (standing.height >= target).then_some(None)))
        };
        match self.comes_true(answers).await? {
            Some(answer) => Ok(answer),
            None => {
                let name = self.cluster.name(node).to_owned();
                self.fault(format!(
                    "{name}: its log of votes is damaged; it neither goes on nor says why"
                ));
                Ok(Some("it said nothing".to_owned()))
            }
        }
    }

    /// Waits until the other nodes have decided what this one may have voted on.
    pub(super) async fn others_move_on(&mut self, node: usize) -> Result<(), HarnessError> {
        let target = self.height_of_others(node).await? + 3;
        let moved = async |stage: &Self| -> Looked<()> {
            Ok((stage.height_of_others(node).await? >= target).then_some(()))
        };
        if self.comes_true(moved).await?.is_none() {
            self.fault("the others do not go on without one");
        }
        Ok(())
    }

    /// The greatest height of the running nodes but this one.
    pub(super) async fn height_of_others(&self, node: usize) -> Result<u64, HarnessError> {
        let mut height = 0;
        for other in self.cluster.running().into_iter().filter(|other| *other != node) {
            height = height.max(self.cluster.standing(other).await?.height);
        }
        Ok(height)
    }

    /// A node reaches the height that the others have now.
    pub(super) async fn catches_up(&mut self, node: usize) -> Result<(), HarnessError> {
        let began = Instant::now();
        let target = self.height_of_others(node).await?;
        let reached = async |stage: &Self| -> Looked<()> {
            Ok((stage.cluster.standing(node).await?.height >= target).then_some(()))
        };
        match self.comes_true(reached).await? {
            Some(()) => self.figures.catch_ups.push(began.elapsed()),
            None => {
                let standing = self.cluster.standing(node).await?;
                let (name, at) = (self.cluster.name(node).to_owned(), standing.height);
                let halted = standing.halted.unwrap_or_default();
                self.fault(format!("{name} is at {at} and does not reach {target}: {halted}"));
            }
        }
        Ok(())
    }

    /// Blocks are made, and clients are told so.
    pub(super) async fn goes_on(&mut self, after: &str) -> Result<(), HarnessError> {
        let acknowledged = self.clerks.acknowledged();
        let more = async |stage: &Self| -> Looked<()> {
            Ok((stage.clerks.acknowledged() > acknowledged + 20).then_some(()))
        };
        if self.comes_true(more).await?.is_none() {
            self.fault(format!("the network does not go on after {after}"));
        }
        Ok(())
    }

    /// Waits until something is so, and not for ever.
    pub(super) async fn comes_true<T>(&self, is_so: impl AsyncFn(&Self) -> Looked<T>) -> Looked<T> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            // A node that was just started may take a moment to answer.
            if let Ok(Some(so)) = is_so(self).await {
                return Ok(Some(so));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(None)
    }

    async fn pause(&mut self, most_ms: usize) {
        let pause = Duration::from_millis(self.random.below(most_ms) as u64);
        tokio::time::sleep(pause).await;
    }
}
