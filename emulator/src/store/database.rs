//! Where the database is: in memory, or in a data directory that one process at a time may open.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{Records, StoreError, changes, schema};

/// The database within a data directory. SQLite puts its log (`-wal`, `-shm`) beside it.
const FILE: &str = "emulator.sqlite";
/// Held by the process that has the directory open; the operating system lets go of it when the process ends, however
/// it ends. It holds the process id, for the message to the second one.
const LOCK: &str = "lock";
/// Prepared statements kept per connection; more than this folder has.
const STATEMENTS: usize = 128;
/// Only this program opens the file, and readers and the writer do not wait for each other; but SQLite itself may
/// lock for a moment when it folds the log into the database.
const BUSY: Duration = Duration::from_secs(10);

/// An open database, before its threads start.
pub(crate) struct Database {
    pub(super) connection: Connection,
    pub(super) directory: Option<Directory>,
}

/// A data directory that this process holds.
pub(super) struct Directory {
    path: PathBuf,
    /// Locked as long as this lives.
    _lock: File,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.directory.as_ref().map(|directory| &directory.path);
        f.debug_struct("Database").field("directory", &path).finish_non_exhaustive()
    }
}

/// How much of the file readers map into memory at most; the system takes it back when it needs it.
const MAPPED_BYTES: i64 = 4 << 30;

impl Database {
    /// One that is gone when the last handle on it is.
    pub(crate) fn in_memory() -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        schema::prepare(&mut connection)?;
        Ok(Self { connection, directory: None })
    }

    /// The one in this directory, which is made if it is not there, brought up to the present version.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let directory = Directory::hold(path, true)?;
        let file = path.join(FILE);
        create_private(&file).map_err(|error| StoreError::file("create", &file, &error))?;
        let mut connection = directory.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // Answered after the log is on the disk: FULL syncs it at every commit; the second is for macOS, whose plain
        // sync does not reach the disk.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "fullfsync", true)?;
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(StoreError::Database(format!(
                "the file system of {} cannot hold a write-ahead log; put the data directory on a local disk",
                path.display()
            )));
        }
        schema::prepare(&mut connection)?;
        Ok(Self { connection, directory: Some(directory) })
    }

    /// The one in this directory as it is, to be looked at. Nothing is made and no version is changed.
    pub(crate) fn inspect(path: &Path) -> Result<Self, StoreError> {
        let directory = Directory::hold(path, false)?;
        let connection = directory.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        schema::require_current(&connection)?;
        Ok(Self { connection, directory: Some(directory) })
    }

    /// Runs `job` in a transaction of its own, which an error rolls back.
    pub(crate) fn write<T, E: From<StoreError>>(
        &mut self,
        job: impl FnOnce(&Records<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let done = job(&Records::new(&transaction))?;
        changes::settle(&transaction, changes::MAX_BACKLOG)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(done)
    }

    /// One more connection, for reading beside the writer; `None` in memory, where there is one connection.
    pub(super) fn reader(&self) -> Result<Option<Connection>, StoreError> {
        let Some(directory) = &self.directory else { return Ok(None) };
        let connection = directory.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_update(None, "query_only", true)?;
        // Long lists of trigrams are read in two thirds of the time if their pages need not be copied.
        connection.pragma_update(None, "mmap_size", MAPPED_BYTES)?;
        Ok(Some(connection))
    }
}

impl Directory {
    fn hold(path: &Path, make: bool) -> Result<Self, StoreError> {
        if make {
            create_directory(path).map_err(|error| StoreError::file("create", path, &error))?;
        }
        if !path.is_dir() {
            return Err(StoreError::Directory(format!("{} is no directory", path.display())));
        }
        if !make && !path.join(FILE).is_file() {
            return Err(StoreError::Directory(format!(
                "{} holds no {FILE}; name the directory that was given to --data",
                path.display()
            )));
        }
        let place = path.join(LOCK);
        let mut lock = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&place)
            .map_err(|error| StoreError::file("open", &place, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = lock.take(20).read_to_string(&mut holder);
                return Err(StoreError::InUse { path: path.to_owned(), process: holder.trim().to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::file("lock", &place, &error)),
        }
        lock.set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| writeln!(lock, "{}", std::process::id()))
            .map_err(|error| StoreError::file("write", &place, &error))?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    fn connect(&self, flags: OpenFlags) -> Result<Connection, StoreError> {
        let connection =
            Connection::open_with_flags(self.path.join(FILE), flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(connection)
    }
}

/// Makes the directory for its owner alone, since it will hold secrets, and its name durable.
fn create_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    match path.parent() {
        Some(parent) if parent != Path::new("") => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// Makes the empty file if there is none, for its owner alone; SQLite gives its log the same permissions.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ServerRow;

    fn server(id: &str) -> ServerRow {
        ServerRow { id: id.to_owned(), body: serde_json::Map::new() }
    }

    #[test]
    fn what_was_written_is_there_when_the_directory_is_opened_again() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("new/data");
        let mut database = Database::open(&path).unwrap();
        database.write(|records| records.insert_server("P1", &server("MS1"))).unwrap();
        drop(database);
        let mut database = Database::open(&path).unwrap();
        assert_eq!(database.write(|records| records.servers("P1")).unwrap().len(), 1);
    }

    #[test]
    fn a_refused_write_leaves_nothing_behind() {
        let mut database = Database::in_memory().unwrap();
        let refused: Result<(), StoreError> = database.write(|records| {
            records.insert_server("P1", &server("MS1"))?;
            Err(StoreError::Stopped)
        });
        assert!(refused.is_err());
        assert!(database.write(|records| records.servers("P1")).unwrap().is_empty());
    }

    #[test]
    fn commits_reach_the_disk_before_they_are_answered() {
        let place = tempfile::tempdir().unwrap();
        let database = Database::open(place.path()).unwrap();
        let pragma = |name: &str| -> String {
            let value: rusqlite::types::Value =
                database.connection.pragma_query_value(None, name, |row| row.get(0)).unwrap();
            format!("{value:?}")
        };
        assert_eq!(pragma("synchronous"), "Integer(2)");
        assert_eq!(pragma("journal_mode"), "Text(\"wal\")");
        assert_eq!(pragma("foreign_keys"), "Integer(1)");
        assert_eq!(pragma("fullfsync"), "Integer(1)");
    }

    #[test]
    fn a_second_opening_is_refused_and_names_the_process_that_holds_it() {
        let place = tempfile::tempdir().unwrap();
        let held = Database::open(place.path()).unwrap();
        for refused in [Database::open(place.path()), Database::inspect(place.path())] {
            let message = refused.unwrap_err().to_string();
            assert!(message.contains(&format!("process {}", std::process::id())), "{message}");
            assert!(message.contains("another directory"), "{message}");
        }
        drop(held);
        Database::open(place.path()).unwrap();
    }

    #[test]
    fn refuses_what_is_no_data_directory() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "x").unwrap();
        assert!(matches!(Database::open(&file), Err(StoreError::Directory(_))));
        assert!(matches!(Database::inspect(place.path()), Err(StoreError::Directory(_))));
        assert!(matches!(Database::inspect(&place.path().join("none")), Err(StoreError::Directory(_))));
        assert!(!place.path().join("none").exists());
        fs::write(
            place.path().join(FILE),
            "not a database, but long enough to look at its first hundred bytes",
        )
        .unwrap();
        assert!(Database::open(place.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_what_it_makes() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        let mut database = Database::open(&path).unwrap();
        database.write(|records| records.insert_server("P1", &server("MS1"))).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o077;
        assert_eq!(mode(&path), 0);
        assert_eq!(mode(&path.join(FILE)), 0);
        assert_eq!(mode(&path.join(format!("{FILE}-wal"))), 0);
    }
}
