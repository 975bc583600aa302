//! The only code here that talks to the target.
//!
//! It sends raw requests rather than going through the typed client: it must be able to ask wrongly, and to see bytes
//! that the client would refuse to read. Transient faults are waited out here, so that nothing above ever takes a 429 or
//! a gateway's error page for the API's answer. A target that has stopped answering is given up: from then on nothing is
//! sent any more.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use descope_mcp_operations::find;
use reqwest::{Response, header};
use tokio::time::{Instant, sleep};

use crate::wire::activity::{Activity, Wait};
use crate::wire::allowance::{Allowance, Purpose};
use crate::wire::exchange::{Answer, Exchange, MAX_ORDINARY_BODY_BYTES, Outcome};
use crate::wire::fault::Fault;
use crate::wire::no_answer::{Kind, NoAnswer};
use crate::wire::pace::Pace;
use crate::wire::prepared::Prepared;
use crate::wire::rate_limit::{PENALTY, RateLimit};
use crate::wire::request::Request;
use crate::wire::scrub;
use crate::wire::silence::Silence;
use crate::wire::stop::Stop;
use crate::wire::target::{Target, is_loopback};

/// Most secrets that are remembered.
const MAX_SECRETS: usize = 1_024;
/// Longest that one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The same once the run is to end.
const LAST_REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// How much longer an answer is waited for once the run is to end: what it tells need not be looked for.
const LAST_ANSWER_GRACE: Duration = Duration::from_secs(1);
/// Largest answer that is read, in bytes.
const MAX_BODY_BYTES: usize = 64 << 20;
/// Most times that a request is sent when transient faults get in the way.
const MAX_ATTEMPTS: u32 = 8;
/// The same for the first request of a run: whoever named a wrong target should hear of it soon.
const MAX_FIRST_ATTEMPTS: u32 = 3;
/// First pause after a transient fault; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Why a request was not sent that is one too many.
const NOT_ALLOWED: &str = "the requests that the run may send are used up";

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

    /// Sends a request that tests, spoiled if there is a fault; again where something transient got in the way and sending
    /// it again is safe.
    pub async fn send(&self, request: &Request, fault: Option<&Fault>) -> Exchange {
        self.send_for(Purpose::Test, request, fault).await
    }

    /// The same for another purpose. A request that is not allowed any more is never sent, and the exchange says so.
    pub async fn send_for(&self, purpose: Purpose, request: &Request, fault: Option<&Fault>) -> Exchange {
        self.send_at_most(MAX_ATTEMPTS, purpose, request, fault).await
    }

    /// The same without sending it again, whatever gets in the way.
    pub(crate) async fn send_once_for(
        &self,
        purpose: Purpose,
        request: &Request,
        fault: Option<&Fault>,
    ) -> Exchange {
        self.send_at_most(1, purpose, request, fault).await
    }

    /// Sends the first request of a run: the same with few tries, and none after one that nothing came of in time.
    pub(crate) async fn send_first(&self, request: &Request) -> Exchange {
        self.send_at_most(MAX_FIRST_ATTEMPTS, Purpose::Test, request, None).await
    }

    async fn send_at_most(
        &self,
        attempts: u32,
        purpose: Purpose,
        request: &Request,
        fault: Option<&Fault>,
    ) -> Exchange {
        if !self.allowance.take(purpose) {
            return self.not_allowed(request, fault);
        }
        let idempotent = match request {
            Request::Management(operation, _) => {
                find(operation).is_some_and(|operation| operation.idempotent)
            }
            Request::Web(request) => request.is_idempotent(),
        };
        let is_first = attempts == MAX_FIRST_ATTEMPTS;
        let was_to_end = self.stop.is_set();
        let (mut pause, mut after_unclear_try, mut retry_after) = (FIRST_PAUSE, false, None);
        let mut tries = 1;
        loop {
            let mut exchange = self.send_once(request, fault).await;
            exchange.after_unclear_try = after_unclear_try;
            // Whoever fails because of the size does so each time.
            let idempotent = idempotent && !exchange.is_large();
            let wait = match &exchange.outcome {
                Outcome::Answered(answer) if answer.status == 429 => {
                    let (pause, form) = self.rate_limit.pause(answer, retry_after.is_some());
                    retry_after = Some(form);
                    Some(pause)
                }
                Outcome::Answered(answer) if answer.is_transient() && idempotent => Some(pause),
                Outcome::Answered(_) => None,
                Outcome::NeverSent(why) => why.kind.may_pass().then_some(pause),
                Outcome::Unclear(why) => {
                    let again = idempotent && why.kind.may_pass() && !(is_first && why.kind == Kind::Silence);
                    again.then_some(pause)
                }
            };
            let wait = wait.filter(|_| tries < attempts && self.given_up().is_none());
            let Some(wait) = wait else { return Exchange { retry_after, ..exchange } };
            if self.allowance.permits(purpose) {
                let is_rate_limit = exchange.is_rate_limit();
                let _waiting = is_rate_limit.then(|| self.activity.wait(Wait::RateLimit));
                match was_to_end {
                    true => sleep(wait).await,
                    false => self.stop.sleep(wait).await,
                }
            }
            if !was_to_end && self.stop.is_set() {
                return Exchange { retry_after, outcome: not_waited_for(exchange.outcome), ..exchange };
            }
            if !self.allowance.take_to_repeat(purpose) {
                if exchange.is_rate_limit() {
                    // It is no answer of the API, and nobody asks again for one.
                    exchange.outcome = Outcome::NeverSent(not_allowed());
                }
                return Exchange { retry_after, ..exchange };
            }
            after_unclear_try |= exchange.is_unclear();
            pause *= 2;
            tries += 1;
        }
    }

    fn not_allowed(&self, request: &Request, fault: Option<&Fault>) -> Exchange {
        let Prepared { method, path, request: _, authorization, body } =
            Prepared::new(&self.http, &self.target, request, fault);
        Exchange {
            number: self.sent(),
            method,
            path,
            request_headers: Vec::new(),
            authorization,
            request_body: body,
            outcome: Outcome::NeverSent(not_allowed()),
            sent_at: Instant::now().into_std(),
            elapsed: Duration::ZERO,
            after_unclear_try: false,
            failed_before: 0,
            retry_after: None,
        }
    }

    async fn send_once(&self, request: &Request, fault: Option<&Fault>) -> Exchange {
        let Prepared { method, path, request, authorization, body } =
            Prepared::new(&self.http, &self.target, request, fault);
        let was_to_end = self.stop.is_set();
        let limit = if was_to_end { LAST_REQUEST_TIMEOUT } else { REQUEST_TIMEOUT };
        let request = request.timeout(limit).build();
        let request_headers = request.as_ref().map(|request| texts(request.headers())).unwrap_or_default();
        let may_send = self.given_up().is_none() && {
            let _waiting = self.activity.wait(Wait::Pace);
            tokio::select! {
                biased;
                () = self.stop.wait(), if !was_to_end => false,
                () = self.pace.wait() => true,
            }
        };
        let started = Instant::now();
        let (number, outcome) = match may_send {
            false => (self.sent(), Outcome::NeverSent(self.why_not_sent())),
            true => {
                let number = self.activity.count_request();
                let outcome = tokio::select! {
                    outcome = self.exchange(request, limit) => outcome,
                    () = self.overdue(), if !was_to_end => Outcome::Unclear(not_awaited()),
                };
                // A target that closes the connection because of the size still answers other requests.
                let may_be_for_its_size =
                    body.len() > MAX_ORDINARY_BODY_BYTES && !matches!(outcome, Outcome::Answered(_));
                if !may_be_for_its_size {
                    self.silence.note(&outcome, started, self.stop.is_set());
                }
                (number, outcome)
            }
        };
        self.remember_secrets(&outcome);
        Exchange {
            number,
            method,
            path,
            request_headers,
            authorization,
            request_body: body,
            outcome,
            sent_at: started.into_std(),
            elapsed: started.elapsed(),
            after_unclear_try: false,
            failed_before: 0,
            retry_after: None,
        }
    }

    async fn exchange(&self, request: reqwest::Result<reqwest::Request>, limit: Duration) -> Outcome {
        let answer = match request {
            Ok(request) => self.http.execute(request).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(response) => read(response, limit).await,
            Err(error) => {
                let why = NoAnswer::of(&error, limit);
                match why.was_never_sent() || error.is_builder() {
                    true => Outcome::NeverSent(why),
                    false => Outcome::Unclear(why),
                }
            }
        }
    }

    /// Returns when the run is to end and answers are not waited for any longer.
    async fn overdue(&self) {
        self.stop.wait().await;
        sleep(LAST_ANSWER_GRACE).await;
    }

    fn why_not_sent(&self) -> NoAnswer {
        match self.given_up() {
            Some(_) => {
                NoAnswer { kind: Kind::NotAwaited, reason: "the target has stopped answering".to_owned() }
            }
            None => not_awaited(),
        }
    }
}

fn not_allowed() -> NoAnswer {
    NoAnswer { kind: Kind::NotAllowed, reason: NOT_ALLOWED.to_owned() }
}

fn not_awaited() -> NoAnswer {
    NoAnswer { kind: Kind::NotAwaited, reason: "the run was told to end".to_owned() }
}

/// What came of a request that would have been sent again: a refusal that only says when is no answer of the API.
fn not_waited_for(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Answered(answer) if answer.status == 429 => Outcome::NeverSent(not_awaited()),
        outcome => outcome,
    }
}

fn texts(headers: &header::HeaderMap) -> Vec<(String, String)> {
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// Reads an answer. `limit` is how long the request may take.
async fn read(mut response: Response, limit: Duration) -> Outcome {
    let status = response.status().as_u16();
    let headers = texts(response.headers());
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_BODY_BYTES => body.extend_from_slice(&chunk),
            Ok(Some(_)) => {
                return Outcome::Unclear(NoAnswer::broken(format!(
                    "the answer is larger than {MAX_BODY_BYTES} bytes"
                )));
            }
            Ok(None) => break,
            Err(error) => return Outcome::Unclear(NoAnswer::of(&error, limit)),
        }
    }
    let json = serde_json::from_slice(&body).ok();
    Outcome::Answered(Answer { status, headers, body: body.freeze(), json })
}
