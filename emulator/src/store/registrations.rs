//! Clients that came by registration: what they said about themselves that a client record has no member for.

use rusqlite::params;
use serde_json::{Map, Value};

use super::servers::to_json;
use super::{ClientRow, NewClient, Records, StoreError};

impl Records<'_> {
    /// Whether there was such a server to put the client under.
    pub(crate) fn insert_registration(
        &self,
        project: &str,
        server: &str,
        new: &NewClient,
        metadata: &Map<String, Value>,
        now_unix_seconds: i64,
    ) -> Result<bool, StoreError> {
        if !self.insert_client(project, server, new)? {
            return Ok(false);
        }
        self.connection
            .prepare_cached(
                "INSERT INTO registrations (client, server, metadata, registered_at)
                 SELECT c.key, c.server, ?4, ?5 FROM clients c JOIN servers s ON s.key = c.server
                 WHERE s.project = ?1 AND s.id = ?2 AND c.id = ?3",
            )?
            .execute(params![
                project,
                server,
                new.row.id,
                to_json(&new.row.id, metadata)?,
                now_unix_seconds
            ])?;
        Ok(true)
    }

    /// Puts new contents into a registered client; ids and secret stay. Whether there was such a client.
    pub(crate) fn replace_registration(
        &self,
        project: &str,
        server: &str,
        row: &ClientRow,
        metadata: &Map<String, Value>,
    ) -> Result<bool, StoreError> {
        if !self.replace_client(project, server, row)? {
            return Ok(false);
        }
        let Some(server) = self.server_key(project, server)? else { return Ok(false) };
        self.connection
            .prepare_cached(
                "UPDATE registrations SET metadata = ?3
                 WHERE client = (SELECT key FROM clients WHERE server = ?1 AND id = ?2)",
            )?
            .execute(params![server, row.id, to_json(&row.id, metadata)?])?;
        Ok(true)
    }

    /// Notes that a registered client began to authorize, which keeps it from being forgotten as unused.
    pub(crate) fn mark_registration_used(
        &self,
        project: &str,
        server: &str,
        id: &str,
        now_unix_seconds: i64,
    ) -> Result<(), StoreError> {
        let Some(server) = self.server_key(project, server)? else { return Ok(()) };
        self.connection
            .prepare_cached(
                "UPDATE registrations SET used_at = ?3 WHERE used_at IS NULL
                 AND client = (SELECT key FROM clients WHERE server = ?1 AND id = ?2)",
            )?
            .execute(params![server, id, now_unix_seconds])?;
        Ok(())
    }

    /// How many clients of this server came by registration.
    pub(crate) fn count_registrations(&self, project: &str, server: &str) -> Result<i64, StoreError> {
        let Some(server) = self.server_key(project, server)? else { return Ok(0) };
        Ok(self
            .connection
            .prepare_cached("SELECT count(*) FROM registrations WHERE server = ?1")?
            .query_row(params![server], |row| row.get(0))?)
    }

    /// Deletes the registered clients that never began to authorize and are older than that, the oldest first. How many
    /// that were.
    pub(crate) fn forget_unused_registrations(
        &self,
        project: &str,
        server: &str,
        registered_before_unix_seconds: i64,
        at_most: i64,
    ) -> Result<usize, StoreError> {
        let Some(key) = self.server_key(project, server)? else { return Ok(0) };
        let mut statement = self.connection.prepare_cached(
            "SELECT c.id FROM registrations r JOIN clients c ON c.key = r.client
             WHERE r.server = ?1 AND r.used_at IS NULL AND r.registered_at < ?2
             ORDER BY r.registered_at, r.client LIMIT ?3",
        )?;
        let ids: Vec<String> = statement
            .query_map(params![key, registered_before_unix_seconds, at_most], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in &ids {
            self.delete_client(project, server, id)?;
        }
        Ok(ids.len())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::{ServerRow, Store};

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn client(id: &str) -> NewClient {
        let row = ClientRow {
            id: id.to_owned(),
            client_id: format!("c-{id}"),
            registration_type: String::from("dcr"),
            status: String::from("active"),
            body: object(json!({"name": id})),
        };
        NewClient { row, secret: None }
    }

    async fn in_store<T: Send + 'static>(
        job: impl FnOnce(&Records<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        let store = Store::in_memory().unwrap();
        store
            .write(move |records| {
                records.insert_server("P", &ServerRow { id: String::from("MS"), body: Map::new() })?;
                job(records)
            })
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_public_client_has_no_secret_and_its_metadata_come_back() {
        let (registered, manual) = in_store(|records| {
            let metadata = object(json!({"token_endpoint_auth_method": "none"}));
            assert!(records.insert_registration("P", "MS", &client("a"), &metadata, 1)?);
            records.insert_client("P", "MS", &client("b"))?;
            Ok((
                records.oauth_client(Some("P"), Some("MS"), "c-a")?,
                records.oauth_client(Some("P"), Some("MS"), "c-b")?,
            ))
        })
        .await;
        let registered = registered.unwrap();
        assert!(registered.secret.is_none());
        assert_eq!(registered.registration.unwrap()["token_endpoint_auth_method"], "none");
        assert!(manual.unwrap().registration.is_none());
    }

    #[tokio::test]
    async fn only_old_clients_that_never_authorized_are_forgotten_the_oldest_first() {
        let left = in_store(|records| {
            for (at, id) in ["a", "b", "c", "d"].iter().enumerate() {
                records.insert_registration("P", "MS", &client(id), &Map::new(), at as i64)?;
            }
            records.mark_registration_used("P", "MS", "a", 9)?;
            assert_eq!(records.forget_unused_registrations("P", "MS", 3, 1)?, 1);
            assert_eq!(records.forget_unused_registrations("P", "MS", 3, 9)?, 1);
            assert_eq!(records.count_registrations("P", "MS")?, 2);
            Ok([
                records.oauth_client(Some("P"), Some("MS"), "c-a")?.is_some(),
                records.oauth_client(Some("P"), Some("MS"), "c-b")?.is_some(),
                records.oauth_client(Some("P"), Some("MS"), "c-c")?.is_some(),
                records.oauth_client(Some("P"), Some("MS"), "c-d")?.is_some(),
            ])
        })
        .await;
        assert_eq!(left, [true, false, false, true]);
    }

    #[tokio::test]
    async fn a_deleted_client_takes_its_registration_along() {
        let count = in_store(|records| {
            records.insert_registration("P", "MS", &client("a"), &Map::new(), 1)?;
            records.delete_client("P", "MS", "a")?;
            records.count_registrations("P", "MS")
        })
        .await;
        assert_eq!(count, 0);
    }
}
