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
    /// Kills the emulator with SIGKILL under concurrent writes: every answered write is there after the restart, no
    /// other in part.
    Kill {
        /// How often.
        #[arg(long, default_value_t = 100)]
        kills: u64,
        /// Kills at the same moments as the run that printed it [default: from the clock].
        #[arg(long)]
        seed: Option<u64>,
    },
}

/// A campaign as the test that runs it knows it.
struct Order {
    test: &'static str,
    count: (&'static str, u64),
    seed: (&'static str, Option<u64>),
    /// The words after `cargo xtask campaign` without the numbers.
    words: [&'static str; 2],
}

impl Campaign {
    fn order(&self) -> Order {
        match *self {
            Self::Fuzz { requests, seed } => Order {
                test: "fuzz",
                count: ("EMULATOR_FUZZ_REQUESTS", requests),
                seed: ("EMULATOR_FUZZ_SEED", seed),
                words: ["fuzz", "--requests"],
            },
            Self::Kill { kills, seed } => Order {
                test: "kill",
                count: ("EMULATOR_KILLS", kills),
                seed: ("EMULATOR_KILL_SEED", seed),
                words: ["kill", "--kills"],
            },
        }
    }
}

/// Runs the task.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let order = arguments.campaign.order();
    let seed = order.seed.1.map_or_else(seed_of_the_clock, Ok)?;
    let ([name, flag], count) = (order.words, order.count.1);
    println!("repeat it with `cargo xtask campaign {name} {flag} {count} --seed {seed}`");
    let test = ["test", "--package", "descope-mcp-emulator", "--test", order.test, "--", "--nocapture"];
    let status = workspace::cargo()
        .args(test)
        .env(order.count.0, count.to_string())
        .env(order.seed.0, seed.to_string())
        .status()
        .context("starting cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn seed_of_the_clock() -> Result<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("reading the clock; pass --seed")?;
    // Short enough to be typed again.
    Ok(since.as_micros() as u64 % 1_000_000_000)
}
