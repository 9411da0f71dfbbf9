//! Making the projections anew, and the keeping key.

use std::sync::Arc;

use chancery_ledger::chain::Chain;
use chancery_ledger::disk::Folder;
use chancery_registries::Registers;

use super::Config;
use crate::{projection, records};

/// Empties the projections and makes them anew from the ledger, which no server may have open.
pub fn rebuild(config: &Config) -> Result<(), String> {
    let folder = Folder::open(&config.data)
        .map_err(|error| format!("{}: {error}", config.data.display()))?;
    let opened = Chain::open(Arc::new(folder), Arc::new(Registers));
    let view = opened.map_err(|error| error.to_string())?.chain.view();
    let applied = projection::rebuild(&config.database()?, view, &Registers)
        .map_err(|error| error.to_string())?;
    match applied {
        Some(height) => println!("the projections are at height {height}"),
        None => println!("there is no block to project"),
    }
    Ok(())
}

/// Makes a new keeping key in a folder that no server may have open, and destroys the one before.
pub fn rotate_keeping_key(config: &Config) -> Result<(), String> {
    let folder = Folder::open(&config.data)
        .map_err(|error| format!("{}: {error}", config.data.display()))?;
    let rotated = records::rotate_keeping_key(&config.data);
    drop(folder);
    let (generation, keys) = rotated.map_err(|error| error.to_string())?;
    println!(
        "keeping key {generation} wraps the keys of {keys} records; copies of the one before open nothing any more"
    );
    Ok(())
}
