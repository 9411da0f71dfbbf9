//! Who is connected, and which of them are validators.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chancery_ledger::hash::Hash;
use chancery_ledger::key::PublicKey;
use chancery_ledger::seal::Pool;
use malachitebft_app::types::PeerId;
use malachitebft_app::types::streaming::StreamId;
use malachitebft_app_channel::{Channels, NetworkMsg, NetworkRequest};
use malachitebft_engine::network::NetworkStateDump;

use super::{Engine, answer};
use crate::pool::blocks::introduction_part;
use crate::pool::context::{Height, Introduction, PoolContext, Signing};
use crate::pool::status::{AgreementPeer, is_quorum};

/// A node answers the engine's first question when it sees two thirds of the pool, or after this time.
const QUORUM_WAIT: Duration = Duration::from_secs(10);
/// A node says again who it is after this time: what is sent to a peer that has just connected may be
/// lost.
const INTRODUCTION_EVERY: Duration = Duration::from_secs(5);

/// What nodes tell each other of who they are. The engine shows a peer who it is on the first of their
/// connections only, before which the other may have dialled as well: of two connections one is closed,
/// and what was under way on it is lost.
pub(super) struct Introductions {
    ledger: Hash,
    own: Introduction,
    told: Option<Instant>,
    /// The validators that peers have proven to be, by their identity.
    heard: BTreeMap<String, PublicKey>,
}

impl Introductions {
    pub(super) fn new(signing: &Signing, own_peer: &PeerId) -> Self {
        Self {
            ledger: *signing.ledger(),
            own: Introduction::signed(signing, &own_peer.to_bytes()),
            told: None,
            heard: BTreeMap::new(),
        }
    }

    /// A peer has said who it is.
    pub(super) fn hear(&mut self, from: &PeerId, introduction: &Introduction) {
        if introduction.is_of(&self.ledger, &from.to_bytes()) {
            self.heard.insert(from.to_string(), introduction.validator.key());
        }
    }

    /// The validator that this peer has proven to be.
    fn validator(&self, peer: &str) -> Option<PublicKey> {
        self.heard.get(peer).copied()
    }

    /// What is to be said, when it is due.
    fn due(&mut self, somebody_is_new: bool) -> Option<Introduction> {
        let again = |told: Instant| told.elapsed() >= INTRODUCTION_EVERY;
        let due = somebody_is_new || self.told.is_none_or(again);
        due.then(|| {
            self.told = Some(Instant::now());
            self.own.clone()
        })
    }

    /// Forgets who is no longer there.
    fn keep(&mut self, peers: &[AgreementPeer]) {
        self.heard.retain(|known, _| peers.iter().any(|peer| peer.id == *known));
    }
}

impl Engine {
    /// Looks at who is connected, says who this node is, and lets the engine begin when enough are there.
    pub(super) async fn look(&mut self, channels: &Channels<PoolContext>) {
        if let Ok(Some(dump)) = NetworkRequest::dump_state(&channels.net_requests).await {
            let known = self.with.status.picture().peers;
            let peers = self.peers(&dump, &known);
            let is_new = |peer: &AgreementPeer| known.iter().all(|known| known.id != peer.id);
            let somebody_is_new = peers.iter().any(is_new);
            self.introductions.keep(&peers);
            self.with.status.update(|status| status.peers = peers);
            if let Some(introduction) = self.introductions.due(somebody_is_new) {
                self.introduce(channels, introduction).await;
            }
        }
        let power = self.power_to_begin();
        let enough = is_quorum(power, &self.pool);
        let due = |(_, since): &mut (_, Instant)| enough || since.elapsed() >= QUORUM_WAIT;
        if let Some((reply, _)) = self.ready.take_if(due) {
            answer(reply, (Height(self.height), self.parameters()));
        }
    }

    fn peers(&self, dump: &NetworkStateDump, known: &[AgreementPeer]) -> Vec<AgreementPeer> {
        let since = |id: &str| known.iter().find(|peer| peer.id == id).map(|peer| peer.since);
        let peers = dump.peers.iter().map(|(id, peer)| {
            let id = id.to_string();
            let shown = peer.consensus_public_key.as_ref();
            let shown = shown.and_then(|key| key.as_slice().try_into().ok());
            AgreementPeer {
                since: since(&id).unwrap_or_else(crate::node::now),
                address: peer.address.to_string(),
                outbound: peer.connection_direction.is_some_and(|way| way.as_str() == "outbound"),
                configured: peer.peer_type.is_persistent(),
                validator: shown
                    .map(PublicKey::from_bytes)
                    .or_else(|| self.introductions.validator(&id)),
                id,
            }
        });
        peers.collect()
    }

    async fn introduce(&mut self, channels: &Channels<PoolContext>, introduction: Introduction) {
        self.streams += 1;
        let mut stream = b"introduction".to_vec();
        stream.extend_from_slice(&self.streams.to_be_bytes());
        let message = introduction_part(introduction, StreamId::new(stream.into()));
        // The engine is ending if it no longer takes it.
        let _ = channels.network.send(NetworkMsg::PublishProposalPart(message)).await;
    }

    /// The power that is connected, as far as it is known before the engine begins: until then it takes
    /// no introductions in. Each peer of the configuration that has not shown who it is counts as the
    /// least of the members that are missing.
    fn power_to_begin(&self) -> u64 {
        let own = self.config.key.public();
        let picture = self.with.status.picture();
        let nameless = |peer: &&AgreementPeer| peer.configured && peer.validator.is_none();
        let nameless = picture.peers.iter().filter(nameless).count();
        let missing = missing_powers(&self.pool, |key| picture.is_connected(key, &own));
        let least: u64 = missing.iter().take(nameless).sum();
        picture.connected_power(&self.pool, &own) + least
    }
}

/// The powers of members that are not there, the least first.
fn missing_powers(pool: &Pool, is_there: impl Fn(&PublicKey) -> bool) -> Vec<u64> {
    let missing = pool.validators.iter().filter(|member| !is_there(&member.key));
    let mut powers: Vec<u64> = missing.map(|member| u64::from(member.power)).collect();
    powers.sort_unstable();
    powers
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use chancery_ledger::key::SecretKey;

    use super::*;

    const LEDGER: Hash = Hash([7; 32]);

    fn peer(number: u8) -> PeerId {
        let mut seed = [number; 32];
        let keypair = malachitebft_app::types::Keypair::ed25519_from_bytes(&mut seed[..]).unwrap();
        PeerId::from_bytes(&keypair.public().to_peer_id().to_bytes()).unwrap()
    }

    fn signing(ledger: Hash) -> Signing {
        Signing::new(ledger, SecretKey::from_seed(&[1; 32]))
    }

    fn introductions(ledger: Hash, own: &PeerId) -> Introductions {
        Introductions::new(&signing(ledger), own)
    }

    #[test]
    fn a_peer_is_the_validator_that_it_says_and_nobody_else_can_say_so() {
        let (ours, theirs) = (peer(1), peer(2));
        let mut here = introductions(LEDGER, &ours);
        let said = introductions(LEDGER, &theirs).due(false).unwrap();

        here.hear(&peer(3), &said);
        assert_eq!(here.validator(&peer(3).to_string()), None, "another peer repeats it");
        here.hear(&theirs, &introductions(Hash([8; 32]), &theirs).own);
        assert_eq!(here.validator(&theirs.to_string()), None, "it is said of another ledger");
        here.hear(&theirs, &said);
        let key = SecretKey::from_seed(&[1; 32]).public();
        assert_eq!(here.validator(&theirs.to_string()), Some(key));

        here.keep(&[]);
        assert_eq!(here.validator(&theirs.to_string()), None, "it has gone");
    }

    #[test]
    fn a_node_says_who_it_is_to_whoever_is_new_and_again_later() {
        let mut here = introductions(LEDGER, &peer(1));
        assert!(here.due(false).is_some());
        assert!(here.due(false).is_none());
        assert!(here.due(true).is_some());
        here.told = Instant::now().checked_sub(INTRODUCTION_EVERY);
        assert!(here.due(false).is_some());
    }
}
