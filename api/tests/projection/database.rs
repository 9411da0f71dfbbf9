//! Databases to test with: files of SQLite, and a PostgreSQL server of one's own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chancery_api::projection::DatabaseUrl;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;

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

/// A server on a socket in a folder of its own, gone when this is dropped.
pub struct Server {
    folder: TempDir,
    server: Child,
    made: AtomicUsize,
}

impl Server {
    /// `None` when the programs are not installed.
    pub fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let give = Command::new("chown").arg("-R").arg("postgres").arg(folder.path()).status();
        assert!(!is_root() || give.unwrap().success());
        let made = as_nobody_special(&programs.join("initdb"))
            .args(["-U", "chancery", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        assert!(made.unwrap().success());
        let server = as_nobody_special(&programs.join("postgres"))
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-k"])
            .arg(folder.path())
            .arg("-D")
            .arg(&data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { folder, server, made: AtomicUsize::new(0) };
        let began = Instant::now();
        while PgConnection::establish(&server.url("postgres")).is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "PostgreSQL does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(server)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=chancery", self.folder.path().display())
    }
}

impl Databases for Server {
    fn fresh(&self) -> DatabaseUrl {
        let name = format!("d{}", self.made.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::establish(&self.url("postgres")).unwrap();
        connection.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        DatabaseUrl::Postgres(self.url(&name))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
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

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.map(|version| version.unwrap().path().join("bin"));
    folders.filter(|folder| folder.join("initdb").is_file()).max()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

/// The server refuses to run as root.
fn as_nobody_special(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command.current_dir("/tmp");
    command
}
