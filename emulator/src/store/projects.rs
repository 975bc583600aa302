//! Projects in the database, with the management keys that open their API.

use rusqlite::params;
use secrecy::{ExposeSecret, SecretString};

use super::{Records, StoreError};

/// A stored project.
#[derive(Clone, Debug)]
pub(crate) struct ProjectRow {
    pub(crate) id: String,
    pub(crate) management_key: SecretString,
}

impl Records<'_> {
    /// Adds the project, or gives one that is there this management key.
    pub(crate) fn put_project(&self, project: &ProjectRow) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO projects (id, management_key) VALUES (?1, ?2)
                 ON CONFLICT (id) DO UPDATE SET management_key = excluded.management_key",
            )?
            .execute(params![project.id, project.management_key.expose_secret()])?;
        Ok(())
    }

    /// All projects, oldest first.
    pub(crate) fn projects(&self) -> Result<Vec<ProjectRow>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT id, management_key FROM projects ORDER BY key")?;
        let mut rows = statement.query([])?;
        let mut projects = Vec::new();
        while let Some(row) = rows.next()? {
            projects.push(ProjectRow { id: row.get(0)?, management_key: row.get::<_, String>(1)?.into() });
        }
        Ok(projects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Database;

    #[test]
    fn a_project_keeps_its_place_and_takes_a_new_management_key() {
        let mut database = Database::in_memory().unwrap();
        let put =
            |id: &str, key: &str| ProjectRow { id: id.to_owned(), management_key: key.to_owned().into() };
        database
            .write(|records| {
                records.put_project(&put("P2", "K2a"))?;
                records.put_project(&put("P1", "K2b"))?;
                records.put_project(&put("P2", "K2c"))?;
                let all = records.projects()?;
                assert_eq!(all.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["P2", "P1"]);
                assert_eq!(all[0].management_key.expose_secret(), "K2c");
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    #[test]
    fn debug_does_not_show_the_management_key() {
        let project = ProjectRow { id: String::from("P1"), management_key: String::from("K2hunter2").into() };
        assert!(!format!("{project:?}").contains("hunter2"));
    }
}
