//! Figures about the running server, in the text format of Prometheus.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::http::header;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, web};
use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

use super::api::Api;
use super::input::{Nothing, Query};
use super::problem::{self, Problem};
use crate::node::status::NetworkStatus;
use crate::node::{Node, Verdict};

/// Upper bounds in seconds, from what memory answers to what nobody should wait for.
const LATENCY_S: [f64; 13] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

/// The figures that are kept as things happen; the others are read when they are asked for.
pub(super) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    latency: HistogramVec,
    verdicts: IntCounterVec,
    streams: IntGauge,
}

impl Metrics {
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        let latency = HistogramOpts::new(
            "chancery_http_request_duration_seconds",
            "From the headers of a request to the headers of its answer.",
        );
        let requests =
            Opts::new("chancery_http_requests_total", "Requests by route, method and status.");
        let verdicts = Opts::new("chancery_verdicts_total", "Transitions by what became of them.");
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(requests, &["route", "method", "status"])?,
            latency: HistogramVec::new(latency.buckets(LATENCY_S.to_vec()), &["route"])?,
            verdicts: IntCounterVec::new(verdicts, &["verdict"])?,
            streams: IntGauge::new("chancery_event_streams", "Event streams that are open.")?,
        };
        metrics.registry.register(Box::new(metrics.requests.clone()))?;
        metrics.registry.register(Box::new(metrics.latency.clone()))?;
        metrics.registry.register(Box::new(metrics.verdicts.clone()))?;
        metrics.registry.register(Box::new(metrics.streams.clone()))?;
        Ok(metrics)
    }

    /// A request was answered.
    pub(super) fn answered(
        &self,
        method: &Method,
        route: &str,
        status: StatusCode,
        took: Duration,
    ) {
        // A method is the client's word: anything but the usual ones counts as one.
        let method = match *method {
            Method::GET | Method::HEAD | Method::POST | Method::OPTIONS => method.as_str(),
            _ => "other",
        };
        self.requests.with_label_values(&[route, method, status.as_str()]).inc();
        self.latency.with_label_values(&[route]).observe(took.as_secs_f64());
    }

    /// A transition has its verdict.
    pub(super) fn judged(&self, verdict: &Verdict) {
        self.verdicts.with_label_values(&[verdict_name(verdict)]).inc();
    }

    /// An event stream has begun, or ended.
    pub(super) fn streams(&self) -> &IntGauge {
        &self.streams
    }

    fn text(&self, node: &Node) -> Result<String, Problem> {
        let mut text = TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .map_err(|error| problem::internal(&error))?;
        text.extend(of_node(node).into_iter().map(described));
        text += &of_network(&node.network());
        text += "# HELP chancery_disk_bytes Bytes on the disk by file.\n";
        text += "# TYPE chancery_disk_bytes gauge\n";
        for (file, bytes) in node.view().bytes_on_disk()? {
            text += &format!("chancery_disk_bytes{{file=\"{file}\"}} {bytes}\n");
        }
        Ok(text)
    }
}

/// Name, kind, what it is, value.
type Figure = (&'static str, &'static str, &'static str, u64);

fn described((name, kind, help, value): Figure) -> String {
    format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n")
}

fn of_node(node: &Node) -> [Figure; 11] {
    let health = node.health();
    let counters = node.counters();
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (gauge, counter) = ("gauge", "counter");
    let applied = health.applied_height.unwrap_or_default();
    [
        ("chancery_height", gauge, "Height of the last final block.", health.height),
        ("chancery_log_entries", gauge, "Entries in the log.", health.log_size),
        ("chancery_projected_height", gauge, "Height that the projections have reached.", applied),
        ("chancery_queue_transitions", gauge, "Transitions that wait.", health.queue_len as u64),
        (
            "chancery_queue_capacity_transitions",
            gauge,
            "Transitions that may wait.",
            health.queue_capacity as u64,
        ),
        (
            "chancery_halted",
            gauge,
            "1 when writing has stopped, for good or for want of a quorum.",
            u64::from(node.network().halted.is_some()),
        ),
        ("chancery_blocks_total", counter, "Blocks made final.", count(&counters.blocks)),
        ("chancery_ordered_total", counter, "Transitions ordered.", count(&counters.ordered)),
        ("chancery_rejected_total", counter, "Ordered without effect.", count(&counters.rejected)),
        ("chancery_refused_total", counter, "Refused, not ordered.", count(&counters.refused)),
        (
            "chancery_signatures_verified_total",
            counter,
            "Signatures verified.",
            count(&counters.signatures),
        ),
    ]
}

/// How the node stands in its network, as far as that applies to it.
fn of_network(network: &NetworkStatus) -> String {
    let behind = network.best_peer_height.unwrap_or_default().saturating_sub(network.height);
    let mut figures: Vec<Figure> = vec![
        (
            "chancery_block_time_seconds",
            "gauge",
            "Time of the last block, from 1970.",
            network.time.as_ms() / 1000,
        ),
        ("chancery_peers", "gauge", "Peers it is connected with.", network.peers.len() as u64),
        (
            "chancery_round",
            "gauge",
            "Round of agreement about the next block.",
            network.round.into(),
        ),
        ("chancery_blocks_behind", "gauge", "Blocks that a peer has beyond this node's.", behind),
        (
            "chancery_final_height",
            "gauge",
            "Height that cannot be replaced any more.",
            network.final_height,
        ),
        (
            "chancery_wal_damaged",
            "gauge",
            "1 when its log of votes is damaged.",
            network.wal_damaged.into(),
        ),
    ];
    if let Some(pool) = &network.pool {
        let power = |connected: bool| {
            let members = pool.validators.iter().filter(|member| member.connected || !connected);
            members.map(|member| u64::from(member.power)).sum::<u64>()
        };
        figures.extend([
            ("chancery_pool_power", "gauge", "Power of the pool.", power(false)),
            (
                "chancery_pool_connected_power",
                "gauge",
                "Power of the members that are here.",
                power(true),
            ),
            (
                "chancery_pool_quorum_power",
                "gauge",
                "The least power that seals a block.",
                pool.quorum,
            ),
        ]);
    }
    if let Some(work) = &network.work {
        figures.extend([
            ("chancery_branches", "gauge", "Branches beside the best one.", work.branches),
            (
                "chancery_reorganisations_total",
                "counter",
                "Times another branch became the best.",
                work.reorganisations,
            ),
            (
                "chancery_deepest_reorganisation_blocks",
                "gauge",
                "Most blocks taken back at once.",
                work.deepest_reorganisation,
            ),
            ("chancery_hashes_total", "counter", "Nonces tried by this node.", work.hashes),
            (
                "chancery_fork_below_final",
                "gauge",
                "1 when others work on a branch that leaves this one below the last final block.",
                work.fork_below_final.is_some().into(),
            ),
        ]);
    }
    let mut text: String = figures.into_iter().map(described).collect();
    text += "# HELP chancery_finality_seconds From being taken in to being final, of the latest 1,024.\n";
    text += "# TYPE chancery_finality_seconds gauge\n";
    for (quantile, ms) in [("0.5", network.finality.p50_ms), ("0.99", network.finality.p99_ms)] {
        let seconds = ms as f64 / 1000.0;
        text += &format!("chancery_finality_seconds{{quantile=\"{quantile}\"}} {seconds}\n");
    }
    text
}

/// What a verdict is called in answers and figures.
pub(super) fn verdict_name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Ordered { rejection: None, .. } => "applied",
        Verdict::Ordered { rejection: Some(_), .. } => "rejected",
        Verdict::Waits { .. } => "waiting",
        Verdict::Duplicate { .. } => "duplicate",
        Verdict::Refused { .. } => "refused",
    }
}

/// `GET /metrics`
pub(super) async fn metrics(
    api: web::Data<Api>,
    _: Query<Nothing>,
) -> Result<HttpResponse, Problem> {
    let shared = api.clone();
    let text = web::block(move || shared.metrics.text(&shared.node)).await??;
    let content_type = (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    Ok(HttpResponse::Ok().insert_header(content_type).body(text))
}
