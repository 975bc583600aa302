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
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::set_up::Refused;
use crate::wire::allowance::Purpose;
use crate::wire::exchange::Exchange;
use crate::wire::request::Request;
use crate::wire::run_mark::RunMark;
use crate::wire::scrub::Scrubber;
use crate::wire::sender::Sender;

/// Maximum number of pages of clients that are read of one server.
const MAX_PAGES: u32 = 10_000;
/// Maximum number of servers that one bulk deletion names.
const MAX_IN_BULK: usize = 100;
/// Most times that a request is sent when the target fails.
const MAX_ATTEMPTS: u32 = 3;
/// What is wrong if no answer tells it.
const STILL_SHOWN: &str = "the target still shows records that it was asked to delete";
/// First pause when a search still shows only what was deleted already; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Maximum duration of all such pauses of a sweep: more than the longest lag reported for the live API.
const MAX_PAUSES: Duration = Duration::from_secs(25);

/// What a sweep has done.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Swept {
    /// Servers deleted.
    pub servers: usize,
    /// Client records deleted by themselves; more may have gone with their servers.
    pub clients: usize,
    /// At least so many servers, and client records of servers that are gone, may be left.
    pub left: u32,
    /// Why, if something may be left.
    pub trouble: Option<String>,
}

/// Why the clients of a server could not be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotDeleted {
    /// There is no such server, as far as the target is concerned.
    NoSuchServer,
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
    /// Whether a record is gone that cannot be loaded, although a search shows it.
    loads_are_believed: bool,
    /// The last answer that does not tell whether something is left.
    trouble: Mutex<Option<String>>,
}

impl<'a> Sweep<'a> {
    /// A sweep after the run that gives its names this prefix.
    pub(crate) fn new(sender: &'a Sender, prefix: &'a str) -> Self {
        Self {
            sender,
            prefix,
            sent: AtomicU64::new(0),
            paused_ms: AtomicU64::new(0),
            loads_are_believed: true,
            trouble: Mutex::default(),
        }
    }

    /// Believes no answer that a record is not there while a search shows it, if that is so.
    pub(crate) fn doubting_loads(self, are_doubtful: bool) -> Self {
        Self { loads_are_believed: !are_doubtful, ..self }
    }

    /// Requests that it has sent, retries not counted.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Deletes every server whose name bears the prefix, those of `known` that the target lists, and those of `made` that
    /// exist, each with its clients; then the clients with such names that deleted servers have left, if they can be
    /// reached. `known` are the ids of servers that the run is known to have made; the target is asked for each of `made`.
    pub(crate) async fn everything(&self, made: &[String], known: &BTreeSet<String>) -> Swept {
        let mut swept = self.delete_everything(made, known).await;
        if swept.left > 0 {
            let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
            swept.trouble = Some(trouble.unwrap_or_else(|| STILL_SHOWN.to_owned()));
        }
        swept
    }

    async fn delete_everything(&self, made: &[String], known: &BTreeSet<String>) -> Swept {
        let mut swept = Swept::default();
        let list = self.servers(known).await;
        let list_failed = list.is_none();
        let listed = list.unwrap_or_default();
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
                    Err(NotDeleted::NoSuchServer) => clients_of_deleted_are_out_of_reach = true,
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

    /// Deletes servers without clients, and says how many may be left; returns once the target shows that they are gone.
    async fn emptied_servers(
        &self,
        servers: &[String],
        listed: &BTreeSet<String>,
        known: &BTreeSet<String>,
    ) -> usize {
        if servers.is_empty() {
            return 0;
        }
        let (mut gone, mut rounds) = (BTreeSet::new(), 0);
        let mut pause = FIRST_PAUSE;
        let mut to_delete = servers.to_vec();
        loop {
            for some in to_delete.chunks(MAX_IN_BULK) {
                // Whether it did what it was asked for shows below.
                self.send("DeleteMcpServers", json!({ "ids": some })).await;
            }
            let shown = self.servers(known).await;
            let is_shown = |id: &String| shown.as_ref().is_some_and(|shown| shown.contains(id));
            for server in servers {
                // What no list has shown cannot be seen to go by a list.
                let has_gone = shown.is_some() && listed.contains(server) && !is_shown(server);
                let id = json!({ "id": server });
                if has_gone
                    || !gone.contains(server) && self.is_gone("LoadMcpServer", "DeleteMcpServer", &id).await
                {
                    gone.insert(server);
                }
            }
            let stuck = servers.len() - gone.len();
            to_delete = servers.iter().filter(|id| is_shown(id)).cloned().collect();
            rounds += 1;
            match (stuck, to_delete.len()) {
                (0, 0) => return 0,
                // A list may lag behind.
                (0, lingering) if !self.wait_for_the_search(pause).await => return lingering,
                (1.., _) if rounds == MAX_ATTEMPTS => return stuck,
                _ => pause *= 2,
            }
        }
    }

    /// Deletes the clients of a server that bear the prefix or are known, and says how many; returns once the target shows
    /// that they are gone. `known` are the ids of all clients that the server can have, or empty if they are not known; that a
    /// search does not show them any more is waited for only if they are not known.
    ///
    /// # Errors
    /// If the target knows no such server, or if a client may be left.
    pub(crate) async fn clients_of(&self, server: &str, known: &[String]) -> Result<usize, NotDeleted> {
        let (mut asked, mut gone) = (BTreeSet::new(), BTreeSet::new());
        let mut pause = FIRST_PAUSE;
        for _ in 0..MAX_PAGES {
            let search = self.send("SearchMcpServerClients", json!({ "mcpServerId": server })).await;
            let Some(found) = search.success() else {
                return Err(match says_gone(&search) {
                    true => NotDeleted::NoSuchServer,
                    false => NotDeleted::MayBeLeft,
                });
            };
            let shown: BTreeSet<_> =
                self.ours(found, "clients", |id| known.iter().any(|known| known == id)).collect();
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
                return if self.loads_are_believed { Ok(asked.len()) } else { Err(NotDeleted::MayBeLeft) };
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
        match loaded.success() {
            Some(_) => Exists::Yes,
            None if says_gone(&loaded) => Exists::No,
            None => Exists::Unclear,
        }
    }

    /// The ids of the listed servers that are known or whose names bear the prefix.
    async fn servers(&self, known: &BTreeSet<String>) -> Option<BTreeSet<String>> {
        let all = self.send("LoadAllMcpServers", json!({})).await;
        Some(self.ours(all.success()?, "servers", |id| known.contains(id)).collect())
    }

    /// The ids of the listed records that are known or whose names bear the prefix.
    fn ours(
        &self,
        body: &Value,
        member: &str,
        is_known: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = String> {
        let records = body[member].as_array().into_iter().flatten();
        let ours = move |record: &&Value| {
            record["name"].as_str().is_some_and(|name| RunMark::is_borne_by(self.prefix, name))
                || record["id"].as_str().is_some_and(&is_known)
        };
        records.filter(ours).filter_map(|record| record["id"].as_str().map(str::to_owned))
    }

    /// Sends a request outside of any plan, again if the target fails: each asks for something that can be asked twice.
    async fn send(&self, operation: &'static str, body: Value) -> Exchange {
        let request = Request::Management(operation, body);
        let mut pause = FIRST_PAUSE;
        for _ in 1..MAX_ATTEMPTS {
            let exchange = self.send_once(&request).await;
            if exchange.answer().is_none_or(|answer| answer.status < 500) {
                return exchange;
            }
            sleep(pause).await;
            pause *= 2;
        }
        self.send_once(&request).await
    }

    async fn send_once(&self, request: &Request) -> Exchange {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let exchange = self.sender.send_for(Purpose::CleanUp, request, None).await;
        if exchange.success().is_none() && !says_gone(&exchange) {
            let how = Refused::of_exchange(&exchange).how(&Scrubber::for_target(self.sender.target()));
            let trouble = format!("the target answered {} with {how}", exchange.path);
            self.note_trouble(trouble);
        }
        exchange
    }

    fn note_trouble(&self, trouble: String) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
    }
}

/// Whether the target refuses a request in a way that says that the record is not there.
fn says_gone(exchange: &Exchange) -> bool {
    exchange.answer().is_some_and(|answer| matches!(answer.status, 400 | 404 | 410))
}
