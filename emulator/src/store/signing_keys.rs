//! The keys that sign the tokens of a project: the one in use, and those before it until their tokens have expired.

use rusqlite::params;
use secrecy::{ExposeSecret, SecretString};

use super::grants::{seconds, unsigned};
use super::{Records, StoreError};

/// A stored signing key.
pub(crate) struct SigningKeyRow {
    pub(crate) id: String,
    /// PKCS#8, PEM.
    pub(crate) private_pem: SecretString,
    /// No token that it signed is good at this time or later.
    pub(crate) signed_until: u64,
}

impl Records<'_> {
    /// All keys of the project, the one in use first.
    pub(crate) fn signing_keys(&self, project: &str) -> Result<Vec<SigningKeyRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, private_pem, signed_until FROM signing_keys WHERE project = ?1 ORDER BY key DESC",
        )?;
        let rows = statement.query_map(params![project], |row| {
            let private_pem: String = row.get(1)?;
            Ok(SigningKeyRow {
                id: row.get(0)?,
                private_pem: private_pem.into(),
                signed_until: unsigned(row.get(2)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Makes this the key in use, and forgets those before it whose tokens have all expired.
    pub(crate) fn insert_signing_key(
        &self,
        project: &str,
        key: &SigningKeyRow,
        now: u64,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM signing_keys WHERE project = ?1 AND signed_until <= ?2")?
            .execute(params![project, seconds(now)])?;
        self.connection
            .prepare_cached(
                "INSERT INTO signing_keys (project, id, private_pem, signed_until) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![project, key.id, key.private_pem.expose_secret(), seconds(key.signed_until)])?;
        Ok(())
    }

    /// Remembers that tokens of this key can live until then.
    pub(crate) fn extend_signing_key(&self, id: &str, signed_until: u64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE signing_keys SET signed_until = max(signed_until, ?2) WHERE id = ?1")?
            .execute(params![id, seconds(signed_until)])?;
        Ok(())
    }
}
