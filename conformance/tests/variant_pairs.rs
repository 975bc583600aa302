//! A correct server is not accused whichever way it answers what documents leave open, nor for any two such ways at once.
//!
//! `CONFORMANCE_PAIR_SEEDS` says how many seeds each combination gets (1), `CONFORMANCE_SEED` is the first of them,
//! `CONFORMANCE_COMBINATION` takes a single combination. `cargo xtask campaign conformance` sets them.

#![allow(clippy::print_stdout, reason = "a campaign shows its progress and how to repeat it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod pairs;
mod support;

use std::time::Duration;

use descope_mcp_conformance::embedded::{Embedded, variants};
use descope_mcp_conformance::report::Report;
use descope_mcp_conformance::run::settings::Profile;
use futures_util::StreamExt;
use pairs::covering_rows;
use support::{CONTRADICTED, WRONG, false_alarms, run, setting, settings};

/// Requests of a run: the plans written by hand and some generated ones.
const REQUESTS: u64 = 250;
/// Longer than the lag of any variant here.
const CONSISTENCY_WINDOW: Duration = Duration::from_secs(2);

/// Two answers that no server can give at once: new servers get ids that it then does not know.
const ABSURD: [(&str, &str); 2] = [("server-ids", "RS"), ("rs-servers", "reject")];

/// Runs at the same time: where lists lag, they wait more than work.
const AT_ONCE: usize = 8;

async fn run_with(combination: &[(&str, &str)], seed: u64) -> Report {
    let embedded = Embedded::start_varied(combination).await.unwrap();
    let mut settings = settings(embedded.target(), Profile::Standard, seed, REQUESTS);
    settings.consistency_window = CONSISTENCY_WINDOW;
    let report = run(&settings).await;
    embedded.stop().await;
    report
}

#[tokio::test]
async fn no_two_answers_to_open_questions_make_the_suite_accuse_a_correct_server() {
    let (seeds, first) = (setting("CONFORMANCE_PAIR_SEEDS", 1), setting("CONFORMANCE_SEED", 0));
    let only = setting("CONFORMANCE_COMBINATION", usize::MAX);
    let mut variants = variants();
    for (name, values) in &mut variants {
        // What is wrong by itself is no answer that two of may be given at once.
        values.retain(|value| !WRONG.iter().any(|(of, wrong, _)| of == name && wrong == value));
    }
    let counts: Vec<_> = variants.iter().map(|(_, values)| values.len()).collect();
    let named = |(factor, value): (usize, usize)| (variants[factor].0, variants[factor].1[value].as_str());
    let rows = covering_rows(&counts, |one, two| [named(one), named(two)] == ABSURD);
    println!(
        "{} combinations of {} variants, {seeds} seeds from {first} each: CONFORMANCE_PAIR_SEEDS={seeds} \
         CONFORMANCE_SEED={first} repeats this",
        rows.len(),
        variants.len()
    );
    let (mut done, mut requests, mut alarms) = (0, 0, Vec::new());
    for (number, row) in rows.iter().enumerate().filter(|(number, _)| only == usize::MAX || *number == only) {
        let combination: Vec<_> = row.iter().copied().enumerate().map(named).collect();
        let unusual: Vec<_> = combination
            .iter()
            .zip(&variants)
            .filter(|((_, value), (_, values))| *value != values[0])
            .map(|((name, value), _)| format!("{name}={value}"))
            .collect();
        let contradicts = |(name, value, _): &&(&str, &str, &str)| combination.contains(&(*name, *value));
        let contradicted: Vec<_> = CONTRADICTED.iter().filter(contradicts).map(|(_, _, id)| *id).collect();
        let before = alarms.len();
        let runs = (first..first + seeds).map(|seed| run_with(&combination, seed));
        let mut runs = futures_util::stream::iter(runs).buffer_unordered(AT_ONCE);
        while let Some(report) = runs.next().await {
            (done, requests) = (done + 1, requests + report.requests);
            alarms.extend(false_alarms(&report, &contradicted).into_iter().map(|alarm| {
                format!(
                    "CONFORMANCE_COMBINATION={number} CONFORMANCE_SEED={}: {alarm}\n  {}",
                    report.seed,
                    unusual.join(" ")
                )
            }));
        }
        println!("combination {number}: {} false alarms", alarms.len() - before);
    }
    println!("{done} runs, {requests} requests, {} false alarms", alarms.len());
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}
