//! Load, change, write back: the way to change a record whose update replaces the whole record.
//!
//! This module makes no calls; the resources do.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tracing::Instrument;

use crate::budget::Budget;
use crate::error::{Details, Error, ErrorKind};
use crate::generated::operations::OperationFacts;
use crate::logged::{edit_span, note_error};
use crate::record_locks::RecordGuard;

/// The result of an edit.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Edited<T> {
    /// The current record: the response to the write or, if nothing was written, the loaded record.
    pub record: T,
    /// Whether the record was written. `false` if the closure did not change it.
    pub written: bool,
}

/// Whether an edit looks a second time before it writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    None,
    JustBefore,
}

/// A kind of record that can be edited.
pub(crate) trait Editable {
    type Record: Clone + PartialEq + Serialize + Send + Sync;

    /// The operation that replaces a record.
    const UPDATE: &'static OperationFacts;

    /// Members that no update can change, each with its value.
    fn fixed(record: &Self::Record) -> Vec<(&'static str, Option<&str>)>;

    /// Waits until nobody else of this client changes the record.
    fn lock(&self, id: &str) -> impl Future<Output = Result<RecordGuard, Error>> + Send;

    /// Loads the record, as a part of a call with that time.
    fn load(&self, id: &str, budget: Arc<Budget>)
    -> impl Future<Output = Result<Self::Record, Error>> + Send;

    /// Writes `after` in the place of `before`, and answers with what is stored then.
    fn write(
        &self,
        before: &Self::Record,
        after: Self::Record,
        guard: RecordGuard,
    ) -> impl Future<Output = Result<Self::Record, Error>> + Send;
}

/// Why an edit failed: by a call, or by the closure of the caller.
enum Failed<X> {
    Call(Error),
    Change(X),
}

impl<X> From<Error> for Failed<X> {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

/// Edits the record with this id. Nobody else of this client changes it from before the load until the write is
/// answered. Nothing is written if the closure fails.
pub(crate) async fn edit<E: Editable, X: From<Error>>(
    records: &E,
    id: &str,
    change: impl FnOnce(&mut E::Record) -> Result<(), X>,
    check: Check,
) -> Result<Edited<E::Record>, X> {
    let span = edit_span(E::UPDATE.id);
    match edit_one(records, id, change, check).instrument(span.clone()).await {
        Ok(edited) => {
            span.record("written", edited.written);
            Ok(edited)
        }
        Err(Failed::Call(error)) => {
            note_error(&span, &error);
            Err(error.into())
        }
        Err(Failed::Change(error)) => {
            span.record("error", "the closure failed");
            Err(error)
        }
    }
}

/// A closure that cannot fail, as one that could.
pub(crate) fn infallible<R>(change: impl FnOnce(&mut R)) -> impl FnOnce(&mut R) -> Result<(), Error> {
    |record| {
        change(record);
        Ok(())
    }
}

/// Edits again, at most so often in all, as long as others have changed the record meanwhile.
pub(crate) async fn edit_retrying<E: Editable>(
    records: &E,
    id: &str,
    times: u32,
    mut change: impl FnMut(&mut E::Record),
) -> Result<Edited<E::Record>, Error> {
    let mut left = times.max(1);
    loop {
        left -= 1;
        match edit(records, id, infallible(&mut change), Check::JustBefore).await {
            Err(error) if error.kind() == ErrorKind::ChangedMeanwhile && left > 0 => {}
            result => return result,
        }
    }
}

async fn edit_one<E: Editable, X>(
    records: &E,
    id: &str,
    change: impl FnOnce(&mut E::Record) -> Result<(), X>,
    check: Check,
) -> Result<Edited<E::Record>, Failed<X>> {
    let guard = records.lock(id).await?;
    let before = records.load(id, guard.budget()).await?;
    let loaded = E::fixed(&before).into_iter().find(|(member, _)| *member == "id");
    if loaded.is_some_and(|(_, loaded)| loaded != Some(id)) {
        // Written back, it would replace a record that nobody named.
        let detail = "another record was loaded than the one to edit".to_owned();
        return Err(not_written(E::UPDATE, ErrorKind::UnexpectedBody, detail).into());
    }

    let mut after = before.clone();
    change(&mut after).map_err(Failed::Change)?;
    if after == before {
        return Ok(Edited { record: before, written: false });
    }
    let fixed = E::fixed(&before).into_iter().zip(E::fixed(&after));
    if let Some(((member, _), _)) = fixed.into_iter().find(|(before, after)| before != after) {
        let detail = format!("an update cannot change `{member}`; leave it as it was loaded");
        return Err(not_written(E::UPDATE, ErrorKind::InvalidRequest, detail).into());
    }

    if check == Check::JustBefore {
        let now = records.load(id, guard.budget()).await?;
        if now != before {
            let members = differing(&before, &now);
            let detail = format!("{members}; load it again and repeat the edit");
            return Err(not_written(E::UPDATE, ErrorKind::ChangedMeanwhile, detail).into());
        }
    }
    let record = records.write(&before, after, guard).await?;
    Ok(Edited { record, written: true })
}

/// The error of a write that was not made.
fn not_written(update: &'static OperationFacts, kind: ErrorKind, detail: String) -> Error {
    Error::new(update, kind, Details { detail: Some(detail), ..Details::default() })
}

/// Names of the members that differ; their values stay here.
fn differing<T: Serialize>(before: &T, now: &T) -> String {
    let members = |record| match serde_json::to_value(record) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let (before, now) = (members(before), members(now));
    let names: BTreeSet<_> = before.keys().chain(now.keys()).collect();
    let names: Vec<_> = names
        .into_iter()
        .filter(|name| before.get(*name) != now.get(*name))
        .map(|name| format!("`{name}`"))
        .collect();
    names.join(", ")
}
