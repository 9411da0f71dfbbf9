//! What the engine asks of the thread that owns the chain.

use std::sync::Arc;

use chancery_ledger::consensus::pool::Considered;
use chancery_ledger::hash::Hash;
use chancery_ledger::seal::{Certificate, Pool};
use crossbeam_channel::Sender;
use tokio::sync::oneshot;

/// Where an answer goes.
pub(crate) type Reply<T> = oneshot::Sender<T>;

/// A question of the engine, with where its answer goes.
pub(crate) enum Ask {
    /// Which height is to be decided, and by whom.
    Next(Reply<Next>),
    /// The block to propose in this round of the next height.
    Propose(u32, Reply<Proposed>),
    /// Whether another's block is good.
    Consider(Offered, Reply<Judged>),
    /// Whether a block is good that others have sealed.
    ConsiderFinal(Vec<u8>, Reply<Judged>),
    /// The blocks of this round of the next height that were found good.
    Considered(u32, Reply<Vec<Considered>>),
    /// The bytes of a block of the next height.
    Block(Hash, Reply<Option<Arc<[u8]>>>),
    /// Makes a block final; whether it is.
    Decide(Hash, Certificate, Reply<bool>),
}

/// The height that is to be decided, and by whom.
pub(crate) struct Next {
    pub(crate) height: u64,
    pub(crate) pool: Arc<Pool>,
}

/// A block to propose.
pub(crate) struct Proposed {
    pub(crate) hash: Hash,
    pub(crate) bytes: Arc<[u8]>,
}

/// Another's block.
pub(crate) struct Offered {
    pub(crate) round: u32,
    pub(crate) valid_round: Option<u32>,
    pub(crate) bytes: Vec<u8>,
}

/// What became of another's block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// It is good, and on the disk.
    Good(Hash),
    /// It is not what the rules make of its transitions.
    Bad,
}

/// The thread that owns the chain has ended, or no longer writes.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the node no longer writes")]
pub(crate) struct Gone;

/// Where the engine asks.
#[derive(Clone)]
pub(crate) struct Host(pub(crate) Sender<Ask>);

impl Host {
    pub(crate) async fn next(&self) -> Result<Next, Gone> {
        self.ask(Ask::Next).await
    }

    pub(crate) async fn propose(&self, round: u32) -> Result<Proposed, Gone> {
        self.ask(|reply| Ask::Propose(round, reply)).await
    }

    pub(crate) async fn consider(&self, offered: Offered) -> Result<Judged, Gone> {
        self.ask(|reply| Ask::Consider(offered, reply)).await
    }

    pub(crate) async fn consider_final(&self, bytes: Vec<u8>) -> Result<Judged, Gone> {
        self.ask(|reply| Ask::ConsiderFinal(bytes, reply)).await
    }

    pub(crate) async fn considered(&self, round: u32) -> Result<Vec<Considered>, Gone> {
        self.ask(|reply| Ask::Considered(round, reply)).await
    }

    pub(crate) async fn block(&self, hash: Hash) -> Result<Option<Arc<[u8]>>, Gone> {
        self.ask(|reply| Ask::Block(hash, reply)).await
    }

    pub(crate) async fn decide(&self, hash: Hash, by: Certificate) -> Result<bool, Gone> {
        self.ask(|reply| Ask::Decide(hash, by, reply)).await
    }

    async fn ask<T>(&self, question: impl FnOnce(Reply<T>) -> Ask) -> Result<T, Gone> {
        let (reply, answer) = oneshot::channel();
        self.0.send(question(reply)).map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }
}
