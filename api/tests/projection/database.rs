//! Databases to test with: files of SQLite, and those of a PostgreSQL server.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use chancery_api::projection::DatabaseUrl;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::postgres;

/// Makes empty databases.
pub trait Databases {
    fn fresh(&self) -> DatabaseUrl;
}

pub struct Files {
    folder: TempDir,
    made: AtomicUsize,
}

impl Files {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), made: AtomicUsize::new(0) }
    }
}

impl Databases for Files {
    fn fresh(&self) -> DatabaseUrl {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        DatabaseUrl::Sqlite(self.folder.path().join(format!("{number}.sqlite")))
    }
}

/// The server that the environment names, or one that is started for this and gone when this is dropped.
pub struct Server {
    url: String,
    script: Option<Child>,
    made: AtomicUsize,
}

impl Server {
    /// `None` when PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let made = AtomicUsize::new(0);
        if let Ok(url) = std::env::var(postgres::SERVER) {
            return Some(Self { url, script: None, made });
        }
        // The command ends with its input, however this process ends, and the server with the command.
        let mut script =
            Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/with-postgres.sh"))
                .args(["sh", "-c", "echo \"$CHANCERY_TEST_POSTGRES\"; exec cat"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
        let mut url = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut url).unwrap();
        if url.is_empty() {
            assert_eq!(script.wait().unwrap().code(), Some(69), "PostgreSQL does not start");
            return None;
        }
        Some(Self { url: url.trim_end().to_owned(), script: Some(script), made })
    }
}

fn name(number: usize) -> String {
    format!("projection_{}_{number}", std::process::id())
}

impl Databases for Server {
    fn fresh(&self) -> DatabaseUrl {
        let name = name(self.made.fetch_add(1, Ordering::Relaxed));
        postgres::make(&self.url, &name);
        DatabaseUrl::Postgres(postgres::with_database(&self.url, &name))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        match &mut self.script {
            Some(script) => {
                drop(script.stdin.take());
                let _ = script.wait();
            }
            None => {
                let made = 0..self.made.load(Ordering::Relaxed);
                made.for_each(|number| postgres::remove(&self.url, &name(number)));
            }
        }
    }
}

/// Runs statements beside the projector, as someone with a shell would.
pub fn meddle(url: &DatabaseUrl, sql: &str) {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
            connection.batch_execute(sql).unwrap();
        }
        DatabaseUrl::Postgres(url) => {
            PgConnection::establish(url).unwrap().batch_execute(sql).unwrap();
        }
    }
}
