//! Dynamic client registration (RFC 7591): a client that nobody knows introduces itself and gets an id.
//!
//! * Path, members and the switch `dynamicRegistration.enabled` are documented. So is the status 200; the RFC demands
//!   201, which is the default (`--variant dcr-status`).
//! * Without `scope` a client gets every approved scope, or none with `disableApprovedScopesAsDefault` (observed). With
//!   it, it gets those of them that are approved; others are left out without an error (assumed).
//! * A client without authentication has no secret (RFC; `--variant dcr-public-secret`). The answer always says which
//!   method holds, and has no null (observed that clients need both).
//! * Redirect URIs must be among the server's `approvedCallbackUrls` if it lists any (assumed).
//! * The grant `client_credentials` is left out of what a client registers (assumed; `--variant dcr-client-credentials`):
//!   otherwise a stranger would get a secret and, with it, a token for every default scope.
//! * `dynamicRegistration.flowId` names a flow that may judge a client; there are no flows here, so it changes nothing.
//!
//! Anyone may call this, so everything is bounded: the body, every text, and the number of clients. At the limit the
//! clients that never began to authorize make room, the oldest first, once they are an hour old.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use descope_mcp_openapi::{Document, ViolationKind};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::app::App;
use crate::client_metadata::{AuthMethod, Described, GrantType, Metadata, RegistrationError, redirect_uri};
use crate::problem::Problem;
use crate::records::server_client::{self, Registered};
use crate::records::{approved_scopes, registration_settings};
use crate::store::{ClientRow, NewClient, Records, ServerRow};
use crate::variants::{DcrClientCredentials, DcrPublicSecret, DcrStatus, SecretExpiry};
use crate::{body, clock, ids};

const ID: &str = "RegisterMcpServerClient";
/// What clients send has well under a kilobyte; scopes can make it longer.
const MAX_BODY_BYTES: usize = 16 * 1024;
/// Unused clients younger than this stay: their users may be reading the consent page.
const UNUSED_FOR_SECONDS: i64 = 3_600;
/// Unused clients that make room at a time.
const FORGOTTEN_AT_ONCE: i64 = 100;

pub(super) async fn handle(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Response, RegistrationError> {
    let Ok(Path((project_id, server_id))) = path else { return Err(RegistrationError::NotFound) };
    let server = server(&app, &project_id, &server_id).await?;
    if !registration_settings::dynamic_registration_enabled(&app.variants, &server) {
        return Err(RegistrationError::Disabled);
    }
    let body = read(request).await?;
    let (metadata, described) =
        Metadata::of_request(&body, AuthMethod::ClientSecretBasic, offered_grants(&app))?;
    check_redirects(&app, &server, &metadata, &described)?;
    let scopes = granted(&server, described.scopes.as_deref());

    let id = ids::client_record_id()?;
    let row = ClientRow {
        client_id: ids::oauth_client_id(&project_id, &id, app.variants.client_id_form()),
        body: record(&id, &described, &scopes),
        registration_type: Registered::Dynamically.word(&app.variants).to_owned(),
        status: server_client::status_of_new(&app.variants).to_owned(),
        id,
    };
    let public = metadata.token_endpoint_auth_method == AuthMethod::None
        && app.variants.dcr_public_secret() == DcrPublicSecret::Absent;
    let secret = if public { None } else { Some(ids::client_secret()?) };
    let now = clock::now_unix_seconds();
    let answer = answer(&app, &row, secret.as_ref(), &metadata, described, &scopes, now);
    let new = NewClient { row, secret };
    let most_clients = app.registration.most_clients;
    app.records
        .write(move |records| {
            make_room(records, &project_id, &server_id, most_clients, now as i64)?;
            match records.insert_registration(
                &project_id,
                &server_id,
                &new,
                &metadata.to_members(),
                now as i64,
            )? {
                true => Ok(()),
                false => Err(RegistrationError::NotFound),
            }
        })
        .await?;

    let status = match app.variants.dcr_status() {
        DcrStatus::Created => StatusCode::CREATED,
        DcrStatus::Ok => StatusCode::OK,
    };
    Ok((status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(answer))
        .into_response())
}

/// The grants that a client can register. None of them gives a token that no user consented to, because anyone may
/// register.
fn offered_grants(app: &App) -> &'static [GrantType] {
    match app.variants.dcr_client_credentials() {
        DcrClientCredentials::LeaveOut => &GrantType::OF_USERS,
        DcrClientCredentials::Allow => &GrantType::ALL,
    }
}

async fn server(app: &App, project_id: &str, server_id: &str) -> Result<ServerRow, RegistrationError> {
    let project = app.project(project_id).ok_or(RegistrationError::NotFound)?;
    let (project, server) = (project.id.clone(), server_id.to_owned());
    let found = app.records.read::<_, Problem>(move |records| Ok(records.server(&project, &server)?)).await?;
    found.ok_or(RegistrationError::NotFound)
}

/// The body as a JSON object that fits the document.
async fn read(request: Request) -> Result<Map<String, Value>, RegistrationError> {
    let refuse = |problem: &str| Err(RegistrationError::ClientMetadata(problem.to_owned()));
    if !body::is_json(request.headers()) {
        return refuse("the Content-Type must be application/json");
    }
    let bytes = Bytes::from_request(request, &()).await.map_err(body::unreadable)?;
    if bytes.len() > MAX_BODY_BYTES {
        return Err(RegistrationError::TooLarge);
    }
    let Ok(body) = serde_json::from_slice::<Value>(&bytes) else { return refuse("the body is not JSON") };
    let violations = Document::authorization_server().validate_request(ID, &body);
    if let Some(first) = violations.first() {
        let message = first.message.clone();
        let redirects = first.pointer.starts_with("/redirect_uris") && first.kind != ViolationKind::Missing;
        return Err(match redirects {
            true => RegistrationError::RedirectUri(message),
            false => RegistrationError::ClientMetadata(message),
        });
    }
    match body {
        Value::Object(members) => Ok(members),
        _ => refuse("the body must be a JSON object"),
    }
}

fn check_redirects(
    app: &App,
    server: &ServerRow,
    metadata: &Metadata,
    described: &Described,
) -> Result<(), RegistrationError> {
    let uris = described.redirect_uris.iter().map(String::as_str);
    if !metadata.uses_codes() && uris.len() == 0 {
        return Ok(());
    }
    redirect_uri::check_all(uris.clone(), app.registration.private_use_redirects)
        .map_err(RegistrationError::RedirectUri)?;
    let approved = registration_settings::approved_redirects(server);
    for (index, uri) in uris.enumerate() {
        if !approved.is_empty() && !redirect_uri::is_one_of(approved.iter().copied(), uri) {
            let problem =
                format!("redirect_uris[{index}] is not among the callback URLs that the server approves");
            return Err(RegistrationError::RedirectUri(problem));
        }
    }
    Ok(())
}

/// The scopes that a client gets, by the rules at the top.
pub(super) fn granted(server: &ServerRow, asked: Option<&[String]>) -> Vec<String> {
    let approved = approved_scopes::names(&server.body);
    match asked {
        Some(asked) => {
            asked.iter().filter(|scope| approved.iter().any(|name| name == scope)).cloned().collect()
        }
        None if registration_settings::gives_approved_scopes(server) => {
            approved.iter().map(ToString::to_string).collect()
        }
        None => Vec::new(),
    }
}

/// The client as the management API shows it. It cannot be without a name, so one that gave none is called by its id.
pub(super) fn record(id: &str, described: &Described, scopes: &[String]) -> Map<String, Value> {
    let mut record = Map::new();
    let name = described.client_name.as_deref().unwrap_or(id);
    record.insert(String::from("name"), Value::from(name));
    record.insert(String::from("approvedCallbackUrls"), Value::from(described.redirect_uris.clone()));
    record.insert(String::from("scopes"), Value::from(scopes));
    if let Some(logo) = &described.logo_uri {
        record.insert(String::from("logo"), Value::from(logo.as_str()));
    }
    record
}

/// All effective metadata, without a null anywhere.
fn answer(
    app: &App,
    row: &ClientRow,
    secret: Option<&SecretString>,
    metadata: &Metadata,
    described: Described,
    scopes: &[String],
    now_unix_seconds: u64,
) -> Value {
    let mut answer = metadata.to_members();
    let mut add = |member: &str, value: Value| answer.insert(member.to_owned(), value);
    add("client_id", Value::from(row.client_id.as_str()));
    add("client_id_issued_at", Value::from(now_unix_seconds));
    if let Some(secret) = secret {
        add("client_secret", Value::from(secret.expose_secret()));
        if app.variants.secret_expiry() == SecretExpiry::Zero {
            add("client_secret_expires_at", Value::from(0));
        }
    }
    if let Some(name) = described.client_name {
        add("client_name", Value::from(name));
    }
    if let Some(logo) = described.logo_uri {
        add("logo_uri", Value::from(logo));
    }
    if !described.redirect_uris.is_empty() {
        add("redirect_uris", Value::from(described.redirect_uris));
    }
    if !scopes.is_empty() {
        add("scope", Value::from(scopes.join(" ")));
    }
    Value::Object(answer)
}

/// Deletes unused clients if there are as many as a server takes.
///
/// # Errors
/// [`RegistrationError::Full`] if none can go.
pub(super) fn make_room(
    records: &Records<'_>,
    project: &str,
    server: &str,
    most_clients: u32,
    now_unix_seconds: i64,
) -> Result<(), RegistrationError> {
    if records.count_registrations(project, server)? < i64::from(most_clients) {
        return Ok(());
    }
    let before = now_unix_seconds - UNUSED_FOR_SECONDS;
    match records.forget_unused_registrations(project, server, before, FORGOTTEN_AT_ONCE)? {
        0 => Err(RegistrationError::Full),
        _ => Ok(()),
    }
}
