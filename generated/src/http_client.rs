//! The connections of a client. Every one is made here, so that all keep to one policy:
//!
//! * proxies: the one that the environment names (`HTTPS_PROXY`, `ALL_PROXY`, less `NO_PROXY`), except on loopback and
//!   for plain `http`, which go through none;
//! * certificates: those that the operating system trusts;
//! * redirects: none are followed.

use std::time::Duration;

use crate::base_url::BaseUrl;
use crate::config::ConfigError;

/// Time limit for getting a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Idle connections are given up before the server's side does it: common load balancers wait for 60 seconds. A
/// request on a connection that is just being closed is lost, and nobody knows whether it was read.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(50);

const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Makes the HTTP client for requests to a base URL.
pub(crate) fn build(base_url: &BaseUrl) -> Result<reqwest::Client, ConfigError> {
    let mut http = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        // Repeating is decided in one place, by what is known about the operation.
        .retry(reqwest::retry::never())
        // A redirect would carry the management key to a place nobody named.
        .redirect(reqwest::redirect::Policy::none());
    if base_url.is_loopback() || !base_url.is_encrypted() {
        // A proxy would read the management key in clear, and loopback traffic must not leave the machine.
        http = http.no_proxy();
    }
    http.build().map_err(ConfigError::HttpClient)
}
