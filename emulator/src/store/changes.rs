//! The log of changed clients, and the text index that follows it.
//!
//! A write puts nothing into the text index: that costs more than the rest of it, and many at once cost less than one
//! by one. Triggers note each changed client in `client_changes`; when enough have gathered, [`settle`] brings the
//! index up to date inside the same transaction. Until then a search looks at those clients itself (`search/sets.rs`).

use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;
use super::clients::SearchedText;

/// Changes that may wait for the text index. A search looks at this many clients at most.
const LARGEST_BACKLOG: i64 = 512;
/// Changes that are kept, so that remembered searches can follow them.
const KEPT: i64 = 8192;

/// The number of the newest change; it names a state of all clients.
pub(super) fn newest(connection: &Connection) -> Result<i64, StoreError> {
    let newest: Option<i64> = connection
        .prepare_cached("SELECT max(change) FROM client_changes")?
        .query_row([], |row| row.get(0))?;
    Ok(newest.unwrap_or_default())
}

/// The last change that is in the text index.
pub(super) fn indexed(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached("SELECT change FROM client_trigrams_state")?
        .query_row([], |row| row.get(0))?)
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

/// Called before each commit: brings the text index up to date if enough changes wait, and drops old ones.
pub(super) fn settle(connection: &Connection) -> Result<(), StoreError> {
    let (newest, indexed) = (newest(connection)?, indexed(connection)?);
    if newest - indexed >= LARGEST_BACKLOG {
        index(connection, indexed, newest)?;
    }
    Ok(())
}

fn index(connection: &Connection, indexed: i64, newest: i64) -> Result<(), StoreError> {
    let mut changed = connection
        .prepare_cached("SELECT DISTINCT client FROM client_changes WHERE change > ?1 ORDER BY 1")?;
    let mut keys = changed.query(params![indexed])?;
    let mut forget = connection.prepare_cached("DELETE FROM client_trigrams WHERE rowid = ?1")?;
    let mut add =
        connection.prepare_cached("INSERT INTO client_trigrams (rowid, name, other) VALUES (?1, ?2, ?3)")?;
    while let Some(row) = keys.next()? {
        let key: i64 = row.get(0)?;
        forget.execute(params![key])?;
        if let Some(text) = searched_text(connection, key)? {
            add.execute(params![key, padded(&text.name), padded(&text.other)])?;
        }
    }
    connection.prepare_cached("UPDATE client_trigrams_state SET change = ?1")?.execute(params![newest])?;
    connection
        .prepare_cached("DELETE FROM client_changes WHERE change <= ?1")?
        .execute(params![newest - KEPT])?;
    Ok(())
}

/// What a search for text looks at, of the client with this key; `None` if it is gone.
pub(super) fn searched_text(connection: &Connection, key: i64) -> Result<Option<SearchedText>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, client_id, name, body FROM clients WHERE key = ?1")?;
    let columns: Option<(String, String, String, String)> = statement
        .query_row(params![key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((id, client_id, name, body)) = columns else { return Ok(None) };
    let body = super::servers::from_json(&id, &body)?;
    Ok(Some(SearchedText::new(&id, &client_id, &name, &super::clients::tags(&body))))
}

/// The text with two characters at its end that no term holds, so that a trigram begins at each of its own.
pub(super) fn padded(text: &str) -> String {
    format!("{text}\u{1f}\u{1f}")
}
