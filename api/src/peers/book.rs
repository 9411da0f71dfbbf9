//! The address book: peers that may be dialled, kept in a file across restarts.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use libp2p::{Multiaddr, PeerId};
use serde::{Deserialize, Serialize};

use super::address::{Neighbourhood, ip_of, is_dialable, is_local};
use super::random;

/// An address that has never worked is forgotten after so many failures.
const FAILURES_UNPROVEN: u32 = 4;
/// An address that has worked once is forgotten after so many failures in a row.
const FAILURES_PROVEN: u32 = 32;
/// The longest pause is so many doublings of the first.
const DOUBLINGS: u32 = 6;

/// Peers that may be dialled, each under one address. What was only heard of is bounded by who told
/// it and by neighbourhood, so that nobody fills the book with addresses in his hand, and never takes
/// the place of what has worked.
pub(super) struct Book {
    most: usize,
    local: bool,
    own: PeerId,
    redial: Duration,
    entries: HashMap<PeerId, Entry>,
    changed: bool,
}

struct Entry {
    address: Multiaddr,
    told_by: Option<PeerId>,
    /// When it last worked, in milliseconds since 1970; none if it never has.
    worked_ms: Option<u64>,
    failures: u32,
    not_before: Option<Instant>,
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    peers: Vec<KeptPeer>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptPeer {
    peer: String,
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    worked_ms: Option<u64>,
}

/// The version of the file.
const VERSION: u32 = 1;
/// The most that a line of the file may have, in bytes.
const KEPT_PEER_BYTES: u64 = 512;

impl Book {
    /// An empty book of at most so many addresses; local ones are taken in only if `local`.
    pub(super) fn new(most: usize, local: bool, own: PeerId, redial: Duration) -> Self {
        Self { most, local, own, redial, entries: HashMap::new(), changed: false }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// A peer says that it, or another, is at this address.
    pub(super) fn hear(&mut self, peer: PeerId, address: Multiaddr, told_by: PeerId) {
        if peer == self.own || self.entries.contains_key(&peer) || !self.takes(&address) {
            return;
        }
        let unproven = || self.entries.values().filter(|entry| entry.worked_ms.is_none());
        let share = (self.most / 16).max(4);
        if unproven().filter(|entry| entry.told_by == Some(told_by)).count() >= share {
            return;
        }
        if let Some(near) = public_neighbourhood(&address) {
            let neighbours = unproven().filter(|e| public_neighbourhood(&e.address) == Some(near));
            if neighbours.count() >= share {
                return;
            }
        }
        if self.entries.len() >= self.most {
            return;
        }
        self.put(peer, Entry { told_by: Some(told_by), ..Entry::at(address) });
    }

    /// A connection to this address was made, and the peer there has shown that it is this one.
    pub(super) fn works(&mut self, peer: PeerId, address: Multiaddr, now_ms: u64) {
        if peer == self.own || !self.takes(&address) {
            return;
        }
        if !self.entries.contains_key(&peer) && self.entries.len() >= self.most {
            self.make_room();
        }
        self.put(peer, Entry { worked_ms: Some(now_ms), ..Entry::at(address) });
    }

    /// It could not be reached: later again, and after enough failures never.
    pub(super) fn fails(&mut self, peer: &PeerId, now: Instant) {
        let Some(entry) = self.entries.get_mut(peer) else { return };
        entry.failures += 1;
        entry.not_before = Some(now + self.redial * (1 << entry.failures.min(DOUBLINGS)));
        let patience = if entry.worked_ms.is_some() { FAILURES_PROVEN } else { FAILURES_UNPROVEN };
        if entry.failures >= patience {
            self.forget(&peer.to_owned());
        }
    }

    pub(super) fn forget(&mut self, peer: &PeerId) {
        self.changed |= self.entries.remove(peer).is_some();
    }

    /// One to dial now among those that are wanted: as often one that has worked as one that has only
    /// been heard of, so that neither old friends nor new strangers alone decide whom this node knows.
    pub(super) fn choose(
        &self,
        now: Instant,
        wanted: impl Fn(&PeerId, &Multiaddr) -> bool,
    ) -> Option<(PeerId, Multiaddr)> {
        let ready = self.entries.iter().filter(|(peer, entry)| {
            entry.not_before.is_none_or(|at| at <= now) && wanted(peer, &entry.address)
        });
        let (proven, heard): (Vec<_>, Vec<_>) =
            ready.partition(|(_, entry)| entry.worked_ms.is_some());
        let pick_proven = heard.is_empty() || (!proven.is_empty() && random::below(2) == 0);
        let from = if pick_proven { &proven } else { &heard };
        let (peer, entry) = from.get(random::below(from.len()))?;
        Some((**peer, entry.address.clone()))
    }

    /// At most so many addresses to tell others, at random: those that have worked, and those of the
    /// peers that are connected.
    pub(super) fn sample(
        &self,
        most: usize,
        connected: impl Fn(&PeerId) -> bool,
    ) -> Vec<(PeerId, Multiaddr)> {
        let known = self.entries.iter();
        let mut known: Vec<_> = known
            .filter(|(peer, entry)| entry.worked_ms.is_some() || connected(peer))
            .map(|(peer, entry)| (*peer, entry.address.clone()))
            .collect();
        while known.len() > most {
            known.swap_remove(random::below(known.len()));
        }
        known
    }

    fn takes(&self, address: &Multiaddr) -> bool {
        let reachable = ip_of(address).is_some_and(|ip| self.local || !is_local(ip));
        reachable && is_dialable(address)
    }

    fn put(&mut self, peer: PeerId, entry: Entry) {
        self.entries.insert(peer, entry);
        self.changed = true;
    }

    /// Forgets one: what has never worked before what has, what has worked longest ago first.
    fn make_room(&mut self) {
        let least = self
            .entries
            .iter()
            .min_by_key(|(_, entry)| (entry.worked_ms, u32::MAX - entry.failures));
        if let Some(least) = least.map(|(peer, _)| *peer) {
            self.forget(&least);
        }
    }

    /// Takes in what was kept. A file that cannot be read is no reason not to start: the book is
    /// filled anew by others; the error says what was wrong.
    pub(super) fn load(&mut self, path: &Path) -> io::Result<()> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        let mut text = String::new();
        file.take(KEPT_PEER_BYTES * (self.most as u64 + 1)).read_to_string(&mut text)?;
        let kept: Kept = serde_json::from_str(&text)?;
        if kept.version != VERSION {
            return Err(io::Error::other("the version of the address book is not 1"));
        }
        for kept in kept.peers.into_iter().take(self.most) {
            let peer: PeerId = kept.peer.parse().map_err(io::Error::other)?;
            let address: Multiaddr = kept.address.parse().map_err(io::Error::other)?;
            if peer != self.own && self.takes(&address) {
                let entry = Entry { worked_ms: kept.worked_ms, ..Entry::at(address) };
                self.entries.insert(peer, entry);
            }
        }
        Ok(())
    }

    /// What the file is to have, if it has changed since this was last asked.
    pub(super) fn changes(&mut self) -> Option<Vec<u8>> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let mut peers: Vec<KeptPeer> = self.entries.iter().map(KeptPeer::from).collect();
        peers.sort_by(|a, b| b.worked_ms.cmp(&a.worked_ms).then_with(|| a.peer.cmp(&b.peer)));
        serde_json::to_vec_pretty(&Kept { version: VERSION, peers }).ok()
    }
}

/// Writes the file: complete under another name first, so that a crash leaves the old or the new one.
pub(super) fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = path.with_extension("new");
    let mut file = File::create(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&aside, path)
}

impl Entry {
    fn at(address: Multiaddr) -> Self {
        Self { address, told_by: None, worked_ms: None, failures: 0, not_before: None }
    }
}

impl From<(&PeerId, &Entry)> for KeptPeer {
    fn from((peer, entry): (&PeerId, &Entry)) -> Self {
        let address = entry.address.to_string();
        Self { peer: peer.to_string(), address, worked_ms: entry.worked_ms }
    }
}

/// The neighbourhood of an address in the open; local ones have none.
pub(super) fn public_neighbourhood(address: &Multiaddr) -> Option<Neighbourhood> {
    ip_of(address).filter(|ip| !is_local(*ip)).map(Neighbourhood::of)
}

#[cfg(test)]
mod tests;
