//! The folder of a node, before its first start.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use chancery_client::{Genesis, SecretKey};
use chancery_node_files::network::NetworkConfig;
use chancery_node_files::{GENESIS_FILE, KEY_FILE, NETWORK_FILE, key_file};

use super::member::Member;
use super::place::within;
use crate::failure::Failure;

/// What a person reads first.
pub(super) const README: &str = "README.md";

/// Makes an empty folder that only its owner may enter; one that is there must be empty.
pub(super) fn make_empty(path: &Path) -> Result<(), Failure> {
    make(path)?;
    let mut entries = fs::read_dir(path).map_err(|error| Failure::file(path, error))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Failure::usage(format!("{}: the folder is not empty", path.display()))),
    }
}

/// Makes a folder that only its owner may enter, unless it is there.
pub(super) fn make(path: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| Failure::file(path, error))
}

/// Makes the key of the node in this folder.
pub(super) fn make_key(folder: &Path) -> Result<SecretKey, Failure> {
    let key = key_file::create(&folder.join(KEY_FILE));
    key.map_err(|error| Failure::usage(error.to_string()))
}

/// Reads the key of the node in this folder.
pub(super) fn read_key(folder: &Path, passphrase: Option<&Path>) -> Result<SecretKey, Failure> {
    let key = key_file::read(&folder.join(KEY_FILE), passphrase);
    key.map_err(|error| Failure::usage(format!("{error}; `chancery network key` makes one")))
}

/// Writes what the node needs besides its key. The genesis comes last: a folder with a genesis has all.
pub(super) fn write(
    folder: &Path,
    genesis: &Genesis,
    network: &NetworkConfig,
    readme: &str,
) -> Result<(), Failure> {
    write_new(&folder.join(NETWORK_FILE), network.to_text().as_bytes())?;
    write_new(&folder.join(README), readme.as_bytes())?;
    write_new(&folder.join(GENESIS_FILE), genesis.bytes())
}

/// Writes a file that is not there yet, and has it on the disk.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let write = || -> io::Result<()> {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| Failure::file(path, error))
}

/// How a node listens at its own place and finds the others.
pub(super) fn network(own: &Member, others: &[&Member]) -> NetworkConfig {
    NetworkConfig {
        consensus_listen: Some(within(&own.consensus)),
        consensus_peers: others.iter().map(|member| member.consensus.clone()).collect(),
        peers_listen: Some(within(&own.peers)),
        peers: others.iter().map(|member| member.peers.clone()).collect(),
        ..NetworkConfig::default()
    }
}
