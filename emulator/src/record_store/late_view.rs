//! What searches and lists see while writes take a time to show (`--variant search-lag`): a second store, in memory, that
//! follows the first at a distance.
//!
//! Nothing runs in the background: changes wait in a queue, and whoever asks or adds to it applies those that are due.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::store::{ClientQuery, ClientRow, NewClient, Records, ServerRow, Store, StoreError, Written};

/// Clients copied in one step when the emulator starts on stored data.
const COPIED_AT_ONCE: i64 = 10_000;

pub(super) struct LateView {
    lag: Duration,
    keep_clients: bool,
    store: Store,
    waiting: Mutex<VecDeque<(Instant, Change)>>,
}

/// A record as it was right after a write; without a row it is gone.
enum Change {
    Server { project: String, id: String, row: Option<ServerRow> },
    Client { project: String, server: String, id: String, row: Option<ClientRow> },
}

impl LateView {
    /// A view that starts equal to `now` for these projects. `keep_clients` says whether clients survive their server.
    pub(super) fn of(
        now: &Store,
        projects: &[&str],
        lag: Duration,
        keep_clients: bool,
    ) -> Result<Self, StoreError> {
        let store = Store::in_memory()?;
        let copy = || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .map_err(|error| StoreError::Database(error.to_string()))?;
            runtime.block_on(async {
                for project in projects {
                    copy_project(now, &store, project).await?;
                }
                Ok::<_, StoreError>(())
            })
        };
        // A thread of its own, because this one may belong to a runtime already.
        std::thread::scope(|scope| scope.spawn(copy).join().unwrap_or(Err(StoreError::Stopped)))?;
        Ok(Self { lag, keep_clients, store, waiting: Mutex::default() })
    }

    /// Runs `job` on what shows by now.
    pub(super) async fn read<T, E>(
        &self,
        job: impl FnOnce(&Records<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.apply_due(&mut *self.waiting.lock().await).await?;
        self.store.read(job).await
    }

    /// Notes that a record was written or deleted.
    pub(super) async fn follow(&self, now: &Store, written: Written) -> Result<(), StoreError> {
        let change = move |records: &Records<'_>| {
            Ok::<_, StoreError>(match written {
                Written::Server { project, id } => {
                    let row = records.server(&project, &id)?;
                    Change::Server { project, id, row }
                }
                Written::Client { project, server, id } => {
                    let row = records.client(&project, &server, &id)?;
                    Change::Client { project, server, id, row }
                }
            })
        };
        // Of two writes of a record, whoever reads it later must also add it later.
        let mut waiting = self.waiting.lock().await;
        let change = now.read(change).await?;
        waiting.push_back((Instant::now() + self.lag, change));
        self.apply_due(&mut waiting).await
    }

    async fn apply_due(&self, waiting: &mut VecDeque<(Instant, Change)>) -> Result<(), StoreError> {
        let now = Instant::now();
        let due = waiting.partition_point(|(at, _)| *at <= now);
        if due == 0 {
            return Ok(());
        }
        let due: Vec<_> = waiting.drain(..due).map(|(_, change)| change).collect();
        let keep_clients = self.keep_clients;
        self.store
            .write(move |records| due.into_iter().try_for_each(|change| apply(records, change, keep_clients)))
            .await
    }
}

fn apply(records: &Records<'_>, change: Change, keep_clients: bool) -> Result<(), StoreError> {
    match change {
        Change::Server { project, row: Some(row), .. } => {
            if !records.replace_server(&project, &row)? {
                records.insert_server(&project, &row)?;
            }
        }
        Change::Server { project, id, row: None } => {
            records.delete_server(&project, &id, keep_clients)?;
        }
        Change::Client { project, server, row: Some(row), .. } => {
            if !records.replace_client(&project, &server, &row)? {
                // Nobody authenticates against this store.
                records.insert_client(&project, &server, &NewClient { row, secret: None })?;
            }
        }
        Change::Client { project, server, id, row: None } => {
            records.delete_client(&project, &server, &id)?;
        }
    }
    Ok(())
}

async fn copy_project(from: &Store, to: &Store, project: &str) -> Result<(), StoreError> {
    let of = project.to_owned();
    let servers = from.read::<_, StoreError>(move |records| records.servers(&of)).await?;
    for row in servers {
        let (of, server) = (project.to_owned(), row.id.clone());
        to.write::<_, StoreError>(move |records| records.insert_server(&of, &row)).await?;
        let mut query = ClientQuery { limit: COPIED_AT_ONCE, ..ClientQuery::default() };
        loop {
            let (of, under, page) = (project.to_owned(), server.clone(), query.clone());
            let page =
                from.read::<_, StoreError>(move |records| records.search_clients(&of, &under, &page)).await?;
            let clients = page.map(|page| page.clients).unwrap_or_default();
            let last = (clients.len() as i64) < COPIED_AT_ONCE;
            let (of, under) = (project.to_owned(), server.clone());
            to.write::<_, StoreError>(move |records| {
                for row in clients {
                    records.insert_client(&of, &under, &NewClient { row, secret: None })?;
                }
                Ok(())
            })
            .await?;
            if last {
                break;
            }
            query.offset += COPIED_AT_ONCE;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::future::{Future, poll_fn};
    use std::pin::pin;
    use std::task::Poll;

    use serde_json::{Map, Value};
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn it_starts_with_what_is_stored_and_follows_late() {
        let now = Store::in_memory().unwrap();
        let server = |id: &str| ServerRow { id: id.to_owned(), body: Map::new() };
        let client = |id: &str| NewClient {
            row: ClientRow {
                id: id.to_owned(),
                client_id: id.to_owned(),
                registration_type: String::from("manual"),
                status: String::from("active"),
                body: Map::from_iter([(String::from("name"), Value::from(id))]),
            },
            secret: None,
        };
        now.write::<_, StoreError>(move |records| {
            records.insert_server("P", &server("MS1"))?;
            records.insert_client("P", "MS1", &client("a"))?;
            records.insert_client("P", "MS1", &client("b"))
        })
        .await
        .unwrap();
        let view = LateView::of(&now, &["P"], Duration::from_millis(50), false).unwrap();
        let names = async || {
            view.read::<_, StoreError>(|records| {
                let query = ClientQuery { limit: 9, ..ClientQuery::default() };
                let page = records.search_clients("P", "MS1", &query)?;
                Ok(page.map(|page| page.clients.into_iter().map(|row| row.id).collect::<Vec<_>>()))
            })
            .await
            .unwrap()
        };
        assert_eq!(names().await.unwrap(), ["a", "b"]);
        now.write::<_, StoreError>(|records| records.delete_client("P", "MS1", "a")).await.unwrap();
        let written = Written::Client {
            project: String::from("P"),
            server: String::from("MS1"),
            id: String::from("a"),
        };
        view.follow(&now, written).await.unwrap();
        assert_eq!(names().await.unwrap(), ["a", "b"]);
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(names().await.unwrap(), ["b"]);
        now.write::<_, StoreError>(|records| records.delete_server("P", "MS1", false)).await.unwrap();
        let written = Written::Server { project: String::from("P"), id: String::from("MS1") };
        view.follow(&now, written).await.unwrap();
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(names().await, None);
    }

    #[tokio::test]
    async fn of_two_writes_at_the_same_time_it_ends_with_the_later_one() {
        let now = Store::in_memory().unwrap();
        let server = |word: &str| ServerRow {
            id: String::from("MS1"),
            body: Map::from_iter([(String::from("description"), Value::from(word))]),
        };
        let row = server("one");
        now.write::<_, StoreError>(move |records| records.insert_server("P", &row)).await.unwrap();
        let view = LateView::of(&now, &["P"], Duration::ZERO, false).unwrap();
        let written = || Written::Server { project: String::from("P"), id: String::from("MS1") };
        let mut earlier = pin!(now.read::<_, StoreError>(|_| {
            std::thread::sleep(Duration::from_millis(50));
            Ok(())
        }));
        assert!(poll_fn(|context| Poll::Ready(earlier.as_mut().poll(context).is_pending())).await);
        // It asks for the record, and goes on only after the second write.
        let mut first = pin!(view.follow(&now, written()));
        assert!(poll_fn(|context| Poll::Ready(first.as_mut().poll(context).is_pending())).await);
        let row = server("two");
        now.write::<_, StoreError>(move |records| records.replace_server("P", &row)).await.unwrap();
        let mut second = pin!(view.follow(&now, written()));
        // It may have to wait for the first.
        let done = timeout(Duration::from_millis(50), &mut second).await.is_ok();
        first.await.unwrap();
        if !done {
            second.await.unwrap();
        }
        let shown = view.read::<_, StoreError>(|records| records.server("P", "MS1")).await.unwrap();
        assert_eq!(shown.unwrap().body["description"], "two");
    }
}
