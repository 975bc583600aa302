//! A recorded request and what came of it. No I/O here.

use std::fmt;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::Value;
use url::Url;

use crate::json::Members;
use crate::wire::no_answer::NoAnswer;

/// One request as sent and what came of it.
#[derive(Clone)]
pub struct Exchange {
    /// Position in the run, counted from 1 over everything sent, retries included.
    pub number: u64,
    /// HTTP method.
    pub method: &'static str,
    /// Path and query below the target URL.
    pub path: String,
    /// Request headers as sent, credentials included: shown only through [`crate::wire::curl`]. Names are lower case.
    pub request_headers: Vec<(String, String)>,
    /// How the request authenticated, in words that hold no secret.
    pub authorization: &'static str,
    /// The body as sent.
    pub request_body: Bytes,
    /// What came of it.
    pub outcome: Outcome,
    /// When the first byte was sent.
    pub sent_at: Instant,
    /// From the first byte sent to the last byte read.
    pub elapsed: Duration,
    /// An earlier try of the same request ended without a clear answer, so this one may have found its work done.
    pub after_unclear_try: bool,
    /// How many times in a row, just before, the same request was answered with an error of the server; of errors that a
    /// gateway answers, only if other requests were answered meanwhile.
    pub failed_before: u32,
    /// How the last answer 429 to this request said how long to wait, if there was one: `in seconds`, `as a date`, `not
    /// at all`, `in another way`.
    pub retry_after: Option<&'static str>,
}

/// What came of a request.
#[derive(Clone)]
pub enum Outcome {
    /// A complete HTTP answer.
    Answered(Answer),
    /// The request surely did not reach the target: nothing changed.
    NeverSent(NoAnswer),
    /// No complete answer: the target may or may not have acted.
    Unclear(NoAnswer),
}

/// A complete HTTP answer.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers in the order received; names are lower case.
    pub headers: Vec<(String, String)>,
    /// The body as received.
    pub body: Bytes,
    /// The body as JSON, if it is.
    pub json: Option<Value>,
}

/// Statuses that a CDN or a load balancer in front of the API answers with: they say nothing about the API, nor whether
/// the request reached it. The official SDKs retry on the same ones (503, 520–524, 530); 502 and 504 are their kin.
pub const TRANSIENT_STATUSES: [u16; 9] = [502, 503, 504, 520, 521, 522, 523, 524, 530];

/// Largest body of a request, in bytes, that every target can be expected to take. No document states a limit; what is in
/// front of an API often has one.
pub const MAX_ORDINARY_BODY_BYTES: usize = 96 << 10;

impl Exchange {
    /// Whether the request is so large that a target, or something in front of it, may refuse it in its own form, fail, or
    /// close the connection.
    pub fn is_large(&self) -> bool {
        self.request_body.len() > MAX_ORDINARY_BODY_BYTES
    }

    /// The answer, unless it is missing or comes from something in front of the API.
    pub fn answer(&self) -> Option<&Answer> {
        match &self.outcome {
            Outcome::Answered(answer) if !answer.is_transient() => Some(answer),
            _ => None,
        }
    }

    /// The JSON body of a success.
    pub fn success(&self) -> Option<&Value> {
        self.answer().filter(|answer| answer.is_success())?.json.as_ref()
    }

    /// The answer of the API that refused the request.
    pub fn refusal(&self) -> Option<&Answer> {
        self.answer().filter(|answer| (400..500).contains(&answer.status))
    }

    /// When the last byte was read.
    pub fn answered_at(&self) -> Instant {
        self.sent_at + self.elapsed
    }

    /// The answer by which the API itself, and nothing in front of it, says that it failed.
    pub fn server_error(&self) -> Option<&Answer> {
        self.answer().filter(|answer| answer.status >= 500)
    }

    /// Whether the target asked the suite to slow down, and did nothing else.
    pub fn is_rate_limit(&self) -> bool {
        matches!(&self.outcome, Outcome::Answered(answer) if answer.status == 429)
    }

    /// Whether it is unknown if the target acted.
    pub fn is_unclear(&self) -> bool {
        match &self.outcome {
            Outcome::Answered(answer) => answer.status >= 500,
            Outcome::NeverSent(_) => false,
            Outcome::Unclear(_) => true,
        }
    }
}

impl Answer {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether it is a success with a body that is no JSON, such as a page for people.
    pub fn is_unreadable(&self) -> bool {
        self.is_success() && self.json.is_none() && !self.body.is_empty()
    }

    /// Whether it comes from something in front of the API.
    pub fn is_transient(&self) -> bool {
        TRANSIENT_STATUSES.contains(&self.status)
    }

    /// The first header of that name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// The parameters of a redirect back to the client, or `None` if the answer is none.
pub fn redirected(answer: &Answer) -> Option<(String, Members)> {
    let url = Url::parse(answer.header("location")?).ok().filter(|_| (300..400).contains(&answer.status))?;
    let parameters = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned().into()));
    let parameters = parameters.collect();
    let mut place = url;
    place.set_query(None);
    Some((place.to_string(), parameters))
}

/// The code that an answer gives, if it gives one.
pub fn given_code(exchange: &Exchange) -> Option<String> {
    let (_, parameters) = redirected(exchange.answer()?)?;
    parameters.get("code")?.as_str().filter(|code| !code.is_empty()).map(str::to_owned)
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Option<Value> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

// By hand: a body can hold a secret, and a derived Debug would print it.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exchange #{} {} {} -> {:?}", self.number, self.method, self.path, self.outcome)
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(answer) => write!(f, "{} ({} bytes)", answer.status, answer.body.len()),
            Self::NeverSent(why) => write!(f, "never sent: {why}"),
            Self::Unclear(why) => write!(f, "no clear answer: {why}"),
        }
    }
}
