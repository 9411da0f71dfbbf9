//! Databases of PostgreSQL to test with: one for each folder, on the server that `CHANCERY_TEST_POSTGRES` names.

use std::path::Path;

use chancery_ledger::hash::Hash;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};

/// Names the server, as one who may make databases there: `postgres://USER@HOST/postgres`. Where it is not set,
/// nodes are tested on SQLite. `scripts/with-postgres.sh` starts a server and sets it.
pub const SERVER: &str = "CHANCERY_TEST_POSTGRES";

/// Whether nodes are tested on PostgreSQL.
pub fn is_named() -> bool {
    std::env::var_os(SERVER).is_some()
}

/// The address of the database that goes with a node's folder, made if it is not there; none where nodes are tested
/// on SQLite.
pub fn url_of(folder: &Path) -> Option<String> {
    let server = std::env::var(SERVER).ok()?;
    let name = name_of(folder);
    make(&server, &name);
    Some(with_database(&server, &name))
}

/// Drops the database that goes with a folder, and whoever is still connected to it.
pub fn forget(folder: &Path) {
    if let Ok(server) = std::env::var(SERVER) {
        remove(&server, &name_of(folder));
    }
}

/// Makes a database on a server, unless there is one of this name.
pub fn make(server: &str, name: &str) {
    let mut connection = connect(server);
    let there = sql_query(format!("SELECT 1 FROM pg_database WHERE datname = '{name}'"));
    if there.execute(&mut connection).expect("databases can be listed") == 0 {
        let make = format!("CREATE DATABASE {name}");
        connection.batch_execute(&make).expect("a database can be made");
    }
}

/// Drops a database of a server, and whoever is still connected to it.
pub fn remove(server: &str, name: &str) {
    let remove = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    connect(server).batch_execute(&remove).expect("a database can be dropped");
}

/// A server's address with another database in it.
pub fn with_database(server: &str, name: &str) -> String {
    let (place, parameters) = match server.split_once('?') {
        Some((place, parameters)) => (place, format!("?{parameters}")),
        None => (server, String::new()),
    };
    let (place, _) = place.rsplit_once('/').expect("the server's address names a database");
    format!("{place}/{name}{parameters}")
}

/// A folder that is served again has its database again.
fn name_of(folder: &Path) -> String {
    let hash = Hash::of(&[folder.as_os_str().as_encoded_bytes()]).to_string();
    format!("chancery_{}", &hash[..24])
}

fn connect(server: &str) -> PgConnection {
    PgConnection::establish(server).expect("the server that CHANCERY_TEST_POSTGRES names answers")
}
