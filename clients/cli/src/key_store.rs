//! The folder of keys: one encrypted file for each, by name, or one that says which other key it
//! is made from.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use chancery_client::{KeyFile, KeyId, PartyId, Signer, keys};

use crate::failure::Failure;
use crate::passphrase::Passphrases;

const EXTENSION: &str = "pem";
/// Of files of keys that are made from another ([`Signer::derived`]); no secret is in them.
const DERIVED: &str = "derived";

/// A key as it is kept.
pub(crate) enum KeptKey {
    /// In an encrypted file of its own.
    Sealed(KeyFile),
    /// Made anew each time from the key of this name.
    Derived {
        /// Whose key it is.
        signer: KeyId,
        /// The key that it is made from.
        from: String,
    },
}

impl KeptKey {
    /// Whose key it is, as the file says.
    pub(crate) fn signer(&self) -> KeyId {
        match self {
            Self::Sealed(file) => file.signer(),
            Self::Derived { signer, .. } => *signer,
        }
    }
}

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

    /// The file of a key that has one of its own.
    pub(crate) fn path(&self, name: &str) -> Result<PathBuf, Failure> {
        self.path_with(name, EXTENSION)
    }

    fn path_with(&self, name: &str, extension: &str) -> Result<PathBuf, Failure> {
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
        Ok(self.folder.join(format!("{name}.{extension}")))
    }

    /// Whether there is a key of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        let exists = |extension| self.path_with(name, extension).is_ok_and(|path| path.exists());
        exists(EXTENSION) || exists(DERIVED)
    }

    /// A key, not yet opened.
    pub(crate) fn file(&self, name: &str) -> Result<KeptKey, Failure> {
        let path = self.path(name)?;
        if path.exists() {
            return Ok(KeptKey::Sealed(KeyFile::read(&path)?));
        }
        let derived = self.path_with(name, DERIVED)?;
        if derived.exists() {
            return read_derived(&derived);
        }
        let folder = self.folder.display();
        let how =
            format!("there is no key {name} in {folder}: `chancery key new {name}` makes one");
        Err(Failure::usage(how))
    }

    /// Opens a key.
    pub(crate) fn open(&self, name: &str) -> Result<Signer, Failure> {
        match self.file(name)? {
            KeptKey::Sealed(file) => Ok(file.open(&self.passphrases.to_open(name)?)?),
            KeptKey::Derived { signer, from } => {
                let KeptKey::Sealed(file) = self.file(&from)? else {
                    let what = format!("{name}: {from}, which it is made from, is made itself");
                    return Err(Failure::usage(what));
                };
                let made = file.open(&self.passphrases.to_open(&from)?)?.derived(name);
                if made.id() != signer {
                    let what = format!("{name} is not made from this key {from}");
                    return Err(Failure::usage(what));
                }
                Ok(made)
            }
        }
    }

    /// Keeps a key that is made from another: its name, from which it is made again, and whose it
    /// is. Kept already, it stays as it is.
    pub(crate) fn keep_derived(&self, name: &str, made: KeyId, from: &str) -> Result<(), Failure> {
        if self.has(name) {
            let kept = self.file(name)?.signer();
            let what = || Failure::usage(format!("the key {name} is there and is another's"));
            return if kept == made { Ok(()) } else { Err(what()) };
        }
        let path = self.path_with(name, DERIVED)?;
        let KeyId { party, key } = made;
        let text = format!("{PARTY}{party}\n{PUBLIC_KEY}{key}\n{DERIVED_FROM}{from}\n");
        self.make_folder()?;
        // A stop half-way leaves at most the partial file, which the next attempt replaces.
        let partial = path.with_extension("partial");
        let write = || -> std::io::Result<()> {
            fs::File::create(&partial)?.write_all(text.as_bytes())?;
            fs::rename(&partial, &path)
        };
        write().map_err(|error| Failure::file(&path, error))
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
            if path.extension().is_some_and(|this| this == EXTENSION || this == DERIVED)
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

const PARTY: &str = "Party: ";
const PUBLIC_KEY: &str = "Public-Key: ";
const DERIVED_FROM: &str = "Derived-From: ";

fn read_derived(path: &Path) -> Result<KeptKey, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
    let read = || {
        let mut lines = text.lines();
        let party = lines.next()?.strip_prefix(PARTY)?.parse().ok()?;
        let key = lines.next()?.strip_prefix(PUBLIC_KEY)?.parse().ok()?;
        let from = lines.next()?.strip_prefix(DERIVED_FROM)?.to_owned();
        Some(KeptKey::Derived { signer: KeyId { party, key }, from })
    };
    read().ok_or_else(|| Failure::usage(format!("{} is no file of a key", path.display())))
}
