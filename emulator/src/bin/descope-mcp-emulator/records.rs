//! What there is before the first request: the data directory, the seed file, and the project to print.

use std::path::Path;

use descope_mcp_emulator::{DataDirectory, Project, Seed, StartError};
use secrecy::{ExposeSecret, SecretString};

/// What there is to begin with.
#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) data: Option<DataDirectory>,
    pub(crate) seed: Option<Seed>,
    /// Ids and keys: of the seed in its order, then of the directory, whose key counts if both know a project.
    pub(crate) projects: Vec<(String, SecretString)>,
}

pub(crate) fn stored(data: Option<&Path>, seed: Option<&Path>) -> Result<Stored, StartError> {
    let seed = seed.map(Seed::read).transpose()?;
    let mut data = data.map(DataDirectory::open).transpose()?;
    let kept = data.as_mut().map(DataDirectory::projects).transpose()?.unwrap_or_default();
    let mut projects: Vec<(String, SecretString)> = Vec::new();
    for project in seed.iter().flat_map(Seed::projects).chain(&kept) {
        let key = SecretString::from(project.expose_management_key());
        match projects.iter_mut().find(|(id, _)| id == project.id()) {
            Some((_, known)) => *known = key,
            None => projects.push((project.id().to_owned(), key)),
        }
    }
    Ok(Stored { data, seed, projects })
}

/// The project to print: as the flags say, else the first one there is, else a fresh one.
pub(crate) fn printed_project(
    id: Option<String>,
    key: Option<String>,
    known: &[(String, SecretString)],
) -> Result<Project, StartError> {
    let found = match &id {
        Some(id) => known.iter().find(|(known, _)| known == id),
        None => known.first(),
    };
    let id = match (id, found) {
        (Some(id), _) => id,
        (None, Some((id, _))) => id.clone(),
        (None, None) => Project::generate_id()?,
    };
    let key = match (key, found) {
        (Some(key), _) => key,
        (None, Some((_, key))) => key.expose_secret().to_owned(),
        (None, None) => Project::generate_management_key()?,
    };
    Project::new(id, key)
}
