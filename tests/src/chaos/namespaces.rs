//! Nodes in network namespaces of their own: what is sent to one that is cut off is lost without a word, as on
//! a wire that is pulled.

use std::io;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

/// Namespaces that are joined by two bridges: over one nodes speak with each other, over the other we speak
/// with them. All of it is removed when this is dropped.
pub(super) struct Namespaces {
    /// What the names of all of it begin with.
    tag: String,
    /// The part of the addresses that tells this from what else is on this machine.
    net: u8,
    count: usize,
}

/// The wire of a namespace over which nodes speak with each other.
const PEERS: char = 'p';
/// The one over which we speak with its node.
const CONTROL: char = 'c';

impl Namespaces {
    /// The two bridges, on which no node is yet.
    pub(super) fn new() -> io::Result<Self> {
        let process = std::process::id();
        let made = Self { tag: format!("ch{process}"), net: 1 + (process % 250) as u8, count: 0 };
        for wire in [PEERS, CONTROL] {
            let bridge = made.bridge(wire);
            ip(&format!("link add {bridge} type bridge"))?;
            ip(&format!("link set {bridge} up"))?;
            // Strangers come over the one, and we over the other.
            ip(&format!("addr add {}/24 dev {bridge}", made.address(wire, 1)))?;
        }
        Ok(made)
    }

    /// A further namespace; they are numbered from 0.
    pub(super) fn add(&mut self) -> io::Result<()> {
        let number = self.count;
        self.count += 1;
        let namespace = self.name(number);
        ip(&format!("netns add {namespace}"))?;
        ip(&format!("-n {namespace} link set lo up"))?;
        for wire in [PEERS, CONTROL] {
            let (outside, inside) = (self.wire(wire, number), format!("{wire}0"));
            let address = self.address(wire, number + 2);
            ip(&format!("link add {outside} type veth peer name {inside} netns {namespace}"))?;
            ip(&format!("link set {outside} master {} up", self.bridge(wire)))?;
            ip(&format!("-n {namespace} addr add {address}/24 dev {inside}"))?;
            ip(&format!("-n {namespace} link set {inside} up"))?;
        }
        Ok(())
    }

    /// Where a node is for the others.
    pub(super) fn for_peers(&self, number: usize) -> Ipv4Addr {
        self.address(PEERS, number + 2)
    }

    /// Where it is for us.
    pub(super) fn for_us(&self, number: usize) -> Ipv4Addr {
        self.address(CONTROL, number + 2)
    }

    /// What stands before a command that is to run in a namespace. It becomes that command's process.
    pub(super) fn inside(&self, number: usize) -> Vec<String> {
        ["ip", "netns", "exec", &self.name(number)].map(str::to_owned).to_vec()
    }

    /// Pulls the wire of a node to the others, or puts it back.
    pub(super) fn cut_off(&self, number: usize, is_cut: bool) -> io::Result<()> {
        let state = if is_cut { "down" } else { "up" };
        ip(&format!("link set {} {state}", self.wire(PEERS, number)))
    }

    fn name(&self, number: usize) -> String {
        format!("{}-{number}", self.tag)
    }

    fn bridge(&self, wire: char) -> String {
        format!("{}{wire}", self.tag)
    }

    fn wire(&self, wire: char, number: usize) -> String {
        format!("{}{wire}{number}", self.tag)
    }

    fn address(&self, wire: char, host: usize) -> Ipv4Addr {
        let of_wire = if wire == PEERS { 210 } else { 211 };
        Ipv4Addr::new(10, of_wire, self.net, u8::try_from(host).unwrap_or(u8::MAX))
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        // With a namespace go the wires into it. What is gone already is no fault.
        for number in 0..self.count {
            let _ = ip(&format!("netns del {}", self.name(number)));
        }
        for wire in [PEERS, CONTROL] {
            let _ = ip(&format!("link del {}", self.bridge(wire)));
        }
    }
}

/// Runs iproute2's `ip`.
fn ip(words: &str) -> io::Result<()> {
    let output = Command::new("ip").args(words.split(' ')).stdin(Stdio::null()).output()?;
    match output.status.success() {
        true => Ok(()),
        false => {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(io::Error::other(format!("ip {words}: {said}")))
        }
    }
}
