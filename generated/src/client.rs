//! The client and its builder.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::base_url::{BaseUrl, BaseUrlError};
use crate::clock::{Clock, SystemClock};
use crate::config::ConfigError;
use crate::credentials::{ManagementKey, ProjectId};
use crate::environment;
use crate::error::Error;
use crate::generated;
use crate::generated::operations::OperationFacts;
use crate::http_client;
use crate::limiter::{Limiter, Quota};
use crate::record_locks::RecordGuard;
use crate::resources::clients::Clients;
use crate::resources::servers::Servers;
use crate::retry::{DEFAULT_TIMEOUT, RetryPolicy};
use crate::secret::Secret;
use crate::transport::{Call, Inner, Shared};

/// URL of Descope's shared service (documented). Regional projects have their own hosts.
pub const DEFAULT_BASE_URL: &str = "https://api.descope.com";

/// Time limit of one attempt, as in Descope's own Go and Python SDKs.
const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);
/// A client of the management API of one project. It is cheap to clone. Clones share the connections, the quota, and
/// the locks that allow only one change of a record at a time.
///
/// A call that is dropped before it ends (by `select!`, or by a timeout of the caller) may have taken effect, as after
/// a lost connection. [`timeout`](ManagementClientBuilder::timeout) ends a call with an error that says so. If an
/// update is dropped, alone or as part of an edit, it continues to its end in a task of the runtime, and other changes
/// of the record wait for it.
#[derive(Clone)]
pub struct ManagementClient {
    project_id: ProjectId,
    pub(crate) http: reqwest::Client,
    shared: Arc<Shared>,
}

impl ManagementClient {
    /// Starts a client for a project.
    pub fn builder(project_id: ProjectId, management_key: ManagementKey) -> ManagementClientBuilder {
        ManagementClientBuilder {
            project_id,
            management_key,
            base_url: None,
            timeout: DEFAULT_TIMEOUT,
            attempt_timeout: DEFAULT_ATTEMPT_TIMEOUT,
            retry: RetryPolicy::new(),
            quota: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// Creates a client from the environment, with the default of every other setting. See
    /// [`ManagementClientBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// If a variable is missing or has an invalid value, or if the HTTP client cannot be set up.
    pub fn from_env() -> Result<Self, ConfigError> {
        ManagementClientBuilder::from_env()?.build()
    }

    /// The project that this client manages.
    #[must_use]
    pub fn project_id(&self) -> &ProjectId {
        &self.project_id
    }

    /// The base URL of requests, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.shared.base_url.as_str()
    }

    /// The MCP servers of the project.
    #[must_use]
    pub fn servers(&self) -> Servers<'_> {
        Servers::new(self)
    }

    /// The clients of one MCP server, or of one resource (`RS…`).
    #[must_use]
    pub fn clients(&self, server_id: impl Into<String>) -> Clients<'_> {
        Clients::new(self, server_id.into())
    }

    /// The generated client, with the same connections, credentials and base URL.
    #[must_use]
    pub fn raw(&self) -> generated::Client {
        self.raw_since(None)
    }

    fn raw_since(&self, began: Option<Instant>) -> generated::Client {
        let inner = Inner::new(Arc::clone(&self.shared), began);
        generated::Client::new_with_client(self.base_url(), self.http.clone(), inner)
    }

    /// How many records are being changed, or waited for.
    #[cfg(test)]
    pub(crate) fn locked_records(&self) -> usize {
        self.shared.record_locks.len()
    }

    /// The same client on other connections.
    #[cfg(test)]
    pub(crate) fn with_http(mut self, http: reqwest::Client) -> Self {
        self.http = http;
        self
    }

    pub(crate) fn call(&self, facts: &'static OperationFacts) -> Call {
        Call::new(*facts, self.raw())
    }

    /// A call whose time limit counts from an earlier moment.
    pub(crate) fn call_since(&self, facts: &'static OperationFacts, began: Instant) -> Call {
        Call::new(*facts, self.raw_since(Some(began)))
    }

    /// Waits for the right to change the record with this id, which `update` replaces.
    pub(crate) async fn lock(&self, update: &'static OperationFacts, id: &str) -> Result<RecordGuard, Error> {
        let Shared { record_locks, clock, policy, .. } = &*self.shared;
        record_locks.lock(update, id, &**clock, policy.deadline).await
    }
}

impl fmt::Debug for ManagementClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagementClient")
            .field("project_id", &self.project_id)
            .field("base_url", &self.base_url())
            .finish_non_exhaustive()
    }
}

/// Settings of a [`ManagementClient`].
#[derive(Debug, Clone)]
#[must_use]
pub struct ManagementClientBuilder {
    project_id: ProjectId,
    management_key: ManagementKey,
    base_url: Option<Result<BaseUrl, BaseUrlError>>,
    timeout: Duration,
    attempt_timeout: Duration,
    retry: RetryPolicy,
    quota: Option<Quota>,
    clock: Arc<dyn Clock>,
}

impl ManagementClientBuilder {
    /// Starts a builder with the project, the key and the base URL of the environment. [`PROJECT_ID`] and
    /// [`MANAGEMENT_KEY`] are required, and [`BASE_URL`] is optional. An empty variable counts as not set.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use descope_mcp_management::{ManagementClientBuilder, Quota};
    ///
    /// let client = ManagementClientBuilder::from_env()?
    ///     .quota(Quota::new(80, Duration::from_secs(60))?)
    ///     .timeout(Duration::from_secs(30))
    ///     .build()?;
    /// # Ok::<(), descope_mcp_management::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a variable is missing or has an invalid value. No error quotes the key.
    ///
    /// [`PROJECT_ID`]: environment::PROJECT_ID
    /// [`MANAGEMENT_KEY`]: environment::MANAGEMENT_KEY
    /// [`BASE_URL`]: environment::BASE_URL
    pub fn from_env() -> Result<Self, ConfigError> {
        let project =
            environment::required(environment::PROJECT_ID, "the id of the project, as the console shows it")?;
        let key = environment::required(environment::MANAGEMENT_KEY, "a management key of the project")?;
        let key = ManagementKey::new(Secret::from(key))?;
        let mut builder = ManagementClient::builder(ProjectId::new(project)?, key);
        if let Some(url) = environment::optional(environment::BASE_URL)? {
            builder.base_url = Some(Ok(url.parse()?));
        }
        Ok(builder)
    }

    /// Sends requests to another base URL than that of Descope's service, such as a custom domain or an emulator. Takes
    /// a [`BaseUrl`], or a string that is parsed as one; [`build`](Self::build) returns the error if it is not valid.
    ///
    /// Requests over `http` and requests to loopback never go through a proxy. Other requests go through the proxy that
    /// the environment names (`HTTPS_PROXY`, `ALL_PROXY`, except for `NO_PROXY`). The proxy sees only the host.
    pub fn base_url<U>(mut self, url: U) -> Self
    where
        U: TryInto<BaseUrl>,
        U::Error: Into<BaseUrlError>,
    {
        self.base_url = Some(url.try_into().map_err(Into::into));
        self
    }

    /// Maximum duration of one call: all attempts, the pauses between them, and the waits for the quota and for other
    /// changes of the same record. An edit, with its loads and its update, is one call. The default of 180 seconds
    /// leaves time for the minute in which the service refuses everything after too many requests.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Maximum duration of one attempt, from connecting to the last byte of the response. The default is 60 seconds. An
    /// attempt never lasts longer than what is left of [`timeout`](Self::timeout).
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// When a request is retried. [`RetryPolicy`] describes the default.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Delays requests so that at most this many are sent, with retries. All clones of the client share the quota. By
    /// default, no request is delayed.
    pub fn quota(mut self, quota: Quota) -> Self {
        self.quota = Some(quota);
        self
    }

    /// Uses another clock than that of the system, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Creates the client. No request is sent.
    ///
    /// # Errors
    ///
    /// If the base URL is invalid, or if the HTTP client cannot be set up.
    pub fn build(self) -> Result<ManagementClient, ConfigError> {
        let base_url = match self.base_url {
            Some(given) => given?,
            None => match self.project_id.region() {
                Some(region) => format!("https://api.{region}.descope.com").parse()?,
                None => DEFAULT_BASE_URL.parse()?,
            },
        };
        let http = http_client::build(&base_url)?;
        let policy = self.retry.deadline(self.timeout);
        let limiter = self.quota.map(|quota| Limiter::new(quota, Arc::clone(&self.clock)));
        let shared = Shared::new(
            base_url,
            &self.project_id,
            self.management_key,
            policy,
            self.attempt_timeout,
            limiter,
            self.clock,
        )
        .map_err(|_| ConfigError::ManagementKey { reason: "cannot be put into a header" })?;
        Ok(ManagementClient { project_id: self.project_id, http, shared: Arc::new(shared) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regional_project_goes_to_its_region() {
        let key = ManagementKey::new("K2x").unwrap();
        let id = ProjectId::new("Peuc132juVkF2iM8wAGoM8PiLkGi6PO1").unwrap();
        let client = ManagementClient::builder(id, key).build().unwrap();
        assert_eq!(client.base_url(), "https://api.euc1.descope.com");
    }
}
