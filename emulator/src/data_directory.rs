//! The folder in which an emulator keeps everything (`--data DIR`), and the check of one.

use std::path::Path;

use descope_mcp_openapi::{Document, Violation};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use crate::project::Project;
use crate::start_error::StartError;
use crate::store::{self, ClientRow, Database, Judge, ServerRow, StoreError};

/// An open data directory. No other process can open it until this one has ended or dropped it.
///
/// It holds one SQLite database and its log. What was answered to a client is on the disk: it is there again after
/// the process was killed at any moment, and after a loss of power as far as the disk keeps what it acknowledged.
#[derive(Debug)]
pub struct DataDirectory {
    pub(crate) database: Database,
}

impl DataDirectory {
    /// Opens the directory, makes it if it is not there (for its owner only, since it holds secrets), and brings its
    /// database up to the present version.
    ///
    /// # Errors
    /// [`StartError::Data`]: in use by another process (which is named), not to be created or read, of a newer version
    /// or of another program.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StartError> {
        Ok(Self { database: Database::open(path.as_ref())? })
    }

    /// The projects that it holds, with their management keys, the oldest first.
    ///
    /// # Errors
    /// [`StartError::Data`] if they cannot be read.
    pub fn projects(&mut self) -> Result<Vec<Project>, StartError> {
        let rows = self.database.write(|records| records.projects())?;
        rows.into_iter().map(|row| Project::new(row.id, row.management_key.expose_secret())).collect()
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Data(error.to_string())
    }
}

/// What is wrong with a data directory, a line each and at most about a hundred; nothing if it is sound. It changes
/// nothing, except that SQLite finishes or discards what a killed process left in its log.
///
/// It looks at the database file (SQLite's integrity check), references between records, whether every stored body is
/// JSON that fits the OpenAPI document, and whether the indexes of searches agree with the records.
///
/// # Errors
/// [`StartError::Data`] if the directory cannot be looked at: it is not there, in use, or of another version.
pub fn check(path: impl AsRef<Path>) -> Result<Vec<String>, StartError> {
    Ok(store::check(path.as_ref(), &AgainstDocument(Document::management()))?)
}

/// Stored records have to be such as the document says that loading answers them.
struct AgainstDocument(&'static Document);

impl Judge for AgainstDocument {
    fn server(&self, server: &ServerRow) -> Vec<String> {
        if server.body.get("name").and_then(Value::as_str).is_none_or(str::is_empty) {
            return vec![String::from("it has no name")];
        }
        let record = with(&server.body, &[("id", &server.id)]);
        lines(self.0.validate_response("LoadMcpServer", 200, &json!({"server": record})))
    }

    fn client(&self, server: &str, client: &ClientRow) -> Vec<String> {
        let record = with(
            &client.body,
            &[
                ("id", &client.id),
                ("clientId", &client.client_id),
                ("mcpServerId", server),
                ("registrationType", &client.registration_type),
                ("status", &client.status),
            ],
        );
        lines(self.0.validate_response("LoadMcpServerClient", 200, &json!({"client": record})))
    }
}

fn with(body: &Map<String, Value>, columns: &[(&str, &str)]) -> Value {
    let mut record = body.clone();
    for (member, value) in columns {
        record.insert((*member).to_owned(), Value::from(*value));
    }
    Value::Object(record)
}

fn lines(violations: Vec<Violation>) -> Vec<String> {
    violations.into_iter().map(|violation| violation.message).collect()
}
