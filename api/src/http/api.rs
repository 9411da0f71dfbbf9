//! What every handler shares: the node, the metrics, and what is made once at the start.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{self, Bytes};
use tokio::sync::{Semaphore, watch};

use super::changes::Changes;
use super::limits::Limits;
use super::metrics::Metrics;
use super::problem::Problem;
use crate::config::Serving;
use crate::node::Node;
use crate::openapi;
use crate::projection::{ProjectionError, Projections};
use crate::records::{KeepError, Records};
use crate::witnessing::Cosigned;

/// Event streams that are open at a time.
const STREAMS_MAX: usize = 512;
/// How long a reader waits for the projections to reach what is final already.
const CATCH_UP: Duration = Duration::from_millis(500);

/// What every handler shares. There is one, behind [`web::Data`].
pub(super) struct Api {
    pub(super) node: Node,
    pub(super) metrics: Metrics,
    /// How people reach this server, without a slash at the end.
    pub(super) public_url: String,
    /// The origins that an access token may be for.
    pub(super) origins: Vec<String>,
    /// The interface description, as it is sent.
    pub(super) openapi: Bytes,
    /// What blocks changed.
    pub(super) changes: Changes,
    /// The latest checkpoint that witnesses have cosigned.
    pub(super) cosigned: Arc<Cosigned>,
    /// How much one client may ask for.
    pub(super) limits: Limits,
    /// Whether answers go over TLS.
    pub(super) is_secure: bool,
    /// The records that are kept here.
    pub(super) records: Records,
    /// Room for event streams.
    pub(super) streams: Arc<Semaphore>,
    /// Becomes true when the server is stopping.
    pub(super) stopping: watch::Receiver<bool>,
}

impl Api {
    pub(super) fn new(
        node: Node,
        records: Records,
        public_url: &str,
        origins: Vec<String>,
        serving: Serving,
        stopping: watch::Receiver<bool>,
    ) -> Result<Self, prometheus::Error> {
        Ok(Self {
            metrics: Metrics::new()?,
            public_url: public_url.trim_end_matches('/').to_owned(),
            origins,
            openapi: openapi::document().to_json().unwrap_or_default().into(),
            changes: Changes::new(node.clone()),
            cosigned: Arc::default(),
            is_secure: matches!(serving.tls(), Ok(Some(_))),
            limits: Limits::new(serving),
            records,
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            node,
            stopping,
        })
    }

    /// Whether the server is stopping.
    pub(super) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Asks the projections on a thread that may wait for the disk.
    pub(super) async fn query<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Projections) -> Result<T, ProjectionError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.projections_reach_tip().await;
        let projections = self.node.projections().clone();
        Ok(web::block(move || ask(&projections)).await??)
    }

    /// Reads the ledger on a thread that may wait for the disk.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Node) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let node = self.node.clone();
        web::block(move || read(&node)).await?
    }

    /// Works on the records that are kept, on a thread that may wait for the disk.
    pub(super) async fn keeping<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Records) -> Result<T, KeepError> + Send + 'static,
    ) -> Result<T, Problem> {
        let records = self.records.clone();
        Ok(web::block(move || work(&records)).await??)
    }

    /// Who has just been told that something is final should find it: waits a little, not for ever.
    pub(super) async fn projections_reach_tip(&self) {
        let tip = self.node.view().tip().header.height;
        let reached = self.node.projections().reached(tip);
        if tokio::time::timeout(CATCH_UP, reached).await.is_err() {
            tracing::debug!(tip.height = tip, "the projections are behind");
        }
    }
}
