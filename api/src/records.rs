//! Records that this node keeps off the ledger: sealed, each with a key of its own, read by those who may and by nobody
//! unlogged, and gone when the ledger says that they are erased.
//!
//! Where what is: the records, sealed, in the tables of [`Kept`]; their keys, wrapped, in a file of their own; the
//! keeping key that wraps them in a third place ([ADR 0033](../../docs/adr/0033-records-kept-and-erased.md)). Whether a
//! record may be kept, and who keeps it and whom it is about, only the ledger says.

mod asking;
mod erasing;
mod keeping_keys;
mod reading;
mod record_keys;
mod sealing;
mod tables;

use std::path::Path;
use std::sync::Arc;

use chancery_ledger::error::Error as LedgerError;
use chancery_ledger::execution::{Object, Stored};
use chancery_ledger::record::Record;
use chancery_ledger::time::Time;
use chancery_ledger::view::View;
use chancery_registries::records::{Record as Anchored, RecordId, RecordStatus};
use diesel::prelude::*;

use crate::kept::Kept;
use crate::sql::{SqlError, Writer, on};
use record_keys::{RecordKeys, Rotated};
use sealing::Key;
use tables::kept_record;

pub(crate) use asking::{Grant, Granting, Request, Terms};
pub(crate) use erasing::follow;
pub(crate) use reading::{Capacity, Reading};

/// The keeping of records. Clones are cheap. All of it waits for the disk: call it where that is allowed.
#[derive(Clone)]
pub(crate) struct Records {
    shared: Arc<Shared>,
}

struct Shared {
    kept: Kept,
    keys: RecordKeys,
    view: View,
}

/// The keeping failed, or cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The database failed.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A file or folder failed.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file among the keeping keys is none.
    #[error("{0}: not a keeping key; put it back from its copy")]
    NotAKey(String),
    /// A keeping key is missing that wraps the keys of records.
    #[error(
        "keep-keys/{generation}.key is missing, which opens the keys of records: put it back from its copy"
    )]
    NoKeepingKey {
        /// Its generation.
        generation: i64,
    },
    /// The system gave no random bytes.
    #[error("the system has no random bytes: {0}")]
    Random(String),
    /// Something that was sealed does not open, or is not what it should be.
    #[error("damaged: {0}")]
    Damaged(&'static str),
}

impl From<diesel::result::Error> for KeepError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Sql(error.into())
    }
}

/// What became of a record that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// It is kept from now on.
    Kept,
    /// It was kept before.
    KeptBefore,
    /// The ledger knows no such record of this keeper.
    NotAnchored,
    /// The ledger says that it is erased.
    Erased,
}

impl Records {
    /// Opens what a node keeps in its folder and in the tables that go with it.
    pub(crate) fn open(data: &Path, kept: Kept, view: View) -> Result<Self, KeepError> {
        let keys = RecordKeys::open(data)?;
        Ok(Self { shared: Arc::new(Shared { kept, keys, view }) })
    }

    /// A record as it stands on the ledger now.
    pub(crate) fn anchored(&self, id: &RecordId) -> Result<Option<Anchored>, KeepError> {
        let view = &self.shared.view;
        let height = view.tip().header.height;
        let bytes = view.object(Anchored::REGISTER, Anchored::KIND, &id.to_string(), height)?;
        let Some(bytes) = bytes else { return Ok(None) };
        let stored = Stored::<Anchored>::decode(&bytes);
        Ok(Some(stored.map_err(|_| KeepError::Damaged("a record's object"))?.value))
    }

    /// Keeps a record, whose commitment is that of the id. Done twice, it is done once.
    ///
    /// The ledger is asked while nobody else writes, and erasing writes too: what is erased before this is refused, and
    /// what is erased after it is found. After a crash between key and record there is a key that opens nothing.
    pub(crate) fn keep(
        &self,
        id: &RecordId,
        record: &Record,
        now: Time,
    ) -> Result<Keeping, KeepError> {
        let Shared { kept, keys, .. } = &*self.shared;
        kept.write(|writer| {
            match self.anchored(id)? {
                None => return Ok(Keeping::NotAnchored),
                Some(anchored) if anchored.status == RecordStatus::Erased => {
                    return Ok(Keeping::Erased);
                }
                Some(_) => {}
            }
            let name = id.to_string();
            if let Some(key) = keys.get(&name)?
                && opened(writer, &key, &name)?.is_some_and(|kept| kept == *record)
            {
                return Ok(Keeping::KeptBefore);
            }
            let plain = serde_json::to_vec(record).map(zeroize::Zeroizing::new);
            let plain = plain.map_err(|_| KeepError::Damaged("what cannot be written down"))?;
            let sealed = keys.make(&name)?.seal(&plain, &purpose(&name))?;
            let gone = kept_record::table.find(&name);
            on!(writer, c => diesel::delete(gone).execute(c))?;
            let row = (
                kept_record::record.eq(&name),
                kept_record::sealed.eq(sealed),
                kept_record::kept_at.eq(to_row(now)),
            );
            on!(writer, c => diesel::insert_into(kept_record::table).values(row).execute(c))?;
            Ok(Keeping::Kept)
        })
    }
}

/// Makes a new keeping key in a node's folder, which no server may have open, wraps the keys of all records with it and
/// destroys the one before. Gives the new key's generation and how many record keys it wraps.
pub fn rotate_keeping_key(data: &Path) -> Result<(i64, usize), KeepError> {
    let Rotated { generation, records } = RecordKeys::open(data)?.rotate()?;
    Ok((generation, records))
}

/// A record that is kept; none if it is not, or what is kept does not open with the key.
fn opened(writer: &mut Writer, key: &Key, name: &str) -> Result<Option<Record>, KeepError> {
    let row = kept_record::table.find(name).select(kept_record::sealed);
    let sealed: Option<Vec<u8>> = on!(writer, c => row.first(c).optional())?;
    let plain = sealed.and_then(|sealed| key.open(&sealed, &purpose(name)));
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
}

fn purpose(name: &str) -> String {
    format!("chancery kept record 1\0{name}")
}

/// A moment as it stands in the tables.
fn to_row(time: Time) -> i64 {
    i64::try_from(time.as_ms()).unwrap_or(i64::MAX)
}

/// A moment as everyone else has it.
fn from_row(ms: i64) -> Time {
    Time::default().plus_ms(u64::try_from(ms).unwrap_or_default())
}
