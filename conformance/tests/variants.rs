//! Whichever way a target answers a question that no public document settles, it is never accused of it, every property
//! is exercised all the same, and the answer shows in the observations.
//!
//! `CONFORMANCE_SEEDS` says how many seeds each answer gets in each profile (1), `CONFORMANCE_SEED` is the first of them,
//! `CONFORMANCE_VARIANT` takes the answers that begin like this. `cargo xtask campaign conformance` sets the first two.

#![allow(clippy::print_stdout, reason = "a campaign shows its progress and how to repeat it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "embedded")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use descope_mcp_conformance::embedded::{self, Embedded};
use descope_mcp_conformance::properties::property::Level;
use descope_mcp_conformance::properties::registry;
use descope_mcp_conformance::report::{Report, Verdict};
use descope_mcp_conformance::run::settings::Profile;
use support::{CONTRADICTED, WRONG, run, setting, settings};
use tokio::task::JoinSet;

/// Requests of a run.
const REQUESTS: u64 = 250;

/// The observation in which each variant shows.
const SHOWS_IN: [(&str, &str); 43] = [
    ("flat-scopes", "server/flat-scopes"),
    ("not-found-status", "errors/unknown-server"),
    ("not-found-code", "errors/unknown-server"),
    ("foreign-client", "errors/client-of-another-server"),
    ("unauthorized-status", "errors/no-key"),
    ("unauthorized-code", "errors/no-key"),
    ("validation-code", "errors/missing-member"),
    ("duplicate-names", "server/same-name"),
    ("unknown-members", "server/unknown-members"),
    ("single-delete-unknown", "delete/unknown"),
    ("server-delete-clients", "delete/clients-of-a-server"),
    ("registration-type", "client/registration-types"),
    ("status", "client/statuses"),
    ("over-limit", "search/limit-beyond-all"),
    ("search-text", "search/tag-as-text"),
    ("name-match", "search/part-of-name"),
    ("tag-match", "search/part-of-tag"),
    ("unknown-sort", "search/unknown-order"),
    ("total", "search/total"),
    ("consent-flow", "server/consent-flow"),
    ("login-page", "server/defaults"),
    ("login-flow", "server/login-flow"),
    ("absent", "server/empty-members"),
    ("registration-default", "server/defaults"),
    ("session-defaults", "server/defaults"),
    ("client-update", "client/update-without-members"),
    ("client-scopes", "client/scopes-beyond-the-server"),
    ("client-callbacks", "client/callbacks-beyond-the-server"),
    ("rotation", "client/rotated-secret"),
    ("rotation-tokens", "token/refresh-after-rotation"),
    ("secret-read", "client/secret-again"),
    ("m2m-scope", "token/scope"),
    ("m2m-aud", "token/audience-of-resource"),
    ("token-issuer", "token/issuer"),
    ("token-errors", "token/error-form"),
    ("dcr-status", "registration/answer"),
    ("dcr-public-secret", "registration/public-secret"),
    ("secret-expiry", "registration/confidential-secret"),
    ("dcr-client-credentials", "registration/client-credentials"),
    ("self-registered-errors", "registration/early-errors"),
    ("self-registered-consent", "registration/consent"),
    ("client-id-form", "client/id-form"),
    ("server-ids", "server/id-form"),
];

/// Variants that show in none, and why.
const SHOWS_NOWHERE: [(&str, &str); 6] = [
    ("rs-servers", "a target gives the id of a resource to all its servers or to none"),
    ("retry-after", "nothing is limited here; a test of the rate limit shows it"),
    ("rate-limit-bucket", "a run has one address and one project"),
    ("default-limit", "it takes more clients than a run may make"),
    ("largest-limit", "it takes more clients than a run may make"),
    ("search-lag", "the report says it as the longest lag"),
];

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
        let expected = contradicted.contains(property.id);
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

/// A value of a variant, and what a run in a profile said of it.
struct Outcome {
    name: &'static str,
    value: String,
    accusations: Vec<String>,
    /// What `standard` answered where the variant shows.
    shown: Option<Vec<String>>,
}

async fn outcome(name: &'static str, value: String, profile: Profile, seed: u64) -> Outcome {
    let contradicts =
        |(other, of, id): &(&str, &str, &'static str)| (*other == name && *of == value).then_some(*id);
    let contradicted = CONTRADICTED.iter().chain(&WRONG).filter_map(contradicts).collect();
    let report = run_with((name, &value), profile, seed).await;
    let place = format!("CONFORMANCE_VARIANT={name}={value} CONFORMANCE_SEED={seed}, {}", profile.name());
    let found = accusations(&report, &contradicted);
    let accusations = found.into_iter().map(|accusation| format!("{place}: {accusation}")).collect();
    let shown = (profile == Profile::Standard).then(|| {
        let observation = SHOWS_IN.iter().find(|(variant, _)| *variant == name).map(|(_, id)| *id);
        let rows = report.observations.iter().filter(|row| Some(row.id) == observation);
        rows.flat_map(|row| row.answers.iter().map(|answer| answer.answer.clone())).collect()
    });
    Outcome { name, value, accusations, shown }
}

/// Values of one variant that were answered alike, or where nothing was answered.
fn hidden(outcomes: &[Outcome]) -> Vec<String> {
    let mut shown = BTreeMap::new();
    for Outcome { name, value, shown: answers, .. } in outcomes {
        let of_value = shown.entry((*name, value)).or_insert_with(BTreeSet::new);
        of_value.extend(answers.iter().flatten());
    }
    let mut hidden = Vec::new();
    for ((name, value), answers) in &shown {
        if SHOWS_NOWHERE.iter().any(|(variant, _)| variant == name) {
            continue;
        }
        let alike = |((other, of), others): &(&(&str, &String), &BTreeSet<_>)| {
            other == name && of != value && *others == answers
        };
        if answers.is_empty() || shown.iter().any(|other| alike(&other)) {
            hidden.push(format!("{name}={value} does not show: {answers:?}"));
        }
    }
    hidden
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_to_an_open_question_is_taken_for_a_breach_and_each_shows() {
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
    let (mut running, mut outcomes) = (JoinSet::new(), Vec::new());
    let mut take = |outcome: Outcome| {
        outcome.accusations.iter().for_each(|accusation| println!("{accusation}"));
        outcomes.push(outcome);
    };
    for (name, value) in answers {
        for seed in first..first + seeds {
            // Each profile has plans of its own.
            for profile in [Profile::Smoke, Profile::Standard] {
                if running.len() == AT_A_TIME {
                    take(running.join_next().await.unwrap().unwrap());
                }
                running.spawn(outcome(name, value.clone(), profile, seed));
            }
        }
        println!("{name}={value}");
    }
    running.join_all().await.into_iter().for_each(take);
    let mut wrong = hidden(&outcomes);
    wrong.extend(outcomes.iter().flat_map(|outcome| outcome.accusations.clone()));
    println!("{} runs, {} accusations or hidden answers", outcomes.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn of_every_variant_it_is_known_where_it_shows() {
    let known: BTreeSet<_> = SHOWS_IN.iter().chain(&SHOWS_NOWHERE).map(|(variant, _)| *variant).collect();
    let variants: BTreeSet<_> = embedded::variants().into_iter().map(|(name, _)| name).collect();
    assert_eq!(known, variants);
    assert_eq!(known.len(), SHOWS_IN.len() + SHOWS_NOWHERE.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_lists_break_no_property_that_fails_no_run_either() {
    let mut found = Vec::new();
    for property in registry::all().filter(|property| property.eventually && property.level > Level::Must) {
        let embedded = Embedded::start_varied(&[("search-lag", "300ms")]).await.unwrap();
        let mut settings = settings(embedded.target(), Profile::Smoke, 1, Profile::Smoke.requests());
        settings.consistency_window = Duration::from_secs(2);
        // By itself, so that no other property finds out how late lists are.
        (settings.properties, settings.fails_from) = (vec![property], Level::Must);
        found.extend(accusations(&run(&settings).await, &BTreeSet::new()));
        embedded.stop().await;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
