//! The keys of records, each wrapped by a keeping key, in a file of their own that is not backed up with the records.
//!
//! What is deleted there is overwritten, and commits are on the disk when they return.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::{Connection, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use parking_lot::Mutex;

use super::KeepError;
use super::keeping_keys::{KeepingKeys, private_file};
use super::sealing::Key;
use super::tables::record_key;
use crate::sql;

/// The file, in the node's folder.
const FILE: &str = "kept-keys.sqlite";

static MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/record-keys");

/// Once a transaction is over, its journal holds nothing: the file is emptied.
const SETTINGS: &str = "
    PRAGMA busy_timeout = 10000;
    PRAGMA journal_mode = TRUNCATE;
    PRAGMA synchronous = EXTRA;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
";

/// The keys of records.
pub(super) struct RecordKeys {
    opened: Mutex<Opened>,
}

struct Opened {
    keeping: KeepingKeys,
    database: SqliteConnection,
}

/// What a rotation has done.
pub(crate) struct Rotated {
    /// The generation that is in use now.
    pub(crate) generation: i64,
    /// How many record keys it wraps.
    pub(crate) records: usize,
}

impl RecordKeys {
    /// Opens or makes the file and the folder of keeping keys, and removes keeping keys that a rotation was broken off
    /// before it could remove. Refuses to go on without a keeping key that wraps something.
    pub(super) fn open(data: &Path) -> Result<Self, KeepError> {
        let path = data.join(FILE);
        let failed = |source| KeepError::File { path: path.display().to_string(), source };
        private_file().create(true).truncate(false).open(&path).map_err(failed)?;
        let text = path.to_str().ok_or_else(|| sql::SqlError::Path(path.display().to_string()))?;
        let mut database = SqliteConnection::establish(text).map_err(sql::SqlError::from)?;
        database.batch_execute(SETTINGS)?;
        sql::migrate(&mut database, &MIGRATIONS)?;
        let mut opened = Opened { keeping: KeepingKeys::open(data)?, database };
        opened.check()?;
        Ok(Self { opened: Mutex::new(opened) })
    }

    /// The key of a record.
    pub(super) fn get(&self, record: &str) -> Result<Option<Key>, KeepError> {
        self.opened.lock().get(record)
    }

    /// Makes a key for a record, in the place of whatever was there.
    pub(super) fn make(&self, record: &str) -> Result<Key, KeepError> {
        let Opened { keeping, database } = &mut *self.opened.lock();
        let key = Key::random()?;
        let (generation, keeping) = keeping.latest()?;
        let wrapped = keeping.seal(key.as_bytes(), &purpose(record))?;
        let row = (
            record_key::record.eq(record),
            record_key::generation.eq(generation),
            record_key::wrapped.eq(wrapped),
        );
        diesel::replace_into(record_key::table).values(row).execute(database)?;
        Ok(key)
    }

    /// Destroys the key of a record. When this returns, nothing that was sealed with it can be opened.
    pub(super) fn destroy(&self, record: &str) -> Result<(), KeepError> {
        let database = &mut self.opened.lock().database;
        diesel::delete(record_key::table.find(record)).execute(database)?;
        Ok(())
    }

    /// The records that have a key.
    pub(super) fn records(&self) -> Result<Vec<String>, KeepError> {
        let database = &mut self.opened.lock().database;
        Ok(record_key::table.select(record_key::record).load(database)?)
    }

    /// Makes a new keeping key, wraps every record's key with it, and destroys the keeping keys before.
    ///
    /// What a crash means: after the new key's file is there, nothing yet; after the transaction, all is wrapped by
    /// the new key, and the next opening destroys the old one. At no point is a record's key wrapped by none.
    pub(super) fn rotate(&self) -> Result<Rotated, KeepError> {
        let opened = &mut *self.opened.lock();
        let generation = opened.keeping.add()?;
        let Opened { keeping, database } = opened;
        let records = database.transaction(|database| rewrap(database, keeping, generation))?;
        keeping.destroy_all_but_latest()?;
        Ok(Rotated { generation, records })
    }
}

impl Opened {
    fn get(&mut self, record: &str) -> Result<Option<Key>, KeepError> {
        let row: Option<(i64, Vec<u8>)> = record_key::table
            .find(record)
            .select((record_key::generation, record_key::wrapped))
            .first(&mut self.database)
            .optional()?;
        let Some((generation, wrapped)) = row else { return Ok(None) };
        unwrap(&self.keeping, record, generation, &wrapped).map(Some)
    }

    fn check(&mut self) -> Result<(), KeepError> {
        let used: Vec<i64> =
            record_key::table.select(record_key::generation).distinct().load(&mut self.database)?;
        used.iter().try_for_each(|generation| self.keeping.get(*generation).map(|_| ()))?;
        if used.is_empty() {
            return self.keeping.destroy_all_but_latest();
        }
        let (latest, _) = self.keeping.latest()?;
        if used.iter().all(|generation| *generation == latest) {
            self.keeping.destroy_all_but_latest()?;
        }
        Ok(())
    }
}

fn rewrap(
    database: &mut SqliteConnection,
    keeping: &KeepingKeys,
    generation: i64,
) -> Result<usize, KeepError> {
    let rows: Vec<(String, i64, Vec<u8>)> = record_key::table.load(database)?;
    for (record, old, wrapped) in &rows {
        let key = unwrap(keeping, record, *old, wrapped)?;
        let wrapped = keeping.get(generation)?.seal(key.as_bytes(), &purpose(record))?;
        let set = (record_key::generation.eq(generation), record_key::wrapped.eq(wrapped));
        diesel::update(record_key::table.find(record)).set(set).execute(database)?;
    }
    Ok(rows.len())
}

fn unwrap(
    keeping: &KeepingKeys,
    record: &str,
    generation: i64,
    wrapped: &[u8],
) -> Result<Key, KeepError> {
    let opened = keeping.get(generation)?.open(wrapped, &purpose(record));
    let key = opened.and_then(|bytes| Key::from_bytes(&bytes));
    key.ok_or(KeepError::Damaged("a record's key, or the keeping key that wraps it"))
}

fn purpose(record: &str) -> String {
    format!("chancery record key 1\0{record}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use super::*;

    fn bytes_of(keys: &RecordKeys, record: &str) -> Option<Vec<u8>> {
        keys.get(record).unwrap().map(|key| key.as_bytes().to_vec())
    }

    /// Every byte of every file in the folder.
    fn all_bytes(folder: &Path) -> Vec<u8> {
        let mut bytes = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => bytes.extend(all_bytes(&path)),
                false => bytes.extend(fs::read(path).unwrap()),
            }
        }
        bytes
    }

    fn holds(folder: &Path, part: &[u8]) -> bool {
        all_bytes(folder).windows(part.len()).any(|window| window == part)
    }

    fn wrapped(keys: &RecordKeys, record: &str) -> Vec<u8> {
        let database = &mut keys.opened.lock().database;
        record_key::table.find(record).select(record_key::wrapped).first(database).unwrap()
    }

    #[test]
    fn what_is_destroyed_is_in_no_file() {
        let data = tempfile::tempdir().unwrap();
        let keys = RecordKeys::open(data.path()).unwrap();
        for record in ["a", "b", "c"] {
            keys.make(record).unwrap();
        }
        let (key, sealed) = (bytes_of(&keys, "b").unwrap(), wrapped(&keys, "b"));
        assert!(holds(data.path(), &sealed) && !holds(data.path(), &key));
        keys.destroy("b").unwrap();
        assert!(!holds(data.path(), &sealed) && !holds(data.path(), &key));
        assert_eq!(bytes_of(&keys, "b"), None);
        assert_eq!(keys.records().unwrap(), ["a", "c"]);
        keys.destroy("b").unwrap();
    }

    #[test]
    fn a_copy_of_the_wrapped_keys_opens_nothing_after_a_rotation() {
        let data = tempfile::tempdir().unwrap();
        let keys = RecordKeys::open(data.path()).unwrap();
        keys.make("a").unwrap();
        let key = bytes_of(&keys, "a");
        let copy = fs::read(data.path().join(FILE)).unwrap();
        let old = fs::read(data.path().join("keep-keys/1.key")).unwrap();
        let rotated = keys.rotate().unwrap();
        assert_eq!((rotated.generation, rotated.records), (2, 1));
        assert_eq!(bytes_of(&keys, "a"), key);
        assert!(!holds(data.path(), old.trim_ascii_end()));
        drop(keys);
        assert_eq!(bytes_of(&RecordKeys::open(data.path()).unwrap(), "a"), key);
        fs::write(data.path().join(FILE), copy).unwrap();
        let refused = RecordKeys::open(data.path()).err().unwrap();
        assert!(matches!(refused, KeepError::NoKeepingKey { generation: 1 }), "{refused}");
    }

    #[test]
    fn a_rotation_that_broke_off_anywhere_leaves_everything_readable() {
        type Step = fn(&RecordKeys);
        let new_key: Step = |keys| {
            keys.opened.lock().keeping.add().unwrap();
        };
        let wrapped_anew: Step = |keys| {
            let Opened { keeping, database } = &mut *keys.opened.lock();
            let generation = keeping.add().unwrap();
            database.transaction(|database| rewrap(database, keeping, generation)).unwrap();
        };
        for (step, left) in [(new_key, 2), (wrapped_anew, 1)] {
            let data = tempfile::tempdir().unwrap();
            let folder = data.path().join("keep-keys");
            let keys = RecordKeys::open(data.path()).unwrap();
            keys.make("a").unwrap();
            let key = bytes_of(&keys, "a");
            step(&keys);
            drop(keys);
            // A file that was being written, and one that was being overwritten.
            fs::write(folder.join("9.unfinished"), "half").unwrap();
            fs::write(folder.join("1.doomed"), [0; 44]).unwrap();
            let keys = RecordKeys::open(data.path()).unwrap();
            assert_eq!(bytes_of(&keys, "a"), key);
            assert_eq!(fs::read_dir(&folder).unwrap().count(), left);
            keys.make("b").unwrap();
            keys.rotate().unwrap();
            assert_eq!(bytes_of(&keys, "a"), key);
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        }
    }

    #[cfg(unix)]
    #[test]
    fn keys_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().unwrap();
        RecordKeys::open(data.path()).unwrap().make("a").unwrap();
        let mode = |name: &str| fs::metadata(data.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode(FILE) & 0o777, 0o600);
        assert_eq!(mode("keep-keys/1.key") & 0o777, 0o600);
        assert_eq!(mode("keep-keys") & 0o777, 0o700);
    }
}
