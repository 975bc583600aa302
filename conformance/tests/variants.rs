//! Whichever way a target answers a question that no public document settles, it is never accused of it, and every
//! property is exercised all the same.
//!
//! `CONFORMANCE_SEEDS` says how many seeds each answer gets in each profile (1), `CONFORMANCE_SEED` is the first of them,
//! `CONFORMANCE_VARIANT` takes the answers that begin like this. `cargo xtask campaign conformance` sets the first two.

#![allow(clippy::print_stdout, reason = "a campaign shows its progress and how to repeat it")]
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
use support::{CONTRADICTED, run, setting, settings};
use tokio::task::JoinSet;

/// Requests of a run.
const REQUESTS: u64 = 150;

/// Runs at a time.
const AT_A_TIME: usize = 4;

async fn run_with(variant: (&str, &str), profile: Profile, seed: u64) -> Report {
    let embedded = Embedded::start_varied(&[variant]).await.unwrap();
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

async fn accusations_of(name: &'static str, value: String, profile: Profile, seed: u64) -> Vec<String> {
    let contradicts =
        |(other, of, id): &(&str, &str, &'static str)| (*other == name && *of == value).then_some(*id);
    let contradicted = CONTRADICTED.iter().filter_map(contradicts).collect();
    let report = run_with((name, &value), profile, seed).await;
    let found = accusations(&report, &contradicted);
    let place = format!("CONFORMANCE_VARIANT={name}={value} CONFORMANCE_SEED={seed}, {}", profile.name());
    found.into_iter().map(|accusation| format!("{place}: {accusation}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_to_an_open_question_is_taken_for_a_breach() {
    let (seeds, first) = (setting("CONFORMANCE_SEEDS", 1), setting("CONFORMANCE_SEED", 0));
    let only = std::env::var("CONFORMANCE_VARIANT").unwrap_or_default();
    let mut answers = Vec::new();
    for (name, values) in embedded::variants() {
        answers.extend(values.into_iter().map(|value| (name, value)));
    }
    // The least lag shows nothing of how a longer one is waited out.
    answers.push(("search-lag", "300ms".to_owned()));
    answers.retain(|(name, value)| format!("{name}={value}").starts_with(&only));
    println!(
        "{} answers, {seeds} seeds from {first} each: CONFORMANCE_SEEDS={seeds} CONFORMANCE_SEED={first} repeats this",
        answers.len()
    );
    let (mut running, mut wrong, mut done) = (JoinSet::new(), Vec::new(), 0);
    for (name, value) in answers {
        for seed in first..first + seeds {
            // Each profile has plans of its own.
            for profile in [Profile::Smoke, Profile::Standard] {
                if running.len() == AT_A_TIME {
                    wrong.extend(running.join_next().await.unwrap().unwrap());
                }
                running.spawn(accusations_of(name, value.clone(), profile, seed));
                done += 1;
            }
        }
        println!("{name}={value}: {} accusations so far", wrong.len());
    }
    wrong.extend(running.join_all().await.into_iter().flatten());
    println!("{done} runs, {} accusations", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
