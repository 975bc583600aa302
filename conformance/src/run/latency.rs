//! How long answers took. No clock here: durations come with the exchanges.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::Action;
use crate::wire::exchange::Exchange;

/// Significant digits that are kept: two mean an error of at most one percent.
const DIGITS: u8 = 2;
/// Longest duration that is told apart, in microseconds; longer ones count as this. Requests time out before.
const MAX_LATENCY_US: u64 = 120_000_000;

/// Endpoints of an authorization server, by the last segment of their path.
const ENDPOINTS: [&str; 6] = ["authorize", "token", "revoke", "userinfo", "register", "keys"];
/// Every other path of an authorization server: its metadata documents.
const METADATA: &str = "metadata";

/// Response times of one operation, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Latency {
    /// The operationId, or the endpoint of the authorization server.
    pub operation: Cow<'static, str>,
    /// Number of complete responses.
    pub answers: u64,
    /// Median. Of several runs together: the largest of their medians, which theirs cannot exceed.
    pub p50_ms: f64,
    /// 95th percentile. Of several runs together: the largest of theirs.
    pub p95_ms: f64,
    /// Maximum.
    pub max_ms: f64,
}

/// Collects durations in bounded memory: a few kilobytes for each operation, however many requests there are.
#[derive(Default)]
pub(crate) struct Latencies(BTreeMap<&'static str, Histogram<u32>>);

impl Latencies {
    /// Adds an exchange, if it had a complete answer.
    pub(crate) fn note(&mut self, action: &Action, exchange: &Exchange) {
        if exchange.answer().is_some() {
            self.add(operation(action, exchange), exchange.elapsed);
        }
    }

    fn add(&mut self, operation: &'static str, elapsed: Duration) {
        if !self.0.contains_key(operation) {
            // These bounds are valid ones; were they not, this operation would have no row.
            let Ok(histogram) = Histogram::new_with_bounds(1, MAX_LATENCY_US, DIGITS) else { return };
            self.0.insert(operation, histogram);
        }
        if let Some(histogram) = self.0.get_mut(operation) {
            histogram.saturating_record(u64::try_from(elapsed.as_micros()).unwrap_or(MAX_LATENCY_US));
        }
    }

    /// One row for each operation, by name.
    pub(crate) fn rows(&self) -> Vec<Latency> {
        let row = |(operation, histogram): (&&'static str, &Histogram<u32>)| {
            let ms = |us: u64| us as f64 / 1000.0;
            Latency {
                operation: (*operation).into(),
                answers: histogram.len(),
                p50_ms: ms(histogram.value_at_quantile(0.5)),
                p95_ms: ms(histogram.value_at_quantile(0.95)),
                max_ms: ms(histogram.max()),
            }
        };
        self.0.iter().map(row).collect()
    }
}

/// The operation that an exchange asks for: its operationId, or the endpoint of the authorization server.
pub(super) fn operation(action: &Action, exchange: &Exchange) -> &'static str {
    action.operation().unwrap_or_else(|| endpoint(&exchange.path))
}

fn endpoint(path: &str) -> &'static str {
    let path = path.split('?').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    ENDPOINTS.into_iter().find(|endpoint| *endpoint == last).unwrap_or(METADATA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_within_a_percent() {
        let mut latencies = Latencies::default();
        for ms in 1..=1_000 {
            latencies.add("LoadMcpServer", Duration::from_millis(ms));
        }
        latencies.add("token", Duration::from_secs(3_600));
        let rows = latencies.rows();
        let [load, token] = &rows[..] else { panic!("{rows:?}") };
        let close = |actual: f64, wanted: f64| (actual - wanted).abs() <= wanted / 100.0;
        assert_eq!((load.operation.as_ref(), load.answers), ("LoadMcpServer", 1_000));
        assert!(
            close(load.p50_ms, 500.0) && close(load.p95_ms, 950.0) && close(load.max_ms, 1_000.0),
            "{load:?}"
        );
        assert!(close(token.max_ms, MAX_LATENCY_US as f64 / 1000.0), "{token:?}");
    }

    #[test]
    fn an_endpoint_is_named_without_the_ids_in_its_path() {
        assert_eq!(endpoint("/oauth2/v1/apps/agentic/P1/MS1/token"), "token");
        assert_eq!(endpoint("/oauth2/v1/apps/agentic/P1/MS1/authorize?client_id=a/b"), "authorize");
        assert_eq!(endpoint("/.well-known/oauth-authorization-server/v1/apps/agentic/P1/MS1"), METADATA);
    }
}
