//! Locks that allow one change of a record at a time, within a client and its clones.
//!
//! The API replaces whole records and has no versions, so a change that begins before another one has ended can undo
//! it. A lock exists only while it is held or waited for.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tracing::Instrument;
use tracing::instrument::WithSubscriber;

use crate::budget::Budget;
use crate::clock::{Clock, within};
use crate::error::{Details, Error, ErrorKind};
use crate::generated::operations::OperationFacts;
use crate::logged;

/// A record: the operation that replaces it, and its id.
type RecordKey = (&'static str, Arc<str>);

/// The locks of all records that are being changed. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct RecordLocks(Arc<Mutex<HashMap<RecordKey, Entry>>>);

struct Entry {
    lock: Arc<AsyncMutex<()>>,
    /// How many hold the lock or wait for it. The entry goes with the last of them.
    users: usize,
}

impl RecordLocks {
    /// Waits until nobody else changes the record with this id, which `update` replaces, but no longer than `limit`.
    /// Those who wait come in the order in which they asked.
    ///
    /// # Errors
    ///
    /// A `Timeout` of a call that sent nothing.
    pub(crate) async fn lock(
        &self,
        update: &'static OperationFacts,
        id: &str,
        clock: &dyn Clock,
        limit: Duration,
    ) -> Result<RecordGuard, Error> {
        let budget = Budget::starting(clock);
        let place = Place::take(self, (update.id, id.into()));
        let held = match Arc::clone(&place.lock).try_lock_owned() {
            Ok(held) => Some(held),
            Err(_) => within(&mut clock.time_limit(limit), Arc::clone(&place.lock).lock_owned()).await,
        };
        let Some(held) = held else {
            let detail = format!("the time limit of {limit:?} ended before other changes of the record did");
            let elapsed = clock.now().saturating_duration_since(budget.began);
            let details = Details { detail: Some(detail), elapsed, ..Details::default() };
            let error = Error::new(update, ErrorKind::Timeout, details);
            logged::note_error(&logged::call_span(update.id), &error);
            return Err(error);
        };
        Ok(RecordGuard { _held: held, _place: place, update, budget: Arc::new(budget) })
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<RecordKey, Entry>> {
        // Nothing can panic while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many records are locked or waited for.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries().len()
    }
}

/// One of those who hold the lock of a record or wait for it.
struct Place {
    locks: RecordLocks,
    key: RecordKey,
    lock: Arc<AsyncMutex<()>>,
}

impl Place {
    fn take(locks: &RecordLocks, key: RecordKey) -> Self {
        let mut entries = locks.entries();
        let entry = entries.entry(key.clone()).or_insert_with(|| Entry { lock: Arc::default(), users: 0 });
        entry.users += 1;
        let lock = Arc::clone(&entry.lock);
        Self { locks: locks.clone(), key, lock }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut entries = self.locks.entries();
        if let Some(entry) = entries.get_mut(&self.key) {
            entry.users -= 1;
            if entry.users == 0 {
                entries.remove(&self.key);
            }
        }
    }
}

/// The right to change a record. Nobody else of this client has it until this is dropped.
pub(crate) struct RecordGuard {
    // In this order: the lock is free before its entry can go.
    _held: OwnedMutexGuard<()>,
    _place: Place,
    update: &'static OperationFacts,
    budget: Arc<Budget>,
}

impl RecordGuard {
    /// The time of the call, which began with the wait for it.
    pub(crate) fn budget(&self) -> Arc<Budget> {
        Arc::clone(&self.budget)
    }

    /// Does the write in a task of its own, which ends the lock. If the caller goes away meanwhile, the request may
    /// be on its way, and nobody may change the record before it is answered.
    pub(crate) async fn write<T: Send + 'static>(
        self,
        write: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let update = self.update;
        let task = async move {
            let result = write.await;
            drop(self);
            result
        };
        // Logs go where those of the caller go.
        match tokio::spawn(task.in_current_span().with_current_subscriber()).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => {
                    let detail = Some("the runtime was shut down meanwhile".to_owned());
                    let details = Details { detail, may_have_applied: true, ..Details::default() };
                    Err(Error::new(update, ErrorKind::Transport, details))
                }
            },
        }
    }
}

#[cfg(test)]
mod tests;
