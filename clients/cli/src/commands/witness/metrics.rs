//! Figures about a witness, in the text format of Prometheus.

use prometheus::{IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};

/// The figures, by log. Only logs that are watched get a line of their own: others could name any.
pub(super) struct Metrics {
    registry: Registry,
    submissions: IntCounterVec,
    suspects: IntCounterVec,
    size: IntGaugeVec,
    time_s: IntGaugeVec,
}

impl Metrics {
    /// Nothing has happened yet.
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        let counts =
            |name, help, labels: &[&str]| IntCounterVec::new(Opts::new(name, help), labels);
        let stands = |name, help| IntGaugeVec::new(Opts::new(name, help), &["log"]);
        let metrics = Self {
            registry: Registry::new(),
            submissions: counts(
                "chancery_witness_submissions_total",
                "Submissions by log and by what they were answered with.",
                &["log", "answer"],
            )?,
            suspects: counts(
                "chancery_witness_suspects_total",
                "Checkpoints that a log has signed and that do not follow from what it had signed before.",
                &["log"],
            )?,
            size: stands(
                "chancery_witness_cosigned_size",
                "Entries of the log that was cosigned last.",
            )?,
            time_s: stands(
                "chancery_witness_cosigned_timestamp_seconds",
                "The time of the last cosignature; 0 if there is none.",
            )?,
        };
        metrics.registry.register(Box::new(metrics.submissions.clone()))?;
        metrics.registry.register(Box::new(metrics.suspects.clone()))?;
        metrics.registry.register(Box::new(metrics.size.clone()))?;
        metrics.registry.register(Box::new(metrics.time_s.clone()))?;
        Ok(metrics)
    }

    /// A submission was answered; with no log, when none that is watched was named.
    pub(super) fn answered(&self, origin: Option<&str>, answer: &str) {
        self.submissions.with_label_values(&[origin.unwrap_or_default(), answer]).inc();
    }

    /// A log has signed what does not follow.
    pub(super) fn suspected(&self, origin: &str) {
        self.suspects.with_label_values(&[origin]).inc();
    }

    /// A log is watched that was cosigned last with this size, at this time.
    pub(super) fn stands_at(&self, origin: &str, size: u64, time_s: u64) {
        let shown = |number| i64::try_from(number).unwrap_or(i64::MAX);
        self.size.with_label_values(&[origin]).set(shown(size));
        self.time_s.with_label_values(&[origin]).set(shown(time_s));
        // So that the first one is a change from 0.
        self.suspects.with_label_values(&[origin]);
    }

    /// The text of all figures.
    pub(super) fn text(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}
