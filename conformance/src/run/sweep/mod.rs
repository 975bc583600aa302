//! Finds what a run has made and deletes it, until the target shows that it is gone.
//!
//! A creation whose outcome is unclear may have made a record that the run has no id of, and a run that was killed has
//! no ids at all. Every name that a run gives begins with a prefix of its own, so its records can be told from everything
//! else on the target; whatever does not bear the prefix, and was not made by the run, is left alone.
//!
//! An acknowledged deletion is not believed: a list must show that the record is gone. Where the list still shows it, it
//! may lag behind, or nothing was deleted; loading the record tells which.

mod clients;
mod servers;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use descope_mcp_operations::{Access, find};
use serde_json::Value;
use tokio::time::sleep;

pub(crate) use self::clients::{KnownClients, NotDeleted};
use super::late_lists::LateLists;
use super::leftovers::ClientsOfServers;
use super::patience::{DELETIONS_SHOW, Patience};
use super::set_up::Refused;
use crate::wire::allowance::Purpose;
use crate::wire::exchange::{Exchange, Outcome};
use crate::wire::request::Request;
use crate::wire::run_mark::RunMark;
use crate::wire::scrub::Scrubber;
use crate::wire::sender::Sender;

/// Most times that a request is sent when the target fails.
const MAX_ATTEMPTS: u32 = 3;
/// What is wrong if no answer tells it.
const STILL_SHOWN: &str = "the target still shows records that it was asked to delete";
/// The same of a list.
const STILL_LISTED: &str = "the target still listed what it was asked to delete";
/// First pause after a request that the target failed to answer; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Maximum duration of all waits for lists at the end of a run: more than the longest lag reported for the live API.
const MAX_WAIT: Duration = Duration::from_secs(25);

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
    late: LateLists<'a>,
    sent: AtomicU64,
    /// Whether a record is gone that cannot be loaded, although a search shows it.
    loads_are_believed: bool,
    /// The last answer that does not tell whether something is left.
    trouble: Mutex<Option<String>>,
}

impl<'a> Sweep<'a> {
    /// A sweep after the run that gives its names this prefix.
    pub(crate) fn new(sender: &'a Sender, prefix: &'a str, patience: &'a Patience) -> Self {
        Self::waiting(sender, prefix, patience, MAX_WAIT.max(patience.window()))
    }

    /// A sweep during the run: it waits no longer for late lists than properties do.
    pub(crate) fn of_plan(sender: &'a Sender, prefix: &'a str, patience: &'a Patience) -> Self {
        Self::waiting(sender, prefix, patience, patience.with([DELETIONS_SHOW]))
    }

    fn waiting(sender: &'a Sender, prefix: &'a str, patience: &'a Patience, limit: Duration) -> Self {
        Self {
            sender,
            prefix,
            late: LateLists::new(patience, sender.activity(), limit),
            sent: AtomicU64::new(0),
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
    /// reached. `known` are the ids of servers that the run is known to have made; the target is asked for each of `made`,
    /// and for each of these clients.
    pub(crate) async fn everything(
        &self,
        made: &[String],
        known: &BTreeSet<String>,
        clients: &ClientsOfServers,
    ) -> Swept {
        let mut swept = self.delete_everything(made, known, clients).await;
        if swept.left > 0 {
            swept.trouble = Some(self.why_left());
        }
        swept
    }

    /// Why something may be left: what was late comes before what it led to.
    fn why_left(&self) -> String {
        let late = self.late.still_wrong().map(|after| match after.as_secs_f64() {
            ..0.1 => STILL_LISTED.to_owned(),
            after => format!("{after:.1} s after the last deletion, {STILL_LISTED}"),
        });
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut parts: Vec<_> = late.into_iter().chain(trouble).collect();
        match self.late.looks() {
            looks if looks == 0 || self.affords(1) => {}
            1 => parts.push("1 request was spent on a list that was late".to_owned()),
            looks => parts.push(format!("{looks} requests were spent on lists that were late")),
        }
        if parts.is_empty() { STILL_SHOWN.to_owned() } else { parts.join("; ") }
    }

    /// Whether so many more requests may be sent.
    fn affords(&self, requests: u64) -> bool {
        self.sender.allowance().left_for(Purpose::CleanUp) >= requests
    }

    /// Waits because a list still shows what was deleted. Says whether to ask for it again.
    async fn wait_longer(&self) -> bool {
        self.late.wait_longer(self.sender.allowance().left_for(Purpose::CleanUp)).await
    }

    /// The same, after what a list still shows was deleted once more.
    async fn wait_after_deleting_again(&self) {
        let looks = self.sender.allowance().left_for(Purpose::CleanUp);
        self.late.wait_after_deleting_again(looks).await;
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

    /// The ids of the listed records that are known or whose names bear the prefix.
    fn ours(
        &self,
        body: &Value,
        member: &str,
        is_known: impl Fn(&Value) -> bool,
    ) -> impl Iterator<Item = String> {
        let records = body[member].as_array().into_iter().flatten();
        let ours = move |record: &&Value| {
            record["name"].as_str().is_some_and(|name| RunMark::is_borne_by(self.prefix, name))
                || is_known(record)
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
        if let Request::Management(operation, _) = request
            && find(operation).is_some_and(|operation| operation.access == Access::Write)
        {
            self.late.deleted();
        }
        if exchange.success().is_none() && !says_gone(&exchange) {
            let how = Refused::of_exchange(&exchange).how(&Scrubber::for_target(self.sender.target()));
            match &exchange.outcome {
                Outcome::Answered(_) => {
                    self.note_trouble(format!("the target answered {} with {how}", exchange.path));
                }
                Outcome::Unclear(_) => self.note_trouble(format!("{} got {how}", exchange.path)),
                // What the target did says more than that nothing was sent after it.
                Outcome::NeverSent(_) => {
                    let mut known = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
                    known.get_or_insert_with(|| format!("{} got {how}", exchange.path));
                }
            }
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
