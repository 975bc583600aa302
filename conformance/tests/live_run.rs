//! What `docs/live-run.md` promises to people who run the suite on the live service, and the answers that came back.

#![cfg(feature = "embedded")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Request;
use axum::middleware::{self, Next};
use descope_mcp_conformance::cli::usual_pace;
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::report::answers::{Answers, Kind};
use descope_mcp_conformance::run::settings::Profile;
use descope_mcp_conformance::wire::target::{Target, parse_url};

use support::{run, settings};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

fn page(name: &str) -> String {
    fs::read_to_string(docs().join(name)).unwrap()
}

/// The figures that the page gives for a profile: requests, minutes, servers, clients.
fn figures(profile: Profile) -> [u64; 4] {
    let page = page("live-run.md");
    let head = format!("| `{}` | ", profile.name());
    let row = page.lines().find_map(|line| line.strip_prefix(&head)).unwrap();
    let figures: Vec<_> = row.trim_end_matches(" |").split(" | ").map(|cell| cell.parse().unwrap()).collect();
    figures.try_into().unwrap()
}

#[tokio::test]
async fn requests_and_minutes_are_those_of_the_profiles() {
    let embedded = Embedded::start().await.unwrap();
    let live = Target { base_url: parse_url("https://api.descope.com").unwrap(), ..embedded.target() };
    let pace = usual_pace(&live) as u64;
    assert!(page("live-run.md").contains(&format!("sends at most {pace} requests in any 60 s")));
    for profile in [Profile::Smoke, Profile::Standard, Profile::Deep] {
        let [requests, minutes, ..] = figures(profile);
        assert_eq!(requests, profile.requests(), "{}", profile.name());
        assert_eq!(minutes, requests.div_ceil(pace), "{}", profile.name());
    }
}

/// Counts the successful creations of servers and of clients, registrations included.
#[derive(Clone, Default)]
struct Created {
    servers: Arc<AtomicU64>,
    clients: Arc<AtomicU64>,
}

async fn counting(created: Created) -> Embedded {
    let count = move |request: Request, next: Next| {
        let created = created.clone();
        async move {
            let path = request.uri().path().to_owned();
            let answer = next.run(request).await;
            let kind = match path {
                _ if !answer.status().is_success() => None,
                path if path.ends_with("/mcp/server/create") => Some(created.servers),
                path if path.ends_with("/client/create") || path.ends_with("/register") => {
                    Some(created.clients)
                }
                _ => None,
            };
            if let Some(kind) = kind {
                kind.fetch_add(1, Ordering::Relaxed);
            }
            answer
        }
    };
    Embedded::start_wrapped(|router| router.layer(middleware::from_fn(count))).await.unwrap()
}

#[tokio::test]
async fn a_run_creates_no_more_than_the_page_says() {
    for (profile, seeds) in [(Profile::Smoke, 1..6), (Profile::Standard, 1..4), (Profile::Deep, 1..2)] {
        let [requests, _, servers, clients] = figures(profile);
        for seed in seeds {
            let created = Created::default();
            let embedded = counting(created.clone()).await;
            let report = run(&settings(embedded.target(), profile, seed, requests)).await;
            let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
            let made = (of(&created.servers), of(&created.clients));
            println!("{}, seed {seed}: {made:?} in {} requests", profile.name(), report.requests);
            assert!(made.0 > 0 && made.0 <= servers && made.1 <= clients, "{}: {made:?}", profile.name());
        }
    }
}

#[test]
fn answers_that_are_checked_in_can_be_read_and_are_a_source_of_facts_unless_they_are_a_sample() {
    let (facts, readme) = (page("facts.md"), page("answers/README.md"));
    let mut samples = 0;
    for entry in fs::read_dir(docs().join("answers")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".json") {
            continue;
        }
        assert!(readme.contains(&format!("[{name}]({name})")), "docs/answers/README.md does not list {name}");
        let answers =
            Answers::read(&fs::read(&path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        for question in answers.questions.values() {
            assert!(facts.contains(&format!("`{}`", question.fact)), "{name}: {}", question.fact);
        }
        if name.starts_with("sample-") {
            samples += 1;
            assert_eq!(answers.target, Kind::EmbeddedEmulator, "{name}");
            continue;
        }
        assert_eq!(answers.target, Kind::Descope, "{name} is not of the live service");
        assert!(name.starts_with(&format!("{}-descope", answers.date)), "{name} is of {}", answers.date);
        let source = format!("| `live-{}` |", answers.date);
        assert!(facts.contains(&source), "docs/facts.md has no source {source} for {name}");
    }
    assert_eq!(samples, 1);
}
