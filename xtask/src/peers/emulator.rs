//! An emulator for one peer: built once, started anew for each, and gone afterwards.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use descope_mcp_program::export;

use super::House;

/// The client id that `documents/client.json` describes; the scripts know it too.
const CLIENT_DOCUMENT_URL: &str = "https://agent.example.com/oauth/client.json";
/// Lines that it prints, which say how to reach it.
const EXPORTS: usize = 3;
/// What the address of the inspector ends with, in the line of the log that says it.
const INSPECTOR_PATH: &str = "/_emulator/";
/// It logs that line right after the exports.
const MAX_WAIT_FOR_INSPECTOR: Duration = Duration::from_secs(20);

/// A running emulator.
pub(super) struct Emulator {
    process: Child,
    environment: Vec<(String, String)>,
}

impl Emulator {
    pub(super) fn start(binary: &Path, house: &House, flags: &[&str], log: &Path) -> Result<Self> {
        let document = house.scripts.join("documents/client.json");
        let mut process = Command::new(binary)
            .args(["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
            .arg("--cimd-pin")
            .arg(format!("{CLIENT_DOCUMENT_URL}={}", document.display()))
            .args(flags)
            .env("DESCOPE_EMULATOR_LOG", "debug")
            .env_remove("DESCOPE_MANAGEMENT_KEY")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(log).with_context(|| format!("writing {}", log.display()))?)
            .spawn()
            .with_context(|| format!("starting {}", binary.display()))?;
        let stdout = process.stdout.take();
        let mut emulator = Self { process, environment: Vec::new() };
        for line in BufReader::new(stdout.context("no standard output")?).lines().take(EXPORTS) {
            let line = line?;
            let (name, value) =
                export::parse(&line).with_context(|| format!("{line:?} is no export line"))?;
            emulator.environment.push((name.to_owned(), value.to_owned()));
        }
        if emulator.environment.len() < EXPORTS {
            bail!("the emulator does not start; {} says why", log.display());
        }
        emulator.environment.push(("PEERS_CONTROL_URL".into(), control_url(log)?));
        Ok(emulator)
    }

    /// What a script reads to find it.
    pub(super) fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It keeps nothing, so there is nothing to stop gracefully.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where the control API is, as soon as the log says it.
fn control_url(log: &Path) -> Result<String> {
    let deadline = Instant::now() + MAX_WAIT_FOR_INSPECTOR;
    loop {
        let logged = fs::read_to_string(log).with_context(|| format!("reading {}", log.display()))?;
        if let Some(url) = control_url_in(&logged) {
            return Ok(url);
        }
        if Instant::now() >= deadline {
            bail!("{} does not say where the inspector is", log.display());
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn control_url_in(logged: &str) -> Option<String> {
    let (before, _) = logged.split_once(INSPECTOR_PATH)?;
    let start = before.rfind("http://")?;
    Some(before[start..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_says_where_the_inspector_is() {
        let logged =
            "INFO listening url=http://127.0.0.1:1\nINFO inspector url=http://127.0.0.1:2/_emulator/\n";
        assert_eq!(control_url_in(logged).as_deref(), Some("http://127.0.0.1:2"));
        assert_eq!(control_url_in("INFO inspector url=http://127.0.0.1:2/_emul"), None);
    }
}
