//! Figures about the running server, in the text format of Prometheus.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::http::header::ContentType;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, web};
use prometheus::core::Collector;
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use super::api::Api;
use super::input::{Nothing, Query};
use super::problem::{self, Problem};
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
    node: IntGaugeVec,
    bytes: IntGaugeVec,
    streams: IntGauge,
}

impl Metrics {
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        let latency = HistogramOpts::new(
            "chancery_http_request_duration_seconds",
            "From the headers of a request to the headers of its answer.",
        );
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(
                Opts::new("chancery_http_requests_total", "Requests by route, method and status."),
                &["route", "method", "status"],
            )?,
            latency: HistogramVec::new(latency.buckets(LATENCY_S.to_vec()), &["route"])?,
            verdicts: IntCounterVec::new(
                Opts::new("chancery_verdicts_total", "Transitions by what became of them."),
                &["verdict"],
            )?,
            node: IntGaugeVec::new(Opts::new("chancery_node", "The node's state."), &["what"])?,
            bytes: IntGaugeVec::new(
                Opts::new("chancery_disk_bytes", "Bytes on the disk by file."),
                &["file"],
            )?,
            streams: IntGauge::new("chancery_event_streams", "Event streams that are open.")?,
        };
        let Self { registry, requests, latency, verdicts, node, bytes, streams } = &metrics;
        let collectors: [Box<dyn Collector>; 6] = [
            Box::new(requests.clone()),
            Box::new(latency.clone()),
            Box::new(verdicts.clone()),
            Box::new(node.clone()),
            Box::new(bytes.clone()),
            Box::new(streams.clone()),
        ];
        collectors.into_iter().try_for_each(|collector| registry.register(collector))?;
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

    fn text(&self, node: &Node) -> Result<Vec<u8>, Problem> {
        self.read_node(node)?;
        let mut text = Vec::new();
        let encoded = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        encoded.map_err(|error| problem::internal(&error))?;
        Ok(text)
    }

    fn read_node(&self, node: &Node) -> Result<(), Problem> {
        let health = node.health();
        let counters = node.counters();
        let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let figures = [
            ("height", health.height),
            ("log_size", health.log_size),
            ("applied_height", health.applied_height.unwrap_or_default()),
            ("queue_transitions", health.queue_len as u64),
            ("queue_capacity_transitions", health.queue_capacity as u64),
            ("halted", u64::from(health.halted.is_some())),
            ("ordered_since_start", count(&counters.ordered)),
            ("rejected_since_start", count(&counters.rejected)),
            ("refused_since_start", count(&counters.refused)),
            ("signatures_verified_since_start", count(&counters.signatures)),
            ("blocks_since_start", count(&counters.blocks)),
        ];
        for (what, figure) in figures {
            self.node.with_label_values(&[what]).set(figure as i64);
        }
        for (file, bytes) in node.view().bytes_on_disk()? {
            self.bytes.with_label_values(&[file]).set(bytes as i64);
        }
        Ok(())
    }
}

/// What a verdict is called in answers and figures.
pub(super) fn verdict_name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Ordered { rejection: None, .. } => "applied",
        Verdict::Ordered { rejection: Some(_), .. } => "rejected",
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
    let content_type = ContentType("text/plain; version=0.0.4".parse().map_err(|error| {
        let error: actix_web::mime::FromStrError = error;
        problem::internal(&error)
    })?);
    Ok(HttpResponse::Ok().insert_header(content_type).body(text))
}
