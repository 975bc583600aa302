//! A script: which requests get which replies, and what was asked for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::{Request, Response};
use serde_json::Value;

use super::clock::SkippingClock;
use super::reply::{Kind, Reply, ScriptedFailure};
use crate::client::{ManagementClient, ManagementClientBuilder};
use crate::config::ConfigError;
use crate::credentials::{ManagementKey, ProjectId};

/// What the service is to answer, in a test without a network. Clones are the same script.
///
/// A request takes the first reply that its operation has left; after the last one, what
/// [`always`](Self::always) gives. A request without a reply fails with status 501 and a message that says so.
#[derive(Debug, Clone, Default)]
pub struct Script {
    state: Arc<Mutex<State>>,
    clock: Arc<SkippingClock>,
}

#[derive(Debug, Default)]
struct State {
    once: BTreeMap<String, VecDeque<Reply>>,
    always: BTreeMap<String, Reply>,
    requests: Vec<RecordedRequest>,
}

/// A request that a script got.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The operationId, such as `CreateMcpServer`.
    pub operation: String,
    /// The path, with the query if there is one.
    pub path: String,
    /// The body; `null` if there is none.
    pub body: Value,
}

impl Script {
    /// A script without replies.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a reply to the next request of this operation that has none yet. An operation that nobody asks for, such as one with
    /// a wrong name, stays in [`left`](Self::left).
    pub fn answer(&self, operation: &str, reply: Reply) -> &Self {
        self.state().once.entry(operation.to_owned()).or_default().push_back(reply);
        self
    }

    /// Sets the reply to all requests of this operation that have no other.
    pub fn always(&self, operation: &str, reply: Reply) -> &Self {
        self.state().always.insert(operation.to_owned(), reply);
        self
    }

    /// All requests so far, with retries, in the order in which they came.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state().requests.clone()
    }

    /// The operations with replies that nobody has asked for, each as often as it has some. A test whose script is used up
    /// ends with an empty list.
    #[must_use]
    pub fn left(&self) -> Vec<String> {
        let state = self.state();
        let left =
            state.once.iter().flat_map(|(operation, replies)| replies.iter().map(|_| operation.clone()));
        left.collect()
    }

    /// The clock of its clients, unless they have another: it tells how long they would have waited.
    #[must_use]
    pub fn clock(&self) -> &SkippingClock {
        &self.clock
    }

    /// A client that asks this script. For a client with settings of its own, see [`ManagementClientBuilder::script`].
    ///
    /// # Errors
    ///
    /// As for [`ManagementClientBuilder::build`].
    pub fn client(&self) -> Result<ManagementClient, ConfigError> {
        let (project, key) = (ProjectId::new("P-of-a-test")?, ManagementKey::new("K-of-a-test")?);
        ManagementClient::builder(project, key).script(self).build()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn reply(&self, operation: &str, request: &Request) -> Result<Response, ScriptedFailure> {
        let url = request.url();
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let body = request.body().and_then(reqwest::Body::as_bytes);
        let body = body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
        let mut state = self.state();
        state.requests.push(RecordedRequest { operation: operation.to_owned(), path, body });
        let next = state.once.get_mut(operation).and_then(VecDeque::pop_front);
        let reply = next.or_else(|| state.always.get(operation).cloned()).unwrap_or_else(|| {
            Reply::refusal(501, "", &format!("the script of this test has no reply to {operation} left"))
        });
        match reply.0 {
            Kind::Answer(answer) => Ok(answer.into_response()),
            Kind::Failure(failure) => Err(failure),
        }
    }
}

impl ManagementClientBuilder {
    /// Lets the client ask this script and not the network, on the [clock of the script](Script::clock) unless
    /// [`clock`](Self::clock) set another before. Needs the feature `testing`.
    pub fn script(mut self, script: &Script) -> Self {
        self.clock.get_or_insert_with(|| script.clock.clone());
        self.script = Some(script.clone());
        self
    }
}
