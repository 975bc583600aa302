//! Memory does not grow with the number of requests: the program, as people run it, on a target of its own.
//!
//! `CONFORMANCE_MEMORY_REQUESTS` says how many requests (12,000). `cargo xtask campaign memory` sends a million.

#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout, reason = "a campaign shows its progress and how to repeat it")]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests only, and these helpers are part of them"
)]

mod support;

use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use descope_mcp_conformance::embedded::Embedded;
use support::setting;

/// Requests after which the program has all that it needs: pools, caches, every kind of plan.
const WARM_UP: u64 = 10_000;
/// Between two looks at the memory of the program.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// What an allocator may keep beyond what is used, in KiB; a hundred bytes for each of a million requests would be
/// 97,656.
const SLACK_KIB: u64 = 24 << 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_flat_however_many_requests_are_sent() {
    let requests: u64 = setting("CONFORMANCE_MEMORY_REQUESTS", 12_000);
    let warm_up = WARM_UP.min(requests / 2);
    let answered = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&answered);
    let embedded = Embedded::start_wrapped(|router| {
        router.layer(axum::middleware::map_request(move |request: axum::extract::Request| {
            counter.fetch_add(1, Ordering::Relaxed);
            async { request }
        }))
    })
    .await
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let target = embedded.target();
    let started = Instant::now();
    let mut program = Command::new(env!("CARGO_BIN_EXE_descope-mcp-conformance"))
        .args(["--target", target.base_url.as_str(), "--profile", "deep", "--jobs", "16", "--seed", "1"])
        .args(["--requests", &requests.to_string(), "--journal"])
        .arg(folder.path().join("journal.jsonl"))
        .env("DESCOPE_PROJECT_ID", target.project_id.as_str())
        .env("DESCOPE_MANAGEMENT_KEY", target.management_key.expose())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut after_warm_up, mut at_end) = (None, 0);
    while program.try_wait().unwrap().is_none() {
        if let Some(peak) = peak_kib(&program) {
            at_end = peak;
            if answered.load(Ordering::Relaxed) >= warm_up {
                after_warm_up.get_or_insert(peak);
            }
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    let output = tokio::task::spawn_blocking(move || program.wait_with_output().unwrap()).await.unwrap();
    let sent = answered.load(Ordering::Relaxed);
    let after_warm_up = after_warm_up.unwrap();
    println!(
        "{sent} requests in {seconds:.1} s, {:.0} per second; peak memory {after_warm_up} KiB after {warm_up} requests, \
         {at_end} KiB at the end",
        sent as f64 / seconds
    );
    let verdict = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{verdict}");
    assert!(sent > requests * 9 / 10, "only {sent} requests");
    assert!(at_end <= after_warm_up + SLACK_KIB, "it grew from {after_warm_up} to {at_end} KiB");
}

/// The most memory that the program ever had, in KiB; `None` once it has ended.
fn peak_kib(program: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", program.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
