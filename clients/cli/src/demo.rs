//! `chancery demo`: a small world on a fresh server, moved along with real signatures.

mod cast;
mod guide;
mod parcels;
mod stage;
mod way;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::key_store::KeyStore;
use crate::passphrase::Passphrases;
use crate::report::{Report, progress};
use crate::session::Session;
use stage::Stage;

/// Found a small demo on a fresh server.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the root authority's key in a folder and print the public key, for
    /// `chanceryd init --root-key`. Calls no server.
    Prepare {
        /// The folder of the demo's keys.
        folder: PathBuf,
    },
    /// Found the demo on the server, or go on where it was, and say what to try.
    Run {
        /// The folder that was prepared.
        folder: PathBuf,
    },
}

/// The file with the passphrase of the demo's keys.
const PASSPHRASE: &str = "passphrase";
/// The root authority's key.
const ROOT: &str = "root";

impl Command {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        match self {
            Self::Prepare { folder } => prepare(folder),
            Self::Run { folder } => run(session, folder).await,
        }
    }
}

fn prepare(folder: &Path) -> Result<Report, Failure> {
    make_private_folder(folder)?;
    let passphrase = folder.join(PASSPHRASE);
    if !passphrase.exists() {
        write_private(&passphrase, &format!("{}\n", *new_passphrase()?))?;
    }
    let keys = keys_of(folder)?;
    let root = keys.open_or_create(ROOT)?.id();
    let json = json!({"folder": folder, "root_key": root.key, "root_party": root.party});
    Ok(Report::new(root.key.to_string(), json))
}

async fn run(session: &Session, folder: &Path) -> Result<Report, Failure> {
    if !folder.join(PASSPHRASE).exists() {
        let folder = folder.display();
        let how = format!("{folder} was not prepared: `chancery demo prepare {folder}`");
        return Err(Failure::usage(how));
    }
    let stage = Stage::open(session.client()?, keys_of(folder)?, folder).await?;
    progress("founding the demo, or going on where it was");
    cast::enter(&stage).await?;
    let moved = parcels::play(&stage).await?;
    stage.settle().await?;
    Ok(guide::tell(&stage, session.url(), &moved))
}

fn keys_of(folder: &Path) -> Result<KeyStore, Failure> {
    let passphrases = Passphrases::from_file(&folder.join(PASSPHRASE))?;
    Ok(KeyStore::new(folder.to_owned(), passphrases))
}

fn new_passphrase() -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new([0; 20]);
    getrandom::fill(&mut *bytes).map_err(|_| chancery_client::Error::NoRandomness)?;
    Ok(Zeroizing::new(data_encoding::BASE32_NOPAD.encode(&*bytes)))
}

fn make_private_folder(folder: &Path) -> Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| Failure::file(folder, error))
}

fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| Failure::file(path, error))?;
    std::io::Write::write_all(&mut file, text.as_bytes())
        .map_err(|error| Failure::file(path, error))
}
