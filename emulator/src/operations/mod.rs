//! The management API: one file per operation, named after its operationId, which says what holds, how sure that is,
//! and where; and the list of them.
//!
//! A handler reads from top to bottom: authenticate, parse, check, apply, answer.

mod create_mcp_server;
mod create_mcp_server_client;
mod delete_mcp_server;
mod delete_mcp_server_client;
mod delete_mcp_server_clients;
mod delete_mcp_servers;
mod get_mcp_server_client_secret;
mod license;
mod load_all_mcp_servers;
mod load_mcp_server;
mod load_mcp_server_client;
mod rotate_mcp_server_client_secret;
mod search_mcp_server_clients;
mod update_mcp_server;
mod update_mcp_server_client;

use std::sync::Arc;

use axum::Json;
use axum::handler::Handler;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use serde_json::Value;

use crate::app::App;
use crate::problem::Problem;
use crate::store::Records;
use crate::variants::{ForeignClient, RsServers, Variants};

/// An operation and where it is mounted.
pub(crate) struct Operation {
    /// The operationId; `None` for the license handshake, which is not in the OpenAPI document.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "read by the test that compares the list with the document")
    )]
    pub(crate) id: Option<&'static str>,
    pub(crate) path: &'static str,
    pub(crate) handler: MethodRouter<Arc<App>>,
}

/// Every operation that is mounted.
pub(crate) fn all() -> Vec<Operation> {
    vec![
        create_mcp_server::operation(),
        update_mcp_server::operation(),
        load_mcp_server::operation(),
        delete_mcp_server::operation(),
        delete_mcp_servers::operation(),
        load_all_mcp_servers::operation(),
        create_mcp_server_client::operation(),
        update_mcp_server_client::operation(),
        load_mcp_server_client::operation(),
        search_mcp_server_clients::operation(),
        delete_mcp_server_client::operation(),
        delete_mcp_server_clients::operation(),
        get_mcp_server_client_secret::operation(),
        rotate_mcp_server_client_secret::operation(),
        license::operation(),
    ]
}

impl Operation {
    fn post<T: 'static>(id: &'static str, path: &'static str, handler: impl Handler<T, Arc<App>>) -> Self {
        Self { id: Some(id), path, handler: post(handler) }
    }

    fn get<T: 'static>(path: &'static str, handler: impl Handler<T, Arc<App>>) -> Self {
        Self { id: None, path, handler: get(handler) }
    }
}

/// Refuses the id of a resource where only MCP servers are served, under the variant that has it so.
fn refuse_resource(app: &App, id: &str) -> Result<(), Problem> {
    if is_hidden(app, id) { Err(Problem::server_not_found(id)) } else { Ok(()) }
}

/// Whether the operations on servers know nothing of this id.
fn is_hidden(app: &App, id: &str) -> bool {
    app.variants.rs_servers() == RsServers::Reject && id.starts_with("RS")
}

/// Why there is no such client of this server; a variant tells whether another server of the project has it.
fn missing_client(
    variants: &Variants,
    records: &Records<'_>,
    project: &str,
    server: &str,
    id: &str,
) -> Problem {
    if variants.foreign_client() == ForeignClient::Hidden {
        return Problem::client_not_found(id);
    }
    let servers = match records.servers(project) {
        Ok(servers) => servers,
        Err(error) => return error.into(),
    };
    for other in servers.iter().filter(|other| other.id != server) {
        match records.client(project, &other.id, id) {
            Ok(Some(_)) => return Problem::foreign_client(id),
            Ok(None) => {}
            Err(error) => return error.into(),
        }
    }
    Problem::client_not_found(id)
}

/// An answer with a secret in it, which no cache may keep.
fn with_secret(body: Value) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    ([(header::CACHE_CONTROL, no_store)], Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use descope_mcp_openapi::Document;

    use super::*;
    use crate::testing::Harness;

    #[test]
    fn mounts_exactly_the_operations_of_the_document() {
        let mounted: BTreeSet<_> = all()
            .iter()
            .filter_map(|operation| Some((operation.id?.to_owned(), operation.path.to_owned())))
            .collect();
        let documented: BTreeSet<_> = Document::management()
            .operations()
            .map(|operation| {
                assert_eq!(operation.method, "POST", "{}", operation.id);
                (operation.id.clone(), operation.path.clone())
            })
            .collect();
        assert_eq!(mounted, documented);
    }

    #[tokio::test]
    async fn every_operation_refuses_a_body_that_lacks_a_required_member_and_names_it() {
        let emulator = Harness::new();
        for operation in Document::management().operations() {
            let schema = operation.request_schema().unwrap();
            for member in Document::management().members(schema).iter().filter(|member| member.required) {
                let answer = emulator.post(&operation.path, &serde_json::json!({})).await;
                assert_eq!(answer.status, 400, "{} without {}", operation.id, member.name);
                assert!(answer.message().contains(&member.name), "{}: {}", operation.id, answer.message());
                assert_eq!(answer.body["errorCode"], "E011002");
            }
        }
    }

    #[tokio::test]
    async fn every_operation_takes_the_example_of_the_document_as_well_formed() {
        let emulator = Harness::new();
        for operation in Document::management().operations() {
            let pointer = format!(
                "/paths/{}/post/requestBody/content/application~1json/example",
                operation.path.replace('/', "~1")
            );
            let example = Document::management().as_value().pointer(&pointer).unwrap();
            let answer = emulator.post(&operation.path, example).await;
            assert_ne!(answer.status, 400, "{}: {}", operation.id, answer.text);
            let violations =
                Document::management().validate_response(&operation.id, answer.status.as_u16(), &answer.body);
            assert!(violations.is_empty(), "{}: {violations:?}", operation.id);
        }
    }
}
