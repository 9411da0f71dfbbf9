//! A node of a ledger of work without its threads and sockets: the ledger's host on a simulated disk,
//! driven as a node drives it, by messages and by turns in which it looks for nonces.

mod mining;
mod syncing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use chancery_ledger::block::Header;
use chancery_ledger::chain::{Chain, Executed};
use chancery_ledger::consensus::WorkHost;
use chancery_ledger::consensus::mempool::MempoolLimits;
use chancery_ledger::consensus::pool::{Limits, Submitted};
use chancery_ledger::consensus::work::{Standing, WorkEvent};
use chancery_ledger::disk::Memory;
use chancery_ledger::error::Error;
use chancery_ledger::genesis::Genesis;
use chancery_ledger::hash::Hash;
use chancery_ledger::seal::Seal;
use chancery_ledger::transition::{Admission, KeyCache};
use chancery_ledger::work::SealedHeader;
use chancery_registries::Registers;

use super::message::Message;
use super::plan::{Mutant, TURN_US};
use crate::damage::Random;
use crate::simulation::member::{Now, Stop, Taken};
use mining::Mining;

/// How often a member tells the others where it stands.
const TELL_US: u64 = 400_000;

/// What a member wants done, or has done.
pub(super) enum Output {
    /// To every other member.
    All(Message),
    /// To one.
    One(usize, Message),
    /// Wake it.
    Later(u64, Wake),
    /// It has found a nonce: there is a block now, whether or not it gets to say so.
    Made(SealedHeader),
    /// The block that it found is on its disk, and is told to all.
    Found(SealedHeader, Bytes),
    /// What it made of a block that came.
    Judged(Hash, Bytes, Verdict),
    /// Another block is the last of its best branch.
    Best(Hash),
    /// So many blocks of its best branch count no longer, and so many transitions wait again.
    Reorganised(u64, usize),
    /// A block is final and on its disk.
    Final(u64, Hash),
    /// A client was told that a transition is final at this position, in this block.
    Acknowledged(Hash, u64, u64, Hash),
    /// A client was told that a transition will not be final.
    Dropped(Hash),
    /// Somebody works on a branch that leaves its own below the last final block.
    BelowFinal,
    /// What this member sent, no honest one would have sent.
    Accuses(usize),
    /// It did something worth counting.
    Count(&'static str),
}

/// What a member made of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has it.
    Has,
    /// It lacks the block before.
    Orphan,
    /// Its time is too far ahead.
    Early,
    /// It leaves below what is final here.
    BelowFinal,
    /// It breaks a rule, or there was no room.
    Refused,
}

/// What a member is woken for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wake {
    /// To look for nonces.
    Turn,
    /// To tell the others where it stands.
    Tell,
}

/// What outlives a stop.
pub(super) struct Member {
    pub(super) genesis: Genesis,
    pub(super) mutant: Mutant,
    pub(super) disk: Memory,
    /// The last block of its best branch when it last did something.
    pub(super) best: Hash,
    pub(super) best_height: u64,
    /// Its last final block then.
    pub(super) last_final: Hash,
    pub(super) final_height: u64,
    /// How many nonces it tries in a turn.
    pub(super) tries: u64,
    /// It mines only above this height, where it was before its disk was lost: on what is old there
    /// would soon be a branch of its own, which it would hold to be final.
    pub(super) mines_above: u64,
    pub(super) clock_off_ms: i64,
    /// How often it has begun.
    pub(super) run: u64,
    pub(super) random: Random,
    pub(super) running: Option<Running>,
}

/// A member that runs.
pub(super) struct Running {
    host: WorkHost<Registers>,
    disk: Arc<Memory>,
    mutant: Mutant,
    admission: Admission<Registers>,
    keys: KeyCache,
    random: Random,
    now: Now,
    tries: u64,
    mines_above: u64,
    mining: Option<Mining>,
    /// The last header that each of the others told of.
    told: BTreeMap<usize, Hash>,
    /// When a block was last asked for, and headers of a member.
    asked: BTreeMap<Hash, u64>,
    asked_headers: BTreeMap<usize, u64>,
    /// What a mutant has not handed to its host.
    held_back: Vec<Bytes>,
    /// Transitions that wait here or stand in a block that may yet lose.
    open: BTreeSet<Hash>,
    /// Handed in here by clients that wait.
    waiting: BTreeSet<Hash>,
    outputs: Vec<Output>,
}

impl Member {
    /// One that has not begun, with an empty disk.
    pub(super) fn new(
        genesis: &Genesis,
        block_0: &Header,
        mutant: Mutant,
        tries: u64,
        clock_off_ms: i64,
        random: Random,
    ) -> Self {
        let block_0 = block_0.hash();
        Self {
            genesis: genesis.clone(),
            mutant,
            disk: Memory::new(),
            best: block_0,
            best_height: 0,
            last_final: block_0,
            final_height: 0,
            tries,
            mines_above: 0,
            clock_off_ms,
            run: 0,
            random,
            running: None,
        }
    }

    /// Opens the disk and begins, or ends again.
    pub(super) fn begin(&mut self, now: Now) -> Result<Vec<Output>, Stop> {
        self.run += 1;
        let disk = Arc::new(self.disk.clone());
        let opened = Chain::found(disk.clone(), &self.genesis, Arc::new(Registers))?;
        let host = WorkHost::open(opened.chain, disk.clone(), limits())?;
        let first = |random: &mut Random, every_us: u64| random.number() % every_us;
        let turn = Output::Later(first(&mut self.random, TURN_US), Wake::Turn);
        let tell = Output::Later(first(&mut self.random, TELL_US), Wake::Tell);
        let mut running = Running {
            host,
            disk,
            mutant: self.mutant,
            admission: Admission::new(Arc::new(Registers), &self.genesis),
            keys: KeyCache::default(),
            random: Random::from_seed(self.random.number()),
            now,
            tries: self.tries,
            mines_above: self.mines_above,
            mining: None,
            told: BTreeMap::new(),
            asked: BTreeMap::new(),
            asked_headers: BTreeMap::new(),
            held_back: Vec::new(),
            open: BTreeSet::new(),
            waiting: BTreeSet::new(),
            outputs: vec![turn, tell],
        };
        running.take_events()?;
        let outputs = std::mem::take(&mut running.outputs);
        self.running = Some(running);
        self.note_place();
        Ok(outputs)
    }

    /// Does something with the running member. What came of it until then is given even if it failed.
    pub(super) fn act(
        &mut self,
        now: Now,
        act: impl FnOnce(&mut Running) -> Result<(), Stop>,
    ) -> (Result<(), Stop>, Vec<Output>) {
        let Some(running) = &mut self.running else { return (Ok(()), Vec::new()) };
        running.now = now;
        let done = act(running);
        let events = running.take_events();
        let outputs = std::mem::take(&mut running.outputs);
        self.note_place();
        (done.and(events), outputs)
    }

    fn note_place(&mut self) {
        if let Some(running) = &self.running {
            let best = running.host.best();
            (self.best, self.best_height) = (best.hash, best.header.height);
            let last = running.host.view().tip();
            (self.last_final, self.final_height) = (last.hash, last.header.height);
        }
    }
}

fn limits() -> Limits {
    let mempool = MempoolLimits { transitions: 300, bytes: 1 << 20, transitions_each: 40 };
    Limits { mempool, block_transitions: 20, verifiers: 1 }
}

impl Running {
    pub(super) fn host(&self) -> &WorkHost<Registers> {
        &self.host
    }

    /// Transitions that wait here or stand in a block that may yet lose.
    pub(super) fn open(&self) -> &BTreeSet<Hash> {
        &self.open
    }

    /// One of them that is nowhere.
    pub(super) fn vanished(&self) -> Option<Hash> {
        self.open.iter().find(|id| self.host.standing(id).is_none()).copied()
    }

    pub(super) fn wake(&mut self, wake: Wake) -> Result<(), Stop> {
        match wake {
            Wake::Turn => {
                self.outputs.push(Output::Later(TURN_US, Wake::Turn));
                self.mine()
            }
            Wake::Tell => {
                self.outputs.push(Output::Later(TELL_US, Wake::Tell));
                self.tell()?;
                self.ask_again();
                Ok(())
            }
        }
    }

    /// Tells the others the last header of the best branch; before block 1 there is nothing to tell.
    fn tell(&mut self) -> Result<(), Stop> {
        if let Some(sealed) = self.best_sealed()? {
            self.outputs.push(Output::All(Message::Tip(sealed)));
        }
        Ok(())
    }

    fn best_sealed(&self) -> Result<Option<SealedHeader>, Error> {
        if let Some(sealed) = self.host.unfinal_headers().pop() {
            return Ok(Some(sealed));
        }
        let view = self.host.view();
        let (header, seal) = view.sealed_header(view.tip().header.height)?;
        Ok(match seal {
            Seal::Work(work) => Some(SealedHeader { header, work }),
            Seal::Genesis | Seal::Pool(_) => None,
        })
    }

    /// Takes in a transition, of a client or of another member.
    pub(super) fn submit(&mut self, bytes: &Bytes, of_client: bool) -> Result<Taken, Stop> {
        let now = self.now.time;
        let Ok(admitted) = self.admission.admit(bytes, now, &mut self.keys) else {
            return Ok(Taken::Refused);
        };
        let admitted = Arc::new(admitted);
        let id = admitted.id;
        let submitted = if of_client {
            self.host.submit(admitted, now)?
        } else {
            self.host.submit_unjudged(admitted)
        };
        let taken = match submitted {
            Submitted::Waits => {
                self.open.insert(id);
                self.outputs.push(Output::All(Message::Transition(bytes.clone())));
                Taken::Waits
            }
            Submitted::Known => Taken::Known,
            Submitted::Duplicate { position } => Taken::At(position),
            Submitted::Declined(_) => Taken::Refused,
            Submitted::Full => Taken::Full,
        };
        if of_client && !matches!(taken, Taken::Refused | Taken::Full) {
            self.waiting.insert(id);
            self.answer_if_final(&id)?;
        }
        Ok(taken)
    }

    fn answer_if_final(&mut self, id: &Hash) -> Result<(), Stop> {
        if let Some(Standing::Final { position }) = self.host.standing(id) {
            let view = self.host.view();
            let height = view.place(position)?.height;
            let block = view.sealed_header(height)?.0.hash();
            self.waiting.remove(id);
            self.outputs.push(Output::Acknowledged(*id, position, height, block));
        }
        Ok(())
    }

    /// What the host has to tell.
    fn take_events(&mut self) -> Result<(), Stop> {
        let (mut is_other, mut forgets) = (false, false);
        for event in self.host.take_events() {
            match event {
                WorkEvent::NewTip { hash, .. } => {
                    is_other = true;
                    self.mining = None;
                    self.outputs.push(Output::Best(hash));
                }
                WorkEvent::Reorganised { depth, returned, .. } => {
                    forgets |= !returned.is_empty();
                    self.outputs.push(Output::Reorganised(depth, returned.len()));
                    self.open.extend(returned);
                }
                WorkEvent::Finalised { executed, checkpoint } => {
                    self.is_final(&executed);
                    checkpoint.map_or(Ok(()), |checkpoint| checkpoint.write())?;
                }
                WorkEvent::Dropped { id, .. } => {
                    self.open.remove(&id);
                    self.outputs.push(Output::Dropped(id));
                    self.waiting.remove(&id);
                }
                WorkEvent::ForkBelowFinal { .. } => self.outputs.push(Output::BelowFinal),
            }
        }
        if is_other {
            self.tell()?;
            self.mutate(forgets)?;
        }
        Ok(())
    }

    fn is_final(&mut self, executed: &Executed<Registers>) {
        let (height, hash) = (executed.tip.header.height, executed.tip.hash);
        self.outputs.push(Output::Final(height, hash));
        let ids = executed.ordered.iter().map(|ordered| ordered.transition.id);
        for (position, id) in (executed.first_position()..).zip(ids) {
            self.open.remove(&id);
            if self.waiting.remove(&id) {
                self.outputs.push(Output::Acknowledged(id, position, height, hash));
            }
        }
    }

    /// What members broken on purpose do when another block is the last.
    fn mutate(&mut self, returned: bool) -> Result<(), Stop> {
        if self.mutant == Mutant::ForgetsWhatReturns && returned {
            let chain = Chain::open(self.disk.clone(), Arc::new(Registers))?.chain;
            self.host = WorkHost::open(chain, self.disk.clone(), limits())?;
            self.host.take_events();
        }
        if self.mutant == Mutant::SaysFinalTooEarly {
            for id in self.waiting.clone() {
                let standing = self.host.standing(&id);
                if let Some(Standing::InBlock { block, height, position, confirmations: 1.. }) =
                    standing
                {
                    self.waiting.remove(&id);
                    self.outputs.push(Output::Acknowledged(id, position, height, block));
                }
            }
        }
        Ok(())
    }
}
