//! The two database engines: connections, what is set on them, their migrations and their pools.

use std::path::Path;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::{Migration, MigrationSource};
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection};
use diesel::{Connection as _, QueryResult, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

#[cfg(feature = "postgres")]
use diesel::PgConnection;

use super::{DatabaseUrl, ProjectionError};

// The macro reads the folders when this file is compiled: touch it after adding a migration.
const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// The writer's connection. Not every commit is synced: what a crash of the machine loses is made
/// again from the ledger, and both engines stay consistent without.
///
/// Larger pages mean fewer calls a commit, the larger cache (64 MiB) keeps a batch's pages in memory,
/// and the larger checkpoint interval (16,384 pages, 128 MiB) writes a page that many rows touch once.
const SQLITE_WRITER: &str = "
    PRAGMA busy_timeout = 10000;
    PRAGMA page_size = 8192;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA wal_autocheckpoint = 16384;
    PRAGMA journal_size_limit = 134217728;
    PRAGMA cache_size = -65536;
    PRAGMA temp_store = MEMORY;
";
const SQLITE_READER: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA query_only = ON;
    PRAGMA cache_size = -8192;
    PRAGMA mmap_size = 1073741824;
";
#[cfg(feature = "postgres")]
const POSTGRES_WRITER: &str = "SET synchronous_commit = off";
#[cfg(feature = "postgres")]
const POSTGRES_READER: &str = "
    SET default_transaction_read_only = on;
    SET statement_timeout = 10000;
";

const READERS: u32 = 4;
const READER_WAIT: Duration = Duration::from_secs(5);

/// Something of one engine or the other.
pub(super) enum Engine<S, P> {
    /// Of SQLite.
    Sqlite(S),
    /// Of PostgreSQL.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "there is only SQLite then"))]
    Postgres(P),
}

#[cfg(not(feature = "postgres"))]
type PgConnection = std::convert::Infallible;
#[cfg(not(feature = "postgres"))]
type PostgresPool = std::convert::Infallible;
#[cfg(feature = "postgres")]
type PostgresPool = Pool<ConnectionManager<PgConnection>>;
#[cfg(not(feature = "postgres"))]
type PostgresReader = std::convert::Infallible;
#[cfg(feature = "postgres")]
type PostgresReader = PooledConnection<ConnectionManager<PgConnection>>;

/// The one connection that writes.
pub(super) type Writer = Engine<SqliteConnection, PgConnection>;
/// A few connections that only read.
pub(super) type Readers = Engine<Pool<ConnectionManager<SqliteConnection>>, PostgresPool>;
/// One of them, in use.
pub(super) type Reader =
    Engine<PooledConnection<ConnectionManager<SqliteConnection>>, PostgresReader>;

/// Compiles one body for both engines, each with its own connection type: diesel checks and caches
/// the statements of each, and no query is written twice.
macro_rules! on {
    ($engine:expr, $connection:ident => $body:expr) => {
        match $engine {
            $crate::projection::engine::Engine::Sqlite($connection) => $body,
            #[cfg(feature = "postgres")]
            $crate::projection::engine::Engine::Postgres($connection) => $body,
            #[cfg(not(feature = "postgres"))]
            $crate::projection::engine::Engine::Postgres(never) => match *never {},
        }
    };
}
pub(super) use on;

impl Writer {
    /// Connects, making the file or the tables that are missing.
    pub(super) fn open(url: &DatabaseUrl) -> Result<Self, ProjectionError> {
        let mut writer = match url {
            DatabaseUrl::Sqlite(path) => Self::Sqlite(open_sqlite(path)?),
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(url)?;
                connection.batch_execute(POSTGRES_WRITER)?;
                Self::Postgres(connection)
            }
            #[cfg(not(feature = "postgres"))]
            DatabaseUrl::Postgres(_) => {
                return Err(super::url::NotADatabaseUrl::WithoutPostgres.into());
            }
        };
        writer.migrate()?;
        Ok(writer)
    }

    /// Forward only. A database that a later server has migrated is refused.
    fn migrate(&mut self) -> Result<(), ProjectionError> {
        match self {
            Self::Sqlite(connection) => migrate(connection, SQLITE_MIGRATIONS),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => migrate(connection, POSTGRES_MIGRATIONS),
            #[cfg(not(feature = "postgres"))]
            Self::Postgres(never) => match *never {},
        }
    }

    /// Runs `work` in one transaction: all of it is kept, or nothing.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, ProjectionError>,
    ) -> Result<T, ProjectionError> {
        on!(self, connection => AnsiTransactionManager::begin_transaction(connection))?;
        match work(self) {
            Ok(value) => {
                on!(self, connection => AnsiTransactionManager::commit_transaction(connection))?;
                Ok(value)
            }
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }

    /// Should this fail too, the connection is broken, and the engine rolls back when it closes.
    fn roll_back(&mut self) {
        let rolled_back: QueryResult<()> =
            on!(self, connection => AnsiTransactionManager::rollback_transaction(connection));
        if let Err(error) = rolled_back {
            tracing::warn!(%error, "the projections could not be rolled back");
        }
    }
}

impl Readers {
    /// Opens a pool beside a writer that has migrated already.
    pub(super) fn open(url: &DatabaseUrl) -> Result<Self, ProjectionError> {
        Ok(match url {
            DatabaseUrl::Sqlite(path) => {
                let manager = ConnectionManager::new(path_text(path)?);
                let builder = Pool::builder().connection_customizer(Box::new(Run(SQLITE_READER)));
                Self::Sqlite(
                    builder.max_size(READERS).connection_timeout(READER_WAIT).build(manager)?,
                )
            }
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(url) => {
                let manager = ConnectionManager::new(url);
                let builder = Pool::builder().connection_customizer(Box::new(Run(POSTGRES_READER)));
                Self::Postgres(
                    builder.max_size(READERS).connection_timeout(READER_WAIT).build(manager)?,
                )
            }
            #[cfg(not(feature = "postgres"))]
            DatabaseUrl::Postgres(_) => {
                return Err(super::url::NotADatabaseUrl::WithoutPostgres.into());
            }
        })
    }

    /// A connection, waiting a little for one to come free.
    pub(super) fn reader(&self) -> Result<Reader, ProjectionError> {
        Ok(match self {
            Self::Sqlite(pool) => Engine::Sqlite(pool.get()?),
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => Engine::Postgres(pool.get()?),
            #[cfg(not(feature = "postgres"))]
            Self::Postgres(never) => match *never {},
        })
    }
}

fn open_sqlite(path: &Path) -> Result<SqliteConnection, ProjectionError> {
    let mut connection = SqliteConnection::establish(path_text(path)?)?;
    connection.batch_execute(SQLITE_WRITER)?;
    Ok(connection)
}

/// SQLite would read a name that begins with `file:` as an address with parameters.
fn path_text(path: &Path) -> Result<&str, ProjectionError> {
    match path.to_str() {
        Some(text) if !text.starts_with("file:") => Ok(text),
        _ => Err(ProjectionError::Path(path.display().to_string())),
    }
}

fn migrate<C: MigrationHarness<DB>, DB: diesel::backend::Backend>(
    connection: &mut C,
    ours: EmbeddedMigrations,
) -> Result<(), ProjectionError> {
    let known: Vec<Box<dyn Migration<DB>>> =
        ours.migrations().map_err(ProjectionError::Migration)?;
    for version in connection.applied_migrations().map_err(ProjectionError::Migration)? {
        if !known.iter().any(|migration| migration.name().version() == version) {
            return Err(ProjectionError::Newer(version.to_string()));
        }
    }
    connection.run_pending_migrations(ours).map_err(ProjectionError::Migration)?;
    Ok(())
}

/// Statements that set a new connection of a pool up.
#[derive(Debug)]
struct Run(&'static str);

impl<C: SimpleConnection> CustomizeConnection<C, diesel::r2d2::Error> for Run {
    fn on_acquire(&self, connection: &mut C) -> Result<(), diesel::r2d2::Error> {
        connection.batch_execute(self.0).map_err(diesel::r2d2::Error::QueryError)
    }
}
