//! The folder of keys: one encrypted file for each, by name.

use std::fs;
use std::path::{Path, PathBuf};

use chancery_client::{KeyFile, PartyId, Signer, keys};

use crate::failure::Failure;
use crate::passphrase::Passphrases;

const EXTENSION: &str = "pem";

/// Keys in a folder, and how they are opened.
#[derive(Clone, Debug)]
pub(crate) struct KeyStore {
    folder: PathBuf,
    passphrases: Passphrases,
}

impl KeyStore {
    /// The keys in a folder.
    pub(crate) fn new(folder: PathBuf, passphrases: Passphrases) -> Self {
        Self { folder, passphrases }
    }

    /// The folder that is used unless another is named.
    pub(crate) fn default_folder() -> Result<PathBuf, Failure> {
        let home = std::env::home_dir()
            .ok_or_else(|| Failure::usage("no home folder: name the folder of keys with --keys"))?;
        Ok(home.join(".chancery").join("keys"))
    }

    /// The file of a key.
    pub(crate) fn path(&self, name: &str) -> Result<PathBuf, Failure> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let good = !name.is_empty()
            && name.len() <= 64
            && name.bytes().all(allowed)
            && name.as_bytes()[0].is_ascii_alphanumeric();
        if !good {
            let what =
                "a key's name is 1 to 64 of A-Z a-z 0-9 . _ - and begins with a letter or digit";
            return Err(Failure::usage(format!("{name:?}: {what}")));
        }
        Ok(self.folder.join(format!("{name}.{EXTENSION}")))
    }

    /// Whether there is a key of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).is_ok_and(|path| path.exists())
    }

    /// A key file, still encrypted.
    pub(crate) fn file(&self, name: &str) -> Result<KeyFile, Failure> {
        let path = self.path(name)?;
        if !path.exists() {
            let folder = self.folder.display();
            let how =
                format!("there is no key {name} in {folder}: `chancery key new {name}` makes one");
            return Err(Failure::usage(how));
        }
        Ok(KeyFile::read(&path)?)
    }

    /// Opens a key.
    pub(crate) fn open(&self, name: &str) -> Result<Signer, Failure> {
        let file = self.file(name)?;
        Ok(file.open(&self.passphrases.to_open(name)?)?)
    }

    /// Makes a new key: the first of a new party, or a further one of a party that exists.
    pub(crate) fn create(&self, name: &str, party: Option<PartyId>) -> Result<Signer, Failure> {
        let path = self.path(name)?;
        if path.exists() {
            return Err(chancery_client::key_file::KeyFileError::Exists(
                path.display().to_string(),
            )
            .into());
        }
        let key = keys::generate()?;
        let signer = match party {
            Some(party) => Signer::of(party, key),
            None => Signer::first(key),
        };
        self.make_folder()?;
        KeyFile::seal(&signer, &self.passphrases.to_seal(name)?)?.write_new(&path)?;
        Ok(signer)
    }

    /// Opens a key, or makes it when there is none.
    pub(crate) fn open_or_create(&self, name: &str) -> Result<Signer, Failure> {
        if self.has(name) { self.open(name) } else { self.create(name, None) }
    }

    /// The names of all keys, in order.
    pub(crate) fn names(&self) -> Result<Vec<String>, Failure> {
        let mut names = Vec::new();
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(names),
            Err(error) => return Err(Failure::file(&self.folder, error)),
        };
        for entry in entries {
            let path = entry.map_err(|error| Failure::file(&self.folder, error))?.path();
            if path.extension().is_some_and(|extension| extension == EXTENSION)
                && let Some(name) = path.file_stem().and_then(|stem| stem.to_str())
            {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn make_folder(&self) -> Result<(), Failure> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder).map_err(|error| Failure::file(&self.folder, error))
    }
}
