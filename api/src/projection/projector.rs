//! The projector: the one writer of the projections, which follows the ledger.
//!
//! What a crash means, step by step:
//! - before the commit: the rows are those of the blocks before; the blocks are in the ledger and
//!   are executed again by [`Projector::catch_up`] at the next start;
//! - after the commit: the rows and the applied height are those of the last block of the batch. A
//!   power failure may undo commits that were not synced, newest first, which is the case above;
//! - while rebuilding: emptying is one transaction and catching up is many, each a whole number of
//!   blocks; the next start goes on from there;
//! - the database fails or is away: the batch is rolled back and its blocks are dropped here; they are
//!   executed again when it is back. The ledger never waits for that;
//! - more blocks than wait in the channel: who sends may drop them, and the gap is filled from the
//!   ledger.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chancery_ledger::chain::{self, Executed};
use chancery_ledger::hash::Hash;
use chancery_ledger::view::View;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use diesel::prelude::*;
use tokio::sync::watch;

use super::batch::Batch;
use super::intern::Interned;
use super::schema::{
    applied, change, current_relation, deed, entry, involvement, name, object, party,
    past_relation, transition,
};
use super::setup::SETUP;
use super::{DatabaseUrl, Progress, Projected, ProjectionError};
use crate::sql::{Writer, on};

/// About how many transitions go into one SQL transaction; a block is never split.
const BATCH_TRANSITIONS: usize = 32_768;
/// How many blocks at most go into one.
const BATCH_BLOCKS: usize = 4096;
/// How long to wait for a block before looking whether one was missed.
const IDLE: Duration = Duration::from_millis(250);
/// How long to wait before trying a database again that has failed.
const RETRY: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(20),
];

/// The writer of the projections. There is one; run it on a thread of its own.
pub struct Projector {
    url: DatabaseUrl,
    view: View,
    /// `None` after a failure: what is known of the tables may not be so.
    session: Option<Session>,
    progress: watch::Sender<Progress>,
}

/// A connection, and what is known of the tables.
struct Session {
    writer: Writer,
    interned: Interned,
    applied: Option<Applied>,
}

/// The last block that is projected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Applied {
    height: u64,
    block: Hash,
}

impl Projector {
    pub(super) fn open(
        url: DatabaseUrl,
        view: View,
    ) -> Result<(Self, watch::Receiver<Progress>), ProjectionError> {
        let session = Session::open(&url, &view)?;
        let applied = session.applied.map(|applied| applied.height);
        let (progress, receiver) = watch::channel(Progress { applied, fault: None });
        Ok((Self { url, view, session: Some(session), progress }, receiver))
    }

    /// The height of the last block that is projected; none before block 0.
    pub fn applied_height(&self) -> Option<u64> {
        self.progress.borrow().applied
    }

    /// Projects everything up to the tip, by executing blocks again.
    pub fn catch_up<A: Projected>(&mut self, application: &A) -> Result<(), ProjectionError> {
        let application = Arc::new(application.clone());
        // After a failure it is the tables that say how far they are.
        self.session()?;
        while self.next() <= self.view.tip().header.height {
            let tip = self.view.tip().header.height;
            let (mut blocks, mut transitions) = (Vec::new(), 0);
            for height in self.next()..=tip {
                let block = chain::replay(&self.view, &application, height)?;
                transitions += block.ordered.len();
                blocks.push(Arc::new(block));
                if transitions >= BATCH_TRANSITIONS || blocks.len() >= BATCH_BLOCKS {
                    break;
                }
            }
            self.apply(&blocks)?;
        }
        Ok(())
    }

    /// Projects final blocks, the first of which follows on the last that was applied, each next
    /// one on the one before: all of them in one SQL transaction with the height, or none.
    pub fn apply<A: Projected>(
        &mut self,
        blocks: &[Arc<Executed<A>>],
    ) -> Result<(), ProjectionError> {
        let Some(last) = blocks.last() else { return Ok(()) };
        let last = Applied { height: last.tip.header.height, block: last.tip.hash };
        self.session()?.follow_on(blocks)?;
        // Kept out until it has gone well: after a failure nothing of it is believed.
        let mut session = match self.session.take() {
            Some(session) => session,
            None => Session::open(&self.url, &self.view)?,
        };
        session.write(&self.view, blocks, last)?;
        session.applied = Some(last);
        self.session = Some(session);
        self.publish(None);
        Ok(())
    }

    /// Projects what comes out of the channel, as much at once as waits there, until its senders
    /// are gone and it is empty. Never keeps a sender waiting for a database that has failed.
    pub fn run<A: Projected>(mut self, blocks: Receiver<Arc<Executed<A>>>) {
        let application = A::default();
        let mut failures = 0;
        loop {
            let waiting = match blocks.recv_timeout(IDLE) {
                Ok(first) => take_waiting(first, &blocks),
                Err(RecvTimeoutError::Timeout) => Vec::new(),
                Err(RecvTimeoutError::Disconnected) => break,
            };
            match self.follow(waiting, &application) {
                Ok(()) => failures = 0,
                Err(error) => {
                    self.note(&error);
                    let wait = RETRY[failures.min(RETRY.len() - 1)];
                    failures += 1;
                    drop_blocks(&blocks, wait);
                }
            }
        }
        // Not having it done costs nothing but the time at the next start.
        if let Err(error) = self.catch_up(&application) {
            self.note(&error);
        }
    }

    fn follow<A: Projected>(
        &mut self,
        mut blocks: Vec<Arc<Executed<A>>>,
        application: &A,
    ) -> Result<(), ProjectionError> {
        self.session()?;
        let next = self.next();
        blocks.retain(|block| block.tip.header.height >= next);
        match blocks.first() {
            Some(first) if first.tip.header.height == next => self.apply(&blocks),
            _ => self.catch_up(application),
        }
    }

    /// Empties the projections: the next to be projected is block 0.
    fn empty(&mut self) -> Result<(), ProjectionError> {
        self.session()?.empty()?;
        self.publish(None);
        Ok(())
    }

    fn session(&mut self) -> Result<&mut Session, ProjectionError> {
        if self.session.is_none() {
            self.session = Some(Session::open(&self.url, &self.view)?);
            self.publish(None);
        }
        self.session.as_mut().ok_or(ProjectionError::OtherWriter)
    }

    fn next(&self) -> u64 {
        self.applied_height().map_or(0, |height| height + 1)
    }

    fn note(&self, error: &ProjectionError) {
        tracing::error!(%error, "the projections fall behind; the ledger is whole");
        self.publish(Some(error.to_string().into()));
    }

    fn publish(&self, fault: Option<Arc<str>>) {
        let applied = match &self.session {
            Some(session) => session.applied.map(|applied| applied.height),
            None => self.applied_height(),
        };
        self.progress.send_replace(Progress { applied, fault });
    }
}

/// Empties the projections and makes them anew from the ledger: `chanceryd rebuild`. Returns the
/// height that they have reached. If it is broken off, catching up goes on with it.
pub fn rebuild<A: Projected>(
    url: &DatabaseUrl,
    view: View,
    application: &A,
) -> Result<Option<u64>, ProjectionError> {
    let (mut projector, _progress) = Projector::open(url.clone(), view)?;
    projector.empty()?;
    projector.catch_up(application)?;
    Ok(projector.applied_height())
}

impl Session {
    fn open(url: &DatabaseUrl, view: &View) -> Result<Self, ProjectionError> {
        let mut writer = Writer::open(url, &SETUP)?;
        let interned = Interned::load(&mut writer)?;
        let applied = read_applied(&mut writer, view)?;
        let mut session = Self { writer, interned, applied };
        if !session.is_on_the_chain_of(view)? {
            tracing::warn!(?applied, "the projections are of another chain and are made anew");
            session.empty()?;
        }
        Ok(session)
    }

    fn is_on_the_chain_of(&self, view: &View) -> Result<bool, ProjectionError> {
        let Some(applied) = self.applied else { return Ok(true) };
        Ok(applied.height <= view.tip().header.height
            && view.sealed_header(applied.height)?.0.hash() == applied.block)
    }

    fn empty(&mut self) -> Result<(), ProjectionError> {
        self.writer.transaction(|writer| -> Result<(), ProjectionError> {
            on!(writer, c => diesel::delete(applied::table).execute(c))?;
            on!(writer, c => diesel::delete(name::table).execute(c))?;
            on!(writer, c => diesel::delete(party::table).execute(c))?;
            on!(writer, c => diesel::delete(object::table).execute(c))?;
            on!(writer, c => diesel::delete(transition::table).execute(c))?;
            on!(writer, c => diesel::delete(change::table).execute(c))?;
            on!(writer, c => diesel::delete(involvement::table).execute(c))?;
            on!(writer, c => diesel::delete(entry::table).execute(c))?;
            on!(writer, c => diesel::delete(deed::table).execute(c))?;
            on!(writer, c => diesel::delete(current_relation::table).execute(c))?;
            on!(writer, c => diesel::delete(past_relation::table).execute(c))?;
            Ok(())
        })?;
        self.applied = None;
        self.interned = Interned::load(&mut self.writer)?;
        Ok(())
    }

    fn follow_on<A: Projected>(&self, blocks: &[Arc<Executed<A>>]) -> Result<(), ProjectionError> {
        let mut before = self.applied;
        for block in blocks {
            let header = &block.tip.header;
            let (expected, previous) = match before {
                Some(before) => (before.height + 1, before.block),
                None => (0, Hash::default()),
            };
            if header.height != expected || header.previous != previous {
                return Err(ProjectionError::Gap { expected, found: header.height });
            }
            before = Some(Applied { height: header.height, block: block.tip.hash });
        }
        Ok(())
    }

    fn write<A: Projected>(
        &mut self,
        view: &View,
        blocks: &[Arc<Executed<A>>],
        last: Applied,
    ) -> Result<(), ProjectionError> {
        let (before, interned) = (self.applied, &mut self.interned);
        let batch = Batch::of(blocks.iter().map(|block| &**block));
        self.writer.transaction(|writer| {
            write_applied(writer, view, before, last)?;
            let numbers = interned.number(writer, &batch)?;
            batch.into_rows(&numbers).write(writer)
        })
    }
}

fn read_applied(writer: &mut Writer, view: &View) -> Result<Option<Applied>, ProjectionError> {
    let row: Option<(String, i64, String)> = on!(writer, c => applied::table
        .select((applied::ledger, applied::height, applied::block))
        .first(c)
        .optional())?;
    let Some((ledger, height, block)) = row else { return Ok(None) };
    let ours = view.genesis().ledger().to_string();
    if ledger != ours {
        return Err(ProjectionError::OtherLedger { found: ledger, ours });
    }
    // What does not parse is no block of this chain.
    let height = u64::try_from(height).unwrap_or(u64::MAX);
    Ok(Some(Applied { height, block: block.parse().unwrap_or_default() }))
}

/// The first statement of a transaction: whoever else wrote in the meantime is noticed before a row.
fn write_applied(
    writer: &mut Writer,
    view: &View,
    before: Option<Applied>,
    last: Applied,
) -> Result<(), ProjectionError> {
    let to_bigint = |height: u64| i64::try_from(height).unwrap_or(i64::MAX);
    let new =
        (applied::height.eq(to_bigint(last.height)), applied::block.eq(last.block.to_string()));
    let written = match before {
        Some(before) => {
            let old = applied::height
                .eq(to_bigint(before.height))
                .and(applied::block.eq(before.block.to_string()));
            on!(writer, c => diesel::update(applied::table).filter(old).set(new).execute(c))?
        }
        None => {
            let ledger = applied::ledger.eq(view.genesis().ledger().to_string());
            let row = (applied::only_row.eq(1_i16), ledger, new);
            on!(writer, c => diesel::insert_into(applied::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(c))?
        }
    };
    if written == 1 { Ok(()) } else { Err(ProjectionError::OtherWriter) }
}

fn take_waiting<A: Projected>(
    first: Arc<Executed<A>>,
    blocks: &Receiver<Arc<Executed<A>>>,
) -> Vec<Arc<Executed<A>>> {
    let mut transitions = first.ordered.len();
    let mut taken = vec![first];
    while transitions < BATCH_TRANSITIONS && taken.len() < BATCH_BLOCKS {
        let Ok(next) = blocks.try_recv() else { break };
        transitions += next.ordered.len();
        taken.push(next);
    }
    taken
}

/// Keeps the channel empty for a while. The blocks are in the ledger.
fn drop_blocks<A: Projected>(blocks: &Receiver<Arc<Executed<A>>>, wait: Duration) {
    let until = Instant::now() + wait;
    while blocks.recv_deadline(until).is_ok() {}
}
