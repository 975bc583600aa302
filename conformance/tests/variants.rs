//! Whichever way a target answers a question that no public document settles, it is never accused of it, and every
//! property is exercised all the same.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "embedded")]

mod support;

use std::{collections::BTreeSet, time::Duration};

use descope_mcp_conformance::{
    embedded::{self, Embedded},
    property::Level,
    report::{Report, Verdict},
    runner::Profile,
};
use support::{CONTRADICTED, run, settings};
use tokio::task::JoinSet;

/// Seeds for each answer; `CONFORMANCE_SEEDS` asks for more.
const SEEDS: u64 = 2;

/// Requests of a run.
const REQUESTS: u64 = 150;

/// Runs at a time.
const AT_A_TIME: usize = 4;

async fn run_with(variant: (&str, &str), seed: u64) -> Report {
    let embedded = Embedded::start_varied(&[variant]).await.unwrap();
    // Each profile has plans of its own.
    let profile = if seed.is_multiple_of(2) { Profile::Smoke } else { Profile::Standard };
    let mut settings = settings(embedded.target(), profile, seed, REQUESTS);
    settings.consistency_window = Duration::from_secs(2);
    let report = run(&settings).await;
    embedded.stop().await;
    report
}

/// What is wrong with a report, in words.
fn accusations(report: &Report, contradicted: &BTreeSet<&str>) -> Vec<String> {
    let mut found = Vec::new();
    for property in &report.properties {
        let expected = property.level == Level::Info && contradicted.contains(property.id);
        match property.verdict {
            Verdict::Fail if !expected => {
                let failure = property.failure.as_ref().unwrap();
                let step = failure.steps.last().unwrap();
                found.push(format!(
                    "{}: {step}\n  expected {}\n  actual {}",
                    property.id, failure.expected, failure.actual
                ));
            }
            // A hundred requests cannot exercise everything whichever way a target answers; a thousand can.
            Verdict::Untested if report.profile == Profile::Smoke.name() => {}
            Verdict::Untested => found.push(format!("{} is untested", property.id)),
            Verdict::Pass if expected => found.push(format!("{} holds, though contradicted", property.id)),
            _ => {}
        }
    }
    if report.left_behind > 0 {
        found.push(format!("{} records are left behind", report.left_behind));
    }
    found
}

async fn accusations_of(name: &'static str, value: String, seed: u64) -> Vec<String> {
    let contradicts =
        |(other, of, id): &(&str, &str, &'static str)| (*other == name && *of == value).then_some(*id);
    let contradicted = CONTRADICTED.iter().filter_map(contradicts).collect();
    let report = run_with((name, &value), seed).await;
    let found = accusations(&report, &contradicted);
    found.into_iter().map(|accusation| format!("{name}={value}, seed {seed}: {accusation}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_to_an_open_question_is_taken_for_a_breach() {
    let seeds = std::env::var("CONFORMANCE_SEEDS").map_or(SEEDS, |seeds| seeds.parse().unwrap());
    let only = std::env::var("CONFORMANCE_VARIANT").unwrap_or_default();
    let mut answers = Vec::new();
    for (name, values) in embedded::variants() {
        answers.extend(values.into_iter().map(|value| (name, value)));
    }
    // The least lag shows nothing of how a longer one is waited out.
    answers.push(("search-lag", "300ms".to_owned()));
    let chosen = answers.into_iter().filter(|(name, value)| format!("{name}={value}").starts_with(&only));
    let (mut running, mut wrong) = (JoinSet::new(), Vec::new());
    for ((name, value), seed) in chosen.flat_map(|answer| (0..seeds).map(move |seed| (answer.clone(), seed)))
    {
        if running.len() == AT_A_TIME {
            wrong.extend(running.join_next().await.unwrap().unwrap());
        }
        running.spawn(accusations_of(name, value, seed));
    }
    wrong.extend(running.join_all().await.into_iter().flatten());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
