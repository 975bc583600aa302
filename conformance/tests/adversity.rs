//! Transient faults are waited out: they are no breach, nothing goes untested for them, and nothing is left behind.
//!
//! `CONFORMANCE_ADVERSE_SEEDS` says how many seeds (3), `CONFORMANCE_SEED` is the first of them. `cargo xtask campaign
//! conformance` sets them.

#![allow(clippy::print_stdout, reason = "a campaign shows its progress and how to repeat it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::report::Report;
use descope_mcp_conformance::run::settings::Profile;
use descope_mcp_conformance::wire::target::Target;
use futures_util::StreamExt;
use support::{Bystanders, false_alarms, run, setting, settings};

/// Requests of a run: all that `standard` has, since plans that faults cut short are tried again.
const REQUESTS: u64 = 1_000;

/// Seeds that are run at the same time: faults make them wait more than work.
const AT_ONCE: usize = 16;

/// Runs with these faults and returns what is wrong.
async fn alarms(adversity: &str, variants: &[(&str, &str)]) -> Vec<String> {
    let (seeds, first): (u64, u64) =
        (setting("CONFORMANCE_ADVERSE_SEEDS", 3), setting("CONFORMANCE_SEED", 0));
    println!(
        "{adversity}, {seeds} seeds from {first}: CONFORMANCE_ADVERSE_SEEDS={seeds} CONFORMANCE_SEED={first}"
    );
    let runs = (first..first + seeds).map(|seed| one_run(seed, adversity, variants));
    let runs: Vec<_> = futures_util::stream::iter(runs).buffered(AT_ONCE).collect().await;
    let requests: u64 = runs.iter().map(|(report, _)| report.requests).sum();
    let rate_limited: u64 = runs.iter().map(|(report, _)| report.rate_limited).sum();
    let alarms: Vec<_> = runs.into_iter().flat_map(|(_, alarms)| alarms).collect();
    println!("{requests} requests, {rate_limited} times told to slow down, {} false alarms", alarms.len());
    alarms
}

async fn one_run(seed: u64, adversity: &str, variants: &[(&str, &str)]) -> (Report, Vec<String>) {
    let adversity = format!("seed={seed},{adversity}");
    let embedded = Embedded::start_adverse(&adversity, variants).await.unwrap();
    let bystanders = Bystanders::settle(&embedded.target()).await;
    let before = bystanders.everything().await;
    let report = run(&settings(embedded.target(), Profile::Standard, seed, REQUESTS)).await;
    let mut wrong = false_alarms(&report, &[]);
    if bystanders.everything().await != before {
        wrong.push("the target is not as it was before".to_owned());
    }
    embedded.stop().await;
    let alarms = wrong.into_iter().map(|wrong| format!("{adversity}: {wrong}")).collect();
    (report, alarms)
}

#[tokio::test]
async fn one_fault_in_ten_requests_is_no_alarm() {
    let alarms = alarms("rate=0.1,delay=20,retry-after=1", &[]).await;
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}

#[tokio::test]
async fn two_faults_in_ten_requests_are_no_alarm() {
    let alarms = alarms("rate=0.2,delay=20,retry-after=0", &[]).await;
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}

#[tokio::test]
async fn faults_after_the_work_was_done_are_no_alarm_where_a_second_deletion_fails() {
    let variants = [("single-delete-unknown", "404"), ("duplicate-names", "accept")];
    let alarms = alarms("rate=0.15,kinds=reset-after+truncate", &variants).await;
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}

#[tokio::test]
async fn a_rate_limit_is_waited_out_in_every_form_that_it_has() {
    for (form, observed) in [("seconds", "in seconds"), ("date", "as a date")] {
        let embedded = Embedded::start_limited("60/1", &[("retry-after", form)]).await.unwrap();
        let report = run(&settings(embedded.target(), Profile::Standard, 5, 250)).await;
        let wrong = false_alarms(&report, &[]);
        assert!(wrong.is_empty(), "{form}: {}", wrong.join("\n"));
        assert!(report.rate_limited > 0, "{form}: the limit was never met");
        let shown = report.observations.iter().find(|row| row.id == "limits/retry-after").unwrap();
        assert_eq!(shown.answers.iter().map(|answer| &answer.answer).collect::<Vec<_>>(), [observed]);
        assert_eq!(count_servers(&embedded.target()).await, 0);
    }
}

async fn count_servers(target: &Target) -> usize {
    // One request more than the limit allows in a second may be refused at first; the sender waits.
    Bystanders::of(target).everything().await.len() - 1
}
