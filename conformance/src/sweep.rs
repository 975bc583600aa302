//! Finds what a run has made and lost track of, and deletes it.
//!
//! A creation whose outcome is unclear may have made a record that the run has no id of. Every name that a run gives
//! begins with a prefix of its own, so such records can be told from everything else on the target.

use serde_json::{Value, json};

use crate::{
    call::{Call, Request, RunMark},
    plan::{Action, Step},
    sender::Sender,
};

/// Most searches for the clients of one server: each finds a page of them and deletes it.
const MOST_PAGES: u32 = 1_000;

/// Deletes every server whose name bears the mark, with its clients. Returns how many servers may be left.
pub async fn sweep(sender: &Sender, mark: &RunMark) -> u32 {
    let Some(all) = ask(sender, "LoadAllMcpServers", json!({})).await else { return 1 };
    let ours: Vec<_> = records(&all, "servers")
        .filter(|server| server["name"].as_str().is_some_and(|name| name.starts_with(&mark.prefix)))
        .filter_map(|server| server["id"].as_str())
        .collect();
    if ours.is_empty() {
        return 0;
    }
    for server in &ours {
        for _ in 0..MOST_PAGES {
            let Some(found) = ask(sender, "SearchMcpServerClients", json!({ "mcpServerId": server })).await
            else {
                break;
            };
            let clients: Vec<_> =
                records(&found, "clients").filter_map(|client| client["id"].as_str()).collect();
            let delete = json!({ "ids": clients, "mcpServerId": server });
            if clients.is_empty() || ask(sender, "DeleteMcpServerClients", delete).await.is_none() {
                break;
            }
        }
    }
    match ask(sender, "DeleteMcpServers", json!({ "ids": ours })).await {
        Some(_) => 0,
        None => ours.len() as u32,
    }
}

fn records<'a>(body: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    body[member].as_array().into_iter().flatten()
}

/// Sends a request outside of any plan; `None` unless it succeeds.
async fn ask(sender: &Sender, operation: &'static str, body: Value) -> Option<Value> {
    // The step only says that nothing is wrong with the request; what is sent stands in `request`.
    let step = Step::from(Action::LoadAllServers);
    let call = Call { step, request: Request::Management(operation, body) };
    sender.send(&call).await.success().cloned()
}
