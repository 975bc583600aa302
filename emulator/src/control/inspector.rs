//! The inspector: what the emulator holds and what was asked of it, as pages for people. Written by the server; the
//! script adds only that new exchanges show without reloading.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;

use crate::adversity::Switch;
use crate::app::App;
use crate::exchanges::{Exchange, ExchangeLog, Message};
use crate::mask;
use crate::problem::Problem;
use crate::records::{server as server_record, server_client};
use crate::store::{ClientQuery, ServerRow};

/// Exchanges on the first page.
const SOME: usize = 50;
const CLIENTS_ON_A_PAGE: i64 = 50;
/// Servers on the first page; more are counted.
const MAX_SERVERS: usize = 200;

#[derive(Template)]
#[template(path = "inspector/overview.html")]
struct Overview {
    public_url: String,
    adversity: Option<(String, u64, u64)>,
    rate_limit: Option<String>,
    varied: usize,
    variants: Vec<ShownVariant>,
    projects: Vec<ShownProject>,
    exchanges: Vec<Arc<Exchange>>,
    last: u64,
    kept: usize,
}

struct ShownVariant {
    name: &'static str,
    value: String,
    varied: bool,
    question: &'static str,
    others: String,
}

struct ShownProject {
    id: String,
    servers: Vec<ShownServer>,
    total: usize,
}

struct ShownServer {
    id: String,
    name: String,
    clients: i64,
    tags: String,
}

#[derive(Template)]
#[template(path = "inspector/server.html")]
struct ServerPage {
    project: String,
    id: String,
    name: String,
    record: String,
    clients: Vec<ShownClient>,
    total: i64,
    page: i64,
    more: bool,
}

struct ShownClient {
    id: String,
    name: String,
    registration: String,
    status: String,
    record: String,
}

#[derive(Template)]
#[template(path = "inspector/exchanges.html")]
struct ExchangesPage {
    exchanges: Vec<Arc<Exchange>>,
    last: u64,
}

#[derive(Template)]
#[template(path = "inspector/rows.html")]
struct Rows {
    exchanges: Vec<Arc<Exchange>>,
}

#[derive(Template)]
#[template(path = "inspector/exchange.html")]
struct ExchangePage<'a> {
    exchange: &'a Exchange,
    sides: [(&'static str, &'a Message); 2],
}

#[derive(Template)]
#[template(path = "inspector/missing.html")]
struct Missing {
    what: &'static str,
}

/// Which part of a list a page shows.
#[derive(Deserialize)]
pub(super) struct Part {
    #[serde(default)]
    page: i64,
    #[serde(default)]
    after: u64,
}

pub(super) async fn overview(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let mut projects = Vec::new();
    for project in app.projects.values() {
        let project_id = project.id.clone();
        let (servers, total) = app
            .records
            .read::<_, Problem>(move |records| {
                let rows = records.servers(&project_id)?;
                let mut servers = Vec::new();
                for row in rows.iter().take(MAX_SERVERS) {
                    let query = ClientQuery { limit: 1, ..ClientQuery::default() };
                    let page = records.search_clients(&project_id, &row.id, &query)?;
                    servers.push(shown_server(row, page.map_or(0, |page| page.total)));
                }
                Ok((servers, rows.len()))
            })
            .await?;
        projects.push(ShownProject { id: project.id.clone(), servers, total });
    }
    projects.sort_by(|one, other| one.id.cmp(&other.id));
    let variants: Vec<_> = app
        .variants
        .in_force()
        .into_iter()
        .map(|(switch, value)| ShownVariant {
            name: switch.name,
            varied: value != switch.values.default(),
            value,
            question: switch.question,
            others: switch.values.listed(),
        })
        .collect();
    let exchanges = latest(&app, 0, ExchangeLog::MOST);
    let (last, kept) = (exchanges.first().map_or(0, |exchange| exchange.number), exchanges.len());
    render(&Overview {
        public_url: app.public_url.to_string(),
        adversity: app
            .adversity
            .as_deref()
            .and_then(Switch::standing)
            .map(|now| (now.adversity, now.requests, now.faults)),
        rate_limit: app.limiter.as_ref().map(|limiter| limiter.limit().to_string()),
        varied: variants.iter().filter(|variant| variant.varied).count(),
        variants,
        projects,
        exchanges: exchanges.into_iter().take(SOME).collect(),
        last,
        kept,
    })
}

pub(super) async fn server(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    part: Result<Query<Part>, QueryRejection>,
) -> Result<Response, Problem> {
    let Ok(Path((project, id))) = path else { return missing("MCP server") };
    if app.project(&project).is_none() {
        return missing("project");
    }
    let page = part.map_or(0, |Query(part)| part.page).clamp(0, 1_000_000);
    let (of, wanted) = (project.clone(), id.clone());
    let found = app
        .records
        .read::<_, Problem>(move |records| {
            let Some(row) = records.server(&of, &wanted)? else { return Ok(None) };
            let query = ClientQuery {
                limit: CLIENTS_ON_A_PAGE,
                offset: page * CLIENTS_ON_A_PAGE,
                ..ClientQuery::default()
            };
            Ok(records.search_clients(&of, &wanted, &query)?.map(|clients| (row, clients)))
        })
        .await?;
    let Some((row, found)) = found else { return missing("MCP server") };
    let name = text(&row.body, "name");
    let clients = found.clients.into_iter().map(|row| ShownClient {
        id: row.id.clone(),
        name: text(&row.body, "name"),
        registration: row.registration_type.clone(),
        status: row.status.clone(),
        record: mask::record(server_client::view(app.rules(), &id, row)),
    });
    let clients: Vec<_> = clients.collect();
    render(&ServerPage {
        record: mask::record(server_record::view(app.rules(), row)),
        project,
        name,
        clients,
        total: found.total,
        page,
        more: (page + 1) * CLIENTS_ON_A_PAGE < found.total,
        id,
    })
}

pub(super) async fn all_exchanges(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let exchanges = latest(&app, 0, ExchangeLog::MOST);
    render(&ExchangesPage { last: exchanges.first().map_or(0, |exchange| exchange.number), exchanges })
}

pub(super) async fn exchange(
    State(app): State<Arc<App>>,
    number: Result<Path<u64>, PathRejection>,
) -> Result<Response, Problem> {
    let number = number.map_or(0, |Path(number)| number);
    match app.exchanges.as_ref().and_then(|log| log.get(number)) {
        Some(exchange) => render(&ExchangePage {
            sides: [("Request", &exchange.request), ("Response", &exchange.response)],
            exchange: &exchange,
        }),
        None => missing("exchange; only the last 1,000 are kept"),
    }
}

/// The rows of the exchanges after a number, the latest first.
pub(super) async fn tail(
    State(app): State<Arc<App>>,
    part: Result<Query<Part>, QueryRejection>,
) -> Result<Response, Problem> {
    let after = part.map_or(u64::MAX, |Query(part)| part.after);
    render(&Rows { exchanges: latest(&app, after, SOME) })
}

pub(super) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../../templates/inspector/style.css"))
}

pub(super) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../../templates/inspector/tail.js"))
}

fn asset(media_type: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))], text).into_response()
}

fn latest(app: &App, after: u64, most: usize) -> Vec<Arc<Exchange>> {
    app.exchanges.as_ref().map(|log| log.latest(after, most)).unwrap_or_default()
}

fn shown_server(row: &ServerRow, clients: i64) -> ShownServer {
    let tags = row.body.get("tags").and_then(Value::as_array).into_iter().flatten();
    let tags: Vec<_> = tags.filter_map(Value::as_str).collect();
    ShownServer { id: row.id.clone(), name: text(&row.body, "name"), clients, tags: tags.join(", ") }
}

fn text(record: &serde_json::Map<String, Value>, member: &str) -> String {
    record.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn missing(what: &'static str) -> Result<Response, Problem> {
    let mut response = render(&Missing { what })?;
    *response.status_mut() = StatusCode::NOT_FOUND;
    Ok(response)
}

fn render(page: &impl Template) -> Result<Response, Problem> {
    let html = page.render().map_err(|error| Problem::internal(&error))?;
    Ok(Html(html).into_response())
}

/// How an exchange ended, for the pages.
impl Exchange {
    pub(super) fn outcome(&self) -> String {
        self.status.map_or_else(|| String::from("reset"), |status| status.to_string())
    }

    /// The class of its colour.
    pub(super) fn class(&self) -> &'static str {
        match self.status {
            Some(200..=399) => "good",
            Some(400..=499) => "refused",
            _ => "bad",
        }
    }

    pub(super) fn elapsed(&self) -> String {
        match self.elapsed_us {
            us @ 0..1_000 => format!("{us} µs"),
            us @ 1_000..1_000_000 => format!("{:.1} ms", us as f64 / 1_000.0),
            us => format!("{:.1} s", us as f64 / 1_000_000.0),
        }
    }
}
