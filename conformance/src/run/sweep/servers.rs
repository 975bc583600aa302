//! Deletes servers with their clients, until the list of all servers shows that they are gone.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{ClientsOfServers, Exists, KnownClients, MAX_ATTEMPTS, NotDeleted, Sweep, Swept};

/// Maximum number of servers that one bulk deletion names.
const MAX_IN_BULK: usize = 100;

impl Sweep<'_> {
    pub(super) async fn delete_everything(
        &self,
        made: &[String],
        known: &BTreeSet<String>,
        clients_by_server: &ClientsOfServers,
    ) -> Swept {
        let mut swept = Swept::default();
        let deleted = known.iter().filter(|id| !made.contains(id)).cloned().collect();
        let list = self.list_without(&deleted, known).await;
        let list_failed = list.is_none();
        let listed = list.unwrap_or_default();
        let mut found = listed.clone();
        let mut clients_of_deleted_are_out_of_reach = false;
        let own = KnownClients { all_are_ours: true, ..KnownClients::default() };
        for server in made.iter().filter(|id| !listed.contains(*id)) {
            match self.exists("LoadMcpServer", json!({ "id": server })).await {
                Exists::Yes => {
                    found.insert(server.clone());
                }
                Exists::Unclear => swept.left += 1,
                Exists::No => {
                    // What is refused for one server that is gone is refused for all of them.
                    let found = match clients_of_deleted_are_out_of_reach {
                        true => Err(NotDeleted::NoSuchServer),
                        false => self.clients_of(server, own).await,
                    };
                    clients_of_deleted_are_out_of_reach |= found == Err(NotDeleted::NoSuchServer);
                    swept.clients += found.unwrap_or_default();
                    let may_be_left = found == Err(NotDeleted::MayBeLeft)
                        || self.each_of(server, clients_by_server.get(server)).await.is_err();
                    swept.left += u32::from(may_be_left);
                }
            }
        }
        let mut emptied = Vec::new();
        for server in found {
            let clients = KnownClients { all_are_ours: known.contains(&server), ..KnownClients::default() };
            let found = match self.clients_of(&server, clients).await {
                Ok(found) => self.each_of(&server, clients_by_server.get(&server)).await.map(|()| found),
                Err(why) => Err(why),
            };
            // If a client is left, so is its server: what cannot be deleted must stay where it can be found.
            match found {
                Ok(clients) => {
                    swept.clients += clients;
                    emptied.push(server);
                }
                Err(NotDeleted::MayBeLeft) => swept.left += 1,
                // The list may show what is gone.
                Err(NotDeleted::NoSuchServer) => {
                    let exists = self.exists("LoadMcpServer", json!({ "id": server })).await;
                    swept.left += u32::from(exists != Exists::No);
                }
            }
        }
        let left = self.emptied_servers(&emptied, &listed, known).await;
        swept.servers += emptied.len() - left;
        swept.left += left as u32;
        if list_failed {
            // There may be servers that nobody has the ids of.
            swept.left = swept.left.max(1);
        }
        swept
    }

    /// The list of servers, once it does not show these any more, whose deletion was acknowledged; or shows them although
    /// it has had the time not to.
    async fn list_without(
        &self,
        deleted: &BTreeSet<String>,
        known: &BTreeSet<String>,
    ) -> Option<BTreeSet<String>> {
        let (mut was_repeated, mut exists) = (false, None);
        loop {
            let listed = self.servers(known).await?;
            let late: Vec<_> = listed.intersection(deleted).cloned().collect();
            let Some(one) = late.first() else {
                self.late.showed();
                return Some(listed);
            };
            if !self.late.has_waited() && self.wait_longer().await {
                continue;
            }
            // Neither of these two helps without a look at the list after it.
            if !was_repeated && self.affords(2) {
                // A target may say what it does not do, and do it when it is asked again.
                was_repeated = true;
                self.delete_in_bulk(&late).await;
                self.wait_after_deleting_again().await;
                continue;
            }
            // One of them tells whether they are gone.
            if exists.is_none() && self.affords(2) {
                exists = Some(self.exists("LoadMcpServer", json!({ "id": one })).await);
            }
            if exists == Some(Exists::Yes) || !self.wait_longer().await {
                return Some(listed);
            }
        }
    }

    async fn delete_in_bulk(&self, servers: &[String]) {
        for some in servers.chunks(MAX_IN_BULK) {
            // Whether it did what it was asked for shows in the list.
            self.send("DeleteMcpServers", json!({ "ids": some })).await;
        }
    }

    /// Deletes servers without clients, and says how many may be left; returns once the target shows that they are gone.
    async fn emptied_servers(
        &self,
        servers: &[String],
        listed: &BTreeSet<String>,
        known: &BTreeSet<String>,
    ) -> usize {
        let known = known.iter().chain(servers).cloned().collect();
        let mut gone = BTreeSet::new();
        let mut to_delete = servers.to_vec();
        for _ in 0..MAX_ATTEMPTS {
            if to_delete.is_empty() {
                return 0;
            }
            self.delete_in_bulk(&to_delete).await;
            self.late.until_due().await;
            let shown = self.list_without(&to_delete.iter().cloned().collect(), &known).await;
            let is_shown = |id: &String| shown.as_ref().is_none_or(|shown| shown.contains(id));
            for server in servers {
                // What no list has shown cannot be seen to go by a list.
                let has_gone = listed.contains(server) && !is_shown(server);
                let id = json!({ "id": server });
                if has_gone
                    || !gone.contains(server) && self.is_gone("LoadMcpServer", "DeleteMcpServer", &id).await
                {
                    gone.insert(server);
                }
            }
            let shows = |id: &&String| shown.as_ref().is_some_and(|shown| shown.contains(*id));
            to_delete = servers.iter().filter(|id| !gone.contains(id) || shows(id)).cloned().collect();
        }
        to_delete.len()
    }

    /// The ids of the listed servers that are known or whose names bear the prefix.
    async fn servers(&self, known: &BTreeSet<String>) -> Option<BTreeSet<String>> {
        let all = self.send("LoadAllMcpServers", json!({})).await;
        let is_known = |server: &Value| server["id"].as_str().is_some_and(|id| known.contains(id));
        Some(self.ours(all.success()?, "servers", is_known).collect())
    }
}
