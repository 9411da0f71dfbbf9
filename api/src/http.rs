//! The HTTP interface: started, served and stopped in good order.

mod access;
mod api;
mod audits;
mod batch;
mod blocks;
mod body;
mod changes;
mod codes;
mod described;
mod events;
mod forms;
mod forwarded;
mod guard;
mod health;
mod history;
mod idempotency;
mod input;
mod kept;
mod ledger;
mod limits;
mod metrics;
mod network;
mod network_events;
mod objects;
mod pages;
mod parties;
mod pools;
mod problem;
mod proofs;
mod qr;
mod questions;
mod reply;
mod router;
mod search;
mod standings;
mod streams;
mod submit;
mod tiles;
mod tls;
mod transitions;
mod versions;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, rt, web};
use chancery_node_files::WITNESSES_FILE;
use chancery_node_files::witnesses::{WitnessesConfig, WitnessesConfigError};
use tokio::sync::watch;

use crate::config::network::NetworkConfigError;
use crate::config::{Config, KeyFileError};
use crate::kept::Kept;
#[cfg(feature = "pool")]
use crate::node::PoolConfig;
use crate::node::{Node, NodeConfig, NodeError, WorkConfig};
use crate::records::{self, KeepError, Records};
use crate::witnessing::Witnessing;
use api::Api;
use tls::Certificate;

pub(crate) use described::Described;
pub(crate) use history::HistoryQuery as HistoryParameters;
pub(crate) use input::AsOfQuery as AsOfParameters;
pub(crate) use objects::ObjectQuery as ObjectParameters;
pub(crate) use questions::QuestionQuery as QuestionParameters;
pub(crate) use search::HeldQuery as HoldingsParameters;
pub use tls::TlsError;

/// Why the server does not start, or has stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// There is nothing to open.
    #[error("{0}: there is no ledger here; found one with `chanceryd init`")]
    NoLedger(String),
    /// The configuration says what cannot be.
    #[error("{0}")]
    Config(String),
    /// The node's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// What stands in `network.json` cannot be used.
    #[error(transparent)]
    Network(#[from] NetworkConfigError),
    /// What stands in `witnesses.json` cannot be used.
    #[error(transparent)]
    Witnesses(#[from] WitnessesConfigError),
    /// Certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The node does not start.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// What is kept of records does not open.
    #[error("the records that are kept: {0}")]
    Records(#[from] KeepError),
    /// The metrics cannot be made.
    #[error(transparent)]
    Metrics(#[from] prometheus::Error),
    /// The address cannot be listened on.
    #[error("{address}: {source}")]
    Listen {
        /// Which address.
        address: String,
        /// What the system said.
        source: io::Error,
    },
}

/// A connection without a request is closed after this time.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// The headers of a request must be here by then.
const HEADERS_MAX: Duration = Duration::from_secs(10);
/// Requests under way may take this long when the server stops.
const SHUTDOWN_MAX_S: u64 = 30;

/// Opens the ledger and serves it until the process is told to stop.
///
/// When this returns without an error, everything that was acknowledged is on the disk, with a
/// checkpoint behind it.
pub fn serve(config: &Config) -> Result<(), ServeError> {
    if !config.data.join("genesis.json").exists() {
        return Err(ServeError::NoLedger(config.data.display().to_string()));
    }
    let network = config.network()?;
    let witnesses = WitnessesConfig::read(&config.data.join(WITNESSES_FILE))?;
    let tls = config.serving.tls().map_err(ServeError::Config)?;
    let certificate = tls.map(Certificate::read).transpose()?;
    let (node, running) = Node::start(NodeConfig {
        data: config.data.clone(),
        genesis: None,
        key: config.node_key()?,
        database: config.database().map_err(ServeError::Config)?,
        verifiers: config.verifier_count(),
        projects: true,
        #[cfg(feature = "pool")]
        pool: network.as_ref().map(PoolConfig::from),
        work: network.as_ref().map(WorkConfig::from).unwrap_or_default(),
    })?;
    let served = open_records(&node, config).and_then(|records| {
        rt::System::new().block_on(listen(node, config, records, witnesses, certificate))
    });
    // Whether or not it was served: what was taken in is carried through.
    running.stop();
    served
}

/// Opens the records that this node keeps, and erases first what the ledger says is erased.
fn open_records(node: &Node, config: &Config) -> Result<Records, ServeError> {
    let database = config.database().map_err(ServeError::Config)?;
    let kept = Kept::open(&config.data, &database).map_err(KeepError::from)?;
    let records = Records::open(&config.data, kept, node.view().clone())?;
    match records.erase_what_is_erased()? {
        0 => {}
        erased => tracing::info!(records = erased, "erased while opening"),
    }
    Ok(records)
}

async fn listen(
    node: Node,
    config: &Config,
    records: Records,
    witnesses: Option<WitnessesConfig>,
    certificate: Option<Arc<Certificate>>,
) -> Result<(), ServeError> {
    let address = config.socket_address();
    let failed = |source| ServeError::Listen { address: address.to_string(), source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let listens_at = listener.local_addr().map_err(failed)?;
    let scheme = if certificate.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{listens_at}");
    let (stop, stopping) = watch::channel(false);
    let public_url = config.public_url.as_deref().unwrap_or(&url);
    let origins = access::origins(public_url, scheme, listens_at);
    let erasing = records::follow(records.clone(), node.clone());
    let serving = config.serving.clone();
    let api = Api::new(node.clone(), records, public_url, origins, serving, stopping.clone())?;
    let api = web::Data::new(api);
    let witnessing = witnesses
        .map(|witnesses| Witnessing::new(node, witnesses, &config.data, api.cosigned.clone()))
        .transpose()
        .map_err(ServeError::Config)?;
    let followed = api.clone();
    let workers = config.worker_count();
    let server =
        HttpServer::new(move || App::new().app_data(api.clone()).configure(router::routes))
            .workers(workers)
            .max_connections(config.max_connections.div_ceil(workers))
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEADERS_MAX)
            .shutdown_timeout(SHUTDOWN_MAX_S)
            .disable_signals();
    let server = match &certificate {
        Some(certificate) => server.listen_rustls_0_23(listener, certificate.settings()?),
        None => server.listen(listener),
    };
    let server = server.map_err(failed)?.run();
    if let Some(certificate) = certificate {
        rt::spawn(certificate.follow());
    }
    rt::spawn(async move { followed.changes.follow().await });
    rt::spawn(erasing);
    if let Some(witnessing) = witnessing {
        rt::spawn(witnessing.run(stopping));
    }
    println!("listening on {url}");
    rt::spawn(stop_when_told(stop, server.handle()));
    server.await.map_err(failed)
}

/// Takes no more connections in, lets streams end, and waits for what is under way.
async fn stop_when_told(stop: watch::Sender<bool>, server: ServerHandle) {
    match signal().await {
        Ok(name) => tracing::info!(signal = name, "stopping"),
        Err(error) => tracing::error!(%error, "no signal can be heard: stopping"),
    }
    stop.send_replace(true);
    server.stop(true).await;
}

#[cfg(unix)]
async fn signal() -> io::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => Ok("SIGTERM"),
        _ = interrupt.recv() => Ok("SIGINT"),
    }
}

#[cfg(not(unix))]
async fn signal() -> io::Result<&'static str> {
    tokio::signal::ctrl_c().await.map(|()| "Ctrl-C")
}
