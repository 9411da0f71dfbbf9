//! What was measured, and whether it is what was claimed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::failure::Failure;
use crate::report::{Report, pretty};

/// What connections have counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Transitions that took effect, durable and final.
    pub(super) accepted: u64,
    /// Refusals by code.
    pub(super) errors: BTreeMap<String, u64>,
    /// How long it took from the first request to the last answer.
    pub(super) seconds: f64,
    latencies_us: Vec<u32>,
}

impl Tally {
    /// One request was answered well after so long.
    pub(super) fn took(&mut self, latency: Duration) {
        self.latencies_us.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    /// A request was refused.
    pub(super) fn refused(&mut self, status: u16, body: &[u8]) {
        #[derive(Deserialize)]
        struct Problem {
            code: String,
        }
        let code = serde_json::from_slice::<Problem>(body).ok().map(|problem| problem.code);
        let code = code.unwrap_or_else(|| format!("http-{status}"));
        *self.errors.entry(code).or_default() += 1;
    }

    /// One line of a batch was judged.
    pub(super) fn judged(&mut self, line: &[u8]) {
        #[derive(Deserialize)]
        struct Line<'a> {
            status: &'a str,
            code: Option<&'a str>,
        }
        match serde_json::from_slice::<Line<'_>>(line) {
            Ok(Line { status: "applied", .. }) => self.accepted += 1,
            Ok(Line { status, code }) => {
                *self.errors.entry(code.unwrap_or(status).to_owned()).or_default() += 1;
            }
            Err(_) => *self.errors.entry("not-a-verdict".to_owned()).or_default() += 1,
        }
    }

    /// Adds what another connection has counted.
    pub(super) fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.latencies_us.extend(other.latencies_us);
        for (code, count) in other.errors {
            *self.errors.entry(code).or_default() += count;
        }
    }
}

/// What a run has measured.
pub(super) struct Figures {
    /// `single` or `batch`.
    pub(super) mode: String,
    /// `card` or `handoff`.
    pub(super) workload: String,
    /// Connections.
    pub(super) connections: usize,
    /// Transitions in a batch.
    pub(super) batch_size: Option<usize>,
    /// Signatures on a transition.
    pub(super) signatures_each: usize,
    /// By how many entries the server says that its log has grown.
    pub(super) log_grew: u64,
    /// Signatures that this machine verifies a second when it does nothing else, before the load.
    pub(super) bare_before: f64,
    /// The same after the load.
    pub(super) bare_after: f64,
    /// What was counted.
    pub(super) tally: Tally,
}

/// What is claimed of a run.
#[derive(Default)]
pub(super) struct Claims {
    /// Transitions a second.
    pub(super) rate: Option<f64>,
    /// Signatures a second as a part of the bare rate.
    pub(super) ratio: Option<f64>,
    /// The most that half of the requests take.
    pub(super) p50_ms: Option<f64>,
    /// The most that all but one of a hundred requests take.
    pub(super) p99_ms: Option<f64>,
}

impl Figures {
    /// The figures, as a failure when they are not what is claimed.
    pub(super) fn report(mut self, claims: &Claims) -> Result<Report, Failure> {
        self.tally.latencies_us.sort_unstable();
        let rate = self.tally.accepted as f64 / self.tally.seconds.max(f64::EPSILON);
        let bare = (self.bare_before + self.bare_after) / 2.0;
        let ratio = rate * self.signatures_each as f64 / bare;
        let report = Report::new(self.text(rate, ratio), self.json(rate, ratio));
        let less = |is: f64, least: Option<f64>| least.filter(|least| is < *least);
        let more = |part: f64, most: Option<f64>| {
            let is = self.quantile_ms(part);
            most.filter(|most| is > *most).map(|most| (is, most))
        };
        let what = if let Some((is, most)) = more(0.5, claims.p50_ms) {
            format!("p50 is {is:.0} ms, and at most {most:.0} ms was claimed")
        } else if let Some((is, most)) = more(0.99, claims.p99_ms) {
            format!("p99 is {is:.0} ms, and at most {most:.0} ms was claimed")
        } else if let Some(least) = less(rate, claims.rate) {
            format!("the rate is {rate:.0}/s, and at least {least:.0}/s was claimed")
        } else if let Some(least) = less(ratio, claims.ratio) {
            format!("the ratio is {ratio:.3}, and at least {least:.3} was claimed")
        } else if self.log_grew < self.tally.accepted {
            let (grew, accepted) = (self.log_grew, self.tally.accepted);
            format!("{accepted} were acknowledged, and the log grew by {grew}")
        } else {
            return Ok(report);
        };
        Err(Failure::Missed { what, figures: Box::new(report) })
    }

    fn text(&self, rate: f64, ratio: f64) -> String {
        let Tally { accepted, errors, seconds, .. } = &self.tally;
        let per = if self.batch_size.is_some() { "batch" } else { "request" };
        let mut text = format!(
            "{accepted} transitions final in {seconds:.2} s: {rate:.0}/s ({} mode, {} connections, {} workload)\n",
            self.mode, self.connections, self.workload
        );
        text += &format!("latency of a {per} in ms:");
        for (name, part) in QUANTILES {
            text += &format!("  {name} {:.2}", self.quantile_ms(*part));
        }
        text += &format!("  max {:.2}\n", self.quantile_ms(1.0));
        text += &match errors.is_empty() {
            true => "errors: none\n".to_owned(),
            false => format!("errors by code: {}\n", pretty(&json!(errors))),
        };
        text += &format!(
            "bare verify_strict on all cores: {:.0}/s before, {:.0}/s after\n",
            self.bare_before, self.bare_after
        );
        text += &format!(
            "signatures verified and final: {:.0}/s, {:.1} % of bare",
            rate * self.signatures_each as f64,
            ratio * 100.0
        );
        text
    }

    fn json(&self, rate: f64, ratio: f64) -> serde_json::Value {
        let quantiles: BTreeMap<&str, f64> =
            QUANTILES.iter().map(|(name, part)| (*name, self.quantile_ms(*part))).collect();
        json!({
            "mode": self.mode,
            "workload": self.workload,
            "connections": self.connections,
            "batch_size": self.batch_size,
            "signatures_each": self.signatures_each,
            "final": self.tally.accepted,
            "log_grew": self.log_grew,
            "seconds": self.tally.seconds,
            "rate": rate,
            "latency_ms": quantiles,
            "latency_max_ms": self.quantile_ms(1.0),
            "errors": self.tally.errors,
            "bare_before": self.bare_before,
            "bare_after": self.bare_after,
            "ratio": ratio,
        })
    }

    /// The latency within which this part of the requests was answered (nearest rank).
    fn quantile_ms(&self, part: f64) -> f64 {
        let sorted = &self.tally.latencies_us;
        let rank = (part * sorted.len() as f64).ceil() as usize;
        let latency_us = sorted.get(rank.saturating_sub(1).min(sorted.len().saturating_sub(1)));
        f64::from(latency_us.copied().unwrap_or_default()) / 1000.0
    }
}

const QUANTILES: &[(&str, f64)] = &[("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn figures(latencies_ms: impl Iterator<Item = u64>) -> Figures {
        let mut tally = Tally { accepted: 100, seconds: 1.0, ..Tally::default() };
        latencies_ms.for_each(|latency_ms| tally.took(Duration::from_millis(latency_ms)));
        Figures {
            mode: "single".into(),
            workload: "card".into(),
            connections: 1,
            batch_size: None,
            signatures_each: 1,
            log_grew: 100,
            bare_before: 190.0,
            bare_after: 210.0,
            tally,
        }
    }

    #[test]
    fn quantiles_are_of_the_nearest_rank() {
        let report = figures((1..=100).rev()).report(&Claims::default()).unwrap();
        let json = report.json();
        assert_eq!(json["latency_ms"]["p50"], 50.0);
        assert_eq!(json["latency_ms"]["p99"], 99.0);
        assert_eq!(json["latency_max_ms"], 100.0);
        assert_eq!(json["ratio"], 0.5);
    }

    #[test]
    fn a_claim_that_does_not_hold_fails() {
        let claims = |rate, ratio| Claims { rate, ratio, ..Claims::default() };
        assert!(figures(1..2).report(&claims(Some(100.0), Some(0.5))).is_ok());
        assert!(figures(1..2).report(&claims(Some(101.0), None)).is_err());
        assert!(figures(1..2).report(&claims(None, Some(0.51))).is_err());
        let within = |p50_ms, p99_ms| {
            let claims = Claims { p50_ms: Some(p50_ms), p99_ms: Some(p99_ms), ..Claims::default() };
            figures(1..=100).report(&claims).is_ok()
        };
        assert!(within(50.0, 99.0));
        assert!(!within(49.0, 99.0));
        assert!(!within(50.0, 98.0));
        let lost = Figures { log_grew: 99, ..figures(1..2) };
        assert!(lost.report(&claims(None, None)).is_err());
    }
}
