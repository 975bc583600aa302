//! The threads behind a [`Store`](super::Store): one that writes, in batches, and those that read beside it.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::changes::MAX_BACKLOG;
use super::search::{Aids, Assistant};
use super::upkeep::Upkeep;
use super::{Database, Records, StoreError, changes};

/// Jobs that may wait before callers wait too.
const QUEUE: usize = 1024;
/// Threads that read beside the writer, if the machine has as many cores.
const MAX_READERS: usize = 4;

/// Where jobs go. In memory there is one connection, so both queues are the same one.
#[derive(Clone)]
pub(super) struct Queues {
    pub(super) writes: mpsc::Sender<Box<dyn Job>>,
    pub(super) reads: mpsc::Sender<Box<dyn Job>>,
}

/// The running threads; whoever drops this waits for them, and with them for the lock on the data directory.
pub(super) struct Threads {
    handles: Vec<JoinHandle<()>>,
}

impl Drop for Threads {
    fn drop(&mut self) {
        for handle in self.handles.drain(..) {
            if handle.thread().id() != thread::current().id() {
                let _ = handle.join();
            }
        }
    }
}

/// Starts the threads; they end when the last sender is gone. A commit takes up to `writes_per_commit` jobs.
pub(super) fn start(
    database: Database,
    writes_per_commit: NonZeroUsize,
) -> Result<(Queues, Threads), StoreError> {
    let mut threads = Threads { handles: Vec::new() };
    let mut aids = Aids::default();
    if let Some(connection) = database.reader()? {
        let (assistant, work) = Assistant::new(connection);
        threads.spawn("store-assist", work)?;
        aids.assistant = Some(assistant);
    }
    let aids = Arc::new(aids);
    let (writes, waiting) = mpsc::channel(QUEUE);
    let mut queues = Queues { reads: writes.clone(), writes };
    if database.directory.is_some() {
        let (reads, waiting) = mpsc::channel(QUEUE);
        queues.reads = reads;
        let waiting = Arc::new(Mutex::new(waiting));
        let readers = thread::available_parallelism().map_or(2, usize::from).clamp(2, MAX_READERS);
        for _ in 0..readers {
            let Some(mut connection) = database.reader()? else { break };
            let (waiting, aids) = (Arc::clone(&waiting), Arc::clone(&aids));
            threads.spawn("store-read", move || {
                while let Some(job) = next(&waiting) {
                    read(&mut connection, job, &aids);
                }
            })?;
        }
    }
    let upkeep = Upkeep::new()?;
    // The lock on the directory goes along and is let go of last.
    let Database { mut connection, directory } = database;
    threads.spawn("store-write", move || {
        write(&mut connection, waiting, writes_per_commit, &aids, upkeep);
        drop(connection);
        drop(directory);
    })?;
    Ok((queues, threads))
}

impl Threads {
    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
        let spawned = thread::Builder::new().name(name.to_owned()).spawn(work);
        self.handles.push(spawned.map_err(|error| StoreError::Database(error.to_string()))?);
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// A closure and where its result goes, with their types hidden so that a queue can hold them.
pub(super) trait Job: Send {
    fn run(&mut self, connection: &Connection, aids: &Aids) -> Result<(), StoreError>;
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

pub(super) struct Task<F, T, E> {
    pub(super) access: Access,
    pub(super) job: Option<F>,
    pub(super) outcome: Option<Result<T, E>>,
    pub(super) reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Task<F, T, E>
where
    F: FnOnce(&Records<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, connection: &Connection, aids: &Aids) -> Result<(), StoreError> {
        let Some(job) = self.job.take() else { return Ok(()) };
        if self.access == Access::Read {
            self.outcome = Some(job(&Records { connection, aids: Some(aids), written: None }));
            return Ok(());
        }
        // A savepoint, because one job's refusal must not undo its neighbours in the same transaction.
        connection.prepare_cached("SAVEPOINT job")?.execute([])?;
        // What a job reads of its own uncommitted writes must not be remembered: they may yet be undone.
        let outcome = job(&Records::new(connection));
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

/// The writer: batches, until every handle is gone; upkeep while there are none.
fn write(
    connection: &mut Connection,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
    writes_per_commit: NonZeroUsize,
    aids: &Aids,
    mut upkeep: Upkeep,
) {
    while let Some(first) = upkeep.next(&mut waiting, connection) {
        let mut batch = vec![first];
        while batch.len() < writes_per_commit.get() {
            let Ok(next) = waiting.try_recv() else { break };
            batch.push(next);
        }
        let committed = run_batch(connection, &mut batch, aids);
        if committed.is_err() {
            // A reader in this batch may have remembered what was then rolled back.
            aids.remembered.forget();
        }
        for job in batch {
            job.answer(committed.clone());
        }
    }
}

fn run_batch(connection: &mut Connection, batch: &mut [Box<dyn Job>], aids: &Aids) -> Result<(), StoreError> {
    // Dropped without a commit, it rolls everything back.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in batch {
        job.run(&transaction, aids)?;
    }
    changes::settle(&transaction, MAX_BACKLOG)?;
    Ok(transaction.commit()?)
}

fn next(waiting: &Mutex<mpsc::Receiver<Box<dyn Job>>>) -> Option<Box<dyn Job>> {
    // A panic of another reader leaves the queue as it was.
    waiting.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv()
}

/// A reader's job, in a transaction so that all its queries see one state.
fn read(connection: &mut Connection, mut job: Box<dyn Job>, aids: &Aids) {
    let done = connection
        .transaction()
        .map_err(StoreError::from)
        .and_then(|transaction| job.run(&transaction, aids));
    job.answer(done);
}
