//! A client as OAuth sees it, whatever it came by.

use serde_json::Value;

use crate::client_metadata::{AuthMethod, GrantType, Metadata};
use crate::problem::Problem;
use crate::store::OAuthClientRow;

/// Why a client may not begin to authorize. There is nowhere to send the browser back to, so the answer is a page.
#[derive(Debug)]
pub(crate) enum ClientRefused {
    /// Nobody of that id is registered with this server.
    Unknown,
    /// The id is a URL, and it or what it leads to is refused. The log says what is wrong: the browser's owner is not
    /// the client's author, and a description of what was reached would turn the fetch into a probe.
    Document,
    /// The emulator failed.
    Failed(Problem),
}

impl From<Problem> for ClientRefused {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

/// A client as the authorization endpoints need it.
#[derive(Debug)]
pub(crate) struct OAuthClient {
    pub(crate) stored: OAuthClientRow,
    /// What it registered, read; `None` for a client that the management API made.
    metadata: Option<Metadata>,
}

impl From<OAuthClientRow> for OAuthClient {
    fn from(stored: OAuthClientRow) -> Self {
        let metadata = stored.registration.as_ref().map(Metadata::of_stored);
        Self { stored, metadata }
    }
}

impl OAuthClient {
    /// Whether it has no secret and authenticates with its id alone.
    pub(crate) fn is_public(&self) -> bool {
        self.stored.secret.is_none()
    }

    /// Whether it came by registration and not by the management API.
    pub(crate) fn is_registered(&self) -> bool {
        self.metadata.is_some()
    }

    /// Whether it is described by a metadata document: consent must show the host that it redirects to.
    pub(crate) fn is_metadata_document(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.metadata_document)
    }

    /// What to call it before a person.
    pub(crate) fn name(&self) -> &str {
        self.text("name").unwrap_or(&self.stored.row.id)
    }

    /// URL of its logo, if it has one.
    pub(crate) fn logo(&self) -> Option<&str> {
        self.text("logo")
    }

    /// URL of a page about it, if it named one.
    pub(crate) fn uri(&self) -> Option<&str> {
        self.metadata.as_ref()?.client_uri.as_deref()
    }

    /// The redirect URIs of its record, so that an update by the management API counts.
    pub(crate) fn redirect_uris(&self) -> impl Iterator<Item = &str> {
        self.texts("approvedCallbackUrls")
    }

    /// The scopes of its record.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.texts("scopes")
    }

    /// Whether it may authenticate in this way. A client with a secret may send it in either way, whichever it
    /// registered (assumed), and never leave it out.
    pub(crate) fn may_authenticate_by(&self, method: AuthMethod) -> bool {
        (method == AuthMethod::None) == self.is_public()
    }

    /// Whether it may use this grant: what it registered, or any if it was made by the management API. A public client
    /// never gets tokens for itself.
    pub(crate) fn may_use(&self, grant: GrantType) -> bool {
        if grant == GrantType::ClientCredentials && self.is_public() {
            return false;
        }
        self.metadata.as_ref().is_none_or(|metadata| metadata.grant_types.contains(&grant))
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.stored.row.body.get(member)?.as_str().filter(|text| !text.is_empty())
    }

    fn texts(&self, member: &str) -> impl Iterator<Item = &str> {
        let items = self.stored.row.body.get(member).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str)
    }
}
