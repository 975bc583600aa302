//! Shards of a deep run, and the one verdict that is made of them.

#![cfg(feature = "embedded")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use descope_mcp_conformance::cli::exit_code;
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::report::schema;
use descope_mcp_conformance::wire::target::Target;
use serde_json::Value;

use support::suite;

/// The exit code, and everything that was printed.
type Said = (Option<i32>, String);

/// Runs one shard of a run of 900 requests, which writes `shard-I.json`.
async fn shard(folder: &Path, target: &Target, index: u32, more: &[&str]) -> Said {
    let (shard, report) = (format!("{index}/3"), format!("json=shard-{index}.json"));
    let words = ["--profile", "deep", "--seed", "7", "--requests", "900", "--jobs", "4", "--shard", &shard];
    suite(folder, Some(target), &[&words[..], &["--report", &report], more].concat()).await
}

fn read(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

const MERGE: [&str; 5] = ["report", "merge", "shard-1.json", "shard-2.json", "shard-3.json"];

#[tokio::test]
async fn the_shards_of_a_run_are_one_run_and_make_one_verdict_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let embedded = Embedded::start().await.unwrap();
    for index in 1..=3 {
        let (code, said) = shard(folder, &embedded.target(), index, &["--only", "server"]).await;
        assert_eq!(code, Some(exit_code::PASS.into()), "{said}");
        assert!(said.contains(&format!("shard {index} of 3")), "{said}");
        let report = read(folder, &format!("shard-{index}.json"));
        assert_eq!(report["seed"], 6 + index, "each shard has a seed of its own");
        assert_eq!(report["allowedRequests"], 300);
        assert_eq!(report["shard"], serde_json::json!({"index": index, "of": 3}));
        let repeat = report["repeat"].as_str().unwrap();
        assert!(
            repeat.contains(&format!("--seed {} --requests 300", 6 + index)) && !repeat.contains("--shard")
        );
    }
    let reports =
        ["json=all.json", "html=all.html", "junit=all.xml", "markdown=all.md", "answers=answers.json"];
    let reports: Vec<_> = reports.iter().flat_map(|report| ["--report", report]).collect();
    let (code, said) = suite(folder, None, &[&MERGE, reports.as_slice()].concat()).await;
    assert_eq!(code, Some(exit_code::PASS.into()), "{said}");
    assert!(said.contains("PASS") && said.contains("profile deep, seed 7, 3 shards"), "{said}");
    let merged = read(folder, "all.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema::text()).unwrap()).unwrap();
    let problems: Vec<_> = validator.iter_errors(&merged).map(|error| error.to_string()).collect();
    assert_eq!(problems, [""; 0]);
    let parts: Vec<_> = (1..=3).map(|index| read(folder, &format!("shard-{index}.json"))).collect();
    let sum = |pointer: &str| {
        parts.iter().map(|part| part.pointer(pointer).unwrap().as_u64().unwrap()).sum::<u64>()
    };
    for pointer in ["/requests", "/plans", "/allowedRequests", "/properties/0/held", "/properties/3/requests"]
    {
        assert_eq!(merged.pointer(pointer).unwrap().as_u64().unwrap(), sum(pointer), "{pointer}");
    }
    for (name, wanted) in [
        ("all.html", "3 shards"),
        ("all.md", "3 shards"),
        ("all.xml", "<testsuite"),
        ("answers.json", "this-machine"),
    ] {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        assert!(text.contains(wanted), "{name}: {text}");
    }
}

/// An emulator that shows another description than the one that it was given.
async fn forgetful() -> Embedded {
    let spoil = |request: Request, next: Next| async move {
        let loads = request.uri().path().ends_with("/mcp/server/load");
        let (mut parts, body) = next.run(request).await.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let mut text = String::from_utf8(bytes.to_vec()).unwrap();
        if loads {
            text = text.replace("\"description\":\"", "\"description\":\"x");
            parts.headers.remove("content-length");
        }
        Response::from_parts(parts, Body::from(text))
    };
    Embedded::start_wrapped(|router| router.layer(middleware::from_fn(spoil))).await.unwrap()
}

#[tokio::test]
async fn what_one_shard_finds_broken_is_broken_and_a_missing_shard_leaves_the_verdict_open() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (right, wrong) = (Embedded::start().await.unwrap(), forgetful().await);
    let only = ["--only", "server/load"];
    for (index, embedded) in [(1, &right), (2, &wrong), (3, &right)] {
        shard(folder, &embedded.target(), index, &only).await;
    }
    let broken: Vec<_> = read(folder, "shard-2.json")["properties"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|property| property["verdict"] == "fail")
        .map(|property| property["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(!broken.is_empty());
    let (code, said) = suite(folder, None, &[&MERGE[..], &["--report", "json=all.json"]].concat()).await;
    assert_eq!(code, Some(exit_code::BROKEN.into()), "{said}");
    for id in &broken {
        assert!(said.contains(id.as_str()), "{id}: {said}");
    }
    // The merged report has the plans that show the failures.
    let (code, said) = suite(folder, Some(&wrong.target()), &["--replay", "all.json"]).await;
    assert_eq!(code, Some(exit_code::BROKEN.into()), "{said}");

    let without = ["report", "merge", "shard-3.json", "shard-1.json"];
    let (code, said) = suite(folder, None, &without).await;
    assert_eq!(code, Some(exit_code::UNTESTED.into()), "{said}");
    assert!(said.contains("INCOMPLETE") && said.contains("2 of 3 shards, without 2"), "{said}");
    let one = ["report", "merge", "shard-2.json"];
    assert_eq!(suite(folder, None, &one).await.0, Some(exit_code::BROKEN.into()));
}

#[tokio::test]
async fn reports_that_are_not_the_shards_of_one_run_are_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let embedded = Embedded::start().await.unwrap();
    let target = embedded.target();
    for index in [1, 2] {
        shard(folder, &target, index, &["--only", "wire"]).await;
    }
    suite(folder, Some(&target), &["--profile", "smoke", "--seed", "7", "--report", "json=whole.json"]).await;
    let with = |name: &str, pointer: &str, value: Value| {
        let mut changed = read(folder, "shard-2.json");
        *changed.pointer_mut(pointer).unwrap() = value;
        fs::write(folder.join(name), changed.to_string()).unwrap();
    };
    with("seed.json", "/seed", 80.into());
    with("same.json", "/shard/index", 1.into());
    with("profile.json", "/profile", "standard".into());
    with("elsewhere.json", "/target", "https://api.example.com/".into());
    with("old.json", "/version", "0.0.1".into());
    with("unknown.json", "/properties/0/id", "no/such".into());
    fs::write(folder.join("text.json"), "{").unwrap();
    for (name, reason) in [
        ("whole.json", "whole.json is not the report of a shard: its run had no --shard"),
        (
            "seed.json",
            "seed.json and shard-1.json are not shards of one run: they differ in the seed of the run",
        ),
        ("same.json", "are both shard 1/3"),
        ("profile.json", "they differ in the profile"),
        ("elsewhere.json", "they differ in the target or its project"),
        ("old.json", "version 0.0.1 of the suite wrote it"),
        ("unknown.json", "no property is called \"no/such\""),
        ("text.json", "cannot use the report text.json: it is no JSON"),
        ("missing.json", "cannot use the report missing.json"),
    ] {
        let (code, said) = suite(folder, None, &["report", "merge", "shard-1.json", name]).await;
        assert_eq!(code, Some(exit_code::BAD_FILE.into()), "{name}: {said}");
        assert!(said.starts_with("error: ") && said.contains(reason), "{name}: {said}");
    }
}

#[tokio::test]
async fn only_a_deep_run_with_a_seed_has_shards() {
    let folder = tempfile::tempdir().unwrap();
    for (words, reason) in [
        (&["--shard", "1/2", "--seed", "1"][..], "--shard splits only runs of the profile deep"),
        (&["--shard", "1/2", "--profile", "deep"], "--seed"),
        (&["--shard", "3/2", "--profile", "deep", "--seed", "1"], "expected I/N"),
        (&["--shard", "1/2", "--replay", "x", "--seed", "1"], "cannot be used with"),
        (&["--seed", "1", "report", "merge", "x"], "cannot be used with"),
        (&["report", "merge"], "required"),
        (&["answers"], "Usage"),
    ] {
        let (code, said) = suite(folder.path(), None, words).await;
        assert_eq!(code, Some(exit_code::USAGE.into()), "{words:?}: {said}");
        assert!(said.contains(reason), "{words:?}: {said}");
    }
}
