//! Where records live: SQLite, in memory or in a data directory. All SQL is in this folder, and nothing of HTTP is.
//!
//! Callers hand over a closure that works on [`Records`]; it runs inside a transaction and its error rolls back what
//! it did. One thread writes: it takes every job that is waiting into one transaction and answers them after its
//! commit, so the price of a commit, a sync of the disk, is shared by all who wait (a group commit), and nobody sees
//! what was not committed. Other threads read beside it, each job on the state that the last commit left.

mod changes;
mod check;
mod clients;
mod database;
mod grants;
mod oauth_clients;
mod projects;
mod registrations;
mod schema;
mod search;
mod servers;
mod signing_keys;
mod text_index;
mod threads;
mod upkeep;
mod written;

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::oneshot;

use search::Aids;
use threads::{Access, Queues, Task, Threads};

pub(crate) use check::{Judge, check};
pub(crate) use clients::{ClientRow, NewClient};
pub(crate) use database::Database;
pub(crate) use grants::{ClientRef, GrantRow, GrantState, Hash, NewGrant};
pub(crate) use oauth_clients::OAuthClientRow;
pub(crate) use projects::ProjectRow;
pub(crate) use search::{ClientQuery, Page, SortColumn};
pub(crate) use servers::ServerRow;
pub(crate) use signing_keys::SigningKeyRow;
pub(crate) use written::Written;

/// Jobs per transaction, so that the first of them is answered soon.
pub(crate) const WRITES_PER_COMMIT: NonZeroUsize = NonZeroUsize::new(128).expect("it is not zero");

/// A failure of the store itself.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the database failed: {0}")]
    Database(String),
    #[error("the stored record {0} is damaged")]
    Damaged(String),
    #[error("the database is of a newer version ({0}; this program knows {1}); use the newer program")]
    TooNew(i64, i64),
    #[error(
        "the database is of an older version ({0}, not {1}); start the emulator on it once, which updates it"
    )]
    TooOld(i64, i64),
    #[error("the database belongs to another program; give another directory")]
    Foreign,
    #[error("{}", in_use(path, process))]
    InUse { path: PathBuf, process: String },
    #[error("{0}")]
    Directory(String),
    #[error("the store has stopped")]
    Stopped,
}

fn in_use(path: &Path, process: &str) -> String {
    // The number may be missing for the blink of an eye in which the other process takes the lock.
    let holder =
        if process.is_empty() { String::from("another process") } else { format!("process {process}") };
    format!("{} is in use by {holder}; stop that one or give another directory", path.display())
}

impl StoreError {
    fn file(what: &str, path: &Path, error: &io::Error) -> Self {
        Self::Directory(format!("cannot {what} {}: {error}", path.display()))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

/// The records of all projects, as one transaction sees them.
pub(crate) struct Records<'a> {
    connection: &'a Connection,
    /// What helps searches; `None` where nothing may be remembered.
    aids: Option<&'a Aids>,
    /// What was written, if somebody wants to know.
    written: Option<RefCell<Vec<Written>>>,
}

impl<'a> Records<'a> {
    fn new(connection: &'a Connection) -> Self {
        Self { connection, aids: None, written: None }
    }
}

/// A handle on the store; clones share it. Its threads end with the last handle, which waits for them.
#[derive(Clone)]
pub(crate) struct Store {
    // Before the threads, so that they see the end of the queue before they are waited for.
    queues: Queues,
    _threads: Arc<Threads>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// A store that is gone when the last handle is.
    pub(crate) fn in_memory() -> Result<Self, StoreError> {
        Self::start(Database::in_memory()?, WRITES_PER_COMMIT)
    }

    /// Serves this database. At most so many writes share a commit.
    pub(crate) fn start(database: Database, writes_per_commit: NonZeroUsize) -> Result<Self, StoreError> {
        let (queues, threads) = threads::start(database, writes_per_commit)?;
        Ok(Self { queues, _threads: Arc::new(threads) })
    }

    /// Runs `job` on a consistent view, which holds every write that was answered before. It must not write; use
    /// [`Store::write`] for that.
    pub(crate) async fn read<T, E>(
        &self,
        job: impl FnOnce(&Records<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(job, Access::Read).await
    }

    /// Runs `job`; all it wrote is committed when this returns `Ok`, none of it when it returns `Err`.
    pub(crate) async fn write<T, E>(
        &self,
        job: impl FnOnce(&Records<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(job, Access::Write).await
    }

    /// [`Store::write`] for callers that are not asynchronous, inside a runtime or not.
    pub(crate) fn write_now<T, E>(
        &self,
        job: impl FnOnce(&Records<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Task { access: Access::Write, job: Some(job), outcome: None, reply };
        // A thread of a runtime must not wait for a queue; a fresh one may.
        let wait = || {
            self.queues.writes.blocking_send(Box::new(task)).map_err(|_| StoreError::Stopped)?;
            answer.blocking_recv().map_err(|_| StoreError::Stopped)?
        };
        std::thread::scope(|scope| scope.spawn(wait).join().unwrap_or(Err(StoreError::Stopped.into())))
    }

    async fn submit<T, E>(
        &self,
        job: impl FnOnce(&Records<'_>) -> Result<T, E> + Send + 'static,
        access: Access,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Task { access, job: Some(job), outcome: None, reply };
        let queue = match access {
            Access::Read => &self.queues.reads,
            Access::Write => &self.queues.writes,
        };
        queue.send(Box::new(task)).await.map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Refused;

    impl From<StoreError> for Refused {
        fn from(_: StoreError) -> Self {
            Self
        }
    }

    fn server(id: &str) -> ServerRow {
        ServerRow { id: id.to_owned(), body: serde_json::Map::new() }
    }

    #[tokio::test]
    async fn a_refused_job_leaves_nothing_behind_and_its_neighbours_stay() {
        let store = Store::in_memory().unwrap();
        let jobs: Vec<_> = (0..200)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    store
                        .write::<(), Refused>(move |records| {
                            records.insert_server("P", &server(&format!("MS{n}")))?;
                            if n % 2 == 0 { Ok(()) } else { Err(Refused) }
                        })
                        .await
                })
            })
            .collect();
        for (n, job) in jobs.into_iter().enumerate() {
            assert_eq!(job.await.unwrap().is_ok(), n % 2 == 0);
        }
        let kept = store.read::<_, StoreError>(|records| records.servers("P")).await.unwrap();
        assert_eq!(kept.len(), 100);
        assert!(kept.iter().all(|row| row.id[2..].parse::<u32>().unwrap() % 2 == 0));
    }

    #[tokio::test]
    async fn a_job_whose_caller_went_away_is_still_done() {
        let store = Store::in_memory().unwrap();
        let (go, gate) = std::sync::mpsc::channel();
        let job = store.write::<(), StoreError>(move |records| {
            let _ = gate.recv();
            records.insert_server("P", &server("MS1"))
        });
        let mut job = Box::pin(job);
        // One poll hands the job over; dropping the future then loses only the answer.
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(job.as_mut().poll(cx).is_pending())).await);
        drop(job);
        go.send(()).unwrap();
        assert_eq!(store.read::<_, StoreError>(|records| records.servers("P")).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_running_store_holds_its_directory_and_lets_go_with_the_last_handle() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::start(Database::open(place.path()).unwrap(), WRITES_PER_COMMIT).unwrap();
        let other = store.clone();
        drop(store);
        assert!(matches!(Database::open(place.path()), Err(StoreError::InUse { .. })));
        drop(other);
        Database::open(place.path()).unwrap();
    }
}
