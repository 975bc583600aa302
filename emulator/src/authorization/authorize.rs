//! The authorization endpoint (RFC 6749 section 4.1, OAuth 2.1, RFC 7636, RFC 8707, RFC 9207), with a query or a body.
//!
//! Basis: paths, parameters and both methods are documented. Until client and redirect URI are known to belong
//! together, refusals are pages with status 400 (404 where the path names nothing); after that they go to the redirect
//! URI of a client that the management API made, and of any other only after the user acted (`refuse`). The order of the checks is the order of the code. PKCE with `S256` is required. The service sends the browser to
//! `loginPageURL`, where a flow signs the user in and asks for consent; here both are one page, and the user is always
//! the same. Other parameters that the service knows (`flow`, `loginHint`, `tenant`, `style`, `dpop_jkt`) change nothing.

use std::sync::Arc;

use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::client_authentication::Party;
use super::entrance::{Entrance, Realm};
use super::page::{self, Fault};
use super::parameters::Parameters;
use super::redirect::{self, AuthorizeError, Redirect};
use super::scopes::{self, OfferedScope};
use super::{consent, pkce, resources};
use crate::app::App;
use crate::client_metadata::GrantType;
use crate::problem::Problem;
use crate::registration::{self, ClientRefused};
use crate::variants::{SelfRegisteredConsent, SelfRegisteredErrors};

/// A code goes back in a Location header together with this.
const MAX_STATE_BYTES: usize = 4_096;
const MAX_NONCE_BYTES: usize = 512;
const MAX_RESOURCES: usize = 8;

/// A request that was found good, as it waits for the user's answer. The redirect URI, the state and the issuer are in
/// the [`Redirect`] beside it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Wanted {
    pub(super) scopes: Vec<WantedScope>,
    pub(super) resources: Vec<String>,
    pub(super) nonce: Option<String>,
    pub(super) code_challenge: String,
}

/// A scope and whether the user may leave it out.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WantedScope {
    pub(super) name: String,
    pub(super) optional: bool,
}

pub(super) async fn get(
    State(app): State<Arc<App>>,
    entrance: Entrance,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::of_form(query.unwrap_or_default().as_bytes());
    answer(&app, entrance, parameters).await
}

pub(super) async fn post(State(app): State<Arc<App>>, entrance: Entrance, request: Request) -> Response {
    match Parameters::read(request).await {
        Ok(parameters) => answer(&app, entrance, parameters).await,
        Err(_) => page::refuse(Fault::Unreadable),
    }
}

async fn answer(app: &App, entrance: Entrance, parameters: Parameters) -> Response {
    match begin(app, entrance, parameters).await {
        Ok(response) => response,
        Err(fault) => page::refuse(fault),
    }
}

async fn begin(app: &App, entrance: Entrance, mut parameters: Parameters) -> Result<Response, Fault> {
    let destination = entrance.enter(app).await?;
    if parameters.is_repeated("client_id") || parameters.is_repeated("redirect_uri") {
        return Err(Fault::Unreadable);
    }
    let client_id = parameters.take_text("client_id").ok_or(Fault::UnknownClient)?;
    let realm = destination.of_client(&client_id).await?.ok_or(Fault::UnknownClient)?;
    let client = registration::for_authorization(app, &realm.project.id, &realm.server, &client_id).await?;
    let party = Party { realm, client };
    let uri = parameters.take_text("redirect_uri").ok_or(Fault::RedirectUri)?;
    if !redirect::may_use(app, &party.realm.server, &party.client, &uri) {
        return Err(Fault::RedirectUri);
    }
    let state = parameters.take_text("state");
    let redirect = Redirect { uri, state, issuer: party.realm.issuer().url() };
    Ok(match check(&party, &redirect, parameters) {
        Ok((wanted, offered, prompt)) => ask(&party, &redirect, wanted, offered, prompt.as_deref()).await?,
        Err(error) => refuse(&party, &redirect, error)?,
    })
}

/// The refusal of a request on which no user has acted yet.
///
/// Anyone can register a client with a site of his own. If a link to this server led on to that site by itself, it would
/// lend its good name to any site (an open redirector, RFC 9700 section 4.11.2).
fn refuse(party: &Party<'_>, redirect: &Redirect, error: AuthorizeError) -> Result<Response, Fault> {
    let pages = party.realm.app.variants.self_registered_errors() == SelfRegisteredErrors::Page;
    match error {
        _ if !(pages && party.client.is_registered()) => Ok(redirect.error(StatusCode::FOUND, error)),
        AuthorizeError::ServerError => Err(Fault::Internal),
        error => Err(Fault::Unasked(error)),
    }
}

/// What is wanted, in two forms, and the `prompt`.
fn check(
    party: &Party<'_>,
    redirect: &Redirect,
    mut parameters: Parameters,
) -> Result<(Wanted, Vec<OfferedScope>, Option<String>), AuthorizeError> {
    let invalid = |description| Err(AuthorizeError::InvalidRequest(description));
    if parameters.any_is_repeated() {
        return invalid("a parameter is repeated");
    }
    if redirect.state.as_ref().is_some_and(|state| state.len() > MAX_STATE_BYTES) {
        return invalid("state is too long");
    }
    if parameters.take("request").is_some() {
        return Err(AuthorizeError::RequestNotSupported);
    }
    if parameters.take("request_uri").is_some() {
        return Err(AuthorizeError::RequestUriNotSupported);
    }
    match parameters.take_text("response_type").as_deref() {
        Some("code") => {}
        Some(_) => return Err(AuthorizeError::UnsupportedResponseType),
        None => return invalid("response_type is missing"),
    }
    if parameters.take_text("response_mode").is_some_and(|mode| mode != "query") {
        return invalid("the only response_mode is query");
    }
    if !party.client.may_use(GrantType::AuthorizationCode) {
        return Err(AuthorizeError::UnauthorizedClient);
    }
    let Some(code_challenge) = parameters.take_text("code_challenge") else {
        return invalid("code_challenge is missing; PKCE is required");
    };
    if parameters.take_text("code_challenge_method").as_deref() != Some("S256") {
        return invalid("code_challenge_method must be S256");
    }
    if !pkce::is_challenge(&code_challenge) {
        return invalid("code_challenge is not the base64url form of a SHA-256 hash");
    }
    let nonce = parameters.take_text("nonce");
    if nonce.as_ref().is_some_and(|nonce| nonce.len() > MAX_NONCE_BYTES) {
        return invalid("nonce is too long");
    }
    let server = &party.realm.server;
    let asked = parameters.take_text("scope");
    let offered = scopes::offered(server, &party.client, asked.as_deref());
    let offered = offered.ok_or(AuthorizeError::InvalidScope)?;
    let asked = parameters.take_resources();
    if asked.len() > MAX_RESOURCES {
        return Err(AuthorizeError::InvalidTarget);
    }
    let mut resources = Vec::new();
    for asked in asked {
        let resource = resources::allowed(server, &asked).ok_or(AuthorizeError::InvalidTarget)?;
        if !resources.contains(&resource) {
            resources.push(resource);
        }
    }
    let names = offered.iter().map(|s| WantedScope { name: s.name.clone(), optional: s.optional });
    let wanted = Wanted { scopes: names.collect(), resources, nonce, code_challenge };
    Ok((wanted, offered, parameters.take_text("prompt")))
}

/// Asks the user, unless nobody wants that.
async fn ask(
    party: &Party<'_>,
    redirect: &Redirect,
    wanted: Wanted,
    offered: Vec<OfferedScope>,
    prompt: Option<&str>,
) -> Result<Response, Fault> {
    let answer = if skips_consent(party) {
        let scope = offered.into_iter().map(|scope| scope.name).collect::<Vec<_>>().join(" ");
        consent::grant(party, redirect, &wanted, scope, StatusCode::FOUND).await
    } else if prompt.is_some_and(|prompt| scopes::has(prompt, "none")) {
        return refuse(party, redirect, AuthorizeError::ConsentRequired);
    } else {
        consent::ask(party, redirect, &wanted, &offered).await
    };
    match answer {
        Ok(response) => Ok(response),
        // The problem is in the log already.
        Err(_) => refuse(party, redirect, AuthorizeError::ServerError),
    }
}

/// Whether the operator, or the MCP server for this client, wants no consent page.
fn skips_consent(party: &Party<'_>) -> bool {
    let Realm { app, server, .. } = &party.realm;
    let skip = server.body.get("skipConsentScreen").and_then(Value::as_bool).unwrap_or_default();
    let asks = app.variants.self_registered_consent() == SelfRegisteredConsent::Ask;
    app.authorization.auto_consent || (skip && !(asks && party.client.is_registered()))
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        if problem.status() == StatusCode::NOT_FOUND { Self::NotFound } else { Self::Internal }
    }
}

impl From<ClientRefused> for Fault {
    fn from(refused: ClientRefused) -> Self {
        match refused {
            ClientRefused::Unknown => Self::UnknownClient,
            ClientRefused::Document => Self::ClientDocument,
            ClientRefused::Failed(problem) => problem.into(),
        }
    }
}
