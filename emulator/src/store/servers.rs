//! MCP servers in the database.

use rusqlite::{OptionalExtension, params};
use serde_json::{Map, Value};

use super::{Records, StoreError};

/// A stored MCP server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ServerRow {
    pub(crate) id: String,
    /// The members as accepted, without the id and without those that were never sent.
    pub(crate) body: Map<String, Value>,
}

impl Records<'_> {
    pub(crate) fn insert_server(&self, project: &str, server: &ServerRow) -> Result<(), StoreError> {
        let body = to_json(&server.id, &server.body)?;
        self.connection
            .prepare_cached("INSERT INTO servers (project, id, body) VALUES (?1, ?2, ?3)")?
            .execute(params![project, server.id, body])?;
        self.note_server(project, &server.id);
        Ok(())
    }

    pub(crate) fn server(&self, project: &str, id: &str) -> Result<Option<ServerRow>, StoreError> {
        let body: Option<String> = self
            .connection
            .prepare_cached("SELECT body FROM servers WHERE project = ?1 AND id = ?2 AND gone = 0")?
            .query_row(params![project, id], |row| row.get(0))
            .optional()?;
        body.map(|body| Ok(ServerRow { id: id.to_owned(), body: from_json(id, &body)? })).transpose()
    }

    /// All servers of the project, oldest first.
    pub(crate) fn servers(&self, project: &str) -> Result<Vec<ServerRow>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, body FROM servers WHERE project = ?1 AND gone = 0 ORDER BY key")?;
        let mut rows = statement.query(params![project])?;
        let mut servers = Vec::new();
        while let Some(row) = rows.next()? {
            let id: String = row.get(0)?;
            let body = from_json(&id, row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
            servers.push(ServerRow { id, body });
        }
        Ok(servers)
    }

    /// Whether there was such a server to replace.
    pub(crate) fn replace_server(&self, project: &str, server: &ServerRow) -> Result<bool, StoreError> {
        let body = to_json(&server.id, &server.body)?;
        let changed = self
            .connection
            .prepare_cached("UPDATE servers SET body = ?3 WHERE project = ?1 AND id = ?2 AND gone = 0")?
            .execute(params![project, server.id, body])?;
        if changed > 0 {
            self.note_server(project, &server.id);
        }
        Ok(changed > 0)
    }

    /// Whether there was such a server to delete. Its clients go with it, unless they are to stay.
    pub(crate) fn delete_server(
        &self,
        project: &str,
        id: &str,
        keep_clients: bool,
    ) -> Result<bool, StoreError> {
        let sql = if keep_clients {
            "UPDATE servers SET gone = 1 WHERE project = ?1 AND id = ?2 AND gone = 0"
        } else {
            "DELETE FROM servers WHERE project = ?1 AND id = ?2 AND gone = 0"
        };
        let deleted = self.connection.prepare_cached(sql)?.execute(params![project, id])?;
        if deleted > 0 {
            self.note_server(project, id);
        }
        Ok(deleted > 0)
    }

    /// Whether a server has this id, or had it and left its clients behind.
    pub(crate) fn has_server(&self, project: &str, id: &str) -> Result<bool, StoreError> {
        Ok(self.server_key(project, id)?.is_some())
    }

    /// Deletes every server of the project, with all that belongs to them.
    pub(crate) fn clear(&self, project: &str) -> Result<(), StoreError> {
        self.note_servers(project)?;
        self.connection
            .prepare_cached("DELETE FROM servers WHERE project = ?1")?
            .execute(params![project])?;
        Ok(())
    }

    /// The row number of a server that is not deleted.
    pub(super) fn live_server_key(&self, project: &str, id: &str) -> Result<Option<i64>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT key FROM servers WHERE project = ?1 AND id = ?2 AND gone = 0")?
            .query_row(params![project, id], |row| row.get(0))
            .optional()?)
    }

    /// The row number of a server, which the tables of clients refer to; that of a deleted one too, if its clients stayed.
    pub(super) fn server_key(&self, project: &str, id: &str) -> Result<Option<i64>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT key FROM servers WHERE project = ?1 AND id = ?2")?
            .query_row(params![project, id], |row| row.get(0))
            .optional()?)
    }
}

pub(super) fn to_json(id: &str, body: &Map<String, Value>) -> Result<String, StoreError> {
    serde_json::to_string(body).map_err(|_| StoreError::Damaged(id.to_owned()))
}

pub(super) fn from_json(id: &str, text: &str) -> Result<Map<String, Value>, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Damaged(id.to_owned()))
}
