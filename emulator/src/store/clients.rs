//! MCP server clients and their secrets in the database.

use rusqlite::{OptionalExtension, Row, params};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::servers::{from_json, to_json};
use super::{Records, StoreError};

/// A stored client of an MCP server, without its secret.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClientRow {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) registration_type: String,
    pub(crate) status: String,
    /// The members as accepted, without those the service manages and without those that were never sent.
    pub(crate) body: Map<String, Value>,
}

#[cfg(test)]
impl ClientRow {
    /// A client that is told from others by its number and its name.
    pub(super) fn named(number: usize, name: &str) -> Self {
        Self {
            id: format!("TPA{number}"),
            client_id: format!("C{number}"),
            registration_type: String::from("manual"),
            status: String::from("active"),
            body: Map::from_iter([(String::from("name"), Value::from(name))]),
        }
    }
}

/// What a new client consists of.
pub(crate) struct NewClient {
    pub(crate) row: ClientRow,
    /// `None` for a public client, which has no secret.
    pub(crate) secret: Option<SecretString>,
}

/// How the column holds the secret of a client that has none. It never leaves this file: an empty text that is taken
/// for a secret would let anyone in.
const NO_SECRET: &str = "";

pub(super) fn secret_of(column: String) -> Option<SecretString> {
    (column != NO_SECRET).then(|| column.into())
}

/// Between the parts of the searched text. A term that holds it could match across parts, and no name does.
pub(super) const SEPARATOR: char = '\u{1f}';

/// The columns of [`read_row`], in its order.
pub(super) const COLUMNS: &str = "id, client_id, registration_type, status, body";

pub(super) fn read_row(row: &Row<'_>) -> Result<ClientRow, StoreError> {
    let id: String = row.get(0)?;
    let body = from_json(&id, row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?)?;
    Ok(ClientRow { id, client_id: row.get(1)?, registration_type: row.get(2)?, status: row.get(3)?, body })
}

impl Records<'_> {
    /// Whether there was such a server to put the client under.
    pub(crate) fn insert_client(
        &self,
        project: &str,
        server: &str,
        new: &NewClient,
    ) -> Result<bool, StoreError> {
        let Some(key_of_server) = self.live_server_key(project, server)? else { return Ok(false) };
        let row = &new.row;
        self.connection
            .prepare_cached(
                "INSERT INTO clients (server, id, client_id, name, status, registration_type, secret, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                key_of_server,
                row.id,
                row.client_id,
                name(&row.body),
                row.status,
                row.registration_type,
                new.secret.as_ref().map_or(NO_SECRET, |secret| secret.expose_secret()),
                to_json(&row.id, &row.body)?,
            ])?;
        let key = self.connection.last_insert_rowid();
        self.insert_tags(key_of_server, key, &row.body)?;
        self.note_client(project, server, &row.id);
        Ok(true)
    }

    pub(crate) fn client(
        &self,
        project: &str,
        server: &str,
        id: &str,
    ) -> Result<Option<ClientRow>, StoreError> {
        Ok(self.client_and_secret(project, server, "id", id)?.map(|(row, _)| row))
    }

    /// The client with this OAuth client id, and its secret unless it is a public client.
    pub(crate) fn client_by_client_id(
        &self,
        project: &str,
        server: &str,
        client_id: &str,
    ) -> Result<Option<(ClientRow, Option<SecretString>)>, StoreError> {
        self.client_and_secret(project, server, "client_id", client_id)
    }

    /// The secret of the client with this id: `None` if there is no such client, `Some(None)` if it has none.
    #[expect(clippy::option_option, reason = "three cases, and the caller answers each in its own way")]
    pub(crate) fn client_secret(
        &self,
        project: &str,
        server: &str,
        id: &str,
    ) -> Result<Option<Option<SecretString>>, StoreError> {
        Ok(self.client_and_secret(project, server, "id", id)?.map(|(_, secret)| secret))
    }

    fn client_and_secret(
        &self,
        project: &str,
        server: &str,
        column: &str,
        value: &str,
    ) -> Result<Option<(ClientRow, Option<SecretString>)>, StoreError> {
        let Some(server) = self.server_key(project, server)? else { return Ok(None) };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS}, secret FROM clients WHERE server = ?1 AND {column} = ?2"
        ))?;
        let mut rows = statement.query(params![server, value])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let secret: String = row.get(5)?;
        Ok(Some((read_row(row)?, secret_of(secret))))
    }

    /// Whether there was such a client. Its id, client id, registration type, status and secret stay as they are.
    pub(crate) fn replace_client(
        &self,
        project: &str,
        server: &str,
        row: &ClientRow,
    ) -> Result<bool, StoreError> {
        let Some(key_of_server) = self.server_key(project, server)? else { return Ok(false) };
        let key: Option<i64> = self
            .connection
            .prepare_cached(
                "UPDATE clients SET name = ?3, body = ?4 WHERE server = ?1 AND id = ?2 RETURNING key",
            )?
            .query_row(params![key_of_server, row.id, name(&row.body), to_json(&row.id, &row.body)?], |row| {
                row.get(0)
            })
            .optional()?;
        let Some(key) = key else { return Ok(false) };
        self.connection.prepare_cached("DELETE FROM client_tags WHERE client = ?1")?.execute(params![key])?;
        self.insert_tags(key_of_server, key, &row.body)?;
        self.note_client(project, server, &row.id);
        Ok(true)
    }

    /// Whether there was such a client.
    pub(crate) fn set_client_secret(
        &self,
        project: &str,
        server: &str,
        id: &str,
        secret: &SecretString,
    ) -> Result<bool, StoreError> {
        let Some(server) = self.server_key(project, server)? else { return Ok(false) };
        let changed = self
            .connection
            .prepare_cached("UPDATE clients SET secret = ?3 WHERE server = ?1 AND id = ?2")?
            .execute(params![server, id, secret.expose_secret()])?;
        Ok(changed > 0)
    }

    /// Whether there was such a client to delete.
    pub(crate) fn delete_client(&self, project: &str, server: &str, id: &str) -> Result<bool, StoreError> {
        let Some(key_of_server) = self.server_key(project, server)? else { return Ok(false) };
        let deleted = self
            .connection
            .prepare_cached("DELETE FROM clients WHERE server = ?1 AND id = ?2")?
            .execute(params![key_of_server, id])?;
        if deleted > 0 {
            self.note_client(project, server, id);
        }
        Ok(deleted > 0)
    }

    fn insert_tags(&self, server: i64, key: i64, body: &Map<String, Value>) -> Result<(), StoreError> {
        let mut tag_row = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO client_tags (server, tag, client) VALUES (?1, ?2, ?3)")?;
        for tag in tags(body) {
            tag_row.execute(params![server, tag, key])?;
        }
        Ok(())
    }
}

/// The rule by which searches for text are blind to case; the same for what is stored and what is looked for.
pub(super) fn fold(text: &str) -> String {
    // Character by character, since the lower case of a whole word can depend on where it ends, and a term is a part.
    // SQLite's tokenizer stops at a zero character; the other one stands between and behind texts in the index.
    let replaced = |c| if matches!(c, '\0' | SEPARATOR) { '\u{fffd}' } else { c };
    text.chars().flat_map(char::to_lowercase).map(replaced).collect()
}

pub(super) fn name(body: &Map<String, Value>) -> &str {
    body.get("name").and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn tags(body: &Map<String, Value>) -> Vec<&str> {
    body.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// What a search for text looks at, folded: the name, and everything else.
#[derive(Debug)]
pub(super) struct SearchedText {
    pub(super) name: String,
    pub(super) other: String,
}

impl SearchedText {
    pub(super) fn new(id: &str, client_id: &str, name: &str, tags: &[&str]) -> Self {
        let mut other = format!("{}{SEPARATOR}{}", fold(id), fold(client_id));
        for tag in tags {
            other.push(SEPARATOR);
            other.push_str(&fold(tag));
        }
        Self { name: fold(name), other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_text_folds_to_a_part_of_the_folded_text() {
        for (text, part) in [("ΟΔΟΣ ΟΔΟΣ", "ΟΔΟΣ Ο"), ("ΟΔΟΣΟΔ", "ΟΔΟΣ"), ("Größe", "RÖß"), ("a\0b", "A\0")]
        {
            assert!(fold(text).contains(&fold(part)), "{text}");
        }
    }
}
