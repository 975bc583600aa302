//! An exchange as it may be shown: without secrets, and cut to a bearable length. No I/O here.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::curl;
use super::exchange::{Exchange, Outcome};
use super::scrub::Scrubber;
use crate::text::shorten;

/// Longest body that a report holds, in characters: a list of all servers of a large project has megabytes.
const MAX_BODY_BYTES: usize = 64 << 10;

/// A request and its response, without secrets.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeReport {
    /// Position in the run.
    pub number: u64,
    /// HTTP method.
    pub method: Cow<'static, str>,
    /// Path and query, relative to the target.
    pub path: String,
    /// How the request authenticated.
    pub authorization: Cow<'static, str>,
    /// The body of the request.
    pub request: String,
    /// HTTP status, if there was a complete response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers of the response, in the order received.
    pub headers: Vec<HeaderReport>,
    /// The body of the response, or why there is none.
    pub answer: String,
    /// Time from the first byte sent to the last byte read, in milliseconds.
    pub elapsed_ms: f64,
    /// The request as a command for the shell, with variables for the credentials and the target.
    pub curl: String,
}

/// A header of a response, without secrets.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct HeaderReport {
    /// Name in lower case.
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
            method: exchange.method.into(),
            path: scrubber.fields(&exchange.path),
            authorization: exchange.authorization.into(),
            request: shorten(&scrubber.body(&exchange.request_body), MAX_BODY_BYTES),
            status,
            headers,
            answer: shorten(&answer, MAX_BODY_BYTES),
            elapsed_ms: exchange.elapsed.as_secs_f64() * 1000.0,
            curl: curl::line(exchange, scrubber),
        }
    }
}
