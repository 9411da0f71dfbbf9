//! A validator that votes twice: its key and a place in the engine's own network, and no node behind them.

use chancery_api::pool::codec::Wire;
use chancery_api::pool::context::{BlockHash, Height, PoolContext, Signing};
use chancery_ledger::hash::Hash;
use chancery_ledger::key::SecretKey;
use malachitebft_app::config::{ConsensusConfig, PubSubProtocol, ValuePayload, ValueSyncConfig};
use malachitebft_app::consensus::SignedConsensusMsg;
use malachitebft_app::metrics::SharedRegistry;
use malachitebft_app::spawn::spawn_network_actor;
use malachitebft_app::types::Keypair;
use malachitebft_app::types::core::{Context as _, NilOrVal, Round};
use malachitebft_engine::network::{Msg, NetworkIdentity, NetworkRef};
use malachitebft_signing::Signer as _;

pub(crate) struct Liar {
    network: NetworkRef<PoolContext>,
    signing: Signing,
}

impl Liar {
    /// Connects to the others.
    pub(crate) async fn start(ledger: Hash, key: SecretKey, peers: &[String]) -> Self {
        let mut config =
            ConsensusConfig { value_payload: ValuePayload::ProposalAndParts, ..Default::default() };
        config.p2p.listen_addr = "/ip4/127.0.0.1/tcp/0".parse().unwrap();
        config.p2p.persistent_peers = peers.iter().map(|peer| peer.parse().unwrap()).collect();
        config.p2p.protocol = PubSubProtocol::Broadcast;
        let mut seed = [99; 32];
        let keypair = Keypair::ed25519_from_bytes(&mut seed[..]).unwrap();
        let identity = NetworkIdentity::new("liar".to_owned(), keypair, None);
        let registry = SharedRegistry::global().with_moniker("liar");
        let sync = ValueSyncConfig::default();
        let network = spawn_network_actor(&config, &sync, identity, &registry, Wire).await.unwrap();
        Self { network, signing: Signing::new(ledger, key) }
    }

    /// Votes for a block that nobody has and for none, in the first step of the first round.
    pub(crate) async fn votes_twice(&self, height: u64) {
        let (height, round, who) = (Height(height), Round::new(0), self.signing.address());
        for block in [NilOrVal::Val(BlockHash([7; 32])), NilOrVal::Nil] {
            let vote = PoolContext.new_prevote(height, round, block, who);
            let vote = self.signing.sign_vote(vote).await.unwrap();
            let vote = SignedConsensusMsg::Vote(vote);
            self.network.cast(Msg::PublishConsensusMsg(vote)).unwrap();
        }
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.network.stop(None);
    }
}
