//! Founding: writes the genesis and the node's key into an empty folder.

use std::fs;
use std::io::{self, Write};

use chancery_ledger::genesis::{BadGenesis, Consensus, Genesis, RootAuthority, Statement};
use chancery_ledger::key::PublicKey;
use chancery_ledger::seal::{Pool, Validator};
use chancery_node_files::GENESIS_FILE;
use chancery_node_files::key_file::{self, KeyFileError};

use super::{Config, Founding};

/// Why no ledger was founded.
#[derive(Debug, thiserror::Error)]
pub enum FoundError {
    /// The folder could not be made or written.
    #[error("{path}: {source}")]
    Io {
        /// Which file or folder.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Something is in the folder.
    #[error("{0}: the folder is not empty, and a ledger is founded only in an empty one")]
    NotEmpty(String),
    /// The node's key could not be made or read.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// What was asked for cannot be.
    #[error(transparent)]
    Genesis(#[from] BadGenesis),
}

/// Founds a ledger in the empty folder of this configuration, and says its id.
pub fn init(config: &Config, founding: &Founding) -> Result<(), FoundError> {
    let failed = |source| FoundError::Io { path: config.data.display().to_string(), source };
    fs::create_dir_all(&config.data).map_err(failed)?;
    if fs::read_dir(&config.data).map_err(failed)?.next().is_some() {
        return Err(FoundError::NotEmpty(config.data.display().to_string()));
    }
    let key = if config.key_path().exists() {
        config.node_key()?
    } else {
        key_file::create(&config.key_path())?
    };
    let genesis = Genesis::found(&statement(founding, key.public()))?;
    // Written last: a folder with a genesis has its key.
    let path = config.data.join(GENESIS_FILE);
    let failed = |source| FoundError::Io { path: path.display().to_string(), source };
    let mut file = fs::File::create_new(&path).map_err(failed)?;
    file.write_all(genesis.bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    println!("founded ledger {} in {}", genesis.ledger(), config.data.display());
    Ok(())
}

fn statement(founding: &Founding, node: PublicKey) -> Statement {
    let validator = Validator { name: founding.name.clone(), key: node, power: 1 };
    Statement {
        version: 1,
        name: founding.name.clone(),
        created: crate::node::now(),
        root: RootAuthority {
            threshold: founding.root_threshold,
            keys: founding.root_keys.clone(),
        },
        consensus: Consensus::Pool(Pool { validators: vec![validator] }),
        transition_window_ms: founding.window_hours.saturating_mul(60 * 60 * 1000),
    }
}
