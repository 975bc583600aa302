//! Reports of a run that fails: every format says what is broken, fits its schema, can be replayed, and holds no secret.

#![cfg(feature = "embedded")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::middleware::{self, Next};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use descope_mcp_conformance::cli::exit_code;
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::report::schema;
use descope_mcp_conformance::wire::target::Target;
use serde_json::Value;

/// What a target gave out, in order.
type Secrets = Arc<Mutex<Vec<String>>>;

/// Most secrets of other clients that the leaky target shows in a record.
const MAX_SHOWN: usize = 50;

/// An emulator that loses a tag and gives errors no code.
async fn careless() -> Embedded {
    let spoil = |request: Request, next: Next| async move {
        let path = request.uri().path().to_owned();
        change(next.run(request).await, |json| {
            if let Some(tags) =
                json["server"]["tags"].as_array_mut().filter(|_| path.ends_with("/server/load"))
            {
                tags.pop();
            }
            if let Some(body) = json.as_object_mut() {
                body.remove("errorCode");
            }
        })
        .await
    };
    wrapped(|router| router.layer(middleware::from_fn(spoil))).await
}

async fn wrapped(layer: impl FnOnce(Router) -> Router) -> Embedded {
    Embedded::start_wrapped(|router| layer(Router::new().fallback_service(router))).await.unwrap()
}

/// An answer with its JSON body changed; any other stays as it is.
async fn change(answer: Response, change: impl FnOnce(&mut Value)) -> Response {
    let (mut parts, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let Ok(mut json) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    change(&mut json);
    parts.headers.remove("content-length");
    Response::from_parts(parts, Body::from(json.to_string()))
}

/// An emulator that puts secrets where none belong: the caller's credentials into headers and bodies, secrets of clients
/// into records, and what it says is the secret into another member.
async fn leaky(secrets: Secrets) -> Embedded {
    let spoil = move |request: Request, next: Next| {
        let secrets = secrets.clone();
        async move { leaked(request, next, &secrets).await }
    };
    wrapped(|router| router.layer(middleware::from_fn(spoil))).await
}

async fn leaked(request: Request, next: Next, secrets: &Secrets) -> Response {
    let path = request.uri().path().to_owned();
    let credentials = request.headers().get("authorization").cloned();
    let answer = change(next.run(request).await, |json| {
        let mut secrets = secrets.lock().unwrap();
        for member in ["cleartext", "access_token", "refresh_token", "client_secret"] {
            secrets.extend(json[member].as_str().map(str::to_owned));
        }
        if path.ends_with("/client/load") && json["client"].is_object() {
            json["client"]["logo"] = secrets.last().cloned().into();
            json["client"]["secrets"] = secrets.iter().rev().take(MAX_SHOWN).cloned().collect();
        }
        if path.ends_with("/client/secret") && json["cleartext"].is_string() {
            json["note"] = format!("the real one is {}", json["cleartext"].as_str().unwrap()).into();
            json["cleartext"] = "x".into();
        }
        if path.ends_with("/token") {
            json["echo"] = credentials.as_ref().and_then(|value| value.to_str().ok()).into();
        }
        if let Some(body) = json.as_object_mut() {
            body.remove("errorCode");
        }
    });
    let mut answer = answer.await;
    if let Some(credentials) = credentials {
        answer.headers_mut().insert("x-echo", credentials);
        answer.headers_mut().insert("set-cookie", HeaderValue::from_static("session=opaque-session-cookie"));
    }
    answer
}

struct Run {
    output: Output,
    folder: PathBuf,
}

impl Run {
    fn code(&self) -> Option<i32> {
        self.output.status.code()
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&[self.output.stdout.as_slice(), &self.output.stderr].concat()).into_owned()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.read("report.json")).unwrap()
    }
}

/// Runs the suite with every report, in a folder of the test's own.
async fn run(target: &Target, test: &str, arguments: &[&str]) -> Run {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_descope-mcp-conformance"));
    command
        // The journal of these runs is nobody else's.
        .env("XDG_STATE_HOME", &folder)
        .env("DESCOPE_PROJECT_ID", target.project_id.as_str())
        .env("DESCOPE_MANAGEMENT_KEY", target.management_key.expose())
        .args(["--target", target.base_url.as_str()])
        .args(arguments)
        .current_dir(&folder);
    for (format, name) in
        [("json", "report.json"), ("html", "report.html"), ("junit", "report.xml"), ("markdown", "report.md")]
    {
        command.arg("--report").arg(format!("{format}={name}"));
    }
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    Run { output, folder }
}

const SMOKE: [&str; 4] = ["--profile", "smoke", "--seed", "4"];
const WIRE: [&str; 6] = ["--profile", "smoke", "--seed", "4", "--only", "wire"];

fn verdicts(report: &Value, wanted: &str) -> BTreeSet<String> {
    let properties = report["properties"].as_array().unwrap().iter();
    let chosen = properties.filter(|property| property["verdict"] == wanted);
    chosen.map(|property| property["id"].as_str().unwrap().to_owned()).collect()
}

fn assert_fits_the_schema(report: &Value) {
    let schema: Value = serde_json::from_str(&schema::text()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<_> =
        validator.iter_errors(report).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(problems, [""; 0]);
}

#[test]
fn the_schema_in_the_repository_is_that_of_the_code() {
    let current = include_str!("../report.schema.json").replace("\r\n", "\n");
    assert!(current == schema::text(), "report.schema.json is not current; run `cargo xtask docs`");
}

#[tokio::test]
async fn every_report_names_every_broken_property_and_none_holds_a_secret() {
    let secrets = Secrets::default();
    let embedded = leaky(secrets.clone()).await;
    let target = embedded.target();
    let run = run(&target, "secrets", &[SMOKE.as_slice(), &["--verbose", "--strict"]].concat()).await;
    assert_eq!(run.code(), Some(exit_code::BROKEN.into()), "{}", run.said());
    let report = run.json();
    assert_fits_the_schema(&report);
    let broken = verdicts(&report, "fail");
    // One whose evidence is a record with secrets in it, one whose evidence is a secret, one that sees every refusal.
    for id in [
        "client/create/stores-what-was-sent",
        "client/secret/is-the-latest",
        "wire/refusal-has-an-error-code",
    ] {
        assert!(broken.contains(id), "{id} is not among {broken:?}");
    }
    let names = ["report.json", "report.html", "report.xml", "report.md"];
    let texts: Vec<_> =
        names.iter().map(|name| (*name, run.read(name))).chain([("the output", run.said())]).collect();
    let mut looked_for = secrets.lock().unwrap().clone();
    assert!(looked_for.len() > 5, "the target gave out {} secrets", looked_for.len());
    looked_for.extend([target.management_key.expose().to_owned(), "opaque-session-cookie".to_owned()]);
    // What the sender puts into headers.
    let sent = report.to_string();
    assert!(sent.contains("client_secret_basic") && sent.contains("[secret]"), "no evidence held a secret");
    let pair = format!("{}:{}", target.project_id, target.management_key.expose());
    looked_for.push(STANDARD.encode(pair));
    for (name, text) in &texts {
        for id in &broken {
            // In Markdown the dashes and slashes of an id stand as they are, too.
            let last = id.rsplit('/').next().unwrap();
            assert!(text.contains(last), "{name} does not name {id}");
        }
        for secret in &looked_for {
            assert!(!text.contains(secret.as_str()), "{name} holds a secret: {}", around(text, secret));
        }
        // Base64 of `client id:secret` differs with its position; decoding every candidate finds all.
        for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c))) {
            let decoded = STANDARD.decode(word).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            let Ok(decoded) = decoded else { continue };
            assert!(
                !looked_for.iter().any(|secret| decoded.contains(secret.as_str())),
                "{name} holds {word}"
            );
        }
    }
}

/// What stands before a secret in a text.
fn around(text: &str, secret: &str) -> String {
    let end = text.find(secret).unwrap();
    text[..end].chars().rev().take(200).collect::<String>().chars().rev().collect()
}

#[tokio::test]
async fn a_junit_report_has_a_test_case_for_each_property_and_a_failure_for_each_broken_one() {
    let embedded = careless().await;
    let run = run(&embedded.target(), "junit", &SMOKE).await;
    let report = run.json();
    let xml = quick_junit::Report::deserialize_from_str(&run.read("report.xml")).unwrap();
    let cases: Vec<_> = xml.test_suites.iter().flat_map(|suite| &suite.test_cases).collect();
    assert_eq!(cases.len(), report["properties"].as_array().unwrap().len());
    let is_failure = |case: &&&quick_junit::TestCase| {
        matches!(
            case.status,
            quick_junit::TestCaseStatus::NonSuccess { kind: quick_junit::NonSuccessKind::Failure, .. }
        )
    };
    let failed: BTreeSet<_> =
        cases.iter().filter(is_failure).map(|case| case.name.as_str().to_owned()).collect();
    // What is only assumed does not fail the run.
    let properties = report["properties"].as_array().unwrap().iter();
    let counts = properties.filter(|property| property["verdict"] == "fail" && property["level"] != "info");
    let counted: BTreeSet<_> = counts.map(|property| property["id"].as_str().unwrap().to_owned()).collect();
    assert!(counted.len() > 1);
    assert_eq!(failed, counted);
    assert_eq!(xml.failures, failed.len());
}

#[tokio::test]
async fn a_replay_says_whether_what_was_broken_still_is() {
    let embedded = careless().await;
    let first = run(&embedded.target(), "replay-first", &SMOKE).await;
    let broken = verdicts(&first.json(), "fail");
    let file = first.folder.join("report.json");
    let file = file.to_str().unwrap();

    let again = run(&embedded.target(), "replay-again", &["--replay", file]).await;
    assert_eq!(again.code(), Some(exit_code::BROKEN.into()), "{}", again.said());
    assert_eq!(verdicts(&again.json(), "fail"), broken);
    assert_fits_the_schema(&again.json());
    assert!(again.said().contains("STILL BROKEN server/load/agrees-with-last-answer"), "{}", again.said());

    let mended = Embedded::start().await.unwrap();
    let again = run(&mended.target(), "replay-mended", &["--replay", file, "--only", "server"]).await;
    assert_eq!(again.code(), Some(exit_code::PASS.into()), "{}", again.said());
    assert!(again.said().contains("no longer broken"), "{}", again.said());

    let plan =
        first.json()["properties"].as_array().unwrap().iter().find_map(|p| p["failure"].get("plan").cloned());
    let file = first.folder.join("plan.json");
    std::fs::write(&file, plan.unwrap().to_string()).unwrap();
    let single = run(&mended.target(), "replay-plan", &["--replay", file.to_str().unwrap()]).await;
    assert_eq!(single.code(), Some(exit_code::PASS.into()), "{}", single.said());
}

#[tokio::test]
async fn the_command_that_a_failure_prints_shows_it_again() {
    let embedded = careless().await;
    let target = embedded.target();
    let first = run(&target, "repeat", &SMOKE).await;
    let report = first.json();
    let id = "wire/refusal-has-an-error-code";
    let property =
        report["properties"].as_array().unwrap().iter().find(|property| property["id"] == id).unwrap();
    let repeat = property["failure"]["repeat"].as_str().unwrap();
    assert!(first.said().contains(repeat), "{repeat}");
    let whole = report["repeat"].as_str().unwrap().to_owned();
    for line in [repeat.to_owned(), whole] {
        let words = line.strip_prefix("descope-mcp-conformance ").unwrap();
        let script = format!("exec \"$PROGRAM\" {words}");
        let mut command = Command::new("sh");
        command
            .args(["-c", &script])
            .current_dir(&first.folder)
            .env("PROGRAM", env!("CARGO_BIN_EXE_descope-mcp-conformance"))
            .env("XDG_STATE_HOME", &first.folder)
            .env("DESCOPE_PROJECT_ID", target.project_id.as_str())
            .env("DESCOPE_MANAGEMENT_KEY", target.management_key.expose());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(exit_code::BROKEN.into()), "{line}: {said}");
        assert!(said.contains(&format!("BROKEN {id}")), "{line}: {said}");
    }
}

#[tokio::test]
async fn a_baseline_is_strict_both_ways() {
    let embedded = careless().await;
    let target = embedded.target();
    let broken = verdicts(&run(&target, "baseline-none", &WIRE).await.json(), "fail");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let baseline = |name: &str, ids: &[&str]| {
        let entry =
            |id: &&str| format!("[[expected-failure]]\nproperty = {id:?}\nreason = \"known: {id}\"\n");
        let path = folder.join(name);
        std::fs::write(&path, ids.iter().map(entry).collect::<String>()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let all: Vec<_> = broken.iter().map(String::as_str).collect();
    let with = |name: &'static str, file: String| {
        let target = target.clone();
        async move { run(&target, name, &[WIRE.as_slice(), &["--baseline", &file]].concat()).await }
    };

    let expected = with("baseline-all", baseline("all.toml", &all)).await;
    assert_eq!(expected.code(), Some(exit_code::PASS.into()), "{}", expected.said());
    assert_eq!(verdicts(&expected.json(), "expected-fail"), broken);
    assert_fits_the_schema(&expected.json());

    let unlisted = with("baseline-fewer", baseline("fewer.toml", &all[1..])).await;
    assert_eq!(unlisted.code(), Some(exit_code::BROKEN.into()), "{}", unlisted.said());

    let holds = "wire/content-type-is-json";
    let stale = with("baseline-stale", baseline("stale.toml", &[&all[..], &[holds]].concat())).await;
    assert_eq!(stale.code(), Some(exit_code::STALE_BASELINE.into()), "{}", stale.said());
    assert!(
        stale.said().contains("STALE BASELINE") && verdicts(&stale.json(), "unexpected-pass").contains(holds)
    );

    let wrong = with("baseline-wrong", baseline("wrong.toml", &["no/such"])).await;
    assert_eq!(wrong.code(), Some(exit_code::BAD_FILE.into()));
    assert!(
        wrong.said().contains("wrong.toml: line 2, column 12: no property is called"),
        "{}",
        wrong.said()
    );
}
