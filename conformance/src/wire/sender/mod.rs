//! The only code here that talks to the target.
//!
//! It sends raw requests rather than going through the typed client: it must be able to ask wrongly, and to see bytes
//! that the client would refuse to read. Transient faults are waited out here, so that nothing above ever takes a 429 or
//! a gateway's error page for the API's answer. A target that has stopped answering is given up: from then on nothing is
//! sent any more.

mod attempts;
mod once;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::wire::activity::Activity;
use crate::wire::allowance::Allowance;
use crate::wire::exchange::{Answer, Outcome};
use crate::wire::pace::Pace;
use crate::wire::rate_limit::{PENALTY, RateLimit};
use crate::wire::scrub;
use crate::wire::silence::Silence;
use crate::wire::stop::Stop;
use crate::wire::target::{Target, is_loopback};

/// Most secrets that are remembered.
const MAX_SECRETS: usize = 1_024;

/// Sends requests and counts them.
pub struct Sender {
    http: reqwest::Client,
    target: Target,
    pace: Pace,
    stop: Stop,
    allowance: Allowance,
    activity: Arc<Activity>,
    last_secrets: Mutex<VecDeque<String>>,
    rate_limit: RateLimit,
    silence: Silence,
}

impl Sender {
    /// A sender for a target.
    pub fn new(target: Target, pace: Pace) -> Result<Self, reqwest::Error> {
        let mut http = reqwest::Client::builder();
        if is_loopback(&target.base_url) {
            // A proxy of the environment is for what is elsewhere; it would be sent the key in clear.
            http = http.no_proxy();
        }
        if !target.authorities.is_empty() {
            http = http.tls_certs_merge(target.authorities.iter().cloned());
        }
        let http = http
            // A redirect would be followed without the key and hide what the target really answered.
            .redirect(reqwest::redirect::Policy::none())
            // Every try is counted and judged here.
            .retry(reqwest::retry::never())
            .user_agent(concat!("descope-mcp-conformance/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            http,
            target,
            pace,
            stop: Stop::default(),
            allowance: Allowance::of(u64::MAX),
            activity: Arc::default(),
            last_secrets: Mutex::default(),
            rate_limit: RateLimit::new(PENALTY),
            silence: Silence::default(),
        })
    }

    /// The same, but it sends at most this many requests, those for shrinking not counted.
    #[must_use]
    pub fn allowed(self, requests: u64) -> Self {
        Self { allowance: Allowance::of(requests), ..self }
    }

    /// The same, but it waits for so long after a status 429 that does not say how long.
    #[must_use]
    pub fn with_penalty(self, penalty: Duration) -> Self {
        Self { rate_limit: RateLimit::new(penalty), ..self }
    }

    /// Ends what it waits for when it is told to. Requests that are begun later are sent all the same, since they delete
    /// what a run has made.
    #[must_use]
    pub fn ended_by(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    /// The requests that it may still send.
    pub fn allowance(&self) -> &Allowance {
        &self.allowance
    }

    /// What the run is doing, for those who want to watch it.
    pub fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// Whether to begin nothing new.
    pub fn is_to_end(&self) -> bool {
        self.stop.is_set() || self.given_up().is_some()
    }

    /// What tells the run to end before its time.
    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Why the target was given up, if it was.
    pub fn given_up(&self) -> Option<&str> {
        self.silence.given_up()
    }

    /// Requests sent so far, retries included.
    pub fn sent(&self) -> u64 {
        self.activity.sent()
    }

    /// Answers so far that said to slow down.
    pub fn rate_limited(&self) -> u64 {
        self.rate_limit.answers()
    }

    /// The secrets that the target gave out last: whoever shows what it answered must know them.
    pub fn last_secrets(&self) -> Vec<String> {
        let secrets = self.last_secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().cloned().collect()
    }

    fn remember_secrets(&self, outcome: &Outcome) {
        let Outcome::Answered(Answer { json: Some(json), .. }) = outcome else { return };
        let given: Vec<_> = scrub::secrets_of(json).map(str::to_owned).collect();
        if !given.is_empty() {
            let mut secrets = self.last_secrets.lock().unwrap_or_else(PoisonError::into_inner);
            secrets.extend(given);
            let surplus = secrets.len().saturating_sub(MAX_SECRETS);
            secrets.drain(..surplus);
        }
    }

    /// The target.
    pub fn target(&self) -> &Target {
        &self.target
    }
}
