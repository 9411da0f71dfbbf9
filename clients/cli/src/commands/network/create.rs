//! `chancery network create`: the folders of all nodes, made in one place.

use std::path::PathBuf;

use chancery_client::{Genesis, PublicKey, now};
use clap::{ArgGroup, Args};
use serde_json::json;

use super::founding::{Founding, Working};
use super::member::Member;
use super::place::{DEFAULT_PORT, Organisation, Place};
use super::{folder, guide};
use crate::failure::Failure;
use crate::report::Report;
use crate::session::Session;
use crate::words::KeyWord;

/// Make the folders of all nodes in one place, by someone whom all of them trust.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("who").required(true).args(["organisations", "validators"]))]
#[command(group = ArgGroup::new("root").required(true).args(["root_keys", "root_keys_made"]))]
pub(crate) struct Create {
    /// An empty folder, in which each node gets one of its own.
    folder: PathBuf,
    #[command(flatten)]
    founding: Founding,
    #[command(flatten)]
    working: Working,
    /// An organisation and where its node is; once for each. The port is for consensus, 27000 unless
    /// said otherwise, and the next one for the other peers.
    #[arg(long = "organisation", value_name = "NAME=HOST[:PORT]")]
    organisations: Vec<Organisation>,
    /// So many nodes on this machine, to try things out.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=32))]
    validators: Option<u16>,
    /// The first port on this machine, with --validators; each node takes two.
    #[arg(long, default_value_t = DEFAULT_PORT, value_parser = clap::value_parser!(u16).range(1024..=65_000))]
    first_port: u16,
    /// A key of the root authority: the x of its JWK, or the name of a key at hand; once for each.
    #[arg(long = "root-key", value_name = "KEY")]
    root_keys: Vec<KeyWord>,
    /// Make so many keys of the root authority, encrypted in the folder of keys as root-1 and so on.
    #[arg(long = "root-keys", value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=32))]
    root_keys_made: Option<u8>,
}

impl Create {
    /// Does it.
    pub(super) fn run(&self, session: &Session) -> Result<Report, Failure> {
        let organisations = self.organisations();
        folder::make_empty(&self.folder)?;
        let root_keys = self.root_keys(session)?;
        let mut members = Vec::new();
        for Organisation { name, place } in &organisations {
            let own = self.folder.join(name.as_str());
            folder::make_empty(&own)?;
            members.push(Member::at(name.clone(), place, folder::make_key(&own)?.public()));
        }
        let is_work = self.working.is_asked_for();
        let genesis = match is_work {
            true => self.founding.genesis_of_work(&self.working, &root_keys, now())?,
            false => self.founding.genesis(&members, &root_keys, now())?,
        };
        for member in &members {
            let others: Vec<&Member> = members.iter().filter(|other| *other != member).collect();
            let network = match is_work {
                true => folder::network_of_work(member, &others),
                false => folder::network(member, &others),
            };
            let readme = guide::of_node(&genesis, member);
            folder::write(&self.folder.join(member.name.as_str()), &genesis, &network, &readme)?;
        }
        let readme = guide::of_network(&genesis, &members, &root_keys);
        folder::write_new(&self.folder.join(folder::README), readme.as_bytes())?;
        Ok(self.report(&genesis, &members))
    }

    fn organisations(&self) -> Vec<Organisation> {
        let Some(count) = self.validators else { return self.organisations.clone() };
        let local = |index: u16| {
            let place = Place::local(self.first_port + 2 * index);
            Some(Organisation { name: format!("node-{}", index + 1).parse().ok()?, place })
        };
        (0..count).filter_map(local).collect()
    }

    fn root_keys(&self, session: &Session) -> Result<Vec<PublicKey>, Failure> {
        let Some(count) = self.root_keys_made else {
            return self.root_keys.iter().map(|key| key.resolve(session.keys())).collect();
        };
        let make =
            |number: u8| Ok(session.keys().create(&format!("root-{number}"), None)?.id().key);
        (1..=count).map(make).collect()
    }

    fn report(&self, genesis: &Genesis, members: &[Member]) -> Report {
        let mut text =
            format!("founded ledger {} in {}\n", genesis.ledger(), self.folder.display());
        for member in members {
            let name = member.name.as_str();
            let at = if genesis.work().is_some() { &member.peers } else { &member.consensus };
            text += &format!("{name}  {}  {at}\n", member.key);
        }
        text += "README.md in the folder says what to hand to whom";
        let shown = |member: &Member| {
            json!({
                "name": member.name.as_str(), "key": member.key,
                "folder": self.folder.join(member.name.as_str()),
                "consensus": member.consensus.to_string(), "peers": member.peers.to_string(),
            })
        };
        let nodes: Vec<_> = members.iter().map(shown).collect();
        Report::new(
            text,
            json!({"ledger": genesis.ledger(), "folder": self.folder, "nodes": nodes}),
        )
    }
}
