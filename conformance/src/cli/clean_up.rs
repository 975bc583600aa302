//! `--cleanup`: what killed runs have left on a target, and what is said of it.

use std::io::Write;

use descope_mcp_program::Failure;

use super::CONSISTENCY_WINDOW;
use super::arguments::Arguments;
use crate::cli::exit_code;
use crate::run::cleanup::{self, Cleaned, Remains};
use crate::run::journal::{JournalError, UnfinishedRun};
use crate::run::sweep::Swept;
use crate::text::printable;
use crate::wire::stop::Stop;
use crate::wire::target::Target;

/// Deletes what runs have left, says what was done, and returns the exit code.
pub(super) async fn clean_up(
    target: Target,
    prefix: Option<&str>,
    arguments: &Arguments,
    stop: &Stop,
) -> Result<u8, Failure> {
    let path = arguments.journal_path();
    let remains = match (prefix, &path) {
        (Some(prefix), _) => Remains::Of(prefix),
        (None, Ok(path)) => Remains::InJournal(path),
        (None, Err(_)) => return Err(JournalError::NoPlace.into()),
    };
    let pace = arguments.pace(&target);
    let cleaned = cleanup::clean_up(target, remains, pace, CONSISTENCY_WINDOW, stop).await?;
    // A closed pipe (`| head`) must not hide the exit code.
    let _ = say_what_was_cleaned(&cleaned, remains, &mut anstream::stdout().lock());
    let mut stderr = anstream::stderr().lock();
    for line in &cleaned.damaged {
        let _ = writeln!(stderr, "error: {line}");
    }
    if !cleaned.damaged.is_empty() {
        let _ = writeln!(
            stderr,
            "hint: if such a line began a run, the names it gave tell its prefix: --cleanup PREFIX"
        );
    }
    Ok(match (cleaned.left(), cleaned.damaged.len()) {
        _ if cleaned.interrupted => exit_code::LEFT_BEHIND,
        (1.., _) => exit_code::LEFT_BEHIND,
        (0, 1..) => exit_code::BAD_JOURNAL,
        (0, 0) => exit_code::PASS,
    })
}

fn say_what_was_cleaned(cleaned: &Cleaned, remains: Remains<'_>, to: &mut impl Write) -> std::io::Result<()> {
    if let (Remains::InJournal(path), true) = (remains, cleaned.runs.is_empty() && !cleaned.interrupted) {
        let path = path.display();
        match cleaned.journal_was_found {
            true => writeln!(
                to,
                "nothing to delete: the journal {path} has no unfinished run for this target and project"
            )?,
            false => writeln!(to, "nothing to delete: there is no journal {path}")?,
        }
    }
    for (prefix, Swept { servers, clients, left, trouble }) in &cleaned.runs {
        writeln!(to, "{prefix}: deleted {servers} servers and {clients} clients")?;
        if *left > 0 {
            let why = trouble.as_ref().map(|why| format!(": {}", printable(why))).unwrap_or_default();
            let records = if *left == 1 { "record" } else { "records" };
            writeln!(to, "{prefix}: at least {left} {records} may be left{why}; try again")?;
        }
    }
    if cleaned.interrupted {
        writeln!(to, "ended before it was done; `--cleanup` goes on with what is left")?;
    }
    for run in &cleaned.elsewhere {
        let UnfinishedRun { prefix, target, project, began, .. } = run;
        writeln!(to, "{prefix}: left alone, since it began on {target} in project {project} ({began})")?;
    }
    Ok(())
}
