//! What a witness is configured with: its name, the logs that it watches, and where it runs.

use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chancery_ledger::note::{KeyName, VerifierKey};
use serde::Deserialize;

use crate::failure::Failure;

/// What a witness is configured with.
pub(super) struct Config {
    /// Its name.
    pub(super) name: KeyName,
    /// The logs that it watches.
    pub(super) logs: Vec<LogConfig>,
    /// Where it keeps what it has cosigned.
    pub(super) folder: Option<PathBuf>,
    /// The key that it cosigns with, by name.
    pub(super) key: Option<String>,
    /// Where it listens.
    pub(super) listen: Option<SocketAddr>,
}

/// A log that is watched.
#[derive(Debug)]
pub(super) struct LogConfig {
    /// The first line of its checkpoints.
    pub(super) origin: String,
    /// The keys one of which must have signed them.
    pub(super) keys: Vec<VerifierKey>,
}

/// The longest configuration.
const CONFIG_BYTES_MAX: u64 = 1024 * 1024;
/// The most logs, and the most keys of each.
const LOGS_MAX: usize = 1024;
const KEYS_MAX: usize = 256;

/// As it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    logs: Vec<WrittenLog>,
    folder: Option<PathBuf>,
    key: Option<String>,
    listen: Option<SocketAddr>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLog {
    origin: String,
    keys: Vec<String>,
}

impl Config {
    /// Reads a file. A folder in it is as seen from where the file is.
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let failed = |error| Failure::file(file, error);
        let mut bytes = Vec::new();
        let opened = File::open(file).map_err(failed)?;
        opened.take(CONFIG_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
        let wrong = |what: String| Failure::usage(format!("{}: {what}", file.display()));
        if bytes.len() as u64 > CONFIG_BYTES_MAX {
            return Err(wrong(format!("it is longer than {CONFIG_BYTES_MAX} bytes")));
        }
        let mut config = parse(&bytes).map_err(wrong)?;
        let beside = file.parent().unwrap_or(Path::new(""));
        config.folder = config.folder.map(|folder| beside.join(folder));
        Ok(config)
    }
}

fn parse(bytes: &[u8]) -> Result<Config, String> {
    let written: Written = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let name = written.name.parse::<KeyName>().map_err(|error| format!("name: {error}"))?;
    if written.logs.is_empty() || written.logs.len() > LOGS_MAX {
        return Err(format!("logs: {} are not 1 to {LOGS_MAX}", written.logs.len()));
    }
    let mut logs: Vec<LogConfig> = Vec::new();
    for (index, log) in written.logs.iter().enumerate() {
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
        logs.push(LogConfig { origin: log.origin.clone(), keys });
    }
    let Written { folder, key, listen, .. } = written;
    Ok(Config { name, logs, folder, key, listen })
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
            (good.replace("\"logs\"", "\"listen\": \"8090\", \"logs\""), "socket address"),
        ] {
            let error = parse(text.as_bytes()).map(|_| ()).unwrap_err();
            assert!(error.contains(field), "{text}: {error}");
        }
    }
}
