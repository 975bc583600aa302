//! `--cleanup`: deletes what runs have left that were killed or could not delete everything.

use std::path::Path;
use std::time::Duration;

use crate::run::journal::{DamagedLine, Journal, JournalError, UnfinishedRun};
use crate::run::leftovers::ClientsOfServers;
use crate::run::patience::Patience;
use crate::run::sweep::{Sweep, Swept};
use crate::run::{Permission, StartError, may_list, probe};
use crate::wire::pace::Pace;
use crate::wire::run_mark::RunMark;
use crate::wire::sender::Sender;
use crate::wire::stop::Stop;
use crate::wire::target::Target;

/// What to delete.
#[derive(Debug, Clone, Copy)]
pub enum Remains<'a> {
    /// Of every unfinished run that this journal has for the target and its project.
    InJournal(&'a Path),
    /// Of the run with this prefix, for which no journal is needed.
    Of(&'a str),
}

/// What a clean-up has done.
#[derive(Debug, Default)]
pub struct Cleaned {
    /// The runs looked for, by prefix.
    pub runs: Vec<(String, Swept)>,
    /// Unfinished runs on other targets or projects, which were left alone.
    pub elsewhere: Vec<UnfinishedRun>,
    /// Lines of the journal that cannot be read.
    pub damaged: Vec<DamagedLine>,
    /// Whether there was a journal, or none was needed.
    pub journal_was_found: bool,
    /// Whether it was told to end before it was done.
    pub interrupted: bool,
}

impl Cleaned {
    /// At least so many records may be left.
    pub fn left(&self) -> u32 {
        self.runs.iter().map(|(_, swept)| swept.left).sum()
    }
}

/// Deletes the remains of runs on a target, sending at most `pace` requests in any 60 s. `consistency_window` is how long
/// lists of the target may lag behind: what was made just before a run was killed must show before it can be deleted.
/// `stop` ends it before it is done.
///
/// # Errors
/// If the journal cannot be used, or the target cannot be worked with.
pub async fn clean_up(
    target: Target,
    remains: Remains<'_>,
    pace: usize,
    consistency_window: Duration,
    stop: &Stop,
) -> Result<Cleaned, StartError> {
    let mut cleaned = Cleaned { journal_was_found: true, ..Cleaned::default() };
    let (journal, runs) = match remains {
        Remains::Of(prefix) => (None, vec![(prefix.to_owned(), Vec::new())]),
        Remains::InJournal(path) => match Journal::for_cleanup(path)? {
            Some(journal) => {
                let runs = unfinished(&journal, &target, &mut cleaned)?;
                (Some(journal), runs)
            }
            None => {
                cleaned.journal_was_found = false;
                return Ok(cleaned);
            }
        },
    };
    if runs.is_empty() {
        return Ok(cleaned);
    }
    let sender = Sender::new(target, Pace::new(pace))?.ended_by(stop.clone());
    let mark = RunMark::new(0);
    if probe(&sender, &mark).await?.0 == Permission::Doubtful {
        may_list(&sender, &mark).await?;
    }
    if let Some(journal) = &journal {
        stop.sleep(consistency_window.saturating_sub(journal.age())).await;
    }
    let patience = Patience::new(consistency_window);
    for (prefix, made) in runs {
        let sweep = Sweep::new(&sender, &prefix, &patience);
        let (known, no_clients) = (made.iter().cloned().collect(), ClientsOfServers::new());
        let swept = tokio::select! {
            biased;
            () = stop.wait() => {
                cleaned.interrupted = true;
                break;
            }
            swept = sweep.everything(&made, &known, &no_clients) => swept,
        };
        if let Some(journal) = journal.as_ref().filter(|_| swept.left == 0) {
            journal.end(&prefix)?;
        }
        cleaned.runs.push((prefix, swept));
    }
    Ok(cleaned)
}

/// The runs of a journal to clean up after, with the servers that each is known to have made.
fn unfinished(
    journal: &Journal,
    target: &Target,
    cleaned: &mut Cleaned,
) -> Result<Vec<(String, Vec<String>)>, JournalError> {
    let contents = journal.read()?;
    cleaned.damaged = contents.damaged;
    let is_here = |run: &UnfinishedRun| {
        run.target == target.base_url.as_str() && run.project == target.project_id.as_str()
    };
    let (here, elsewhere) = contents.unfinished.into_iter().partition(is_here);
    cleaned.elsewhere = elsewhere;
    let here: Vec<UnfinishedRun> = here;
    Ok(here.into_iter().map(|run| (run.prefix, run.servers)).collect())
}
