//! Strangers at a node's ports for other nodes: rubbish, too much of it, and too little.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::damage::Random;

/// What strangers did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Visits {
    /// Connections that were made.
    pub(super) connections: u64,
    /// Bytes that were sent.
    pub(super) bytes: u64,
}

/// How libp2p's negotiation begins (multistream-select 1.0): a length and a name.
const GREETING: &[u8] = b"\x13/multistream/1.0.0\n";
const NOISE: &[u8] = b"\x07/noise\n";
/// Connections of one kind of stranger at a time.
const AT_A_TIME: usize = 24;
/// What one connection sends at most.
const SENT_MAX: usize = 4 << 20;

/// A way of being a nuisance.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// Random bytes.
    Noise,
    /// A proper greeting, and random bytes where a handshake should be.
    HalfProper,
    /// A greeting, and messages that say they are as long as can be.
    Oversized,
    /// One byte now and then, for as long as it lasts.
    Slow,
    /// Comes and goes at once, many times.
    Flood,
}

const MANNERS: [Manner; 5] =
    [Manner::Noise, Manner::HalfProper, Manner::Oversized, Manner::Slow, Manner::Flood];

/// Strangers of each kind at these ports, for so long.
pub(super) async fn visit(ports: &[SocketAddr], during: Duration, seed: u64) -> Visits {
    let mut strangers = JoinSet::new();
    for (index, port) in ports.iter().enumerate() {
        for (kind, manner) in MANNERS.into_iter().enumerate() {
            for one in 0..AT_A_TIME {
                let seed = seed ^ ((index as u64) << 32) ^ ((kind as u64) << 16) ^ one as u64;
                let port = *port;
                strangers.spawn(async move { stay(port, manner, during, seed).await });
            }
        }
    }
    let mut all = Visits::default();
    while let Some(joined) = strangers.join_next().await {
        let visits = joined.unwrap_or_default();
        all.connections += visits.connections;
        all.bytes += visits.bytes;
    }
    all
}

/// Comes again and again until the time is over.
async fn stay(port: SocketAddr, manner: Manner, during: Duration, seed: u64) -> Visits {
    let mut visits = Visits::default();
    let mut random = Random::from_seed(seed);
    let all = async {
        loop {
            let Ok(mut stream) = TcpStream::connect(port).await else {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            visits.connections += 1;
            // The node hanging up is what should happen.
            let _ = behave(&mut stream, manner, &mut random, &mut visits.bytes).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let _: Result<(), _> = timeout(during, all).await;
    visits
}

async fn behave(
    stream: &mut TcpStream,
    manner: Manner,
    random: &mut Random,
    sent: &mut u64,
) -> std::io::Result<()> {
    let mut rubbish = |len: usize| -> Vec<u8> { (0..len).map(|_| random.number() as u8).collect() };
    match manner {
        Manner::Noise => {
            let bytes = rubbish(4096);
            for _ in 0..SENT_MAX / bytes.len() {
                say(stream, &bytes, sent).await?;
            }
        }
        Manner::HalfProper => {
            say(stream, GREETING, sent).await?;
            say(stream, NOISE, sent).await?;
            hear(stream).await?;
            let bytes = rubbish(2048);
            say(stream, &bytes, sent).await?;
            hear(stream).await?;
        }
        Manner::Oversized => {
            say(stream, GREETING, sent).await?;
            say(stream, NOISE, sent).await?;
            hear(stream).await?;
            // A noise frame of the greatest length, whose content never ends.
            let bytes = vec![0xff; 65_537];
            for _ in 0..SENT_MAX / bytes.len() {
                say(stream, &bytes, sent).await?;
            }
        }
        Manner::Slow => {
            for byte in GREETING.iter().cycle() {
                say(stream, &[*byte], sent).await?;
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
        Manner::Flood => {}
    }
    Ok(())
}

async fn say(stream: &mut TcpStream, bytes: &[u8], sent: &mut u64) -> std::io::Result<()> {
    *sent += bytes.len() as u64;
    stream.write_all(bytes).await
}

/// What the node says is of no interest, but that it says something or hangs up.
async fn hear(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut said = [0; 1024];
    let _ = timeout(Duration::from_secs(1), stream.read(&mut said)).await;
    Ok(())
}
