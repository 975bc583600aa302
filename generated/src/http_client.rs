//! The HTTP client. It is created only here, so that all connections follow one policy:
//!
//! * requests over `https` go through the proxy of the builder, or else the one that the environment names
//!   (`HTTPS_PROXY`, `ALL_PROXY`), except for the hosts of `NO_PROXY`; requests to loopback and requests over `http` never go
//!   through a proxy;
//! * the operating system decides which certificates are trusted, unless the builder says otherwise;
//! * redirects are not followed.

use std::time::Duration;

use crate::base_url::BaseUrl;
use crate::config::ConfigError;
use crate::http_settings::HttpSettings;

/// Time limit for getting a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Idle connections are closed before the server closes them: common load balancers wait for 60 seconds. A request on a
/// connection that is just being closed is lost, and it is unknown whether it was read.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(50);

const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Creates the HTTP client for requests to a base URL. What is decided here for safety holds whatever the settings say.
pub(crate) fn build(base_url: &BaseUrl, settings: &HttpSettings) -> Result<reqwest::Client, ConfigError> {
    let http =
        reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).pool_idle_timeout(POOL_IDLE_TIMEOUT);
    let mut http = settings
        .apply(http, USER_AGENT)?
        // Repeating is decided in one place, by what is known about the operation.
        .retry(reqwest::retry::never())
        // A redirect would carry the management key to a place nobody named.
        .redirect(reqwest::redirect::Policy::none());
    if base_url.is_loopback() || !base_url.is_encrypted() {
        // A proxy would read the unencrypted management key, and loopback traffic must not leave the machine.
        http = http.no_proxy();
    }
    http.build().map_err(ConfigError::HttpClient)
}
