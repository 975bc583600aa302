//! One request and its answer, within the time that it may take.

use std::time::Duration;

use bytes::BytesMut;
use reqwest::{Response, header};
use tokio::time::{Instant, sleep};

use super::Sender;
use crate::wire::activity::Wait;
use crate::wire::exchange::{Answer, Exchange, MAX_ORDINARY_BODY_BYTES, Outcome};
use crate::wire::fault::Fault;
use crate::wire::no_answer::{Kind, NoAnswer};
use crate::wire::prepared::Prepared;
use crate::wire::request::Request;

/// Longest that one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The same once the run is to end.
const LAST_REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// How much longer an answer is waited for once the run is to end: what it tells need not be looked for.
const LAST_ANSWER_GRACE: Duration = Duration::from_secs(1);
/// Largest answer that is read, in bytes.
const MAX_BODY_BYTES: usize = 64 << 20;

impl Sender {
    pub(super) async fn send_once(&self, request: &Request, fault: Option<&Fault>) -> Exchange {
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

pub(super) fn not_awaited() -> NoAnswer {
    NoAnswer { kind: Kind::NotAwaited, reason: "the run was told to end".to_owned() }
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
