//! The only code here that talks to the target.
//!
//! It sends raw requests rather than going through the typed client: it must be able to ask wrongly, and to see bytes
//! that the client would refuse to read. Transient faults are waited out here, so that nothing above ever takes a 429 or
//! a gateway's error page for the API's answer.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use descope_mcp_operations::find;
use reqwest::{Method, RequestBuilder, Response, header};
use tokio::time::{Instant, sleep};

use crate::wire::activity::{Activity, Wait};
use crate::wire::allowance::{Allowance, Purpose};
use crate::wire::exchange::{Answer, Exchange, Outcome};
use crate::wire::fault::Fault;
use crate::wire::pace::Pace;
use crate::wire::request::{PROJECT, Request, WebRequest};
use crate::wire::scrub;
use crate::wire::target::{Target, is_loopback};

/// Most secrets that are remembered.
const MAX_SECRETS: usize = 1_024;
/// Longest that one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Largest answer that is read, in bytes.
const MAX_BODY_BYTES: usize = 64 << 20;
/// Most times that a request is sent when transient faults get in the way.
const MAX_ATTEMPTS: u32 = 8;
/// First pause after a transient fault; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// How long to wait after a 429 that does not say: the API's documented penalty.
const DEFAULT_RATE_LIMIT_PAUSE: Duration = Duration::from_secs(60);
/// Longest that a `Retry-After` is obeyed.
const MAX_RATE_LIMIT_PAUSE: Duration = Duration::from_secs(120);

/// Why a request was not sent that is one too many.
const NOT_ALLOWED: &str = "the requests that the run may send are used up";

/// A well-formed project id whose time of creation is the beginning of all such times: nobody has it.
const UNMADE_PROJECT: &str = "P000000000000000000000000000";

/// Sends requests and counts them.
pub struct Sender {
    http: reqwest::Client,
    target: Target,
    pace: Pace,
    allowance: Allowance,
    activity: Arc<Activity>,
    last_secrets: Mutex<VecDeque<String>>,
    rate_limited: AtomicU64,
}

impl Sender {
    /// A sender for a target.
    pub fn new(target: Target, pace: Pace) -> Result<Self, reqwest::Error> {
        let mut http = reqwest::Client::builder();
        if is_loopback(&target.base_url) {
            // A proxy of the environment is for what is elsewhere; it would be sent the key in clear.
            http = http.no_proxy();
        }
        let http = http
            .timeout(REQUEST_TIMEOUT)
            // A redirect would be followed without the key and hide what the target really answered.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("descope-mcp-conformance/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let (activity, rate_limited) = (Arc::default(), AtomicU64::new(0));
        let (allowance, last_secrets) = (Allowance::of(u64::MAX), Mutex::default());
        Ok(Self { http, target, pace, allowance, activity, last_secrets, rate_limited })
    }

    /// The same, but it sends at most this many requests, those for shrinking not counted.
    #[must_use]
    pub fn allowed(self, requests: u64) -> Self {
        Self { allowance: Allowance::of(requests), ..self }
    }

    /// The requests that it may still send.
    pub fn allowance(&self) -> &Allowance {
        &self.allowance
    }

    /// What the run is doing, for those who want to watch it.
    pub fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// Requests sent so far, retries included.
    pub fn sent(&self) -> u64 {
        self.activity.sent()
    }

    /// Answers so far that said to slow down.
    pub fn rate_limited(&self) -> u64 {
        self.rate_limited.load(Ordering::Relaxed)
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
        if !self.allowance.take(purpose) {
            return self.not_allowed(request, fault);
        }
        let idempotent = match request {
            Request::Management(operation, _) => {
                find(operation).is_some_and(|operation| operation.idempotent)
            }
            Request::Web(request) => request.is_idempotent(),
        };
        let (mut pause, mut after_unclear_try, mut retry_after) = (FIRST_PAUSE, false, None);
        let mut tries = 1;
        loop {
            let mut exchange = self.send_once(request, fault).await;
            exchange.after_unclear_try = after_unclear_try;
            let wait = match &exchange.outcome {
                Outcome::Answered(answer) if answer.status == 429 => {
                    self.rate_limited.fetch_add(1, Ordering::Relaxed);
                    let (pause, form) = rate_limit_pause(answer);
                    retry_after = Some(form);
                    Some(pause)
                }
                Outcome::Answered(answer) if answer.is_transient() && idempotent => Some(pause),
                Outcome::Answered(_) => None,
                Outcome::NeverSent(_) => Some(pause),
                Outcome::Unclear(_) => idempotent.then_some(pause),
            };
            let Some(wait) = wait.filter(|_| tries < MAX_ATTEMPTS) else {
                return Exchange { retry_after, ..exchange };
            };
            if self.allowance.permits(purpose) {
                let is_rate_limit = exchange.is_rate_limit();
                let _waiting = is_rate_limit.then(|| self.activity.wait(Wait::RateLimit));
                sleep(wait).await;
            }
            if !self.allowance.take_to_repeat(purpose) {
                if exchange.is_rate_limit() {
                    // It is no answer of the API, and nobody asks again for one.
                    exchange.outcome = Outcome::NeverSent(NOT_ALLOWED.to_owned());
                }
                return Exchange { retry_after, ..exchange };
            }
            after_unclear_try |= exchange.is_unclear();
            pause *= 2;
            tries += 1;
        }
    }

    fn not_allowed(&self, request: &Request, fault: Option<&Fault>) -> Exchange {
        let Prepared { method, path, request: _, authorization, body } = self.prepare(request, fault);
        Exchange {
            number: self.sent(),
            method,
            path,
            request_headers: Vec::new(),
            authorization,
            request_body: body,
            outcome: Outcome::NeverSent(NOT_ALLOWED.to_owned()),
            sent_at: Instant::now().into_std(),
            failed_before: 0,
            elapsed: Duration::ZERO,
            after_unclear_try: false,
            retry_after: None,
        }
    }

    async fn send_once(&self, request: &Request, fault: Option<&Fault>) -> Exchange {
        let Prepared { method, path, request, authorization, body } = self.prepare(request, fault);
        {
            let _waiting = self.activity.wait(Wait::Pace);
            self.pace.wait().await;
        }
        let number = self.activity.count_request();
        let started = Instant::now();
        let request = request.build();
        let headers = request.as_ref().map(|request| texts(request.headers())).unwrap_or_default();
        let answer = match request {
            Ok(request) => self.http.execute(request).await,
            Err(error) => Err(error),
        };
        let outcome = match answer {
            Ok(response) => read(response).await,
            Err(error) if error.is_connect() || error.is_builder() => Outcome::NeverSent(describe(&error)),
            Err(error) => Outcome::Unclear(describe(&error)),
        };
        self.remember_secrets(&outcome);
        Exchange {
            number,
            method,
            path,
            request_headers: headers,
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

    fn prepare(&self, request: &Request, fault: Option<&Fault>) -> Prepared {
        let project = self.target.project_id.as_str();
        match request {
            Request::Management(operation, json) => {
                let path = find(operation).map(|operation| operation.path.to_owned()).unwrap_or_default();
                let key = self.target.management_key.expose();
                let mut body = json.to_string();
                if fault == Some(&Fault::CutOff) {
                    body.pop();
                }
                let body = Bytes::from(body);
                let wrong_type = fault == Some(&Fault::AnotherContentType);
                let content_type = if wrong_type { "text/plain" } else { "application/json" };
                let request = self.post(&path, content_type, &body);
                let (authorization, request) = match fault {
                    Some(Fault::NoKey) => ("none", request),
                    Some(Fault::WrongKey) => {
                        ("a wrong management key", request.bearer_auth(format!("{project}:K2wrong{project}")))
                    }
                    Some(Fault::WrongScheme) => (
                        "the project's management key by the scheme Basic",
                        request.basic_auth(project, Some(key)),
                    ),
                    Some(Fault::WrongProject) => (
                        "the management key with the id of another project",
                        request.bearer_auth(format!("{UNMADE_PROJECT}:{key}")),
                    ),
                    None
                    | Some(
                        Fault::Without(_)
                        | Fault::Null(_)
                        | Fault::WrongType(_)
                        | Fault::CutOff
                        | Fault::AnotherContentType
                        | Fault::ThroughAnotherServer(_),
                    ) => ("the project's management key", request.bearer_auth(format!("{project}:{key}"))),
                };
                Prepared { method: "POST", path, request, authorization, body }
            }
            Request::Web(request) => self.prepare_web(request),
        }
    }

    fn prepare_web(&self, request: &WebRequest) -> Prepared {
        let mut path = request.path.replace(PROJECT, self.target.project_id.as_str());
        let encoded =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&request.parameters).finish();
        let (mut content_type, mut body) = (None, Bytes::new());
        if let Some(json) = &request.json {
            content_type = Some("application/json");
            body = json.to_string().into();
        } else if request.method == "POST" {
            content_type = Some("application/x-www-form-urlencoded");
            body = encoded.into();
        } else if !encoded.is_empty() {
            path = format!("{path}?{encoded}");
        }
        let method = if request.method == "GET" { Method::GET } else { Method::POST };
        let mut http = self.http.request(method, self.target.url(&path));
        if !body.is_empty() {
            http = http.body(body.clone());
        }
        if let Some(content_type) = content_type {
            http = http.header(header::CONTENT_TYPE, content_type);
        }
        let posts_secret = request.parameters.iter().any(|(name, _)| *name == "client_secret");
        let mut authorization = if posts_secret { "client_secret_post" } else { "none" };
        if let Some((client_id, secret)) = &request.basic {
            // RFC 6749 section 2.3.1: both halves are form-encoded before they are joined.
            let encode =
                |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret)));
            http = http.header(header::AUTHORIZATION, format!("Basic {pair}"));
            authorization = "client_secret_basic";
        }
        Prepared { method: request.method, path, request: http, authorization, body }
    }

    fn post(&self, path: &str, content_type: &'static str, body: &Bytes) -> RequestBuilder {
        self.http
            .request(Method::POST, self.target.url(path))
            .header(header::CONTENT_TYPE, content_type)
            .body(body.clone())
    }
}

struct Prepared {
    method: &'static str,
    path: String,
    request: RequestBuilder,
    authorization: &'static str,
    body: Bytes,
}

fn texts(headers: &header::HeaderMap) -> Vec<(String, String)> {
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

async fn read(mut response: Response) -> Outcome {
    let status = response.status().as_u16();
    let headers = texts(response.headers());
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_BODY_BYTES => body.extend_from_slice(&chunk),
            Ok(Some(_)) => {
                return Outcome::Unclear(format!("the answer is larger than {MAX_BODY_BYTES} bytes"));
            }
            Ok(None) => break,
            Err(error) => return Outcome::Unclear(describe(&error)),
        }
    }
    let json = serde_json::from_slice(&body).ok();
    Outcome::Answered(Answer { status, headers, body: body.freeze(), json })
}

/// How long to wait after an answer 429, and in which form it says so.
fn rate_limit_pause(answer: &Answer) -> (Duration, &'static str) {
    let (pause, form) = match answer.header("retry-after").map(str::trim) {
        None => (None, "not at all"),
        Some(value) => match (value.parse(), httpdate::parse_http_date(value)) {
            (Ok(seconds), _) => (Some(Duration::from_secs(seconds)), "in seconds"),
            // A date in the past means now.
            (_, Ok(date)) => (Some(date.duration_since(SystemTime::now()).unwrap_or_default()), "as a date"),
            _ => (None, "in another way"),
        },
    };
    (pause.unwrap_or(DEFAULT_RATE_LIMIT_PAUSE).min(MAX_RATE_LIMIT_PAUSE), form)
}

/// An error and its causes, without the URL.
fn describe(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() {
        "timed out".to_owned()
    } else if error.is_connect() {
        "cannot connect".to_owned()
    } else {
        "the connection broke".to_owned()
    };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}
