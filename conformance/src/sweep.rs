//! Finds what a run has made and lost track of, and deletes it.
//!
//! A creation whose outcome is unclear may have made a record that the run has no id of, and a run that was killed has
//! no ids at all. Every name that a run gives begins with a prefix of its own, so its records can be told from everything
//! else on the target; whatever does not bear the prefix is left alone.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    call::{Call, Request, RunMark},
    exchange::Exchange,
    plan::{Action, Step},
    sender::Sender,
};

/// Most pages of clients that are read of one server.
const MOST_PAGES: u32 = 10_000;
/// First pause when a search still shows only what was deleted already; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Most such pauses in a row: together 25 s, more than the longest lag reported for the live API.
const MOST_PAUSES: u32 = 8;

/// What a sweep has done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Servers deleted.
    pub servers: usize,
    /// Client records deleted by themselves; more may have gone with their servers.
    pub clients: usize,
    /// Servers, and client records of servers that are gone, that may be left.
    pub left: u32,
}

/// Deletes every server whose name bears the prefix, with its clients, and the clients with such names that servers have
/// left that are gone already: `made` are the ids of servers that the run is known to have made.
pub async fn sweep(sender: &Sender, prefix: &str, made: &[String]) -> Swept {
    let mut swept = Swept::default();
    let ask = Ask { sender, prefix };
    let Some(all) = ask.for_success("LoadAllMcpServers", json!({})).await else {
        return Swept { left: 1, ..swept };
    };
    let ours: Vec<_> = ask.borne(&all, "servers").collect();
    for server in &ours {
        // If a client is left, so is its server: what cannot be deleted must stay where it can be found.
        let Ok(clients) = ask.delete_clients(server).await else {
            swept.left += 1;
            continue;
        };
        swept.clients += clients;
        match ask.for_success("DeleteMcpServers", json!({ "ids": [server] })).await {
            Some(_) => swept.servers += 1,
            None => swept.left += 1,
        }
    }
    for server in made.iter().filter(|id| !ours.contains(id)) {
        match ask.delete_clients(server).await {
            Ok(clients) => swept.clients += clients,
            // What is refused for one server that is gone is refused for all of them.
            Err(NotDeleted::Refused) => break,
            Err(NotDeleted::Unclear) => swept.left += 1,
        }
    }
    swept
}

/// Why the clients of a server could not be deleted.
enum NotDeleted {
    /// The target says no: there is no such server, as far as it is concerned.
    Refused,
    /// Nobody knows what is left.
    Unclear,
}

struct Ask<'a> {
    sender: &'a Sender,
    prefix: &'a str,
}

impl Ask<'_> {
    /// Deletes the clients of a server that bear the prefix, and says how many.
    async fn delete_clients(&self, server: &str) -> Result<usize, NotDeleted> {
        let mut deleted = BTreeSet::new();
        let (mut pause, mut pauses) = (FIRST_PAUSE, 0);
        for _ in 0..MOST_PAGES {
            let search = self.send("SearchMcpServerClients", json!({ "mcpServerId": server })).await;
            let Some(found) = search.success() else {
                return Err(match search.refusal() {
                    Some(_) => NotDeleted::Refused,
                    None => NotDeleted::Unclear,
                });
            };
            let shown: Vec<_> = self.borne(found, "clients").collect();
            if shown.is_empty() {
                return Ok(deleted.len());
            }
            let new: Vec<_> = shown.into_iter().filter(|id| !deleted.contains(id)).collect();
            if new.is_empty() {
                // The search lags behind, and may hide others behind those that it still shows.
                if pauses == MOST_PAUSES {
                    return Err(NotDeleted::Unclear);
                }
                sleep(pause).await;
                (pause, pauses) = (pause * 2, pauses + 1);
                continue;
            }
            let delete = json!({ "ids": new, "mcpServerId": server });
            if self.for_success("DeleteMcpServerClients", delete).await.is_none() {
                return Err(NotDeleted::Unclear);
            }
            deleted.extend(new);
            (pause, pauses) = (FIRST_PAUSE, 0);
        }
        Err(NotDeleted::Unclear)
    }

    /// The ids of the listed records whose names bear the prefix.
    fn borne(&self, body: &Value, member: &str) -> impl Iterator<Item = String> {
        let records = body[member].as_array().into_iter().flatten();
        let ours = |record: &&Value| {
            record["name"].as_str().is_some_and(|name| RunMark::is_borne_by(self.prefix, name))
        };
        records.filter(ours).filter_map(|record| record["id"].as_str().map(str::to_owned))
    }

    async fn for_success(&self, operation: &'static str, body: Value) -> Option<Value> {
        self.send(operation, body).await.success().cloned()
    }

    /// Sends a request outside of any plan.
    async fn send(&self, operation: &'static str, body: Value) -> Exchange {
        // The step only says that nothing is wrong with the request; what is sent stands in `request`.
        let step = Step::from(Action::LoadAllServers);
        self.sender.send(&Call { step, request: Request::Management(operation, body) }).await
    }
}
