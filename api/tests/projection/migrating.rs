//! Migrations: a database as each earlier version of the server has left it becomes one of today.

use std::path::Path;

use chancery_api::projection::{DatabaseUrl, Projections};

use crate::database::{Databases, meddle};
use crate::depot::{Depot, Ledger, hand, make};

/// The table in which it stands which migrations were applied, as diesel makes it.
const APPLIED: &str = "CREATE TABLE __diesel_schema_migrations (
    version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
)";

/// The migrations of an engine in their order: version and statements.
fn migrations(url: &DatabaseUrl) -> Vec<(String, String)> {
    let engine = match url {
        DatabaseUrl::Sqlite(_) => "sqlite",
        DatabaseUrl::Postgres(_) => "postgres",
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(engine);
    let mut folders: Vec<_> = folder.read_dir().unwrap().map(|it| it.unwrap().path()).collect();
    folders.sort();
    let migration = |folder: &std::path::PathBuf| {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let version = name.split_once('_').unwrap().0.replace('-', "");
        (version, std::fs::read_to_string(folder.join("up.sql")).unwrap())
    };
    folders.iter().map(migration).collect()
}

/// What a server of the first migration may have written of a ledger up to its tip. It said nothing of who did what
/// by whose authority, so today's rows cannot follow on these.
fn rows_of_the_first_version(ledger: &Ledger) -> String {
    let (id, tip) = (ledger.view().genesis().ledger(), ledger.view().tip());
    format!(
        "INSERT INTO applied VALUES (1, '{id}', {}, '{}');
         INSERT INTO name VALUES (1, 'depot'), (2, 'crate'), (3, 'make'), (4, 'keeper');
         INSERT INTO party VALUES (1, 'nobody that there is today');
         INSERT INTO object VALUES (1, 1, 2, 'a');
         INSERT INTO transition VALUES (0, 17, 0);
         INSERT INTO change VALUES (1, 0, 1, 1, 3);
         INSERT INTO involvement VALUES (1, 0, 1);
         INSERT INTO entry VALUES (1, 0);
         INSERT INTO current_relation VALUES (1, 4, 1, 0);",
        tip.header.height, tip.hash,
    )
}

pub fn what_every_earlier_version_left_is_opened(databases: &dyn Databases) {
    let mut ledger = Ledger::found();
    ledger.block(&[(vec![1], vec![make("a")])]);
    ledger.block(&[(vec![1], vec![hand("a", 2)])]);
    let opened = |url: &DatabaseUrl| {
        let (projections, mut projector) = Projections::open(url, ledger.view()).unwrap();
        projector.catch_up(&Depot).unwrap();
        projections.dump().unwrap()
    };
    let expected = opened(&databases.fresh());
    let all = migrations(&databases.fresh());
    assert!(all.len() >= 2, "the migrations are not where they were");
    for count in 0..=all.len() {
        let url = databases.fresh();
        meddle(&url, APPLIED);
        for (version, statements) in &all[..count] {
            meddle(&url, statements);
            let applied = "INSERT INTO __diesel_schema_migrations (version) VALUES";
            meddle(&url, &format!("{applied} ('{version}')"));
        }
        if count == 1 {
            meddle(&url, &rows_of_the_first_version(&ledger));
        }
        assert_eq!(opened(&url), expected, "left after {count} migrations");
        // As they are now they stay.
        assert_eq!(opened(&url), expected);
    }
}
