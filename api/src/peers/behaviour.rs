//! What the node does on each connection, put together from libp2p.

use std::collections::HashSet;
use std::time::Duration;

use chancery_ledger::hash::Hash;
use libp2p::allow_block_list::{self, BlockedPeers};
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::core::upgrade::Version;
use libp2p::gossipsub::{
    self, ConfigBuilder, IdentTopic, MaxCountSubscriptionFilter, MessageAuthenticity, MessageId,
    TopicHash, ValidationMode, WhitelistSubscriptionFilter,
};
use libp2p::identity::Keypair;
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::NetworkBehaviour;
use libp2p::{StreamProtocol, Swarm, Transport, dns, identify, noise, ping, swarm, tcp, yamux};

use super::CannotStart;
use super::codec::Frames;
use super::config::{MAX_BATCH, MAX_GOSSIP_BYTES, PeersConfig};
use super::gate::Gate;

type Subscriptions = MaxCountSubscriptionFilter<WhitelistSubscriptionFilter>;

/// What the node does on each connection. The first three let connections in, before the others see them.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    pub(super) banned: allow_block_list::Behaviour<BlockedPeers>,
    pub(super) gate: Gate,
    pub(super) limits: connection_limits::Behaviour,
    pub(super) identify: identify::Behaviour,
    pub(super) ping: ping::Behaviour,
    pub(super) gossip: gossipsub::Behaviour<gossipsub::IdentityTransform, Subscriptions>,
    pub(super) asks: request_response::Behaviour<Frames>,
}

/// The topics of a ledger.
pub(super) struct Topics {
    pub(super) transitions: IdentTopic,
    pub(super) blocks: IdentTopic,
}

impl Topics {
    pub(super) fn of(ledger: &Hash) -> Self {
        let topic = |what| IdentTopic::new(format!("{}/{what}", protocol(ledger)));
        Self { transitions: topic("transitions"), blocks: topic("blocks") }
    }
}

/// What peers of one ledger and one version have in common.
pub(super) fn protocol(ledger: &Hash) -> String {
    format!("/chancery/1/{ledger}")
}

/// Requests of one peer that are under way at once, in both directions.
const STREAMS: usize = 16;
/// Streams of one connection, each with a window of 256 KiB: what a peer can make this node hold.
const YAMUX_STREAMS: usize = 64;
/// Messages of gossip that wait for a peer that reads slowly, half of them this node's own.
const GOSSIP_QUEUE: usize = 256;
/// The heartbeats for which a message waits for its verdict and can be sent again.
const GOSSIP_HISTORY: usize = 10;

/// The network, listening nowhere yet. Must be called within a tokio runtime.
pub(super) fn network(config: &PeersConfig) -> Result<Swarm<Behaviour>, CannotStart> {
    let part = |error: &dyn std::fmt::Display| CannotStart::Part(error.to_string());
    let mut seed = *config.seed;
    let keypair = Keypair::ed25519_from_bytes(&mut seed[..]).map_err(|error| part(&error))?;
    let noise = noise::Config::new(&keypair).map_err(|error| part(&error))?;
    let mut yamux = yamux::Config::default();
    yamux.set_max_num_streams(YAMUX_STREAMS);
    let transport = resolving()
        .upgrade(Version::V1)
        .authenticate(noise)
        .multiplex(yamux)
        .timeout(config.pace.handshake)
        .boxed();
    let behaviour = behaviour(config, &keypair)?;
    // Who stays connected is decided here, by what peers do: none is dropped for being quiet.
    let settings = swarm::Config::with_tokio_executor()
        .with_idle_connection_timeout(Duration::from_secs(365 * 24 * 60 * 60))
        .with_max_negotiating_inbound_streams(STREAMS);
    Ok(Swarm::new(transport, behaviour, keypair.public().to_peer_id(), settings))
}

/// TCP, with names as the machine resolves them; on one that resolves none, addresses alone.
fn resolving() -> dns::tokio::Transport<tcp::tokio::Transport> {
    let tcp = || tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    dns::tokio::Transport::system(tcp()).unwrap_or_else(|error| {
        tracing::warn!(error.message = %error, "names of peers cannot be resolved");
        let nowhere = dns::ResolverConfig::new();
        dns::tokio::Transport::custom(tcp(), nowhere, dns::ResolverOpts::default())
    })
}

fn behaviour(config: &PeersConfig, keypair: &Keypair) -> Result<Behaviour, CannotStart> {
    let limits = &config.limits;
    let persistent = u32::try_from(config.persistent.len()).unwrap_or(u32::MAX);
    let connections = ConnectionLimits::default()
        .with_max_pending_incoming(Some(limits.handshakes))
        .with_max_pending_outgoing(Some(limits.handshakes.saturating_add(persistent)))
        .with_max_established_incoming(Some(limits.inbound))
        .with_max_established_outgoing(Some(limits.outbound.saturating_add(persistent)))
        // Two peers that dial each other at the same time have two connections.
        .with_max_established_per_peer(Some(2));
    let protocol = protocol(&config.ledger);
    let stream = StreamProtocol::try_from_owned(format!("{protocol}/ask"))
        .map_err(|error| CannotStart::Part(error.to_string()))?;
    let asks = request_response::Config::default()
        .with_request_timeout(config.pace.answer)
        .with_max_concurrent_streams(STREAMS);
    // Without a cache nothing that a peer says of itself is dialled.
    let identity = identify::Config::new(protocol, keypair.public())
        .with_agent_version(config.agent.clone())
        .with_cache_size(0);
    let pings = ping::Config::new().with_interval(config.pace.ping).with_timeout(config.pace.ping);
    Ok(Behaviour {
        banned: allow_block_list::Behaviour::default(),
        gate: Gate::new(limits.connections_per_address, config.local),
        limits: connection_limits::Behaviour::new(connections),
        identify: identify::Behaviour::new(identity),
        ping: ping::Behaviour::new(pings),
        gossip: gossip(config)?,
        asks: request_response::Behaviour::new([(stream, ProtocolSupport::Full)], asks),
    })
}

/// Messages carry no author and are known by their content alone: a batch that two nodes publish is
/// one message. None goes on before the node has judged it.
fn gossip(
    config: &PeersConfig,
) -> Result<gossipsub::Behaviour<gossipsub::IdentityTransform, Subscriptions>, CannotStart> {
    let topics = Topics::of(&config.ledger);
    let settings = ConfigBuilder::default()
        .protocol_id_prefix(format!("{}/gossip", protocol(&config.ledger)))
        .validation_mode(ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(name_of)
        // The frame has the topic and lengths beside the message.
        .max_transmit_size(MAX_GOSSIP_BYTES + 1_024)
        .max_messages_per_rpc(Some(MAX_BATCH))
        .connection_handler_queue_len(GOSSIP_QUEUE)
        .history_length(GOSSIP_HISTORY)
        .heartbeat_initial_delay(Duration::from_millis(100))
        .heartbeat_interval(Duration::from_secs(1))
        .prune_backoff(Duration::from_secs(10))
        .build()
        .map_err(|error| CannotStart::Part(error.to_string()))?;
    let known: HashSet<TopicHash> = [topics.transitions.hash(), topics.blocks.hash()].into();
    let filter = MaxCountSubscriptionFilter {
        filter: WhitelistSubscriptionFilter(known),
        max_subscribed_topics: 2,
        max_subscriptions_per_request: 8,
    };
    let anonymous = MessageAuthenticity::Anonymous;
    let mut gossip =
        gossipsub::Behaviour::new_with_subscription_filter(anonymous, settings, filter)
            .map_err(|error| CannotStart::Part(error.to_owned()))?;
    let subscribed = [Some(&topics.transitions), config.blocks.then_some(&topics.blocks)];
    for topic in subscribed.into_iter().flatten() {
        gossip.subscribe(topic).map_err(|error| CannotStart::Part(error.to_string()))?;
    }
    Ok(gossip)
}

fn name_of(message: &gossipsub::Message) -> MessageId {
    let topic = message.topic.as_str().as_bytes();
    MessageId::new(Hash::of(&[topic, b"\0", &message.data]).as_bytes())
}
