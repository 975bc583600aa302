//! Tables, indexes, and the steps from any earlier version of them to the present one.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Marks a file as one of this program's ("DMCP"), so that no other SQLite database is taken for one.
const APPLICATION_ID: i64 = 0x444d_4350;

/// One step each; `PRAGMA user_version` counts the steps taken. Steps are never edited once released, only added.
const MIGRATIONS: &[&str] = &[
    // Records are JSON as they were accepted, so that unknown members survive. Columns beside it exist only where a
    // filter, a sort order or a rule needs them. `key` gives the order of creation.
    "
    CREATE TABLE projects (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        management_key TEXT NOT NULL
    ) STRICT;

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
        secret TEXT NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (server, id),
        UNIQUE (server, client_id)
    ) STRICT;
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

    -- Which clients changed, in order: what brings the text index and remembered searches up to date. Old entries are
    -- dropped, never the newest one, so that numbers do not repeat.
    CREATE TABLE client_changes (
        change INTEGER PRIMARY KEY,
        server INTEGER NOT NULL,
        client INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER clients_after_insert AFTER INSERT ON clients BEGIN
        INSERT INTO client_changes (server, client) VALUES (new.server, new.key);
    END;
    CREATE TRIGGER clients_after_update AFTER UPDATE OF name, status, registration_type, body ON clients BEGIN
        INSERT INTO client_changes (server, client) VALUES (new.server, new.key);
    END;
    CREATE TRIGGER clients_after_delete AFTER DELETE ON clients BEGIN
        INSERT INTO client_changes (server, client) VALUES (old.server, old.key);
    END;

    -- Substrings by their trigrams. It holds no text of its own; rowid is the client's key. The text is folded before
    -- it comes here, by the same rule as the term that is looked for.
    CREATE VIRTUAL TABLE client_trigrams USING fts5 (
        name, other, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
    );
    -- Where each trigram stands: how shorter terms are found.
    CREATE VIRTUAL TABLE client_trigram_places USING fts5vocab (client_trigrams, instance);
    -- The last change that has reached the trigrams; later ones are looked at one by one.
    CREATE TABLE client_trigrams_state (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        change INTEGER NOT NULL
    ) STRICT;
    INSERT INTO client_trigrams_state VALUES (1, 0);
    ",
    // Clients that came by registration. `server` repeats the client's, for the index.
    "
    CREATE TABLE registrations (
        client INTEGER PRIMARY KEY REFERENCES clients (key) ON DELETE CASCADE,
        server INTEGER NOT NULL,
        metadata TEXT NOT NULL,
        registered_at INTEGER NOT NULL,
        -- When it first began to authorize.
        used_at INTEGER
    ) STRICT;
    CREATE INDEX registrations_by_use ON registrations (server, used_at, registered_at);
    ",
    // The authorization server. Hashes are SHA-256; what belongs to a client goes with it.
    "
    CREATE INDEX clients_by_client_id ON clients (client_id);

    CREATE TABLE users (
        project TEXT PRIMARY KEY,
        id TEXT NOT NULL
    ) STRICT;

    CREATE TABLE consent_tickets (
        ticket BLOB PRIMARY KEY,
        client INTEGER NOT NULL REFERENCES clients (key) ON DELETE CASCADE,
        request TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX consent_tickets_by_client ON consent_tickets (client);
    CREATE INDEX consent_tickets_by_expiry ON consent_tickets (expires_at);

    CREATE TABLE grants (
        key INTEGER PRIMARY KEY,
        client INTEGER NOT NULL REFERENCES clients (key) ON DELETE CASCADE,
        consent_id TEXT NOT NULL UNIQUE,
        user_id TEXT NOT NULL,
        of_project INTEGER NOT NULL,
        scope TEXT NOT NULL,
        resources TEXT NOT NULL,
        nonce TEXT,
        redirect_uri TEXT NOT NULL,
        code_challenge TEXT NOT NULL,
        code BLOB NOT NULL UNIQUE,
        state TEXT NOT NULL CHECK (state IN ('offered', 'redeemed', 'revoked')),
        granted_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        -- Of the refresh tokens: what all of the grant have in common, and the one in force.
        family BLOB UNIQUE,
        refresh BLOB
    ) STRICT;
    CREATE INDEX grants_by_client ON grants (client);
    CREATE INDEX grants_by_expiry ON grants (expires_at);

    CREATE TABLE revoked_tokens (
        id TEXT PRIMARY KEY,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires_at);

    CREATE TABLE signing_keys (
        key INTEGER PRIMARY KEY,
        project TEXT NOT NULL,
        id TEXT NOT NULL UNIQUE,
        private_pem TEXT NOT NULL,
        signed_until INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX signing_keys_by_project ON signing_keys (project);
    ",
    // Deleted, while its clients stay: what one variant of the deletion does.
    "
    ALTER TABLE servers ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
    ",
];

/// Brings the database up to date and sets what every connection needs.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "foreign_keys", true)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // A fresh file has none behind it.
    let taken = steps_taken(&transaction)?.unwrap_or_default();
    for step in MIGRATIONS.iter().skip(taken) {
        transaction.execute_batch(step)?;
    }
    if taken < MIGRATIONS.len() {
        transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    Ok(transaction.commit()?)
}

/// Refuses a database that is not of exactly this version, without changing it.
pub(super) fn require_current(connection: &Connection) -> Result<(), StoreError> {
    match steps_taken(connection)? {
        Some(taken) if taken == MIGRATIONS.len() => Ok(()),
        None => Err(StoreError::Foreign),
        Some(taken) => Err(StoreError::TooOld(taken as i64, MIGRATIONS.len() as i64)),
    }
}

/// How many steps the database has behind it; `None` for an empty file.
fn steps_taken(connection: &Connection) -> Result<Option<usize>, StoreError> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (version, application) = (pragma("user_version")?, pragma("application_id")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 && version == 0 && application == 0 {
        return Ok(None);
    }
    if application != APPLICATION_ID {
        return Err(StoreError::Foreign);
    }
    match usize::try_from(version) {
        Ok(taken) if taken <= MIGRATIONS.len() => Ok(Some(taken)),
        _ => Err(StoreError::TooNew(version, MIGRATIONS.len() as i64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preparing_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert!(matches!(require_current(&connection), Err(StoreError::Foreign)));
        prepare(&mut connection).unwrap();
        let before: i64 = connection.pragma_query_value(None, "schema_version", |row| row.get(0)).unwrap();
        prepare(&mut connection).unwrap();
        require_current(&connection).unwrap();
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        let after: i64 = connection.pragma_query_value(None, "schema_version", |row| row.get(0)).unwrap();
        assert_eq!((version, after), (MIGRATIONS.len() as i64, before));
    }

    #[test]
    fn every_earlier_version_becomes_the_present_one_and_keeps_its_records() {
        let schema = |connection: &Connection| -> Vec<String> {
            let mut statement =
                connection.prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name").unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let mut fresh = Connection::open_in_memory().unwrap();
        prepare(&mut fresh).unwrap();
        for taken in 1..=MIGRATIONS.len() {
            let mut old = Connection::open_in_memory().unwrap();
            for step in &MIGRATIONS[..taken] {
                old.execute_batch(step).unwrap();
            }
            old.pragma_update(None, "user_version", taken as i64).unwrap();
            old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
            old.execute("INSERT INTO projects (id, management_key) VALUES ('P1', 'K2x')", []).unwrap();
            prepare(&mut old).unwrap();
            assert_eq!(schema(&old), schema(&fresh), "from step {taken}");
            let kept: i64 = old.query_row("SELECT count(*) FROM projects", [], |row| row.get(0)).unwrap();
            assert_eq!(kept, 1);
        }
    }

    #[test]
    fn refuses_a_database_of_a_newer_version() {
        let mut connection = Connection::open_in_memory().unwrap();
        prepare(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", MIGRATIONS.len() as i64 + 1).unwrap();
        assert!(matches!(prepare(&mut connection), Err(StoreError::TooNew(..))));
    }

    #[test]
    fn refuses_a_database_of_another_program() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE theirs (a)").unwrap();
        assert!(matches!(prepare(&mut connection), Err(StoreError::Foreign)));
    }
}
