//! Projections: thin rows in SQL that answer what the ledger itself cannot find quickly, and that
//! can be made anew from it at any time.
//!
//! They follow behind: [`Projector`] is the one writer and takes the blocks that became final;
//! [`Projections`] reads. The height that has been applied changes in the same transaction as the
//! rows, so that a crash at any point leaves the rows of a whole number of blocks, and the rest is
//! executed again from the ledger. Nothing is only here.

mod batch;
mod deeds;
mod dump;
mod hidden;
mod history;
mod holdings;
mod intern;
mod projector;
mod registers;
mod schema;
mod search;
mod setup;
mod tables;

use std::sync::Arc;

use chancery_ledger::error::Error as LedgerError;
use chancery_ledger::execution::{Application, GENESIS_POSITION};
use chancery_ledger::view::View;
use tokio::sync::watch;

pub use hidden::HiddenRegister;
pub use history::HistoryRow;
pub use holdings::{Holding, HoldingCursor, HoldingsQuery, NotAHoldingCursor};
pub use projector::{Projector, rebuild};
pub use search::{Order, SearchPage, SearchQuery, SearchRow, Subject};

pub use crate::sql::{DatabaseUrl, NotADatabaseUrl, SqlError};

use crate::sql::{Reader, Readers};
use intern::Names;
use setup::SETUP;

/// What the projections ask of the rules that run.
///
/// Rules are code and no data, so that any value of them is as good as another.
pub trait Projected: Application + Clone + Default {
    /// The register and the name of an action.
    fn action_name(action: &Self::Action) -> (&'static str, &'static str);

    /// Which parties stand in what relation to an object, from the bytes that the state holds.
    fn relations(register: &str, kind: &str, stored: &[u8]) -> Vec<(&'static str, String)>;
}

/// How far the projections are.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The height of the last block that is projected; none before block 0.
    pub applied: Option<u64>,
    /// Why the projector does not get on, while it tries again.
    pub fault: Option<Arc<str>>,
}

/// The projections to read from. Clones are cheap.
///
/// All reading waits for a connection and for the disk: call it where that is allowed.
#[derive(Clone)]
pub struct Projections {
    shared: Arc<Shared>,
}

struct Shared {
    readers: Readers,
    names: Names,
    view: View,
    progress: watch::Receiver<Progress>,
}

/// The projections failed. The ledger is whole whatever this says.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The database failed.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The rows are those of another ledger.
    #[error("the database holds the projections of the ledger {found}; this one is {ours}")]
    OtherLedger {
        /// Whose they are.
        found: String,
        /// Which is open.
        ours: String,
    },
    /// A block does not follow on the last one that was applied.
    #[error("block {found} does not follow on what is projected: {expected} is next")]
    Gap {
        /// The height that is next.
        expected: u64,
        /// The height of the block that came.
        found: u64,
    },
    /// Something else writes the same rows.
    #[error("another server writes to the same database")]
    OtherWriter,
    /// More than 32,767 registers, kinds, actions and relations.
    #[error("there are too many names of registers, kinds, actions and relations")]
    TooManyNames,
    /// A height that is not projected yet was asked for.
    #[error("height {asked} is not projected yet")]
    NotYetApplied {
        /// The height.
        asked: u64,
    },
}

impl From<diesel::result::Error> for ProjectionError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Sql(error.into())
    }
}

impl Projections {
    /// Opens the database, making what is missing, for the ledger that `view` reads.
    ///
    /// Rows of another chain of the same ledger (its folder was put back from a copy) are emptied,
    /// and made anew by catching up.
    pub fn open(
        url: &DatabaseUrl,
        view: View,
    ) -> Result<(Projections, Projector), ProjectionError> {
        let (projector, progress) = Projector::open(url.clone(), view.clone())?;
        let (readers, names) = (Readers::open(url, &SETUP)?, Names::default());
        let shared = Shared { readers, names, view, progress };
        Ok((Self { shared: Arc::new(shared) }, projector))
    }

    /// The height of the last block that is projected; none before block 0.
    pub fn applied_height(&self) -> Option<u64> {
        self.shared.progress.borrow().applied
    }

    /// How far the projections are, and what keeps them.
    pub fn progress(&self) -> Progress {
        self.shared.progress.borrow().clone()
    }

    /// Waits until a block is projected. `false`: the projector has ended before. How long to wait
    /// is for the caller to bound.
    pub async fn reached(&self, height: u64) -> bool {
        let mut progress = self.shared.progress.clone();
        let reached = |progress: &Progress| progress.applied >= Some(height);
        progress.wait_for(reached).await.is_ok()
    }

    fn reader(&self) -> Result<Reader, ProjectionError> {
        Ok(self.shared.readers.reader()?)
    }

    /// The height of the block in which a position stands.
    fn height_of(&self, position: i64) -> Result<u64, ProjectionError> {
        match u64::try_from(position) {
            Ok(position) => Ok(self.shared.view.place(position)?.height),
            Err(_) => Ok(0),
        }
    }
}

/// What the genesis puts down stands before every transition.
const BEFORE_ALL: i64 = -1;

/// A position as it stands in the tables.
fn to_row(position: u64) -> i64 {
    match position {
        GENESIS_POSITION => BEFORE_ALL,
        _ => i64::try_from(position).unwrap_or(i64::MAX),
    }
}

/// A position as the ledger knows it.
fn from_row(position: i64) -> u64 {
    u64::try_from(position).unwrap_or(GENESIS_POSITION)
}
