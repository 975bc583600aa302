//! Requests are scarce: a run never sends more than it may, whatever happens to it; what it sends is about what was asked
//! for; and what it could not afford is said. The witness is a counter in front of the target.

#![cfg(feature = "embedded")]
#![allow(clippy::print_stdout, reason = "a test shows what runs cost")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use descope_mcp_conformance::cli::{CONSISTENCY_WINDOW, exit_code};
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::properties::property::Level;
use descope_mcp_conformance::properties::registry;
use descope_mcp_conformance::report::{Conclusion, Report, Verdict};
use descope_mcp_conformance::run::narrow::Narrowing;
use descope_mcp_conformance::run::settings::{Profile, Settings};
use descope_mcp_conformance::run::{self, Source};
use descope_mcp_conformance::wire::stop::Stop;
use descope_mcp_conformance::wire::target::Target;
use serde_json::Value;
use support::{setting, settings};

/// What a target does with a request, given how many came before it and its path.
type Trouble = fn(u64, &str) -> Option<StatusCode>;

/// A target with troubles, and the number of requests that it got.
struct Troubled {
    embedded: Embedded,
    requests: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

impl Troubled {
    /// `refuses` answers a request instead of the target, `loses` the answer of the target.
    async fn new(variants: &[(&str, &str)], refuses: Trouble, loses: Trouble) -> Self {
        let requests = Arc::<AtomicU64>::default();
        let is_over = Arc::<AtomicBool>::default();
        let (counter, calm) = (requests.clone(), is_over.clone());
        let embedded = Embedded::start_varied_and_wrapped(variants, |router| {
            router.layer(middleware::from_fn(move |request: Request, next: Next| {
                let count = counter.fetch_add(1, Ordering::Relaxed);
                let calm = calm.load(Ordering::Relaxed);
                async move {
                    if calm {
                        return next.run(request).await;
                    }
                    let path = request.uri().path().to_owned();
                    let trouble =
                        |status: StatusCode| (status, [("retry-after", "0")], "trouble").into_response();
                    if let Some(status) = refuses(count, &path) {
                        return trouble(status);
                    }
                    let response = next.run(request).await;
                    loses(count, &path).map_or(response, trouble)
                }
            }))
        });
        Self { embedded: embedded.await.unwrap(), requests, is_over }
    }

    async fn run(&self, profile: Profile, seed: u64, requests: u64) -> Report {
        let mut settings = settings(self.embedded.target(), profile, seed, requests);
        settings.consistency_window = Duration::from_secs(3);
        support::run(&settings).await
    }
}

/// The first seed of runs in trouble.
const FIRST_SEED: u64 = 1;
const BOTH: &[Profile] = &[Profile::Smoke, Profile::Standard];
const NOTHING: Case = ("nothing", BOTH, &[], never, never);
const LATE_LISTS: Case = ("late lists", BOTH, &[("search-lag", "500")], never, never);
const EVERY_SECOND_ONE_TOO_MANY: Case =
    ("every second one too many", BOTH, &[], |n, _| when(n % 2 == 1, StatusCode::TOO_MANY_REQUESTS), never);

/// Whether a run in this trouble can pay for the deletion of all that it has made.
fn nothing_stays((name, ..): Case) -> bool {
    [NOTHING, LATE_LISTS, EVERY_SECOND_ONE_TOO_MANY].iter().any(|case| case.0 == name)
}

fn never(_: u64, _: &str) -> Option<StatusCode> {
    None
}

fn when(trouble: bool, status: StatusCode) -> Option<StatusCode> {
    trouble.then_some(status)
}

#[tokio::test]
async fn no_run_sends_more_requests_than_it_may_whatever_happens() {
    let smoke = &[Profile::Smoke];
    let troubles: [Case; 7] = [
        NOTHING,
        LATE_LISTS,
        EVERY_SECOND_ONE_TOO_MANY,
        (
            "one in three refused by a gateway",
            BOTH,
            &[],
            |n, _| when(n % 3 == 1, StatusCode::SERVICE_UNAVAILABLE),
            never,
        ),
        ("one in three answers lost", BOTH, &[], never, |n, _| {
            when(n % 3 == 1, StatusCode::SERVICE_UNAVAILABLE)
        }),
        (
            "deletions fail",
            BOTH,
            &[],
            |_, path| when(path.contains("/delete"), StatusCode::INTERNAL_SERVER_ERROR),
            never,
        ),
        (
            "no answer after 90 requests",
            smoke,
            &[],
            |n, _| when(n > 90, StatusCode::SERVICE_UNAVAILABLE),
            never,
        ),
    ];
    let last = FIRST_SEED + setting("CONFORMANCE_THRIFT_SEEDS", 3);
    let runs = troubles.into_iter().flat_map(|case| {
        // Where everything must be deleted all the same, chance may decide whether it is.
        let seeds = FIRST_SEED..if nothing_stays(case) { last } else { FIRST_SEED + 1 };
        seeds.flat_map(move |seed| {
            case.1.iter().map(move |profile| run_in_trouble(case, *profile, seed, profile.requests()))
        })
    });
    let wrong = futures_util::future::join_all(runs).await;
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn wherever_requests_run_out_those_for_clean_up_are_left_also_in_trouble() {
    let smoke = (6..=100).step_by(8).map(|requests| (Profile::Smoke, requests));
    let standard = [120, 170, 230, 310, 420].map(|requests| (Profile::Standard, requests));
    let mut wrong = Vec::new();
    for case in [NOTHING, LATE_LISTS, EVERY_SECOND_ONE_TOO_MANY] {
        let runs = smoke.clone().chain(standard);
        let runs = runs.map(|(profile, requests)| run_in_trouble(case, profile, requests, requests));
        wrong.extend(futures_util::future::join_all(runs).await.into_iter().flatten());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn three_requests_too_many_leave_nothing_untested_in_smoke() {
    let troubles: [Trouble; 5] = [
        |n, _| when([6, 50, 54].contains(&n), StatusCode::TOO_MANY_REQUESTS),
        |n, _| when([8, 11, 12].contains(&n), StatusCode::TOO_MANY_REQUESTS),
        |n, _| when([14, 31, 39].contains(&n), StatusCode::TOO_MANY_REQUESTS),
        |n, _| when([31, 40, 70].contains(&n), StatusCode::TOO_MANY_REQUESTS),
        |n, _| when([2, 21, 62].contains(&n), StatusCode::TOO_MANY_REQUESTS),
    ];
    let mut wrong = Vec::new();
    for (seed, trouble) in (0..).zip(troubles) {
        let target = Troubled::new(&[], trouble, never).await;
        let report = target.run(Profile::Smoke, seed, Profile::Smoke.requests()).await;
        let conclusion = report.conclusion;
        if conclusion != Conclusion::Pass || report.left_behind > 0 {
            let untested: Vec<_> = report.with(Verdict::Untested).map(|property| property.id).collect();
            wrong.push(format!("seed {seed}: {conclusion:?}, {} requests, {untested:?}", report.requests));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a list of all servers shows that never becomes right.
#[derive(Clone, Copy, PartialEq)]
enum Shows {
    Nothing,
    /// Every server that was ever made.
    AllMade,
    /// What it showed first.
    First,
}

fn with_a_list_that_stays(router: Router, shows: Shows) -> Router {
    let shown = Arc::<std::sync::Mutex<Option<Vec<Value>>>>::default();
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let shown = shown.clone();
        async move {
            let path = request.uri().path().to_owned();
            let response = next.run(request).await;
            if !response.status().is_success() || !path.contains("/mcp/server") {
                return response;
            }
            let (mut parts, body) = response.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap();
            let mut body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let mut shown = shown.lock().unwrap();
            if path.ends_with("/server/create") && shows == Shows::AllMade {
                shown.get_or_insert_default().push(body["server"].clone());
            }
            if !path.ends_with("/servers/all") {
                return axum::response::Response::from_parts(parts, Body::from(bytes));
            }
            let now = body["servers"].as_array().cloned().unwrap_or_default();
            let servers = match shows {
                Shows::First => shown.get_or_insert(now).clone(),
                Shows::Nothing | Shows::AllMade => shown.clone().unwrap_or_default(),
            };
            body["total"] = servers.len().into();
            body["servers"] = servers.into();
            parts.headers.remove("content-length");
            axum::response::Response::from_parts(parts, Body::from(body.to_string()))
        }
    }))
}

#[tokio::test]
async fn a_list_that_stays_wrong_for_ever_fails_smoke_within_its_requests() {
    let runs =
        [(Shows::Nothing, "servers/all/contains-created"), (Shows::AllMade, "servers/all/omits-deleted")];
    let runs = runs.into_iter().flat_map(|run| [1, 2, 5].map(|seed| (seed, run)));
    let runs = runs.map(|(seed, (shows, id))| async move {
        let wrap = |router| with_a_list_that_stays(router, shows);
        let embedded = Embedded::start_wrapped(wrap).await.unwrap();
        let mut settings = settings(embedded.target(), Profile::Smoke, seed, Profile::Smoke.requests());
        settings.consistency_window = CONSISTENCY_WINDOW;
        let report = support::run(&settings).await;
        let broken: Vec<_> = report.broken(Level::Must).map(|property| property.id).collect();
        let is_right =
            report.conclusion == Conclusion::Fail && broken.contains(&id) && report.requests <= 100;
        let (conclusion, requests) = (report.conclusion, report.requests);
        (!is_right).then(|| format!("{id}, seed {seed}: {conclusion:?}, {requests} requests, {broken:?}"))
    });
    let wrong: Vec<_> = futures_util::future::join_all(runs).await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_list_that_is_late_is_named_as_the_cause_of_what_may_be_left() {
    let wrap = |router| with_a_list_that_stays(router, Shows::First);
    let embedded = Embedded::start_wrapped(wrap).await.unwrap();
    let mut settings = settings(embedded.target(), Profile::Smoke, 1, Profile::Smoke.requests());
    settings.consistency_window = CONSISTENCY_WINDOW;
    let report = support::run(&settings).await;
    let why = report.left_because.unwrap_or_default();
    assert_eq!(report.conclusion, Conclusion::LeftBehind, "{why}");
    assert!(why.contains("the target still listed what it was asked to delete"), "{why}");
    assert!(!why.contains("answered /v1/mgmt/mcp/servers/all with no answer"), "{why}");
    assert!(report.requests <= 100, "{}", report.requests);
}

/// A name, the profiles, the variants of the target, and what it refuses and loses.
type Case = (&'static str, &'static [Profile], &'static [(&'static str, &'static str)], Trouble, Trouble);

/// Says what a run did wrong.
async fn run_in_trouble(case: Case, profile: Profile, seed: u64, requests: u64) -> Option<String> {
    let (name, _, variants, refuses, loses) = case;
    let troubled = Troubled::new(variants, refuses, loses).await;
    let report = troubled.run(profile, seed, requests).await;
    let sent = troubled.requests.load(Ordering::Relaxed);
    troubled.is_over.store(true, Ordering::Relaxed);
    // Until late lists show what is in the store.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let left = support::Bystanders::of(&troubled.embedded.target()).servers().await.len();
    let said = report.left_behind;
    let place = format!(
        "{}, {name}, seed {seed}: {sent} of {requests} requests, {:?}, {left} servers are left, {said} said",
        profile.name(),
        report.conclusion
    );
    println!("{place}");
    // What fails no run is not given the time that late lists need.
    let broken = report.with(Verdict::Fail).filter(|property| property.level != Level::Info);
    let broken: Vec<_> = broken.map(|property| property.id).collect();
    let is_right = sent <= requests
        && sent == report.requests
        && (name == "deletions fail" || broken.is_empty())
        && (left == 0 || said > 0)
        && (!nothing_stays(case) || (said, left) == (0, 0));
    (!is_right).then(|| format!("{place}, {broken:?}, {:?}", report.left_because))
}

fn program(target: &Target, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_descope-mcp-conformance"));
    command
        .args(["--target", target.base_url.as_str(), "--as-remote", "--project", target.project_id.as_str()])
        .args(["--pace", "0", "--seed", "1"])
        .args(arguments)
        .env("DESCOPE_PROJECT_ID", target.project_id.as_str())
        .env("DESCOPE_MANAGEMENT_KEY", target.management_key.expose())
        .env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[tokio::test]
async fn a_run_with_few_requests_keeps_enough_of_them_to_delete_what_it_made() {
    for allowed in [5, 9, 20, 33, 47, 60, 81, 95] {
        let troubled = Troubled::new(&[], never, never).await;
        let target = troubled.embedded.target();
        let requests = allowed.to_string();
        let output = output(program(&target, &["--profile", "smoke", "--requests", &requests])).await;
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(troubled.requests.load(Ordering::Relaxed) <= allowed, "{allowed}: {stdout}");
        assert_eq!(output.status.code(), Some(exit_code::UNTESTED.into()), "{allowed}: {stdout}");
        assert!(stdout.contains("did not last to the end of its plans; --requests N"), "{allowed}: {stdout}");
        assert!(stdout.contains("nothing left behind"), "{allowed}: {stdout}");
        assert_eq!(support::Bystanders::of(&target).servers().await.len(), 0, "{allowed}");
    }
}

#[tokio::test]
async fn what_could_not_be_deleted_within_the_allowed_requests_is_said_and_stays_in_the_journal() {
    // No gateway lets a deletion through. By then the requests do not last to show that it never does.
    let refuses: Trouble = |_, path| when(path.contains("/delete"), StatusCode::SERVICE_UNAVAILABLE);
    let troubled = Troubled::new(&[], refuses, never).await;
    let journal = file("thrift-journal.jsonl");
    let _ = std::fs::remove_file(&journal);
    let path = journal.to_str().unwrap();
    let target = troubled.embedded.target();
    let arguments = ["--profile", "smoke", "--requests", "12", "--journal", path];
    let output = output(program(&target, &arguments)).await;
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(troubled.requests.load(Ordering::Relaxed) <= 12, "{stdout}");
    assert_eq!(output.status.code(), Some(exit_code::LEFT_BEHIND.into()), "{stdout}");
    assert!(stdout.contains("may be left behind"), "{stdout}");
    assert!(!std::fs::read_to_string(&journal).unwrap().contains("\"end\""));
}

#[tokio::test]
async fn only_sends_what_exercises_what_was_asked_for() {
    let embedded = Embedded::start().await.unwrap();
    let mut costs = Vec::new();
    // Some of them, and what the suite was made for.
    let heart = ["client/rotate/invalidates-old-secret", "server/update/keeps-id"];
    let some = registry::all().enumerate().filter(|(n, property)| n % 4 == 0 || heart.contains(&property.id));
    for (_, property) in some {
        let settings = Settings {
            properties: vec![property],
            ..settings(embedded.target(), Profile::Smoke, 1, Profile::Smoke.requests())
        };
        let Some(narrowing) = Narrowing::of(&settings, embedded.target()).await else {
            costs.push((100, property.id));
            continue;
        };
        let stop = Stop::default();
        let run = run::run_plans(&settings, Source::Narrowed(&narrowing), &stop, |_| ());
        let report = support::report(run.await.unwrap());
        assert_eq!(report.properties[0].verdict, Verdict::Pass, "{}", property.id);
        assert_eq!(report.left_behind, 0, "{}", property.id);
        costs.push((report.requests, property.id));
    }
    costs.sort_unstable();
    for (requests, id) in &costs {
        println!("{requests} {id}");
    }
    let half = costs[costs.len() / 2].0;
    assert!(half <= 20, "half of the properties take more than {half} requests");
    for id in heart {
        let (requests, _) = costs.iter().find(|(_, of)| *of == id).unwrap();
        assert!(*requests <= 30, "{id}: {requests}");
    }
}

#[tokio::test]
async fn only_shows_the_observations_that_belong_to_what_was_asked_for() {
    let troubled = Troubled::new(&[], never, never).await;
    let report = file("thrift-only.json");
    let path = format!("json={}", report.display());
    for profile in ["smoke", "standard"] {
        let arguments = ["--profile", profile, "--only", "client/rotate", "--report", &path];
        let output = output(program(&troubled.embedded.target(), &arguments)).await;
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(exit_code::PASS.into()), "{stdout}");
        let report: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
        assert_eq!(profile == "smoke", report["requests"].as_u64().unwrap() < 60, "{stdout}");
        let answered = report["observations"].as_array().unwrap().iter();
        let answered = answered.filter(|asked| !asked["answers"].as_array().unwrap().is_empty());
        let answered: Vec<_> = answered.map(|asked| asked["id"].as_str().unwrap()).collect();
        assert!(answered.contains(&"client/rotated-secret"), "{answered:?}");
        let unrelated = |id: &&str| id.starts_with("server/") || id.starts_with("registration/");
        assert!(!answered.iter().any(unrelated), "{profile}: {answered:?}");
    }
}

/// Of updates that overlap, the last one leaves the tags of the one before it.
fn torn(router: Router) -> Router {
    let written: Arc<tokio::sync::Mutex<Option<Value>>> = Arc::default();
    let in_flight = Arc::new(AtomicU64::new(0));
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let (written, in_flight) = (written.clone(), in_flight.clone());
        async move {
            if !request.uri().path().ends_with("server/update") {
                return next.run(request).await;
            }
            let overlaps = in_flight.fetch_add(1, Ordering::SeqCst) > 0;
            let (mut parts, body) = request.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap();
            let mut asked: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let mut before = written.lock().await;
            let same =
                before.as_ref().filter(|before| overlaps && before["server"]["id"] == asked["server"]["id"]);
            if let Some(before) = same {
                asked["server"]["tags"] = before["server"]["tags"].clone();
            }
            parts.headers.remove("content-length");
            let body = if same.is_some() { Body::from(asked.to_string()) } else { Body::from(bytes) };
            let response = next.run(Request::from_parts(parts, body)).await;
            *before = Some(asked);
            drop(before);
            if !overlaps {
                // Long enough for a request that is sent at the same time.
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            in_flight.fetch_sub(1, Ordering::SeqCst);
            response
        }
    }))
}

#[tokio::test]
async fn a_torn_update_is_cut_down_and_what_is_not_cut_down_says_how_to_go_on() {
    let embedded = Embedded::start_wrapped(torn).await.unwrap();
    let report = file("thrift-torn.json");
    let path = format!("json={}", report.display());
    let output_of = |arguments: Vec<String>| {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        output(program(&embedded.target(), &arguments))
    };
    let run = output_of(["--profile", "smoke", "--report", &path].map(str::to_owned).to_vec()).await;
    let stdout = String::from_utf8(run.stdout).unwrap();
    assert_eq!(run.status.code(), Some(exit_code::BROKEN.into()), "{stdout}");
    let failures = |stdout: &str| {
        let read: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
        let broken = read["properties"].as_array().unwrap().iter().filter(|one| one["failure"].is_object());
        let broken: Vec<_> = broken.filter(|one| one["followsFrom"].is_null()).cloned().collect();
        let [failure] = broken.as_slice() else { panic!("{stdout}") };
        assert_eq!(failure["id"], "concurrency/updates/leave-one-written-state", "{stdout}");
        (failure["failure"].clone(), read["shrinkingRequests"].as_u64().unwrap())
    };
    let (failure, shrinking) = failures(&stdout);
    let steps = failure["steps"].as_array().unwrap();
    assert!(steps.len() <= 6, "{stdout}");
    assert!(shrinking <= 30, "{shrinking}: {stdout}");
    if failure["cutDown"] == "unfinished" {
        assert!(stdout.contains("--replay FILE --shrink N goes on"), "{stdout}");
    }
    let (target, replayed) = (embedded.target(), report.to_str().unwrap());
    let again = {
        let mut command = Command::new(env!("CARGO_BIN_EXE_descope-mcp-conformance"));
        command
            .args([
                "--target",
                target.base_url.as_str(),
                "--replay",
                replayed,
                "--shrink",
                "600",
                "--report",
                &path,
            ])
            .env("DESCOPE_PROJECT_ID", target.project_id.as_str())
            .env("DESCOPE_MANAGEMENT_KEY", target.management_key.expose())
            .env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"));
        command
    };
    let again = output(again).await;
    let stdout = String::from_utf8(again.stdout).unwrap();
    assert_eq!(again.status.code(), Some(exit_code::BROKEN.into()), "{stdout}");
    let (smaller, _) = failures(&stdout);
    assert!(smaller["steps"].as_array().unwrap().len() <= steps.len(), "{stdout}");
    assert_eq!(smaller["cutDown"], "finished", "{stdout}");
    assert!(!smaller["steps"][0].as_str().unwrap().contains("sessionSettings"), "{stdout}");
}
