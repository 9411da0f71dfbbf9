//! Passphrases: from the environment, from a file, or typed unseen; never from an argument.

use std::io::IsTerminal;
use std::path::Path;

use zeroize::Zeroizing;

use crate::failure::Failure;

const VARIABLE: &str = "CHANCERY_PASSPHRASE";
const FILE_VARIABLE: &str = "CHANCERY_PASSPHRASE_FILE";

/// Where passphrases come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passphrases {
    fixed: Option<Zeroizing<String>>,
}

impl Passphrases {
    /// One passphrase for all keys.
    pub(crate) fn fixed(passphrase: Zeroizing<String>) -> Self {
        Self { fixed: Some(passphrase) }
    }

    /// What the environment gives, else a prompt for each key.
    pub(crate) fn from_environment() -> Result<Self, Failure> {
        if let Ok(passphrase) = std::env::var(VARIABLE) {
            return Ok(Self::fixed(Zeroizing::new(passphrase)));
        }
        match std::env::var_os(FILE_VARIABLE) {
            Some(path) => Self::from_file(Path::new(&path)),
            None => Ok(Self::default()),
        }
    }

    /// The first line of a file.
    pub(crate) fn from_file(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
        let text = Zeroizing::new(text);
        let line = text.lines().next().unwrap_or_default();
        Ok(Self::fixed(Zeroizing::new(line.to_owned())))
    }

    /// The passphrase that opens a key.
    pub(crate) fn to_open(&self, name: &str) -> Result<Zeroizing<String>, Failure> {
        match &self.fixed {
            Some(passphrase) => Ok(passphrase.clone()),
            None => prompt(&format!("Passphrase of {name}: ")),
        }
    }

    /// A passphrase for a new key, typed twice.
    pub(crate) fn to_seal(&self, name: &str) -> Result<Zeroizing<String>, Failure> {
        if let Some(passphrase) = &self.fixed {
            return Ok(passphrase.clone());
        }
        let first = prompt(&format!("New passphrase for {name}: "))?;
        let second = prompt("The same again: ")?;
        if *first != *second {
            return Err(Failure::usage("the two passphrases differ"));
        }
        Ok(first)
    }
}

fn prompt(text: &str) -> Result<Zeroizing<String>, Failure> {
    if !std::io::stdin().is_terminal() {
        let how = format!("no passphrase: set {VARIABLE} or {FILE_VARIABLE}, or run in a terminal");
        return Err(Failure::usage(how));
    }
    rpassword::prompt_password(text)
        .map(Zeroizing::new)
        .map_err(|error| Failure::usage(format!("the passphrase could not be read: {error}")))
}
