//! The environment variables that say which project to manage, and where. They are those that the emulator prints.

use std::env::{self, VarError};

use crate::config::ConfigError;

/// Name of the variable with the base URL. It may be missing: requests then go to the service, in the region of the project.
pub const BASE_URL: &str = "DESCOPE_BASE_URL";
/// Name of the variable with the id of the project.
pub const PROJECT_ID: &str = "DESCOPE_PROJECT_ID";
/// Name of the variable with a management key of the project.
pub const MANAGEMENT_KEY: &str = "DESCOPE_MANAGEMENT_KEY";

/// The value of a variable; an empty one counts as not set.
pub(crate) fn optional(name: &'static str) -> Result<Option<String>, ConfigError> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        // Taken for missing, it would send requests to another address than the one that was meant.
        Err(VarError::NotUnicode(_)) => Err(ConfigError::UnreadableVariable { name }),
    }
}

/// The value of a variable that must be set.
pub(crate) fn required(name: &'static str, expected: &'static str) -> Result<String, ConfigError> {
    optional(name)?.ok_or(ConfigError::MissingVariable { name, expected })
}
