//! The pages that a person sees: the consent page and refusals. Plain HTML that works without JavaScript; whatever
//! comes from a client is escaped by the template, and the browser is told to run and embed nothing.

use std::sync::LazyLock;

use askama::Template;
use aws_lc_rs::digest;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::authorize::Wanted;
use super::client_authentication::Party;
use super::demo_user;
use super::redirect::AuthorizeError;
use super::scopes::OfferedScope;
use crate::loopback::leads_to_loopback;

/// Where the consent page sends the answer.
pub(super) const CONSENT_PATH: &str = "/oauth2/v1/apps/consent";

const STYLE: &str = include_str!("../../templates/page.css");
/// Longer names and descriptions are cut: a name must not push the warning out of sight.
const MAX_NAME_CHARS: usize = 100;
const MAX_DESCRIPTION_CHARS: usize = 500;

/// The only style that the browser may apply is ours, the only images are those of HTTPS or inside the page, and
/// nothing may embed the page. There is no `form-action`: browsers apply it to where the answer redirects, and the
/// client's site may redirect on to wherever it likes.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(digest::digest(&digest::SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src https: data:; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// The consent page.
#[derive(Template)]
#[template(path = "consent.html")]
pub(super) struct ConsentPage<'a> {
    style: &'static str,
    action: &'static str,
    ticket: &'a str,
    client_name: String,
    client_uri: Option<&'a str>,
    /// Host of the document that describes the client, if one does.
    document_host: Option<String>,
    logo: Option<&'a str>,
    server_name: String,
    user_name: &'static str,
    user_email: &'static str,
    redirect_host: String,
    /// Whether every program on the user's machine could pose as this client.
    loopback_only: bool,
    fixed: Vec<ShownScope<'a>>,
    optional: Vec<ShownScope<'a>>,
    resources: &'a [String],
}

struct ShownScope<'a> {
    /// The name as it goes back.
    value: &'a str,
    /// The name as it is shown.
    name: String,
    description: String,
}

/// A refusal.
#[derive(Template)]
#[template(path = "refusal.html")]
struct Refusal {
    style: &'static str,
    title: &'static str,
    text: &'static str,
    /// The code that a redirect would have brought the client, and what it means here.
    error: Option<(&'static str, &'static str)>,
}

/// Why there is a page and no redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The request cannot be read, or says twice who asks.
    Unreadable,
    /// The path names no project or MCP server.
    NotFound,
    UnknownClient,
    /// The document at the client id is refused.
    ClientDocument,
    /// The request of a client that registered itself has this error, and no user has acted yet.
    Unasked(AuthorizeError),
    /// Missing, not registered, or of a kind that no client may use.
    RedirectUri,
    /// Unknown, used, expired, or of a client that is gone.
    Ticket,
    /// The answer to a consent page did not come from that page.
    CrossSite,
    Internal,
}

impl Fault {
    const fn row(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Unreadable => (
                StatusCode::BAD_REQUEST,
                "This request cannot be read",
                "It is not a form, a query or a JSON object, or it names its client or redirect URI twice.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "No such MCP server",
                "The address names a project or an MCP server that does not exist.",
            ),
            Self::UnknownClient => (
                StatusCode::BAD_REQUEST,
                "Unknown application",
                "The application that sent you here is not registered with this MCP server (invalid_client).",
            ),
            Self::ClientDocument => (
                StatusCode::BAD_REQUEST,
                "Application refused",
                "The document that describes the application could not be used (invalid_client).",
            ),
            Self::Unasked(_) => (
                StatusCode::BAD_REQUEST,
                "This request is refused",
                "The application asked for something that it cannot get. It registered itself, and you have not been \
                 asked yet, so you are not sent on to its site.",
            ),
            Self::RedirectUri => (
                StatusCode::BAD_REQUEST,
                "Unregistered redirect URI",
                "The application asked to send you back to an address that is not registered for it. It must be \
                 registered to the letter, and use https unless it is on this machine.",
            ),
            Self::Ticket => (
                StatusCode::BAD_REQUEST,
                "This page is no longer good",
                "It was answered before, its time ran out, or the application is gone. Go back to the application \
                 and start again.",
            ),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                "Refused",
                "The answer did not come from the consent page at this server's public URL.",
            ),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "The emulator failed", "Its log says why."),
        }
    }
}

/// The page of a refusal.
pub(super) fn refuse(fault: Fault) -> Response {
    let (status, title, text) = fault.row();
    let error = match fault {
        Fault::Unasked(error) => Some(error.row()),
        _ => None,
    };
    respond(status, &Refusal { style: STYLE, title, text, error })
}

impl<'a> ConsentPage<'a> {
    pub(super) fn of(
        party: &'a Party<'_>,
        redirect: &str,
        wanted: &'a Wanted,
        offered: &'a [OfferedScope],
        ticket: &'a SecretString,
    ) -> Self {
        let shown = |optional: bool| {
            let scopes = offered.iter().filter(move |scope| scope.optional == optional);
            scopes
                .map(|scope| ShownScope {
                    value: &scope.name,
                    name: cut(&scope.name, MAX_NAME_CHARS),
                    description: cut(&scope.description, MAX_DESCRIPTION_CHARS),
                })
                .collect()
        };
        let server_name = party.realm.server.body.get("name").and_then(Value::as_str).unwrap_or_default();
        let mut redirects = party.client.redirect_uris().peekable();
        Self {
            style: STYLE,
            action: CONSENT_PATH,
            ticket: ticket.expose_secret(),
            client_name: cut(party.client.name(), MAX_NAME_CHARS),
            client_uri: party.client.uri().filter(|uri| uri.starts_with("https://")),
            document_host: party
                .client
                .is_metadata_document()
                .then(|| host(&party.client.stored.row.client_id)),
            logo: party.client.logo().filter(|logo| is_image(logo)),
            server_name: cut(server_name, MAX_NAME_CHARS),
            user_name: demo_user::NAME,
            user_email: demo_user::EMAIL,
            redirect_host: host(redirect),
            loopback_only: redirects.peek().is_some() && redirects.all(leads_to_loopback),
            fixed: shown(false),
            optional: shown(true),
            resources: &wanted.resources,
        }
    }

    pub(super) fn respond(self) -> Response {
        respond(StatusCode::OK, &self)
    }
}

fn respond(status: StatusCode, page: &impl Template) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "cannot write a page");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // The address holds the client's state. `no-referrer` would also hide where the answer comes from.
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, Html(html)).into_response()
}

/// Where a redirect URI leads, for a person: host and port, or the scheme of an application on the user's machine.
fn host(uri: &str) -> String {
    let Ok(parsed) = Url::parse(uri) else { return String::new() };
    match (parsed.scheme(), parsed.host_str(), parsed.port()) {
        ("http" | "https", Some(host), Some(port)) => format!("{host}:{port}"),
        ("http" | "https", Some(host), None) => host.to_owned(),
        (scheme, ..) => format!("{scheme}: (an application on this device)"),
    }
}

fn is_image(logo: &str) -> bool {
    logo.starts_with("https://") || logo.starts_with("data:image/")
}

/// The text without what could disorder the lines around it, cut short.
fn cut(text: &str, longest: usize) -> String {
    // Marks that change the direction of writing can make a name read as another.
    let disorders = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown: String = text.chars().map(|c| if disorders(c) { ' ' } else { c }).take(longest).collect();
    if text.chars().count() > longest {
        shown.push('…');
    }
    shown
}
