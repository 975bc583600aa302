//! The environment variables with the project, the key and the base URL. The emulator prints them.

use std::env::{self, VarError};

use crate::config::ConfigError;

/// Name of the variable with the base URL. It is optional: without it,
/// requests go to Descope's service in the region of the project.
pub const BASE_URL: &str = "DESCOPE_BASE_URL";
/// Name of the variable with the id of the project.
pub const PROJECT_ID: &str = "DESCOPE_PROJECT_ID";
/// Name of the variable with a management key of the project.
pub const MANAGEMENT_KEY: &str = "DESCOPE_MANAGEMENT_KEY";

/// The value of a variable. An empty variable counts as not set.
pub(crate) fn optional(name: &'static str) -> Result<Option<String>, ConfigError> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        // If it counted as not set, requests would go to another base URL than the intended one.
        Err(VarError::NotUnicode(_)) => Err(ConfigError::UnreadableVariable { name }),
    }
}

/// The value of a required variable.
pub(crate) fn required(name: &'static str, expected: &'static str) -> Result<String, ConfigError> {
    optional(name)?.ok_or(ConfigError::MissingVariable { name, expected })
}
