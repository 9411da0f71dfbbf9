//! What only this node keeps, in SQL: it does not follow from the ledger and cannot be made again from it.
//!
//! On SQLite it is a file of its own, `kept.sqlite` in the node's folder, so that the file of the projections may be
//! thrown away at any time; on PostgreSQL a schema of its own, `kept`, in the same database. Commits are on the disk when
//! they return, and what is deleted is overwritten.

use std::path::Path;
use std::sync::Arc;

use diesel_migrations::embed_migrations;
use parking_lot::Mutex;

use crate::sql::{DatabaseUrl, Reader, Readers, Setup, SqlError, Writer};

/// The file of SQLite, in the node's folder.
const FILE: &str = "kept.sqlite";

static SETUP: Setup = Setup {
    // The macro reads the folders when this file is compiled: touch it after adding a migration.
    sqlite_migrations: embed_migrations!("../migrations/kept/sqlite"),
    #[cfg(feature = "postgres")]
    postgres_migrations: embed_migrations!("../migrations/kept/postgres"),
    sqlite_writer: "
        PRAGMA busy_timeout = 10000;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA secure_delete = ON;
        PRAGMA foreign_keys = ON;
        PRAGMA temp_store = MEMORY;
    ",
    sqlite_reader: "
        PRAGMA busy_timeout = 5000;
        PRAGMA query_only = ON;
    ",
    #[cfg(feature = "postgres")]
    postgres_writer: "
        CREATE SCHEMA IF NOT EXISTS kept;
        SET search_path TO kept;
        SET synchronous_commit = on;
    ",
    #[cfg(feature = "postgres")]
    postgres_reader: "
        SET search_path TO kept;
        SET default_transaction_read_only = on;
        SET statement_timeout = 10000;
    ",
};

/// The tables. Clones are cheap. All of it waits for the disk: call it where that is allowed.
#[derive(Clone)]
pub(crate) struct Kept {
    shared: Arc<Shared>,
}

struct Shared {
    url: DatabaseUrl,
    /// None after a failure, whatever it was: the next who writes connects anew.
    writer: Mutex<Option<Writer>>,
    readers: Readers,
}

impl Kept {
    /// Opens the tables that go with a node whose projections are in `projections`, making what is missing.
    pub(crate) fn open(folder: &Path, projections: &DatabaseUrl) -> Result<Self, SqlError> {
        let url = match projections {
            DatabaseUrl::Sqlite(_) => DatabaseUrl::Sqlite(folder.join(FILE)),
            DatabaseUrl::Postgres(url) => DatabaseUrl::Postgres(url.clone()),
        };
        let writer = Mutex::new(Some(Writer::open(&url, &SETUP)?));
        let readers = Readers::open(&url, &SETUP)?;
        Ok(Self { shared: Arc::new(Shared { url, writer, readers }) })
    }

    /// Runs `work` in one transaction: all of it is kept and on the disk, or nothing. One writes at a time.
    pub(crate) fn write<T, E: From<SqlError>>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut place = self.shared.writer.lock();
        let mut writer = match place.take() {
            Some(writer) => writer,
            None => Writer::open(&self.shared.url, &SETUP)?,
        };
        let done = writer.transaction(work)?;
        *place = Some(writer);
        Ok(done)
    }

    /// Runs `work` on a connection that only reads.
    pub(crate) fn read<T, E: From<SqlError>>(
        &self,
        work: impl FnOnce(&mut Reader) -> Result<T, E>,
    ) -> Result<T, E> {
        work(&mut self.shared.readers.reader()?)
    }
}
