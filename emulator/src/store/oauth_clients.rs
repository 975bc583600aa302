//! MCP server clients as the authorization server sees them: found by their OAuth client id, with their MCP server,
//! their secret and what they registered.

use rusqlite::{Row, params};
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::clients::{ClientRow, secret_of};
use super::servers::from_json;
use super::{Records, StoreError};

/// A client with all that decides what it may get.
#[derive(Debug)]
pub(crate) struct OAuthClientRow {
    pub(crate) row: ClientRow,
    /// `None` for a public client.
    pub(crate) secret: Option<SecretString>,
    /// What it registered; `None` for a client that was made through the management API.
    pub(crate) registration: Option<Map<String, Value>>,
}

impl Records<'_> {
    /// The one client with this client id, in this project and under this MCP server where they are given. `None`
    /// also if there are several: a client that is known by a URL can be under many servers.
    pub(crate) fn oauth_client(
        &self,
        project: Option<&str>,
        server: Option<&str>,
        client_id: &str,
    ) -> Result<Option<OAuthClientRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT c.id, c.client_id, c.registration_type, c.status, c.body, c.secret, r.metadata
             FROM clients c JOIN servers s ON s.key = c.server LEFT JOIN registrations r ON r.client = c.key
             WHERE c.client_id = ?1 AND s.gone = 0 AND (?2 IS NULL OR s.project = ?2)
             AND (?3 IS NULL OR s.id = ?3) LIMIT 2",
        )?;
        let mut rows = statement.query(params![client_id, project, server])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let found = read(row)?;
        Ok(rows.next()?.is_none().then_some(found))
    }
}

fn read(row: &Row<'_>) -> Result<OAuthClientRow, StoreError> {
    let id: String = row.get(0)?;
    let registration: Option<String> = row.get(6)?;
    Ok(OAuthClientRow {
        secret: secret_of(row.get(5)?),
        registration: registration.map(|text| from_json(&id, &text)).transpose()?,
        row: ClientRow {
            client_id: row.get(1)?,
            registration_type: row.get(2)?,
            status: row.get(3)?,
            body: from_json(&id, row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?)?,
            id,
        },
    })
}
