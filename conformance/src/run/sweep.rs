//! Finds what a run has made and deletes it, until the target shows that it is gone.
//!
//! A creation whose outcome is unclear may have made a record that the run has no id of, and a run that was killed has
//! no ids at all. Every name that a run gives begins with a prefix of its own, so its records can be told from everything
//! else on the target; whatever does not bear the prefix, and was not made by the run, is left alone.
//!
//! An acknowledged deletion is not believed: a list must show that the record is gone. Where the list still shows it, it
//! may lag behind, or nothing was deleted; loading the record tells which.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::wire::allowance::Purpose;
use crate::wire::exchange::Exchange;
use crate::wire::request::Request;
use crate::wire::run_mark::RunMark;
use crate::wire::sender::Sender;

/// Maximum number of pages of clients that are read of one server.
const MAX_PAGES: u32 = 10_000;
/// Maximum number of servers that one bulk deletion names.
const MAX_IN_BULK: usize = 100;
/// First pause when a search still shows only what was deleted already; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Maximum duration of all such pauses of a sweep: more than the longest lag reported for the live API.
const MAX_PAUSES: Duration = Duration::from_secs(25);

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

/// Why the clients of a server could not be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotDeleted {
    /// The target says no: there is no such server, as far as it is concerned.
    Refused,
    /// A client may be left.
    MayBeLeft,
}

/// Whether a record exists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exists {
    Yes,
    No,
    Unclear,
}

/// Deletes what one run has made.
pub(crate) struct Sweep<'a> {
    sender: &'a Sender,
    prefix: &'a str,
    sent: AtomicU64,
    paused_ms: AtomicU64,
}

impl<'a> Sweep<'a> {
    /// A sweep after the run that gives its names this prefix.
    pub(crate) fn new(sender: &'a Sender, prefix: &'a str) -> Self {
        Self { sender, prefix, sent: AtomicU64::new(0), paused_ms: AtomicU64::new(0) }
    }

    /// Requests that it has sent, retries not counted.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Deletes every server whose name bears the prefix, and those of `made` that exist, each with its clients; then the
    /// clients with such names that deleted servers have left, if they can be reached. `made` are the ids of servers that
    /// the run is known to have made.
    pub(crate) async fn everything(&self, made: &[String]) -> Swept {
        let mut swept = Swept::default();
        let Some(listed) = self.servers().await else {
            return Swept { left: made.len().max(1) as u32, ..swept };
        };
        let mut found = listed.clone();
        let mut clients_of_deleted_are_out_of_reach = false;
        for server in made.iter().filter(|id| !listed.contains(*id)) {
            match self.exists("LoadMcpServer", json!({ "id": server })).await {
                Exists::Yes => {
                    found.insert(server.clone());
                }
                Exists::Unclear => swept.left += 1,
                // What is refused for one server that is gone is refused for all of them.
                Exists::No if clients_of_deleted_are_out_of_reach => {}
                Exists::No => match self.clients_of(server, &[]).await {
                    Ok(clients) => swept.clients += clients,
                    Err(NotDeleted::Refused) => clients_of_deleted_are_out_of_reach = true,
                    Err(NotDeleted::MayBeLeft) => swept.left += 1,
                },
            }
        }
        let mut emptied = Vec::new();
        for server in found {
            // If a client is left, so is its server: what cannot be deleted must stay where it can be found.
            match self.clients_of(&server, &[]).await {
                Ok(clients) => {
                    swept.clients += clients;
                    emptied.push(server);
                }
                Err(NotDeleted::MayBeLeft) => swept.left += 1,
                // The list may show what is gone.
                Err(NotDeleted::Refused) => {
                    let exists = self.exists("LoadMcpServer", json!({ "id": server })).await;
                    swept.left += u32::from(exists != Exists::No);
                }
            }
        }
        let left = self.emptied_servers(&emptied, &listed).await;
        swept.servers += emptied.len() - left;
        swept.left += left as u32;
        swept
    }

    /// Deletes servers without clients, and says how many may be left.
    async fn emptied_servers(&self, servers: &[String], listed: &BTreeSet<String>) -> usize {
        for some in servers.chunks(MAX_IN_BULK) {
            // Whether it did what it was asked for shows below.
            self.send("DeleteMcpServers", json!({ "ids": some })).await;
        }
        if servers.is_empty() {
            return 0;
        }
        let still_listed = self.servers().await.unwrap_or_else(|| listed.clone());
        let mut left = 0;
        for server in servers {
            let shows_as_gone = listed.contains(server) && !still_listed.contains(server);
            let id = json!({ "id": server });
            left +=
                usize::from(!shows_as_gone && !self.is_gone("LoadMcpServer", "DeleteMcpServer", &id).await);
        }
        left
    }

    /// Deletes the clients of a server that bear the prefix, and says how many; returns once the target shows that they
    /// are gone. `known` are the ids of all clients that the server can have, or empty if they are not known.
    ///
    /// # Errors
    /// If the target refuses to search the server, or if a client may be left.
    pub(crate) async fn clients_of(&self, server: &str, known: &[String]) -> Result<usize, NotDeleted> {
        let (mut asked, mut gone) = (BTreeSet::new(), BTreeSet::new());
        let mut pause = FIRST_PAUSE;
        for _ in 0..MAX_PAGES {
            let search = self.send("SearchMcpServerClients", json!({ "mcpServerId": server })).await;
            let Some(found) = search.success() else {
                return Err(match search.refusal() {
                    Some(_) => NotDeleted::Refused,
                    None => NotDeleted::MayBeLeft,
                });
            };
            let shown: BTreeSet<_> = self.ours(found, "clients").collect();
            if shown.is_empty() {
                return Ok(asked.len());
            }
            let new: Vec<_> = shown.difference(&asked).cloned().collect();
            if !new.is_empty() {
                // Whether it did what it was asked for shows when the search is repeated.
                let delete = json!({ "ids": new, "mcpServerId": server });
                self.send("DeleteMcpServerClients", delete).await;
                asked.extend(new);
                pause = FIRST_PAUSE;
                continue;
            }
            for client in shown.iter().chain(known) {
                let id = json!({ "id": client, "mcpServerId": server });
                if !gone.contains(client)
                    && !self.is_gone("LoadMcpServerClient", "DeleteMcpServerClient", &id).await
                {
                    return Err(NotDeleted::MayBeLeft);
                }
                gone.insert(client.clone());
            }
            if !known.is_empty() {
                return Ok(asked.len());
            }
            // The search lags behind, and may hide others behind those that it still shows.
            if !self.wait_for_the_search(pause).await {
                return Err(NotDeleted::MayBeLeft);
            }
            pause *= 2;
        }
        Err(NotDeleted::MayBeLeft)
    }

    /// Waits, unless the sweep has waited long enough for lists that lag behind.
    async fn wait_for_the_search(&self, pause: Duration) -> bool {
        let pause_ms = pause.as_millis() as u64;
        let paused = Duration::from_millis(self.paused_ms.fetch_add(pause_ms, Ordering::Relaxed));
        if paused < MAX_PAUSES {
            sleep(pause).await;
        }
        paused < MAX_PAUSES
    }

    /// Whether a record that was to be deleted is gone. If it is there still, it is deleted by itself.
    async fn is_gone(&self, load: &'static str, delete: &'static str, id: &Value) -> bool {
        match self.exists(load, id.clone()).await {
            Exists::No => return true,
            Exists::Unclear => return false,
            Exists::Yes => {}
        }
        self.send(delete, id.clone()).await;
        self.exists(load, id.clone()).await == Exists::No
    }

    async fn exists(&self, load: &'static str, id: Value) -> Exists {
        let loaded = self.send(load, id).await;
        match (loaded.success(), loaded.refusal()) {
            (Some(_), _) => Exists::Yes,
            (_, Some(_)) => Exists::No,
            (None, None) => Exists::Unclear,
        }
    }

    /// The ids of the listed servers whose names bear the prefix.
    async fn servers(&self) -> Option<BTreeSet<String>> {
        let all = self.send("LoadAllMcpServers", json!({})).await;
        Some(self.ours(all.success()?, "servers").collect())
    }

    /// The ids of the listed records whose names bear the prefix.
    fn ours(&self, body: &Value, member: &str) -> impl Iterator<Item = String> {
        let records = body[member].as_array().into_iter().flatten();
        let ours = |record: &&Value| {
            record["name"].as_str().is_some_and(|name| RunMark::is_borne_by(self.prefix, name))
        };
        records.filter(ours).filter_map(|record| record["id"].as_str().map(str::to_owned))
    }

    /// Sends a request outside of any plan.
    async fn send(&self, operation: &'static str, body: Value) -> Exchange {
        self.sent.fetch_add(1, Ordering::Relaxed);
        self.sender.send_for(Purpose::CleanUp, &Request::Management(operation, body), None).await
    }
}
