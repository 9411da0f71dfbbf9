//! Strangers made of libp2p itself: they shake hands properly, and then do as they like.

use std::future::pending;
use std::io;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::{AsyncRead, AsyncWrite, AsyncWriteExt, StreamExt};
use libp2p::gossipsub::{self, IdentTopic, MessageAuthenticity, PublishError, ValidationMode};
use libp2p::request_response::{self, Codec, ProtocolSupport};
use libp2p::swarm::{NetworkBehaviour, SwarmEvent, dummy};
use libp2p::{Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder, noise, tcp, yamux};
use tokio::runtime::Runtime;

use crate::node::{LEDGER, PATIENCE};

/// A stranger that behaves like this.
pub(crate) struct Stranger<B: NetworkBehaviour> {
    runtime: Runtime,
    swarm: Swarm<B>,
    node: Option<PeerId>,
}

/// What is written where a request is expected.
pub(crate) enum Line {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes, and then nothing, without an end.
    Unfinished(Vec<u8>),
}

#[derive(Clone, Default)]
pub(crate) struct Lines;

#[async_trait]
impl Codec for Lines {
    type Protocol = StreamProtocol;
    type Request = Line;
    type Response = ();

    async fn read_request<T>(&mut self, _: &StreamProtocol, _: &mut T) -> io::Result<Line>
    where
        T: AsyncRead + Unpin + Send,
    {
        Ok(pending().await)
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<()>
    where
        T: AsyncRead + Unpin + Send,
    {
        futures_util::AsyncReadExt::read_exact(io, &mut [0; 5]).await
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        line: Line,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        match line {
            Line::Bytes(bytes) => io.write_all(&bytes).await,
            Line::Unfinished(bytes) => {
                io.write_all(&bytes).await?;
                io.flush().await?;
                pending().await
            }
        }
    }

    async fn write_response<T>(&mut self, _: &StreamProtocol, _: &mut T, _: ()) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        Ok(())
    }
}

fn stranger<B: NetworkBehaviour>(behaviour: impl FnOnce() -> B) -> Stranger<B> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let within = runtime.enter();
    let swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .expect("a transport")
        .with_behaviour(|_| behaviour())
        .expect("a behaviour")
        .with_swarm_config(|config| config.with_idle_connection_timeout(PATIENCE * 2))
        .build();
    drop(within);
    Stranger { runtime, swarm, node: None }
}

/// One that connects and says nothing.
pub(crate) fn mute() -> Stranger<dummy::Behaviour> {
    stranger(|| dummy::Behaviour)
}

/// One that writes what it likes where requests are expected.
pub(crate) fn asker() -> Stranger<request_response::Behaviour<Lines>> {
    let protocol = StreamProtocol::try_from_owned(format!("/chancery/1/{LEDGER}/ask"));
    let protocol = protocol.expect("a protocol");
    let config = request_response::Config::default().with_request_timeout(Duration::from_secs(3));
    stranger(|| request_response::Behaviour::new([(protocol, ProtocolSupport::Outbound)], config))
}

/// One that gossips what it likes.
pub(crate) fn shouter() -> Stranger<gossipsub::Behaviour> {
    let config = gossipsub::ConfigBuilder::default()
        .protocol_id_prefix(format!("/chancery/1/{LEDGER}/gossip"))
        .validation_mode(ValidationMode::Anonymous)
        .max_transmit_size(10_000_000)
        .message_id_fn(|message| {
            gossipsub::MessageId::from(chancery_ledger::hash::Hash::of(&[&message.data]).0)
        })
        .build()
        .expect("a configuration");
    stranger(|| {
        gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config).expect("a behaviour")
    })
}

impl<B: NetworkBehaviour> Stranger<B> {
    pub(crate) fn id(&self) -> PeerId {
        *self.swarm.local_peer_id()
    }

    /// Connects with a node.
    pub(crate) fn dial(&mut self, address: &Multiaddr) {
        let address = address.clone();
        let within = self.runtime.enter();
        self.swarm.dial(address).expect("dials");
        drop(within);
        let id = self.until("it is connected", |event| match event {
            SwarmEvent::ConnectionEstablished { peer_id, .. } => Some(*peer_id),
            _ => None,
        });
        self.node = Some(id);
    }

    /// Waits until the node has had enough.
    pub(crate) fn until_closed(&mut self) {
        self.until("it is closed", |event| {
            matches!(event, SwarmEvent::ConnectionClosed { .. }).then_some(())
        });
    }

    /// Goes on until this is so elsewhere.
    pub(crate) fn go_on_until(&mut self, what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < deadline, "not seen in time: {what}");
            self.go_on_for(Duration::from_millis(20));
        }
    }

    /// Goes on for a moment.
    pub(crate) fn go_on_for(&mut self, moment: Duration) {
        let swarm = &mut self.swarm;
        let events = async {
            loop {
                swarm.select_next_some().await;
            }
        };
        let _: Result<(), _> =
            self.runtime.block_on(async { tokio::time::timeout(moment, events).await });
    }

    fn until<T>(
        &mut self,
        what: &str,
        mut is_it: impl FnMut(&SwarmEvent<B::ToSwarm>) -> Option<T>,
    ) -> T {
        let swarm = &mut self.swarm;
        let found = async {
            loop {
                let event = swarm.select_next_some().await;
                if let Some(found) = is_it(&event) {
                    return found;
                }
            }
        };
        let found = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, found).await });
        found.unwrap_or_else(|_| panic!("not seen in time: {what}"))
    }
}

impl Stranger<request_response::Behaviour<Lines>> {
    pub(crate) fn ask(&mut self, line: Line) {
        let node = self.node.expect("it is connected");
        self.swarm.behaviour_mut().send_request(&node, line);
    }

    /// Waits until so many requests have come to nothing.
    pub(crate) fn until_failed(&mut self, count: usize) {
        let mut failed = 0;
        self.until("requests fail", |event| {
            let fails = matches!(
                event,
                SwarmEvent::Behaviour(request_response::Event::OutboundFailure { .. })
            );
            failed += usize::from(fails);
            (failed >= count).then_some(())
        });
    }
}

impl Stranger<gossipsub::Behaviour> {
    /// Publishes so many bytes that are no message, once the node has said that it listens.
    pub(crate) fn shout(&mut self, topic: &str, bytes: usize) {
        let topic = IdentTopic::new(format!("/chancery/1/{LEDGER}/{topic}"));
        // Each attempt is another message: what was tried once counts as sent.
        let mut attempt = 0xee;
        while let Err(error) =
            self.swarm.behaviour_mut().publish(topic.clone(), vec![attempt; bytes])
        {
            attempt -= 1;
            assert!(matches!(error, PublishError::NoPeersSubscribedToTopic), "{error}");
            self.until("the node subscribes", |event| match event {
                SwarmEvent::Behaviour(gossipsub::Event::Subscribed { .. }) => Some(()),
                _ => None,
            });
        }
    }
}
