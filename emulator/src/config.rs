//! What an emulator is started with. A bad value is an error, never a default.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::str::FromStr;

use axum::http::Uri;
use secrecy::{ExposeSecret, SecretString};

use crate::adversity::Adversity;
use crate::authorization::AuthorizationSettings;
use crate::data_directory::DataDirectory;
use crate::ids;
use crate::limits::RateLimit;
use crate::registration::{PinError, RegistrationSettings, redirect_uri};
use crate::seed::Seed;
use crate::store::{ProjectRow, WRITES_PER_COMMIT};
use crate::variants::{VariantError, Variants};

/// Everything [`crate::app`] needs.
#[derive(Debug)]
pub struct Config {
    /// The projects to serve, at least one, each with an id of its own. What one stores, no other sees.
    pub projects: Vec<Project>,
    /// Where clients reach the emulator. Issuers and every other absolute URL derive from it, never from `Host`.
    pub public_url: PublicUrl,
    /// How the questions are answered that public documents leave open.
    pub variants: Variants,
    /// Faults to make, from the start; the control listener can switch them later.
    pub adversity: Option<Adversity>,
    /// How many requests are answered, if not all.
    pub rate_limit: Option<RateLimit>,
    /// Whether exchanges are written down and adversity can be switched on, for the control listener.
    pub(crate) controlled: bool,
    /// Which clients may register, and from where their metadata documents come.
    pub registration: RegistrationSettings,
    /// How users are asked for their consent, and where browsers are sent.
    pub authorization: AuthorizationSettings,
    /// Where records are kept; in memory if there is none. The projects that it holds are served too.
    pub data: Option<DataDirectory>,
    /// Records to begin with; what is there already stays as it is. Its projects are served too.
    pub seed: Option<Seed>,
    /// How many writes share one sync of the disk at most; with 1, each has its own, which is only good for
    /// measurements.
    pub writes_per_commit: NonZeroUsize,
}

impl Config {
    /// These projects behind this URL, everything else as usual.
    pub fn new(public_url: PublicUrl, projects: Vec<Project>) -> Self {
        Self {
            projects,
            public_url,
            variants: Variants::default(),
            adversity: None,
            rate_limit: None,
            controlled: false,
            registration: RegistrationSettings::default(),
            authorization: AuthorizationSettings::default(),
            data: None,
            seed: None,
            writes_per_commit: WRITES_PER_COMMIT,
        }
    }

    /// The same with one question answered in another way; [`Variants::switches`] lists them.
    ///
    /// # Errors
    /// [`StartError::Variant`] for an unknown name or value, listing what there is.
    pub fn with_variant(mut self, name: &str, value: &str) -> Result<Self, StartError> {
        self.variants.set(name, value)?;
        Ok(self)
    }

    /// The same with faults from the start.
    #[must_use]
    pub fn with_adversity(self, adversity: Adversity) -> Self {
        Self { adversity: Some(adversity), ..self }
    }

    /// The same with a rate limit.
    #[must_use]
    pub fn with_rate_limit(self, rate_limit: RateLimit) -> Self {
        Self { rate_limit: Some(rate_limit), ..self }
    }
}

/// A project and the key that opens its management API.
#[derive(Debug)]
pub struct Project {
    id: String,
    management_key: SecretString,
}

impl Project {
    /// The longest project id; real ones have 28 characters, a few more with a region.
    const MAX_ID: usize = 64;
    const MAX_KEY: usize = 512;

    /// A project with this id and management key.
    ///
    /// The id may be any 1 to 64 of `A-Z a-z 0-9 _ -`: it stands in URLs and before the colon of the bearer token.
    /// The key may be any 1 to 512 of `A-Z a-z 0-9 . _ ~ + / = : -`: it stands in a header, and in `export` lines that
    /// a shell reads.
    ///
    /// # Errors
    /// [`StartError::ProjectId`] and [`StartError::ManagementKey`]; neither quotes the key.
    pub fn new(id: impl Into<String>, management_key: impl Into<String>) -> Result<Self, StartError> {
        let (id, key) = (id.into(), management_key.into());
        let id_ok = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
        if id.is_empty() || id.len() > Self::MAX_ID || !id.bytes().all(id_ok) {
            return Err(StartError::ProjectId(id.chars().take(80).collect()));
        }
        let key_ok = |b: u8| b.is_ascii_alphanumeric() || b"._~+/=:-".contains(&b);
        if key.is_empty() || key.len() > Self::MAX_KEY || !key.bytes().all(key_ok) {
            return Err(StartError::ManagementKey);
        }
        Ok(Self { id, management_key: key.into() })
    }

    /// A project with a fresh id (`P` and a KSUID) and a fresh key (`K2` and 64 base62 characters).
    ///
    /// # Errors
    /// [`StartError::Randomness`] when the operating system gives none.
    pub fn generate() -> Result<Self, StartError> {
        Self::new(Self::generate_id()?, Self::generate_management_key()?)
    }

    /// A fresh project id, for use with a key that is already known.
    ///
    /// # Errors
    /// [`StartError::Randomness`].
    pub fn generate_id() -> Result<String, StartError> {
        ids::project_id().map_err(|_| StartError::Randomness)
    }

    /// A fresh management key, for use with an id that is already known.
    ///
    /// # Errors
    /// [`StartError::Randomness`].
    pub fn generate_management_key() -> Result<String, StartError> {
        ids::management_key().map_err(|_| StartError::Randomness)
    }

    /// The project id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The management key in the clear. Whoever calls this answers for where it goes.
    pub fn expose_management_key(&self) -> &str {
        self.management_key.expose_secret()
    }

    pub(crate) fn to_row(&self) -> ProjectRow {
        ProjectRow { id: self.id.clone(), management_key: self.management_key.clone() }
    }
}

/// Scheme, host and port under which clients reach the emulator, such as `https://emulator.example.com`.
///
/// It has no path, because the path-insert forms of discovery put theirs right after the host, and no final slash,
/// because clients compare issuers as strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// `http://` and this address, for a listener that clients reach directly.
    ///
    /// # Errors
    /// [`StartError::PublicUrl`] for an unspecified address (`0.0.0.0`, `[::]`): it names no host.
    pub fn of_listener(address: SocketAddr) -> Result<Self, StartError> {
        if address.ip().is_unspecified() {
            return Err(StartError::PublicUrl {
                url: format!("http://{address}"),
                reason: "an unspecified address names no host; pass --public-url",
            });
        }
        Ok(Self(format!("http://{address}")))
    }

    /// Whether it leads to the machine itself and nowhere else.
    pub fn is_loopback(&self) -> bool {
        redirect_uri::is_on_loopback(&self.0)
    }

    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PublicUrl {
    type Err = StartError;

    /// # Errors
    /// [`StartError::PublicUrl`] unless the text is `http://` or `https://`, a host, perhaps a port and a slash.
    fn from_str(text: &str) -> Result<Self, StartError> {
        // Credentials in a URL are refused unread; the message must not repeat them.
        if text.contains('@') {
            return Err(StartError::PublicUrl {
                url: String::from("(hidden)"),
                reason: "it must not hold credentials",
            });
        }
        let refuse = |reason| StartError::PublicUrl { url: text.chars().take(200).collect(), reason };
        if text.contains('#') {
            return Err(refuse("it must not have a fragment"));
        }
        let uri: Uri = text.parse().map_err(|_| refuse("it is not a URL"))?;
        let scheme = uri.scheme_str().ok_or_else(|| refuse("it must start with http:// or https://"))?;
        if !matches!(scheme, "http" | "https") {
            return Err(refuse("it must start with http:// or https://"));
        }
        let authority = uri.authority().ok_or_else(|| refuse("it names no host"))?;
        if authority.host().is_empty() {
            return Err(refuse("it names no host"));
        }
        if uri.path() != "/" || uri.query().is_some() {
            return Err(refuse("it must have neither path nor query"));
        }
        Ok(Self(format!("{scheme}://{authority}")))
    }
}

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration lists no project, so nobody could call.
    #[error("no project to serve; give at least one")]
    NoProject,
    /// Two projects share an id.
    #[error("project {0:?} is listed twice; give each project an id of its own")]
    DuplicateProject(String),
    /// A project id with characters that URLs or the bearer token cannot carry.
    #[error("project id {0:?} is not 1 to 64 letters, digits, - or _")]
    ProjectId(String),
    /// A management key with characters that a header or a shell line cannot carry. The key is not repeated.
    #[error("the management key is not 1 to 512 letters, digits or . _ ~ + / = : -")]
    ManagementKey,
    /// A public URL from which issuers cannot be derived.
    #[error("public URL {url:?}: {reason}")]
    PublicUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A variant that does not exist.
    #[error(transparent)]
    Variant(#[from] VariantError),
    /// Client metadata documents from the machine itself, on an emulator that other machines reach.
    #[error("client metadata documents from loopback addresses need a public URL on loopback, not {0}")]
    LoopbackDocuments(String),
    /// A pinned client metadata document that breaks a rule.
    #[error(transparent)]
    PinnedDocument(#[from] PinError),
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Randomness,
    /// The data directory cannot be used; the text says why and what to do.
    #[error("data directory: {0}")]
    Data(String),
    /// The seed file does not fit; the text begins with the JSON pointer of the fault.
    #[error("seed file: {0}")]
    Seed(String),
    /// The database could not be set up.
    #[error("cannot open the store")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin_without_final_slash() {
        for (text, expected) in [
            ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
            ("https://emulator.example.com/", "https://emulator.example.com"),
            ("http://[::1]:9", "http://[::1]:9"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().as_str(), expected);
        }
    }

    #[test]
    fn refuses_public_urls_that_are_no_origin() {
        for text in [
            "",
            "emulator",
            "ftp://a",
            "http://",
            "http://a/b",
            "http://a?b",
            "http://a/#f",
            "/a",
            "http://u:p@a",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
        assert!(!"http://u:hunter2@a".parse::<PublicUrl>().unwrap_err().to_string().contains("hunter2"));
    }

    #[test]
    fn an_unspecified_listener_needs_a_public_url() {
        assert!(PublicUrl::of_listener("0.0.0.0:1".parse().unwrap()).is_err());
        assert_eq!(
            PublicUrl::of_listener("127.0.0.1:1".parse().unwrap()).unwrap().as_str(),
            "http://127.0.0.1:1"
        );
    }

    #[test]
    fn neither_debug_nor_errors_show_the_management_key() {
        let project = Project::new("P1", "K2hunter2").unwrap();
        assert!(!format!("{project:?}").contains("hunter2"));
        let refused = Project::new("P1", "K2 hunter2").unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("hunter2"));
    }

    #[test]
    fn generated_projects_have_the_real_shape() {
        let project = Project::generate().unwrap();
        assert_eq!((project.id().len(), &project.id()[..1]), (28, "P"));
        assert!(project.expose_management_key().starts_with("K2"));
    }

    #[test]
    fn refuses_ids_that_would_break_urls_or_the_bearer_token() {
        for id in ["", "a:b", "a/b", "ä", "a b", &"P".repeat(65)] {
            assert!(Project::new(id, "K2x").is_err(), "{id}");
        }
    }
}
