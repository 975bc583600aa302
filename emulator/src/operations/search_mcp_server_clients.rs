//! SearchMcpServerClients: answers `{clients, total}` with one page of the clients of one server.
//!
//! * `mcpServerId` is required. Basis: documented (`fact/search-clients`). An unknown server is a 404 (assumed).
//! * Filters narrow the result together. `text` is part of name, id, client id or a tag, `name` part of the name, both
//!   in any case; `clientId`, `status`, `registrationMethod` (compared with `registrationType`) and `tag` are exact.
//!   All of it assumed; that `name` may match in part is weakly observed. An empty filter is none.
//! * `page` counts from 0 and is never negative (documented for sibling searches). `limit` is 100 if 0 or absent, and
//!   1000 at most (documented for sibling searches); more is refused (assumed).
//! * Each of these assumptions is a variant.
//! * `sort` takes `createdTime`, `id`, `clientId`, `name`, `status`, `registrationType` and `registrationMethod`, by
//!   code point; other fields are refused. The default is the order of creation (all assumed).
//! * `total` counts all pages (assumed). A new client is found at once; the service may take seconds (observed).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde_json::{Map, Value, json};

use super::Operation;
use crate::app::App;
use crate::body;
use crate::management_key::authenticate;
use crate::problem::{Kind, Problem};
use crate::records::server_client;
use crate::store::{ClientQuery, Page, Records, SortColumn, StoreError};
use crate::variants::{NameMatch, OverLimit, SearchText, TagMatch, Total, UnknownSort, Variants};

const ID: &str = "SearchMcpServerClients";
/// More would sort by a column twice.
const MAX_SORT_FIELDS: usize = 6;

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/server/clients/search", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, request.headers())?;
    let mut sent = body::object(app.document, ID, request).await?;
    let server_id = body::required_text(&mut sent, "mcpServerId")?;
    let query = query(&app.variants, sent)?;
    let (project_id, server) = (project.id.clone(), server_id.clone());
    let page = if app.records.lags() {
        // That a server exists shows at once; only what it holds does not.
        let exists = search(project_id.clone(), server.clone(), ClientQuery::default());
        app.records.read(exists).await?;
        let found = app
            .records
            .read_for_search(move |records| records.search_clients(&project_id, &server, &query))
            .await;
        found.map_err(|error: StoreError| Problem::from(error))?.unwrap_or_default()
    } else {
        app.records.read(search(project_id, server, query)).await?
    };
    let clients: Vec<_> =
        page.clients.into_iter().map(|row| server_client::view(app.rules(), &server_id, row)).collect();
    let total = match app.variants.total() {
        Total::All => page.total,
        Total::Page => clients.len() as i64,
    };
    Ok(Json(json!({"clients": clients, "total": total})))
}

fn search(
    project: String,
    server: String,
    query: ClientQuery,
) -> impl FnOnce(&Records<'_>) -> Result<Page, Problem> {
    move |records| {
        let page = records.search_clients(&project, &server, &query)?;
        page.ok_or_else(|| Problem::server_not_found(&server))
    }
}

fn query(variants: &Variants, mut sent: Map<String, Value>) -> Result<ClientQuery, Problem> {
    let refuse = |message: String| Err(Problem::new(Kind::FailedValidation, message));
    let page = whole_number(&sent, "page")?;
    let largest = i64::from(variants.largest_limit());
    let limit = match whole_number(&sent, "limit")? {
        0 => i64::from(variants.default_limit()).min(largest),
        limit if limit > largest && variants.over_limit() == OverLimit::Reject => {
            return refuse(format!("limit must be at most {largest}"));
        }
        limit => limit.min(largest),
    };
    let mut sort = Vec::new();
    for (index, item) in sent.get("sort").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let field = item.get("field").and_then(Value::as_str).unwrap_or_default();
        let Some(column) = sort_column(field) else {
            if variants.unknown_sort() == UnknownSort::Ignore {
                continue;
            }
            return refuse(format!(
                "sort[{index}].field must be one of createdTime, id, clientId, name, status, registrationType"
            ));
        };
        if index >= MAX_SORT_FIELDS {
            return refuse(format!("sort must have at most {MAX_SORT_FIELDS} fields"));
        }
        sort.push((column, item.get("desc").and_then(Value::as_bool).unwrap_or_default()));
    }
    let in_name = variants.search_text() == SearchText::Name;
    let (text, text_in_name) = either(body::optional_text(&mut sent, "text"), in_name);
    let exact = variants.name_match() == NameMatch::Exact;
    let (name, name_is) = either(body::optional_text(&mut sent, "name"), exact);
    let part = variants.tag_match() == TagMatch::Substring;
    let (tag, tag_part) = either(body::optional_text(&mut sent, "tag"), part);
    Ok(ClientQuery {
        text_in_name,
        text,
        name,
        name_is,
        client_id: body::optional_text(&mut sent, "clientId"),
        status: body::optional_text(&mut sent, "status"),
        registration_type: body::optional_text(&mut sent, "registrationMethod"),
        tag,
        tag_part,
        sort,
        offset: page.saturating_mul(limit),
        limit,
    })
}

/// The filter as it usually is, or as a variant has it.
fn either(filter: Option<String>, varied: bool) -> (Option<String>, Option<String>) {
    if varied { (None, filter) } else { (filter, None) }
}

/// A number that the document has found to be whole and of 32 bits, or 0 if there is none.
fn whole_number(sent: &Map<String, Value>, member: &str) -> Result<i64, Problem> {
    let number = sent.get(member).and_then(Value::as_i64).unwrap_or_default();
    if number < 0 {
        return Err(Problem::new(Kind::FailedValidation, format!("{member} must not be negative")));
    }
    Ok(number)
}

fn sort_column(field: &str) -> Option<SortColumn> {
    Some(match field {
        "createdTime" => SortColumn::CreatedTime,
        "id" => SortColumn::Id,
        "clientId" => SortColumn::ClientId,
        "name" => SortColumn::Name,
        "status" => SortColumn::Status,
        "registrationType" | "registrationMethod" => SortColumn::RegistrationType,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::{Value, json};

    use crate::testing::{Harness, MadeClient};

    const PATH: &str = "/v1/mgmt/mcp/server/clients/search";

    async fn search(emulator: &Harness, server: &str, filter: Value) -> (Vec<String>, i64) {
        let mut search = filter;
        search["mcpServerId"] = json!(server);
        let answer = emulator.post(PATH, &search).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let clients = answer.body["clients"].as_array().unwrap();
        let names = clients.iter().map(|client| client["name"].as_str().unwrap().to_owned()).collect();
        (names, answer.body["total"].as_i64().unwrap())
    }

    async fn populated(emulator: &Harness) -> (String, Vec<MadeClient>) {
        let server = emulator.server(json!({"name": "a"})).await;
        let other = emulator.server(json!({"name": "b"})).await;
        emulator.client(&other, json!({"name": "Support elsewhere", "tags": ["agent"]})).await;
        let mut made = Vec::new();
        for (name, tags) in [
            ("Support Desk", json!(["agent", "v.2"])),
            ("support bot", json!(["agent"])),
            ("Ärger 100%_\"quoted\"", json!(["Größe"])),
        ] {
            made.push(emulator.client(&server, json!({"name": name, "tags": tags})).await);
        }
        (server, made)
    }

    #[tokio::test]
    async fn finds_what_each_filter_means_among_this_servers_clients_only() {
        let emulator = Harness::new();
        let (server, made) = populated(&emulator).await;
        let (desk, bot, anger) = ("Support Desk", "support bot", "Ärger 100%_\"quoted\"");
        // Short terms hold a character that ids never have: a random id would match the others now and then.
        for (filter, expected) in [
            (json!({}), vec![desk, bot, anger]),
            (json!({"name": "SUPPORT"}), vec![desk, bot]),
            (json!({"name": "pp"}), vec![desk, bot]),
            (json!({"name": "t D"}), vec![desk]),
            (json!({"name": "agent"}), vec![]),
            (json!({"text": "AGENT"}), vec![desk, bot]),
            (json!({"text": "V.2"}), vec![desk]),
            (json!({"text": "größe"}), vec![anger]),
            (json!({"text": "ärg"}), vec![anger]),
            (json!({"name": "%_\"quo"}), vec![anger]),
            (json!({"name": "%"}), vec![anger]),
            (json!({"text": "a%b OR \"c"}), vec![]),
            (json!({"text": "\0"}), vec![]),
            (json!({"text": made[1].id}), vec![bot]),
            (json!({"text": made[1].id.to_lowercase()}), vec![bot]),
            (json!({"text": made[0].client_id}), vec![desk]),
            (json!({"clientId": made[2].client_id}), vec![anger]),
            (json!({"clientId": made[2].client_id[..40]}), vec![]),
            (json!({"tag": "agent"}), vec![desk, bot]),
            (json!({"tag": "age"}), vec![]),
            (json!({"tag": "agent", "name": "desk"}), vec![desk]),
            (json!({"status": "active"}), vec![desk, bot, anger]),
            (json!({"status": "Active"}), vec![]),
            (json!({"registrationMethod": "manual", "text": "T bot"}), vec![bot]),
            (json!({"registrationMethod": "dcr"}), vec![]),
            (json!({"text": "", "name": null, "tag": "", "sort": []}), vec![desk, bot, anger]),
        ] {
            let (names, total) = search(&emulator, &server, filter.clone()).await;
            assert_eq!(names, expected, "{filter}");
            assert_eq!(total, expected.len() as i64, "{filter}");
        }
    }

    #[tokio::test]
    async fn pages_are_cut_from_one_order_and_total_counts_them_all() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        for name in ["d", "b", "e", "a", "c"] {
            emulator.client(&server, json!({ "name": name })).await;
        }
        for (sent, expected) in [
            (json!({"limit": 2}), vec!["d", "b"]),
            (json!({"limit": 2, "page": 1}), vec!["e", "a"]),
            (json!({"limit": 2, "page": 2}), vec!["c"]),
            (json!({"limit": 2, "page": 3}), vec![]),
            (json!({"page": 2_147_483_647, "limit": 1000}), vec![]),
            (json!({"limit": 0, "page": null}), vec!["d", "b", "e", "a", "c"]),
            (json!({"limit": 3, "sort": [{"field": "name"}]}), vec!["a", "b", "c"]),
            (json!({"limit": 3, "sort": [{"field": "name", "desc": true}]}), vec!["e", "d", "c"]),
            (json!({"limit": 2, "sort": [{"field": "createdTime", "desc": true}]}), vec!["c", "a"]),
            (
                json!({"limit": 2, "sort": [{"field": "status"}, {"field": "name", "desc": true}]}),
                vec!["e", "d"],
            ),
        ] {
            let (names, total) = search(&emulator, &server, sent.clone()).await;
            assert_eq!((names, total), (expected.iter().map(|&n| n.to_owned()).collect(), 5), "{sent}");
        }
    }

    #[tokio::test]
    async fn the_default_page_has_a_hundred_clients() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        for n in 0..101 {
            emulator.client(&server, json!({ "name": format!("client {n}") })).await;
        }
        let (names, total) = search(&emulator, &server, json!({})).await;
        assert_eq!((names.len(), total), (100, 101));
    }

    #[tokio::test]
    async fn refuses_bad_pages_limits_and_sort_fields_and_does_not_find_an_unknown_server() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        for (sent, member) in [
            (json!({"mcpServerId": server, "page": -1}), "page"),
            (json!({"mcpServerId": server, "limit": -1}), "limit"),
            (json!({"mcpServerId": server, "limit": 1001}), "limit"),
            (json!({"mcpServerId": server, "limit": 1.5}), "limit"),
            (json!({"mcpServerId": server, "limit": 2.0}), "limit"),
            (json!({"mcpServerId": server, "page": 99_999_999_999_i64}), "page"),
            (json!({"mcpServerId": server, "sort": [{"field": "secret"}]}), "sort"),
            (json!({"mcpServerId": server, "sort": [{}]}), "sort"),
            (json!({"mcpServerId": server, "sort": vec![json!({"field": "id"}); 7]}), "sort"),
            (json!({"mcpServerId": server, "sort": {"field": "id"}}), "sort"),
            (json!({"mcpServerId": server, "text": 1}), "text"),
            (json!({"text": "x"}), "mcpServerId"),
        ] {
            let answer = emulator.post(PATH, &sent).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{sent}");
            assert!(answer.message().contains(member), "{sent}: {}", answer.message());
        }
        let answer = emulator.post(PATH, &json!({"mcpServerId": "MSnone"})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}
