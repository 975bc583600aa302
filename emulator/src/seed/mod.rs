//! Records to begin with (`--seed-file FILE`). `SEED-FILE.md` beside the crate describes the format.
//!
//! A seed says the ids of everything, so that loading it again changes nothing: what is there already stays as it is.
//! Servers and clients are judged as if the management API had received them, and either all of a seed is stored or
//! nothing.

mod file;

use std::path::Path;

use secrecy::SecretString;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::ids;
use crate::problem::Problem;
use crate::project::Project;
use crate::records::server;
use crate::records::server_client::{self, Registered};
use crate::start_error::StartError;
use crate::store::{ClientRow, NewClient, Records, ServerRow, Store};

/// The contents of a seed file.
#[derive(Debug)]
pub struct Seed {
    pub(crate) projects: Vec<SeedProject>,
}

#[derive(Debug)]
pub(crate) struct SeedProject {
    pub(crate) project: Project,
    servers: Vec<SeedServer>,
}

#[derive(Debug)]
struct SeedServer {
    /// Where it stands in the file.
    pointer: String,
    id: String,
    members: Map<String, Value>,
    clients: Vec<SeedClient>,
}

#[derive(Debug)]
struct SeedClient {
    pointer: String,
    id: String,
    client_id: Option<String>,
    registration_type: Option<String>,
    status: Option<String>,
    secret: SeedSecret,
    members: Map<String, Value>,
}

#[derive(Debug)]
enum SeedSecret {
    Given(SecretString),
    Fresh,
    /// A public client.
    Without,
}

impl Seed {
    /// Reads a seed file.
    ///
    /// # Errors
    /// [`StartError::Seed`] with the JSON pointer of the fault and what to put there; never with a secret.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, StartError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path)
            .map_err(|error| StartError::Seed(format!("cannot read {}: {error}", path.display())))?;
        Self::parse(&text).map_err(|error| match error {
            StartError::Seed(fault) => StartError::Seed(format!("{}: {fault}", path.display())),
            other => other,
        })
    }

    /// Reads the text of a seed file.
    ///
    /// # Errors
    /// As [`Seed::read`].
    pub fn parse(text: &str) -> Result<Self, StartError> {
        Ok(Self { projects: file::read(text).map_err(StartError::Seed)? })
    }

    /// The projects and their keys, in the order of the file.
    pub fn projects(&self) -> impl Iterator<Item = &Project> {
        self.projects.iter().map(|seeded| &seeded.project)
    }

    /// Stores what is not there yet.
    pub(crate) fn apply(self, app: &App, store: &Store) -> Result<(), StartError> {
        let mut servers = Vec::new();
        for seeded in self.projects {
            for server in seeded.servers {
                servers.push(server.accept(app, seeded.project.id())?);
            }
        }
        store.write_now(move |records| servers.into_iter().try_for_each(|server| server.store(records)))
    }
}

/// A server that fits, with its clients.
struct Accepted {
    project: String,
    row: ServerRow,
    clients: Vec<(String, NewClient)>,
}

impl SeedServer {
    fn accept(self, app: &App, project: &str) -> Result<Accepted, StartError> {
        let state = app.project(project).ok_or(StartError::NoProject)?;
        fits(app, "CreateMcpServer", &self.pointer, Value::Object(self.members.clone()))?;
        let body = server::accept(app.rules(), &state.id, self.members, "")
            .map_err(|problem| refused(&self.pointer, &problem))?;
        let mut clients = Vec::new();
        for client in self.clients {
            clients.push((client.pointer.clone(), client.accept(app, project, &self.id)?));
        }
        Ok(Accepted { project: project.to_owned(), row: ServerRow { id: self.id, body }, clients })
    }
}

impl SeedClient {
    fn accept(self, app: &App, project: &str, server: &str) -> Result<NewClient, StartError> {
        let mut sent = self.members.clone();
        sent.insert(String::from("mcpServerId"), json!(server));
        fits(app, "CreateMcpServerClient", &self.pointer, Value::Object(sent))?;
        let body = server_client::accept(app.rules(), self.members)
            .map_err(|problem| refused(&self.pointer, &problem))?;
        let variants = &app.variants;
        let secret = match self.secret {
            SeedSecret::Given(secret) => Some(secret),
            SeedSecret::Fresh => Some(ids::client_secret().map_err(|_| StartError::Randomness)?),
            SeedSecret::Without => None,
        };
        let client_id = self
            .client_id
            .unwrap_or_else(|| ids::oauth_client_id(project, &self.id, variants.client_id_form()));
        let row = ClientRow {
            id: self.id,
            client_id,
            registration_type: self
                .registration_type
                .unwrap_or_else(|| Registered::ByHand.word(variants).to_owned()),
            status: self.status.unwrap_or_else(|| server_client::status_of_new(variants).to_owned()),
            body,
        };
        Ok(NewClient { row, secret })
    }
}

impl Accepted {
    fn store(self, records: &Records<'_>) -> Result<(), StartError> {
        let (project, server) = (&self.project, &self.row.id);
        if !records.has_server(project, server)? {
            records.insert_server(project, &self.row)?;
        }
        for (pointer, new) in self.clients {
            if records.client(project, server, &new.row.id)?.is_some() {
                continue;
            }
            if records.client_by_client_id(project, server, &new.row.client_id)?.is_some() {
                return Err(StartError::Seed(format!(
                    "{pointer}/clientId: another client of the server has it; give it one of its own"
                )));
            }
            // A server that was deleted while its clients stayed takes no new ones.
            records.insert_client(project, server, &new)?;
        }
        Ok(())
    }
}

fn fits(app: &App, operation: &str, pointer: &str, body: Value) -> Result<(), StartError> {
    match app.document.validate_request(operation, &body).first() {
        None => Ok(()),
        Some(violation) => {
            Err(StartError::Seed(format!("{pointer}{}: {}", violation.pointer, violation.message)))
        }
    }
}

fn refused(pointer: &str, problem: &Problem) -> StartError {
    StartError::Seed(format!("{pointer}: {}", problem.message()))
}

#[cfg(test)]
mod tests;
