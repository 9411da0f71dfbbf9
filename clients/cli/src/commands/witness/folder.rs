//! A witness's folder: what it is configured with, and what it has cosigned last, each log's in a file of its own.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use chancery_client::{Hash, files};
use chancery_ledger::note::{KeyName, Note, TreeHead, VerifierKey};
use serde::Deserialize;

use crate::failure::Failure;

/// What a witness is configured with.
pub(super) struct Config {
    /// Its name.
    pub(super) name: KeyName,
    /// The logs that it watches.
    pub(super) logs: Vec<LogConfig>,
}

/// A log that is watched.
#[derive(Debug)]
pub(super) struct LogConfig {
    /// The first line of its checkpoints.
    pub(super) origin: String,
    /// The keys one of which must have signed them.
    pub(super) keys: Vec<VerifierKey>,
}

/// A folder that no other process has.
pub(super) struct WitnessFolder {
    path: PathBuf,
    _lock: File,
}

const CONFIG: &str = "witness.json";
/// The longest configuration.
const CONFIG_BYTES_MAX: u64 = 1024 * 1024;
/// The most logs, and the most keys of each.
const LOGS_MAX: usize = 1024;
const KEYS_MAX: usize = 256;
/// Checkpoints that a log has signed and that do not follow from what it has signed before: so many are kept of
/// each log, as evidence.
const SUSPECTS_MAX: usize = 16;

/// As it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    logs: Vec<WrittenLog>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLog {
    origin: String,
    keys: Vec<String>,
}

impl WitnessFolder {
    /// Opens a folder that has a configuration, and keeps other processes out of it.
    ///
    /// There must be one: a witness that was started on an empty folder by mistake would have forgotten what
    /// it has cosigned.
    pub(super) fn open(path: &Path) -> Result<(Self, Config), Failure> {
        let file = path.join(CONFIG);
        let failed = |error| Failure::file(&file, error);
        let mut bytes = Vec::new();
        let opened = File::open(&file).map_err(failed)?;
        opened.take(CONFIG_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
        let wrong = |what: String| Failure::usage(format!("{}: {what}", file.display()));
        if bytes.len() as u64 > CONFIG_BYTES_MAX {
            return Err(wrong(format!("it is longer than {CONFIG_BYTES_MAX} bytes")));
        }
        let config = parse(&bytes).map_err(wrong)?;
        let at = path.join("LOCK");
        let lock = File::create(&at).map_err(|error| Failure::file(&at, error))?;
        if lock.try_lock().is_err() {
            let what = format!("{}: another witness has this folder open", path.display());
            return Err(Failure::usage(what));
        }
        Ok((Self { path: path.to_owned(), _lock: lock }, config))
    }

    /// The checkpoint of a log that was cosigned last; `None` if none was.
    pub(super) fn last(&self, origin: &str) -> Result<Option<(Note, TreeHead)>, Failure> {
        let path = self.last_path(origin);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::file(&path, error)),
        };
        let read = || {
            let note: Note = text.parse().ok()?;
            let head: TreeHead = note.text().parse().ok()?;
            (head.origin == origin).then_some((note, head))
        };
        let damaged = || {
            let what = "this is no checkpoint of the log that is cosigned here; without it nobody knows \
                        what was, so put it right before you go on";
            Failure::usage(format!("{}: {what}", path.display()))
        };
        read().map(Some).ok_or_else(damaged)
    }

    /// Puts down what is cosigned. Once this returns, no crash and no power cut forgets it.
    pub(super) fn keep(&self, origin: &str, note: &Note) -> Result<(), chancery_client::Error> {
        files::replace(&self.last_path(origin), note.to_string().as_bytes())
    }

    /// Keeps a checkpoint that its log has signed and that does not follow from the last one. Says where.
    pub(super) fn keep_suspect(&self, head: &TreeHead, note: &Note) -> Option<PathBuf> {
        let folder = self.path.join("suspect").join(name_of(&head.origin));
        let path = folder.join(format!("{}-{}.checkpoint", head.size, head.root));
        let kept = fs::read_dir(&folder).map_or(0, Iterator::count);
        if path.exists() || kept >= SUSPECTS_MAX {
            return path.exists().then_some(path);
        }
        files::replace(&path, note.to_string().as_bytes()).ok().map(|()| path)
    }

    /// Where the last cosigned checkpoint of a log is.
    pub(super) fn last_path(&self, origin: &str) -> PathBuf {
        self.path.join("logs").join(format!("{}.checkpoint", name_of(origin)))
    }
}

/// An origin may be any line of text: files are named by its hash.
fn name_of(origin: &str) -> String {
    Hash::of(&[origin.as_bytes()]).to_string()
}

fn parse(bytes: &[u8]) -> Result<Config, String> {
    let written: Written = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let name = written.name.parse::<KeyName>().map_err(|error| format!("name: {error}"))?;
    if written.logs.is_empty() || written.logs.len() > LOGS_MAX {
        return Err(format!("logs: {} are not 1 to {LOGS_MAX}", written.logs.len()));
    }
    let mut logs: Vec<LogConfig> = Vec::new();
    for (index, log) in written.logs.into_iter().enumerate() {
        let field = format!("logs[{index}]");
        if log.origin.is_empty() || log.origin.contains(|it: char| it.is_control()) {
            return Err(format!("{field}.origin: it is not one line of text"));
        }
        if logs.iter().any(|known| known.origin == log.origin) {
            return Err(format!("{field}.origin: it stands there twice"));
        }
        if log.keys.is_empty() || log.keys.len() > KEYS_MAX {
            return Err(format!("{field}.keys: {} are not 1 to {KEYS_MAX}", log.keys.len()));
        }
        let key = |(index, text): (usize, &String)| {
            text.parse::<VerifierKey>().map_err(|error| format!("{field}.keys[{index}]: {error}"))
        };
        let keys = log.keys.iter().enumerate().map(key).collect::<Result<_, _>>()?;
        logs.push(LogConfig { origin: log.origin, keys });
    }
    Ok(Config { name, logs })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const KEY: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

    #[test]
    fn what_is_wrong_is_said_with_its_field() {
        let log = format!(r#"{{"origin": "a log", "keys": ["{KEY}"]}}"#);
        let good = format!(r#"{{"name": "w.example/1", "logs": [{log}]}}"#);
        let config = parse(good.as_bytes()).unwrap();
        assert_eq!((config.name.as_str(), config.logs.len()), ("w.example/1", 1));
        for (text, field) in [
            (good.replace("w.example/1", "a witness"), "name"),
            (good.replace("w.example/1", ""), "name"),
            (good.replace("a log", ""), "logs[0].origin"),
            (good.replace("a log", "a\\nlog"), "logs[0].origin"),
            (good.replace("033de0ae", "033de0af"), "logs[0].keys[0]"),
            (good.replace(&format!("\"{KEY}\""), ""), "logs[0].keys"),
            (good.replace(&log, &format!("{log}, {log}")), "logs[1].origin"),
            (good.replace(&log, ""), "logs"),
            (good.replace("\"origin\"", "\"log\""), "unknown field `log`"),
            (good.replace("\"logs\"", "\"name\": \"x\", \"logs\""), "duplicate field `name`"),
        ] {
            let error = parse(text.as_bytes()).map(|_| ()).unwrap_err();
            assert!(error.contains(field), "{text}: {error}");
        }
    }

    #[test]
    fn a_folder_is_for_one_and_needs_a_configuration() {
        let folder = tempfile::tempdir().unwrap();
        assert!(WitnessFolder::open(folder.path()).is_err());
        let log = format!(r#"{{"origin": "a log", "keys": ["{KEY}"]}}"#);
        let text = format!(r#"{{"name": "w.example/1", "logs": [{log}]}}"#);
        fs::write(folder.path().join(CONFIG), text).unwrap();
        let (opened, _) = WitnessFolder::open(folder.path()).unwrap();
        let again = WitnessFolder::open(folder.path()).map(|_| ()).unwrap_err();
        assert!(again.to_string().contains("another witness"), "{again}");
        assert!(opened.last("a log").unwrap().is_none());
        let path = opened.last_path("a log");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "torn").unwrap();
        assert!(opened.last("a log").is_err());
        drop(opened);
        WitnessFolder::open(folder.path()).unwrap();
    }
}
