//! `witnesses.json`: who cosigns the checkpoints of a node's log, and how often they are asked.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use chancery_ledger::note::{SignatureType, VerifierKey};
use serde::Deserialize;

/// Who cosigns the checkpoints of a node's log. In a file, what is unknown is refused.
///
/// ```
/// use chancery_node_files::witnesses::WitnessesConfig;
///
/// let config = WitnessesConfig::parse(br#"{"validators": ["https://node.rail.example"]}"#)?;
/// assert_eq!((config.quorum, config.every.as_secs()), (0, 10));
/// assert!(WitnessesConfig::parse(br#"{"validators": ["node.rail.example"]}"#).is_err());
/// # Ok::<(), chancery_node_files::witnesses::BadWitnessesConfig>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessesConfig {
    /// The witnesses (C2SP tlog-witness), at most [`WITNESSES_MAX`].
    pub witnesses: Vec<Witness>,
    /// How many of them must have cosigned a checkpoint before it is served as a cosigned one.
    pub quorum: usize,
    /// The addresses of other nodes of the pool, whose signatures stand on it as well, at most
    /// [`VALIDATORS_MAX`].
    pub validators: Vec<String>,
    /// The least time between two checkpoints that are handed to them.
    pub every: Duration,
}

/// A witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its submission prefix: what stands before `/add-checkpoint`, without a slash at the end.
    pub url: String,
    /// Its name and key.
    pub key: VerifierKey,
}

/// Why a text is not such a configuration.
#[derive(Debug, thiserror::Error)]
pub enum BadWitnessesConfig {
    /// It is not this JSON: the line and column, and what was expected there.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// An address is none that can be asked.
    #[error("{field}: {text:?} is not http:// or https://, a host and perhaps a path")]
    Url {
        /// In which field.
        field: String,
        /// What stands there.
        text: String,
    },
    /// A key is none of a witness.
    #[error("{field}: {text:?} is not a witness's key, NAME+KEYID+BASE64 of type 04: {why}")]
    Key {
        /// In which field.
        field: String,
        /// What stands there.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something stands twice.
    #[error("{field}: it stands there twice")]
    Repeated {
        /// In which field, with the place of the second.
        field: String,
    },
    /// A number, or the length of a list, is outside of what makes sense.
    #[error("{field}: {is} is not from {least} to {most}")]
    Range {
        /// In which field.
        field: &'static str,
        /// What stands there.
        is: u64,
        /// The least that is taken.
        least: u64,
        /// The most that is taken.
        most: u64,
    },
    /// The text is too long.
    #[error("it is longer than {MAX_BYTES} bytes")]
    TooLong,
}

/// Why the file cannot be used, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum WitnessesConfigError {
    /// The file could not be read.
    #[error("{file}: {source}")]
    Io {
        /// Which.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// It says what cannot be.
    #[error("{file}: {source}")]
    Content {
        /// Which.
        file: String,
        /// What.
        source: BadWitnessesConfig,
    },
}

/// The most witnesses.
pub const WITNESSES_MAX: u64 = 16;
/// The most validators' addresses.
pub const VALIDATORS_MAX: u64 = 128;
/// The longest file.
const MAX_BYTES: usize = 64 * 1024;
const EVERY_MS: u64 = 10_000;

/// As it stands in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    witnesses: Vec<WrittenWitness>,
    quorum: Option<u64>,
    #[serde(default)]
    validators: Vec<String>,
    every_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWitness {
    url: String,
    key: String,
}

impl WitnessesConfig {
    /// Reads the configuration in a file; `None` when there is no such file.
    pub fn read(path: &Path) -> Result<Option<Self>, WitnessesConfigError> {
        let file = path.display().to_string();
        let mut bytes = Vec::new();
        let read = File::open(path)
            .and_then(|opened| opened.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
        match read {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(WitnessesConfigError::Io { file, source }),
        }
        let parsed = Self::parse(&bytes);
        parsed.map(Some).map_err(|source| WitnessesConfigError::Content { file, source })
    }

    /// Reads a configuration from its text.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadWitnessesConfig> {
        if bytes.len() > MAX_BYTES {
            return Err(BadWitnessesConfig::TooLong);
        }
        let written: Written = serde_json::from_slice(bytes)?;
        let count = written.witnesses.len() as u64;
        within("witnesses", count, 0, WITNESSES_MAX)?;
        within("validators", written.validators.len() as u64, 0, VALIDATORS_MAX)?;
        within("witnesses and validators", count + written.validators.len() as u64, 1, u64::MAX)?;
        let quorum = written.quorum.unwrap_or(count);
        within("quorum", quorum, count.min(1), count)?;
        let every_ms = written.every_ms.unwrap_or(EVERY_MS);
        within("every_ms", every_ms, 100, 3_600_000)?;
        let mut witnesses: Vec<Witness> = Vec::new();
        for (index, WrittenWitness { url, key }) in written.witnesses.iter().enumerate() {
            let url = prefix(&format!("witnesses[{index}].url"), url)?;
            let key = witness_key(&format!("witnesses[{index}].key"), key)?;
            if witnesses.iter().any(|known| known.key == key || known.url == url) {
                return Err(BadWitnessesConfig::Repeated { field: format!("witnesses[{index}]") });
            }
            witnesses.push(Witness { url, key });
        }
        let mut validators: Vec<String> = Vec::new();
        for (index, url) in written.validators.iter().enumerate() {
            let field = format!("validators[{index}]");
            let url = prefix(&field, url)?;
            if validators.contains(&url) {
                return Err(BadWitnessesConfig::Repeated { field });
            }
            validators.push(url);
        }
        let (quorum, every) = (quorum as usize, Duration::from_millis(every_ms));
        Ok(Self { witnesses, quorum, validators, every })
    }
}

fn within(field: &'static str, is: u64, least: u64, most: u64) -> Result<(), BadWitnessesConfig> {
    match (least..=most).contains(&is) {
        true => Ok(()),
        false => Err(BadWitnessesConfig::Range { field, is, least, most }),
    }
}

fn witness_key(field: &str, text: &str) -> Result<VerifierKey, BadWitnessesConfig> {
    let wrong = |why: String| BadWitnessesConfig::Key {
        field: field.to_owned(),
        text: text.to_owned(),
        why,
    };
    let key: VerifierKey = text
        .parse()
        .map_err(|error: chancery_ledger::note::NotAVerifierKey| wrong(error.to_string()))?;
    match key.kind() {
        SignatureType::Cosignature => Ok(key),
        SignatureType::Note => Err(wrong("it is one of a log, type 01".to_owned())),
    }
}

/// An address without what only confuses: user, query, fragment, the slash at the end.
fn prefix(field: &str, text: &str) -> Result<String, BadWitnessesConfig> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"?#@\\".contains(&byte);
    let good = rest
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && rest.bytes().all(plain));
    match good {
        true => Ok(text.trim_end_matches('/').to_owned()),
        false => Err(BadWitnessesConfig::Url { field: field.to_owned(), text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use chancery_ledger::key::SecretKey;

    use super::*;

    fn key(number: u8, kind: SignatureType) -> String {
        let name = format!("witness.example/{number}").parse().unwrap();
        VerifierKey::new(name, kind, SecretKey::from_seed(&[number; 32]).public()).to_string()
    }

    fn witness(number: u8) -> String {
        let key = key(number, SignatureType::Cosignature);
        format!(r#"{{"url": "https://witness.example/{number}/", "key": "{key}"}}"#)
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let (one, two) = (witness(1), witness(2));
        let read = |text: String| WitnessesConfig::parse(text.as_bytes()).unwrap();
        let both = read(format!(r#"{{"witnesses": [{one}, {two}]}}"#));
        assert_eq!(
            (both.quorum, both.every, both.validators.len()),
            (2, Duration::from_secs(10), 0)
        );
        assert_eq!(both.witnesses[0].url, "https://witness.example/1");
        let either = read(format!(
            r#"{{"witnesses": [{one}, {two}], "quorum": 1, "every_ms": 500, "validators": ["http://10.0.0.7:8080"]}}"#
        ));
        assert_eq!((either.quorum, either.every.as_millis()), (1, 500));
        assert_eq!(either.validators, ["http://10.0.0.7:8080"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_field() {
        let (one, of_log) = (witness(1), key(1, SignatureType::Note));
        for (text, field) in [
            ("{}".to_owned(), "witnesses and validators: 0"),
            (format!(r#"{{"witnesses": [{one}, {one}]}}"#), "witnesses[1]: it stands there twice"),
            (format!(r#"{{"witnesses": [{one}], "quorum": 2}}"#), "quorum: 2 is not from 1 to 1"),
            (format!(r#"{{"witnesses": [{one}], "quorum": 0}}"#), "quorum: 0"),
            (format!(r#"{{"witnesses": [{one}], "every_ms": 1}}"#), "every_ms: 1"),
            (format!(r#"{{"witnesses": [{one}], "often": 1}}"#), "unknown field `often`"),
            (format!(r#"{{"witnesses": [{one}], "witnesses": []}}"#), "duplicate field"),
            (r#"{"witnesses": [{"url": "https://w.example"}]}"#.to_owned(), "missing field `key`"),
            (
                format!(r#"{{"witnesses": [{{"url": "https://w.example", "key": "{of_log}"}}]}}"#),
                "witnesses[0].key",
            ),
            (
                r#"{"witnesses": [{"url": "https://w.example", "key": "w"}]}"#.to_owned(),
                "witnesses[0].key: \"w\"",
            ),
            (one.replace("https://", "ftp://"), "unknown field"),
            (
                format!(r#"{{"witnesses": [{}]}}"#, one.replace("https://", "ftp://")),
                "witnesses[0].url",
            ),
            (r#"{"validators": ["https://a.example?x"]}"#.to_owned(), "validators[0]"),
            (r#"{"validators": ["https://me@a.example"]}"#.to_owned(), "validators[0]"),
            (r#"{"validators": ["http://a", "http://a/"]}"#.to_owned(), "validators[1]"),
        ] {
            let error = WitnessesConfig::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(field), "{text}: {error}");
        }
    }
}
