//! The index of the texts of clients, by trigrams.
//!
//! A write puts nothing into it: that costs more than the rest of it, and many at once cost less than one by one. It
//! follows the log of changes (`changes.rs`); until then a search looks at the changed clients itself (`search/sets.rs`).

use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;
use super::clients::{SEPARATOR, SearchedText};

/// The last change that is in the text index.
pub(super) fn indexed(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached("SELECT change FROM client_trigrams_state")?
        .query_row([], |row| row.get(0))?)
}

/// Brings the index from one state of all clients to a later one.
pub(super) fn follow(connection: &Connection, indexed: i64, newest: i64) -> Result<(), StoreError> {
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
    format!("{text}{SEPARATOR}{SEPARATOR}")
}
