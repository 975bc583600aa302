//! Deletes the clients of one server, until a search shows that it has none.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Exists, Sweep, says_gone};
use crate::run::leftovers::ClientKey;

/// Maximum number of pages of clients that are read of one server.
const MAX_PAGES: u32 = 10_000;

/// Why the clients of a server could not be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotDeleted {
    /// There is no such server, as far as the target is concerned.
    NoSuchServer,
    /// A client may be left.
    MayBeLeft,
}

/// The clients of a server, as far as whoever made them knows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KnownClients<'a> {
    /// The ids of those whose deletion the target has acknowledged: a late search may show them.
    pub deleted: &'a [String],
    /// The ids of all others that are known.
    pub undeleted: &'a [String],
    /// Whether every client is the run's own, since the server is.
    pub all_are_ours: bool,
}

impl KnownClients<'_> {
    /// Whether a client that a search for those of this server shows is one of them.
    fn has(&self, client: &Value, server: &str) -> bool {
        let is_known = client["id"].as_str().is_some_and(|id| self.has_id(id));
        is_known || self.all_are_ours && client["mcpServerId"] == *server
    }

    fn has_id(&self, id: &str) -> bool {
        self.deleted.iter().chain(self.undeleted).any(|known| known == id)
    }

    /// Whether loading those that are known shows that none is left.
    fn is_complete(&self) -> bool {
        self.deleted.len() + self.undeleted.len() > 0
    }
}

impl Sweep<'_> {
    /// The same, once the search is due to show what was deleted.
    pub(crate) async fn clients_of_in_time(
        &self,
        server: &str,
        known: KnownClients<'_>,
    ) -> Result<usize, NotDeleted> {
        self.late.until_due().await;
        self.clients_of(server, known).await
    }

    /// Deletes the clients of a server that bear the prefix or are known, and says how many it has found; returns once the
    /// target shows that none is left.
    ///
    /// # Errors
    /// If the target knows no such server, or if a client may be left.
    pub(crate) async fn clients_of(
        &self,
        server: &str,
        known: KnownClients<'_>,
    ) -> Result<usize, NotDeleted> {
        let deleted: BTreeSet<_> = known.deleted.iter().cloned().collect();
        let (mut asked, mut found, mut gone) = (BTreeSet::new(), 0, BTreeSet::new());
        let mut some_are_gone = false;
        for _ in 0..MAX_PAGES {
            let search = self.send("SearchMcpServerClients", json!({ "mcpServerId": server })).await;
            let Some(body) = search.success() else {
                return Err(match says_gone(&search) {
                    true => NotDeleted::NoSuchServer,
                    false => NotDeleted::MayBeLeft,
                });
            };
            let shown: BTreeSet<_> = self.ours(body, "clients", |client| known.has(client, server)).collect();
            if shown.is_empty() {
                self.late.showed();
                return Ok(found);
            }
            let not_asked: BTreeSet<_> = shown.difference(&asked).cloned().collect();
            let is_news = !not_asked.is_subset(&deleted);
            if !is_news && !self.late.has_waited() && self.wait_longer().await {
                continue;
            }
            if !not_asked.is_empty() {
                // Whether it did what it was asked for shows when the search is repeated. What the plan has deleted is
                // deleted once more: a target may say what it does not do, and do it when it is asked again.
                self.send("DeleteMcpServerClients", json!({ "ids": not_asked, "mcpServerId": server })).await;
                found += not_asked.iter().filter(|id| !known.has_id(id)).count();
                asked.extend(not_asked);
                match is_news {
                    true => self.late.until_due().await,
                    false => self.wait_after_deleting_again().await,
                }
                continue;
            }
            // The search lags behind, and may hide others behind those that it still shows; or nothing was deleted. One
            // client tells which.
            if let (Some(client), false) = (shown.first(), some_are_gone || !self.late.has_waited()) {
                let id = json!({ "id": client, "mcpServerId": server });
                some_are_gone = self.exists("LoadMcpServerClient", id).await == Exists::No;
            }
            if (some_are_gone || !self.late.has_waited()) && self.wait_longer().await {
                continue;
            }
            for client in shown.iter().chain(known.deleted).chain(known.undeleted) {
                let id = json!({ "id": client, "mcpServerId": server });
                if !gone.contains(client)
                    && !self.is_gone("LoadMcpServerClient", "DeleteMcpServerClient", &id).await
                {
                    return Err(NotDeleted::MayBeLeft);
                }
                gone.insert(client.clone());
            }
            if known.is_complete() {
                return if self.loads_are_believed { Ok(found) } else { Err(NotDeleted::MayBeLeft) };
            }
            if !self.wait_longer().await {
                return Err(NotDeleted::MayBeLeft);
            }
        }
        Err(NotDeleted::MayBeLeft)
    }

    /// Deletes these clients of a server, which no search need show, and asks for each of them; returns once the target
    /// shows that none is left.
    ///
    /// # Errors
    /// If a client may be left.
    pub(crate) async fn each_of(
        &self,
        server: &str,
        clients: Option<&BTreeSet<ClientKey>>,
    ) -> Result<(), NotDeleted> {
        let Some(clients) = clients.filter(|clients| !clients.is_empty()) else { return Ok(()) };
        let ids = clients.iter().filter_map(|client| match client {
            ClientKey::Id(id) => Some(id),
            ClientKey::ClientId(_) => None,
        });
        let ids: Vec<_> = ids.collect();
        if !ids.is_empty() {
            self.send("DeleteMcpServerClients", json!({ "ids": ids, "mcpServerId": server })).await;
        }
        for client in clients {
            if !self.is_client_gone(server, client).await {
                return Err(NotDeleted::MayBeLeft);
            }
        }
        if self.loads_are_believed { Ok(()) } else { Err(NotDeleted::MayBeLeft) }
    }

    async fn is_client_gone(&self, server: &str, client: &ClientKey) -> bool {
        let asked = match client {
            ClientKey::Id(id) => json!({ "id": id, "mcpServerId": server }),
            ClientKey::ClientId(id) => json!({ "clientId": id, "mcpServerId": server }),
        };
        let loaded = self.send("LoadMcpServerClient", asked.clone()).await;
        let Some(body) = loaded.success() else { return says_gone(&loaded) };
        let id = &body["client"]["id"];
        self.send("DeleteMcpServerClient", json!({ "id": id, "mcpServerId": server })).await;
        self.exists("LoadMcpServerClient", asked).await == Exists::No
    }
}
