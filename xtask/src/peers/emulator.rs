//! An emulator for one peer: built once, started anew for each, and gone afterwards.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

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
            emulator.environment.push(export(&line?)?);
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

/// Name and value out of `export NAME=VALUE`.
fn export(line: &str) -> Result<(String, String)> {
    let pair = line.strip_prefix("export ").and_then(|rest| rest.split_once('='));
    let (name, value) = pair.with_context(|| format!("{line:?} is no export line"))?;
    Ok((name.to_owned(), value.to_owned()))
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
    fn an_export_line_is_a_name_and_a_value() {
        let pair = export("export DESCOPE_BASE_URL=http://127.0.0.1:1?a=b").unwrap();
        assert_eq!(pair, ("DESCOPE_BASE_URL".into(), "http://127.0.0.1:1?a=b".into()));
        assert!(export("listening").is_err());
    }

    #[test]
    fn the_log_says_where_the_inspector_is() {
        let logged =
            "INFO listening url=http://127.0.0.1:1\nINFO inspector url=http://127.0.0.1:2/_emulator/\n";
        assert_eq!(control_url_in(logged).as_deref(), Some("http://127.0.0.1:2"));
        assert_eq!(control_url_in("INFO inspector url=http://127.0.0.1:2/_emul"), None);
    }
}
