//! An exchange as it may be shown: without secrets, and cut to a bearable length. No I/O here.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    curl,
    exchange::{Exchange, Outcome},
    scrub::Scrubber,
};
use crate::text::shorten;

/// Longest body that a report holds, in characters: a list of all servers of a large project has megabytes.
const LONGEST_BODY: usize = 64 << 10;

/// A request and its answer, without secrets.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeReport {
    /// Position in the run.
    pub number: u64,
    /// HTTP method.
    pub method: &'static str,
    /// Path and query below the target.
    pub path: String,
    /// How it authenticated.
    pub authorization: &'static str,
    /// The body sent.
    pub request: String,
    /// HTTP status, if there was a complete answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers of the answer, in the order received.
    pub headers: Vec<HeaderReport>,
    /// The body received, or why there is none.
    pub answer: String,
    /// From the first byte sent to the last byte read, in milliseconds.
    pub elapsed_ms: f64,
    /// The request as a line for the shell; credentials and the target are variables in it.
    pub curl: String,
}

/// A header of an answer, without secrets.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HeaderReport {
    /// Its name in lower case.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl ExchangeReport {
    /// An exchange without its secrets.
    pub fn new(exchange: &Exchange, scrubber: &Scrubber) -> Self {
        let (status, headers, answer) = match &exchange.outcome {
            Outcome::Answered(answer) => {
                let header = |(name, value): &(String, String)| HeaderReport {
                    name: name.clone(),
                    value: scrubber.header(name, value),
                };
                let headers = answer.headers.iter().map(header).collect();
                (Some(answer.status), headers, scrubber.body(&answer.body))
            }
            Outcome::NeverSent(why) => (None, Vec::new(), format!("never sent: {}", scrubber.text(why))),
            Outcome::Unclear(why) => {
                (None, Vec::new(), format!("no complete answer: {}", scrubber.text(why)))
            }
        };
        Self {
            number: exchange.number,
            method: exchange.method,
            path: scrubber.fields(&exchange.path),
            authorization: exchange.authorization,
            request: shorten(&scrubber.body(&exchange.request_body), LONGEST_BODY),
            status,
            headers,
            answer: shorten(&answer, LONGEST_BODY),
            elapsed_ms: exchange.elapsed.as_secs_f64() * 1000.0,
            curl: curl::line(exchange, scrubber),
        }
    }
}
