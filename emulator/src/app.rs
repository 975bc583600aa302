//! What all handlers share, and how it comes about.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use descope_mcp_openapi::Document;
use secrecy::SecretString;

use crate::adversity;
use crate::authorization::{AuthorizationSettings, KeyRing};
use crate::clock::Clock;
use crate::config::Config;
use crate::control::{self, ExchangeLog};
use crate::late_view::LateView;
use crate::limits::Limiter;
use crate::problem::Problem;
use crate::project::Project;
use crate::public_url::PublicUrl;
use crate::records::Forms;
use crate::registration::Registration;
use crate::retired_secrets::RetiredSecrets;
use crate::router::router;
use crate::seed::Seed;
use crate::start_error::StartError;
use crate::store::{Database, ProjectRow, Store, StoreError};
use crate::variants::{ServerDeleteClients, Variants};

/// What every handler can reach.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) public_url: PublicUrl,
    pub(crate) document: &'static Document,
    pub(crate) forms: Forms,
    pub(crate) retired_secrets: RetiredSecrets,
    pub(crate) registration: Registration,
    pub(crate) authorization: AuthorizationSettings,
    /// The time that grants and tokens live by.
    pub(crate) clock: Clock,
    variants: Variants,
    late_view: Option<LateView>,
    /// `None` if there can be no adversity.
    adversity: Option<adversity::Switch>,
    limiter: Option<Limiter>,
    exchanges: Option<ExchangeLog>,
    projects: HashMap<String, ProjectState>,
}

/// A project while it is served.
pub(crate) struct ProjectState {
    pub(crate) id: String,
    pub(crate) management_key: SecretString,
    pub(crate) keys: KeyRing,
}

impl App {
    pub(crate) fn project(&self, id: &str) -> Option<&ProjectState> {
        self.projects.get(id)
    }

    /// All projects, in no order.
    pub(crate) fn projects(&self) -> impl Iterator<Item = &ProjectState> {
        self.projects.values()
    }

    /// The switch of faults, if there is one.
    pub(crate) fn adversity(&self) -> Option<&adversity::Switch> {
        self.adversity.as_ref()
    }

    /// The rate limit, if there is one.
    pub(crate) fn limiter(&self) -> Option<&Limiter> {
        self.limiter.as_ref()
    }

    /// Where exchanges are written down, if they are.
    pub(crate) fn exchanges(&self) -> Option<&ExchangeLog> {
        self.exchanges.as_ref()
    }

    /// What searches and lists see, if that is not what is stored now.
    pub(crate) fn late_view(&self) -> Option<&LateView> {
        self.late_view.as_ref()
    }

    /// To be called after every write of a server or its deletion.
    pub(crate) async fn server_changed(&self, project: &str, id: &str) -> Result<(), Problem> {
        match &self.late_view {
            Some(view) => Ok(view.server_changed(&self.store, project, id).await?),
            None => Ok(()),
        }
    }

    /// To be called after every write of a client or its deletion.
    pub(crate) async fn client_changed(&self, project: &str, server: &str, id: &str) -> Result<(), Problem> {
        match &self.late_view {
            Some(view) => Ok(view.client_changed(&self.store, project, server, id).await?),
            None => Ok(()),
        }
    }

    /// How open questions are answered.
    pub(crate) fn variants(&self) -> &Variants {
        &self.variants
    }
}

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
    let mut database = match config.data {
        Some(directory) => directory.database,
        None => Database::in_memory().map_err(|error| StartError::Store(error.into()))?,
    };
    let projects = put_projects(&mut database, config.projects, config.seed.as_ref())?;
    if config.registration.allow_loopback_documents && !config.public_url.is_loopback() {
        return Err(StartError::LoopbackDocuments(config.public_url.to_string()));
    }
    let registration = Registration::new(config.registration)?;
    let store =
        Store::start(database, config.writes_per_commit).map_err(|error| StartError::Store(error.into()))?;
    let variants = config.variants;
    let document = Document::management();
    let forms = Forms::read(document);
    let mut app = App {
        store,
        public_url: config.public_url,
        document,
        forms,
        retired_secrets: RetiredSecrets::default(),
        registration,
        authorization: config.authorization,
        clock: Clock::default(),
        variants,
        late_view: None,
        // Where it cannot be switched on there is nothing to ask, request by request.
        adversity: (config.controlled || config.adversity.is_some())
            .then(|| adversity::Switch::new(config.adversity)),
        limiter: config.rate_limit.map(Limiter::new),
        exchanges: config.controlled.then(ExchangeLog::default),
        projects,
    };
    if let Some(seed) = config.seed {
        seed.apply(&app)?;
    }
    app.late_view = match app.variants.search_lag_ms() {
        0 => None,
        lag_ms => {
            let ids: Vec<_> = app.projects.keys().map(String::as_str).collect();
            let keep_clients = app.variants.server_delete_clients() == ServerDeleteClients::Keep;
            let view = LateView::of(&app.store, &ids, Duration::from_millis(lag_ms.into()), keep_clients);
            Some(view.map_err(|error| StartError::Store(error.into()))?)
        }
    };
    Ok(Arc::new(app))
}

/// Stores the projects, those of the seed unless they are there, and gives all that are there now.
fn put_projects(
    database: &mut Database,
    given: Vec<Project>,
    seed: Option<&Seed>,
) -> Result<HashMap<String, ProjectState>, StartError> {
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
    let state = |row: ProjectRow| {
        let state =
            ProjectState { id: row.id.clone(), management_key: row.management_key, keys: KeyRing::default() };
        (row.id, state)
    };
    Ok(rows.into_iter().map(state).collect())
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
        assert!(plain.adversity().is_none() && plain.limiter().is_none() && plain.exchanges().is_none());
        let limited = state(config(project()).with_rate_limit("1/1".parse().unwrap())).unwrap();
        assert!(
            limited.adversity().is_none() && limited.limiter().is_some() && limited.exchanges().is_none()
        );
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
