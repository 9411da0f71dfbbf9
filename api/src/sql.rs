//! The two database engines: connections, what is set on them, their migrations and their pools.
//!
//! What is kept in them is of two sorts, each with migrations and settings of its own: the projections, which follow
//! from the ledger, and what only this node [keeps](crate::kept).

mod url;

use std::path::Path;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection};
use diesel::{Connection as _, QueryResult, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

#[cfg(feature = "postgres")]
use diesel::PgConnection;

pub use url::{DatabaseUrl, NotADatabaseUrl};

/// What one sort of tables needs of a connection.
pub(crate) struct Setup {
    /// Their migrations on SQLite.
    pub(crate) sqlite_migrations: EmbeddedMigrations,
    /// Their migrations on PostgreSQL.
    #[cfg(feature = "postgres")]
    pub(crate) postgres_migrations: EmbeddedMigrations,
    /// Run on the connection that writes.
    pub(crate) sqlite_writer: &'static str,
    /// Run on each connection that reads.
    pub(crate) sqlite_reader: &'static str,
    /// Run on the connection that writes.
    #[cfg(feature = "postgres")]
    pub(crate) postgres_writer: &'static str,
    /// Run on each connection that reads.
    #[cfg(feature = "postgres")]
    pub(crate) postgres_reader: &'static str,
}

/// The database failed.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// The address cannot be used.
    #[error(transparent)]
    Url(#[from] NotADatabaseUrl),
    /// The file's name cannot be used.
    #[error("{0}: not a name that SQLite can open")]
    Path(String),
    /// There is no connection to the database.
    #[error("the database cannot be reached: {0}")]
    Connection(#[from] diesel::ConnectionError),
    /// No connection came free.
    #[error("no connection to the database is free: {0}")]
    Pool(#[from] diesel::r2d2::PoolError),
    /// The tables could not be made.
    #[error("the database could not be migrated: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    /// A later version of the server has made the tables.
    #[error("the database has the migration {0}, which this server does not know: use a later one")]
    Newer(String),
    /// A statement failed.
    #[error("the database failed: {0}")]
    Query(#[from] diesel::result::Error),
}

const READERS: u32 = 4;
const READER_WAIT: Duration = Duration::from_secs(5);

/// Something of one engine or the other.
pub(crate) enum Engine<S, P> {
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
pub(crate) type Writer = Engine<SqliteConnection, PgConnection>;
/// A few connections that only read.
pub(crate) type Readers = Engine<Pool<ConnectionManager<SqliteConnection>>, PostgresPool>;
/// One of them, in use.
pub(crate) type Reader =
    Engine<PooledConnection<ConnectionManager<SqliteConnection>>, PostgresReader>;

/// Compiles one body for both engines, each with its own connection type: diesel checks and caches
/// the statements of each, and no query is written twice.
macro_rules! on {
    ($engine:expr, $connection:ident => $body:expr) => {
        match $engine {
            $crate::sql::Engine::Sqlite($connection) => $body,
            #[cfg(feature = "postgres")]
            $crate::sql::Engine::Postgres($connection) => $body,
            #[cfg(not(feature = "postgres"))]
            $crate::sql::Engine::Postgres(never) => match *never {},
        }
    };
}
pub(crate) use on;

impl Writer {
    /// Connects, making the file or the tables that are missing.
    pub(crate) fn open(url: &DatabaseUrl, setup: &Setup) -> Result<Self, SqlError> {
        let mut writer = match url {
            DatabaseUrl::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path_text(path)?)?;
                connection.batch_execute(setup.sqlite_writer)?;
                Self::Sqlite(connection)
            }
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(url)?;
                connection.batch_execute(setup.postgres_writer)?;
                Self::Postgres(connection)
            }
            #[cfg(not(feature = "postgres"))]
            DatabaseUrl::Postgres(_) => {
                return Err(NotADatabaseUrl::WithoutPostgres.into());
            }
        };
        writer.migrate(setup)?;
        Ok(writer)
    }

    fn migrate(&mut self, setup: &Setup) -> Result<(), SqlError> {
        match self {
            Self::Sqlite(connection) => migrate(connection, &setup.sqlite_migrations),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => migrate(connection, &setup.postgres_migrations),
            #[cfg(not(feature = "postgres"))]
            Self::Postgres(never) => match *never {},
        }
    }

    /// Runs `work` in one transaction: all of it is kept, or nothing.
    pub(crate) fn transaction<T, E: From<SqlError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        on!(self, connection => AnsiTransactionManager::begin_transaction(connection))
            .map_err(SqlError::Query)?;
        match work(self) {
            Ok(value) => {
                on!(self, connection => AnsiTransactionManager::commit_transaction(connection))
                    .map_err(SqlError::Query)?;
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
            tracing::warn!(%error, "a transaction could not be rolled back");
        }
    }
}

impl Readers {
    /// Opens a pool beside a writer that has migrated already.
    pub(crate) fn open(url: &DatabaseUrl, setup: &Setup) -> Result<Self, SqlError> {
        Ok(match url {
            DatabaseUrl::Sqlite(path) => {
                let manager = ConnectionManager::new(path_text(path)?);
                let builder =
                    Pool::builder().connection_customizer(Box::new(Run(setup.sqlite_reader)));
                Self::Sqlite(
                    builder.max_size(READERS).connection_timeout(READER_WAIT).build(manager)?,
                )
            }
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(url) => {
                let manager = ConnectionManager::new(url);
                let builder =
                    Pool::builder().connection_customizer(Box::new(Run(setup.postgres_reader)));
                Self::Postgres(
                    builder.max_size(READERS).connection_timeout(READER_WAIT).build(manager)?,
                )
            }
            #[cfg(not(feature = "postgres"))]
            DatabaseUrl::Postgres(_) => {
                return Err(NotADatabaseUrl::WithoutPostgres.into());
            }
        })
    }

    /// A connection, waiting a little for one to come free.
    pub(crate) fn reader(&self) -> Result<Reader, SqlError> {
        Ok(match self {
            Self::Sqlite(pool) => Engine::Sqlite(pool.get()?),
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => Engine::Postgres(pool.get()?),
            #[cfg(not(feature = "postgres"))]
            Self::Postgres(never) => match *never {},
        })
    }
}

/// SQLite would read a name that begins with `file:` as an address with parameters.
fn path_text(path: &Path) -> Result<&str, SqlError> {
    match path.to_str() {
        Some(text) if !text.starts_with("file:") => Ok(text),
        _ => Err(SqlError::Path(path.display().to_string())),
    }
}

/// Forward only: what is applied and not known was made by a later server.
pub(crate) fn migrate<C: MigrationHarness<DB>, DB: diesel::backend::Backend>(
    connection: &mut C,
    ours: &EmbeddedMigrations,
) -> Result<(), SqlError> {
    let known: Vec<Box<dyn Migration<DB>>> = ours.migrations().map_err(SqlError::Migration)?;
    let applied = connection.applied_migrations().map_err(SqlError::Migration)?;
    let newer = |version: &&MigrationVersion<'_>| {
        !known.iter().any(|migration| migration.name().version() == **version)
    };
    if let Some(version) = applied.iter().find(newer) {
        return Err(SqlError::Newer(version.to_string()));
    }
    for migration in known.iter().filter(|known| !applied.contains(&known.name().version())) {
        connection.run_migration(&**migration).map_err(SqlError::Migration)?;
    }
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
