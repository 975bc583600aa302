//! What the writer does while there is nothing to write: it brings the text index up to date, so that no search has to
//! look at the latest changes one by one.

use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use super::{StoreError, changes};

/// How long nothing is written before the writer does what can wait.
const IDLE: Duration = Duration::from_millis(50);
/// Fewer changes than this may wait for the text index however long: to look at them takes little time.
const SMALL_BACKLOG: i64 = 32;

/// Where the upkeep of a store stands.
pub(super) struct Upkeep {
    clock: Runtime,
    /// Whether there may be something to do.
    due: bool,
}

impl Upkeep {
    pub(super) fn new() -> Result<Self, StoreError> {
        let clock = Builder::new_current_thread().enable_time().build();
        let clock = clock.map_err(|error| StoreError::Database(error.to_string()))?;
        Ok(Self { clock, due: true })
    }

    /// The next job, or `None` when every sender is gone. While there is none, what is due is done.
    pub(super) fn next<T>(&mut self, waiting: &mut Receiver<T>, connection: &mut Connection) -> Option<T> {
        loop {
            if let Ok(job) = waiting.try_recv() {
                self.due = true;
                return Some(job);
            }
            if !self.due {
                self.due = true;
                return waiting.blocking_recv();
            }
            match self.clock.block_on(async { timeout(IDLE, waiting.recv()).await }) {
                Ok(job) => return job,
                Err(_) => {
                    // What fails leaves everything as it was; if the disk is broken, the next write says so.
                    let _ = catch_up(connection);
                    self.due = false;
                }
            }
        }
    }
}

fn catch_up(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if changes::settle(&transaction, SMALL_BACKLOG)? {
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Map;

    use crate::store::{
        ClientQuery, ClientRow, Database, NewClient, Records, ServerRow, Store, StoreError,
        WRITES_PER_COMMIT, changes, text_index,
    };

    /// Changes that wait for the text index.
    async fn backlog(store: &Store) -> i64 {
        let read = |records: &Records<'_>| -> Result<_, StoreError> {
            Ok(changes::newest(records.connection)? - text_index::indexed(records.connection)?)
        };
        store.read(read).await.unwrap()
    }

    async fn insert(store: &Store, clients: std::ops::Range<usize>) {
        let write = move |records: &Records<'_>| -> Result<(), StoreError> {
            for n in clients {
                let name = format!("{} otter {n:05}", ["red", "blue"][n % 2]);
                let row = ClientRow::named(n, &name);
                records.insert_client("P", "MS1", &NewClient { row, secret: None })?;
            }
            Ok(())
        };
        store.write(write).await.unwrap();
    }

    async fn matches(store: &Store, text: &str) -> i64 {
        let query = ClientQuery { text: Some(text.to_owned()), limit: 1, ..ClientQuery::default() };
        let read = move |records: &Records<'_>| records.search_clients("P", "MS1", &query);
        store.read::<_, StoreError>(read).await.unwrap().unwrap().total
    }

    #[tokio::test]
    async fn while_nothing_is_written_the_text_index_catches_up_and_searches_find_the_same() {
        let place = tempfile::tempdir().unwrap();
        let durable = Store::start(Database::open(place.path()).unwrap(), WRITES_PER_COMMIT).unwrap();
        for store in [Store::in_memory().unwrap(), durable] {
            let server = ServerRow { id: String::from("MS1"), body: Map::new() };
            store.write::<_, StoreError>(move |records| records.insert_server("P", &server)).await.unwrap();
            insert(&store, 0..100).await;
            assert_eq!(matches(&store, "blue otter").await, 50);
            for _ in 0..500 {
                if backlog(&store).await == 0 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            assert_eq!(backlog(&store).await, 0);
            assert_eq!(matches(&store, "lue otter").await, 50);
            assert_eq!(matches(&store, "otter 00042").await, 1);
            assert_eq!(matches(&store, "otter 42").await, 0);
        }
    }
}
