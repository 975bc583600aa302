//! The lines for curl, taken apart by a shell. In a program of their own: a process that is being started holds for a
//! moment every file that is open, and with it the locks that tests of the journal look at.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use descope_mcp_conformance::wire::curl::{BASE_URL, MANAGEMENT_KEY, PROJECT_ID, SECRET, line};
use descope_mcp_conformance::wire::exchange::{Exchange, Outcome};
use descope_mcp_conformance::wire::scrub::Scrubber;
use descope_mcp_conformance::wire::target::{Target, parse_url};
use descope_mcp_management::ManagementKey;
use proptest::prelude::*;

const URL: &str = "http://127.0.0.1:1/base";
const PROJECT: &str = "P2abcdefghijklmnopqrstuvwxyz";
const KEY: &str = "K2the-management-key";
const CLIENT_SECRET: &str = "the-secret-of-a-client";

fn scrubber() -> Scrubber {
    let mut scrubber = Scrubber::for_target(&Target {
        base_url: parse_url(URL).unwrap(),
        project_id: PROJECT.parse().unwrap(),
        management_key: ManagementKey::new(KEY).unwrap(),
        name: "a test".to_owned(),
    });
    scrubber.learn(CLIENT_SECRET);
    scrubber
}

fn exchange(path: &str, headers: &[(&str, &str)], body: &str) -> Exchange {
    Exchange {
        number: 1,
        method: "POST",
        path: path.to_owned(),
        request_headers: headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        authorization: "",
        request_body: Bytes::from(body.to_owned()),
        outcome: Outcome::Unclear(String::new()),
        sent_at: Instant::now(),
        elapsed: Duration::ZERO,
        after_unclear_try: false,
        failed_before: 0,
        retry_after: None,
    }
}

/// The arguments that curl gets when a shell runs the line, by the flag before each; the URL has none.
fn run(line: &str) -> BTreeMap<String, Vec<String>> {
    let script = format!("curl() {{ for word in \"$@\"; do printf '%s\\0' \"$word\"; done; }}\n{line}");
    let output = Command::new("sh")
        .args(["-euc", &script])
        .env(BASE_URL, URL)
        .env(PROJECT_ID, PROJECT)
        .env(MANAGEMENT_KEY, KEY)
        .env(SECRET, CLIENT_SECRET)
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let mut words = said.split('\0').map(str::to_owned);
    let mut arguments: BTreeMap<_, Vec<_>> = BTreeMap::new();
    while let Some(word) = words.next().filter(|word| !word.is_empty()) {
        let takes_value = ["-X", "-H", "-u", "--data-raw"].contains(&word.as_str());
        let (flag, value) = if takes_value { (word, words.next().unwrap()) } else { (String::new(), word) };
        arguments.entry(flag).or_default().push(value);
    }
    arguments
}

#[test]
fn a_management_request_reads_well_and_holds_no_key() {
    let bearer = format!("Bearer {PROJECT}:{KEY}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let line = line(&exchange("/v1/mgmt/mcp/server/load", &headers, r#"{"id":"MS1"}"#), &scrubber());
    assert_eq!(
        line,
        "curl -sSi -X POST \"$DESCOPE_BASE_URL/v1/mgmt/mcp/server/load\" -H 'content-type: application/json' \
         -H \"authorization: Bearer $DESCOPE_PROJECT_ID:$DESCOPE_MANAGEMENT_KEY\" --data-raw '{\"id\":\"MS1\"}'"
    );
}

#[test]
fn a_basic_pair_is_given_to_curl_with_the_secret_as_a_variable() {
    let pair = STANDARD.encode(format!("client%3D:{CLIENT_SECRET}"));
    let basic = format!("Basic {pair}");
    let path = format!("/oauth2/v1/apps/agentic/{PROJECT}/MS1/token");
    let line =
        line(&exchange(&path, &[("authorization", &basic)], "grant_type=client_credentials"), &scrubber());
    assert!(!line.contains(&pair) && !line.contains(CLIENT_SECRET) && !line.contains(PROJECT), "{line}");
    let ran = run(&line);
    assert_eq!(ran["-u"], [format!("client%3D:{CLIENT_SECRET}")]);
    assert_eq!(ran[""], ["-sSi".to_owned(), format!("{URL}{path}")]);
    // The request had no content type, so curl must not add one.
    assert_eq!(ran["-H"], ["content-type:"]);
}

#[test]
fn a_secret_that_only_its_field_tells_is_a_variable_too() {
    let body = "grant_type=refresh_token&refresh_token=never-seen-before";
    let line = line(&exchange("/token", &[], body), &scrubber());
    assert!(line.ends_with("--data-raw \"grant_type=refresh_token&refresh_token=$SECRET\""), "{line}");
    let body = r#"{"client_secret":"never \"seen\" before"}"#;
    let line = self::line(&exchange("/token", &[], body), &scrubber());
    assert!(!line.contains("never"), "{line}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_shell_passes_on_what_was_sent(
        before in "[^\\x00]{0,20}", after in "[^\\x00]{0,20}", odd in "['\"$`\\\\!\n *?~#;&|<>(){}\\[\\]%=:-]{0,12}",
    ) {
        let body = format!("{before}{odd}{CLIENT_SECRET}{odd}{PROJECT}{after}{KEY}");
        let path = format!("/a{}", odd.replace('\n', ""));
        let headers = [("content-type", "text/plain"), ("x-odd", &path)];
        let line = line(&exchange(&path, &headers, &body), &scrubber());
        prop_assert!(!line.contains(CLIENT_SECRET) && !line.contains(KEY), "{}", line);
        let ran = run(&line);
        prop_assert_eq!(&ran["--data-raw"], &[body]);
        prop_assert_eq!(&ran["-H"], &["content-type: text/plain".to_owned(), format!("x-odd: {path}")]);
        prop_assert_eq!(ran[""].last().unwrap(), &format!("{URL}{path}"));
    }
}
