//! What users granted to clients: consent tickets, authorization codes, refresh token families, and tokens that were
//! revoked before their time.
//!
//! Codes, tickets and refresh tokens are kept as SHA-256 hashes: they are random enough that nobody can guess back, and
//! a stolen database opens nothing. A grant is one row from its code to its last refresh token. It goes with its client,
//! and so with its MCP server.

use rusqlite::{OptionalExtension, Row, params};

use super::{Records, StoreError};

/// Rows of each kind that one write clears away once they have expired, so that no write is slow.
const CLEARED_AT_ONCE: i64 = 32;

/// Consent pages of one client that wait for an answer; the oldest makes room. Anyone can ask for a page.
const MAX_TICKETS: i64 = 100;

/// A hash of something that only its bearer knows.
pub(crate) type Hash = [u8; 32];

/// Which client something belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientRef {
    pub(crate) project: String,
    pub(crate) server: String,
    /// Id of the record.
    pub(crate) id: String,
}

/// What a grant is made of, at the moment its code is issued.
#[derive(Debug)]
pub(crate) struct NewGrant {
    pub(crate) client: ClientRef,
    /// Id of the user's consent, as tokens name it.
    pub(crate) consent_id: String,
    pub(crate) user_id: String,
    /// Whether the issuer is the project's and not the MCP server's.
    pub(crate) of_project: bool,
    /// Separated by spaces.
    pub(crate) scope: String,
    /// Separated by spaces, which a URI has none of.
    pub(crate) resources: String,
    pub(crate) nonce: Option<String>,
    pub(crate) redirect_uri: String,
    pub(crate) code_challenge: String,
    pub(crate) code: Hash,
    pub(crate) granted_at: u64,
    /// When the code expires.
    pub(crate) expires_at: u64,
}

/// How far a grant has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantState {
    /// Its code waits to be redeemed.
    Offered,
    /// Its code was redeemed; its tokens are good.
    Redeemed,
    /// Nothing of it is good any more.
    Revoked,
}

/// A stored grant.
#[derive(Debug)]
pub(crate) struct GrantRow {
    pub(crate) key: i64,
    pub(crate) client: ClientRef,
    pub(crate) consent_id: String,
    pub(crate) user_id: String,
    pub(crate) of_project: bool,
    pub(crate) scope: String,
    pub(crate) resources: String,
    pub(crate) nonce: Option<String>,
    pub(crate) redirect_uri: String,
    pub(crate) code_challenge: String,
    pub(crate) state: GrantState,
    pub(crate) granted_at: u64,
    /// When the code expires, or the family once it was redeemed.
    pub(crate) expires_at: u64,
    /// The refresh token in force.
    pub(crate) refresh: Option<Hash>,
}

const SELECT: &str = "SELECT g.key, s.project, s.id, c.id, g.consent_id, g.user_id, g.of_project, g.scope,
    g.resources, g.nonce, g.redirect_uri, g.code_challenge, g.state, g.granted_at, g.expires_at, g.refresh
    FROM grants g JOIN clients c ON c.key = g.client JOIN servers s ON s.key = c.server";

impl Records<'_> {
    /// The user of a project: the id given, unless there is one already.
    pub(crate) fn demo_user(&self, project: &str, fresh_id: &str) -> Result<String, StoreError> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO users (project, id) VALUES (?1, ?2)")?
            .execute(params![project, fresh_id])?;
        Ok(self
            .connection
            .prepare_cached("SELECT id FROM users WHERE project = ?1")?
            .query_row(params![project], |row| row.get(0))?)
    }

    /// Project and MCP server of every client with this client id, in this project if it is given. More than one only
    /// for a client that is known by a URL.
    pub(crate) fn servers_of_client(
        &self,
        project: Option<&str>,
        client_id: &str,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT s.project, s.id FROM clients c JOIN servers s ON s.key = c.server
             WHERE c.client_id = ?1 AND s.gone = 0 AND (?2 IS NULL OR s.project = ?2) ORDER BY c.key",
        )?;
        let rows = statement.query_map(params![client_id, project], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn client_key(&self, client: &ClientRef) -> Result<Option<i64>, StoreError> {
        let Some(server) = self.server_key(&client.project, &client.server)? else { return Ok(None) };
        Ok(self
            .connection
            .prepare_cached("SELECT key FROM clients WHERE server = ?1 AND id = ?2")?
            .query_row(params![server, client.id], |row| row.get(0))
            .optional()?)
    }

    /// Keeps what a consent page asks, for whoever brings the ticket. Whether there was such a client.
    pub(crate) fn insert_ticket(
        &self,
        ticket: &Hash,
        client: &ClientRef,
        request: &str,
        now: u64,
        expires_at: u64,
    ) -> Result<bool, StoreError> {
        self.clear_expired("consent_tickets", now)?;
        let Some(client) = self.client_key(client)? else { return Ok(false) };
        self.connection
            .prepare_cached(
                "DELETE FROM consent_tickets WHERE rowid IN (SELECT rowid FROM consent_tickets
                 WHERE client = ?1 ORDER BY expires_at DESC, rowid DESC LIMIT -1 OFFSET ?2)",
            )?
            .execute(params![client, MAX_TICKETS - 1])?;
        self.connection
            .prepare_cached(
                "INSERT INTO consent_tickets (ticket, client, request, expires_at) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![ticket, client, request, seconds(expires_at)])?;
        Ok(true)
    }

    /// The request behind a ticket, which is good once, until it expires, and while its client exists.
    pub(crate) fn take_ticket(&self, ticket: &Hash, now: u64) -> Result<Option<String>, StoreError> {
        let taken: Option<(String, i64)> = self
            .connection
            .prepare_cached("DELETE FROM consent_tickets WHERE ticket = ?1 RETURNING request, expires_at")?
            .query_row(params![ticket], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(taken.filter(|taken| taken.1 > seconds(now)).map(|(request, _)| request))
    }

    /// Whether there was such a client to grant something to.
    pub(crate) fn insert_grant(&self, new: &NewGrant) -> Result<bool, StoreError> {
        self.clear_expired("grants", new.granted_at)?;
        let Some(client) = self.client_key(&new.client)? else { return Ok(false) };
        self.connection
            .prepare_cached(
                "INSERT INTO grants (client, consent_id, user_id, of_project, scope, resources, nonce,
                 redirect_uri, code_challenge, code, state, granted_at, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'offered', ?11, ?12)",
            )?
            .execute(params![
                client,
                new.consent_id,
                new.user_id,
                new.of_project,
                new.scope,
                new.resources,
                new.nonce,
                new.redirect_uri,
                new.code_challenge,
                new.code,
                seconds(new.granted_at),
                seconds(new.expires_at),
            ])?;
        Ok(true)
    }

    /// The grant that this code was issued for, however old.
    pub(crate) fn grant_by_code(&self, code: &Hash) -> Result<Option<GrantRow>, StoreError> {
        self.grant("code", code)
    }

    /// The grant that refresh tokens of this family come from.
    pub(crate) fn grant_by_family(&self, family: &Hash) -> Result<Option<GrantRow>, StoreError> {
        self.grant("family", family)
    }

    /// The grant that tokens name by the id of the consent.
    pub(crate) fn grant_by_consent(&self, consent_id: &str) -> Result<Option<GrantRow>, StoreError> {
        self.grant("consent_id", consent_id)
    }

    fn grant(&self, column: &str, value: impl rusqlite::ToSql) -> Result<Option<GrantRow>, StoreError> {
        Ok(self
            .connection
            .prepare_cached(&format!("{SELECT} WHERE g.{column} = ?1 AND s.gone = 0"))?
            .query_row(params![value], read)
            .optional()?)
    }

    /// Marks the code as redeemed. `refresh` holds family and refresh token, if one was issued.
    pub(crate) fn redeem_code(
        &self,
        key: i64,
        refresh: Option<&(Hash, Hash)>,
        expires_at: u64,
    ) -> Result<(), StoreError> {
        let (family, token) = refresh.map(|(family, token)| (family, token)).unzip();
        self.connection
            .prepare_cached(
                "UPDATE grants SET state = 'redeemed', family = ?2, refresh = ?3, expires_at = ?4 WHERE key = ?1",
            )?
            .execute(params![key, family, token, seconds(expires_at)])?;
        Ok(())
    }

    /// Puts a new refresh token in the place of the one in force.
    pub(crate) fn rotate_refresh_token(&self, key: i64, token: &Hash) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE grants SET refresh = ?2 WHERE key = ?1")?
            .execute(params![key, token])?;
        Ok(())
    }

    /// Ends a grant: its code, its refresh tokens and, for whoever asks, its access tokens.
    pub(crate) fn revoke_grant(&self, key: i64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE grants SET state = 'revoked' WHERE key = ?1")?
            .execute(params![key])?;
        Ok(())
    }

    /// Ends every grant of a client.
    pub(crate) fn revoke_grants_of(&self, client: &ClientRef) -> Result<(), StoreError> {
        let Some(client) = self.client_key(client)? else { return Ok(()) };
        self.connection
            .prepare_cached("UPDATE grants SET state = 'revoked' WHERE client = ?1")?
            .execute(params![client])?;
        Ok(())
    }

    /// Remembers until its end that an access token was revoked.
    pub(crate) fn revoke_token(&self, id: &str, now: u64, expires_at: u64) -> Result<(), StoreError> {
        self.clear_expired("revoked_tokens", now)?;
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO revoked_tokens (id, expires_at) VALUES (?1, ?2)")?
            .execute(params![id, seconds(expires_at)])?;
        Ok(())
    }

    pub(crate) fn is_token_revoked(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT 1 FROM revoked_tokens WHERE id = ?1")?
            .exists(params![id])?)
    }

    /// Whether any cell of these tables holds this text, as text or as bytes.
    #[cfg(test)]
    pub(crate) fn holds_text(&self, tables: &[&str], text: &str) -> Result<bool, StoreError> {
        for table in tables {
            let mut statement = self.connection.prepare(&format!("SELECT * FROM {table}"))?;
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for column in 0..columns {
                    let bytes = match row.get_ref(column)? {
                        rusqlite::types::ValueRef::Text(bytes) | rusqlite::types::ValueRef::Blob(bytes) => {
                            bytes
                        }
                        _ => continue,
                    };
                    if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    fn clear_expired(&self, table: &str, now: u64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(&format!(
                "DELETE FROM {table} WHERE rowid IN
                 (SELECT rowid FROM {table} WHERE expires_at <= ?1 LIMIT {CLEARED_AT_ONCE})"
            ))?
            .execute(params![seconds(now)])?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<GrantRow> {
    Ok(GrantRow {
        key: row.get(0)?,
        client: ClientRef { project: row.get(1)?, server: row.get(2)?, id: row.get(3)? },
        consent_id: row.get(4)?,
        user_id: row.get(5)?,
        of_project: row.get(6)?,
        scope: row.get(7)?,
        resources: row.get(8)?,
        nonce: row.get(9)?,
        redirect_uri: row.get(10)?,
        code_challenge: row.get(11)?,
        state: match row.get_ref(12)?.as_str()? {
            "offered" => GrantState::Offered,
            "redeemed" => GrantState::Redeemed,
            // The table allows one more word. A grant nobody understands is better dead than alive.
            _ => GrantState::Revoked,
        },
        granted_at: unsigned(row.get(13)?),
        expires_at: unsigned(row.get(14)?),
        refresh: row.get(15)?,
    })
}

/// SQLite counts with a sign. A lifetime that runs past the end of time ends there.
pub(super) fn seconds(unix_seconds: u64) -> i64 {
    i64::try_from(unix_seconds).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(unix_seconds: i64) -> u64 {
    u64::try_from(unix_seconds).unwrap_or_default()
}
