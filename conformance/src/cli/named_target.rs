//! The target of `--target`, and the right to call it: the project and the key of the environment.

use std::env::{self, VarError};
use std::path::Path;

use descope_mcp_management::ManagementKey;
use descope_mcp_management::environment::{MANAGEMENT_KEY, PROJECT_ID};
use descope_mcp_program::Failure;
use reqwest::Certificate;
use url::Url;

use super::{Arguments, exit_code, unusable};
use crate::wire::target::{Target, is_loopback, parse_url};

impl Arguments {
    /// The target at a URL, with the project and key of the environment.
    pub(super) fn named_target(&self, url: &str) -> Result<Target, Failure> {
        let target = named_target(url, self.project.as_deref(), self.as_remote)?;
        match &self.ca {
            Some(path) => Ok(Target { authorities: authorities(path)?, ..target }),
            None => Ok(target),
        }
    }
}

/// The target at a URL, with the project and key of the environment. `project` is the project that is named besides: it must
/// be the one of the environment if there is one, and must be named if the target is not on this machine.
///
/// # Errors
/// In words, if the URL is none, a credential is missing or malformed, or the project is not confirmed.
pub fn target_of_environment(url: &str, project: Option<&str>) -> Result<Target, String> {
    named_target(url, project, false).map_err(|failure| failure.message().to_owned())
}

fn named_target(url: &str, named: Option<&str>, as_remote: bool) -> Result<Target, Failure> {
    let base_url = parse_url(url).map_err(|error| {
        let failure = Failure::new(exit_code::BAD_TARGET, error);
        match with_scheme(url) {
            Some(meant) => failure.hint(format!("is --target {meant} meant?")),
            None => failure,
        }
    })?;
    let of_environment = variable(PROJECT_ID)?;
    let project_id = match (named, of_environment.as_deref()) {
        (Some(named), Some(other)) if named != other => {
            let what = format!("--project {named} contradicts {PROJECT_ID}={other}");
            return Err(bad(what).hint(format!(
                "{MANAGEMENT_KEY} belongs to one project: name that one in both places, or unset {PROJECT_ID}"
            )));
        }
        (Some(named), _) => Some(named.to_owned()),
        (None, of_environment) => of_environment.map(str::to_owned),
    };
    let (project_id, management_key) = match (project_id, variable(MANAGEMENT_KEY)?) {
        (Some(project_id), Some(key)) => (project_id, key),
        (project_id, key) => return Err(missing(project_id.as_deref(), key.is_some())),
    };
    let place = if named.is_some() { "--project" } else { PROJECT_ID };
    let project_id = project_id.parse().map_err(|error| bad(format!("{place}: {error}")))?;
    let management_key =
        ManagementKey::new(management_key).map_err(|error| bad(format!("{MANAGEMENT_KEY}: {error}")))?;
    let target =
        Target { name: base_url.to_string(), base_url, project_id, management_key, authorities: Vec::new() };
    let is_local = is_loopback(&target.base_url) && !as_remote;
    if !is_local && named.is_none() {
        let (url, project_id) = (&target.base_url, target.project_id.as_str());
        let what = format!("{url} is not on this machine, and the run creates and deletes records there");
        return Err(bad(what).hint(format!("confirm with --project {project_id}")));
    }
    Ok(target)
}

fn bad(reason: String) -> Failure {
    Failure::new(exit_code::BAD_CREDENTIALS, reason)
}

/// The value of a variable. An empty one counts as not set.
fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(bad(format!("{name} is no text in UTF-8"))),
    }
}

/// What is said where the project, the key or both are not set.
fn missing(project_id: Option<&str>, has_key: bool) -> Failure {
    let key = format!("{MANAGEMENT_KEY}=… gives a management key");
    let (what, cure) = match (project_id, has_key) {
        (Some(project), _) => (format!("{MANAGEMENT_KEY} is not set"), format!("{key} of project {project}")),
        (None, true) => (
            format!("{PROJECT_ID} is not set"),
            format!("{PROJECT_ID}=… or --project … gives the project of the key"),
        ),
        (None, false) => (
            format!("{PROJECT_ID} and {MANAGEMENT_KEY} are not set"),
            format!("{PROJECT_ID}=… gives the id of a project, {key} of it"),
        ),
    };
    bad(what).hint(format!("{cure}; a shell passes on variables that are exported"))
}

/// The URL that a text without a scheme may mean: `http` on this machine, else `https`.
fn with_scheme(text: &str) -> Option<Url> {
    let has_scheme = text.contains("://") || text.starts_with("http:") || text.starts_with("https:");
    let meant = ["http", "https"].into_iter().filter(|_| !has_scheme);
    meant.filter_map(|scheme| parse_url(&format!("{scheme}://{text}")).ok()).next()
}

/// The certificates in a PEM file.
fn authorities(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let unusable = |error: &dyn std::fmt::Display| unusable("file of certificates", path, error);
    let text = std::fs::read(path).map_err(|error| unusable(&error))?;
    let found = Certificate::from_pem_bundle(&text).map_err(|error| unusable(&error))?;
    match found.is_empty() {
        true => Err(unusable(&"it has no `-----BEGIN CERTIFICATE-----`")),
        false => Ok(found),
    }
}
