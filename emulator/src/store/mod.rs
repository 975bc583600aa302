//! Where records live: SQLite behind one thread. All SQL is in this folder, and nothing of HTTP is.
//!
//! Callers hand over a closure that works on [`Records`]; it runs inside a transaction and its error rolls back what
//! it did. The thread takes every job that is waiting into one transaction and answers them after its commit, so the
//! price of a commit is shared by all who wait (a group commit), and nobody sees what was not committed.

mod clients;
mod schema;
mod search;
mod servers;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

pub(crate) use clients::{ClientRow, NewClient};
pub(crate) use search::{ClientQuery, SortColumn};
pub(crate) use servers::ServerRow;

/// Jobs that may wait before callers wait too.
const QUEUE: usize = 1024;
/// Jobs per transaction, so that the first of them is answered soon.
const LARGEST_BATCH: usize = 128;
/// Prepared statements kept; more than this folder has, with every combination of search filters in use.
const STATEMENTS: usize = 128;

/// A failure of the store itself.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the database failed: {0}")]
    Database(String),
    #[error("the stored record {0} is damaged")]
    Damaged(String),
    #[error("the database was written by a newer version of this program (schema {0})")]
    TooNew(i64),
    #[error("the store has stopped")]
    Stopped,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

/// The records of all projects, as one transaction sees them.
pub(crate) struct Records<'a> {
    connection: &'a Connection,
}

/// A handle on the store; clones share it. The thread ends with the last handle.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl Store {
    /// A store that is gone when the last handle is.
    pub(crate) fn in_memory() -> Result<Self, StoreError> {
        Self::start(Connection::open_in_memory()?)
    }

    fn start(mut connection: Connection) -> Result<Self, StoreError> {
        schema::prepare(&mut connection)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let (jobs, waiting) = mpsc::channel(QUEUE);
        std::thread::Builder::new()
            .name(String::from("store"))
            .spawn(move || work(&mut connection, waiting))
            .map_err(|error| StoreError::Database(error.to_string()))?;
        Ok(Self { jobs })
    }

    /// Runs `job` on a consistent view. What it writes is not undone on error; use [`Store::write`] to write.
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
        self.jobs.send(Box::new(task)).await.map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

/// A closure and where its result goes, with their types hidden so that a queue can hold them.
trait Job: Send {
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError>;
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Task<F, T, E> {
    access: Access,
    job: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Task<F, T, E>
where
    F: FnOnce(&Records<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let Some(job) = self.job.take() else { return Ok(()) };
        let records = Records { connection };
        if self.access == Access::Read {
            self.outcome = Some(job(&records));
            return Ok(());
        }
        // A savepoint, because one job's refusal must not undo its neighbours in the same transaction.
        connection.prepare_cached("SAVEPOINT job")?.execute([])?;
        let outcome = job(&records);
        if outcome.is_err() {
            connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
        }
        connection.prepare_cached("RELEASE job")?.execute([])?;
        self.outcome = Some(outcome);
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (committed, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(StoreError::Stopped.into()),
            (Err(error), _) => Err(error.into()),
        };
        // The caller may have gone away; the work is done all the same.
        let _ = self.reply.send(answer);
    }
}

/// The store's thread: batches, until every handle is gone.
fn work(connection: &mut Connection, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < LARGEST_BATCH {
            let Ok(next) = waiting.try_recv() else { break };
            batch.push(next);
        }
        let committed = run_batch(connection, &mut batch);
        for job in batch {
            job.answer(committed.clone());
        }
    }
}

fn run_batch(connection: &mut Connection, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    // Dropped without a commit, it rolls everything back.
    let transaction = connection.transaction()?;
    for job in batch {
        job.run(&transaction)?;
    }
    Ok(transaction.commit()?)
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
        let job = store.write::<(), StoreError>(|records| records.insert_server("P", &server("MS1")));
        let mut job = Box::pin(job);
        // One poll hands the job over; dropping the future then loses only the answer.
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(job.as_mut().poll(cx).is_pending())).await);
        drop(job);
        assert_eq!(store.read::<_, StoreError>(|records| records.servers("P")).await.unwrap().len(), 1);
    }
}
