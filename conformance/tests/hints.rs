//! What the program says to whoever gave it a wrong target, project, key or id: what is wrong, and the cure to copy.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::process::Command;

use descope_mcp_conformance::cli::exit_code;
use descope_mcp_conformance::embedded::Embedded;
use support::program::{PROJECT, against, conformance, ended};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

fn with(arguments: &[&str]) -> Command {
    let mut command = conformance();
    command.args(arguments);
    command
}

#[tokio::test]
async fn a_project_that_contradicts_the_environment_is_an_error_that_names_both() {
    let embedded = Embedded::start().await.unwrap();
    let mut local = against(&embedded.target());
    local.args(["--project", "P2another"]);
    let of_environment = format!("DESCOPE_PROJECT_ID={}", embedded.target().project_id.as_str());
    let remote = with(&["--target", "https://api.example.com", "--project", "P2another"]);
    let remote_project = format!("DESCOPE_PROJECT_ID={PROJECT}");
    for (command, of_environment) in [(local, of_environment), (remote, remote_project)] {
        let says = format!("--project P2another contradicts {of_environment}");
        ended(command).await.assert_refused(exit_code::BAD_CREDENTIALS, &[&says], "name that one in both");
    }
}

#[tokio::test]
async fn a_project_can_be_given_by_the_argument_alone() {
    let embedded = Embedded::start().await.unwrap();
    let mut command = against(&embedded.target());
    command.env_remove("DESCOPE_PROJECT_ID").args(["--project", embedded.target().project_id.as_str()]);
    command.args(["--seed", "1", "--only", "server/update/keeps-id"]);
    let ended = ended(command).await;
    assert_eq!(ended.code, Some(exit_code::PASS.into()), "{}{}", ended.stdout, ended.stderr);
    // Without a target there is no project to choose.
    let mut command = with(&["--project", PROJECT]);
    command.args(["--profile", "smoke"]);
    let ended = support::program::ended(command).await;
    assert_eq!(ended.code, Some(exit_code::USAGE.into()), "{}{}", ended.stdout, ended.stderr);
}

#[tokio::test]
async fn exactly_the_variables_that_are_missing_are_named() {
    let both = ["DESCOPE_PROJECT_ID", "DESCOPE_MANAGEMENT_KEY"];
    let cases: [(&[&str], &str, &[&str]); 3] = [
        (
            &both[..1],
            "error: DESCOPE_PROJECT_ID is not set",
            &["DESCOPE_PROJECT_ID=… or --project …", "exported"],
        ),
        (
            &both[1..],
            "error: DESCOPE_MANAGEMENT_KEY is not set",
            &["DESCOPE_MANAGEMENT_KEY=… gives a management key of project P2", "exported"],
        ),
        (
            &both,
            "error: DESCOPE_PROJECT_ID and DESCOPE_MANAGEMENT_KEY are not set",
            &["DESCOPE_PROJECT_ID=…", "DESCOPE_MANAGEMENT_KEY=…", "exported"],
        ),
    ];
    for (missing, error, cures) in cases {
        for is_empty in [false, true] {
            let mut command = with(&["--target", "http://127.0.0.1:9"]);
            for name in missing {
                if is_empty {
                    command.env(name, "")
                } else {
                    command.env_remove(name)
                };
            }
            let ended = ended(command).await;
            ended.assert_refused(exit_code::BAD_CREDENTIALS, &[], "");
            assert_eq!(ended.stderr.lines().next(), Some(error));
            for cure in cures {
                ended.assert_refused(exit_code::BAD_CREDENTIALS, &[], cure);
            }
            let unasked = both.iter().filter(|name| !missing.contains(name));
            for name in unasked {
                assert!(!ended.stderr.contains(name), "{name} is set: {}", ended.stderr);
            }
        }
    }
}

#[tokio::test]
async fn a_target_without_a_scheme_is_told_the_url_that_it_may_mean() {
    for (given, meant) in [
        ("127.0.0.1:8787", "--target http://127.0.0.1:8787/ meant?"),
        ("localhost:8787", "--target http://localhost:8787/ meant?"),
        ("[::1]:8787/base", "--target http://[::1]:8787/base meant?"),
        ("api.example.com", "--target https://api.example.com/ meant?"),
        ("api.example.com:8443/base", "--target https://api.example.com:8443/base meant?"),
    ] {
        ended(with(&["--target", given])).await.assert_refused(exit_code::BAD_TARGET, &[given], meant);
    }
    for nonsense in ["no url", "", "ftp://127.0.0.1", "http://"] {
        let ended = ended(with(&["--target", nonsense])).await;
        assert_eq!(ended.code, Some(exit_code::BAD_TARGET.into()), "{}", ended.stderr);
        assert!(!ended.stderr.contains("meant?"), "{nonsense}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn a_plain_web_server_is_not_told_to_look_into_its_logs() {
    // As Python's own server of files answers a POST.
    for status in [501, 405, 400] {
        let server = MockServer::start().await;
        let page = ResponseTemplate::new(status).set_body_raw("<h1>Unsupported method</h1>", "text/html");
        let page = page.insert_header("server", "SimpleHTTP/0.6 Python/3.13");
        Mock::given(any()).respond_with(page).mount(&server).await;
        let ended = ended(with(&["--target", &server.uri()])).await;
        let says = ["does not speak this API", "SimpleHTTP/0.6"];
        ended.assert_refused(exit_code::NOT_THIS_API, &says, "is this the base URL? this API answers POST");
    }
}

#[tokio::test]
async fn an_unknown_id_is_told_the_nearest_ones() {
    for (given, meant) in [
        ("server/update/keep-id", "did you mean `server/update/keeps-id`"),
        ("all/contains-created", "did you mean `servers/all/contains-created`"),
        ("rotate-invalidate-secret", "did you mean `rotate-invalidates-secret`"),
        ("what/is/this", "`--list` prints every id"),
    ] {
        ended(with(&["--only", given])).await.assert_refused(exit_code::UNKNOWN_PROPERTY, &[given], meant);
    }
    let folder = tempfile::tempdir().unwrap();
    let baseline = folder.path().join("baseline.toml");
    let entry = "[[expected-failure]]\nproperty = \"server/update/keep-id\"\nreason = \"later\"\n";
    std::fs::write(&baseline, entry).unwrap();
    let ended = ended(with(&["--baseline", baseline.to_str().unwrap()])).await;
    assert_eq!(ended.code, Some(exit_code::BAD_FILE.into()), "{}", ended.stderr);
    assert!(ended.stderr.contains("did you mean `server/update/keeps-id`"), "{}", ended.stderr);
}

#[tokio::test]
async fn every_id_that_is_printed_can_be_given_to_only() {
    let report = ended(with(&["--profile", "smoke", "--seed", "1"])).await.stdout;
    let list = ended(with(&["--list"])).await.stdout;
    let of_report = report.lines().filter_map(|line| line.strip_prefix("  ✓ ")?.split_whitespace().next());
    let of_list = list.lines().filter_map(|line| line.split_whitespace().next());
    let (of_report, of_list): (Vec<_>, Vec<_>) = (of_report.collect(), of_list.collect());
    assert!(of_report.len() > 100 && of_list.len() > 100, "{report}{list}");
    for id in of_report.into_iter().chain(of_list) {
        let selected = descope_mcp_conformance::properties::registry::select(id);
        assert!(!selected.is_empty(), "{id} selects nothing");
    }
}
