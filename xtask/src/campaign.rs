//! `cargo xtask campaign`: long tests that find what short ones miss. Each is a test of its package, started with more work
//! and its own seed, so that the short form in `cargo test` and the long form are the same code.

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use xtask::program::{EMULATOR, SUITE};
use xtask::workspace;

/// Arguments of the task.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    campaign: Campaign,
}

#[derive(Debug, clap::Subcommand)]
enum Campaign {
    /// Sends bad requests to every route of the emulator. Checks: no 5xx, no panic, no hang, bounded memory.
    Fuzz {
        /// Number of requests.
        #[arg(long, default_value_t = 100_000)]
        requests: u64,
        /// Seed that an earlier run printed; repeats that run [default: from the clock].
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Kills the emulator with SIGKILL during concurrent writes. Checks: after the restart, every acknowledged write is
    /// there, and any other write is there completely or not at all.
    Kill {
        /// Number of kills.
        #[arg(long, default_value_t = 100)]
        kills: u64,
        /// Seed that an earlier run printed; repeats that run [default: from the clock].
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Runs the conformance suite against the emulator, which is correct. Checks: no property fails, none is untested,
    /// nothing is left behind.
    Conformance {
        /// Number of runs that each draw a value of every variant, and adversity.
        #[arg(long, default_value_t = 1_000)]
        mixtures: u64,
        /// The first of these runs to take, counted from 0: goes on with a campaign that was cut short.
        #[arg(long, default_value_t = 0)]
        first_mixture: u64,
        /// Number of seeds with the default answer to every open question.
        #[arg(long, default_value_t = 100)]
        seeds: u64,
        /// Number of seeds for each value of each variant, in both `smoke` and `standard`.
        #[arg(long, default_value_t = 5)]
        variant_seeds: u64,
        /// The first seed [default: from the clock].
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Runs the conformance suite in `standard` against a server that shares no code with it, in each of its profiles.
    /// Checks: no correct profile fails, each faulty one does, nothing is left behind. Needs `python3`.
    Independent {
        /// Number of seeds for each profile.
        #[arg(long, default_value_t = 20)]
        seeds: u64,
        /// The first seed [default: from the clock].
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Feeds random documents to the generator. Checks: no panic, no hang, bounded memory.
    Codegen {
        /// Number of documents.
        #[arg(long, default_value_t = 1_000_000)]
        executions: u64,
        /// Seed that an earlier run printed; repeats that run [default: from the clock].
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Runs the conformance suite against every mutant of the matrix, which is made from the OpenAPI documents. Writes what
    /// came of each; `cargo xtask docs` then writes `docs/mutants.md`.
    Mutants,
    /// Sends many requests with the conformance suite. Checks: its memory does not grow with their number.
    Memory {
        /// Number of requests.
        #[arg(long, default_value_t = 1_000_000)]
        requests: u64,
    },
}

/// A test, and what to set in its environment.
struct Order {
    package: &'static str,
    test: &'static str,
    settings: Vec<(&'static str, u64)>,
    optimized: bool,
}

const CODEGEN: &str = "descope-mcp-codegen";

impl Campaign {
    /// The tests to run, and the command that repeats them.
    fn orders(&self) -> Result<(Vec<Order>, String)> {
        let of_emulator = |test, settings| Order { package: EMULATOR, test, settings, optimized: false };
        let of_suite = |test, settings| Order { package: SUITE, test, settings, optimized: true };
        Ok(match *self {
            Self::Fuzz { requests, seed } => {
                let seed = seed.map_or_else(seed_of_the_clock, Ok)?;
                let settings = vec![("EMULATOR_FUZZ_REQUESTS", requests), ("EMULATOR_FUZZ_SEED", seed)];
                (vec![of_emulator("fuzz", settings)], format!("fuzz --requests {requests} --seed {seed}"))
            }
            Self::Kill { kills, seed } => {
                let seed = seed.map_or_else(seed_of_the_clock, Ok)?;
                let settings = vec![("EMULATOR_KILLS", kills), ("EMULATOR_KILL_SEED", seed)];
                (vec![of_emulator("kill", settings)], format!("kill --kills {kills} --seed {seed}"))
            }
            Self::Conformance { mixtures, first_mixture, seeds, variant_seeds, seed } => {
                let seed = seed.map_or_else(seed_of_the_clock, Ok)?;
                let first = ("CONFORMANCE_SEED", seed);
                let orders = vec![
                    of_suite(
                        "mixtures",
                        vec![
                            first,
                            ("CONFORMANCE_MIXTURES", mixtures),
                            ("CONFORMANCE_FIRST_MIXTURE", first_mixture),
                        ],
                    ),
                    of_suite("no_false_alarm", vec![first, ("CONFORMANCE_SEEDS", seeds)]),
                    of_suite("variants", vec![first, ("CONFORMANCE_SEEDS", variant_seeds)]),
                ];
                let words = format!(
                    "conformance --mixtures {mixtures} --seeds {seeds} --variant-seeds {variant_seeds} --seed {seed}"
                );
                (orders, words)
            }
            Self::Independent { seeds, seed } => {
                let seed = seed.map_or_else(seed_of_the_clock, Ok)?;
                let settings = vec![("CONFORMANCE_SEED", seed), ("CONFORMANCE_INDEPENDENT_SEEDS", seeds)];
                let order = of_suite("independent", settings);
                (vec![order], format!("independent --seeds {seeds} --seed {seed}"))
            }
            Self::Codegen { executions, seed } => {
                let seed = seed.map_or_else(seed_of_the_clock, Ok)?;
                let settings = vec![("CODEGEN_FUZZ_EXECUTIONS", executions), ("CODEGEN_FUZZ_SEED", seed)];
                let order = Order { package: CODEGEN, test: "fuzz", settings, optimized: true };
                (vec![order], format!("codegen --executions {executions} --seed {seed}"))
            }
            Self::Mutants => (vec![of_suite("matrix", vec![("MATRIX_ALL", 1)])], "mutants".to_owned()),
            Self::Memory { requests } => {
                let settings = vec![("CONFORMANCE_MEMORY_REQUESTS", requests)];
                (vec![of_suite("memory", settings)], format!("memory --requests {requests}"))
            }
        })
    }
}

/// Runs the task: all of its tests, also after one has failed.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (orders, words) = arguments.campaign.orders()?;
    println!("repeat it with `cargo xtask campaign {words}`");
    let mut code = ExitCode::SUCCESS;
    for Order { package, test, settings, optimized } in orders {
        let mut cargo = workspace::cargo();
        cargo.args(["test", "--package", package, "--test", test]);
        if optimized {
            cargo.arg("--release");
        }
        let settings = settings.into_iter().map(|(name, value)| (name, value.to_string()));
        let status = cargo.args(["--", "--nocapture"]).envs(settings).status().context("starting cargo")?;
        if !status.success() {
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

fn seed_of_the_clock() -> Result<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("reading the clock; pass --seed")?;
    // Short enough to be typed again.
    Ok(since.as_micros() as u64 % 1_000_000_000)
}
