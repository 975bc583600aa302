//! The log of changed clients, which remembered searches and the text index follow.
//!
//! Triggers note each changed client in `client_changes`. When enough have gathered, [`settle`] brings the text index up
//! to date and drops the oldest.

use rusqlite::{Connection, params};

use super::{StoreError, text_index};

/// Changes that may wait for the text index while there is more to write. A search looks at this many clients at most.
pub(super) const MAX_BACKLOG: i64 = 512;
/// Changes that are kept, so that remembered searches can follow them.
const KEPT: i64 = 8192;

/// The number of the newest change; it names a state of all clients.
pub(super) fn newest(connection: &Connection) -> Result<i64, StoreError> {
    let newest: Option<i64> = connection
        .prepare_cached("SELECT max(change) FROM client_changes")?
        .query_row([], |row| row.get(0))?;
    Ok(newest.unwrap_or_default())
}

/// The keys of the clients of one server that changed after `since`; `None` if those are more than `at_most`, or if
/// the log does not reach back so far.
pub(super) fn changed(
    connection: &Connection,
    server: i64,
    since: i64,
    at_most: usize,
) -> Result<Option<Vec<i64>>, StoreError> {
    let oldest: Option<i64> = connection
        .prepare_cached("SELECT min(change) FROM client_changes")?
        .query_row([], |row| row.get(0))?;
    if oldest.is_some_and(|oldest| oldest > since + 1) {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT client FROM client_changes WHERE change > ?1 AND server = ?2 LIMIT ?3",
    )?;
    let limit = i64::try_from(at_most).unwrap_or(i64::MAX).saturating_add(1);
    let keys: Vec<i64> =
        statement.query_map(params![since, server, limit], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok((keys.len() <= at_most).then_some(keys))
}

/// Brings the text index up to date if at least so many changes wait for it, and drops old ones. Says whether it did.
pub(super) fn settle(connection: &Connection, enough: i64) -> Result<bool, StoreError> {
    let (newest, indexed) = (newest(connection)?, text_index::indexed(connection)?);
    if newest - indexed < enough {
        return Ok(false);
    }
    text_index::follow(connection, indexed, newest)?;
    connection
        .prepare_cached("DELETE FROM client_changes WHERE change <= ?1")?
        .execute(params![newest - KEPT])?;
    Ok(true)
}
