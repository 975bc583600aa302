//! What a job wrote, for those who keep something that follows the records.

use std::cell::RefCell;

use super::{Records, StoreError};

/// A record that was written or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Server { project: String, id: String },
    Client { project: String, server: String, id: String },
}

impl Records<'_> {
    /// Runs `job` and gives, beside its result, which servers and clients it wrote or deleted, in this order. Clients
    /// that a server takes along are not named.
    pub(crate) fn noting<T, E>(
        &self,
        job: impl FnOnce(&Records<'_>) -> Result<T, E>,
    ) -> Result<(T, Vec<Written>), E> {
        let records =
            Records { connection: self.connection, aids: self.aids, written: Some(RefCell::default()) };
        let done = job(&records)?;
        Ok((done, records.written.map(RefCell::into_inner).unwrap_or_default()))
    }

    pub(super) fn note_server(&self, project: &str, id: &str) {
        if let Some(written) = &self.written {
            written.borrow_mut().push(Written::Server { project: project.to_owned(), id: id.to_owned() });
        }
    }

    pub(super) fn note_client(&self, project: &str, server: &str, id: &str) {
        if let Some(written) = &self.written {
            let (project, server, id) = (project.to_owned(), server.to_owned(), id.to_owned());
            written.borrow_mut().push(Written::Client { project, server, id });
        }
    }

    /// Notes every server of the project, before all of them are deleted.
    pub(super) fn note_servers(&self, project: &str) -> Result<(), StoreError> {
        if self.written.is_some() {
            for server in self.servers(project)? {
                self.note_server(project, &server.id);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::store::{ClientRow, Database, NewClient, ServerRow};

    fn server(id: &str) -> ServerRow {
        ServerRow { id: id.to_owned(), body: Map::new() }
    }

    fn client(number: usize) -> NewClient {
        NewClient { row: ClientRow::named(number, "c"), secret: None }
    }

    fn noted(job: impl FnOnce(&Records<'_>) -> Result<(), StoreError>) -> Vec<String> {
        let mut database = Database::in_memory().unwrap();
        let written = database.write(|records| {
            records.insert_server("P", &server("MS1"))?;
            records.insert_server("P", &server("MS2"))?;
            records.insert_client("P", "MS1", &client(1))?;
            records.insert_registration("P", "MS1", &client(2), &Map::new(), 1)?;
            Ok::<_, StoreError>(records.noting(job)?.1)
        });
        let shown = |written| match written {
            Written::Server { project, id } => format!("{project} {id}"),
            Written::Client { project, server, id } => format!("{project} {server} {id}"),
        };
        written.unwrap().into_iter().map(shown).collect()
    }

    #[test]
    fn every_write_of_a_server_or_a_client_is_noted() {
        let all = noted(|records| {
            records.insert_server("P", &server("MS3"))?;
            records.replace_server("P", &server("MS1"))?;
            records.insert_client("P", "MS1", &client(3))?;
            records.replace_client("P", "MS1", &client(3).row)?;
            records.delete_client("P", "MS1", "TPA1")?;
            records.insert_registration("P", "MS2", &client(4), &Map::new(), 1)?;
            records.replace_registration("P", "MS2", &client(4).row, &Map::new())?;
            records.forget_unused_registrations("P", "MS1", 2, 9)?;
            records.delete_server("P", "MS3", false)?;
            records.delete_server("P", "MS2", true)?;
            Ok(())
        });
        let expected = [
            "P MS3",
            "P MS1",
            "P MS1 TPA3",
            "P MS1 TPA3",
            "P MS1 TPA1",
            "P MS2 TPA4",
            "P MS2 TPA4",
            "P MS1 TPA2",
            "P MS3",
            "P MS2",
        ];
        assert_eq!(all, expected);
        assert_eq!(noted(|records| records.clear("P")), ["P MS1", "P MS2"]);
    }

    #[test]
    fn what_changes_nothing_is_not_noted() {
        let none = noted(|records| {
            records.servers("P")?;
            records.replace_server("P", &server("MS9"))?;
            records.delete_server("P", "MS9", false)?;
            records.insert_client("P", "MS9", &client(9))?;
            records.replace_client("P", "MS1", &client(9).row)?;
            records.delete_client("P", "MS1", "TPA9")?;
            records.mark_registration_used("P", "MS1", "TPA2", 5)
        });
        assert!(none.is_empty(), "{none:?}");
    }
}
