//! The credentials of a call: the project and its management key.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::config::ConfigError;
use crate::secret::Secret;

/// Length of the part of a project id that is the same everywhere (a KSUID in base62).
const KSUID_LENGTH: usize = 27;

/// Id of a Descope project, such as `P32juVkF2iM8wAGoM8PiLkGi6POV`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProjectId(Arc<str>);

impl ProjectId {
    /// Parses an id as the console shows it.
    ///
    /// # Errors
    ///
    /// If it is empty, or has characters other than ASCII letters, digits, `-` and `_`. It becomes part of a header in
    /// which a colon would end it.
    pub fn new(id: impl Into<String>) -> Result<Self, ConfigError> {
        let id = id.into();
        if id.is_empty() {
            return Err(ConfigError::ProjectId { reason: "is empty" });
        }
        if !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return Err(ConfigError::ProjectId { reason: "has characters other than letters and digits" });
        }
        Ok(Self(id.into()))
    }

    /// The id as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The region of a regional project, such as `euc1`: the part between `P` and the last 27 characters.
    ///
    /// # Source
    ///
    /// Documented by the source code of Descope's own SDKs.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        let prefix = self.0.len().checked_sub(KSUID_LENGTH).and_then(|end| self.0.get(..end))?;
        prefix
            .strip_prefix('P')
            .filter(|region| region.len() >= 4 && region.chars().all(|c| c.is_ascii_alphanumeric()))
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ProjectId {
    type Err = ConfigError;

    fn from_str(id: &str) -> Result<Self, ConfigError> {
        Self::new(id)
    }
}

/// A management key. It gives full access to its project. `Debug` is redacted, and the memory is wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct ManagementKey(Secret);

impl ManagementKey {
    /// Parses a key as the console shows it once.
    ///
    /// # Errors
    ///
    /// If it is empty, or has spaces, control characters or non-ASCII characters, which a header cannot contain. The
    /// usual cause is a line break that was copied with the key.
    pub fn new(key: impl Into<Secret>) -> Result<Self, ConfigError> {
        let key = key.into();
        if key.is_empty() {
            return Err(ConfigError::ManagementKey { reason: "is empty" });
        }
        if !key.expose().chars().all(|c| c.is_ascii_graphic()) {
            return Err(ConfigError::ManagementKey {
                reason: "has spaces, line breaks or non-ASCII characters",
            });
        }
        Ok(Self(key))
    }

    /// The key itself. This is the only way to read it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for ManagementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ManagementKey([redacted])")
    }
}

impl FromStr for ManagementKey {
    type Err = ConfigError;

    fn from_str(key: &str) -> Result<Self, ConfigError> {
        Self::new(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regional_project_id_names_its_region() {
        assert_eq!(ProjectId::new("P32juVkF2iM8wAGoM8PiLkGi6POV").unwrap().region(), None);
        assert_eq!(ProjectId::new("Peuc132juVkF2iM8wAGoM8PiLkGi6PO1").unwrap().region(), Some("euc1"));
        assert_eq!(ProjectId::new("P1").unwrap().region(), None);
    }

    #[test]
    fn refuses_ids_and_keys_that_a_header_cannot_carry() {
        for id in ["", "P1:x", "P 1", "P1\n", "Pé"] {
            assert!(ProjectId::new(id).is_err(), "{id:?}");
        }
        for key in ["", "K 1", "K1\n", "Ké"] {
            assert!(ManagementKey::new(key).is_err(), "{key:?}");
        }
    }

    #[test]
    fn a_refused_key_is_not_quoted() {
        let error = ManagementKey::new("K2-very secret").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("K2"));
    }
}
