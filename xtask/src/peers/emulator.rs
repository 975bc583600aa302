//! An emulator for one peer: built once, started anew for each, and gone afterwards.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::House;

/// The client id that `documents/client.json` describes; the scripts know it too.
const CLIENT_DOCUMENT_URL: &str = "https://agent.example.com/oauth/client.json";
/// Lines that it prints, which say how to reach it.
const EXPORTS: usize = 3;

/// A running emulator.
pub(super) struct Emulator {
    process: Child,
    environment: Vec<(String, String)>,
}

impl Emulator {
    pub(super) fn start(binary: &Path, house: &House, flags: &[&str], log: &Path) -> Result<Self> {
        let document = house.scripts.join("documents/client.json");
        let control = free_port()?;
        let mut process = Command::new(binary)
            .args(["--listen", "127.0.0.1:0", "--control", &format!("127.0.0.1:{control}")])
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
        emulator.environment.push(("PEERS_CONTROL_URL".into(), format!("http://127.0.0.1:{control}")));
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

/// A port that nobody listens on now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
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
}
