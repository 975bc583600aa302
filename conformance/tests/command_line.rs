//! The command as people run it: exit codes, one clear line for what went wrong, and no secret in any output.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::PathBuf;
use std::process::Command;

use descope_mcp_conformance::cli::exit_code;
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::wire::target::Target;
use support::program::{KEY, PROXY_VARIABLES, against, conformance, output};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// Asserts that a command fails with that code and one line on stderr (perhaps with a hint below it) that holds `says`.
async fn assert_refused(mut command: Command, code: u8, says: &str, arguments: &[&str]) {
    command.args(arguments);
    let output = output(command).await;
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code.into()), "{arguments:?}: {stderr}");
    let lines: Vec<_> = stderr.lines().collect();
    assert!(lines[0].starts_with("error: ") && lines[0].contains(says), "{arguments:?}: {stderr}");
    assert!(
        lines.len() == 1 || (lines.len() == 2 && lines[1].starts_with("hint: ")),
        "{arguments:?}: {stderr}"
    );
    assert!(!stderr.contains("panicked") && !stderr.contains("backtrace"), "{stderr}");
    assert!(!stderr.contains(KEY), "{stderr}");
    assert_eq!(output.stdout, b"", "{arguments:?}");
}

#[tokio::test]
async fn what_goes_wrong_is_one_line_and_an_exit_code_of_its_own() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let unreachable = format!("http://{free}");
    assert_refused(conformance(), exit_code::UNREACHABLE, "cannot reach", &["--target", &unreachable]).await;
    assert_refused(
        conformance(),
        exit_code::BAD_TARGET,
        "base URL \"no url\" is not a URL",
        &["--target", "no url"],
    )
    .await;
    assert_refused(conformance(), exit_code::BAD_TARGET, "use https", &["--target", "http://example.com"])
        .await;
    assert_refused(conformance(), exit_code::UNKNOWN_PROPERTY, "\"server/fly\"", &["--only", "server/fly"])
        .await;
    let nowhere = "json=/nowhere/at/all/report.json";
    assert_refused(
        conformance(),
        exit_code::UNWRITABLE_REPORT,
        "/nowhere/at/all/report.json",
        &["--report", nowhere],
    )
    .await;
    let remote = ["--target", "https://api.example.com"];
    assert_refused(conformance(), exit_code::BAD_CREDENTIALS, "is not on this machine", &remote).await;
    let mut keyless = conformance();
    keyless.env_remove("DESCOPE_MANAGEMENT_KEY");
    assert_refused(
        keyless,
        exit_code::BAD_CREDENTIALS,
        "DESCOPE_MANAGEMENT_KEY is not set",
        &["--target", &unreachable],
    )
    .await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_report_that_cannot_be_written_hides_neither_the_verdict_nor_the_other_reports() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("report.json");
    let mut command = conformance();
    command.args(["--profile", "smoke", "--seed", "1", "--report", "html=/dev/full", "--report"]);
    let output = output({
        command.arg(format!("json={}", other.display()));
        command
    })
    .await;
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(exit_code::UNWRITABLE_REPORT.into()), "{stderr}");
    assert!(stderr.starts_with("error: cannot write the report to /dev/full: "), "{stderr}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("PASS"));
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(other).unwrap()).unwrap();
    assert_eq!(report["conclusion"], "pass");
}

#[tokio::test]
async fn a_wrong_key_is_told_from_a_missing_server() {
    let embedded = Embedded::start().await.unwrap();
    let target = embedded.target();
    let mut wrong = conformance();
    wrong.env("DESCOPE_PROJECT_ID", target.project_id.as_str());
    assert_refused(
        wrong,
        exit_code::KEY_REFUSED,
        "refuses the management key",
        &["--target", target.base_url.as_str()],
    )
    .await;
}

/// An emulator that answers every creation of a server in this way.
async fn refusing(status: u16, body: &'static str) -> Embedded {
    let refuse = move |request: axum::extract::Request, next: axum::middleware::Next| async move {
        if !request.uri().path().ends_with("/mcp/server/create") {
            return next.run(request).await;
        }
        let mut answer = axum::response::Response::new(axum::body::Body::from(body));
        *answer.status_mut() = axum::http::StatusCode::from_u16(status).unwrap();
        let json = axum::http::HeaderValue::from_static("application/json");
        answer.headers_mut().insert("content-type", json);
        answer
    };
    let wrap = |router: axum::Router| router.layer(axum::middleware::from_fn(refuse));
    Embedded::start_wrapped(wrap).await.unwrap()
}

#[tokio::test]
async fn a_refused_first_creation_ends_the_run_with_the_services_words_and_a_cure() {
    let cases = [
        (
            403,
            r#"{"errorCode":"E111119","errorDescription":"read only"}"#,
            exit_code::KEY_REFUSED,
            "may write",
        ),
        (
            401,
            r#"{"errorCode":"E111009","errorDescription":"no such key"}"#,
            exit_code::KEY_REFUSED,
            "try again",
        ),
        (404, r#"{"errorCode":"E1","errorDescription":"nothing here"}"#, exit_code::NOT_THIS_API, "base URL"),
        (
            400,
            r#"{"errorCode":"E2","errorDescription":"licence"}"#,
            exit_code::SET_UP_REFUSED,
            "a name alone",
        ),
        (500, r#"{"errorCode":"E3","errorDescription":"broken"}"#, exit_code::SET_UP_REFUSED, "its own side"),
    ];
    for (status, body, code, cure) in cases {
        let embedded = refusing(status, body).await;
        // What a target may have made before it failed is waited for; once is enough.
        let profiles = if status == 500 { &["smoke"][..] } else { &["smoke", "standard"] };
        for profile in profiles {
            let mut command = against(&embedded.target());
            command.args(["--profile", profile, "--seed", "1"]);
            let output = output(command).await;
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code.into()), "{status}: {stderr}");
            assert_eq!(output.stdout, b"", "{status}");
            let envelope: serde_json::Value = serde_json::from_str(body).unwrap();
            let said = format!(
                "with status {status}: {}: {}",
                envelope["errorCode"].as_str().unwrap(),
                envelope["errorDescription"].as_str().unwrap()
            );
            // How far the run is stands before it.
            let lines: Vec<_> =
                stderr.lines().skip_while(|line| line.contains(" requests of at most ")).collect();
            assert!(lines[0].starts_with("error: ") && lines[0].contains(&said), "{stderr}");
            assert!(lines[1].starts_with("hint: ") && lines[1].contains(cure), "{stderr}");
        }
    }
}

#[tokio::test]
async fn a_target_below_another_path_is_told() {
    let embedded = Embedded::start().await.unwrap();
    let mut target = embedded.target();
    target.base_url.set_path("/not/there");
    assert_refused(against(&target), exit_code::NOT_THIS_API, "/not/there", &["--seed", "1"]).await;
}

#[tokio::test]
async fn loopback_is_not_asked_through_a_proxy() {
    let proxy = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(502)).mount(&proxy).await;
    let embedded = Embedded::start().await.unwrap();
    for mut command in [conformance(), against(&embedded.target())] {
        command.args(["--profile", "smoke", "--seed", "1"]);
        for name in PROXY_VARIABLES {
            command.env(name, proxy.uri());
        }
        let output = output(command).await;
        assert_eq!(
            output.status.code(),
            Some(exit_code::PASS.into()),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(proxy.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_target_that_answers_html_is_not_this_api() {
    let server = MockServer::start().await;
    let page = ResponseTemplate::new(200).set_body_raw("<html>hello</html>", "text/html");
    Mock::given(any()).respond_with(page).mount(&server).await;
    assert_refused(conformance(), exit_code::NOT_THIS_API, "text/html", &["--target", &server.uri()]).await;
}

#[tokio::test]
async fn a_good_run_says_pass_and_writes_its_report() {
    let report = temp("good.json");
    let mut command = conformance();
    command
        .args(["--profile", "smoke", "--seed", "11", "--report"])
        .arg(format!("json={}", report.display()));
    let output = output(command).await;
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(exit_code::PASS.into()), "{stdout}");
    assert!(stdout.contains("PASS") && stdout.contains("seed 11") && !stdout.contains('\u{1b}'), "{stdout}");
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!(report["seed"], 11);
    assert!(report["properties"].as_array().unwrap().iter().all(|property| property["verdict"] == "pass"));
}

#[tokio::test]
async fn a_broken_property_fails_the_run_and_no_secret_is_shown() {
    // Shows the secret where no secret belongs, so that it stands in what the failure quotes.
    let embedded = Embedded::start_wrapped(|router| {
        router.layer(axum::middleware::map_response(|response: axum::response::Response| async {
            let (mut parts, body) = response.into_parts();
            parts.headers.remove("content-length");
            let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            let text = text
                .replace("\"cleartext\":", "\"echo\":")
                .replace("{\"echo\":\"", "{\"cleartext\":\"hidden\",\"echo\":\"");
            axum::response::Response::from_parts(parts, axum::body::Body::from(text))
        }))
    })
    .await
    .unwrap();
    let target = embedded.target();
    let report = temp("broken.json");
    let mut command = against(&target);
    command.args(["--profile", "smoke", "--seed", "1", "--report"]).arg(format!("json={}", report.display()));
    let output = output(command).await;
    let stdout = String::from_utf8(output.stdout).unwrap();
    let all = format!(
        "{stdout}{}{}",
        String::from_utf8(output.stderr).unwrap(),
        std::fs::read_to_string(report).unwrap()
    );
    assert_eq!(output.status.code(), Some(exit_code::BROKEN.into()), "{stdout}");
    assert!(stdout.contains("BROKEN") && stdout.contains("expected") && stdout.contains("FAIL"), "{stdout}");
    assert!(!all.contains(target.management_key.expose()));
}

/// The JSON report of a smoke run that treats this target as one that is not on this machine, and what it printed.
async fn remote_smoke(
    target: &Target,
    name: &str,
    more: &[&str],
) -> (serde_json::Value, String, Option<i32>) {
    let report = temp(name);
    let mut command = against(target);
    command
        .args(["--as-remote", "--project", target.project_id.as_str(), "--pace", "0"])
        .args(["--profile", "smoke", "--seed", "1", "--report"])
        .arg(format!("json={}", report.display()))
        .args(more);
    let output = output(command).await;
    let json = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    (json, String::from_utf8(output.stdout).unwrap(), output.status.code())
}

fn number(report: &serde_json::Value, member: &str) -> u64 {
    report[member].as_u64().unwrap()
}

#[tokio::test]
async fn an_old_secret_that_still_works_fails_a_run_and_is_shown_by_few_steps() {
    let embedded = Embedded::start_varied(&[("rotation", "grace")]).await.unwrap();
    let (report, stdout, code) = remote_smoke(&embedded.target(), "grace.json", &[]).await;
    assert_eq!(code, Some(exit_code::BROKEN.into()), "{stdout}");
    assert!(stdout.contains("BROKEN client/rotate/invalidates-old-secret"), "{stdout}");
    assert!(report["repeat"].as_str().unwrap().contains(" --as-remote "), "{stdout}");
    let failures = report["properties"].as_array().unwrap().iter().filter(|one| one["failure"].is_object());
    let [failure] = failures.collect::<Vec<_>>()[..] else { panic!("{stdout}") };
    let steps = failure["failure"]["steps"].as_array().unwrap().len();
    assert!(steps <= 5, "{steps} steps: {stdout}");
    let only = ["--only", "rotate-invalidates-secret"];
    let (_, stdout, code) = remote_smoke(&embedded.target(), "grace-only.json", &only).await;
    assert_eq!(code, Some(exit_code::BROKEN.into()), "{stdout}");
}

#[tokio::test]
async fn shrinking_costs_thirty_requests_per_cause_off_this_machine_unless_told_otherwise() {
    // Many properties are broken, each of which could be shrunk.
    let embedded = Embedded::start_wrapped(|router| {
        router.layer(axum::middleware::map_response(|response: axum::response::Response| async {
            let (mut parts, body) = response.into_parts();
            parts.headers.remove("content-length");
            let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap().replace("\"tags\":", "\"labels\":");
            let text = text.replace("\"errorCode\":", "\"code\":").replace("\"Bearer\"", "\"mac\"");
            let text =
                text.replace("\"approvedCallbackUrls\":", "\"urls\":").replace("\"scopes\":", "\"rights\":");
            let text = text.replace("\"total\":", "\"count\":").replace("\"name\":\"conf", "\"name\":\"Conf");
            axum::response::Response::from_parts(parts, axum::body::Body::from(text))
        }))
    });
    let target = embedded.await.unwrap();
    for (name, more, most) in
        [("usual", &[][..], 30), ("few", &["--shrink", "12"], 12), ("none", &["--shrink", "0"], 0)]
    {
        let (report, stdout, code) = remote_smoke(&target.target(), &format!("{name}.json"), more).await;
        assert_eq!(code, Some(exit_code::BROKEN.into()), "{stdout}");
        let (all, shrinking) = (number(&report, "requests"), number(&report, "shrinkingRequests"));
        let causes = report["properties"].as_array().unwrap().iter();
        let causes =
            causes.filter(|one| one["failure"].is_object() && one["followsFrom"].is_null()).count() as u64;
        assert!(causes > 0 && shrinking <= most * causes.min(10), "{name}: {shrinking} requests to shrink");
        assert!(all - shrinking <= 100, "{name}: {all} requests, {shrinking} of them to shrink");
        assert_eq!(shrinking == 0, most == 0, "{name}");
        println!("{name}: {all} requests, {shrinking} of them to shrink");
        let said: &[&str] = match most {
            0 => &["--shrink 0 turns that off"],
            _ => &["not shrunk to the end; after --report json=FILE, --replay FILE --shrink N goes on"],
        };
        for said in said {
            assert!(stdout.contains(said), "{name}: {stdout}");
        }
    }
}

#[tokio::test]
async fn the_list_names_every_property() {
    let mut command = conformance();
    command.arg("--list");
    let stdout = String::from_utf8(output(command).await.stdout).unwrap();
    for property in descope_mcp_conformance::properties::registry::all() {
        assert!(stdout.contains(property.id) && stdout.contains(property.sentence), "{}", property.id);
    }
}

#[test]
fn exit_codes_are_as_documented() {
    let page = include_str!("../../docs/exit-codes.md");
    for (code, meaning) in exit_code::ALL {
        let row = format!("| {code} | {meaning} |");
        assert!(page.contains(&row), "docs/exit-codes.md lacks the row {row:?}");
    }
}

fn temp(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}
