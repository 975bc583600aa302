//! How an emulator comes about: from its settings to the state that handlers share and the routers over it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use descope_mcp_openapi::Document;

use crate::app::{App, ProjectState};
use crate::client_metadata::Registration;
use crate::clock::Clock;
use crate::config::Config;
use crate::exchanges::ExchangeLog;
use crate::limits::Limiter;
use crate::project::Project;
use crate::record_store::RecordStore;
use crate::records::Forms;
use crate::retired_secrets::RetiredSecrets;
use crate::router::router;
use crate::seed::Seed;
use crate::signing_keys::KeyRing;
use crate::start_error::StartError;
use crate::store::{Database, ProjectRow, Store, StoreError};
use crate::variants::ServerDeleteClients;
use crate::{adversity, control};

/// The emulator as a router, for a listener ([`crate::serve`]) or to be called in memory.
///
/// Its records live as long as the router and its clones.
///
/// # Errors
/// [`StartError`] for settings that make no sense together, and when the store cannot be opened.
pub fn app(config: Config) -> Result<Router, StartError> {
    Ok(router(state(config)?))
}

/// The emulator and its control listener, as two routers over one state. The second must be served on a loopback
/// address only: whoever reaches it sees every record and can switch faults on.
///
/// # Errors
/// As [`app`].
pub fn app_with_control(config: Config) -> Result<(Router, Router), StartError> {
    let state = state(Config { controlled: true, ..config })?;
    Ok((router(Arc::clone(&state)), control::router(state)))
}

pub(crate) fn state(config: Config) -> Result<Arc<App>, StartError> {
    let cannot_open = |error: StoreError| StartError::Store(error.into());
    let mut database = match config.data {
        Some(directory) => directory.database,
        None => Database::in_memory().map_err(cannot_open)?,
    };
    let projects = put_projects(&mut database, config.projects, config.seed.as_ref())?;
    if config.registration.allow_loopback_documents && !config.public_url.is_loopback() {
        return Err(StartError::LoopbackDocuments(config.public_url.to_string()));
    }
    let registration = Registration::new(config.registration)?;
    let store = Store::start(database, config.writes_per_commit).map_err(cannot_open)?;
    let (document, clock) = (Document::management(), Arc::new(Clock::default()));
    let ids: HashSet<_> = projects.iter().map(|row| row.id.clone()).collect();
    let project_state = |row: ProjectRow| {
        let keys = KeyRing::new(row.id.clone(), store.clone(), Arc::clone(&clock));
        (row.id.clone(), ProjectState { id: row.id, management_key: row.management_key, keys })
    };
    let mut app = App {
        records: RecordStore::new(store.clone()),
        public_url: config.public_url,
        document,
        forms: Forms::read(document),
        retired_secrets: RetiredSecrets::default(),
        registration,
        authorization: config.authorization,
        // Where it cannot be switched on there is nothing to ask, request by request.
        adversity: (config.controlled || config.adversity.is_some())
            .then(|| Arc::new(adversity::Switch::new(config.adversity))),
        limiter: config
            .rate_limit
            .map(|limit| Arc::new(Limiter::new(limit, config.variants.clone(), ids.clone()))),
        exchanges: config.controlled.then(Arc::<ExchangeLog>::default),
        projects: projects.into_iter().map(project_state).collect(),
        variants: config.variants,
        clock,
    };
    if let Some(seed) = config.seed {
        seed.apply(&app, &store)?;
    }
    match app.variants.search_lag_ms() {
        0 => {}
        lag_ms => {
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            let keep_clients = app.variants.server_delete_clients() == ServerDeleteClients::Keep;
            let lag = Duration::from_millis(lag_ms.into());
            app.records.lag(&ids, lag, keep_clients).map_err(cannot_open)?;
        }
    }
    Ok(Arc::new(app))
}

/// Stores the projects, those of the seed unless they are there, and gives all that are there now.
fn put_projects(
    database: &mut Database,
    given: Vec<Project>,
    seed: Option<&Seed>,
) -> Result<Vec<ProjectRow>, StartError> {
    let mut ids = HashSet::new();
    if let Some(twice) = given.iter().find(|project| !ids.insert(project.id())) {
        return Err(StartError::DuplicateProject(twice.id().to_owned()));
    }
    let rows = database.write::<_, StoreError>(|records| {
        for project in &given {
            records.put_project(&project.to_row())?;
        }
        for project in seed.into_iter().flat_map(Seed::projects) {
            if !records.projects()?.iter().any(|row| row.id == project.id()) {
                records.put_project(&project.to_row())?;
            }
        }
        records.projects()
    })?;
    if rows.is_empty() {
        return Err(StartError::NoProject);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use super::*;
    use crate::testing::Harness;

    fn config(projects: Vec<Project>) -> Config {
        Config::new("http://127.0.0.1:1".parse().unwrap(), projects)
    }

    #[test]
    fn refuses_to_start_without_projects_or_with_one_twice() {
        assert!(matches!(app(config(vec![])), Err(StartError::NoProject)));
        let twice = || Project::new("P1", "K2x").unwrap();
        assert!(matches!(app(config(vec![twice(), twice()])), Err(StartError::DuplicateProject(_))));
    }

    #[test]
    fn nothing_stands_between_a_request_and_its_route_that_was_not_asked_for() {
        let project = || vec![Project::new("P1", "K2x").unwrap()];
        let plain = state(config(project())).unwrap();
        assert!(plain.adversity.is_none() && plain.limiter.is_none() && plain.exchanges.is_none());
        let limited = state(config(project()).with_rate_limit("1/1".parse().unwrap())).unwrap();
        assert!(limited.adversity.is_none() && limited.limiter.is_some() && limited.exchanges.is_none());
    }

    #[tokio::test]
    async fn projects_do_not_see_each_other() {
        let emulator = Harness::new();
        let made = emulator.post("/v1/mgmt/mcp/server/create", &json!({"name": "mine"})).await;
        let id = made.body["server"]["id"].clone();
        let other = emulator.other_project();
        let load = json!({ "id": id });
        assert_eq!(
            emulator.post_with(Some(&other), "/v1/mgmt/mcp/server/load", &load).await.status,
            StatusCode::NOT_FOUND
        );
        let delete = json!({ "ids": [id] });
        assert_eq!(
            emulator.post_with(Some(&other), "/v1/mgmt/mcp/servers/delete", &delete).await.status,
            StatusCode::OK
        );
        let all = emulator.post_with(Some(&other), "/v1/mgmt/mcp/servers/all", &json!({})).await;
        assert_eq!(all.body, json!({"servers": [], "total": 0}));
        assert_eq!(emulator.post("/v1/mgmt/mcp/server/load", &load).await.status, StatusCode::OK);
    }
}
