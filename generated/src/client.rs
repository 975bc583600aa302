//! The client and its builder.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing::Span;

use crate::base_url::{BaseUrl, BaseUrlError};
use crate::budget::Budget;
use crate::clock::{Clock, SystemClock};
use crate::config::ConfigError;
use crate::credentials::{ManagementKey, ProjectId};
use crate::environment;
use crate::error::Error;
use crate::generated;
use crate::generated::operations::OperationFacts;
use crate::http_client;
use crate::http_settings::HttpSettings;
use crate::limiter::{Limiter, Queue, Quota};
use crate::logged::call_span;
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
/// Time for some hundred calls that are made at once and share the quota of Descope.
const DEFAULT_QUOTA_TIMEOUT: Duration = Duration::from_secs(300);

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
            quota_timeout: DEFAULT_QUOTA_TIMEOUT,
            http: HttpSettings::default(),
            clock: None,
            #[cfg(feature = "testing")]
            script: None,
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
    pub fn servers(&self) -> Servers {
        Servers::new(self.clone())
    }

    /// The clients of one MCP server, or of one resource (`RS…`).
    #[must_use]
    pub fn clients(&self, server_id: impl Into<String>) -> Clients {
        Clients::new(self.clone(), server_id.into())
    }

    /// Replaces the management key of this client and its clones, for a key that is rotated while a program runs. Every request
    /// that is sent from now on has the new key, also those of calls that wait for the quota or for a retry. A request
    /// that is on its way has the old one: revoke it after [`attempt_timeout`](ManagementClientBuilder::attempt_timeout).
    ///
    /// As after the start, a key that is not active yet is waited for ([`RetryPolicy`]).
    ///
    /// # Errors
    ///
    /// If the key cannot be put into a header. The old key stays then.
    pub fn replace_management_key(&self, key: ManagementKey) -> Result<(), ConfigError> {
        self.shared.replace_key(&self.project_id, key).map_err(ConfigError::unfit_key)
    }

    /// The generated client, with the same connections, credentials and base URL.
    #[must_use]
    pub fn raw(&self) -> generated::Client {
        self.raw_with(None, None)
    }

    fn raw_with(&self, budget: Option<Arc<Budget>>, span: Option<Span>) -> generated::Client {
        let inner = Inner::new(Arc::clone(&self.shared), budget, span);
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
        self.call_of(*facts)
    }

    /// A call of an operation of any table.
    pub(crate) fn call_of(&self, facts: OperationFacts) -> Call {
        let span = call_span(facts.id);
        Call::new(facts, self.raw_with(None, Some(span.clone())), span)
    }

    /// A call that is a part of another, and shares its time.
    pub(crate) fn call_within(&self, facts: &'static OperationFacts, budget: Arc<Budget>) -> Call {
        let span = call_span(facts.id);
        Call::new(*facts, self.raw_with(Some(budget), Some(span.clone())), span)
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

/// The quota of a client that is to be built.
#[derive(Clone)]
enum Allowance {
    Own(Quota),
    Shared(Arc<Limiter>),
}

impl fmt::Debug for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(quota) => quota.fmt(f),
            Self::Shared(_) => f.write_str("that of another client"),
        }
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
    quota: Option<Allowance>,
    quota_timeout: Duration,
    http: HttpSettings,
    pub(crate) clock: Option<Arc<dyn Clock>>,
    #[cfg(feature = "testing")]
    pub(crate) script: Option<crate::testing::Script>,
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
    /// Requests over `http` and requests to loopback never go through a proxy. Other requests go through the given
    /// [`proxy`](Self::proxy), or else the one that the environment names (`HTTPS_PROXY`, `ALL_PROXY`, except for
    /// `NO_PROXY`). The proxy sees only the host.
    pub fn base_url<U>(mut self, url: U) -> Self
    where
        U: TryInto<BaseUrl>,
        U::Error: Into<BaseUrlError>,
    {
        self.base_url = Some(url.try_into().map_err(Into::into));
        self
    }

    /// Maximum duration of one call: all attempts, the pauses between them, and the waits for other changes of the same
    /// record. Waits for the quota have [a limit of their own](Self::quota_timeout). An edit, with its loads and its update,
    /// is one call. The default of 180 seconds leaves time for the minute in which the service refuses everything after too
    /// many requests.
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
        self.quota = Some(Allowance::Own(quota));
        self
    }

    /// Shares the quota of another client, such as that of another project: Descope counts the requests of an address, not of
    /// a project. Replaces [`quota`](Self::quota). If the other client has no quota, no request is delayed. Waits go by the
    /// [clock](Self::clock) of the other client.
    ///
    /// ```
    /// # use descope_mcp_management::{ConfigError, ManagementClient, ManagementKey, ProjectId, Quota};
    /// let (one, other) = (ProjectId::new("P1")?, ProjectId::new("P2")?);
    /// let (key, other_key) = (ManagementKey::new("K1")?, ManagementKey::new("K2")?);
    /// let staging = ManagementClient::builder(one, key).quota(Quota::descope()).build()?;
    /// let production = ManagementClient::builder(other, other_key).quota_of(&staging).build()?;
    /// # Ok::<(), ConfigError>(())
    /// ```
    pub fn quota_of(mut self, client: &ManagementClient) -> Self {
        self.quota = client.shared.queue.as_ref().map(|queue| Allowance::Shared(Arc::clone(&queue.limiter)));
        self
    }

    /// Maximum duration of the waits for the quota in one call, with its retries. They do not count against
    /// [`timeout`](Self::timeout): calls that are made at once wait for one another, and have yet to begin. A wait that would
    /// surely take longer is not begun; behind others, who may give up, a call waits for that long. It fails with
    /// `RateLimited` and the least time that it would need ([`Error::retry_after`](crate::Error::retry_after)). The default is
    /// 5 minutes.
    pub fn quota_timeout(mut self, timeout: Duration) -> Self {
        self.quota_timeout = timeout;
        self
    }

    /// Trusts these authorities too, besides those of the operating system: one or more certificates in PEM.
    /// [`build`](Self::build) returns the error if they cannot be read.
    pub fn add_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.http.roots.push(pem.into());
        self
    }

    /// Trusts these authorities and no others, not even those of the operating system. A container without certificates
    /// needs this or [`add_root_certificates`](Self::add_root_certificates).
    pub fn only_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.http.only_these_roots = true;
        self.http.roots.push(pem.into());
        self
    }

    /// Shows this client certificate to a server that asks for one: the certificate and its private key in PEM, one after the
    /// other.
    pub fn client_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.http.identity = Some(pem.into());
        self
    }

    /// Sends requests over `https` through this proxy instead of the one that the environment names. The URL can have a
    /// user name and a password. `NO_PROXY` still names exceptions, and requests to loopback and requests over `http` never go
    /// through a proxy.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.http.proxy = Some(url.into());
        self
    }

    /// Maximum duration of a connection attempt, with TLS. The default is 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = Some(timeout);
        self
    }

    /// Adds the name of your program to the user agent, such as `orders/1.2`.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.http.user_agent_suffix = Some(suffix.into());
        self
    }

    /// Sends a header with every request, such as one that a gateway asks for. Its value appears in no error and no log.
    /// [`build`](Self::build) returns an error if it cannot be sent, or if the client sets a header of that name itself.
    pub fn default_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.http.headers.push((name.into(), value.into()));
        self
    }

    /// Changes the builder of the HTTP client, for what the other methods do not offer. Runs after them, each time a client is
    /// built.
    ///
    /// Three things are decided afterwards, whatever it does: redirects are not followed and reqwest repeats nothing, because
    /// both would send the key and the secrets of a request where nobody asked for it; and requests to loopback and requests
    /// over `http` go through no proxy. The type is that of `reqwest` 0.13: this method changes when that version does.
    ///
    /// ```
    /// # fn example(builder: descope_mcp_management::ManagementClientBuilder) {
    /// let builder = builder.configure_http(|http| http.tcp_nodelay(true).pool_max_idle_per_host(4));
    /// # }
    /// ```
    pub fn configure_http(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.http.configure.push(Arc::new(configure));
        self
    }

    /// Uses another clock than that of the system, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Creates the client. No request is sent.
    ///
    /// # Errors
    ///
    /// If the base URL, a certificate, a header or the URL of the proxy is invalid, or if the HTTP client cannot be set up.
    pub fn build(self) -> Result<ManagementClient, ConfigError> {
        let base_url = match self.base_url {
            Some(given) => given?,
            None => match self.project_id.region() {
                Some(region) => format!("https://api.{region}.descope.com").parse()?,
                None => DEFAULT_BASE_URL.parse()?,
            },
        };
        let http = http_client::build(&base_url, &self.http)?;
        let policy = self.retry.deadline(self.timeout);
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let limiter = self.quota.map(|allowance| match allowance {
            Allowance::Own(quota) => Arc::new(Limiter::new(quota, Arc::clone(&clock))),
            Allowance::Shared(limiter) => limiter,
        });
        let queue = limiter.map(|limiter| Queue { limiter, patience: self.quota_timeout });
        let shared = Shared::new(
            base_url,
            &self.project_id,
            self.management_key,
            policy,
            self.attempt_timeout,
            queue,
            clock,
        )
        .map_err(ConfigError::unfit_key)?;
        #[cfg(feature = "testing")]
        let shared = shared.with_script(self.script);
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
