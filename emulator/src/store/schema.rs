//! Tables, indexes, and the steps from any earlier version of them to the present one.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// One step each; `PRAGMA user_version` counts the steps taken. Steps are never edited once released, only added.
const MIGRATIONS: &[&str] = &[
    // Records are JSON as they were accepted, so that unknown members survive. Columns beside it exist only where a
    // filter, a sort order or a rule needs them. `key` gives the order of creation.
    "
    CREATE TABLE servers (
        key INTEGER PRIMARY KEY,
        project TEXT NOT NULL,
        id TEXT NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (project, id)
    ) STRICT;

    CREATE TABLE clients (
        key INTEGER PRIMARY KEY,
        server INTEGER NOT NULL REFERENCES servers (key) ON DELETE CASCADE,
        id TEXT NOT NULL,
        client_id TEXT NOT NULL,
        name TEXT NOT NULL,
        status TEXT NOT NULL,
        registration_type TEXT NOT NULL,
        -- Lower case: name, and all that a search for text looks at.
        folded_name TEXT NOT NULL,
        folded_text TEXT NOT NULL,
        secret TEXT NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (server, id),
        UNIQUE (server, client_id)
    ) STRICT;
    CREATE INDEX clients_by_age ON clients (server, key);
    CREATE INDEX clients_by_name ON clients (server, name);
    CREATE INDEX clients_by_status ON clients (server, status);
    CREATE INDEX clients_by_registration_type ON clients (server, registration_type);

    CREATE TABLE client_tags (
        server INTEGER NOT NULL,
        tag TEXT NOT NULL,
        client INTEGER NOT NULL REFERENCES clients (key) ON DELETE CASCADE,
        PRIMARY KEY (server, tag, client)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX client_tags_by_client ON client_tags (client);

    -- Substrings by their trigrams. It holds no text of its own; rowid is the client's key. The text is folded before
    -- it comes here, by the same rule as the term that is looked for.
    CREATE VIRTUAL TABLE client_trigrams USING fts5 (
        folded_text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
    );
    CREATE TRIGGER clients_after_delete AFTER DELETE ON clients BEGIN
        DELETE FROM client_trigrams WHERE rowid = old.key;
    END;
    ",
];

/// Brings the database up to date and sets what every connection needs.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "foreign_keys", true)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let steps = usize::try_from(version).ok().and_then(|done| MIGRATIONS.get(done..));
    for step in steps.ok_or(StoreError::TooNew(version))? {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preparing_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        prepare(&mut connection).unwrap();
        prepare(&mut connection).unwrap();
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, MIGRATIONS.len() as i64);
    }

    #[test]
    fn refuses_a_database_of_a_newer_version() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", MIGRATIONS.len() as i64 + 1).unwrap();
        assert!(matches!(prepare(&mut connection), Err(StoreError::TooNew(_))));
    }
}
