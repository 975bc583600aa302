//! A project that is served.

use secrecy::{ExposeSecret, SecretString};

use crate::ids;
use crate::start_error::StartError;
use crate::store::ProjectRow;

/// A project and the key that opens its management API.
#[derive(Debug)]
pub struct Project {
    id: String,
    management_key: SecretString,
}

impl Project {
    /// The longest project id; real ones have 28 characters, a few more with a region.
    const MAX_ID: usize = 64;
    const MAX_KEY: usize = 512;

    /// A project with this id and management key.
    ///
    /// The id may be any 1 to 64 of `A-Z a-z 0-9 _ -`: it stands in URLs and before the colon of the bearer token.
    /// The key may be any 1 to 512 of `A-Z a-z 0-9 . _ ~ + / = : -`: it stands in a header, and in `export` lines that
    /// a shell reads.
    ///
    /// # Errors
    /// [`StartError::ProjectId`] and [`StartError::ManagementKey`]; neither quotes the key.
    pub fn new(id: impl Into<String>, management_key: impl Into<String>) -> Result<Self, StartError> {
        let (id, key) = (id.into(), management_key.into());
        let id_ok = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
        if id.is_empty() || id.len() > Self::MAX_ID || !id.bytes().all(id_ok) {
            return Err(StartError::ProjectId(id.chars().take(80).collect()));
        }
        let key_ok = |b: u8| b.is_ascii_alphanumeric() || b"._~+/=:-".contains(&b);
        if key.is_empty() || key.len() > Self::MAX_KEY || !key.bytes().all(key_ok) {
            return Err(StartError::ManagementKey);
        }
        Ok(Self { id, management_key: key.into() })
    }

    /// A project with a fresh id (`P` and a KSUID) and a fresh key (`K2` and 64 base62 characters).
    ///
    /// # Errors
    /// [`StartError::Randomness`] when the operating system gives none.
    pub fn generate() -> Result<Self, StartError> {
        Self::new(Self::generate_id()?, Self::generate_management_key()?)
    }

    /// A fresh project id, for use with a key that is already known.
    ///
    /// # Errors
    /// [`StartError::Randomness`].
    pub fn generate_id() -> Result<String, StartError> {
        ids::project_id().map_err(|_| StartError::Randomness)
    }

    /// A fresh management key, for use with an id that is already known.
    ///
    /// # Errors
    /// [`StartError::Randomness`].
    pub fn generate_management_key() -> Result<String, StartError> {
        ids::management_key().map_err(|_| StartError::Randomness)
    }

    /// The project id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The management key in the clear. Whoever calls this answers for where it goes.
    pub fn expose_management_key(&self) -> &str {
        self.management_key.expose_secret()
    }

    pub(crate) fn to_row(&self) -> ProjectRow {
        ProjectRow { id: self.id.clone(), management_key: self.management_key.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_debug_nor_errors_show_the_management_key() {
        let project = Project::new("P1", "K2hunter2").unwrap();
        assert!(!format!("{project:?}").contains("hunter2"));
        let refused = Project::new("P1", "K2 hunter2").unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("hunter2"));
    }

    #[test]
    fn generated_projects_have_the_real_shape() {
        let project = Project::generate().unwrap();
        assert_eq!((project.id().len(), &project.id()[..1]), (28, "P"));
        assert!(project.expose_management_key().starts_with("K2"));
    }

    #[test]
    fn refuses_ids_that_would_break_urls_or_the_bearer_token() {
        for id in ["", "a:b", "a/b", "ä", "a b", &"P".repeat(65)] {
            assert!(Project::new(id, "K2x").is_err(), "{id}");
        }
    }
}
