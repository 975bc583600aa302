//! The user's answer: the consent page asks, `POST /oauth2/v1/apps/consent` hears.
//!
//! The page holds a ticket: a random text that stands for the request, is good once, for ten minutes, and is known to
//! nobody but the reader of the page. What is granted is the ticket's request and nothing that the answer says, except
//! which of its optional scopes are ticked. The answer must come from the page itself: a browser that sends it says so in
//! `Origin`, which must be the public URL's, and came to the page by the public URL's `Host`. Each request asks anew:
//! consents are not remembered (assumed; a tool for trying things out should ask every time).

use std::collections::HashSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::authorize::Wanted;
use super::client_authentication::Party;
use super::page::{self, ConsentPage, Fault};
use super::redirect::{self, AuthorizeError, Redirect};
use super::scopes::OfferedScope;
use super::secret_text::{fresh, sha256};
use super::{demo_user, entrance};
use crate::app::App;
use crate::problem::Problem;
use crate::request_origin::{self, Sender};
use crate::store::{ClientRef, NewGrant};
use crate::{ids, registration};

/// How long a page can be answered.
const TICKET_LIFETIME_SECONDS: u64 = 600;
/// How long a code can be redeemed. RFC 6749 allows ten minutes at most; clients need seconds.
const CODE_LIFETIME_SECONDS: u64 = 60;

/// What a ticket stands for.
#[derive(Debug, Serialize, Deserialize)]
struct Pending {
    project: String,
    server: String,
    client_id: String,
    of_project: bool,
    redirect_uri: String,
    state: Option<String>,
    wanted: Wanted,
}

/// Shows the page.
pub(super) async fn ask(
    party: &Party<'_>,
    redirect: &Redirect,
    wanted: &Wanted,
    offered: &[OfferedScope],
) -> Result<Response, Problem> {
    let app = party.realm.app;
    let (ticket, hash) = fresh()?;
    let pending = serde_json::json!({
        "project": party.realm.project.id,
        "server": party.realm.server.id,
        "client_id": party.client.stored.row.client_id,
        "of_project": party.realm.of_project,
        "redirect_uri": redirect.uri,
        "state": redirect.state,
        "wanted": wanted,
    })
    .to_string();
    let (client, now) = (party.client_ref(), app.clock.now_unix_seconds());
    app.store
        .write::<_, Problem>(move |records| {
            let until = now.saturating_add(TICKET_LIFETIME_SECONDS);
            Ok(records.insert_ticket(&hash, &client, &pending, now, until)?)
        })
        .await?;
    Ok(ConsentPage::of(party, &redirect.uri, wanted, offered, &ticket).respond())
}

pub(super) async fn handle(State(app): State<Arc<App>>, request: Request) -> Response {
    match decide(&app, request).await {
        Ok(response) => response,
        Err(fault) => page::refuse(fault),
    }
}

async fn decide(app: &App, request: Request) -> Result<Response, Fault> {
    if !is_from_own_page(app, request.headers()) {
        return Err(Fault::CrossSite);
    }
    let body = Bytes::from_request(request, &()).await.map_err(|_| Fault::Unreadable)?;
    let (mut ticket, mut decision, mut ticked) = (None, None, HashSet::new());
    for (name, value) in form_urlencoded::parse(&body) {
        match name.as_ref() {
            "ticket" => ticket = Some(value),
            "decision" => decision = Some(value),
            "scope" => {
                ticked.insert(value);
            }
            _ => {}
        }
    }
    let approved = match decision.as_deref() {
        Some("approve") => true,
        Some("deny") => false,
        _ => return Err(Fault::Unreadable),
    };
    let (hash, now) = (sha256(&ticket.ok_or(Fault::Ticket)?), app.clock.now_unix_seconds());
    let pending = app.store.write::<_, Problem>(move |records| Ok(records.take_ticket(&hash, now)?)).await?;
    let pending: Pending =
        pending.and_then(|pending| serde_json::from_str(&pending).ok()).ok_or(Fault::Ticket)?;

    // Both may have changed since the page was shown.
    let realm = entrance::realm(app, pending.project, pending.server, pending.of_project).await?;
    let realm = realm.ok_or(Fault::Ticket)?;
    let client = registration::stored(app, &realm.project.id, &realm.server, &pending.client_id).await?;
    let party = Party { client: client.ok_or(Fault::Ticket)?, realm };
    if !redirect::may_use(app, &party.realm.server, &party.client, &pending.redirect_uri) {
        return Err(Fault::RedirectUri);
    }
    let issuer = party.realm.issuer().url();
    let redirect = Redirect { uri: pending.redirect_uri, state: pending.state, issuer };
    let wanted = pending.wanted;
    let granted: Vec<_> = wanted
        .scopes
        .iter()
        .filter(|scope| !scope.optional || ticked.contains(scope.name.as_str()))
        .map(|scope| scope.name.as_str())
        .collect();
    // A browser follows 303 with GET; 302 would leave that to it, and 307 would post the answer on to the client.
    let status = StatusCode::SEE_OTHER;
    if !approved || (granted.is_empty() && !wanted.scopes.is_empty()) {
        return Ok(redirect.error(status, AuthorizeError::AccessDenied));
    }
    let scope = granted.join(" ");
    let answer = grant(&party, &redirect, &wanted, scope, status).await;
    Ok(answer.unwrap_or_else(|_| redirect.error(status, AuthorizeError::ServerError)))
}

/// Records the consent and sends the browser back with a code for it.
pub(super) async fn grant(
    party: &Party<'_>,
    redirect: &Redirect,
    wanted: &Wanted,
    scope: String,
    status: StatusCode,
) -> Result<Response, Problem> {
    let app = party.realm.app;
    let (code, hash) = fresh()?;
    let client: ClientRef = party.client_ref();
    let now = app.clock.now_unix_seconds();
    let new = NewGrant {
        user_id: demo_user::id(app, &client.project).await?,
        client,
        consent_id: ids::consent_id()?,
        of_project: party.realm.of_project,
        scope,
        resources: wanted.resources.join(" "),
        nonce: wanted.nonce.clone(),
        redirect_uri: redirect.uri.clone(),
        code_challenge: wanted.code_challenge.clone(),
        code: hash,
        granted_at: now,
        expires_at: now.saturating_add(CODE_LIFETIME_SECONDS),
    };
    // If the client went away meanwhile, the code is for nobody and the token endpoint says so.
    app.store.write::<_, Problem>(move |records| Ok(records.insert_grant(&new)?)).await?;
    Ok(redirect.code(status, &code))
}

/// Whether the consent page sent this. Every browser says with a form where the page is from.
fn is_from_own_page(app: &App, headers: &HeaderMap) -> bool {
    let Some(own) = app.public_url.origin() else { return false };
    let host = request_origin::of_host(headers, app.public_url.scheme());
    host.as_ref() == Some(&own) && request_origin::sender(headers, &own) == Sender::OwnPage
}
