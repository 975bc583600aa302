//! A wrong target, and its store as the witness of what a run has left: it is looked at past everything that stands between
//! the target and the suite.

use std::collections::BTreeSet;
use std::path::PathBuf;

use axum::Router;
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::run::journal::Journal;
use descope_mcp_conformance::wire::target::{Target, parse_url};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::Bystanders;

/// A target, and a way to its store past what is wrong with it.
pub(crate) struct Watched {
    pub(crate) embedded: Embedded,
    store: Bystanders,
    folder: TempDir,
}

impl Watched {
    pub(crate) async fn new(variants: &[(&str, &str)], wrap: impl FnOnce(Router) -> Router) -> Self {
        let mut unwrapped = None;
        let embedded = Embedded::start_varied_and_wrapped(variants, |router| {
            unwrapped = Some(router.clone());
            wrap(router)
        });
        let embedded = embedded.await.unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let healed =
            Target { base_url: parse_url(&format!("http://{address}")).unwrap(), ..embedded.target() };
        tokio::spawn(async move {
            let (_never, stopped) = oneshot::channel::<()>();
            let stopped = async { stopped.await.unwrap_or_default() };
            descope_mcp_emulator::serve(listener, unwrapped.unwrap(), stopped).await.unwrap();
        });
        let folder = tempfile::tempdir().unwrap();
        Self { embedded, store: Bystanders::of(&healed), folder }
    }

    /// The journal for a run on the target.
    pub(crate) fn journal(&self) -> Journal {
        Journal::for_run(&self.journal_path()).unwrap()
    }

    pub(crate) fn journal_path(&self) -> PathBuf {
        self.folder.path().join("journal.jsonl")
    }

    /// Servers and clients that are in the store, those of deleted servers too.
    pub(crate) async fn left(&self) -> (usize, usize) {
        let servers = self.store.servers().await;
        let mut clients = 0;
        let journal = std::fs::read_to_string(self.journal_path()).unwrap_or_default();
        let lines = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let made = lines.filter_map(|line| line["id"].as_str().map(str::to_owned));
        for server in made.chain(servers.clone()).collect::<BTreeSet<_>>() {
            clients += self.store.clients_of(&server).await;
        }
        (servers.len(), clients)
    }

    /// Whether the journal says that nothing is left of the last run.
    pub(crate) fn journal_is_closed(&self) -> bool {
        let journal = std::fs::read_to_string(self.journal_path()).unwrap();
        // Without a line, no run has begun.
        journal.lines().last().is_none_or(|line| line.contains("\"end\""))
    }

    /// What is untrue in saying that at least so much may be left, if anything is.
    pub(crate) async fn untruth(&self, left_behind: u32) -> Option<String> {
        let (servers, clients) = self.left().await;
        let left = servers + clients;
        let said = format!("{servers} servers and {clients} clients are left, and {left_behind} is said");
        let is_closed = self.journal_is_closed();
        if left > 0 && !(1..=left).contains(&(left_behind as usize)) {
            return Some(said);
        }
        (is_closed != (left_behind == 0)).then(|| format!("{said}, and the journal is closed: {is_closed}"))
    }
}
