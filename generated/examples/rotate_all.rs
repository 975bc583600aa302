//! Gives every client of a server a new secret, several at a time, with a progress bar.
//!
//! ```sh
//! cargo run --example rotate_all -- MS35d1Xw1Yo6zozsW7n8BU6xLmnAs secrets.jsonl
//! ```
//!
//! New secrets go to the file, which must not exist and which only its owner can read; none is ever shown. A client
//! whose secret could not be rotated does not stop the others; the exit code is 1 if there was one.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use std::env;
use std::process::ExitCode;

use anyhow::{Context, Result};
use descope_mcp_management::{Error, ManagementClient, McpServerClient, Secret};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;

#[path = "support/secrets_file.rs"]
mod secrets_file;

use secrets_file::SecretsFile;

/// Rotations under way at once. More would only reach the limit of 100 requests per minute sooner.
const AT_ONCE: usize = 4;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let mut arguments = env::args().skip(1);
    let usage = "usage: rotate_all SERVER-ID FILE-FOR-NEW-SECRETS";
    let (server_id, path) = (arguments.next().context(usage)?, arguments.next().context(usage)?);
    let client = ManagementClient::from_env()?;
    let mut rotations = Rotations {
        file: SecretsFile::new(path),
        bar: ProgressBar::no_length()
            .with_style(ProgressStyle::with_template("{wide_bar} {pos}/{len} clients, {eta} left")?),
        rotated: 0,
        failed: 0,
    };
    // Made before anything is rotated: a secret with no place to go to would be lost.
    rotations.file.open()?;

    let mut clients = client.clients(&server_id).search().stream();
    let mut running = JoinSet::new();
    let complete = loop {
        match clients.next().await {
            Some(Ok(found)) => {
                rotations.bar.set_length(clients.total().unwrap_or_default());
                if running.len() == AT_ONCE {
                    rotations.wait_for_one(&mut running).await?;
                }
                running.spawn(rotate(client.clone(), server_id.clone(), found));
            }
            Some(Err(error)) => break Err(error),
            None => break Ok(()),
        }
    };
    // Also when the search failed: what is under way has to reach the file.
    while !running.is_empty() {
        rotations.wait_for_one(&mut running).await?;
    }
    rotations.bar.finish_and_clear();
    complete?;
    println!("{} rotated, {} failed", rotations.rotated, rotations.failed);
    Ok(ExitCode::from(u8::from(rotations.failed > 0)))
}

type Rotated = (McpServerClient, Result<Secret, Error>);

/// Rotates one secret. If nobody knows whether it was, the one that is in force tells: it is as good as a new one.
async fn rotate(client: ManagementClient, server_id: String, found: McpServerClient) -> Rotated {
    let clients = client.clients(server_id);
    let rotated = match clients.rotate_secret(&found.id).await {
        Err(error) if error.may_have_applied() => clients.secret(&found.id).await,
        rotated => rotated,
    };
    (found, rotated)
}

struct Rotations {
    file: SecretsFile,
    bar: ProgressBar,
    rotated: u32,
    failed: u32,
}

impl Rotations {
    async fn wait_for_one(&mut self, running: &mut JoinSet<Rotated>) -> Result<()> {
        let Some(finished) = running.join_next().await else { return Ok(()) };
        let (client, rotated) = finished?;
        match rotated {
            Ok(secret) => {
                self.file.open()?.add(&client.id, client.client_id.as_deref(), &secret)?;
                self.rotated += 1;
            }
            Err(error) => {
                self.bar.suspend(|| eprintln!("{}: {error}", client.id));
                self.failed += 1;
            }
        }
        self.bar.inc(1);
        Ok(())
    }
}
