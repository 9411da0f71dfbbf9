//! A network of real nodes on this machine, whose every connection goes over a wire that can be cut.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use chancery_client::{Client, Genesis, NetworkInfo, PublicKey};
use chancery_node_files::network::{NetworkConfig, parse_address};
use chancery_node_files::{GENESIS_FILE, KEY_FILE, NETWORK_FILE};
use parking_lot::RwLock;
use serde_json::Value;

use super::HarnessError;
use super::namespaces::Namespaces;
use super::proxy::Link;
use crate::damage::Random;
use crate::node::{Node, binary};

/// The nodes of a network, running or not.
pub(super) struct Cluster {
    folder: PathBuf,
    genesis: Genesis,
    members: Vec<Member>,
    /// Where the running ones answer, for whoever sends to all of them.
    addresses: Arc<Addresses>,
    wires: Wires,
    first_port: u16,
}

/// What the nodes are connected by.
enum Wires {
    /// Ports of this machine: a connection that is cut breaks off, and both ends are told.
    Links(Vec<Directed>),
    /// Network namespaces: nobody is told.
    Namespaces(Namespaces),
}

/// Where each node answers at this moment; nowhere while it is down.
pub(super) type Addresses = RwLock<Vec<Option<String>>>;

/// One node.
struct Member {
    name: String,
    data: PathBuf,
    log: PathBuf,
    key: PublicKey,
    running: Option<Node>,
    /// The most memory that any of its processes has had, in KiB.
    peak_kib: u64,
}

/// A link and whose it is.
struct Directed {
    from: usize,
    to: usize,
    link: Link,
}

/// Files of a node that are not made by it.
const FOUNDING_FILES: [&str; 3] = [GENESIS_FILE, KEY_FILE, NETWORK_FILE];
/// Nodes that may be added later.
const SPARE: u16 = 4;

impl Cluster {
    /// Founds a network of so many validators below an empty folder. None is started.
    pub(super) async fn found(
        folder: &Path,
        validators: u16,
        root_key: &PublicKey,
        in_namespaces: bool,
    ) -> Result<Self, HarnessError> {
        let first_port = free_ports(2 * (validators + SPARE))?;
        let network = folder.join("network");
        let made = chancery(&[
            "network",
            "create",
            &text(&network),
            "--name",
            "Chaos",
            "--validators",
            &validators.to_string(),
            "--first-port",
            &first_port.to_string(),
            &format!("--root-key={root_key}"),
        ])?;
        let mut members = Vec::new();
        for node in made["nodes"].as_array().into_iter().flatten() {
            let word = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
            let key = word("key").parse().map_err(|error| HarnessError::said(&error))?;
            members.push(Member::new(folder, &word("name"), word("folder").into(), key));
        }
        let genesis = fs::read(members[0].data.join(GENESIS_FILE))?;
        let genesis = Genesis::parse(&genesis).map_err(|error| HarnessError::said(&error))?;
        let addresses = Arc::new(RwLock::new(vec![None; members.len()]));
        let mut wires = Wires::Links(Vec::new());
        if in_namespaces {
            let mut namespaces = Namespaces::new()?;
            members.iter().try_for_each(|_| namespaces.add())?;
            wires = Wires::Namespaces(namespaces);
        }
        let folder = folder.to_owned();
        let mut cluster = Self { folder, genesis, members, addresses, wires, first_port };
        for from in 0..cluster.len() {
            cluster.wire_up(from).await?;
        }
        Ok(cluster)
    }

    /// Makes the folder of a further node, which follows.
    pub(super) async fn join(&mut self, name: &str) -> Result<usize, HarnessError> {
        let index = self.len();
        let data = self.folder.join("network").join(name);
        if let Wires::Namespaces(namespaces) = &mut self.wires {
            namespaces.add()?;
        }
        let at = |index: usize| self.listens(index)[0].to_string();
        let genesis = text(&self.members[0].data.join(GENESIS_FILE));
        let mut words =
            vec!["network".to_owned(), "join".into(), text(&data), "--genesis".into(), genesis];
        for peer in 0..index {
            words.extend(["--peer".into(), at(peer)]);
        }
        words.extend(["--at".into(), at(index)]);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let made = chancery(&words)?;
        let key = made["key"].as_str().unwrap_or_default();
        let key = key.parse().map_err(|error| HarnessError::said(&error))?;
        self.members.push(Member::new(&self.folder, name, data, key));
        self.addresses.write().push(None);
        self.wire_up(index).await?;
        Ok(index)
    }

    /// Lets a node reach each of the others that it knows over wires that can be cut, and over nothing else.
    async fn wire_up(&mut self, from: usize) -> Result<(), HarnessError> {
        let file = self.members[from].data.join(NETWORK_FILE);
        let read = NetworkConfig::read(&file).map_err(|error| HarnessError::said(&error))?;
        let mut config = read.unwrap_or_default();
        let multiaddr = |at: SocketAddr| {
            let address = format!("/ip4/{}/tcp/{}", at.ip(), at.port());
            parse_address(&address).map_err(|error| HarnessError::said(&error))
        };
        let [consensus, peers] = self.listens(from);
        config.consensus_listen = Some(multiaddr(consensus)?);
        config.peers_listen = Some(multiaddr(peers)?);
        config.consensus_peers = Vec::new();
        config.peers = Vec::new();
        for to in (0..self.len()).filter(|to| *to != from) {
            let [consensus, peers] = self.listens(to);
            for (at, list) in [(consensus, &mut config.consensus_peers), (peers, &mut config.peers)]
            {
                list.push(match &mut self.wires {
                    Wires::Namespaces(_) => multiaddr(at)?,
                    Wires::Links(links) => {
                        let link = Link::to(at.port()).await?;
                        let address = multiaddr(link.address())?;
                        links.push(Directed { from, to, link });
                        address
                    }
                });
            }
        }
        fs::write(&file, config.to_text())?;
        Ok(())
    }

    /// How many nodes there are, running or not.
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// The genesis.
    pub(super) fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// What a node is called.
    pub(super) fn name(&self, node: usize) -> &str {
        &self.members[node].name
    }

    /// The key a node votes with.
    pub(super) fn key(&self, node: usize) -> PublicKey {
        self.members[node].key
    }

    /// The folder of a node's ledger.
    pub(super) fn data(&self, node: usize) -> &Path {
        &self.members[node].data
    }

    /// Where a node listens for other nodes: its consensus, and the peers that hand on transitions.
    pub(super) fn listens(&self, node: usize) -> [SocketAddr; 2] {
        let ip = match &self.wires {
            Wires::Links(_) => Ipv4Addr::LOCALHOST,
            Wires::Namespaces(namespaces) => namespaces.for_peers(node),
        };
        let first = self.first_port + 2 * node as u16;
        [first, first + 1].map(|port| (ip, port).into())
    }

    /// Where the running nodes answer.
    pub(super) fn addresses(&self) -> Arc<Addresses> {
        self.addresses.clone()
    }

    /// The nodes that run.
    pub(super) fn running(&self) -> Vec<usize> {
        (0..self.len()).filter(|node| self.members[*node].running.is_some()).collect()
    }

    /// Starts a node and waits until it answers.
    pub(super) fn start(&mut self, node: usize) -> Result<(), HarnessError> {
        let member = &mut self.members[node];
        let running = match &self.wires {
            Wires::Links(_) => Node::start_at(&member.data, &member.log, &[])?,
            Wires::Namespaces(namespaces) => {
                let address = namespaces.for_us(node).to_string();
                let (inside, arguments) = (namespaces.inside(node), ["--address", &address]);
                Node::start_behind(&inside, &member.data, &member.log, &arguments)?
            }
        };
        self.addresses.write()[node] = Some(running.url().to_owned());
        member.running = Some(running);
        Ok(())
    }

    /// `kill -9`.
    pub(super) fn kill(&mut self, node: usize) -> Result<(), HarnessError> {
        if let Some(running) = self.take(node) {
            running.kill()?;
        }
        Ok(())
    }

    /// Tells a node to stop and waits until it has; it must say that all went well.
    pub(super) fn stop(&mut self, node: usize) -> Result<(), HarnessError> {
        let Some(running) = self.take(node) else { return Ok(()) };
        let status = running.stop()?;
        match status.success() {
            true => Ok(()),
            false => Err(HarnessError::Said(format!("{} stopped with {status}", self.name(node)))),
        }
    }

    fn take(&mut self, node: usize) -> Option<Node> {
        self.look_at_memory();
        self.addresses.write()[node] = None;
        self.members[node].running.take()
    }

    /// Removes everything that a stopped node has made.
    pub(super) fn wipe(&mut self, node: usize) -> Result<(), HarnessError> {
        for entry in fs::read_dir(self.data(node))? {
            let path = entry?.path();
            let keep = FOUNDING_FILES.iter().any(|name| path.ends_with(name));
            match (keep, path.is_dir()) {
                (true, _) => {}
                (false, true) => fs::remove_dir_all(&path)?,
                (false, false) => fs::remove_file(&path)?,
            }
        }
        Ok(())
    }

    /// Cuts a node off from all others, or lets it back.
    pub(super) fn cut_off(&self, node: usize, is_cut: bool) -> Result<(), HarnessError> {
        let links = match &self.wires {
            Wires::Namespaces(namespaces) => return Ok(namespaces.cut_off(node, is_cut)?),
            Wires::Links(links) => links,
        };
        for directed in links.iter().filter(|it| it.from == node || it.to == node) {
            match is_cut {
                true => directed.link.cut(),
                false => directed.link.mend(),
            }
        }
        Ok(())
    }

    /// A client of a running node that believes what it says.
    pub(super) fn client(&self, node: usize) -> Result<Client, HarnessError> {
        let running = self.members[node].running.as_ref();
        let running =
            running.ok_or_else(|| HarnessError::Said(format!("{} is down", self.name(node))))?;
        Ok(Client::new(running.url())?.with_timeout(std::time::Duration::from_secs(10)))
    }

    /// How a running node says that it stands.
    pub(super) async fn standing(&self, node: usize) -> Result<NetworkInfo, HarnessError> {
        Ok(self.client(node)?.network().await?)
    }

    /// Notes how much memory each running node has had at most.
    pub(super) fn look_at_memory(&mut self) {
        for member in &mut self.members {
            let process = member.running.as_ref().map(Node::process_id);
            let peak = process.and_then(peak_kib).unwrap_or_default();
            member.peak_kib = member.peak_kib.max(peak);
        }
    }

    /// The most memory that any node has had, in KiB; 0 where the system does not say.
    pub(super) fn peak_kib(&self) -> u64 {
        self.members.iter().map(|member| member.peak_kib).max().unwrap_or_default()
    }
}

impl Member {
    fn new(folder: &Path, name: &str, data: PathBuf, key: PublicKey) -> Self {
        let log = folder.join(format!("{name}.log"));
        Self { name: name.to_owned(), data, log, key, running: None, peak_kib: 0 }
    }
}

/// What Linux says a process has had in memory at most.
fn peak_kib(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// The first of so many ports in a row that are free at this moment, below those that the system hands
/// out by itself.
pub fn free_ports(count: u16) -> Result<u16, HarnessError> {
    let mut random = Random::from_seed(u64::from(std::process::id()));
    for _ in 0..200 {
        let first = 10_000 + random.below(20_000) as u16;
        let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if (first..first + count).all(free) {
            return Ok(first);
        }
    }
    Err(HarnessError::Said(format!("no {count} free ports in a row")))
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// What the command line says to this, as JSON.
pub(super) fn chancery(words: &[&str]) -> Result<Value, HarnessError> {
    let output = Command::new(binary("chancery")?).arg("--json").args(words).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(HarnessError::Said(format!("chancery {}: {said}", words.join(" "))));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| HarnessError::said(&error))
}
