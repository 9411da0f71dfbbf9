//! Founding a network among organisations that do not trust one place with all keys, and joining one.

use std::path::PathBuf;

use chancery_client::{PublicKey, Time, files};
use chancery_node_files::network::NetworkConfig;
use chancery_node_files::{GENESIS_FILE, KEY_FILE};
use clap::Args;
use serde_json::json;

use super::founding::Founding;
use super::member::Member;
use super::place::{Organisation, Place, within};
use super::{folder, guide};
use crate::failure::Failure;
use crate::report::Report;

/// Make your own node's key and the public file that the others need of you.
#[derive(Debug, Args)]
pub(crate) struct Key {
    /// An empty folder for your node.
    folder: PathBuf,
    /// Your organisation and where its node is.
    #[arg(long = "organisation", value_name = "NAME=HOST[:PORT]")]
    organisation: Organisation,
}

impl Key {
    /// Does it.
    pub(super) fn run(&self) -> Result<Report, Failure> {
        folder::make_empty(&self.folder)?;
        let key = folder::make_key(&self.folder)?;
        let Organisation { name, place } = &self.organisation;
        let member = Member::at(name.clone(), place, key.public());
        let file = self.folder.join(format!("{}.member.json", name.as_str()));
        folder::write_new(&file, member.to_text(&key).as_bytes())?;
        let (file, folder) = (file.display(), self.folder.display());
        let text = format!(
            "{file} is public: give it to every other member, and get theirs\n\
             {folder}/{KEY_FILE} is your node's key: give it to nobody"
        );
        let json = json!({"name": name.as_str(), "key": key.public(), "member": file.to_string()});
        Ok(Report::new(text, json))
    }
}

/// Found a network from everyone's public files: the same genesis for all who do it.
#[derive(Debug, Args)]
pub(crate) struct Found {
    /// The public files of all members, your own among them.
    #[arg(required = true, value_name = "MEMBER")]
    members: Vec<PathBuf>,
    /// The folder with your node's key.
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    founding: Founding,
    /// The time of founding that all have agreed on, as in 2026-01-31T09:30:00Z.
    #[arg(long, value_name = "TIME")]
    created: Time,
    /// A key of the root authority, the x of its JWK; once for each.
    #[arg(long = "root-key", value_name = "KEY", required = true)]
    root_keys: Vec<PublicKey>,
    /// A file whose first line opens your node's key, when that is encrypted.
    #[arg(long, value_name = "FILE")]
    key_passphrase_file: Option<PathBuf>,
}

impl Found {
    /// Does it.
    pub(super) fn run(&self) -> Result<Report, Failure> {
        let key = folder::read_key(&self.folder, self.key_passphrase_file.as_deref())?.public();
        let members: Vec<Member> =
            self.members.iter().map(|path| Member::read(path)).collect::<Result<_, _>>()?;
        let own = members.iter().find(|member| member.key == key).ok_or_else(|| {
            Failure::usage(format!(
                "none of these files is of the key in {}",
                self.folder.display()
            ))
        })?;
        let genesis = self.founding.genesis(&members, &self.root_keys, self.created)?;
        let others: Vec<&Member> = members.iter().filter(|member| member.key != key).collect();
        let network = folder::network(own, &others);
        folder::write(&self.folder, &genesis, &network, &guide::of_node(&genesis, own))?;
        let text = format!(
            "ledger {}\nTell each other this id by another way than the files came: all must have the same.",
            genesis.ledger()
        );
        let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
        Ok(Report::new(text, json!({"ledger": genesis.ledger(), "members": names})))
    }
}

/// Make the folder of a node that follows a network that exists.
#[derive(Debug, Args)]
pub(crate) struct Join {
    /// A folder for your node: empty, or with its key as `chancery network key` makes it.
    folder: PathBuf,
    /// The genesis of the network, from someone you trust.
    #[arg(long, value_name = "FILE")]
    genesis: PathBuf,
    /// A node of the network; once for each. The more, the less any of them can hide from you.
    #[arg(long = "peer", value_name = "HOST[:PORT]", required = true)]
    peers: Vec<Place>,
    /// Where your node is reached by others; without it, it only calls them.
    #[arg(long, value_name = "HOST[:PORT]")]
    at: Option<Place>,
}

impl Join {
    /// Does it.
    pub(super) fn run(&self) -> Result<Report, Failure> {
        let genesis = files::read_genesis(&self.genesis)?;
        let key = self.key()?;
        let mut network = NetworkConfig {
            peers: self.peers.iter().map(Place::peers).collect(),
            peers_listen: self.at.as_ref().map(|place| within(&place.peers())),
            ..NetworkConfig::default()
        };
        // Where blocks are sealed by work, there is no agreement to listen for.
        if genesis.work().is_none() {
            network.consensus_peers = self.peers.iter().map(Place::consensus).collect();
            network.consensus_listen = self.at.as_ref().map(|place| within(&place.consensus()));
        }
        folder::write(&self.folder, &genesis, &network, &guide::of_follower(&genesis, &key))?;
        let (ledger, data) = (genesis.ledger(), self.folder.display());
        let text =
            format!("ledger {ledger}\nkey    {key}\nstart it: chanceryd serve --data {data}");
        Ok(Report::new(text, json!({"ledger": ledger, "key": key, "folder": self.folder})))
    }

    /// The key that is there, or a new one.
    fn key(&self) -> Result<PublicKey, Failure> {
        let is_there = |name: &str| self.folder.join(name).exists();
        if is_there(GENESIS_FILE) {
            let what = format!("{}: this folder has a ledger already", self.folder.display());
            return Err(Failure::usage(what));
        }
        if is_there(KEY_FILE) {
            return Ok(folder::read_key(&self.folder, None)?.public());
        }
        folder::make_empty(&self.folder)?;
        Ok(folder::make_key(&self.folder)?.public())
    }
}
