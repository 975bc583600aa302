//! Whether the target lets the suite work at all. A wrong base path or a key that may not write says nothing about a
//! server: it ends the run with the service's own words, and no property or observation hears of it. No I/O here.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use super::plain;
use crate::call::Call;
use crate::plan::Action;
use crate::text::shorten;
use crate::wire::exchange::{Answer, Exchange, Outcome};
use crate::wire::scrub::Scrubber;

/// Maximum number of characters that are shown of what a service says.
const MAX_SAID_CHARS: usize = 400;

/// The code that the service gives for some seconds after a key was made.
const KEY_NOT_YET_ACTIVE: &str = "E111009";

/// Number of creations that may fail on the target's side before it is given up.
const MAX_FAILURES: u32 = 3;

/// Number of creations that may get no complete answer before the target is given up: faults on the way pass.
const MAX_UNANSWERED: u32 = 9;

/// What came of the first creation of a server, on which everything else is built.
#[derive(Debug, Default)]
pub struct SetUp {
    first_creation: OnceLock<Result<(), Refused>>,
    failures: AtomicU32,
    unanswered: AtomicU32,
}

/// The first creation of a server was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why, as far as the answer tells.
    pub cause: Cause,
    /// The status and what the service says, not scrubbed.
    how: String,
}

/// Why a target does not let the suite work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The management key is not accepted.
    Key,
    /// The management key was made just now.
    KeyNotYetActive,
    /// The management key may not do this.
    Permission,
    /// The operation does not exist there.
    Path,
    /// The operation is somewhere else.
    Redirect,
    /// The target fails.
    Failure,
    /// A gateway answers instead of the target.
    Gateway,
    /// No complete answer comes.
    NoAnswer,
    /// Something else.
    Other,
}

impl SetUp {
    /// Takes in what came of a request.
    pub(crate) fn note(&self, call: &Call, exchange: &Exchange) {
        let (Action::CreateServer { body, .. }, None) = (&call.step.action, &call.step.fault) else { return };
        if exchange.success().is_some() {
            self.first_creation.get_or_init(|| Ok(()));
            return;
        }
        let refused = Refused::of_exchange(exchange);
        let is_final = match refused.cause {
            Cause::Key | Cause::KeyNotYetActive | Cause::Permission | Cause::Path | Cause::Redirect => true,
            Cause::Failure => self.failures.fetch_add(1, Ordering::Relaxed) + 1 == MAX_FAILURES,
            Cause::Gateway | Cause::NoAnswer => {
                self.unanswered.fetch_add(1, Ordering::Relaxed) + 1 == MAX_UNANSWERED
            }
            // Another body may be accepted; one with a plain name alone must be.
            Cause::Other => plain::has_a_plain_name_alone(body),
        };
        if is_final {
            self.first_creation.get_or_init(|| Err(refused));
        }
    }

    /// Whether a server was made.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.first_creation.get(), Some(Ok(())))
    }

    /// How it was refused, if it was.
    pub fn refused(&self) -> Option<&Refused> {
        self.first_creation.get()?.as_ref().err()
    }
}

impl Refused {
    /// What it means for the run that a request was not answered as it should be.
    pub(crate) fn of_exchange(exchange: &Exchange) -> Self {
        match &exchange.outcome {
            Outcome::Answered(answer) => Self::of(answer),
            Outcome::NeverSent(why) => {
                let how = format!("no answer, since nothing was sent ({})", why.reason);
                Self { cause: Cause::NoAnswer, how }
            }
            Outcome::Unclear(why) => {
                Self { cause: Cause::NoAnswer, how: format!("no complete answer ({})", why.reason) }
            }
        }
    }

    /// What an answer that is no success means for the run.
    pub(crate) fn of(answer: &Answer) -> Self {
        let code = answer.json.as_ref().and_then(|body| body["errorCode"].as_str());
        let cause = match answer.status {
            _ if code == Some(KEY_NOT_YET_ACTIVE) => Cause::KeyNotYetActive,
            _ if answer.is_transient() => Cause::Gateway,
            401 => Cause::Key,
            403 => Cause::Permission,
            300..=399 => Cause::Redirect,
            404 | 405 | 501 => Cause::Path,
            500.. => Cause::Failure,
            _ => Cause::Other,
        };
        Self { cause, how: format!("status {}: {}", answer.status, said(answer)) }
    }

    /// The status and what the service says, in its own words and without secrets.
    pub(crate) fn how(&self, scrubber: &Scrubber) -> String {
        shorten(&scrubber.text(&self.how), MAX_SAID_CHARS)
    }
}

impl Cause {
    /// What to do about it.
    pub fn cure(self) -> &'static str {
        match self {
            Self::Key => "check DESCOPE_PROJECT_ID and DESCOPE_MANAGEMENT_KEY",
            Self::KeyNotYetActive => "a new key is not active for some seconds; try again",
            Self::Permission => {
                "the key may be wrong, read only, or not work on MCP servers; check DESCOPE_PROJECT_ID and \
                 DESCOPE_MANAGEMENT_KEY, or use one that may write them"
            }
            Self::Path => {
                "is this the base URL? this API answers POST below /v1/mgmt/mcp/ there, in JSON; check host, port and path of \
                 --target"
            }
            Self::Redirect => {
                "a redirect is not followed, since the management key would go with it; if the API is there, name its base URL \
                 with --target"
            }
            Self::Failure => "the target fails on its own side; its logs may tell why",
            Self::Gateway => "a gateway answers, not the server behind it: is that server running?",
            Self::NoAnswer => "the target accepts requests and does not answer them; its logs may tell why",
            Self::Other => {
                "nothing can be tested on a target where no server with a name alone can be created"
            }
        }
    }
}

/// The code and the texts of an error envelope, or what there is instead.
fn said(answer: &Answer) -> String {
    let text = |member: &str| answer.json.as_ref().and_then(|body: &Value| body[member].as_str());
    let mut parts: Vec<&str> = Vec::new();
    for member in ["errorCode", "errorDescription", "errorMessage"] {
        parts.extend(text(member).filter(|part| !part.is_empty() && !parts.contains(part)));
    }
    match (parts.is_empty(), answer.header("content-type")) {
        (false, _) => parts.join(": "),
        (true, Some(content_type)) => format!("a body of type {content_type} without an error code"),
        (true, None) => "no error code".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: Value) -> Answer {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Answer { status, headers, body: body.to_string().into(), json: Some(body) }
    }

    #[test]
    fn a_key_that_is_not_yet_active_is_told_whatever_the_status() {
        for status in [400, 401, 403] {
            let refused = Refused::of(&answer(status, json!({"errorCode": "E111009"})));
            assert_eq!(refused.cause, Cause::KeyNotYetActive, "{status}");
        }
    }

    #[test]
    fn the_services_words_are_told_once_each() {
        let body = json!({"errorCode": "E1", "errorDescription": "Forbidden", "errorMessage": "Forbidden"});
        assert_eq!(said(&answer(403, body)), "E1: Forbidden");
        let said = said(&answer(403, json!({})));
        assert_eq!(said, "a body of type application/json without an error code");
    }
}
