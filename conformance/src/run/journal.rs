//! What runs have made on targets, written down before it can be forgotten.
//!
//! One file, one JSON object on a line. A run begins with where it works and the prefix of the names that it gives,
//! synced to disk before its first creation; then comes every server that it made; it ends when everything is deleted. A
//! run without an end was killed, or could not delete something: `--cleanup` reads here what to look for. The file holds
//! no key and no secret.
//!
//! Runs share a lock, a clean-up has it alone: so a clean-up never takes a run that is under way for one that was killed.
//! The lock goes with the process that holds it. It is on a file beside the journal, since some platforms let nobody
//! write a file that several have locked.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use crate::stored::{self, FormatError};
use crate::wire::run_mark::RunMark;
use crate::wire::target::Target;

/// Folder and file below the folder where the platform keeps the state of programs.
const PLACE: [&str; 2] = ["descope-mcp-conformance", "journal.jsonl"];

/// Longest part of a line that an error quotes, in characters.
const MAX_QUOTE_CHARS: usize = 60;

/// How often a run asks for the lock once more, and the pause before each time.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// An open journal. Its lock is held until this is dropped.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    lock: File,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The platform names no folder for it.
    #[error(
        "there is no place for the journal, since no home directory is known; name one with --journal FILE"
    )]
    NoPlace,
    /// It is locked.
    #[error("the journal {} is in use by {holder}; wait until it has ended, or name another with --journal FILE", path.display())]
    InUse {
        /// The journal.
        path: PathBuf,
        /// Who uses it.
        holder: &'static str,
    },
    /// A newer version of the suite wrote it.
    #[error("cannot use the journal {}: {source}, or name another with --journal FILE", path.display())]
    Format {
        /// The journal.
        path: PathBuf,
        /// Which version it has.
        source: FormatError,
    },
    /// It cannot be read or written.
    #[error("cannot use the journal {}: {source}", path.display())]
    Io {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    Begin {
        /// Version of the format of this line and of the others of its run; the first ones did not say it.
        #[serde(default)]
        format: u32,
        run: String,
        target: String,
        project: String,
        at: String,
    },
    Server {
        run: String,
        id: String,
    },
    End {
        run: String,
        at: String,
    },
}

/// What a journal says.
#[derive(Debug, Default)]
pub struct Contents {
    /// The runs that have not ended, in the order in which they began.
    pub unfinished: Vec<UnfinishedRun>,
    /// The lines that cannot be read.
    pub damaged: Vec<DamagedLine>,
}

/// A run that has not deleted what it made.
#[derive(Debug, PartialEq)]
pub struct UnfinishedRun {
    /// The prefix of the names that it gave.
    pub prefix: String,
    /// URL of the target.
    pub target: String,
    /// Id of the project.
    pub project: String,
    /// When it began, as an HTTP date.
    pub began: String,
    /// The ids of the servers that it is known to have made.
    pub servers: Vec<String>,
}

/// A line that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {number} of the journal is damaged: {reason}; it says {quote:?}")]
pub struct DamagedLine {
    number: usize,
    reason: String,
    quote: String,
}

impl Journal {
    /// Where the journal is unless another place is named.
    ///
    /// # Errors
    /// If no home directory is known.
    pub fn usual_path() -> Result<PathBuf, JournalError> {
        let strategy = etcetera::choose_base_strategy().map_err(|_| JournalError::NoPlace)?;
        let folder = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        Ok(PLACE.iter().fold(folder, |path, part| path.join(part)))
    }

    /// Opens a journal for a run, and makes it if it is not there.
    ///
    /// # Errors
    /// If it cannot be made, read or written, or if a clean-up is using it.
    pub fn for_run(path: &Path) -> Result<Self, JournalError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|source| failed(path, source))?;
        }
        let journal = Self::open(path, true).map_err(|source| failed(path, source))?;
        journal.drop_what_is_done()?;
        match patiently(|| journal.lock.try_lock_shared()) {
            Ok(()) => Ok(journal),
            Err(error) => Err(journal.not_locked(error, "a clean-up")),
        }
    }

    /// Opens a journal for a clean-up; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read or written, or if a run is using it.
    pub fn for_cleanup(path: &Path) -> Result<Option<Self>, JournalError> {
        let journal = match Self::open(path, false) {
            Ok(journal) => journal,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed(path, source)),
        };
        match patiently(|| journal.lock.try_lock()) {
            Ok(()) => Ok(Some(journal)),
            Err(error) => Err(journal.not_locked(error, "a run")),
        }
    }

    fn open(path: &Path, make: bool) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create(make).open(path)?;
        let beside = path.with_added_extension("lock");
        let lock = OpenOptions::new().read(true).append(true).create(true).open(beside)?;
        Ok(Self { path: path.to_owned(), file, lock })
    }

    /// Notes that a run begins. When this returns, the disk has it.
    ///
    /// # Errors
    /// If it cannot be written: then nothing may be made.
    pub fn begin(&self, prefix: &str, target: &Target) -> Result<(), JournalError> {
        self.end_last_line().map_err(|source| failed(&self.path, source))?;
        self.append(&Line::Begin {
            format: stored::JOURNAL.current,
            run: prefix.to_owned(),
            target: target.base_url.to_string(),
            project: target.project_id.to_string(),
            at: now(),
        })?;
        self.sync().map_err(|source| failed(&self.path, source))
    }

    /// Notes a server that a run has made.
    pub fn made(&self, prefix: &str, server_id: &str) {
        // The run can be found by its prefix without this line, so it may go on if the disk is full.
        let _ = self.append(&Line::Server { run: prefix.to_owned(), id: server_id.to_owned() });
    }

    /// Notes that nothing is left of a run.
    ///
    /// # Errors
    /// If it cannot be written. A clean-up will then look for the run, and find nothing.
    pub fn end(&self, prefix: &str) -> Result<(), JournalError> {
        self.append(&Line::End { run: prefix.to_owned(), at: now() })?;
        self.file.sync_all().map_err(|source| failed(&self.path, source))
    }

    /// Reads it.
    ///
    /// # Errors
    /// If the file cannot be read, or has lines of a version that this program does not know: nothing may be deleted or
    /// forgotten by them. Other lines that cannot be understood are in the contents.
    pub fn read(&self) -> Result<Contents, JournalError> {
        let mut bytes = Vec::new();
        let mut file = &self.file;
        let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
        read.map_err(|source| failed(&self.path, source))?;
        check_format(&bytes).map_err(|source| JournalError::Format { path: self.path.clone(), source })?;
        Ok(Contents::of(&bytes))
    }

    /// How long ago the last line was written.
    pub fn age(&self) -> Duration {
        let written = self.file.metadata().and_then(|metadata| metadata.modified());
        // A clock that was set back says nothing; the least age is the careful answer.
        written.ok().and_then(|at| SystemTime::now().duration_since(at).ok()).unwrap_or_default()
    }

    /// Empties the file if nobody else has it and every run in it has ended, so that it does not grow for ever.
    fn drop_what_is_done(&self) -> Result<(), JournalError> {
        if self.lock.try_lock().is_err() {
            return Ok(());
        }
        let contents = self.read()?;
        let emptied = match contents.unfinished.is_empty() && contents.damaged.is_empty() {
            true => self.file.set_len(0),
            false => Ok(()),
        };
        emptied.and_then(|()| self.lock.unlock()).map_err(|source| failed(&self.path, source))
    }

    /// A line that a crash cut off must not swallow the one that comes next.
    fn end_last_line(&self) -> io::Result<()> {
        let mut file = &self.file;
        if file.seek(io::SeekFrom::End(0))? == 0 {
            return Ok(());
        }
        file.seek(io::SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
    }

    /// One write for a whole line, so that lines of runs at the same time do not mix.
    fn append(&self, line: &Line) -> Result<(), JournalError> {
        let line = serde_json::to_string(line).map_err(io::Error::from).map(|text| text + "\n");
        let written = line.and_then(|line| (&self.file).write_all(line.as_bytes()));
        written.map_err(|source| failed(&self.path, source))
    }

    /// Puts the file and, where folders can be synced, its entry in the folder on disk.
    fn sync(&self) -> io::Result<()> {
        self.file.sync_all()?;
        #[cfg(unix)]
        if let Some(folder) = self.path.parent() {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    fn not_locked(&self, error: TryLockError, holder: &'static str) -> JournalError {
        match error {
            TryLockError::WouldBlock => JournalError::InUse { path: self.path.clone(), holder },
            TryLockError::Error(source) => failed(&self.path, source),
        }
    }
}

impl Contents {
    fn of(bytes: &[u8]) -> Self {
        let mut contents = Self::default();
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            if let Err(reason) = contents.take(line) {
                let quote = String::from_utf8_lossy(line).chars().take(MAX_QUOTE_CHARS).collect();
                contents.damaged.push(DamagedLine { number: index + 1, reason, quote });
            }
        }
        contents
    }

    fn take(&mut self, line: &[u8]) -> Result<(), String> {
        let line: Line = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let (Line::Begin { run, .. } | Line::Server { run, .. } | Line::End { run, .. }) = &line;
        // Everything whose name begins with it will be deleted: it must be one that this program made up.
        if !RunMark::is_prefix(run) {
            return Err("its run is no prefix of this program's".to_owned());
        }
        match line {
            Line::Begin { run: prefix, target, project, at: began, .. } => {
                self.unfinished.push(UnfinishedRun { prefix, target, project, began, servers: Vec::new() });
            }
            Line::Server { run, id } => {
                if let Some(unfinished) = self.unfinished.iter_mut().find(|other| other.prefix == run) {
                    unfinished.servers.push(id);
                }
            }
            Line::End { run, .. } => self.unfinished.retain(|other| other.prefix != run),
        }
        Ok(())
    }
}

/// Whether this program knows the version of every line that says one.
fn check_format(bytes: &[u8]) -> Result<(), FormatError> {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .try_for_each(|line| stored::JOURNAL.check(&line))
}

fn failed(path: &Path, source: io::Error) -> JournalError {
    JournalError::Io { path: path.to_owned(), source }
}

fn now() -> String {
    httpdate::fmt_http_date(SystemTime::now())
}

/// Tries for a while. A run that begins has the lock alone for the moment in which it drops what is done, and a process
/// that is being started has whatever its parent has; a clean-up or a run has it for longer.
fn patiently(lock: impl Fn() -> Result<(), TryLockError>) -> Result<(), TryLockError> {
    let mut tries_left = LOCK_TRIES;
    loop {
        match lock() {
            Err(TryLockError::WouldBlock) if tries_left > 0 => {
                tries_left -= 1;
                std::thread::sleep(LOCK_PAUSE);
            }
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use descope_mcp_management::ManagementKey;

    use super::*;
    use crate::wire::target::parse_url;

    const KEY: &str = "K2the-key-that-no-journal-holds";
    const ONE: &str = "conformance-0000000000000001";
    const TWO: &str = "conformance-00000000000000ff";

    fn target() -> Target {
        Target {
            base_url: parse_url("http://127.0.0.1:1/").unwrap(),
            project_id: "P1".parse().unwrap(),
            management_key: ManagementKey::new(KEY).unwrap(),
            name: "a target".into(),
        }
    }

    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new folder").join("journal.jsonl");
        (folder, path)
    }

    #[test]
    fn runs_that_begin_at_the_same_time_do_not_keep_each_other_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        Journal::for_run(&path).unwrap();
                    }
                });
            }
        });
    }

    #[test]
    fn a_run_without_an_end_is_found_with_what_it_made_and_one_with_an_end_is_not() {
        let (_folder, path) = place();
        let journal = Journal::for_run(&path).unwrap();
        let other = Journal::for_run(&path).unwrap();
        journal.begin(ONE, &target()).unwrap();
        other.begin(TWO, &target()).unwrap();
        journal.made(ONE, "MS1");
        other.made(TWO, "MS2");
        journal.end(ONE).unwrap();
        let Contents { unfinished, damaged } = journal.read().unwrap();
        let [run] = unfinished.as_slice() else { panic!("{unfinished:?}") };
        assert_eq!((run.prefix.as_str(), run.servers.as_slice()), (TWO, ["MS2".to_owned()].as_slice()));
        assert_eq!((run.target.as_str(), run.project.as_str()), ("http://127.0.0.1:1/", "P1"));
        assert!(damaged.is_empty(), "{damaged:?}");
        assert!(!fs::read_to_string(path).unwrap().contains(KEY));
    }

    #[test]
    fn a_damaged_line_is_named_by_its_number_and_the_others_count() {
        let (_folder, path) = place();
        let journal = Journal::for_run(&path).unwrap();
        journal.begin(ONE, &target()).unwrap();
        (&journal.file).write_all(b"{\"event\":\"server\",\"ru").unwrap();
        journal.begin(TWO, &target()).unwrap();
        (&journal.file).write_all(b"{\"event\":\"end\",\"run\":\"\",\"at\":\"\"}\n").unwrap();
        (&journal.file).write_all(b"\xff\n").unwrap();
        let Contents { unfinished, damaged } = journal.read().unwrap();
        assert_eq!(unfinished.iter().map(|run| run.prefix.as_str()).collect::<Vec<_>>(), [ONE, TWO]);
        let said: Vec<_> = damaged.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[0].starts_with("line 2 of the journal is damaged: EOF"), "{said:?}");
        assert!(said[1].starts_with("line 4") && said[1].contains("no prefix"), "{said:?}");
        assert!(said[2].starts_with("line 5"), "{said:?}");
    }

    #[test]
    fn a_clean_up_and_a_run_do_not_use_a_journal_at_the_same_time() {
        let (_folder, path) = place();
        assert!(Journal::for_cleanup(&path).unwrap().is_none());
        let run = Journal::for_run(&path).unwrap();
        let refused = Journal::for_cleanup(&path).unwrap_err().to_string();
        assert!(refused.contains("in use by a run"), "{refused}");
        drop(run);
        let cleanup = Journal::for_cleanup(&path).unwrap().unwrap();
        let refused = Journal::for_run(&path).unwrap_err().to_string();
        assert!(refused.contains("in use by a clean-up"), "{refused}");
        drop(cleanup);
        assert!(Journal::for_run(&path).is_ok());
    }

    #[test]
    fn a_journal_grows_until_every_run_in_it_has_ended_and_no_longer() {
        let (_folder, path) = place();
        let journal = Journal::for_run(&path).unwrap();
        journal.begin(ONE, &target()).unwrap();
        journal.begin(TWO, &target()).unwrap();
        journal.end(ONE).unwrap();
        drop(journal);
        let journal = Journal::for_run(&path).unwrap();
        assert_eq!(journal.read().unwrap().unfinished.len(), 1);
        journal.end(TWO).unwrap();
        drop(journal);
        drop(Journal::for_run(&path).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"");
    }

    #[test]
    fn a_journal_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = Journal::for_run(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&folder.path().display().to_string()), "{error}");
    }
}
