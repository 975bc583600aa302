//! Running a program with a limit on its time, and its words in a file.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Lines of a failed program that are shown; the file has all of them.
const LINES_SHOWN: usize = 40;
const POLL: Duration = Duration::from_millis(50);

/// What many programs take for the address of a proxy. Peers talk to this machine alone, which no proxy can reach for them.
const PROXY_VARIABLES: [&str; 6] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// A program that is to end by itself.
pub(super) struct Program {
    pub(super) command: Command,
    /// Where its words go.
    pub(super) log: PathBuf,
    pub(super) timeout: Duration,
}

/// How it ended.
pub(super) enum Outcome {
    Passed,
    Failed { how: String, said: String },
}

impl Program {
    /// # Errors
    /// When it cannot be started; a program that fails is an outcome.
    pub(super) fn run(mut self) -> Result<Outcome> {
        let log = File::create(&self.log).with_context(|| format!("writing {}", self.log.display()))?;
        for name in PROXY_VARIABLES {
            self.command.env_remove(name);
        }
        self.command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut child =
            self.command.spawn().with_context(|| format!("starting {:?}", self.command.get_program()))?;
        let deadline = Instant::now() + self.timeout;
        let how = loop {
            match child.try_wait().context("waiting for it")? {
                Some(status) if status.success() => return Ok(Outcome::Passed),
                Some(status) => break status.to_string(),
                None if Instant::now() >= deadline => {
                    // It may have ended just now.
                    let _ = child.kill();
                    let _ = child.wait();
                    break format!("no end after {} s", self.timeout.as_secs());
                }
                None => thread::sleep(POLL),
            }
        };
        let said = fs::read(&self.log).with_context(|| format!("reading {}", self.log.display()))?;
        Ok(Outcome::Failed { how, said: end_of(&String::from_utf8_lossy(&said)) })
    }
}

/// The last lines, indented.
fn end_of(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let shown = &lines[lines.len().saturating_sub(LINES_SHOWN)..];
    shown.iter().map(|line| format!("  | {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, timeout: Duration) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("HTTP_PROXY", "http://127.0.0.1:1");
        Program { command, log: folder.path().join("log"), timeout }.run().unwrap()
    }

    #[test]
    fn a_program_passes_by_ending_well_and_fails_with_its_last_words() {
        let long = Duration::from_secs(20);
        assert!(matches!(run("true", long), Outcome::Passed));
        let Outcome::Failed { how, said } = run("seq 100; echo why >&2; exit 3", long) else { panic!() };
        assert!(how.contains('3') && said.ends_with("  | 100\n  | why\n"), "{how} {said}");
        assert_eq!(said.lines().count(), LINES_SHOWN);
    }

    #[test]
    fn a_program_is_not_told_of_a_proxy() {
        assert!(matches!(run("test -z \"$HTTP_PROXY\"", Duration::from_secs(20)), Outcome::Passed));
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let Outcome::Failed { how, .. } = run("exec sleep 60", Duration::from_millis(200)) else { panic!() };
        assert!(how.starts_with("no end after"), "{how}");
    }
}
