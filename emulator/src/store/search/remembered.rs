//! Sets and orders that earlier searches found.
//!
//! Each says of which state it is: the number of the newest change that it knows. A search on a later state lets it
//! follow the changes in between. A search on an earlier state, which a reader beside the writer can have, looks at the
//! last changes anew, as they were. Whatever is too far away is found afresh.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roaring::RoaringBitmap;
use rusqlite::Connection;

use super::SortColumn;
use super::order::Order;
use super::sets::Condition;
use crate::store::{StoreError, changes};

/// All that is remembered together; an order of a million clients has four million bytes, a set an eighth of one.
const MAX_REMEMBERED_BYTES: usize = 32 << 20;
/// What an entry costs beside its value.
const ENTRY_BYTES: usize = 256;
/// Following more changes costs more than finding afresh.
const MAX_CHANGES: usize = 2048;

/// What a search asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wanted {
    /// The clients of this server that meet the condition.
    Set(i64, Condition),
    /// The clients of this server that meet all conditions, in this order.
    Order(i64, Vec<(SortColumn, bool)>, Vec<Condition>),
}

/// What can be remembered.
pub(super) trait Found: Clone + Send + Sync + 'static {
    fn bytes(&self) -> usize;
    fn wrap(value: Arc<Self>) -> Value;
    fn unwrap(value: &Value) -> Option<Arc<Self>>;
}

#[derive(Clone)]
pub(super) enum Value {
    Set(Arc<RoaringBitmap>),
    Order(Arc<Order>),
}

impl Found for RoaringBitmap {
    fn bytes(&self) -> usize {
        self.serialized_size()
    }

    fn wrap(value: Arc<Self>) -> Value {
        Value::Set(value)
    }

    fn unwrap(value: &Value) -> Option<Arc<Self>> {
        match value {
            Value::Set(set) => Some(Arc::clone(set)),
            Value::Order(_) => None,
        }
    }
}

impl Found for Order {
    fn bytes(&self) -> usize {
        Self::bytes(self)
    }

    fn wrap(value: Arc<Self>) -> Value {
        Value::Order(value)
    }

    fn unwrap(value: &Value) -> Option<Arc<Self>> {
        match value {
            Value::Order(order) => Some(Arc::clone(order)),
            Value::Set(_) => None,
        }
    }
}

/// The memory of one store, shared by its threads.
#[derive(Default)]
pub(in crate::store) struct Remembered {
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_wanted: HashMap<Wanted, Entry>,
    bytes: usize,
    clock: u64,
}

#[derive(Clone)]
struct Entry {
    value: Value,
    /// The newest change that it knows.
    state: i64,
    /// Where it stood before it last followed, and what changed in between.
    earlier: i64,
    changed: Arc<[i64]>,
    bytes: usize,
    used: u64,
}

impl Remembered {
    /// The thing wanted as it is in the connection's state: remembered, updated, or built.
    pub(super) fn get<T: Found>(
        &self,
        connection: &Connection,
        server: i64,
        wanted: Wanted,
        build: impl FnOnce() -> Result<T, StoreError>,
        update: impl Fn(&mut T, &[i64]) -> Result<(), StoreError>,
    ) -> Result<Arc<T>, StoreError> {
        let state = changes::newest(connection)?;
        let known = self.look_up(&wanted).and_then(|entry| Some((T::unwrap(&entry.value)?, entry)));
        if let Some((value, entry)) = known {
            if entry.state == state {
                return Ok(value);
            }
            if entry.state < state {
                if let Some(changed) = changes::changed(connection, server, entry.state, MAX_CHANGES)? {
                    let value = if changed.is_empty() { value } else { updated(&value, &changed, &update)? };
                    self.put(wanted, Arc::clone(&value), state, entry.state, changed.into());
                    return Ok(value);
                }
            } else if state >= entry.earlier {
                // Not put back: the newer one is of more use.
                return updated(&value, &entry.changed, &update);
            }
        }
        let value = Arc::new(build()?);
        self.put(wanted, Arc::clone(&value), state, state, Arc::default());
        Ok(value)
    }

    /// Forgets everything.
    pub(in crate::store) fn forget(&self) {
        *self.lock() = Entries::default();
    }

    fn look_up(&self, wanted: &Wanted) -> Option<Entry> {
        let mut entries = self.lock();
        entries.clock += 1;
        let now = entries.clock;
        let entry = entries.by_wanted.get_mut(wanted)?;
        entry.used = now;
        Some(entry.clone())
    }

    fn put<T: Found>(&self, wanted: Wanted, value: Arc<T>, state: i64, earlier: i64, changed: Arc<[i64]>) {
        let bytes = ENTRY_BYTES + value.bytes() + changed.len() * size_of::<i64>();
        if bytes > MAX_REMEMBERED_BYTES {
            return;
        }
        let mut entries = self.lock();
        if entries.by_wanted.get(&wanted).is_some_and(|present| present.state > state) {
            return;
        }
        entries.clock += 1;
        let used = entries.clock;
        entries.bytes += bytes;
        let entry = Entry { value: T::wrap(value), state, earlier, changed, bytes, used };
        if let Some(replaced) = entries.by_wanted.insert(wanted, entry) {
            entries.bytes -= replaced.bytes;
        }
        if entries.bytes > MAX_REMEMBERED_BYTES {
            entries.shrink();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // Nothing in here panics between two steps that belong together.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// Drops what was not used for longest, down to three quarters, so that this is not done at every search.
    fn shrink(&mut self) {
        let mut by_use: Vec<_> =
            self.by_wanted.iter().map(|(wanted, entry)| (entry.used, entry.bytes, wanted.clone())).collect();
        by_use.sort_unstable_by_key(|(used, ..)| *used);
        for (_, bytes, wanted) in by_use {
            if self.bytes <= MAX_REMEMBERED_BYTES / 4 * 3 {
                break;
            }
            self.by_wanted.remove(&wanted);
            self.bytes -= bytes;
        }
    }
}

fn updated<T: Found>(
    value: &Arc<T>,
    changed: &[i64],
    update: impl Fn(&mut T, &[i64]) -> Result<(), StoreError>,
) -> Result<Arc<T>, StoreError> {
    let mut value = T::clone(value);
    update(&mut value, changed)?;
    Ok(Arc::new(value))
}
