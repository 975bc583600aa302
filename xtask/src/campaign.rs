//! `cargo xtask campaign`: long tests that look for what short ones miss. Each is a test of its package, sent on its way
//! with more work and a seed of its own, so that the short form in `cargo test` and the long one are the same code.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::workspace;

/// Arguments of the task.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    campaign: Campaign,
}

#[derive(Debug, clap::Subcommand)]
enum Campaign {
    /// Sends bad requests to every route of the emulator: no 5xx, no panic, no hang, bounded memory.
    Fuzz {
        /// How many.
        #[arg(long, default_value_t = 100_000)]
        requests: u64,
        /// Makes the same requests as the run that printed it [default: from the clock].
        #[arg(long)]
        seed: Option<u64>,
    },
}

/// Runs the task.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Campaign::Fuzz { requests, seed } = arguments.campaign;
    let seed = seed.map_or_else(seed_of_the_clock, Ok)?;
    println!("repeat it with `cargo xtask campaign fuzz --requests {requests} --seed {seed}`");
    let test = ["test", "--package", "descope-mcp-emulator", "--test", "fuzz", "--", "--nocapture"];
    let status = workspace::cargo()
        .args(test)
        .env("EMULATOR_FUZZ_REQUESTS", requests.to_string())
        .env("EMULATOR_FUZZ_SEED", seed.to_string())
        .status()
        .context("starting cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn seed_of_the_clock() -> Result<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("reading the clock; pass --seed")?;
    // Short enough to be typed again.
    Ok(since.as_micros() as u64 % 1_000_000_000)
}
