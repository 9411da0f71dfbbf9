//! What the projections need of a database: their migrations, and settings for rows that can be made again.

use diesel_migrations::embed_migrations;

use crate::sql::Setup;

/// Not every commit is synced: what a crash of the machine loses is made again from the ledger, and both engines stay
/// consistent without.
///
/// Larger pages mean fewer calls a commit, the larger cache (64 MiB) keeps a batch's pages in memory,
/// and the larger checkpoint interval (16,384 pages, 128 MiB) writes a page that many rows touch once.
pub(super) static SETUP: Setup = Setup {
    // The macro reads the folders when this file is compiled: touch it after adding a migration.
    sqlite_migrations: embed_migrations!("../migrations/sqlite"),
    #[cfg(feature = "postgres")]
    postgres_migrations: embed_migrations!("../migrations/postgres"),
    sqlite_writer: "
        PRAGMA busy_timeout = 10000;
        PRAGMA page_size = 8192;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA wal_autocheckpoint = 16384;
        PRAGMA journal_size_limit = 134217728;
        PRAGMA cache_size = -65536;
        PRAGMA temp_store = MEMORY;
    ",
    sqlite_reader: "
        PRAGMA busy_timeout = 5000;
        PRAGMA query_only = ON;
        PRAGMA cache_size = -8192;
        PRAGMA mmap_size = 1073741824;
    ",
    #[cfg(feature = "postgres")]
    postgres_writer: "SET synchronous_commit = off",
    #[cfg(feature = "postgres")]
    postgres_reader: "
        SET default_transaction_read_only = on;
        SET statement_timeout = 10000;
    ",
};
